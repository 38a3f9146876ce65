"""One house for all tests that make their own records, and one of its own for a test that breaks things."""

import uuid
from collections.abc import AsyncIterator, Iterator, Mapping

import pytest
import pytest_asyncio
from following_hands import sandbox_process
from following_house import House, open_house


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[Mapping[str, str]]:
    with sandbox_process() as addresses:
        yield addresses


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(kafka_server: str, postgres_server: str, shared_sandbox: Mapping[str, str]) -> AsyncIterator[House]:
    """Shared: tests make their own records in it and move its clock forward only."""
    prefix = f"house-{uuid.uuid4().hex[:12]}."
    async with open_house(kafka_server, postgres_server, prefix, shared_sandbox) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def own_house(kafka_server: str, postgres_server: str, topic_prefix: str) -> AsyncIterator[House]:
    """A house that the test may break."""
    with sandbox_process() as addresses:
        async with open_house(kafka_server, postgres_server, topic_prefix, addresses) as opened:
            yield opened
