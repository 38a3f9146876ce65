"""Servers or services away for a while, gone or hung: recovery by itself, nothing lost, nothing in the dead letters.

The long ones stand for a suspended machine. What ends meanwhile by the servers' clocks: members of consumer groups,
transactions, leases, requests.
"""

import random
import time
from collections.abc import Iterable
from dataclasses import dataclass

from ledgerbridge.testing.waiting import wait_until_sync

from tests.drills.counting import nothing_lost
from tests.drills.desks import Desks, Followed
from tests.drills.load import Load
from tests.drills.rows import Row, Scale
from tests.drills.standing import SERVERS, SERVICES, DrillHouse

RECOVERY_SECONDS = 60.0
PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class Outage:
    """Who is away, how, and for how long."""

    names: tuple[str, ...]
    hung: bool
    seconds: float

    def __str__(self) -> str:
        return f"{', '.join(self.names)} {'hung' if self.hung else 'killed and gone'} for {self.seconds:g} s"


def _outages(scale: Scale) -> list[Outage]:
    pauses = [Outage(names, True, scale.paused_seconds) for names in (SERVICES, (*SERVICES, *SERVERS))]
    if scale.short:
        return [Outage(("postgres",), False, scale.away_seconds), Outage(("kafka",), True, scale.away_seconds), *pauses]
    return [*(Outage((name,), hung, scale.away_seconds) for name in SERVERS for hung in (False, True)), *pauses]


def drill(house: DrillHouse, scale: Scale) -> list[Row]:
    """Each outage under load; recovered when everything that came before its end has had its effect."""
    desks = Desks(house, random.Random(scale.seed))
    probe, *followed = desks.followed(5)
    deals = [desks.deal(f"Drill: outage {number}") for number in range(40 if scale.short else 240)]
    load = Load(desks, followed, deals, scale.seed)
    house.sandbox.ask("PUT", "/webhooks/quickbooks", {"retry_seconds": [1.0] * 300})
    with load.running(command_pause=1.5):
        load.go_on(10)
        rows = [_away(house, load, probe, outage) for outage in _outages(scale)]
    with house.reading() as bus:
        return [*rows, *nothing_lost(load, bus)]


def _away(house: DrillHouse, load: Load, probe: Followed, outage: Outage) -> Row:
    pids = _pids(house, SERVICES)
    with house.away(*outage.names, hung=outage.hung):
        away_until = time.monotonic() + outage.seconds
        load.desks.postpone(probe)
        wait_until_sync(lambda: time.monotonic() > away_until, outage.seconds + 10, "the outage")
    began = time.monotonic()
    load.desks.agree([probe], PATIENCE_SECONDS)
    took = time.monotonic() - began
    again = _pids(house, SERVICES) != pids
    return Row(
        f"{outage}: seconds from the end until what changed meanwhile is on its deal",
        f"{took:.1f}{' (services were started again)' if again else ''}",
        f"{RECOVERY_SECONDS:g}",
        took <= RECOVERY_SECONDS,
    )


def _pids(house: DrillHouse, names: Iterable[str]) -> set[int]:
    return {found.pid for name in names if (found := house.process(name))}
