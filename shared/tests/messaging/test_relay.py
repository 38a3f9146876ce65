"""Outbox and relay on a real broker and database: nothing lost, nothing overtaken, nobody held up by another."""

import asyncio
from collections import defaultdict
from datetime import UTC, datetime

import asyncpg
import pytest
from ledgerbridge.contracts.envelope import read
from ledgerbridge.contracts.topics import INVOICE_STATES, INVOICES, Topic
from ledgerbridge.messaging import outbox
from ledgerbridge.messaging.relay import Relay
from ledgerbridge.storage import Database
from ledgerbridge.testing.waiting import wait_until

from .bus import Bus, all_published, header, put, relaying, told, unpublished


def sequences(records: list) -> dict[bytes, list[int]]:
    found = defaultdict(list)
    for record in records:
        found[record.key].append(int(header(record, "ce_sequence")))
    return found


async def test_events_arrive_with_their_attributes_and_a_tombstone_is_empty(database: Database, bus: Bus) -> None:
    await bus.create(INVOICES, INVOICE_STATES)
    gone = told("7:a", topic=INVOICE_STATES)
    first = told("7:a", 1)
    await put(database, first, outbox.Event(INVOICE_STATES, "7:a", gone.envelope, None))
    async with relaying(database, bus):
        [record] = await bus.read(INVOICES, 1)
        [tombstone] = await bus.read(INVOICE_STATES, 1)
    assert record.value == b'{"number":1}'
    assert first.envelope
    assert read(record.headers, record.value) == (first.envelope._replace(sequence=1), record.value)
    assert dict(record.headers) == dict(first.envelope._replace(sequence=1).to_headers())
    assert tombstone.value is None
    assert tombstone.key == b"7:a"


async def test_concurrent_writers_number_without_gap_and_the_order_per_key_is_kept(
    database: Database, bus: Bus
) -> None:
    await bus.create(INVOICES)
    keys = [f"7:{number}" for number in range(10)]

    async def write(writer: int) -> None:
        for turn in range(10):
            try:
                async with database.engine() as tx:
                    await outbox.put(tx, [told(key, turn) for key in reversed(keys)])
                    if turn % 4 == writer % 4:
                        raise asyncio.InvalidStateError  # a rollback must leave no gap
            except asyncio.InvalidStateError:
                pass

    async with relaying(database, bus, lot=37):
        await asyncio.gather(*(write(writer) for writer in range(8)))
        await all_published(database)
        async with database.engine() as tx:
            count = await tx.fetchval("select count(*) from outbox")
        found = sequences(await bus.read(INVOICES, count))
    assert count < 800
    assert {key: order for key, order in found.items() if order != list(range(1, len(order) + 1))} == {}
    assert sum(map(len, found.values())) == count


async def test_a_transaction_that_commits_late_is_not_skipped(database: Database, bus: Bus) -> None:
    await bus.create(INVOICES)
    async with relaying(database, bus):
        async with database.engine() as late:
            await outbox.put(late, [told("7:late")])
            await put(database, told("7:early"))
            [early] = await bus.read(INVOICES, 1)
        both = await bus.read(INVOICES, 2)
    assert early.key == b"7:early"
    assert {record.key for record in both} == {b"7:early", b"7:late"}


async def test_the_relay_is_woken_by_a_commit(database: Database, bus: Bus) -> None:
    await bus.create(INVOICES)
    async with relaying(database, bus, poll_seconds=60) as relay:
        await put(database, told("7:first"))
        await all_published(database)
        await put(database, told("7:second"))
        await all_published(database, seconds=10)
    assert relay.published == 2


async def test_polling_finds_what_no_wake_up_told(database: Database, bus: Bus) -> None:
    await bus.create(INVOICES)
    async with relaying(database, bus, poll_seconds=0.1):
        await put(database, told("7:first"))
        await all_published(database)
        async with database.engine() as tx:
            await tx.execute("update outbox set published_at = null")  # tells nobody
        await all_published(database)
    assert len(await bus.read(INVOICES, 2)) == 2


