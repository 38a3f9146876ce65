from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from .running import Up

Runner = Callable[..., Up]


@pytest.fixture
def folder() -> Iterator[Path]:
    # Not tmp_path: PostgreSQL, not being root, must be able to pass through.
    with TemporaryDirectory(prefix="ledgerbridge-test-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture
def run(folder: Path) -> Iterator[Runner]:
    """Starts `ledgerbridge up` on the test's folder; whatever still runs is ended after the test."""
    runs: list[Up] = []

    def begin(*arguments: str, **environment: str) -> Up:
        runs.append(Up(folder / "home", *arguments, **{"LEDGERBRIDGE_DUMMY_SERVICE_PORT": "0", **environment}))
        return runs[-1]

    yield begin
    for one in runs:
        one.end()
