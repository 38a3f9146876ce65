"""The drills' own house: what they do to it would disturb every other test."""

from collections.abc import Iterator

import pytest

from tests.drills.books import Books
from tests.drills.household import BreakableHouse, open_breakable_house


@pytest.fixture(scope="session")
def breakable_house() -> Iterator[BreakableHouse]:
    with open_breakable_house() as house:
        yield house


@pytest.fixture
def books(breakable_house: BreakableHouse) -> Iterator[Books]:
    yield Books(breakable_house)
    breakable_house.sandbox.clear_faults()
    breakable_house.point_webhooks()
