"""Fixtures for every test of the project: `pytest_plugins = ["ledgerbridge.testing.plugin"]` in the root conftest.

`LEDGERBRIDGE_TEST_KAFKA` (bootstrap servers) and `LEDGERBRIDGE_TEST_DATABASE` (an administrator's address) name
servers to use; without them the session gets its own (`ledgerbridge.testing.servers`).
"""

import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from ledgerbridge.testing.databases import temporary_database
from ledgerbridge.testing.servers import shared_server


@pytest.fixture(scope="session")
def kafka_server(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The bootstrap servers of the session's broker."""
    return os.environ.get("LEDGERBRIDGE_TEST_KAFKA") or shared_server("kafka", *_session(tmp_path_factory))


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An administrator's address of the session's database server."""
    return os.environ.get("LEDGERBRIDGE_TEST_DATABASE") or shared_server("postgres", *_session(tmp_path_factory))


@pytest.fixture
def topic_prefix() -> str:
    """A prefix that no other test uses, for topics and for group ids."""
    return f"test-{uuid.uuid4().hex[:12]}."


@pytest_asyncio.fixture
async def fresh_database(postgres_server: str) -> AsyncIterator[str]:
    """An administrator's address of an empty database, dropped after the test."""
    async with temporary_database(postgres_server) as dsn:
        yield dsn


def _session(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """Where the workers of this session meet, and the process whose end is the session's end."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        return base.parent, os.getppid()
    return base, os.getpid()
