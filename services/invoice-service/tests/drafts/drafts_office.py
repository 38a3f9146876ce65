"""The service as far as drafts go, opened for a tenant."""

from contextlib import AsyncExitStack

import httpx
from drafts_hands import Sandbox, Tenant, Wizard, connect
from invoice_service.app import ROUTERS, SERVICE, compose
from invoice_service.catalogue import store_company
from invoice_service.settings import Settings
from ledgerbridge.accounts.registry import Connection
from ledgerbridge.testing.service_databases import service_database
from ledgerbridge.testing.services import RunningService, running, settings_for
from ledgerbridge.testing.waiting import wait_until

NOWHERE = "127.0.0.1:9"
"""No broker: drafts need none, what an order tells waits in the outbox."""


class Offices:
    """Opens the service for a tenant."""

    def __init__(self, sandbox: Sandbox, postgres: str, stack: AsyncExitStack) -> None:
        self.sandbox = sandbox
        self._postgres = postgres
        self._stack = stack

    async def open(self, portal: str, *companies: str) -> Wizard:
        """A sales person of this HubSpot account, joined to these companies."""
        enter = self._stack.enter_async_context
        database = await enter(service_database(self._postgres, SERVICE.schema, SERVICE.migrations))
        tenant: Tenant = await connect(database, portal, *companies)
        settings = Settings(
            **settings_for(
                database,
                NOWHERE,
                "none.",
                hubspot_api=self.sandbox.hubspot,
                quickbooks_api=self.sandbox.quickbooks,
                sandbox_clock=self.sandbox.control,
                create_wait="PT3S",
            )
        )
        service = await enter(running(SERVICE, settings, compose, ROUTERS))
        for connection in tenant.connections.values():
            await wait_until(lambda one=connection: _onboarded(service, one), 30, "the catalogue is filled")  # type: ignore[misc]
        http = await enter(httpx.AsyncClient(base_url=service.url, timeout=30))
        return await Wizard(service, http, tenant, {}, self.sandbox).person()


async def _onboarded(service: RunningService, connection: Connection) -> bool:
    async with service.state.database.tenant(connection.tenant_id) as tx:
        return bool(await store_company.onboarded(tx, connection.id))
