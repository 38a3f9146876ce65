"""Database or broker away for a while, gone or hung: recovery by itself, nothing lost, nothing in the dead letters."""

import random
import time
from collections.abc import Iterable

from ledgerbridge.testing.waiting import wait_until_sync

from tests.drills.counting import nothing_lost
from tests.drills.desks import Desks, Followed
from tests.drills.load import Load
from tests.drills.rows import Row, Scale
from tests.drills.standing import SERVERS, SERVICES, DrillHouse

RECOVERY_SECONDS = 60.0
PATIENCE_SECONDS = 120.0


def drill(house: DrillHouse, scale: Scale) -> list[Row]:
    """Each server away in each manner; recovered when everything that came before its return has had its effect."""
    desks = Desks(house, random.Random(scale.seed))
    probe, *followed = desks.followed(5)
    outages = [(name, hung) for name in SERVERS for hung in (False, True)]
    if scale.short:
        outages = [("postgres", False), ("kafka", True)]
    deals = [desks.deal(f"Drill: outage {number}") for number in range(10 if scale.short else 120)]
    load = Load(desks, followed, deals, scale.seed)
    house.sandbox.ask("PUT", "/webhooks/quickbooks", {"retry_seconds": [1.0] * 300})
    with load.running(command_pause=1.5):
        load.go_on(10)
        rows = [_away(house, load, probe, scale.away_seconds, name, hung=hung) for name, hung in outages]
    with house.reading() as bus:
        return [*rows, *nothing_lost(load, bus)]


def _away(house: DrillHouse, load: Load, probe: Followed, seconds: float, name: str, *, hung: bool) -> Row:
    pids = _pids(house, SERVICES)
    with house.away(name, hung=hung):
        away_until = time.monotonic() + seconds
        load.desks.postpone(probe)
        wait_until_sync(lambda: time.monotonic() > away_until, seconds + 10, "the outage")
    began = time.monotonic()
    load.desks.agree([probe], PATIENCE_SECONDS)
    took = time.monotonic() - began
    again = _pids(house, SERVICES) != pids
    manner = "hung" if hung else "killed and gone"
    return Row(
        f"{name} {manner} for {seconds:g} s: seconds from its return until what changed meanwhile is on its deal",
        f"{took:.1f}{' (services were started again)' if again else ''}",
        f"{RECOVERY_SECONDS:g}",
        took <= RECOVERY_SECONDS,
    )


def _pids(house: DrillHouse, names: Iterable[str]) -> set[int]:
    return {found.pid for name in names if (found := house.process(name))}
