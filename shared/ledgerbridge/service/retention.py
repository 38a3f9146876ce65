"""Forgetting what is older than the settings say: the outbox, the inbox, and whatever a service adds (a part).

The outbox and the inbox are dated by the database's clock, so it says what is old there.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import structlog

from ledgerbridge.messaging import inbox, outbox
from ledgerbridge.service.looking import Looking
from ledgerbridge.service.settings import ServiceSettings
from ledgerbridge.storage import Database, Transaction
from ledgerbridge.storage.outages import DATABASE_ERRORS

log = structlog.get_logger(__name__)

Chore = Callable[[Transaction], Awaitable[int]]
"""Deletes at most a lot in the engine's transaction and answers how many; called again until it answers 0."""


class Retention(Looking):
    """Does a service's chores at its start and then every ten minutes."""

    name = "retention"
    look_seconds = 600.0

    def __init__(self, database: Database, settings: ServiceSettings, *chores: Chore) -> None:
        """`chores` are the service's own, done before the outbox and the inbox are looked at."""
        super().__init__()
        self._database = database
        self._settings = settings
        self._chores: Sequence[Chore] = (*chores, self._forget_outbox, self._forget_inbox)

    async def look(self) -> None:
        """Do every chore once; one that fails is named in the log and does not hinder the others."""
        for chore in self._chores:
            try:
                while await self._lot(chore):
                    self.beat.progress()
            except DATABASE_ERRORS as problem:
                log.warning("retention.failed", chore=chore.__name__, cause=type(problem).__name__)
            self.beat.progress()

    async def _lot(self, chore: Chore) -> int:
        async with self._database.engine() as tx:
            return await chore(tx)

    async def _forget_outbox(self, tx: Transaction) -> int:
        return await outbox.forget(tx, await _ago(tx, self._settings.outbox_kept))

    async def _forget_inbox(self, tx: Transaction) -> int:
        return await inbox.forget(tx, await _ago(tx, self._settings.inbox_kept))


async def _ago(tx: Transaction, span: timedelta) -> datetime:
    moment: datetime = await tx.fetchval("select clock_timestamp() - $1::interval", span)
    return moment
