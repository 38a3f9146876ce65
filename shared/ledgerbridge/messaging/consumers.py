"""All consumptions of a service as one part: started, watched, replaced, stopped.

A Kafka consumer that fails or stands still is replaced: aiokafka's tells the same error at every poll once a task of
its own has ended with one (an answer that it does not expect, as after a broker's silence), and never reads again.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError
from faststream.kafka import KafkaBroker

from ledgerbridge.messaging.broker import STOP_SECONDS, open_broker
from ledgerbridge.messaging.consumption import AWAY_SECONDS, Consumption, StillError
from ledgerbridge.messaging.subscriptions import subscribe
from ledgerbridge.service.beats import Beat

log = structlog.get_logger(__name__)

WATCH_SECONDS = 10.0
REPLACED_SECONDS = 60.0
"""How long a replaced consumer has to leave: longer than a request to the broker may take (aiokafka: 40 s)."""


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
