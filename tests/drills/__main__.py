"""`make drills`: `python -m tests.drills [--short] [NAME …]`, from the root of the project."""

import argparse
import asyncio
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from bench.rows import Row, keep, show
from bench.servers import servers
from tests.drills import answers, breaking, consuming, quiet
from tests.drills.books import Books
from tests.drills.household import open_breakable_house

RESULTS = Path(__file__).parents[2] / "build" / "drills.json"
# Name: the drill with its numbers of the long and of the short round.
DRILLS: dict[str, Callable[[Books, bool], list[Row]]] = {
    "poison": lambda books, short: quiet.poison(books, 1 if short else 10),
    "failing-record": lambda books, short: quiet.failing_record(books, 6 if short else 50),
    "disorder": lambda books, short: quiet.disorder(books, 8 if short else 40, 40 if short else 400),
    "quiet-hour": lambda books, _short: quiet.quiet_hour(books),
    "lost-answers": lambda books, short: answers.lost_answers(books, 20 if short else 300),
    "without-request-ids": lambda books, short: answers.without_request_ids(books, 3 if short else 20),
    "lost-sends": lambda books, short: answers.sent_again(books, 3 if short else 20),
    "database-away": lambda books, short: breaking.away(books, "postgres", 5 if short else 30),
    "broker-away": lambda books, short: breaking.away(books, "kafka", 5 if short else 30),
    "wiped": lambda books, _short: breaking.wiped(books),
    "kills": lambda books, short: breaking.kills(books, 3 if short else 30),
}
ALONE = "automatic-commits"


def main(names: list[str], *, short: bool) -> int:
    """Run what is named, else all; status 1 where something does not hold."""
    failed = 0
    if not names or ALONE in names:
        with servers() as found:
            failed |= _tell(ALONE, lambda: asyncio.run(consuming.both(found.kafka, found.postgres, 3 if short else 15)))
    wanted = [name for name in DRILLS if name in names or not names]
    if wanted:
        with open_breakable_house() as house:
            for name in wanted:
                books = Books(house)
                failed |= _tell(name, lambda name=name, books=books: DRILLS[name](books, short))  # type: ignore[misc]
                house.sandbox.clear_faults()
                house.point_webhooks()
    return failed


def _tell(name: str, drill: Callable[[], list[Row]]) -> int:
    print(f"{name} (repeat with: .venv/bin/python -m tests.drills {name})", flush=True)  # noqa: T201
    try:
        rows = drill()
    except Exception as failure:  # noqa: BLE001 - the others go on; the drill is told as failed
        traceback.print_exc()
        rows = [Row(name, f"{type(failure).__name__}: {' '.join(str(failure).split())[:500]}", "holds", False)]
    show(rows)
    keep(rows, path=RESULTS)
    return int(any(row.holds is False for row in rows))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", choices=[[], *DRILLS, ALONE])
    parser.add_argument("--short", action="store_true")
    given = parser.parse_args()
    sys.exit(main(given.names, short=given.short))
