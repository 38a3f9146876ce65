"""The service as far as drafts go, opened for a tenant."""

from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx
from drafts_hands import Sandbox, Tenant, Wizard, connect
from invoice_service import catalogue_api, draft_api
from invoice_service.app import SERVICE
from invoice_service.catalogue_filling import CatalogueFilling
from invoice_service.choosing import Choosing
from invoice_service.drafting import Drafting
from invoice_service.hubspot_reading import HubSpotReading
from invoice_service.preparing import Preparing
from invoice_service.settings import Settings
from invoice_service.tenants import Tenants
from ledgerbridge.accounts.registry import Accounts
from ledgerbridge.service.runner import Context
from ledgerbridge.service.vendor_access import open_vendors
from ledgerbridge.testing.service_databases import service_database
from ledgerbridge.testing.services import running, settings_for

NOWHERE = "127.0.0.1:9"


@dataclass
class State:
    """What the two routers need."""

    accounts: Accounts
    drafting: Drafting
    choosing: Choosing
    filling: CatalogueFilling


async def compose(context: Context[Settings]) -> State:
    vendors = open_vendors(context)
    database, clock = context.database, context.business_clock
    tenants = Tenants(context.accounts)
    filling = CatalogueFilling(database, vendors.quickbooks, clock)
    preparing = Preparing(database, HubSpotReading(vendors.hubspot), filling, clock)
    return State(
        accounts=context.accounts,
        drafting=Drafting(database, tenants, preparing, clock),
        choosing=Choosing(database, tenants, filling),
        filling=filling,
    )


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
            )
        )
        service = await enter(running(SERVICE, settings, compose, (draft_api.router, catalogue_api.router)))
        for connection in tenant.connections.values():
            await service.state.filling.fill(connection)
        http = await enter(httpx.AsyncClient(base_url=service.url, timeout=30))
        return await Wizard(service, http, tenant, {}, self.sandbox).person()
