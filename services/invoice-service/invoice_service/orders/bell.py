"""Wakes who waits for an order: one LISTEN connection for all of them, no busy loop."""

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import structlog
from ledgerbridge.service.beats import Beat
from ledgerbridge.storage import Database, Transaction
from ledgerbridge.storage.outages import DATABASE_ERRORS

log = structlog.get_logger(__name__)

RECONNECT_SECONDS = 1.0


def channel(schema: str) -> str:
    """The NOTIFY channel; the payload is the order's id."""
    return f"ledgerbridge_orders_{schema}"


async def ring(tx: Transaction, order_id: uuid.UUID) -> None:
    """Tell with this transaction that nothing more happens to the order by itself."""
    await tx.execute("select pg_notify('ledgerbridge_orders_' || current_schema(), $1)", str(order_id))


class OrderBell:
    """A part. A ring that nobody heard only makes somebody wait for the end of the patience."""

    name = "orders-bell"

    def __init__(self, database: Database) -> None:
        """Listen once running."""
        self.beat = Beat()
        self._database = database
        self._events: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    @contextmanager
    def waiting(self, order_id: uuid.UUID) -> Iterator[Callable[[float], Awaitable[None]]]:
        """Hear an order's rings from here on; what it gives waits for one, at most some seconds."""
        event, key = asyncio.Event(), str(order_id)
        self._events[key].add(event)

        async def rung(seconds: float) -> None:
            try:
                await asyncio.wait_for(event.wait(), seconds)
            except TimeoutError:
                return

        try:
            yield rung
        finally:
            self._events[key].discard(event)
            if not self._events[key]:
                del self._events[key]

    async def run(self) -> None:
        """Listen until cancelled; a lost connection is opened again."""
        while True:
            try:
                await self._listen()
            except DATABASE_ERRORS as error:
                log.warning("orders.bell_away", error=type(error).__name__)
            self.beat.progress()
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen(self) -> None:
        async with self._database.direct("orders-bell") as connection:
            ended = asyncio.Event()
            connection.add_termination_listener(lambda _connection: ended.set())
            await connection.add_listener(channel(self._database.schema), self._ring)
            for key in list(self._events):  # what rang while nobody listened
                self._ring(connection, 0, "", key)
            await ended.wait()

    def _ring(self, _connection: object, _pid: int, _channel: str, order_id: object) -> None:
        for event in self._events.get(str(order_id), ()):
            event.set()
