"""What the endpoints of invoice-service find behind `service_of(request)`."""

from dataclasses import dataclass

from fastapi import Request
from ledgerbridge.accounts.opening import VendorAccess
from ledgerbridge.accounts.registry import Accounts
from ledgerbridge.service.clocks import BusinessClock
from ledgerbridge.storage import Database

from invoice_service.existing.attaching import Attaching
from invoice_service.existing.searching import Searching
from invoice_service.order_parts import Orders
from invoice_service.settings import Settings
from invoice_service.tenants import Tenants
from invoice_service.wizard.choosing import Choosing
from invoice_service.wizard.drafting import Drafting


@dataclass(frozen=True)
class Service:
    """The running service's state."""

    settings: Settings
    database: Database
    accounts: Accounts
    vendors: VendorAccess
    clock: BusinessClock
    attaching: Attaching
    searching: Searching
    orders: Orders
    drafting: Drafting
    choosing: Choosing
    tenants: Tenants


def service_of(request: Request) -> Service:
    """The running service's state."""
    service: Service = request.app.state.service
    return service
