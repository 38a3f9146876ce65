"""The drafts' door on a real database, over HTTP, with the simulated vendors behind it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack

import httpx
import pytest
from drafts_hands import Sandbox, Wizard, running_sandbox
from drafts_office import Offices


@pytest.fixture(scope="session")
def sandbox_addresses() -> Iterator[dict[str, str]]:
    with running_sandbox() as addresses:
        yield addresses


@pytest.fixture
async def sandbox(sandbox_addresses: dict[str, str]) -> AsyncIterator[Sandbox]:
    """The vendors as they were at the beginning."""
    async with httpx.AsyncClient(timeout=30) as http:
        opened = Sandbox(http=http, **sandbox_addresses)
        await opened.reset()
        yield opened


@pytest.fixture
async def offices(sandbox: Sandbox, postgres_server: str) -> AsyncIterator[Offices]:
    async with AsyncExitStack() as stack:
        yield Offices(sandbox, postgres_server, stack)


@pytest.fixture
async def us(offices: Offices) -> Wizard:
    """A sales person with one American company (automated sales tax)."""
    return await offices.open("us", "us")


@pytest.fixture
async def uk(offices: Offices) -> Wizard:
    """A sales person with the British company (tax codes, multicurrency)."""
    return await offices.open("uk", "uk")
