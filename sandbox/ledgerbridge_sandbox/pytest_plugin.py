"""Fixtures for other people's tests; pytest finds them wherever the package is installed."""

from collections.abc import Iterator

import pytest

from ledgerbridge_sandbox.doors import Doors, started


@pytest.fixture(scope="session")
def ledgerbridge_sandbox_process() -> Iterator[Doors]:
    """One sandbox for all tests of a session, on free ports."""
    with started() as doors:
        yield doors


@pytest.fixture
def ledgerbridge_sandbox(ledgerbridge_sandbox_process: Doors) -> Doors:
    """HubSpot and QuickBooks Online, simulated, as if just opened."""
    ledgerbridge_sandbox_process.reset()
    return ledgerbridge_sandbox_process
