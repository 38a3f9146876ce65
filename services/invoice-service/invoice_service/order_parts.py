"""Puts the orders together: how they are accepted, prepared, carried out and answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from ledgerbridge.accounts.opening import VendorAccess
from ledgerbridge.contracts.topics import INVOICE_COMMANDS
from ledgerbridge.messaging.consumption import Consumption
from ledgerbridge.service import Part
from ledgerbridge.service.clocks import BusinessClock
from ledgerbridge.service.runner import Context
from ledgerbridge.storage import Database
from ledgerbridge.sync.bells import Bell
from ledgerbridge.sync.workers import Worker, WorkerSettings

from invoice_service.addresses import Addresses
from invoice_service.catalogue.filling import CatalogueFilling
from invoice_service.drafts.hubspot_reading import HubSpotReading
from invoice_service.drafts.preparing import Preparing
from invoice_service.existing.attach_orders import OrderAttaching
from invoice_service.existing.attaching import Attaching
from invoice_service.onboarding import Onboarding
from invoice_service.orders.bell import OrderBell
from invoice_service.orders.consumer import Commands
from invoice_service.orders.creating import Creating
from invoice_service.orders.order import Kind
from invoice_service.orders.ordering import KIND, Ordering
from invoice_service.orders.runs import Executor
from invoice_service.orders.sending import Sending
from invoice_service.orders.worker import OrderWork
from invoice_service.settings import Settings
from invoice_service.telling import SERVICE

ORDERS_AT_ONCE = 8


@dataclass(frozen=True)
class Orders:
    """What endpoints and other rooms use: `parts` and `consumptions` are for the wiring."""

    ordering: Ordering
    preparing: Preparing
    catalogue: CatalogueFilling
    database: Database
    clock: BusinessClock
    addresses: Addresses
    wait_seconds: float
    parts: Sequence[Part]
    consumptions: Sequence[Consumption]


def compose(
    context: Context[Settings], vendors: VendorAccess, bell: Bell, catalogue: CatalogueFilling, attaching: Attaching
) -> Orders:
    """The orders of a service; start `parts` after the bell, and give `consumptions` to its consumers."""
    database, accounts, clock = context.database, context.accounts, context.business_clock
    addresses = context.settings.addresses
    order_bell = OrderBell(database)
    preparing = Preparing(database, HubSpotReading(vendors.hubspot), catalogue, clock)
    ordering = Ordering(database, accounts, clock, order_bell)
    sending = Sending(database, vendors.quickbooks, catalogue, clock)
    executors: dict[Kind, Executor] = {
        "create": Creating(database, vendors.quickbooks, preparing, ordering, clock).execute,
        "send": sending.send,
        "void": sending.void,
        "attach": OrderAttaching(attaching, vendors.quickbooks, clock).execute,
    }
    work = OrderWork(database, accounts, executors, clock, addresses)
    # An order waits for nobody's round: there is no gap to gather others in.
    settings = WorkerSettings(lot_size=ORDERS_AT_ONCE, gap_seconds=0.0)
    worker = Worker(database, bell, KIND, work.process, finish=work.finish, business=clock, settings=settings)
    commands = Commands(database, accounts, ordering, clock)
    return Orders(
        ordering=ordering,
        preparing=preparing,
        catalogue=catalogue,
        database=database,
        clock=clock,
        addresses=addresses,
        wait_seconds=context.settings.create_wait.total_seconds(),
        parts=[order_bell, Onboarding(database, accounts, catalogue), worker],
        consumptions=[Consumption(INVOICE_COMMANDS, SERVICE, commands.handle, database=database, service=SERVICE)],
    )
