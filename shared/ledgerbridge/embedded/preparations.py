"""What `ledgerbridge up` does in its own process before the services start: roles, migrations, topics."""

import asyncpg

from ledgerbridge.embedded.installation import Installation, Preparation
from ledgerbridge.storage import RoleNames, migrate, prepare
from ledgerbridge.storage.migrations import migrate_shared


async def _roles(installation: Installation) -> None:
    schemas = [service.schema for service in installation.services]
    logins = [login for schema in schemas for login in (RoleNames(schema).app, RoleNames(schema).engine)]
    passwords = {login: installation.secrets.password(login) for login in logins}
    # Before the roles get them: a password that nobody kept would lock the services out.
    installation.secrets.save()
    roles = await prepare(installation.admin_dsn, schemas, passwords=passwords)
    for service in installation.services:
        own = roles[service.schema]
        installation.environment_of.setdefault(service.name, {}).update(
            LEDGERBRIDGE_DATABASE_APP=own.app_dsn, LEDGERBRIDGE_DATABASE_ENGINE=own.engine_dsn
        )


async def _migrations(installation: Installation) -> None:
    await migrate_shared(installation.admin_dsn)
    for service in installation.services:
        await migrate(installation.admin_dsn, service.schema, service.migrations)


PREPARATIONS: tuple[Preparation, ...] = (
    Preparation("the database's roles", _roles),
    Preparation("the database's tables", _migrations),
)


async def prepare_all(installation: Installation) -> None:
    """Everything, in order. All of it may be repeated."""
    for preparation in PREPARATIONS:
        await preparation.prepare(installation)


async def make_database_once(server_dsn: str, name: str) -> None:
    """Make the installation's database on the embedded server; `name` is a plain identifier."""
    connection = await asyncpg.connect(server_dsn)
    try:
        if not await connection.fetchval("select true from pg_database where datname = $1", name):
            await connection.execute(f'create database "{name}"')
    finally:
        await connection.close()
