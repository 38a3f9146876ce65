"""What FastStream and the broker really do (measured once, held here): why we use NACK_ON_ERROR and batches.

These are tests of libraries: when an upgrade changes one of them, our choice must be looked at again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from ledgerbridge.contracts.topics import Topic
from ledgerbridge.testing.waiting import wait_until

from .bus import Bus

TOPIC = Topic("plain", "none", None, "plain numbers", numbered=False)


@asynccontextmanager
async def handling(bus: Bus, handle: Callable[..., Any], **options: Any) -> AsyncIterator[None]:
    broker = KafkaBroker(bus.bootstrap, logger=None, allow_auto_create_topics=False)
    subscriber = broker.subscriber(
        bus.prefix + TOPIC.name,
        group_id=bus.prefix + "g",
        auto_offset_reset="earliest",
        fetch_max_wait_ms=50,
        **options,
    )
    subscriber(handle)
    await broker.start()
    try:
        yield
    finally:
        await broker.stop()


@pytest.mark.parametrize(
    ("policy", "handled", "committed"),
    [
        pytest.param(AckPolicy.ACK_FIRST, [0, 1, 2, 3], 4, id="the default loses what failed"),
        pytest.param(AckPolicy.ACK, [0, 1, 2, 3], 4, id="ACK commits what failed"),
        pytest.param(AckPolicy.REJECT_ON_ERROR, [0, 1, 2, 3], 4, id="REJECT_ON_ERROR commits what failed"),
        pytest.param(AckPolicy.NACK_ON_ERROR, [0, 1, 1, 1, 2, 3], 4, id="NACK_ON_ERROR rewinds and repeats"),
    ],
)
async def test_what_each_acknowledgement_does_with_a_failing_record(
    bus: Bus, policy: AckPolicy, handled: list[int], committed: int
) -> None:
    await bus.create(TOPIC, partitions=1)
    await bus.send(TOPIC, [(b"k", b"%d" % number, []) for number in range(4)])
    seen: list[int] = []

    async def handle(body: int) -> None:
        seen.append(body)
        if body == 1 and seen.count(1) < 3:
            raise ValueError(body)

    async with handling(bus, handle, ack_policy=policy):
        await wait_until(lambda: 3 in seen)
    assert seen == handled
    assert await bus.committed(TOPIC, "g", partitions=1) == committed


@pytest.mark.parametrize(
    ("failing", "committed"), [(1, 4), (3, 3)], ids=["later ones commit past it", "the last waits"]
)
async def test_manual_acknowledgement_is_by_position(bus: Bus, failing: int, committed: int) -> None:
    await bus.create(TOPIC, partitions=1)
    await bus.send(TOPIC, [(b"k", b"%d" % number, []) for number in range(4)])
    seen: list[int] = []

    async def handle(body: int, message: KafkaMessage) -> None:
        seen.append(body)
        if body == failing:
            raise ValueError(body)
        await message.ack()

    async with handling(bus, handle, ack_policy=AckPolicy.MANUAL):
        await wait_until(lambda: 3 in seen)
    assert seen == [0, 1, 2, 3]
    assert await bus.committed(TOPIC, "g", partitions=1) == committed


async def test_an_undecodable_record_stands_in_the_way_without_our_decoder(bus: Bus) -> None:
    await bus.create(TOPIC, partitions=1)
    await bus.send(TOPIC, [(b"k", value, [("content-type", b"application/json")]) for value in (b"1", b"{", b"2")])
    seen: list[int] = []
    parsed: list[int] = []

    async def parse(raw: Any, original: Callable[..., Any]) -> Any:
        parsed.append(raw.offset)
        return await original(raw)

    async def handle(body: int) -> None:
        seen.append(body)

    async with handling(bus, handle, ack_policy=AckPolicy.NACK_ON_ERROR, parser=parse):
        await wait_until(lambda: parsed.count(1) > 20)
    assert seen == [1]
    assert 2 not in parsed


async def test_a_nack_of_a_batch_rewinds_every_partition_of_it(bus: Bus) -> None:
    await bus.create(TOPIC)
    await bus.send(TOPIC, [(b"%d" % number, b"%d" % number, []) for number in range(600)])
    seen: list[int] = []
    turns = 0

    async def handle(body: list[int]) -> None:
        nonlocal turns
        turns += 1
        if turns % 3 == 1:
            raise ValueError(turns)
        seen.extend(body)

    options = {"batch": True, "max_records": 50, "batch_timeout_ms": 20}
    async with handling(bus, handle, ack_policy=AckPolicy.NACK_ON_ERROR, **options):
        await wait_until(lambda: len(seen) >= 600)
    assert sorted(seen) == list(range(600))
    assert await bus.committed(TOPIC, "g") == 600


async def test_red_control_automatic_commits_lose_the_batch_in_hand(bus: Bus) -> None:
    """A consumer that stops in the middle of its work has already committed it."""
    await bus.create(TOPIC, partitions=1)
    await bus.send(TOPIC, [(b"k", b"%d" % number, []) for number in range(10)])
    begun, never = asyncio.Event(), asyncio.Event()
    done: list[int] = []

    async def hang(body: list[int]) -> None:
        begun.set()
        await never.wait()

    async def handle(body: list[int]) -> None:
        done.extend(body)

    options = {"batch": True, "max_records": 5, "batch_timeout_ms": 20}
    lost = await _after_a_crash(bus, hang, handle, begun, done, ack_policy=AckPolicy.ACK_FIRST, **options)
    assert lost == {0, 1, 2, 3, 4}


async def _after_a_crash(
    bus: Bus, hang: Any, handle: Any, begun: asyncio.Event, done: list[int], **options: Any
) -> set[int]:
    """What is missing when a first consumer ended in the middle and a second went on until the last record."""
    async with handling(bus, hang, auto_commit_interval_ms=50, **options):
        await begun.wait()

        async def committed() -> bool:
            return await bus.committed(TOPIC, "g", partitions=1) > 0

        await wait_until(committed)
    async with handling(bus, handle, **options):
        await wait_until(lambda: 9 in done)
    return set(range(10)) - set(done)
