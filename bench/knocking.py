"""A load generator: prepared requests over many connections of one process, nothing but asyncio."""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast


@dataclass
class Knocked:
    """What came of it: answers other than 204 are counted, seconds are from the moment a request was due."""

    rate: float
    seconds: list[float]
    refused: int

    def percentile(self, share: float) -> float:
        """The answer time below which this share of the requests stayed, in milliseconds."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


class _Connection(asyncio.Protocol):
    """One request at a time; answers without a body (204) or with one whose length is told."""

    def __init__(self, knocking: "_Knocking") -> None:
        self._knocking = knocking
        self._due = 0.0
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)
        self._knocking.idle.append(self)

    def ask(self, request: bytes, due: float) -> None:
        self._due = due
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if b"\r\n\r\n" not in self._buffer:
            return
        status, self._buffer = self._buffer[9:12], b""
        self._knocking.answered(self, time.perf_counter() - self._due, status)


class _Knocking:
    def __init__(self, requests: Sequence[bytes]) -> None:
        self.idle: deque[_Connection] = deque()
        self.seconds: list[float] = []
        self.refused = 0
        self._waiting = deque(requests)
        self._due: deque[float] = deque()
        self._closed = False
        self._total = len(requests)
        self.done = asyncio.Event()

    def answered(self, connection: _Connection, seconds: float, status: bytes) -> None:
        self.seconds.append(seconds)
        self.refused += status != b"204"
        if len(self.seconds) == self._total:
            self.done.set()
        elif self._closed and self._waiting:
            connection.ask(self._waiting.popleft(), time.perf_counter())
        elif self._due:
            connection.ask(self._waiting.popleft(), self._due.popleft())
        else:
            self.idle.append(connection)

    def as_fast_as_answered(self) -> None:
        self._closed = True
        while self.idle and self._waiting:
            self.idle.popleft().ask(self._waiting.popleft(), time.perf_counter())

    async def at_rate(self, rate: float) -> None:
        """Requests become due by the clock, whether or not the earlier ones are answered."""
        begin, told = time.perf_counter(), 0
        while told < self._total:
            now = time.perf_counter()
            while told < self._total and begin + told / rate <= now:
                self._due.append(begin + told / rate)
                told += 1
            while self._due and self.idle:
                self.idle.popleft().ask(self._waiting.popleft(), self._due.popleft())
            await asyncio.sleep(0.001)


async def knock(port: int, requests: Sequence[bytes], *, connections: int = 64, rate: float | None = None) -> Knocked:
    """Send all requests as fast as they are answered, or at a rate (requests a second), and answer how it went."""
    knocking = _Knocking(requests)
    loop = asyncio.get_running_loop()
    opened = [
        (await loop.create_connection(lambda: _Connection(knocking), "127.0.0.1", port))[0] for _ in range(connections)
    ]
    begin = time.perf_counter()
    if rate is None:
        knocking.as_fast_as_answered()
    else:
        await knocking.at_rate(rate)
    await asyncio.wait_for(knocking.done.wait(), 60)
    seconds = time.perf_counter() - begin
    for transport in opened:
        transport.close()
    return Knocked(len(requests) / seconds, knocking.seconds, knocking.refused)
