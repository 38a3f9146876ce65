"""The fixture `house`: one house for a test session (one per worker of pytest-xdist)."""

from collections.abc import Iterator

import pytest

from tests.house import House, open_house


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """The whole product with the sandbox, connected; tests share it, so each uses records of its own."""
    with open_house() as opened:
        yield opened
