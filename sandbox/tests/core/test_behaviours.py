"""The pages of behaviours are true: each row has evidence and a test that exists; no test file is left out."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
PAGES = sorted((TESTS.parent / "docs").glob("*.md"))
EVIDENCE = ("documentation", "recording", "SDK", "schema", "guess")
_NAMED = re.compile(r"`([\w/-]+(?:\.test)?\.(?:py|js|java))(?:::(\w+))?`")


def rows(page: Path) -> list[list[str]]:
    """The cells of every row of the page's table of behaviours."""
    section = page.read_text().split("\n## Behaviours\n")[1].split("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in table]


def named(page: Path) -> list[tuple[str, str]]:
    return [(file, name) for row in rows(page) for file, name in _NAMED.findall(row[2])]


def test_there_is_a_page_for_each_vendor() -> None:
    assert {page.stem for page in PAGES} >= {"hubspot", "quickbooks"}
    assert all(len(rows(page)) > 50 for page in PAGES if page.stem in {"hubspot", "quickbooks"})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_row_has_evidence_and_a_test(page: Path) -> None:
    for behaviour, evidence, test in rows(page):
        assert evidence.startswith(EVIDENCE), behaviour
        assert _NAMED.search(test), behaviour


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_test_that_is_named_exists(page: Path) -> None:
    missing = [(file, name) for file, name in named(page) if not defined(TESTS / file, name)]
    assert missing == []


def defined(file: Path, name: str) -> bool:
    """Whether the file is there and, where one is named, the test in it."""
    return file.is_file() and (not name or re.search(rf"\b{name}\b", file.read_text()) is not None)


@pytest.mark.parametrize("vendor", ["hubspot", "quickbooks"])
def test_no_test_file_of_a_vendor_is_left_out(vendor: str) -> None:
    files = {f"{vendor}/{file.name}" for file in (TESTS / vendor).glob("test_*.py")}
    assert files - {file for page in PAGES for file, _ in named(page)} == set()
