"""The fixture `house`: one house for a test session, also where pytest-xdist runs several workers."""

from collections.abc import Iterator

import pytest

from tests.house import House, open_house


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """The whole product with the sandbox, connected; tests share it, so each uses records of its own."""
    with open_house() as opened:
        yield opened


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With `--dist loadgroup` tests of one file stay together, and all that need the house share one worker."""
    for item in items:
        group = "house" if "house" in getattr(item, "fixturenames", ()) else item.path.stem
        item.add_marker(pytest.mark.xdist_group(group))
