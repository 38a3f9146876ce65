"""Plain SQL migrations: numbered files, checksums, one transaction a file, one migrator at a time.

A schema's migrations come in sets (`messaging`, `sync`, the service's own), each numbered by itself. An applied file
that was edited is refused: write a new one. Files are `NNNN_name.sql`; a line `-- migrate:up` (dbmate's) may stand on
top.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources

import asyncpg

from ledgerbridge.storage.roles import SHARED_SCHEMA, RoleNames


class MigrationRefusedError(Exception):
    """A migration cannot be applied: an applied file was edited or is missing. The text says which and what to do."""


@dataclass(frozen=True)
class MigrationSet:
    """The folder `migrations` of one package, applied in the order of its numbers."""

    package: str

    @property
    def name(self) -> str:
        """The last part of the package's name, under which the set is remembered."""
        return self.package.rpartition(".")[2]

    def files(self) -> list["Migration"]:
        """Every file of the set, in order. Raises MigrationRefusedError for two files with one number."""
        folder = resources.files(self.package) / "migrations"
        names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
        migrations = [Migration(self.name, int(name[:4]), name, (folder / name).read_text()) for name in names]
        if len({migration.number for migration in migrations}) < len(migrations):
            raise MigrationRefusedError(f"two migrations of {self.package} have the same number; renumber one")
        return migrations


@dataclass(frozen=True)
class Migration:
    """One SQL file of a set."""

    component: str
    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the file's text."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


SHARED_MIGRATIONS = (MigrationSet("ledgerbridge.storage"),)


async def migrate(
    admin_dsn: str, schema: str, sets: Sequence[MigrationSet], *, prefix: str = "ledgerbridge"
) -> list[str]:
    """Bring a schema up to date and answer the names of the files applied now.

    Runs as the schema's owner role, under an advisory lock; `prepare` comes first. Raises MigrationRefusedError where
    an applied file was edited or is gone.
    """
    connection = await asyncpg.connect(admin_dsn)
    try:
        await connection.execute("select pg_advisory_lock(hashtext('ledgerbridge migrate ' || $1))", schema)
        await connection.execute(f'set role "{RoleNames(schema, prefix).owner}"')
        await connection.execute(f'set search_path = "{schema}", {SHARED_SCHEMA}')
        return [name for one in sets for name in await _apply(connection, one.files())]
    finally:
        await connection.close()


async def migrate_shared(admin_dsn: str, *, prefix: str = "ledgerbridge") -> list[str]:
    """Bring the schema `shared` up to date; it goes before every service's."""
    return await migrate(admin_dsn, SHARED_SCHEMA, SHARED_MIGRATIONS, prefix=prefix)


async def _apply(connection: "asyncpg.Connection[asyncpg.Record]", migrations: Sequence[Migration]) -> list[str]:
    await connection.execute(
        """create table if not exists migrations (
             component text not null, number int not null, name text not null, checksum text not null,
             applied_at timestamptz not null default clock_timestamp(), primary key (component, number))"""
    )
    applied = {
        row["number"]: row["checksum"]
        for row in await connection.fetch(
            "select number, checksum from migrations where component = any($1)",
            list({migration.component for migration in migrations}),
        )
    }
    _refuse_edited(migrations, applied)
    fresh = [migration for migration in migrations if migration.number not in applied]
    for migration in fresh:
        async with connection.transaction():
            await connection.execute(migration.sql)
            await connection.execute(
                "insert into migrations (component, number, name, checksum) values ($1, $2, $3, $4)",
                migration.component,
                migration.number,
                migration.name,
                migration.checksum,
            )
    return [f"{migration.component}/{migration.name}" for migration in fresh]


def _refuse_edited(migrations: Iterable[Migration], applied: dict[int, str]) -> None:
    known = {migration.number: migration for migration in migrations}
    for number, checksum in applied.items():
        if number not in known:
            raise MigrationRefusedError(
                f"migration {number:04d} was applied to this database but is not part of this version; "
                "run a version at least as new as the one that wrote the database"
            )
        if known[number].checksum != checksum:
            raise MigrationRefusedError(
                f"migration {known[number].name} was edited after it was applied; "
                "restore the file and write the change as a new migration"
            )
