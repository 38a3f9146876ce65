"""The part that sweeps every account when its turn comes: at the start, then by the gaps of the settings.

One gateway sweeps an account at a time (an advisory lock), so several may run. What a sweep finds and how far it came
are stored in one transaction with the notices.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from ledgerbridge.accounts.joining import request_onboarding
from ledgerbridge.accounts.registry import Account, Accounts
from ledgerbridge.errors import LedgerbridgeError
from ledgerbridge.messaging import outbox
from ledgerbridge.service.clocks import BusinessClock
from ledgerbridge.service.looking import Looking
from ledgerbridge.storage import Database
from ledgerbridge.vendors.manner import calling

from webhook_gateway import notices, store
from webhook_gateway.counters import SWEEPS
from webhook_gateway.owners import Owner, owner_of
from webhook_gateway.settings import Settings
from webhook_gateway.store import SweepState
from webhook_gateway.sweeps import Sweeps, Swept

log = structlog.get_logger(__name__)

SWEEP_SECONDS = 60.0
MOST_ROUNDS = 20
NEVER = SweepState(None, None)


@dataclass(frozen=True)
class Stream:
    """What one sweep covers: all entities of a company (`cdc`), or one HubSpot object type."""

    account: Account
    name: str


class Sweeper(Looking):
    """Sweeps all accounts, each in its own time (a part of the gateway)."""

    name = "sweeper"
    look_seconds = 1.0

    def __init__(
        self, database: Database, accounts: Accounts, sweeps: Sweeps, clock: BusinessClock, settings: Settings
    ) -> None:
        """`clock` is business time: the gaps between sweeps and CDC's horizon."""
        super().__init__()
        self._database = database
        self._accounts = accounts
        self._sweeps = sweeps
        self._clock = clock
        self._settings = settings
        self._started = clock.now()
        self._begun: set[tuple[int, str]] = set()

    async def look(self) -> None:
        """Sweep every stream whose time has come."""
        async with self._database.engine() as tx:
            states = await store.sweep_states(tx)
        for stream in await self._streams():
            if self._is_due(stream, states):
                await self._sweep_alone(stream, states.get((stream.account.id, stream.name), NEVER))
            self.beat.progress()

    async def _streams(self) -> list[Stream]:
        types = [one.strip() for one in self._settings.sweep_hubspot_types.split(",") if one.strip()]
        return [
            Stream(account, name)
            for account in await self._accounts.accounts()
            if account.state == "connected"
            for name in (["cdc"] if account.vendor == "quickbooks" else types)
        ]

    def _is_due(self, stream: Stream, states: Mapping[tuple[int, str], SweepState]) -> bool:
        """Whether a stream's gap is over; at the start of this process, whether nobody has swept it since."""
        account = stream.account
        swept_at = states.get((account.id, stream.name), NEVER).swept_at
        if swept_at is None:
            return True
        first = (account.id, stream.name) not in self._begun
        self._begun.add((account.id, stream.name))
        told = (account.id, store.WEBHOOKS) in states
        gap = self._settings.sweep_every if told else self._settings.sweep_every_without_webhooks
        # A moment ahead of now is left from before the business clock was put back.
        return (first and swept_at < self._started) or not timedelta(0) <= self._clock.now() - swept_at < gap

    async def _sweep_alone(self, stream: Stream, known: SweepState) -> None:
        """Sweep under the stream's lock, unless another gateway does or just did."""
        account, now = stream.account, self._clock.now()
        async with self._database.direct("sweep") as lock:
            if not await lock.fetchval(
                "select pg_try_advisory_lock(hashtext($1))", f"sweep {account.id} {stream.name}"
            ):
                return
            async with self._database.engine() as tx:
                state = await store.begin_sweep(tx, account.id, account.tenant_id, stream.name, now)
            if state.swept_at == known.swept_at:
                await self._sweep(stream, min(state.swept_to or now, now), now)

    async def _sweep(self, stream: Stream, begin: datetime, now: datetime) -> None:
        """Sweep from `begin` less the overlap; what is remembered as swept never goes back behind `begin`."""
        account, since = stream.account, begin - self._settings.sweep_overlap
        try:
            with calling(lane="backfill", seconds=SWEEP_SECONDS):
                for _round in range(MOST_ROUNDS):
                    swept = await self._ask(stream, since, now)
                    await self._store(stream, replace(swept, to=max(swept.to, begin)), now)
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
        if swept.full_scan:  # before the cursor moves on: asked twice is harmless, never asked is not
            await self._request_full_scan(account)
        owner = await owner_of(self._accounts, account.vendor, account.external_id) or Owner(account, None)
        async with self._database.engine() as tx:
            await outbox.put(tx, [notices.event(one, owner, now) for one in swept.notices])
            await store.swept(tx, account.id, stream.name, swept.to, now)
        SWEEPS.labels(account.vendor, "full_scan" if swept.full_scan else "done").inc()
        log.info("sweep.done", account=account.id, stream=stream.name, notices=len(swept.notices))

    async def _request_full_scan(self, account: Account) -> None:
        """What changed can no longer be asked for: every service reads anew what it holds of the account."""
        for connection in await self._accounts.connections(account.tenant_id):
            if account.id in (connection.hubspot.id, connection.quickbooks.id):
                await request_onboarding(self._database, self._accounts, connection)
