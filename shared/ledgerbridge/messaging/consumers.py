"""Consumers: a batch is handled whole, durable rows are stored, then the offsets are committed (design.md 4).

What the handler raises decides. Database or broker away: nobody's failed message; the batch rewinds, the consumer goes
on polling and counts nothing. A record that can never be stored (its text, its numbers): the batch is halved until it
is alone, then it is a dead letter and the others are done. Anything else is a fault of ours: the batch is tried again
with growing gaps, and the part's beat stops.

A Kafka consumer that fails or stands still is replaced: aiokafka's tells the same error at every poll once a task of
its own has ended with one (an answer that it does not expect, as after a broker's silence), and never reads again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any

import asyncpg
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError, UnknownTopicOrPartitionError
from faststream import AckPolicy
from faststream.exceptions import NackMessage
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage
from pydantic import ValidationError

from ledgerbridge.contracts.envelope import UnreadableError
from ledgerbridge.contracts.model import Message
from ledgerbridge.contracts.topics import Topic
from ledgerbridge.errors import Permanent
from ledgerbridge.messaging import dead_letters
from ledgerbridge.messaging.broker import STOP_SECONDS, open_broker
from ledgerbridge.messaging.dead_letters import Unreadable
from ledgerbridge.messaging.outages import AWAY
from ledgerbridge.messaging.received import Received, Told, UnknownTypeError, read_message
from ledgerbridge.service import trace_context
from ledgerbridge.service.beats import Beat
from ledgerbridge.storage import Database, Transaction

log = structlog.get_logger(__name__)

BATCH_RECORDS = 500
POLL_MILLISECONDS = 1_000
"""How long a poll waits for a record; one that comes ends it."""
FETCH_WAIT_MILLISECONDS = 500
SESSION_MILLISECONDS = 15_000
LONGEST_BATCH_MILLISECONDS = 300_000
AWAY_SECONDS = 1.0
LAST_RETRY_SECONDS = 30.0
WATCH_SECONDS = 10.0
PATIENT_WATCHES = 3
"""So often in a row a consumer may be found still, or the broker silent, before another one takes its place."""
REPLACED_SECONDS = 60.0
"""How long a replaced consumer has to leave: longer than a request to the broker may take (aiokafka: 40 s)."""

BLAMED = (Permanent, UnreadableError, ValidationError, asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)
"""A record itself can never be stored."""

HandleBatch = Callable[[Sequence[Received]], Awaitable[None]]


class StillError(Exception):
    """Records wait, the broker answers, and a consumer reads nothing; or its broker is silent to it for long."""


class Consumption:
    """One topic read by one group, in batches of at most `records`.

    `group` gets the installation's prefix. `service` names the dead letters.
    """

    def __init__(
        self,
        topic: Topic,
        group: str,
        handle_batch: HandleBatch,
        *,
        database: Database,
        service: str,
        records: int = BATCH_RECORDS,
    ) -> None:
        """`handle_batch` stores durable rows in a transaction of its own and returns, or raises."""
        self.topic = topic
        self.group = group
        self.records = records
        self.handled = 0
        self.paused = False
        self.lag = 0
        self.beat = Beat()
        self._handle = handle_batch
        self._database = database
        self._service = service
        self._failures = 0
        self._committed = 0
        self._in_hand = False
        self._taken = False
        self._still = 0

    async def take(self, records: Sequence[Received]) -> None:
        """Handle one batch. Raises NackMessage, which rewinds each partition to the batch's beginning."""
        self.beat.waiting(True)
        self._in_hand = self._taken = True
        try:
            with trace_context.span(
                f"consume {self.topic.name}",
                "consumer",
                {"messaging.destination.name": self.topic.name, "messaging.batch.message_count": len(records)},
                (_traceparent(one) for one in records),
            ):
                await self._isolate(records)
        except AWAY as error:
            await self._pause(error)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not lose the batch
            await self._back_off(error)
        finally:
            self._in_hand = False
        self._failures = 0
        self.paused = False
        self.handled += len(records)
        self.beat.progress()
        self.beat.waiting(False)

    def watched(self, committed: int, lag: int) -> None:
        """Take note of the group's committed offsets and of what lies behind them, for the part's beat.

        Raises StillError when records wait and none was read since the third last note.
        """
        moved = lag == 0 or committed != self._committed
        if moved:
            self.beat.progress()
        self._committed = committed
        self.lag = lag
        self.beat.waiting(lag > 0)
        self._count(moved or self._taken or self._in_hand)
        self._taken = False

    def unwatched(self) -> None:
        """The broker did not say: it is away, nobody's fault. Raises StillError when that has gone on for long."""
        self.beat.progress()
        self._count(False)

    def begin(self) -> None:
        """A new consumer reads it from now on."""
        self._in_hand = self._taken = False
        self._still = 0

    def _count(self, moved: bool) -> None:
        self._still = 0 if moved else self._still + 1
        if self._still >= PATIENT_WATCHES:
            raise StillError(self.topic.name)

    async def _isolate(self, records: Sequence[Received]) -> None:
        try:
            await self._handle(records)
        except BLAMED as error:
            if len(records) == 1:
                await self._bury(records[0], error)
                return
            middle = len(records) // 2
            await self._isolate(records[:middle])
            await self._isolate(records[middle:])

    async def _bury(self, record: Received, error: Exception) -> None:
        code = error.code if isinstance(error, Permanent) else "UNREADABLE"
        reason = str(error) if isinstance(error, Permanent | UnreadableError) else type(error).__name__
        async with self._database.engine() as tx:
            await dead_letters.put(tx, self._service, [Unreadable(record, code, reason)])

    async def _pause(self, error: Exception) -> None:
        if not self.paused:
            log.warning("consumer.paused", topic=self.topic.name, cause=type(error).__name__)
        self.paused = True
        self.beat.progress()
        await asyncio.sleep(AWAY_SECONDS)
        raise NackMessage from error

    async def _back_off(self, error: Exception) -> None:
        self._failures += 1
        pause = min(AWAY_SECONDS * 2 ** (self._failures - 1), LAST_RETRY_SECONDS)
        log.error("consumer.failed", topic=self.topic.name, retry_in_seconds=pause, exc_info=error)
        await asyncio.sleep(pause)
        raise NackMessage from error


