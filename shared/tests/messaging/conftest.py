"""A service with an outbox on real servers, and a plain client to look at the broker from outside."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio
from ledgerbridge.storage import Database
from ledgerbridge.testing.service_databases import service_database

from .bookkeeping import Bookkeeper, with_table
from .bus import Bus


@pytest.fixture
def bus(kafka_server: str, topic_prefix: str) -> Bus:
    return Bus(kafka_server, topic_prefix)


@pytest_asyncio.fixture
async def admin(postgres_server: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(postgres_server)
    yield connection
    await connection.close()


@pytest_asyncio.fixture
async def database(postgres_server: str) -> AsyncIterator[Database]:
    async with service_database(postgres_server, "bookkeeping") as made:
        database = await made.connect(size=12)
        yield database
        await database.close()


@pytest_asyncio.fixture
async def bookkeeper(postgres_server: str) -> AsyncIterator[Bookkeeper]:
    async with service_database(postgres_server, "bookkeeping") as made:
        database = await made.connect()
        await with_table(made.admin_dsn)
        yield Bookkeeper(database)
        await database.close()
