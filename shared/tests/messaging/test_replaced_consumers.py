"""A Kafka consumer that will never read again is replaced by another one, and nothing is lost."""

import asyncio
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import KafkaError
from ledgerbridge.contracts.topics import QUICKBOOKS_CHANGES
from ledgerbridge.messaging import consumers, subscriptions
from ledgerbridge.messaging.consumption import PATIENT_WATCHES, StillError
from ledgerbridge.testing.waiting import wait_until
from structlog.testing import capture_logs

from .bookkeeping import Bookkeeper, consuming, notice, wait_for
from .bus import Bus

NUMBERS = list(range(100, 110))


async def test_a_consumer_whose_heartbeat_ended_with_an_error_is_replaced(
    bus: Bus, bookkeeper: Bookkeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """aiokafka's heartbeat ends for good at an answer that it does not expect; every poll tells of it from then on."""
    await bus.create(QUICKBOOKS_CHANGES)
    ended = _first_heartbeat_ends(monkeypatch)
    with capture_logs() as logs:
        async with consuming(bus, bookkeeper.consumption()):
            await asyncio.wait_for(ended.wait(), 20)
            await _replaced(logs)
            await bus.send(QUICKBOOKS_CHANGES, [notice(number) for number in NUMBERS])
            await wait_for(bookkeeper, NUMBERS, 40)


async def test_red_control_without_another_consumer_every_poll_fails_and_nothing_is_read(
    bus: Bus, bookkeeper: Bookkeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bus.create(QUICKBOOKS_CHANGES)
    ended = _first_heartbeat_ends(monkeypatch)
    outcomes: list[str] = []
    poll = subscriptions._poll
    unheard: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    unheard.cancel()

    async def tell_nobody(records: int, _failed: Any, consumer: AIOKafkaConsumer) -> Any:
        try:
            found = await poll(records, unheard, consumer)
        except KafkaError:
            outcomes.append("failed")
            raise
        outcomes.append("read" if found else "nothing")
        return found

    monkeypatch.setattr(subscriptions, "_poll", tell_nobody)
    async with consuming(bus, bookkeeper.consumption()):
        await asyncio.wait_for(ended.wait(), 20)
        await wait_until(lambda: "failed" in outcomes, 20)
        await bus.send(QUICKBOOKS_CHANGES, [notice(number) for number in NUMBERS])
        await wait_until(lambda: outcomes.count("failed") > 3, 40)
    assert "read" not in outcomes
    assert await bookkeeper.kept() == []


@pytest.mark.parametrize("forgets", [False, True], ids=["knows what waits", "knows no partition of its topic"])
async def test_a_consumer_that_reads_nothing_while_records_wait_is_replaced(
    bus: Bus, bookkeeper: Bookkeeper, monkeypatch: pytest.MonkeyPatch, *, forgets: bool
) -> None:
    """One that knows no partition must not pass for one without work."""
    monkeypatch.setattr(consumers, "WATCH_SECONDS", 1.0)
    await bus.create(QUICKBOOKS_CHANGES)
    getmany, partitions_for_topic = AIOKafkaConsumer.getmany, AIOKafkaConsumer.partitions_for_topic
    deaf: list[AIOKafkaConsumer] = []

    async def hear_nothing(self: AIOKafkaConsumer, *places: Any, **options: Any) -> Any:
        if not deaf:
            deaf.append(self)
        if self in deaf:
            self.pause(*self.assignment())
        return await getmany(self, *places, **options)

    def forget(self: AIOKafkaConsumer, topic: str) -> Any:
        return None if forgets and self in deaf else partitions_for_topic(self, topic)

    monkeypatch.setattr(AIOKafkaConsumer, "getmany", hear_nothing)
    monkeypatch.setattr(AIOKafkaConsumer, "partitions_for_topic", forget)
    with capture_logs() as logs:
        async with consuming(bus, bookkeeper.consumption()):
            await bus.send(QUICKBOOKS_CHANGES, [notice(number) for number in NUMBERS])
            await wait_for(bookkeeper, NUMBERS, 40)
    assert [one["cause"] for one in logs if one["event"] == "consumers.replaced"] == ["StillError"]


async def test_a_consumer_at_work_or_without_work_is_left_alone(bookkeeper: Bookkeeper) -> None:
    consumption = bookkeeper.consumption()
    for committed in range(2 * PATIENT_WATCHES):
        consumption.watched(committed, 5)
    for _watch in range(2 * PATIENT_WATCHES):
        consumption.watched(9, 0)
    for _watch in range(2 * PATIENT_WATCHES):
        await consumption.take([])
        consumption.watched(9, 5)


async def test_a_consumer_whose_broker_is_silent_for_long_is_replaced(bookkeeper: Bookkeeper) -> None:
    consumption = bookkeeper.consumption()
    for _watch in range(PATIENT_WATCHES - 1):
        consumption.unwatched()
    with pytest.raises(StillError):
        consumption.unwatched()
    consumption.begin()
    consumption.unwatched()


def _first_heartbeat_ends(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    heartbeat, ended = GroupCoordinator._do_heartbeat, asyncio.Event()

    async def end(self: GroupCoordinator) -> Any:
        if ended.is_set():
            return await heartbeat(self)
        ended.set()
        raise KafkaError("Unexpected exception in heartbeat task: UnknownError()")

    monkeypatch.setattr(GroupCoordinator, "_do_heartbeat", end)
    return ended


async def _replaced(logs: list[Any]) -> None:
    await wait_until(lambda: any(one["event"] == "consumers.replaced" for one in logs), 30)
