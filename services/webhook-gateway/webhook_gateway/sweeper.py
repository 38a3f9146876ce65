"""The part that sweeps every account when its turn comes: at the start, then by the gaps of the settings.

One gateway sweeps an account at a time (an advisory lock), so several may run. What a sweep finds and how far it came
are stored in one transaction with the notices.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
import structlog
from ledgerbridge.accounts.registry import Account, Accounts
from ledgerbridge.errors import LedgerbridgeError
from ledgerbridge.messaging import outbox
from ledgerbridge.service import Beat
from ledgerbridge.service.clocks import BusinessClock
from ledgerbridge.storage import Database
from ledgerbridge.vendors.manner import calling

from webhook_gateway import notices, store
from webhook_gateway.counters import SWEEPS
from webhook_gateway.owners import Owner, owner_of
from webhook_gateway.settings import Settings
from webhook_gateway.sweeps import Sweeps, Swept

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
SWEEP_SECONDS = 60.0
MOST_ROUNDS = 20


@dataclass(frozen=True)
class Stream:
    """What one sweep covers: all entities of a company (`cdc`), or one HubSpot object type."""

    account: Account
    name: str


class Sweeper:
    """Sweeps all accounts, each in its own time (a part of the gateway)."""

    def __init__(
        self, database: Database, accounts: Accounts, sweeps: Sweeps, clock: BusinessClock, settings: Settings
    ) -> None:
        """`clock` is business time: the gaps between sweeps and CDC's horizon."""
        self.name = "sweeper"
        self.beat = Beat()
        self._database = database
        self._accounts = accounts
        self._sweeps = sweeps
        self._clock = clock
        self._settings = settings
        self._begun: set[tuple[int, str]] = set()

    async def run(self) -> None:
        """Sweep what is due, until cancelled."""
        while True:
            try:
                for stream in await self._streams():
                    await self.sweep_when_due(stream)
                    self.beat.progress()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
                log.warning("sweeper.database_away", cause=type(problem).__name__)
            self.beat.progress()
            await asyncio.sleep(LOOK_SECONDS)

    async def _streams(self) -> list[Stream]:
        types = [one.strip() for one in self._settings.sweep_hubspot_types.split(",") if one.strip()]
        return [
            Stream(account, name)
            for account in await self._accounts.accounts()
            if account.state == "connected"
            for name in (["cdc"] if account.vendor == "quickbooks" else types)
        ]

    async def sweep_when_due(self, stream: Stream) -> None:
        """Sweep a stream if its time has come; the first time in this process it has."""
        account = stream.account
        async with self._database.engine() as tx:
            state = await store.sweep_state(tx, account.id, account.tenant_id, stream.name)
            webhooks = await store.sweep_state(tx, account.id, account.tenant_id, "webhooks")
        now = self._clock.now()
        gap = self._settings.sweep_every if webhooks.webhook_seen_at else self._settings.sweep_every_without_webhooks
        first = (account.id, stream.name) not in self._begun
        if first or state.swept_at is None or not timedelta(0) <= now - state.swept_at < gap:
            self._begun.add((account.id, stream.name))
            await self._sweep_alone(stream, state.swept_to or now, now)

    async def _sweep_alone(self, stream: Stream, since: datetime, now: datetime) -> None:
        """Sweep under the stream's lock; where another gateway holds it, that one sweeps."""
        async with self._database.direct("sweep") as lock:
            name = f"sweep {stream.account.id} {stream.name}"
            if await lock.fetchval("select pg_try_advisory_lock(hashtext($1))", name):
                await self._sweep(stream, since - self._settings.sweep_overlap, now)

    async def _sweep(self, stream: Stream, since: datetime, now: datetime) -> None:
        account = stream.account
        try:
            with calling(lane="backfill", seconds=SWEEP_SECONDS):
                for _round in range(MOST_ROUNDS):
                    swept = await self._ask(stream, since, now)
                    await self._store(stream, swept, now)
                    since = swept.to
                    if not swept.more:
                        break
        except LedgerbridgeError as problem:
            SWEEPS.labels(account.vendor, "failed").inc()
            log.warning("sweep.failed", account=account.id, stream=stream.name, code=problem.code)
            async with self._database.engine() as tx:
                await store.sweep_failed(tx, account.id, stream.name, now, problem.code)

    async def _ask(self, stream: Stream, since: datetime, now: datetime) -> Swept:
        if stream.name == "cdc":
            return await self._sweeps.company(stream.account, since, now)
        return await self._sweeps.object_type(stream.account, stream.name, since)

    async def _store(self, stream: Stream, swept: Swept, now: datetime) -> None:
        account = stream.account
        owner = await owner_of(self._accounts, account.vendor, account.external_id) or Owner(account, None)
        async with self._database.engine() as tx:
            await outbox.put(tx, [notices.event(one, owner, now) for one in swept.notices])
            await store.swept(tx, account.id, stream.name, swept.to, now, full_scan=swept.full_scan)
        SWEEPS.labels(account.vendor, "full_scan" if swept.full_scan else "done").inc()
        log.info("sweep.done", account=account.id, stream=stream.name, notices=len(swept.notices))
