"""The fixture `house`: one house for a test session, also where pytest-xdist runs several workers."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from tests.house import House, open_house


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """The whole product with the sandbox, connected; tests share it, so each uses records of its own."""
    with open_house() as opened:
        yield opened


class HouseScheduling(LoadFileScheduling):  # type: ignore[misc] # xdist has no types
    """Tests of one file stay together, and all files that need the house share one worker.

    (The groups of xdist 3.8 have no effect with pytest 9.2.)
    """

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::", 1)[0]
        return "the house" if _needs_house(self.config.rootpath / path) else path


@cache
def _needs_house(path: Path) -> bool:
    return path.exists() and "from tests.house import" in path.read_text()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> HouseScheduling | None:
    """Use it for `--dist loadfile`."""
    return HouseScheduling(config, log) if config.getvalue("dist") == "loadfile" else None
