"""What `ledgerbridge up` does in its own process before the services start: roles, migrations, topics."""

import asyncpg
from aiokafka.errors import KafkaError

from ledgerbridge.embedded.errors import CannotStartError
from ledgerbridge.embedded.installation import Installation, Preparation
from ledgerbridge.messaging.topics import TopicRefusedError, create
from ledgerbridge.service.description import topics_of
from ledgerbridge.storage import MigrationRefusedError, RoleNames, migrate, prepare
from ledgerbridge.storage.migrations import migrate_shared

REFUSALS = (
    OSError,
    ValueError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    KafkaError,
    MigrationRefusedError,
    TopicRefusedError,
)


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


async def _topics(installation: Installation) -> None:
    settings, topics = installation.settings, topics_of(installation.services)
    await create(installation.kafka, settings.topic_prefix, topics, settings.partitions, settings.replicas)


PREPARATIONS: tuple[Preparation, ...] = (
    Preparation("the database's roles", _roles),
    Preparation("the database's tables", _migrations),
    Preparation("Kafka's topics", _topics),
)


async def prepare_all(installation: Installation) -> None:
    """Everything, in order; all of it may be repeated. Raises CannotStartError that names what could not be done."""
    for preparation in PREPARATIONS:
        try:
            await preparation.prepare(installation)
        except REFUSALS as refusal:
            raise CannotStartError(f"{preparation.name} could not be prepared: {refusal}") from refusal


async def make_database_once(server_dsn: str, name: str) -> None:
    """Make the installation's database on the embedded server; `name` is a plain identifier."""
    connection = await asyncpg.connect(server_dsn)
    try:
        if not await connection.fetchval("select true from pg_database where datname = $1", name):
            await connection.execute(f'create database "{name}"')
    finally:
        await connection.close()
