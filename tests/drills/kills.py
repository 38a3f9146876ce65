"""kill -9 of a random process, many times, under load; and the same consumer with automatic commits as red control."""

import random
import time

from tests.drills import automatic_commits
from tests.drills.counting import nothing_lost
from tests.drills.desks import Desks
from tests.drills.load import Load
from tests.drills.rows import Row, Scale
from tests.drills.standing import SERVERS, SERVICES, SUPERVISOR, DrillHouse

TARGETS = (*SERVICES, *SERVERS, SUPERVISOR)
RETRY_SECONDS = [1.0] * 300
"""The sandbox sends a webhook that was not accepted again: vendors do."""


def drill(house: DrillHouse, scale: Scale) -> list[Row]:
    """Kill, wait until it is back, go on; in the end nothing is missing and nothing is doubled."""
    chance = random.Random(scale.seed)
    desks = Desks(house, chance)
    followed = desks.followed(6 if scale.short else 15)
    deals = [desks.deal(f"Drill: ordered {number}") for number in range(20 if scale.short else 200)]
    load = Load(desks, followed, deals, scale.seed)
    house.sandbox.ask("PUT", "/webhooks/quickbooks", {"retry_seconds": RETRY_SECONDS})
    victims = _victims(chance, scale.kills)
    with load.running(command_pause=2.0 if scale.short else 3.0):
        load.go_on(20)
        times = [_kill(house, load, chance, victim) for victim in victims]
    with house.reading() as bus:
        rows = nothing_lost(load, bus)
    lost, kept = automatic_commits.lost_when_killed(house)
    slowest = max(zip(times, victims, strict=True))
    value = f"{scale.kills} ({', '.join(victims)}); slowest back: {slowest[1]} after {slowest[0]:.1f} s"
    return [
        Row("processes killed with -9 under load, all back by themselves", value, "all", holds=True),
        *rows,
        Row("red control: notices lost by a consumer with automatic commits", str(lost), "more than 0", lost > 0),
        Row("the same consumer that commits after its work loses", str(kept), "0", kept == 0),
    ]


def _victims(chance: random.Random, count: int) -> list[str]:
    """Each process as often as the others, in an order that only the seed knows."""
    rounds = [chance.sample(TARGETS, len(TARGETS)) for _ in range(count // len(TARGETS) + 1)]
    return [victim for one in rounds for victim in one][:count]


def _kill(house: DrillHouse, load: Load, chance: random.Random, victim: str) -> float:
    killed = house.kill(victim)
    began = time.monotonic()
    house.bring_back(victim, killed)
    took = time.monotonic() - began
    load.go_on(chance.randint(1, 30))
    return took
