"""A caller's own connections: an id of another tenant is not found, as if it were not there."""

from ledgerbridge.accounts.registry import Account, Accounts, Connection
from ledgerbridge.errors import Refused


class Tenants:
    """The directory of accounts, seen by one tenant."""

    def __init__(self, accounts: Accounts) -> None:
        """See this directory."""
        self._accounts = accounts

    async def connections(self, tenant: int) -> list[Connection]:
        """The tenant's connections, in the order of their ids."""
        return await self._accounts.connections(tenant)

    async def connection(self, tenant: int, connection_id: int) -> Connection:
        """One of the tenant's connections. Raises Refused (NOT_FOUND)."""
        for connection in await self._accounts.connections(tenant):
            if connection.id == connection_id:
                return connection
        raise Refused("NOT_FOUND", field="connection_id", what=f"Connection {connection_id}")

    async def hubspot(self, tenant: int) -> Account:
        """The tenant's HubSpot account, whose id is the tenant's. Raises Refused (NOT_FOUND)."""
        return await self._accounts.account(tenant)
