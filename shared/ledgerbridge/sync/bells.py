"""Wakes the workers of a service when a transaction with marks commits: one LISTEN connection for all of them."""

import asyncio
from collections import defaultdict

import structlog

from ledgerbridge.service.beats import Beat
from ledgerbridge.storage import Database
from ledgerbridge.storage.outages import DATABASE_ERRORS
from ledgerbridge.sync.records import Company, channel

log = structlog.get_logger(__name__)

RECONNECT_SECONDS = 1.0


class Rings:
    """What rang for one worker since it last took notice."""

    def __init__(self) -> None:
        """Nothing rang."""
        self._companies: set[Company] = set()
        self._look = False
        self._event = asyncio.Event()

    def ring(self, company: Company) -> None:
        """A record of this company was marked."""
        self._companies.add(company)
        self._event.set()

    def look(self) -> None:
        """Anybody's records may be due."""
        self._look = True
        self._event.set()

    def take(self) -> set[Company]:
        """The companies that rang; empty where the index must be asked. What was taken rings no more."""
        companies = set() if self._look else self._companies
        self._companies, self._look = set(), False
        self._event.clear()
        return companies

    async def wait(self) -> None:
        """Until something rings."""
        await self._event.wait()


class Bell:
    """A part. Ringing is a convenience: workers also look by themselves, so a lost ring costs a second at most."""

    name = "records-bell"

    def __init__(self, database: Database) -> None:
        """Listen on the channel of the database's schema once running."""
        self.beat = Beat()
        self._database = database
        self._rings: defaultdict[str, list[Rings]] = defaultdict(list)

    def of(self, kind: str) -> Rings:
        """What rings for a kind from now on."""
        rings = Rings()
        self._rings[kind].append(rings)
        return rings

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
            await connection.add_listener(channel(self._database.schema), self._rang)
            # What was marked while nobody listened has rung in vain.
            for rings in [one for of_kind in self._rings.values() for one in of_kind]:
                rings.look()
            await ended.wait()

    def _rang(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        kind, tenant_id, connection_id = str(payload).split(" ")
        for rings in self._rings.get(kind, ()):
            rings.ring(Company(int(tenant_id), int(connection_id)))
