"""A database with this service's tables."""

from collections.abc import AsyncIterator

import pytest_asyncio
from ledgerbridge.storage import Database, MigrationSet, migrate, prepare
from ledgerbridge.storage.migrations import migrate_shared


@pytest_asyncio.fixture
async def database(fresh_database: str) -> AsyncIterator[Database]:
    prefix = "t" + fresh_database.rsplit("_", 1)[-1][:12]
    roles = (await prepare(fresh_database, ["invoices"], prefix=prefix))["invoices"]
    await migrate_shared(fresh_database, prefix=prefix)
    await migrate(fresh_database, "invoices", [MigrationSet("invoice_service")], prefix=prefix)
    database = await Database.connect(roles.app_dsn, roles.engine_dsn, "invoices", size=2)
    yield database
    await database.close()
