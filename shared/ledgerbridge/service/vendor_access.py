"""Both vendors' clients with tokens and budgets, wired once for every service that calls a vendor."""

from typing import TypeVar

from ledgerbridge.accounts.opening import VendorAccess, open_access
from ledgerbridge.service.runner import Context
from ledgerbridge.service.settings import ServiceSettings

SettingsT = TypeVar("SettingsT", bound=ServiceSettings)


def open_vendors(context: Context[SettingsT]) -> VendorAccess:
    """The clients of both vendors; closed with the service."""
    return open_access(
        context.settings,
        database=context.database,
        accounts=context.accounts,
        sealer=context.sealer,
        business=context.business_clock,
        machine=context.machine_clock,
        stack=context.stack,
    )
