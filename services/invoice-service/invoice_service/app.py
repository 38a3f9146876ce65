"""Wires invoice-service."""

from ledgerbridge.contracts.topics import COMMAND_RESULTS, INVOICE_COMMANDS, INVOICE_STATES, INVOICES, dead_letters
from ledgerbridge.service import ServiceDescription
from ledgerbridge.service.runner import Context, run
from ledgerbridge.storage import MigrationSet

from invoice_service import api, following_parts
from invoice_service.settings import Settings
from invoice_service.telling import SERVICE as NAME

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


async def compose(context: Context[Settings]) -> api.Service:
    """The service's state and its parts."""
    return await following_parts.compose(context)


def main() -> None:
    """Run invoice-service."""
    run(SERVICE, Settings, compose, api.ROUTERS)
