"""`python -m tests.drills [--short] [--seed N] [NAME …]`: all in one house; status 1 where a row does not hold."""

import argparse
import importlib
import logging
import random
import sys
import time
import traceback

from tests.drills import rows
from tests.drills.standing import standing_house

NAMES = ("kills", "lost_answers", "outages", "wiped_broker", "poison", "lost_webhooks")


def main() -> int:
    """Run what is named, else all."""
    parser = argparse.ArgumentParser(prog="python -m tests.drills", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--short", action="store_true", help="a short round of each")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    given = parser.parse_args()
    unknown = set(given.names) - set(NAMES)
    if unknown:
        parser.error(f"no such drill: {', '.join(sorted(unknown))}")
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    print(f"Seed {given.seed}: repeat with {sys.executable} -m tests.drills --seed {given.seed}", flush=True)
    scale = rows.short_scale(given.seed) if given.short else rows.full_scale(given.seed)
    found: list[rows.Row] = []
    with standing_house() as house:
        for name in given.names or NAMES:
            began = time.monotonic()
            print(f"{name}", flush=True)
            try:
                done = importlib.import_module(f"tests.drills.{name}").drill(house, scale)
            except Exception as failure:  # noqa: BLE001 - the other drills go on
                traceback.print_exc()
                done = [rows.Row(f"{name} came to its end", f"{type(failure).__name__}: {failure}"[:300], "yes", False)]
            rows.show(done)
            print(f"  ({time.monotonic() - began:.0f} s)", flush=True)
            found += done
    rows.keep(found)
    print(f"Kept in {rows.RESULTS}")
    return int(not all(row.holds for row in found))


if __name__ == "__main__":
    sys.exit(main())