def _traceparent(record: Received) -> str | None:
    """The trace that a record continues."""
    found = next((value for name, value in record.headers if name == "ce_traceparent"), None)
    return found.decode("ascii", "replace") if found else None


class Consumers:
    """All consumptions of a service, as one part: started when the broker is there, stopped with what is in hand."""

    def __init__(
        self,
        bootstrap: str,
        prefix: str,
        service: str,
        consumptions: Sequence[Consumption],
        instance: str | None = None,
    ) -> None:
        """`instance` (a pod's stable name) lets a restarted member keep its partitions."""
        self.name = "consumers"
        self.consumptions = list(consumptions)
        self.beat = _Together(self.consumptions)
        self.started = asyncio.Event()
        self._bootstrap = bootstrap
        self._prefix = prefix
        self._service = service
        self._instance = instance

    async def run(self) -> None:
        """Consume until cancelled."""
        while True:
            await self._consume()
            await asyncio.sleep(AWAY_SECONDS)

    async def _consume(self) -> None:
        """Consume until a consumer fails or stands still, or the broker cannot be reached at the start."""
        broker = open_broker(self._bootstrap, self._service)
        failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        subscribers = [subscribe(broker, one, self._prefix, self._instance, failed) for one in self.consumptions]
        patience = REPLACED_SECONDS
        try:
            await broker.start()
            self.started.set()
            await self._watch(subscribers, failed)
        except (KafkaError, OSError, TimeoutError, StillError) as error:
            event = "consumers.replaced" if self.started.is_set() else "consumers.wait_for_broker"
            log.warning(event, cause=type(error).__name__, detail=str(error))
        except asyncio.CancelledError:
            patience = STOP_SECONDS + 2
            raise
        finally:
            self.started.clear()
            await _stop(broker, patience)

    async def _watch(self, subscribers: Sequence[Any], failed: asyncio.Future[None]) -> None:
        """Compare what is committed with what there is: a consumer can stay alive and never read again.

        Raises what a poll raised, and StillError.
        """
        for consumption in self.consumptions:
            consumption.begin()
        while True:
            await asyncio.wait({failed}, timeout=WATCH_SECONDS)
            if failed.done():
                failed.result()
            for consumption, subscriber in zip(self.consumptions, subscribers, strict=True):
                try:
                    async with asyncio.timeout(WATCH_SECONDS):
                        found = await _lag(subscriber.consumer, subscriber.topic_names[0])
                except (KafkaError, OSError, TimeoutError):
                    consumption.unwatched()
                else:
                    consumption.watched(*found)


async def _stop(broker: KafkaBroker, seconds: float) -> None:
    try:
        await asyncio.wait_for(broker.stop(), seconds)
    except (KafkaError, OSError, TimeoutError) as error:
        log.warning("consumers.stopped_hard", cause=type(error).__name__)


