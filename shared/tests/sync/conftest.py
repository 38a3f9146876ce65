"""A migrated database for each test of the record index, copied from a template that the session makes once."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from ledgerbridge.storage import Database, MigrationSet, ServiceRoles, migrate, prepare
from ledgerbridge.storage.migrations import migrate_shared
from ledgerbridge.testing.databases import make_database, temporary_database, with_database

SCHEMA = "invoice_service"


@dataclass(frozen=True)
class Template:
    """A prepared and migrated database, and how a service logs in to it."""

    name: str
    roles: ServiceRoles


@pytest.fixture(scope="session")
def template(postgres_server: str) -> Template:
    async def build() -> Template:
        prefix = f"sync_{uuid.uuid4().hex[:8]}"
        dsn = await make_database(postgres_server)
        roles = (await prepare(dsn, [SCHEMA], prefix=prefix))[SCHEMA]
        await migrate_shared(dsn, prefix=prefix)
        await migrate(dsn, SCHEMA, [MigrationSet("ledgerbridge.sync")], prefix=prefix)
        return Template(urlsplit(dsn).path[1:], roles)

    return asyncio.run(build())


@pytest_asyncio.fixture
async def administrator(postgres_server: str, template: Template) -> AsyncIterator[str]:
    """The administrator's address of a database of the test's own, with an empty record index."""
    async with temporary_database(postgres_server, template.name) as dsn:
        yield dsn


@pytest_asyncio.fixture
async def database(administrator: str, template: Template) -> AsyncIterator[Database]:
    """Both pools of a service on that database."""
    name = urlsplit(administrator).path[1:]
    app_dsn, engine_dsn = (with_database(dsn, name) for dsn in (template.roles.app_dsn, template.roles.engine_dsn))
    opened = await Database.connect(app_dsn, engine_dsn, SCHEMA)
    try:
        yield opened
    finally:
        await opened.close()
