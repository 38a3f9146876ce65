"""`ledgerbridge database prepare`: the roles and schemas of design.md 6.

Per service three roles: *owner* (no login; migrations run as it), *engine* and *app* (login). The groups
`<prefix>_engine` and `<prefix>_app` carry the rights on the schema `shared`.
"""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

SHARED_SCHEMA = "shared"


@dataclass(frozen=True)
class RoleNames:
    """The names of a schema's roles under an installation's prefix."""

    schema: str
    prefix: str = "ledgerbridge"

    def __post_init__(self) -> None:
        """Refuse what is no plain identifier: these names are written into statements."""
        for name in (self.schema, self.prefix):
            if not re.fullmatch(r"[a-z_][a-z0-9_]{0,30}", name):
                raise ValueError(f"{name!r} is not a plain lower-case identifier")

    @property
    def owner(self) -> str:
        """Runs migrations; cannot log in."""
        return f"{self.prefix}_{self.schema}_owner"

    @property
    def engine(self) -> str:
        """Moves the queues of all tenants."""
        return f"{self.prefix}_{self.schema}_engine"

    @property
    def app(self) -> str:
        """Works for one tenant at a time."""
        return f"{self.prefix}_{self.schema}_app"


@dataclass(frozen=True)
class ServiceRoles:
    """The addresses with which one service logs in; both hold a password."""

    schema: str
    app_dsn: str
    engine_dsn: str

    def __repr__(self) -> str:
        """Name the schema only: the addresses hold passwords."""
        return f"ServiceRoles({self.schema!r})"


async def prepare(
    admin_dsn: str,
    schemas: Iterable[str],
    *,
    prefix: str = "ledgerbridge",
    passwords: dict[str, str] | None = None,
) -> dict[str, ServiceRoles]:
    """Make or mend roles and schemas, and answer how each service logs in.

    `passwords` maps a login role to its password; what is missing is generated. Idempotent; safe to run at once from
    several processes. Needs an administrator of the database.
    """
    known = dict(passwords or {})
    connection = await asyncpg.connect(admin_dsn)
    try:
        async with connection.transaction():
            # Roles belong to the whole server: one preparer at a time.
            await connection.execute("select pg_advisory_xact_lock(hashtext('ledgerbridge prepare'))")
            await _make_groups(connection, prefix)
            await _make_schema(connection, RoleNames(SHARED_SCHEMA, prefix))
            await _remember_prefix(connection, prefix)
            services = {}
            for schema in schemas:
                names = RoleNames(schema, prefix)
                await _make_schema(connection, names)
                services[schema] = await _make_logins(connection, names, known, admin_dsn)
            return services
    finally:
        await connection.close()


async def _make_groups(connection: "asyncpg.Connection[asyncpg.Record]", prefix: str) -> None:
    for group in (f"{prefix}_app", f"{prefix}_engine"):
        await _make_role(connection, group)


async def _make_schema(connection: "asyncpg.Connection[asyncpg.Record]", names: RoleNames) -> None:
    await _make_role(connection, names.owner)
    await connection.execute(f'grant "{names.owner}" to current_user')
    await connection.execute(f'create schema if not exists "{names.schema}" authorization "{names.owner}"')
    if names.schema == SHARED_SCHEMA:
        await connection.execute(
            f'grant usage on schema "{names.schema}" to "{names.prefix}_app", "{names.prefix}_engine"'
        )
    else:
        shared = RoleNames(SHARED_SCHEMA, names.prefix)
        await connection.execute(f'grant usage on schema "{SHARED_SCHEMA}" to "{names.owner}"')
        await connection.execute(f'grant usage on schema "{names.schema}" to "{shared.owner}"')


async def _make_logins(
    connection: "asyncpg.Connection[asyncpg.Record]", names: RoleNames, known: dict[str, str], admin_dsn: str
) -> ServiceRoles:
    addresses = {}
    for role, group in ((names.app, f"{names.prefix}_app"), (names.engine, f"{names.prefix}_engine")):
        password = known.get(role) or secrets.token_urlsafe(24)
        await _make_role(connection, role)
        literal = await connection.fetchval("select quote_literal($1::text)", password)
        await connection.execute(f'alter role "{role}" login password {literal}')
        await connection.execute(f'grant "{group}" to "{role}"')
        await connection.execute(f'grant usage on schema "{names.schema}" to "{role}"')
        addresses[role] = _login_address(admin_dsn, role, password)
    return ServiceRoles(names.schema, addresses[names.app], addresses[names.engine])


async def _make_role(connection: "asyncpg.Connection[asyncpg.Record]", role: str) -> None:
    if not await connection.fetchval("select true from pg_roles where rolname = $1", role):
        await connection.execute(f'create role "{role}" nologin nobypassrls')


async def _remember_prefix(connection: "asyncpg.Connection[asyncpg.Record]", prefix: str) -> None:
    await connection.execute("create table if not exists shared.installation (role_prefix text primary key)")
    await connection.execute(
        "insert into shared.installation select $1 where not exists (select from shared.installation)", prefix
    )
    await connection.execute("grant select on shared.installation to public")


def _login_address(admin_dsn: str, role: str, password: str) -> str:
    """The administrator's address with another login."""
    parts = urlsplit(admin_dsn)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(role)}:{quote(password)}@{host}"))
