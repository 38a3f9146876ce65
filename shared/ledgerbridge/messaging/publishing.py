"""Sending outbox rows to Kafka, in order per key, many at once.

The producer is idempotent. After a batch that the broker refuses, the broker accepts nothing more for that partition
from the same producer (its sequence numbers have a gap), so nothing behind a refused record can overtake it; the
producer is then abandoned and the next lot sent record by record, which finds the culprit.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidTopicError, KafkaError, MessageSizeTooLargeError, RecordListTooLargeError
from aiokafka.partitioner import murmur2

from ledgerbridge.contracts.envelope import CONTENT_TYPE

Row = Any
"""A row of the outbox as `relay.READ` selects it."""

BATCH_BYTES = 768 * 1024
LARGEST_SENT = 8 * 1024 * 1024
ACKNOWLEDGED_SECONDS = 20.0
ABANDON_SECONDS = 2.0
LOOK_SECONDS = 1.0
REFUSED_FOR_EVER = (MessageSizeTooLargeError, RecordListTooLargeError, InvalidTopicError)


@dataclass(slots=True)
class Outcome:
    """What became of a lot: the positions that the broker has, the row it refuses for ever, whether all went well."""

    published: list[int] = field(default_factory=list)
    refused: Row | None = None
    reason: str = ""
    failure: BaseException | None = None


class Publisher:
    """A producer that is thrown away at the first failure."""

    def __init__(self, bootstrap: str, prefix: str, client_id: str) -> None:
        """Connect nothing yet; `open` does."""
        self._prefix = prefix
        self._producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap,
            client_id=client_id,
            enable_idempotence=True,
            acks="all",
            max_batch_size=BATCH_BYTES,
            max_request_size=LARGEST_SENT,
            request_timeout_ms=int(ACKNOWLEDGED_SECONDS * 1000),
        )
        self._partitions: dict[str, list[int]] = {}
        self._looked = -LOOK_SECONDS

    async def open(self) -> None:
        """Connect. Raises KafkaError or OSError where the broker is away."""
        try:
            await self._producer.start()
        except BaseException:
            await self.abandon()
            raise

    async def missing(self, topics: set[str]) -> set[str]:
        """Those of the topics that the broker does not have; it is asked once a second. Raises KafkaError."""
        now = asyncio.get_running_loop().time()
        if topics - self._partitions.keys() and now - self._looked >= LOOK_SECONDS:
            self._looked = now
            cluster = await self._producer.client.fetch_all_metadata()
            for name in cluster.topics():
                partitions = cluster.partitions_for_topic(name)
                if name.startswith(self._prefix) and partitions:
                    self._partitions[name.removeprefix(self._prefix)] = sorted(partitions)
        return topics - self._partitions.keys()

    async def publish(self, rows: Sequence[Row]) -> Outcome:
        """Send a lot, one batch a partition at a time, and wait for the broker's acknowledgement of all."""
        outcome = Outcome()
        queues: dict[tuple[str, int], list[Row]] = {}
        for row in rows:
            queues.setdefault(self._place(row["topic"], row["key"]), []).append(row)
        # Partitions do not wait for each other; within one, a failed batch ends the queue.
        await asyncio.gather(*(self._drain(place, queue, outcome) for place, queue in queues.items()))
        return outcome

    async def publish_singly(self, rows: Sequence[Row]) -> Outcome:
        """Send a lot record by record up to the first failure; where the broker refuses a record, it is named."""
        outcome = Outcome()
        for row in rows:
            await self._drain(self._place(row["topic"], row["key"]), [row], outcome)
            if outcome.failure is not None:
                if isinstance(outcome.failure, REFUSED_FOR_EVER):
                    outcome.refused = row
                    outcome.reason = f"{type(outcome.failure).__name__}: {_size(row)} bytes"
                break
        return outcome

    async def close(self) -> None:
        """End with nothing in flight."""
        await self._producer.stop()

    async def abandon(self) -> None:
        """End without sending what is buffered: its acknowledgement would come too late."""
        sender = self._producer._sender  # noqa: SLF001 - the client offers no way to stop without flushing
        try:
            await asyncio.wait_for(sender.close(), ABANDON_SECONDS)
            await asyncio.wait_for(self._producer.stop(), ABANDON_SECONDS)
        except (TimeoutError, KafkaError, OSError):
            await self._producer.client.close()

    def _place(self, topic: str, key: bytes | None) -> tuple[str, int]:
        partitions = self._partitions[topic]
        return topic, partitions[_hash(key or b"") % len(partitions)]

    async def _drain(self, place: tuple[str, int], queue: list[Row], outcome: Outcome) -> None:
        topic, partition = place
        start = 0
        try:
            while start < len(queue):
                batch = self._producer.create_batch()
                end = _fill(batch, queue, start)
                sent = await self._producer.send_batch(batch, self._prefix + topic, partition=partition)
                await asyncio.wait_for(sent, ACKNOWLEDGED_SECONDS)
                outcome.published.extend([row["position"] for row in queue[start:end]])
                start = end
        except (KafkaError, OSError, TimeoutError) as failure:
            outcome.failure = failure


@lru_cache(maxsize=20_000)
def _hash(key: bytes) -> int:
    """Kafka's own partitioner, so that any other producer of the topic chooses the same partition."""
    return int(murmur2(key)) & 0x7FFFFFFF


def _fill(batch: Any, queue: list[Row], start: int) -> int:
    """Put rows into the batch until it is full; answer the index behind the last."""
    for index in range(start, len(queue)):
        row = queue[index]
        if _size(row) > LARGEST_SENT:
            if index == start:
                raise MessageSizeTooLargeError(f"{_size(row)} bytes")
            return index
        if batch.append(timestamp=None, key=row["key"], value=row["data"], headers=headers(row)) is None:
            return index
    return len(queue)


def _size(row: Row) -> int:
    return len(row["data"] or b"") + len(row["key"] or b"")


_CONTENT_TYPE = ("content-type", CONTENT_TYPE.encode())
_VERSION = ("ce_specversion", b"1.0")
_TEXTS = ("ce_subject", "ce_dataschema", "ce_correlationid", "ce_causationid", "ce_actor", "ce_traceparent")


def headers(row: Row) -> list[tuple[str, bytes | None]]:
    """A row's headers: those of CloudEvents' binary mode, or the given ones where it has no event id.

    The same as `Envelope.to_headers`, straight from the columns, since it runs for every record.
    """
    (_position, tenant, _topic, _key, identity, source, kind, subject, time, schema, sequence, correlation, causation,
     actor, connection, traceparent, names, values, _data) = row  # fmt: skip
    if identity is None:
        return list(zip(names, values, strict=True))
    found: list[tuple[str, bytes | None]] = [
        _CONTENT_TYPE,
        _VERSION,
        ("ce_id", identity.encode()),
        ("ce_source", source.encode()),
        ("ce_type", kind.encode()),
    ]
    if time is not None:
        found.append(("ce_time", _time(time)))
    if tenant:
        found.append(("ce_tenant", b"%d" % tenant))
    if sequence is not None:
        found.append(("ce_sequence", b"%d" % sequence))
    if connection is not None:
        found.append(("ce_connection", b"%d" % connection))
    texts = (subject, schema, correlation, causation, actor, traceparent)
    found += [(name, text.encode()) for name, text in zip(_TEXTS, texts, strict=True) if text is not None]
    return found


@lru_cache(maxsize=1_000)
def _time(moment: datetime) -> bytes:
    return moment.astimezone(UTC).isoformat().encode()
