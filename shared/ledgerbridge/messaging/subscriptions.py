"""How a consumption is attached to FastStream's broker: our own polling, parsing and decoding."""

import asyncio
from functools import partial
from itertools import chain
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import ConsumerStoppedError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage

from ledgerbridge.messaging.consumption import Consumption
from ledgerbridge.messaging.received import Received

POLL_MILLISECONDS = 1_000
"""How long a poll waits for a record; one that comes ends it."""
FETCH_WAIT_MILLISECONDS = 500
SESSION_MILLISECONDS = 15_000
LONGEST_BATCH_MILLISECONDS = 300_000


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
