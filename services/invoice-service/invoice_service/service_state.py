"""What the endpoints of invoice-service find behind `service_of(request)`."""

from dataclasses import dataclass

from fastapi import Request
from ledgerbridge.accounts.opening import VendorAccess
from ledgerbridge.accounts.registry import Accounts, Connection
from ledgerbridge.errors import Refused
from ledgerbridge.service.clocks import BusinessClock
from ledgerbridge.storage import Database

from invoice_service.catalogue.choosing import Choosing
from invoice_service.drafts.drafting import Drafting
from invoice_service.existing.attaching import Attaching
from invoice_service.existing.searching import Searching
from invoice_service.orders.parts import Orders
from invoice_service.settings import Settings


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

    async def connection_of(self, tenant_id: int, connection_id: int) -> Connection:
        """A connection of this tenant. Raises Refused (NOT_FOUND), also for another tenant's."""
        connection = await self.accounts.connection(connection_id)
        if connection.tenant_id != tenant_id:
            raise Refused("NOT_FOUND", what=f"Connection {connection_id}")
        return connection


def service_of(request: Request) -> Service:
    """The running service's state."""
    service: Service = request.app.state.service
    return service
