"""Red control of the table: a case that fails makes the run fail and is counted, whoever the judge is."""

import subprocess
import sys
from pathlib import Path

import pytest
from areas import area

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


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/crm/v3/objects/contacts/51", "contacts"),
        ("/crm/objects/2026-03/0-3/search", "deals"),
        ("/crm/v4/objects/deals/5/associations/companies/7", "associations"),
        ("/crm/associations/2026-09/deals/companies/labels", "associations"),
        ("/settings/v3/currencies/company-currency", "currencies"),
        ("/account-info/2026-09/details", "account-info"),
        ("/v3/company/9130350000000001/invoice/12/pdf", "invoice"),
        ("/oauth2/v1/tokens/bearer", "oauth"),
        ("/", "nothing"),
    ],
)
def test_calls_belong_to_areas(path: str, wanted: str) -> None:
    assert area(path) == wanted
