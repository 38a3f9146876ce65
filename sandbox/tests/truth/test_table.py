"""Red control of the table: a case that fails makes the run fail and is counted, whoever the judge is."""

import subprocess
import sys
from pathlib import Path

RED = """
import pytest

JUDGE = "a judge"


def test_right():
    pass


def test_wrong():
    assert "Nobody" == "Somebody"


@pytest.mark.xfail(strict=True, reason="this cannot pass")
def test_explained():
    raise AssertionError


@pytest.mark.xfail(strict=True, reason="this cannot pass, it is said")
def test_explained_although_it_passes():
    pass
"""


def test_what_fails_is_counted_and_fails_the_run(tmp_path: Path) -> None:
    (tmp_path / "test_red.py").write_text(RED)
    plugins = ("-p", "conftest", "-p", "no:cacheprovider", "-p", "no:randomly")
    command = (sys.executable, "-m", "pytest", "-q", "--rootdir", str(tmp_path), *plugins, str(tmp_path))
    done = subprocess.run(
        command,
        cwd=Path(__file__).parent,
        env={"PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    row = next(line.split() for line in done.stdout.splitlines() if line.startswith("a judge "))
    assert row[2:] == ["4", "0", "1", "1", "2"], done.stdout