async def test_one_relay_is_active_and_another_takes_over_when_its_connection_is_cut(
    database: Database, bus: Bus, admin: asyncpg.Connection
) -> None:
    await bus.create(INVOICES)
    stop = asyncio.Event()

    async def write() -> int:
        turn = 0
        while not stop.is_set():
            await put(database, *[told(f"7:{key}", turn) for key in range(20)])
            turn += 1
        return turn

    async with (
        relaying(database, bus, poll_seconds=0.05) as first,
        relaying(database, bus, poll_seconds=0.05) as second,
    ):
        writing = asyncio.create_task(write())
        for _round in range(4):
            published = first.published + second.published
            await wait_until(lambda: first.published + second.published > published)  # noqa: B023
            assert (first.leading, second.leading) != (True, True)
            await cut(admin, database)
        stop.set()
        turns = await writing
        await all_published(database)
        assert len({relay.leading for relay in (first, second)}) == 2
    records = await bus.read_all(INVOICES)
    first_seen = {key: list(dict.fromkeys(order)) for key, order in sequences(records).items()}
    assert first_seen == {f"7:{key}".encode(): list(range(1, turns + 1)) for key in range(20)}


async def cut(admin: asyncpg.Connection, database: Database) -> None:
    """Cut the connection of whoever holds the relay's lock."""
    assert await admin.fetchval(
        """select count(pg_terminate_backend(l.pid)) from pg_locks l join pg_stat_activity a using (pid)
           where l.locktype = 'advisory' and a.application_name = 'ledgerbridge bookkeeping relay' and l.granted
             and a.datname = $1""",
        await name_of(database),
    )


async def name_of(database: Database) -> str:
    async with database.engine() as tx:
        return await tx.fetchval("select current_database()")


@pytest.mark.parametrize("size", [1_100_000, 9_000_000], ids=["refused by the broker", "too large to send"])
async def test_a_record_refused_for_ever_is_set_aside_with_its_aggregate(
    database: Database, bus: Bus, size: int
) -> None:
    await bus.create(INVOICES, partitions=1)
    events = [
        told("7:good", 1),
        told("7:bad", 1),
        told("7:bad", 2, data=b"x" * size),
        told("7:bad", 3),
        told("7:good", 2),
    ]
    await put(database, *events)
    async with relaying(database, bus, poll_seconds=0.05) as relay:
        await wait_until_published(relay, 3)
        await put(database, told("7:bad", 4), told("7:good", 3))
        await wait_until_unpublished(database, 3)
        async with database.engine() as tx:
            [held] = await outbox.set_aside(tx)
        await wait_until_published(relay, 4)
    seen = await bus.read_all(INVOICES)
    assert (held.topic, held.key, held.waiting) == ("invoices", b"7:bad", 3)
    assert "TooLarge" in held.reason
    orders = {key: list(dict.fromkeys(order)) for key, order in sequences(seen).items()}
    assert orders == {b"7:good": [1, 2, 3], b"7:bad": [1]}


async def wait_until_published(relay: Relay, count: int) -> None:
    await wait_until(lambda: relay.published >= count)


async def wait_until_unpublished(database: Database, count: int) -> None:
    async def reached() -> bool:
        return await unpublished(database) == count

    await wait_until(reached)


async def test_what_was_set_aside_goes_on_after_its_cause_is_mended(database: Database, bus: Bus) -> None:
    await bus.create(INVOICES, partitions=1)
    await put(database, told("7:bad", 1, data=b"x" * 1_100_000), told("7:bad", 2))
    async with relaying(database, bus, poll_seconds=0.05):

        async def held() -> list[outbox.SetAside]:
            async with database.engine() as tx:
                return await outbox.set_aside(tx)

        [aside] = await wait_until(held)
        async with database.engine() as tx:
            await tx.execute("update outbox set data = 'short' where position = $1", aside.position)
            assert await outbox.release(tx, aside.position)
        records = await bus.read(INVOICES, 2)
    assert [header(record, "ce_sequence") for record in records] == ["1", "2"]