async def _lag(consumer: AIOKafkaConsumer, topic: str) -> tuple[int, int]:
    """The sum of the group's committed offsets in a topic, and how many records lie behind them.

    Raises UnknownTopicOrPartitionError where the consumer knows no partition: it must not pass for one without work.
    """
    places = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]
    if not places:
        raise UnknownTopicOrPartitionError(topic)
    first, last = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
    committed = {place: await consumer.committed(place) or 0 for place in places}
    lag = sum(max(0, last[place] - max(committed[place], first[place])) for place in places)
    return sum(committed.values()), lag


class _Together(Beat):
    """Stands still when one of several consumptions does."""

    def __init__(self, consumptions: Sequence[Consumption]) -> None:
        super().__init__()
        self._consumptions = consumptions

    @property
    def stands_still(self) -> bool:
        return any(consumption.beat.stands_still for consumption in self._consumptions)


def subscribe(
    broker: KafkaBroker, consumption: Consumption, prefix: str, instance: str | None, failed: asyncio.Future[None]
) -> Any:
    """Attach a consumption to a broker and answer FastStream's subscriber. `failed` gets what a poll raises."""
    attached: list[Any] = []

    async def parse(records: Any) -> KafkaAckableMessage:
        return _parse(records, attached[0].consumer)

    attached.append(
        broker.subscriber(
            prefix + consumption.topic.name,
            group_id=prefix + consumption.group,
            group_instance_id=f"{instance}-{consumption.topic.name}" if instance else None,
            batch=True,
            max_records=consumption.records,
            batch_timeout_ms=POLL_MILLISECONDS,
            ack_policy=AckPolicy.NACK_ON_ERROR,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=FETCH_WAIT_MILLISECONDS,
            session_timeout_ms=SESSION_MILLISECONDS,
            max_poll_interval_ms=LONGEST_BATCH_MILLISECONDS,
            parser=parse,
            decoder=_leave,
        )
    )

    async def handle(records: list[Received]) -> None:
        try:
            await consumption.take(records)
        finally:
            # FastStream keeps a message until the next has come: two batches' records would be in memory.
            records.clear()

    attached[0](handle)
    # FastStream's own sleeps as long as it polled whenever there was nothing: an idle consumer's first record waits.
    attached[0].get_msg = partial(_poll, consumption.records, failed)
    return attached[0]


async def _poll(records: int, failed: asyncio.Future[None], consumer: AIOKafkaConsumer) -> list[Received]:
    """The next batch, as soon as there is one; empty after a second without.

    FastStream would poll again for ever and tell nobody: what is raised is told to `failed`, for a new consumer.
    """
    try:
        lots = await consumer.getmany(timeout_ms=POLL_MILLISECONDS, max_records=records)
    except ConsumerStoppedError:
        raise
    except Exception as error:
        if not failed.done():
            failed.set_exception(error)
        raise
    return [
        Received(one.topic, one.partition, one.offset, one.key, one.headers, one.value, one.timestamp)
        for one in chain.from_iterable(lots.values())
    ]


def _parse(records: list[Received], consumer: Any) -> KafkaAckableMessage:
    """Our own parser: FastStream's decodes every header as UTF-8, so that one bad header would fail the batch.

    The message itself keeps only the first record of each partition: a nack rewinds to these.
    """
    firsts = {one.partition: one for one in reversed(records)}
    return KafkaAckableMessage(
        body=records,
        headers={},
        content_type=None,
        message_id="",
        raw_message=tuple(firsts.values()),
        consumer=consumer,
    )


async def _leave(message: Any) -> list[Received]:
    """Our own decoder: the records as they came."""
    found: list[Received] = message.body
    return found


async def read_or_bury(
    tx: Transaction, service: str, records: Sequence[Received], known: Mapping[str, type[Message]]
) -> list[Told]:
    """Read a batch; what cannot be read goes to the dead letters with this transaction (role *engine*)."""
    told, unreadable = read_all(records, known)
    if unreadable:
        await dead_letters.put(tx, service, unreadable)
    return told


def read_all(records: Sequence[Received], known: Mapping[str, type[Message]]) -> tuple[list[Told], list[Unreadable]]:
    """Read a batch; what cannot be read is for the caller's dead letters."""
    told: list[Told] = []
    unreadable: list[Unreadable] = []
    for record in records:
        try:
            told.append(read_message(record, known))
        except UnknownTypeError as error:
            unreadable.append(Unreadable(record, "UNKNOWN_TYPE", str(error)))
        except UnreadableError as error:
            unreadable.append(Unreadable(record, "UNREADABLE", str(error)))
    if unreadable:
        log.warning("consumer.dead_letters", topic=records[0].topic, count=len(unreadable))
    return told, unreadable
