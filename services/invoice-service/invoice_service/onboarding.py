"""Onboarding connections: the catalogue is filled, and what is tracked is looked at anew.

A part. It follows the requests that connecting, connecting again and a sweep beyond the vendor's horizon leave on the
connection (`onboard_requested`); what happened while nobody could be told is found so.
"""

import asyncio

import structlog
from ledgerbridge.accounts.registry import Accounts, Connection
from ledgerbridge.errors import LedgerbridgeError
from ledgerbridge.service.looking import Looking
from ledgerbridge.storage import Database
from ledgerbridge.sync.marks import look_again, resume

from invoice_service.catalogue import store_company
from invoice_service.catalogue.filling import CatalogueFilling
from invoice_service.invoices.recording import DEAL_PROPERTIES, INVOICE

log = structlog.get_logger(__name__)

RETRY_SECONDS = 15.0


class Onboarding(Looking):
    """Onboards every connection that asks for it. The directory hears NOTIFY by itself: looking at it costs nothing."""

    name = "onboarding"
    look_seconds = 0.5

    def __init__(self, database: Database, accounts: Accounts, filling: CatalogueFilling) -> None:
        """Fill the catalogue by `filling`."""
        super().__init__()
        self._database = database
        self._accounts = accounts
        self._filling = filling
        self._done: dict[int, int] = {}
        self._not_before: dict[int, float] = {}

    async def look(self) -> None:
        """Onboard whatever asks for it, unless it failed a moment ago."""
        now = asyncio.get_running_loop().time()
        for connection in await self._accounts.connections():
            asked = connection.onboard_requested
            if self._done.get(connection.id, 0) < asked and self._not_before.get(connection.id, 0.0) <= now:
                await self._onboard_alone(connection)

    async def _onboard_alone(self, connection: Connection) -> None:
        """Onboard under the connection's lock, unless another process does."""
        async with self._database.direct("onboarding") as lock:
            if await lock.fetchval("select pg_try_advisory_lock(hashtext($1))", f"onboarding {connection.id}"):
                await self._onboard(connection)

    async def _onboard(self, connection: Connection) -> None:
        async with self._database.tenant(connection.tenant_id) as tx:
            done = await store_company.onboarded(tx, connection.id)
        if done < connection.onboard_requested:
            try:
                await self._filling.fill(connection)
            except LedgerbridgeError as error:
                log.warning("onboarding.waits", connection=connection.id, code=error.code)
                self._not_before[connection.id] = asyncio.get_running_loop().time() + RETRY_SECONDS
                return
            await self._settle(connection)
        self._done[connection.id] = connection.onboard_requested

    async def _settle(self, connection: Connection) -> None:
        tenant_id = connection.tenant_id
        async with self._database.tenant(tenant_id) as tx:
            marked = await look_again(tx, tenant_id, INVOICE, connection.id)
            marked += await look_again(tx, tenant_id, DEAL_PROPERTIES)
            marked += await resume(tx, tenant_id, connection.id)  # orders that waited for the catalogue
            await store_company.note_onboarded(tx, connection.id, connection.onboard_requested)
        log.info("onboarding.filled", connection=connection.id, looked_at_again=marked)
