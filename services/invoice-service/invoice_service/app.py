"""Wires invoice-service."""

from datetime import timedelta

from ledgerbridge.contracts.topics import COMMAND_RESULTS, INVOICE_COMMANDS, INVOICE_STATES, INVOICES, dead_letters
from ledgerbridge.messaging.consumers import Consumers
from ledgerbridge.messaging.relay import Relay
from ledgerbridge.service import ServiceDescription, record_api
from ledgerbridge.service.retention import Retention
from ledgerbridge.service.runner import Context, run
from ledgerbridge.service.vendor_access import open_vendors
from ledgerbridge.storage import MigrationSet, Transaction
from ledgerbridge.sync.bells import Bell

from invoice_service import following_parts, order_parts
from invoice_service.catalogue.filling import CatalogueFilling
from invoice_service.existing.attaching import Attaching
from invoice_service.existing.searching import Searching
from invoice_service.orders import api as order_api
from invoice_service.orders import store_orders
from invoice_service.pages import api as invoice_api
from invoice_service.pages import deal_page, existing_api
from invoice_service.service_state import Service
from invoice_service.settings import Settings
from invoice_service.telling import SERVICE as NAME
from invoice_service.tenants import Tenants
from invoice_service.wizard import api as draft_api
from invoice_service.wizard import catalogue_api
from invoice_service.wizard.choosing import Choosing
from invoice_service.wizard.drafting import Drafting

SERVICE = ServiceDescription(
    name=NAME,
    package="invoice_service",
    port=8082,
    migrations=(
        MigrationSet("ledgerbridge.messaging"),
        MigrationSet("ledgerbridge.sync"),
        MigrationSet("invoice_service"),
    ),
    topics=(INVOICES, INVOICE_STATES, INVOICE_COMMANDS, COMMAND_RESULTS, dead_letters(NAME)),
)
ROUTERS = (
    invoice_api.router,
    existing_api.router,
    deal_page.router,
    order_api.router,
    draft_api.router,
    catalogue_api.router,
    record_api.router,
)

RELAY_LINGER_SECONDS = 0.01
"""Events go out behind the deal's properties, which are written at the same moment and which a person waits for."""
COMMANDS_KEPT = timedelta(days=90)
"""How long a command's key is known again (product.md, Commands)."""


async def compose(context: Context[Settings]) -> Service:
    """The service's state and its parts, in the order of their start."""
    settings, database = context.settings, context.database
    vendors = open_vendors(context)
    bell = Bell(database)
    catalogue = CatalogueFilling(database, vendors.quickbooks, context.business_clock)
    attaching = Attaching(database, vendors.quickbooks, catalogue, context.business_clock, settings.addresses)
    orders = order_parts.compose(context, vendors, bell, catalogue, attaching)
    consumptions = [*following_parts.consumptions(context), *orders.consumptions]
    consumers = Consumers(settings.kafka, settings.topic_prefix, NAME, consumptions)

    async def forget_commands(tx: Transaction) -> int:
        return await store_orders.forget_commands(tx, context.business_clock.now() - COMMANDS_KEPT)

    context.parts += [
        Retention(database, settings, forget_commands),
        Relay(database, settings.kafka, settings.topic_prefix, linger_seconds=RELAY_LINGER_SECONDS),
        bell,
        *following_parts.workers(context, vendors, bell),
        *orders.parts,
        consumers,
    ]
    tenants = Tenants(context.accounts)
    return Service(
        settings=settings,
        database=database,
        accounts=context.accounts,
        vendors=vendors,
        clock=context.business_clock,
        attaching=attaching,
        searching=Searching(database, vendors.quickbooks),
        orders=orders,
        drafting=Drafting(database, tenants, orders.preparing, orders.ordering, context.business_clock),
        choosing=Choosing(database, tenants, orders.catalogue),
        tenants=tenants,
    )


def main() -> None:
    """Run invoice-service."""
    run(SERVICE, Settings, compose, ROUTERS)
