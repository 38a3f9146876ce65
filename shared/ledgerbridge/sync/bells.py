"""Wakes the workers of a service when a transaction with marks commits: one LISTEN connection for all of them."""

import asyncio
from collections import defaultdict

import structlog

from ledgerbridge.service.beats import Beat
from ledgerbridge.storage import Database
from ledgerbridge.storage.outages import DATABASE_ERRORS
from ledgerbridge.sync.records import channel

log = structlog.get_logger(__name__)

RECONNECT_SECONDS = 1.0


class Bell:
    """A part. Ringing is a convenience: workers also look by themselves, so a lost ring costs a second at most."""

    name = "records-bell"

    def __init__(self, database: Database) -> None:
        """Listen on the channel of the database's schema once running."""
        self.beat = Beat()
        self._database = database
        self._events: defaultdict[str, list[asyncio.Event]] = defaultdict(list)

    def of(self, kind: str) -> asyncio.Event:
        """An event that is set at every ring for a kind; its owner clears it."""
        event = asyncio.Event()
        self._events[kind].append(event)
        return event

    async def run(self) -> None:
        """Listen until cancelled; a lost connection is opened again."""
        while True:
            try:
                await self._listen()
            except DATABASE_ERRORS as error:
                log.warning("records.bell_away", error=type(error).__name__)
            self.beat.progress()
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen(self) -> None:
        async with self._database.direct("bell") as connection:
            ended = asyncio.Event()
            connection.add_termination_listener(lambda _connection: ended.set())
            await connection.add_listener(channel(self._database.schema), self._ring)
            # What was marked while nobody listened has rung in vain.
            for kind in self._events:
                self._ring(connection, 0, "", kind)
            await ended.wait()

    def _ring(self, _connection: object, _pid: int, _channel: str, kind: object) -> None:
        for event in self._events.get(str(kind), ()):
            event.set()
