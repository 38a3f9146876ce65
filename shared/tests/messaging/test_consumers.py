"""Consumers on a real broker and database: no record lost, none in another's way, outages counted as nobody's fault."""

import asyncio
import uuid
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from typing import Any

import pytest
from ledgerbridge.contracts.envelope import Envelope
from ledgerbridge.contracts.topics import QUICKBOOKS_CHANGES
from ledgerbridge.messaging import inbox
from ledgerbridge.messaging.consumption import Consumption
from ledgerbridge.messaging.received import Received
from ledgerbridge.service.beats import Beat
from ledgerbridge.storage import Database
from ledgerbridge.testing.proxies import proxied
from ledgerbridge.testing.service_databases import service_database
from ledgerbridge.testing.waiting import wait_until

from .bookkeeping import DEAD, GROUP, Bookkeeper, consuming, notice, wait_for, with_table
from .bus import Bus, header, relaying, unpublished


async def test_bad_records_are_dead_letters_and_harm_nobody_in_their_batch(bus: Bus, bookkeeper: Bookkeeper) -> None:
    await bus.create(QUICKBOOKS_CHANGES, DEAD)
    key, value, headers = notice(1)
    bad = [
        (key, b"{ no json", headers),
        (key, value, [("content-type", b"application/json")]),
        (key, value, [("ce_id", b"\xff\xfe"), *headers[3:]]),
        (b"\x00\xff", b"\xff\x00", [("x", b"\xff")]),
        (key, value, Envelope(id="u", source="s", type="somebody.else.v9").to_headers()),
        (key, value.replace(b"913", b"9\\u00003"), headers),
        (b"only a key", None, []),
        (b"empty header", b"{}", [("ce_id", None)]),
    ]
    await bus.send(QUICKBOOKS_CHANGES, [notice(2), *bad, notice(3), notice(4)])
    async with consuming(bus, bookkeeper.consumption()), relaying(bookkeeper.database, bus):
        await wait_for(bookkeeper, [2, 3, 4])
        dead = await bus.read(DEAD, len(bad))
    assert sorted((one.key or b"", one.value or b"") for one in dead) == sorted(
        (k or b"", v or b"") for k, v, _h in bad
    )
    odd = next(one for one in dead if one.value == b"\xff\x00")
    assert ("x", b"\xff") in odd.headers
    assert header(odd, "dead-letter-code") == "UNREADABLE"
    assert header(odd, "dead-letter-topic") == bus.prefix + "quickbooks-changes"
    assert {header(one, "dead-letter-code") for one in dead} == {"UNREADABLE", "UNKNOWN_TYPE"}
    assert await bus.committed(QUICKBOOKS_CHANGES, GROUP) == 3 + len(bad)


async def test_a_record_that_the_database_refuses_is_found_and_the_others_are_stored(
    bus: Bus, bookkeeper: Bookkeeper
) -> None:
    await bus.create(QUICKBOOKS_CHANGES, DEAD)
    await bus.send(QUICKBOOKS_CHANGES, [notice(number) for number in range(40)])
    async with consuming(bus, bookkeeper.consumption()), relaying(bookkeeper.database, bus):
        await wait_for(bookkeeper, [number for number in range(40) if number != 13])
        [dead] = await bus.read(DEAD, 1)
    assert dead.key == b"913:Invoice:13"


async def test_a_fault_of_ours_is_tried_again_and_loses_nothing(bus: Bus, bookkeeper: Bookkeeper) -> None:
    await bus.create(QUICKBOOKS_CHANGES)
    await bus.send(QUICKBOOKS_CHANGES, [notice(number) for number in range(100, 130)])
    faults = 0
    handle = bookkeeper.handle

    async def faulty(records: Sequence[Received]) -> None:
        nonlocal faults
        if faults < 2:
            faults += 1
            raise AttributeError("a fault of ours")
        await handle(records)

    bookkeeper.handle = faulty  # type: ignore[method-assign]
    async with consuming(bus, bookkeeper.consumption()):
        await wait_for(bookkeeper, list(range(100, 130)))
    assert faults == 2


async def test_the_consumer_pauses_while_the_database_is_away_and_counts_nothing(
    bus: Bus, postgres_server: str
) -> None:
    await bus.create(QUICKBOOKS_CHANGES, DEAD)
    async with proxied(postgres_server) as (proxy, dsn), service_database(dsn, "bookkeeping") as made:
        database = await made.connect()
        await with_table(made.admin_dsn)
        bookkeeper = Bookkeeper(database)
        consumption = bookkeeper.consumption(records=10)
        async with consuming(bus, consumption), relaying(database, bus):
            await bus.send(QUICKBOOKS_CHANGES, [notice(number) for number in range(100, 120)])
            await wait_for(bookkeeper, list(range(100, 120)))
            await proxy.shut()
            await bus.send(QUICKBOOKS_CHANGES, [notice(number) for number in range(120, 160)])
            await wait_until(lambda: consumption.paused)
            handled = consumption.handled
            tries = len(bookkeeper.batches)
            await wait_until(lambda: len(bookkeeper.batches) > tries + 1, 20)
            assert consumption.handled == handled
            assert not consumption.beat.stands_still
            await proxy.let_through()
            await wait_for(bookkeeper, list(range(100, 160)), 30)
            await wait_until(lambda: not consumption.paused)
            assert await unpublished(database) == 0
            async with database.engine() as tx:
                assert await tx.fetchval("select count(*) from outbox") == 0
        assert await bus.committed(QUICKBOOKS_CHANGES, GROUP) == 60
        await database.close()


