"""The broker loses everything: one command rebuilds every notice and every event of ours."""

import random
import shutil
from contextlib import suppress
from datetime import timedelta

from ledgerbridge.testing.waiting import wait_until_sync

from tests.drills.counting import FINAL, gaps, missing_notices, unfinished
from tests.drills.desks import Desks
from tests.drills.load import Load
from tests.drills.rows import Row, Scale, none_of
from tests.drills.standing import SUPERVISOR, DrillHouse
from tests.house import Bus

REBUILT_SECONDS = 120.0
GATEWAY = "ledgerbridge/webhook-gateway"
OURS = ("invoices", "invoice-states", "command-results")
Identities = set[tuple[str, str]]


def drill(house: DrillHouse, scale: Scale) -> list[Row]:
    """Load, wipe, start again, rebuild, load again; compare Kafka after with Kafka before."""
    desks = Desks(house, random.Random(scale.seed))
    followed = desks.followed(4)
    deals = [desks.deal(f"Drill: wiped {number}") for number in range(4 if scale.short else 30)]
    began = house.sandbox.now() - timedelta(days=2)
    load = Load(desks, followed, deals, scale.seed)
    with load.running(command_pause=0.2):
        load.go_on(40 if scale.short else 400)
        wait_until_sync(lambda: len(load.commands) == len(deals), 120, "all commands are sent")
    with house.reading() as bus:
        wait_until_sync(lambda: not unfinished(bus, load.commands), REBUILT_SECONDS, "all commands are done")
        desks.agree(followed, 60)
        notices, events = _notices(bus), _events(bus)
    _wipe(house)
    with house.reading() as bus:
        left = len(bus.seen())
    said = house.installation.command("rebuild", "--since", began.isoformat()).stdout
    after = Load(desks, followed, [], scale.seed + 1)
    with after.running():
        after.go_on(20)
    return [
        Row("records on Kafka right after the wipe", str(left), "0", left == 0),
        *_compared(house, load, notices, events),
        none_of("deals that differ after further changes", desks.agree(followed, 60), of=str(len(followed))),
        Row(
            "the command says which commands producers resend",
            f"{'Producers resend' in said} ({' '.join(said.split())[:200]}…)",
            "True",
            "Producers resend" in said,
        ),
    ]


def _compared(house: DrillHouse, load: Load, notices: set[str], events: Identities) -> list[Row]:
    with house.reading() as bus:
        with suppress(AssertionError):
            wait_until_sync(lambda: notices <= _notices(bus) and events <= _events(bus), REBUILT_SECONDS, "rebuilt")
        lost_events = sorted(events - _events(bus))
        results = [f"{seen.data['command_id']}" for seen in bus.seen("command-results") if seen.type in FINAL]
        return [
            none_of("notices lost", sorted(notices - _notices(bus)), of=str(len(notices))),
            none_of(
                "accepted webhooks without notice", missing_notices(bus, load.accepted), of=str(len(load.accepted))
            ),
            none_of("events and results lost", lost_events, of=str(len(events))),
            none_of("commands without result", sorted(set(load.commands) - set(results)), of=str(len(load.commands))),
            none_of("keys whose events have a gap", gaps(bus)),
        ]


def _notices(bus: Bus) -> set[str]:
    """What our own notices name; a replayed one has an id of its own, other producers resend theirs."""
    told = [*bus.seen("quickbooks-changes"), *bus.seen("hubspot-changes")]
    seen = [one for one in told if one.headers.get("ce_source") == GATEWAY]
    return {f"{one.key} {one.data['verb']} {one.data['changed_at']}" for one in seen if isinstance(one.data, dict)}


def _events(bus: Bus) -> Identities:
    return {(topic, seen.headers["ce_id"]) for topic in OURS for seen in bus.seen(topic)}


def _wipe(house: DrillHouse) -> None:
    """Supervisor and broker are killed, the broker's data are deleted, everything is started again."""
    house.kill(SUPERVISOR)
    house.kill("kafka")
    shutil.rmtree(house.installation.home / "kafka" / "data")
    house.installation.start()
