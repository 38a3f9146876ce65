"""The requirement files: everything pinned by hash, no address, nothing forgotten."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "requirements").glob("*.txt"))
OURS = {"ledgerbridge", "ledgerbridge-sandbox", "invoice-service", "webhook-gateway"}


def _pins(path: Path) -> dict[str, str]:
    """Each requirement with everything that belongs to it, by normalised name."""
    logical = path.read_text().replace("\\\n", " ").splitlines()
    return {_name(line): line for line in logical if line.strip() and not line.startswith("#")}


def _name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement.strip())
    assert found is not None, requirement
    return re.sub(r"[-_.]+", "-", found[0]).lower()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_everything_is_pinned_by_hash_and_nothing_names_an_address(path: Path) -> None:
    assert "://" not in path.read_text()
    for name, line in _pins(path).items():
        assert re.match(r"[^=]+==\S+", line), name
        assert "--hash=sha256:" in line, name


def test_every_declared_dependency_is_pinned() -> None:
    pinned = set(_pins(ROOT / "requirements" / "development.txt"))
    declared = set()
    for path in [ROOT / "pyproject.toml", ROOT / "shared/pyproject.toml", ROOT / "sandbox/pyproject.toml"]:
        project = tomllib.loads(path.read_text())
        groups = [project["project"]["dependencies"], *project.get("dependency-groups", {}).values()]
        groups += project["project"].get("optional-dependencies", {}).values()
        declared |= {_name(one) for group in groups for one in group}
    assert declared - OURS <= pinned
