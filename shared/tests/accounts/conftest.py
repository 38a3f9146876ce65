"""An installation: a database with the shared schema, one service's roles, clocks that tests move."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from ledgerbridge.accounts.grants import GivenGrant, Grants
from ledgerbridge.accounts.joining import store_account
from ledgerbridge.accounts.registry import Account, Accounts
from ledgerbridge.accounts.secrets import Sealer
from ledgerbridge.service.clocks import OffsetBusinessClock
from ledgerbridge.storage import Database, ServiceRoles
from ledgerbridge.testing.service_databases import service_database

KEY = bytes(range(32))
START = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@dataclass
class Installation:
    admin_dsn: str
    roles: ServiceRoles
    database: Database
    sealer: Sealer
    clock: OffsetBusinessClock
    accounts: Accounts
    grants: Grants

    async def hubspot(self, external_id: str = "24000001", grant: GivenGrant | None = None, **facts: str) -> Account:
        """Store a HubSpot account with a static token, or with this grant of an OAuth app."""
        return await store_account(
            self.database,
            self.accounts,
            self.grants,
            vendor="hubspot",
            external_id=external_id,
            app="static" if grant is None else "hubspot-app",
            grant=grant or GivenGrant("pat-1"),
            facts={"zone": "America/New_York", **facts},
            now=self.clock.now(),
        )

    async def quickbooks(self, tenant: Account, realm: str = "9130350000000001", **grant: object) -> Account:
        """Store a QuickBooks company of the tenant whose token lasts an hour."""
        values: dict[str, object] = {"access_token": "access-0", "refresh_token": "refresh-0", "expires_in": 3600.0}
        return await store_account(
            self.database,
            self.accounts,
            self.grants,
            vendor="quickbooks",
            external_id=realm,
            app="quickbooks-app",
            grant=GivenGrant(**{**values, **grant}),  # type: ignore[arg-type]
            facts={"zone": "America/Los_Angeles"},
            now=self.clock.now(),
            tenant_id=tenant.tenant_id,
        )


@pytest.fixture
async def installation(postgres_server: str) -> AsyncIterator[Installation]:
    clock = OffsetBusinessClock()
    clock.put(START)
    sealer = Sealer({"k1": KEY})
    async with service_database(postgres_server, "probe", ()) as made:
        database = await made.connect()
        accounts, grants = Accounts(database, business=clock), Grants(database, sealer, clock)
        try:
            yield Installation(made.admin_dsn, made.roles, database, sealer, clock, accounts, grants)
        finally:
            await database.close()