async def test_members_that_come_and_go_in_the_middle_of_batches_lose_nothing(bus: Bus, bookkeeper: Bookkeeper) -> None:
    await bus.create(QUICKBOOKS_CHANGES)
    numbers = list(range(1000, 5000))
    await bus.send(QUICKBOOKS_CHANGES, [notice(number) for number in numbers])
    consumptions = [bookkeeper.consumption(records=100) for _member in range(3)]
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(consuming(bus, consumptions[0]))
        await wait_until(lambda: consumptions[0].handled)
        await stack.enter_async_context(consuming(bus, consumptions[1]))
        async with consuming(bus, consumptions[2]) as leaver:
            await leaver.started.wait()
        await wait_for(bookkeeper, numbers, 40)

        async def all_committed() -> bool:  # A batch is committed after its work is done; leaving before is lawful.
            return await bus.committed(QUICKBOOKS_CHANGES, GROUP) == len(numbers)

        await wait_until(all_committed)


async def test_a_batch_in_hand_when_the_process_ends_is_handled_by_the_next(bus: Bus, bookkeeper: Bookkeeper) -> None:
    """The same course as the red control of automatic commits, which loses it."""
    await bus.create(QUICKBOOKS_CHANGES, partitions=1)
    await bus.send(QUICKBOOKS_CHANGES, [notice(number) for number in range(100, 110)])
    begun, never = asyncio.Event(), asyncio.Event()

    async def hang(records: Sequence[Received]) -> None:
        begun.set()
        await never.wait()

    hanging = Consumption(
        QUICKBOOKS_CHANGES, GROUP, hang, database=bookkeeper.database, service="bookkeeping", records=5
    )
    async with consuming(bus, hanging):
        await begun.wait()
    assert await bus.committed(QUICKBOOKS_CHANGES, GROUP, partitions=1) == 0
    async with consuming(bus, bookkeeper.consumption()):
        await wait_for(bookkeeper, list(range(100, 110)))


class HandClock:
    """Machine time moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


async def test_a_consumer_that_hangs_while_work_waits_stands_still_and_an_idle_one_does_not(
    bus: Bus, bookkeeper: Bookkeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledgerbridge.messaging.consumers.WATCH_SECONDS", 0.2)
    await bus.create(QUICKBOOKS_CHANGES)
    clock, begun, go_on = HandClock(), asyncio.Event(), asyncio.Event()
    handle = bookkeeper.handle

    async def hang(records: Sequence[Received]) -> None:
        begun.set()
        await go_on.wait()
        await handle(records)

    bookkeeper.handle = hang  # type: ignore[method-assign]
    consumption = bookkeeper.consumption(records=5)
    consumption.beat = Beat(clock)
    async with consuming(bus, consumption) as consumers:
        await consumers.started.wait()
        clock.now += 100
        assert not consumers.beat.stands_still
        await bus.send(QUICKBOOKS_CHANGES, [notice(number) for number in range(100, 110)])
        await begun.wait()
        clock.now += 100
        await wait_until(lambda: consumers.beat.stands_still)
        go_on.set()
        await wait_for(bookkeeper, list(range(100, 110)))
        await wait_until(lambda: not consumers.beat.stands_still)


async def test_first_time_is_told_once_and_forgotten_with_the_transaction(database: Database) -> None:
    ids = [str(uuid.uuid4()) for _number in range(3)]
    with suppress(RuntimeError):
        async with database.engine() as tx:
            assert await inbox.first_time(tx, "c", ids) == set(ids)
            raise RuntimeError
    async with database.engine() as tx:
        assert await inbox.first_time(tx, "c", [*ids[:2], ids[0]]) == set(ids[:2])
    async with database.engine() as tx:
        assert await inbox.first_time(tx, "c", ids) == {ids[2]}
        assert await inbox.first_time(tx, "another", ids) == set(ids)
    async with database.tenant(9) as tx:
        assert await inbox.first_time(tx, "c", ids, tenant=9) == set(ids)
    async with database.engine() as tx:
        assert await inbox.forget(tx, await tx.fetchval("select clock_timestamp()")) == 9


async def test_concurrent_consumers_of_one_event_make_one_effect(database: Database) -> None:
    async def once() -> set[str]:
        async with database.engine() as tx:
            return await inbox.first_time(tx, "c", ["one", "two"])

    answers: list[Any] = await asyncio.gather(*(once() for _caller in range(8)))
    assert sorted(map(len, answers)) == [0] * 7 + [2]
