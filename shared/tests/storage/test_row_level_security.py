"""Every table of every schema against row-level security: what a table forgets is found here, not in production."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from ledgerbridge.storage import Database, MigrationSet
from ledgerbridge.testing.service_databases import ServiceDatabase, service_database

ROOMS = {
    "invoice_service": ("ledgerbridge.messaging", "ledgerbridge.sync", "invoice_service"),
    "webhook_gateway": ("ledgerbridge.messaging", "webhook_gateway"),
}
OURS, THEIRS = 7, 8


@pytest.fixture(params=ROOMS)
async def house(request: pytest.FixtureRequest, postgres_server: str) -> AsyncIterator[ServiceDatabase]:
    """A service's database with all its sets of migrations."""
    sets = tuple(MigrationSet(room) for room in ROOMS[request.param])
    async with service_database(postgres_server, request.param, sets) as made:
        yield made


@pytest.fixture
async def admin(house: ServiceDatabase) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(house.admin_dsn)
    yield connection
    await connection.close()


async def tenant_tables(admin: "asyncpg.Connection[asyncpg.Record]") -> list[str]:
    rows = await admin.fetch(
        """select format('%I.%I', n.nspname, c.relname) as name from pg_class c
           join pg_namespace n on n.oid = c.relnamespace
           where n.nspname not in ('pg_catalog', 'information_schema')
             and c.relkind in ('r', 'p') and not c.relispartition
             and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id')
           order by 1"""
    )
    return [row["name"] for row in rows]


async def test_every_table_with_a_tenant_forces_row_level_security(
    admin: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    tables = await tenant_tables(admin)
    assert {"shared.accounts", "shared.grants", "shared.clients"} <= set(tables)
    for table in tables:
        row = await admin.fetchrow(
            """select relrowsecurity, relforcerowsecurity,
                 (select count(*) from pg_policy where polrelid = c.oid) as policies,
                 pg_get_userbyid(relowner) like '%owner' as by_owner
               from pg_class c where oid = $1::text::regclass""",
            table,
        )
        assert row is not None
        assert row["relrowsecurity"], table
        assert row["relforcerowsecurity"], table
        assert row["policies"], table
        assert row["by_owner"], table


async def test_login_roles_own_nothing_and_bypass_nothing(
    house: ServiceDatabase, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    for role in await login_roles(house):
        row = await admin.fetchrow("select * from pg_roles where rolname = $1", role)
        assert row is not None
        assert not any(row[power] for power in ("rolsuper", "rolbypassrls", "rolcreaterole", "rolcreatedb"))
        assert await admin.fetchval("select count(*) from pg_class where relowner = $1::text::regrole", role) == 0


async def test_app_sees_and_writes_its_tenant_only_in_every_table(
    house: ServiceDatabase, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    app, _engine = await login_roles(house)
    seen = 0
    for table in await tenant_tables(admin):
        transaction = admin.transaction()
        await transaction.start()
        try:
            await put_row(admin, table, OURS)
            await admin.execute(f'set local role "{app}"')
            if not await admin.fetchval("select has_table_privilege($1, 'select')", table):
                continue
            seen += 1
            assert await count(admin, table, None) == 0, f"{table}: without a tenant"
            assert await count(admin, table, THEIRS) == 0, f"{table}: another tenant reads"
            assert await admin.execute(f"delete from {table}") == "DELETE 0", f"{table}: another tenant deletes"  # noqa: S608
            assert await count(admin, table, OURS) == 1, f"{table}: its own tenant"
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                await admin.execute(f"update {table} set tenant_id = {THEIRS}")  # noqa: S608
        finally:
            await transaction.rollback()
    assert seen > 5


async def test_engine_reads_no_facts(house: ServiceDatabase) -> None:
    database = await Database.connect(house.roles.app_dsn, house.roles.engine_dsn, house.roles.schema)
    try:
        for table in ("grants", "connection_history"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with database.engine() as tx:
                    await tx.fetch(f"select * from shared.{table}")  # noqa: S608
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.tenant(OURS) as tx:
                await tx.fetch("select private_key from shared.signing_keys")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.tenant(OURS) as tx:
                await tx.fetch("select * from shared.budgets")
    finally:
        await database.close()


async def test_a_tenants_binding_ends_with_its_transaction(house: ServiceDatabase) -> None:
    database = await Database.connect(house.roles.app_dsn, house.roles.engine_dsn, house.roles.schema, size=1)
    try:
        async with database.tenant(OURS) as tx:
            first = await tx.fetchval("select pg_backend_pid()")
            assert await tx.fetchval("select current_setting('ledgerbridge.tenant', true)") == str(OURS)
        async with database.tenant(THEIRS) as tx:
            assert await tx.fetchval("select pg_backend_pid()") == first
            assert await tx.fetchval("select current_setting('ledgerbridge.tenant', true)") == str(THEIRS)
    finally:
        await database.close()


async def login_roles(house: ServiceDatabase) -> tuple[str, str]:
    """The names of app and engine."""
    found = []
    for dsn in (house.roles.app_dsn, house.roles.engine_dsn):
        connection = await asyncpg.connect(dsn)
        found.append(await connection.fetchval("select current_user"))
        await connection.close()
    return found[0], found[1]


async def count(admin: "asyncpg.Connection[asyncpg.Record]", table: str, tenant: int | None) -> int:
    await admin.execute("select set_config('ledgerbridge.tenant', $1, true)", "" if tenant is None else str(tenant))
    return int(await admin.fetchval(f"select count(*) from {table}"))  # noqa: S608


async def put_row(admin: "asyncpg.Connection[asyncpg.Record]", table: str, tenant: int) -> None:
    """One row of the tenant, with any value in every column that needs one; what would object is put aside."""
    await admin.execute("set local session_replication_role = replica")
    checks = await admin.fetch(
        "select conname from pg_constraint where conrelid = $1::text::regclass and contype = 'c'", table
    )
    for check in checks:
        await admin.execute(f'alter table {table} drop constraint "{check["conname"]}"')
    if await admin.fetchval("select relkind = 'p' from pg_class where oid = $1::text::regclass", table):
        await admin.execute(f"create table {table}_rls_probe partition of {table} default")
    columns = await admin.fetch(
        """select attname as name, format_type(atttypid, null) as type from pg_attribute
           where attrelid = $1::text::regclass and attnum > 0 and not attisdropped and attnotnull
             and not atthasdef and attidentity = '' and attname <> 'tenant_id'""",
        table,
    )
    names = ", ".join(["tenant_id", *(f'"{one["name"]}"' for one in columns)])
    values = ", ".join([str(tenant), *(f"{any_value(one['type'])}::{one['type']}" for one in columns)])
    await admin.execute(f"insert into {table} ({names}) values ({values})")  # noqa: S608


def any_value(kind: str) -> str:
    if kind.endswith("[]"):
        return "'{}'"
    if kind.startswith("timestamp") or kind == "date":
        return "'2026-11-23'"
    values = {
        "bytea": "'x'",
        "jsonb": "'{}'",
        "uuid": "'00000000-0000-0000-0000-000000000001'",
        "boolean": "'true'",
        "interval": "'1 second'",
    }
    return values.get(kind, "'1'")
