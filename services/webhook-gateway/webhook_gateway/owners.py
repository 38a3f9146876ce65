"""Whose record a notice is about: the tenant, and the connection where the record belongs to one company."""

from dataclasses import dataclass

from ledgerbridge.accounts.registry import Account, Accounts


@dataclass(frozen=True)
class Owner:
    """A connected account, and the connection of a QuickBooks company (a company belongs to one)."""

    account: Account
    connection_id: int | None


async def owner_of(accounts: Accounts, vendor: str, external_id: str) -> Owner | None:
    """The owner of a vendor's account, or None where it was never connected."""
    account = await accounts.by_external(vendor, external_id)
    if account is None:
        return None
    if vendor == "hubspot":
        return Owner(account, None)
    own = [one.id for one in await accounts.connections(account.tenant_id) if one.quickbooks.id == account.id]
    return Owner(account, own[0] if own else None)
