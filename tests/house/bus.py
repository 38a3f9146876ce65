"""Kafka: everything that was published since the beginning, as it arrives, and commands to be sent."""

import asyncio
import json
import threading
import time
import uuid
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from ledgerbridge.contracts.topics import TOPICS

Answer = TypeVar("Answer")
SOURCE = "tests.house"


@dataclass(frozen=True)
class Seen:
    """One record. `type` is the fact's name alone (`invoice.created`); `arrived` is machine time in seconds."""

    topic: str
    key: str
    type: str
    headers: Mapping[str, str]
    data: Any
    arrived: float

    @property
    def sequence(self) -> int | None:
        """Its number within its key."""
        given = self.headers.get("ce_sequence")
        return int(given) if given else None


class Bus:
    """Reads all topics from their beginning on a thread of its own; waiting is done by condition and deadline."""

    def __init__(self, servers: str, prefix: str) -> None:
        """Connect. `servers` are Kafka's, `prefix` stands before every topic."""
        self._prefix = prefix
        self._servers = servers
        self._seen: list[Seen] = []
        self._news = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="bus", daemon=True)
        self._thread.start()
        self._producer: AIOKafkaProducer = self._do(self._open_producer())
        self._consumer: AIOKafkaConsumer = self._do(self._open_consumer())
        self._reading = asyncio.run_coroutine_threadsafe(self._read(), self._loop)

    def close(self) -> None:
        """Stop reading and close the connections; harmless to repeat."""
        if not self._thread.is_alive():
            return
        self._reading.cancel()
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def place(self) -> int:
        """How much was seen until now: what comes after it is new."""
        with self._news:
            return len(self._seen)

    def seen(self, topic: str | None = None, after: int = 0) -> list[Seen]:
        """What was published, in order of arrival; `after` is a `place`."""
        with self._news:
            return [one for one in self._seen[after:] if topic in (None, one.topic)]

    def wait_for(
        self, topic: str, condition: Callable[[Seen], bool], seconds: float = 15, after: int = 0, what: str = "an event"
    ) -> Seen:
        """The first record of the topic that fulfils the condition. AssertionError after `seconds`."""
        deadline = time.monotonic() + seconds
        with self._news:
            place = after
            while True:
                for one in self._seen[place:]:
                    if one.topic == topic and condition(one):
                        return one
                place = len(self._seen)
                if not self._news.wait(deadline - time.monotonic()):
                    raise AssertionError(f"not within {seconds:g} s on {topic}: {what}")

    def send(self, topic: str, key: str, kind: str, data: Mapping[str, Any], **attributes: str) -> str:
        """Publish a CloudEvent in binary mode, as another producer would, and answer its id."""
        identity = attributes.pop("id", None) or str(uuid.uuid4())
        told = {"specversion": "1.0", "id": identity, "source": SOURCE, "type": kind, **attributes}
        headers = [
            ("content-type", b"application/json"),
            *((f"ce_{name}", text.encode()) for name, text in told.items()),
        ]
        self.send_raw(topic, key.encode(), json.dumps(data).encode(), headers)
        return identity

    def send_raw(self, topic: str, key: bytes | None, value: bytes, headers: list[tuple[str, bytes]]) -> None:
        """Publish any bytes."""
        sending = self._producer.send_and_wait(self._prefix + topic, value, key=key, headers=headers)
        self._do(sending)

    def _do(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _open_producer(self) -> AIOKafkaProducer:
        producer = AIOKafkaProducer(bootstrap_servers=self._servers, enable_idempotence=True)
        await producer.start()
        return producer

    async def _open_consumer(self) -> AIOKafkaConsumer:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._servers,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            fetch_max_wait_ms=20,
        )
        await consumer.start()
        names = [self._prefix + topic.name for topic in TOPICS]
        parts = {name: await self._producer.partitions_for(name) for name in names}
        consumer.assign([TopicPartition(name, number) for name, numbers in parts.items() for number in numbers])
        return consumer

    async def _read(self) -> None:
        async for record in self._consumer:
            headers = {name: value.decode(errors="replace") for name, value in record.headers}
            kind = headers.get("ce_type", "").removeprefix("ledgerbridge.").removesuffix(".v1")
            seen = Seen(
                topic=record.topic.removeprefix(self._prefix),
                key=(record.key or b"").decode(errors="replace"),
                type=kind,
                headers=headers,
                data=_read_value(record.value),
                arrived=time.monotonic(),
            )
            with self._news:
                self._seen.append(seen)
                self._news.notify_all()

    async def _close(self) -> None:
        await self._consumer.stop()
        await self._producer.stop()


def _read_value(value: bytes | None) -> Any:
    """The JSON; poison as the bytes that it is, None for a tombstone."""
    try:
        return json.loads(value) if value else None
    except ValueError:
        return value
