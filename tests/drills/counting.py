"""What must be true after any drill: counted on Kafka, at QuickBooks, in HubSpot and in the gateway's receipts."""

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

import asyncpg
from ledgerbridge.testing.waiting import wait_until_sync

from tests.drills.letters import dead_letters
from tests.drills.load import Load
from tests.drills.rows import Row, none_of
from tests.drills.standing import DrillHouse
from tests.house import US_REALM, Bus, Seen

FINAL = ("command.succeeded", "command.failed", "command.refused")
SETTLED_SECONDS = 120.0
"""A killed service's leases run out after at most 40 s; then its work is done by others."""
MARKER = re.compile(r"\[ledgerbridge:([0-9a-f-]{36})\]")


def nothing_lost(load: Load, bus: Bus) -> list[Row]:
    """Webhooks, commands, events: everything accepted has had its effect exactly once."""
    house = load.house
    _await(lambda: not missing_notices(bus, load.accepted) and not unfinished(bus, load.commands))
    differing = load.desks.agree(load.followed, SETTLED_SECONDS)
    finals = finals_of(bus, load.commands)
    wrong = [one for one in load.commands if [seen.type for seen in finals[one]] != ["command.succeeded"]]
    numbers = gaps(bus)
    return [
        none_of("accepted webhooks without receipt", without_receipt(house, load.accepted), of=str(len(load.accepted))),
        none_of("accepted webhooks without notice", missing_notices(bus, load.accepted), of=str(len(load.accepted))),
        none_of("commands without exactly one good result", wrong, of=str(len(load.commands))),
        none_of("keys whose events have a gap", numbers, of=str(len(keys(bus)))),
        none_of("invoices doubled at QuickBooks", doubled(house), of=f"{len(load.commands)} commands"),
        none_of(
            "deals that differ from QuickBooks", differing, of=f"{len(load.followed)} after {load.changes} changes"
        ),
        none_of("dead letters", dead_letters(house)[load.letters :]),
    ]


def _await(condition: Callable[[], bool]) -> None:
    try:
        wait_until_sync(condition, SETTLED_SECONDS, "all is done")
    except AssertionError:
        return  # the rows say what is missing


def missing_notices(bus: Bus, records: Iterable[str]) -> list[str]:
    """Record ids that no notice on Kafka names."""
    told = {seen.data["record_id"] for seen in bus.seen("quickbooks-changes") if isinstance(seen.data, dict)}
    return [one for one in records if one not in told]


def unfinished(bus: Bus, commands: Iterable[str]) -> list[str]:
    """Commands without a final result."""
    finals = finals_of(bus, commands)
    return [one for one in commands if not finals[one]]


def finals_of(bus: Bus, commands: Iterable[str]) -> dict[str, list[Seen]]:
    """The final results of each command; a result that was published twice (same id) is one."""
    found: dict[str, dict[str, Seen]] = defaultdict(dict)
    for seen in bus.seen("command-results"):
        if seen.type in FINAL:
            found[seen.data["command_id"]][seen.headers["ce_id"]] = seen
    return {one: list(found[one].values()) for one in commands}


def keys(bus: Bus) -> set[str]:
    """The aggregates of `invoices`."""
    return {seen.key for seen in bus.seen("invoices")}


def gaps(bus: Bus) -> list[str]:
    """Keys of `invoices` whose numbers are not 1 to n, each with one event id."""
    numbers: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for seen in bus.seen("invoices"):
        numbers[seen.key][seen.sequence or 0].add(seen.headers["ce_id"])
    return [
        key
        for key, found in numbers.items()
        if sorted(found) != list(range(1, len(found) + 1)) or any(len(ids) > 1 for ids in found.values())
    ]


def doubled(house: DrillHouse) -> list[str]:
    """Orders that made more than one invoice, by the mark in the private note."""
    invoices = house.sandbox.all_quickbooks(US_REALM, "invoice")
    marks = [found[1] for one in invoices if (found := MARKER.search(str(one.get("PrivateNote", ""))))]
    return [mark for mark, count in Counter(marks).items() if count > 1]


def without_receipt(house: DrillHouse, records: Sequence[str]) -> list[str]:
    """Record ids that are in nothing that the gateway stored."""
    stored = "\n".join(asyncio.run(_bodies(house.running.admin_dsn)))
    return [one for one in records if f'"{one}"' not in stored]


async def _bodies(dsn: str) -> list[str]:
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(
            "select body from webhook_gateway.receipts where vendor = 'quickbooks' "
            "union all select body from webhook_gateway.deliveries where vendor = 'quickbooks'"
        )
        return [bytes(row["body"]).decode(errors="replace") for row in rows]
    finally:
        await connection.close()


def work_waiting(house: DrillHouse) -> int:
    """Records to be worked on within a minute, webhooks not yet told, and events not yet on Kafka."""
    return asyncio.run(_waiting(house.running.admin_dsn))


async def _waiting(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        records = "select count(*) from invoice_service.records where ready_at < now() + interval '1 minute'"
        events = "select count(*) from {}.outbox where published_at is null"
        untold = "select count(*) from webhook_gateway.deliveries"
        schemas = ("invoice_service", "webhook_gateway")
        return sum([await connection.fetchval(one) for one in (records, untold, *map(events.format, schemas))])
    finally:
        await connection.close()
