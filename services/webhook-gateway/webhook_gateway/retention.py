"""Keeps the receipts' partitions ahead of the days, and drops what is older than the settings say."""

import asyncio
from datetime import timedelta

import asyncpg
import structlog
from ledgerbridge.messaging import outbox
from ledgerbridge.service import Beat
from ledgerbridge.service.clocks import BusinessClock
from ledgerbridge.storage import Database

from webhook_gateway import store
from webhook_gateway.settings import Settings

log = structlog.get_logger(__name__)

LOOK_SECONDS = 600.0
DAYS_AHEAD = 8


class Retention:
    """A part of the gateway; days are those of business time."""

    def __init__(self, database: Database, clock: BusinessClock, settings: Settings) -> None:
        """Keep what the settings say."""
        self.name = "retention"
        self.beat = Beat()
        self._database = database
        self._clock = clock
        self._settings = settings

    async def run(self) -> None:
        """Look every ten minutes."""
        while True:
            try:
                await self.keep()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as problem:
                log.warning("retention.failed", cause=type(problem).__name__)
            self.beat.progress()
            await asyncio.sleep(LOOK_SECONDS)

    async def keep(self) -> None:
        """Make the coming days' partitions, drop what is too old."""
        now = self._clock.now()
        async with self._database.engine() as tx:
            await store.make_partitions(tx, now.date(), DAYS_AHEAD)
        async with self._database.engine() as tx:
            await store.drop_older(
                tx, (now - self._settings.receipts_kept).date(), (now - self._settings.receipt_keys_kept).date()
            )
        async with self._database.engine() as tx:
            # The outbox is dated by the database's clock: what was published a week ago fills no broker any more.
            published_at = await tx.fetchval("select clock_timestamp() - $1::interval", timedelta(days=7))
            await outbox.forget(tx, published_at)
