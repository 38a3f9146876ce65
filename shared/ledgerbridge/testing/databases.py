"""Databases that last as long as one test."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg


def with_database(dsn: str, database: str) -> str:
    """The same server and login, another database."""
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{database}"))


async def make_database(admin_dsn: str, name: str | None = None, template: str | None = None) -> str:
    """Make a database, empty or a copy of `template`, and answer the administrator's address of it.

    Nobody may be connected to the template meanwhile. Without a name it gets one of its own.
    """
    name = name or f"test_{uuid.uuid4().hex[:16]}"
    await _administer(admin_dsn, f'create database "{_plain(name)}" template "{_plain(template or "template0")}"')
    return with_database(admin_dsn, name)


async def drop_database(admin_dsn: str, name: str) -> None:
    """Drop a database and throw out whoever is connected to it."""
    await _administer(admin_dsn, f'drop database if exists "{_plain(name)}" with (force)')


async def database_exists(admin_dsn: str, name: str) -> bool:
    """Whether the server has a database of this name."""
    connection = await asyncpg.connect(admin_dsn)
    try:
        return bool(await connection.fetchval("select true from pg_database where datname = $1", name))
    finally:
        await connection.close()


@asynccontextmanager
async def temporary_database(admin_dsn: str, template: str | None = None) -> AsyncIterator[str]:
    """The administrator's address of a new database, empty or a copy of `template`, dropped at the end."""
    dsn = await make_database(admin_dsn, template=template)
    try:
        yield dsn
    finally:
        await drop_database(admin_dsn, urlsplit(dsn).path[1:])


async def _administer(admin_dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(admin_dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _plain(name: str) -> str:
    """Names cannot be parameters: refuse what is no plain identifier."""
    if not name.isidentifier():
        raise ValueError(f"{name!r} is no plain database name")
    return name
