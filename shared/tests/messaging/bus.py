"""The broker as a plain client sees it from outside, and the parts of a service at work on it."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from ledgerbridge.contracts.envelope import Envelope
from ledgerbridge.contracts.topics import INVOICES, Topic
from ledgerbridge.messaging import outbox, topics
from ledgerbridge.messaging.relay import Relay
from ledgerbridge.storage import Database
from ledgerbridge.testing.waiting import wait_until

PARTITIONS = 3


@dataclass
class Bus:
    """The broker as seen from outside the product."""

    bootstrap: str
    prefix: str

    async def create(self, *wanted: Topic, partitions: int = PARTITIONS) -> None:
        await topics.create(self.bootstrap, self.prefix, wanted, partitions)

    @asynccontextmanager
    async def reader(self, topic: Topic, group: str | None = None) -> AsyncIterator[AIOKafkaConsumer]:
        consumer = AIOKafkaConsumer(
            self.prefix + topic.name,
            bootstrap_servers=self.bootstrap,
            group_id=group,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=50,
        )
        await consumer.start()
        try:
            yield consumer
        finally:
            await consumer.stop()

    async def read(self, topic: Topic, count: int, seconds: float = 15) -> list[Any]:
        """The first `count` records, in order per partition."""
        found: list[Any] = []
        async with self.reader(topic) as consumer, asyncio.timeout(seconds):
            while len(found) < count:
                for records in (await consumer.getmany(timeout_ms=100)).values():
                    found.extend(records)
        return found

    async def read_all(self, topic: Topic) -> list[Any]:
        """Every record that the topic holds now, in order per partition."""
        async with self.reader(topic) as consumer:
            ends = await consumer.end_offsets(consumer.assignment())
        return await self.read(topic, sum(ends.values()))

    async def send(
        self, topic: Topic, records: Iterable[tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]]
    ) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self.bootstrap, enable_idempotence=True)
        await producer.start()
        try:
            name = self.prefix + topic.name
            sent = [await producer.send(name, value, key=key, headers=headers) for key, value, headers in records]
            await asyncio.gather(*sent)
        finally:
            await producer.stop()

    async def committed(self, topic: Topic, group: str, partitions: int = PARTITIONS) -> int:
        """The sum of the group's committed offsets."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap, group_id=self.prefix + group, enable_auto_commit=False
        )
        await consumer.start()
        try:
            places = [TopicPartition(self.prefix + topic.name, number) for number in range(partitions)]
            return sum([await consumer.committed(place) or 0 for place in places])
        finally:
            await consumer.stop()


def told(
    key: str, number: int = 0, *, topic: Topic = INVOICES, data: bytes | None = None, tenant: int = 7
) -> outbox.Event:
    """An event whose data is its number."""
    envelope = Envelope(
        id=str(uuid.uuid4()),
        source="ledgerbridge/bookkeeping",
        type="ledgerbridge.invoice.updated.v1",
        subject=key,
        time=datetime(2026, 11, 23, 10, tzinfo=UTC),
        correlation_id="c1",
        tenant=tenant,
    )
    return outbox.Event(topic, key, envelope, data if data is not None else b'{"number":%d}' % number)


async def put(database: Database, *events: outbox.Event) -> None:
    async with database.engine() as tx:
        await outbox.put(tx, events)


@asynccontextmanager
async def running(part: Any) -> AsyncIterator[asyncio.Task[None]]:
    """A part at work. What ended it before its time is raised."""
    task = asyncio.create_task(part.run())
    try:
        yield task
    finally:
        failed = task.done() and not task.cancelled()
        task.cancel()
        await asyncio.wait({task})
        if failed:
            task.result()


@asynccontextmanager
async def relaying(database: Database, bus: Bus, **options: Any) -> AsyncIterator[Relay]:
    relay = Relay(database, bus.bootstrap, bus.prefix, **options)
    async with running(relay):
        yield relay


async def unpublished(database: Database) -> int:
    async with database.engine() as tx:
        return int(await tx.fetchval("select count(*) from outbox where published_at is null"))


async def all_published(database: Database, seconds: float = 15) -> None:
    async def none_left() -> bool:
        return await unpublished(database) == 0

    await wait_until(none_left, seconds)


def header(record: Any, name: str) -> str | None:
    return next((value.decode() for found, value in record.headers if found == name), None)