async def test_a_topic_that_does_not_exist_holds_up_only_its_own_records(database: Database, bus: Bus) -> None:
    await bus.create(INVOICES)
    unknown = Topic("not-yet", "tenant:thing", None, "made later")
    async with relaying(database, bus, poll_seconds=0.05) as relay:
        await put(database, told("7:a", topic=unknown), told("7:b"))
        await bus.read(INVOICES, 1)
        assert relay.missing_topics == {"not-yet"}
        await bus.create(unknown)
        assert len(await bus.read(unknown, 1)) == 1
        await wait_until(lambda: not relay.missing_topics)


async def test_a_wiped_broker_is_filled_again_from_the_outbox(database: Database, bus: Bus, topic_prefix: str) -> None:
    await bus.create(INVOICES)
    await put(database, *[told(f"7:{key}", turn) for turn in range(5) for key in range(4)])
    async with relaying(database, bus):
        before = await bus.read(INVOICES, 20)
        await all_published(database)
    empty = Bus(bus.bootstrap, f"{topic_prefix}again.")
    await empty.create(INVOICES)
    async with database.engine() as tx:
        assert await outbox.republish(tx) == 20
    async with relaying(database, empty):
        after = await empty.read(INVOICES, 20)
    assert sequences(after) == sequences(before)
    assert {header(record, "ce_id") for record in after} == {header(record, "ce_id") for record in before}


async def test_republishing_under_load_keeps_the_last_record_of_each_key_last(database: Database, bus: Bus) -> None:
    """Else a compacted topic would keep an old state."""
    await bus.create(INVOICE_STATES)
    stop = asyncio.Event()

    async def write(relay: Relay) -> int:
        turn = 0
        while not stop.is_set():
            await wait_until(lambda: turn * 5 < relay.published + 1000, 60)  # noqa: B023
            await put(database, *[told(f"7:{key}", turn, topic=INVOICE_STATES) for key in range(5)])
            turn += 1
        return turn

    async with relaying(database, bus, poll_seconds=0.05, lot=200) as relay:
        writing = asyncio.create_task(write(relay))
        for _round in range(3):
            goal = relay.published + 200
            await wait_until(lambda: relay.published > goal, 60)  # noqa: B023
            async with database.engine() as tx:
                assert await outbox.republish(tx) > 50
        stop.set()
        turns = await writing
        await all_published(database, 60)
    records = await bus.read_all(INVOICE_STATES)
    assert len(records) > 5 * turns
    assert {key: order[-1] for key, order in sequences(records).items()} == {
        f"7:{key}".encode(): turns for key in range(5)
    }


async def test_a_tenant_writes_events_and_sees_only_its_own(database: Database, bus: Bus) -> None:
    await bus.create(INVOICES)
    async with database.tenant(7) as tx:
        await outbox.put(tx, [told("7:a")])
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.tenant(8) as tx:
            await outbox.put(tx, [told("8:a", tenant=7)])
    async with database.tenant(8) as tx:
        assert await tx.fetchval("select count(*) from outbox") == 0
    async with relaying(database, bus):
        [record] = await bus.read(INVOICES, 1)
    assert record.key == b"7:a"


async def test_an_event_needs_what_its_topic_promises(database: Database) -> None:
    async with database.engine() as tx:
        with pytest.raises(ValueError, match="needs a key"):
            await outbox.put(tx, [told("7:a")._replace(key=None)])
        with pytest.raises(ValueError, match="needs an envelope"):
            await outbox.put(tx, [told("7:a")._replace(envelope=None)])
    with pytest.raises(ValueError, match="tombstone needs a type"):
        outbox.event(INVOICE_STATES, "7:a", None, id="x", source="s", time=datetime.now(UTC), tenant=7)


async def test_only_published_records_are_forgotten(database: Database, bus: Bus) -> None:
    await bus.create(INVOICES)
    await put(database, told("7:a"), told("7:b"))
    async with relaying(database, bus):
        await all_published(database)
    await put(database, told("7:c"))
    async with database.engine() as tx:
        later = await tx.fetchval("select clock_timestamp()")
        assert await outbox.forget(tx, later) == 2
        assert await tx.fetchval("select count(*) from outbox") == 1
