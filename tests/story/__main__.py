"""`make demo`: `python -m tests.story [--leave]`, from the root of the project."""

import shutil
import signal
import statistics
import sys
import time
from pathlib import Path
from types import FrameType

from tests.house import US_PORTAL, House, open_house
from tests.story.scenes import SCENES
from tests.story.tale import Tale
from tests.story.telling import Telling

KEPT = Path("build/demo-logs")
"""Where the services' logs are left when a check failed; the installation itself is removed."""


def main(*, stay: bool) -> int:
    """Tell the story; 0 where every check held. Stays up until Ctrl-C unless told otherwise."""
    for number in (signal.SIGINT, signal.SIGTERM):  # SIGINT too: a shell starts background jobs without it
        signal.signal(number, _interrupt)
    telling = Telling()
    telling.line("Ledgerbridge: from a deal to a QuickBooks invoice and back")
    telling.line("Kafka and PostgreSQL are real, HubSpot and QuickBooks are the sandbox.")
    telling.line()
    try:
        began = time.monotonic()
        with open_house(telling.progress) as house:
            telling.progress(f"Connected {time.monotonic() - began:.0f} s after the start")
            _tell(house, telling)
            if telling.failed:
                _keep_logs(house, telling)
            if stay:
                _stay(house, telling)
    except KeyboardInterrupt:
        telling.line("Interrupted; everything is stopped and removed")
        return 130
    return 1 if telling.failed else 0


def _tell(house: House, telling: Telling) -> None:
    tale = Tale(house, telling)
    for title, scene in SCENES:
        tale.play(title, scene)
    telling.end()
    if tale.milliseconds:
        middle, longest = statistics.median(tale.milliseconds), max(tale.milliseconds)
        telling.line(f"From a change to the deal's property: median {middle:.0f} ms, longest {longest:.0f} ms.")


def _keep_logs(house: House, telling: Telling) -> None:
    shutil.rmtree(KEPT, ignore_errors=True)
    shutil.copytree(house.installation.home / "logs", KEPT)
    telling.line(f"What broker, database, sandbox and services logged is kept in {KEPT}.")


def _stay(house: House, telling: Telling) -> None:
    telling.line()
    telling.line("It stays up until Ctrl-C:")
    for name, address in house.running.addresses.items():
        telling.progress(f"{name:<20} {address}")
    telling.progress(f"{'kafka':<20} {house.running.kafka}")
    telling.progress(f"{'clients':<20} {house.installation.home / 'client.json'} (per account: id and secret)")
    deals = f"{house.running.addresses['invoice-service']}/deals/DEAL?account={US_PORTAL}"
    pages = f"{house.running.addresses['sandbox']}/pages/"
    telling.progress(f"{'both vendors':<20} {pages} (play salesperson and bookkeeper in a browser)")
    telling.progress(f"{'a deal as a page':<20} {deals} (HTTP Basic: a client's id and secret)")
    try:
        signal.pause()
    except KeyboardInterrupt:
        telling.line()
        telling.line("Stopping")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(stay="--leave" not in sys.argv[1:]))
