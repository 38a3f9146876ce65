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
from ledgerbridge.storage import Database, ServiceRoles, prepare
from ledgerbridge.storage.migrations import migrate_shared

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
async def installation(fresh_database: str) -> AsyncIterator[Installation]:
    roles = (await prepare(fresh_database, ["probe"], prefix="lbtest"))["probe"]
    await migrate_shared(fresh_database, prefix="lbtest")
    database = await Database.connect(roles.app_dsn, roles.engine_dsn, "probe")
    clock = OffsetBusinessClock()
    clock.put(START)
    sealer = Sealer({"k1": KEY})
    try:
        yield Installation(
            fresh_database,
            roles,
            database,
            sealer,
            clock,
            Accounts(database, business=clock),
            Grants(database, sealer, clock),
        )
    finally:
        await database.close()
