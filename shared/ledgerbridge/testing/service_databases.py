"""A service's database for tests: roles under a prefix of this session, migrated once, copied for each test."""

import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import asyncpg

from ledgerbridge.storage import Database, MigrationSet, ServiceRoles, migrate, prepare
from ledgerbridge.storage.migrations import migrate_shared
from ledgerbridge.testing.databases import make_database, temporary_database, with_database
from ledgerbridge.testing.waiting import wait_until

ALONE_SECONDS = 30.0
_PREFIX = f"t{uuid.uuid4().hex[:8]}"
_templates: dict[tuple[str, str, tuple[str, ...]], tuple[str, ServiceRoles]] = {}


@dataclass(frozen=True)
class ServiceDatabase:
    """A database of one service: the administrator's address and those of its roles."""

    admin_dsn: str
    roles: ServiceRoles

    async def connect(self, size: int = 5) -> Database:
        """The service's own door to it; the caller closes it."""
        return await Database.connect(self.roles.app_dsn, self.roles.engine_dsn, self.roles.schema, size=size)


@asynccontextmanager
async def service_database(
    admin_dsn: str, schema: str, sets: Sequence[MigrationSet] = (MigrationSet("ledgerbridge.messaging"),)
) -> AsyncIterator[ServiceDatabase]:
    """A fresh database with the schema `shared` and the service's schema, dropped at the end.

    `admin_dsn` is the fixture `postgres_server`. The first call of a session migrates a template.
    """
    key = (admin_dsn, schema, tuple(one.package for one in sets))
    if key not in _templates:
        _templates[key] = await _make_template(admin_dsn, schema, sets)
    template, roles = _templates[key]
    async with temporary_database(admin_dsn, template=template) as dsn:
        name = urlsplit(dsn).path[1:]
        yield ServiceDatabase(
            dsn,
            ServiceRoles(schema, with_database(roles.app_dsn, name), with_database(roles.engine_dsn, name)),
        )


async def _make_template(admin_dsn: str, schema: str, sets: Sequence[MigrationSet]) -> tuple[str, ServiceRoles]:
    dsn = await make_database(admin_dsn)
    # Roles belong to the server and their passwords must stay: the same prefix and one password for all copies.
    prefix = f"{_PREFIX}{len(_templates)}"
    roles = (await prepare(dsn, [schema], prefix=prefix))[schema]
    await migrate_shared(dsn, prefix=prefix)
    await migrate(dsn, schema, sets, prefix=prefix)
    await _wait_alone(admin_dsn, urlsplit(dsn).path[1:])
    return urlsplit(dsn).path[1:], roles


async def _wait_alone(admin_dsn: str, name: str) -> None:
    """A template may have no connection: those just closed need a moment to be gone."""
    connection = await asyncpg.connect(admin_dsn)
    alone = "select not exists (select from pg_stat_activity where datname = $1)"
    try:
        await wait_until(lambda: connection.fetchval(alone, name), ALONE_SECONDS, "the template has no connection")
    finally:
        await connection.close()
