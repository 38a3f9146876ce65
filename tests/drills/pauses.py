"""Everything stands still for longer than its sessions last, and goes on: a suspended machine, or all services alone.

What ends meanwhile by the servers' clocks: members of consumer groups, transactions, leases, requests.
"""

import random
import time

from ledgerbridge.testing.waiting import wait_until_sync

from tests.drills.counting import nothing_lost
from tests.drills.desks import Desks, Followed
from tests.drills.load import Load
from tests.drills.outages import PATIENCE_SECONDS, RECOVERY_SECONDS
from tests.drills.rows import Row, Scale
from tests.drills.standing import SERVERS, SERVICES, DrillHouse

PAUSES = {"all services": SERVICES, "services and servers together": (*SERVICES, *SERVERS)}


def drill(house: DrillHouse, scale: Scale) -> list[Row]:
    """Each pause under load; recovered when everything that came before its end has had its effect."""
    desks = Desks(house, random.Random(scale.seed))
    probe, *followed = desks.followed(5)
    deals = [desks.deal(f"Drill: pause {number}") for number in range(10 if scale.short else 120)]
    load = Load(desks, followed, deals, scale.seed)
    house.sandbox.ask("PUT", "/webhooks/quickbooks", {"retry_seconds": [1.0] * 300})
    with load.running(command_pause=1.5):
        load.go_on(10)
        rows = [_paused(house, load, probe, scale.paused_seconds, who) for who in PAUSES]
    with house.reading() as bus:
        return [*rows, *nothing_lost(load, bus)]


def _paused(house: DrillHouse, load: Load, probe: Followed, seconds: float, who: str) -> Row:
    with house.away(*PAUSES[who], hung=True):
        until = time.monotonic() + seconds
        load.desks.postpone(probe)
        wait_until_sync(lambda: time.monotonic() > until, seconds + 10, "the pause")
    began = time.monotonic()
    load.desks.agree([probe], PATIENCE_SECONDS)
    took = time.monotonic() - began
    return Row(
        f"{who} suspended for {seconds:g} s: seconds until what changed meanwhile is on its deal",
        f"{took:.1f}",
        f"{RECOVERY_SECONDS:g}",
        took <= RECOVERY_SECONDS,
    )
