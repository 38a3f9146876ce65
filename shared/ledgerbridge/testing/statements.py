"""Which behaviours are proved: the table of `make statements` (design.md 8).

As a pytest plugin it collects the outcome of every test that names statements; `--statements PATH` writes the table
as JSON. As a program, started in the project's root, it runs those tests alone and prints the table.
"""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

MOST_A_TEST = 3


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--statements`."""
    parser.addoption("--statements", metavar="PATH", help="write which statements the tests proved to this file")


def pytest_configure(config: pytest.Config) -> None:
    """Collect outcomes where they are asked for."""
    if config.getoption("--statements"):
        config.pluginmanager.register(_Table(Path(config.getoption("--statements"))), "ledgerbridge-statements")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse wrong use of the mark, and hand it to the reports (also across xdist's processes)."""
    for item in items:
        named = [tuple(mark.args) for mark in item.iter_markers("statement")]
        wrong = [one for one in named if one[1:] not in {("rule",), ("page",)}]
        if wrong or len(named) > MOST_A_TEST:
            raise pytest.UsageError(f'{item.nodeid}: at most three marks like statement("S-46", "rule")')
        item.user_properties.extend(("statement", f"{number} {view}") for number, view in named)


class _Table:
    """Collects outcomes by statement."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._proofs: dict[str, list[dict[str, str]]] = defaultdict(list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" and report.outcome == "passed":
            return
        for name, statement in report.user_properties:
            if name == "statement":
                self._proofs[str(statement)].append({"test": report.nodeid, "outcome": report.outcome})

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(session.config, "workerinput"):
            return
        rows = []
        for statement, proofs in sorted(self._proofs.items(), key=_numerically):
            holds = all(proof["outcome"] == "passed" for proof in proofs)
            value = f"{sum(proof['outcome'] == 'passed' for proof in proofs)} of {len(proofs)} tests"
            rows.append({"name": statement, "value": value, "goal": "all pass", "holds": holds, "tests": proofs})
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(rows, indent=1))


def _numerically(entry: tuple[str, object]) -> tuple[str, int, str]:
    number, _space, view = entry[0].partition(" ")
    letter, _dash, digits = number.partition("-")
    return letter, int("".join(one for one in digits if one.isdigit()) or 0), digits + view


def main() -> int:
    """Run the tests that name statements and print the table; answers pytest's status."""
    target = Path("build/statements.json")
    command = [sys.executable, "-m", "pytest", "-m", "statement", "--statements", str(target), *sys.argv[1:]]
    status = subprocess.run(command, check=False).returncode  # noqa: S603
    rows = json.loads(target.read_text())
    for row in rows:
        sys.stdout.write(f"{row['name']:14} {'holds' if row['holds'] else 'BROKEN':7} {row['value']}\n")
    proved = {row["name"] for row in rows if row["holds"]}
    for view in ("rule", "page"):
        sys.stdout.write(f"{sum(name.endswith(view) for name in proved)} statements hold as {view}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
