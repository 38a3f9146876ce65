"""Judges: clients that others wrote for the real vendors, against the sandbox as a process of its own.

A file names its judge in `JUDGE`. A case that cannot pass bears `xfail(strict=True)` with the reason why. After the run
a table says for each judge its cases, the calls that the sandbox received, what passed and what is explained.
"""

import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest
from doors import Doors
from quickbooks_books import Books, open_books

ROWS: dict[str, Counter[str]] = defaultdict(Counter)
"""What each judge found, by judge."""


@pytest.fixture(scope="session")
def process() -> Iterator[Doors]:
    ports = [part for name in ("hubspot", "quickbooks", "control") for part in (f"--{name}-port", "0")]
    command = (sys.executable, "-m", "ledgerbridge_sandbox", "--print-json", *ports)
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout is not None
        yield Doors(**json.loads(running.stdout.readline()))
    finally:
        running.terminate()
        running.wait()


@pytest.fixture
def doors(process: Doors, request: pytest.FixtureRequest) -> Iterator[Doors]:
    """As seeded, without limits on the rate; what the case called is counted for the table."""
    process.ask("POST", "/reset", {})
    for vendor in ("hubspot", "quickbooks"):
        process.ask("PUT", f"/limits/{vendor}", {"on": False})
    process.ask("DELETE", "/journal")
    yield process
    calls = process.ask("GET", "/journal/count").json()["count"]
    request.node.user_properties.append(("calls", calls))


@pytest.fixture
def books(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> Books:
    """The American company of automated tax."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # this machine's own door speaks plain HTTP
    return open_books(doors)


@pytest.fixture
def books_in_pounds(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> Books:
    """The British company."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    return open_books(doors, 2)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        judge = getattr(getattr(item, "module", None), "JUDGE", None)
        if judge:
            item.user_properties.append(("judge", judge))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    told = dict(report.user_properties)
    if "judge" not in told:
        return
    row = ROWS[str(told["judge"])]
    if report.when == "call" or report.failed:
        verdict = "explained" if hasattr(report, "wasxfail") and report.skipped else report.outcome
        row.update({"cases": 1, verdict: 1})
    if report.when == "teardown":
        row["calls"] += int(told.get("calls", 0))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table; nothing where no judge was heard."""
    if not ROWS:
        return
    terminalreporter.section("truth")
    columns = ("cases", "calls", "passed", "explained", "failed")
    terminalreporter.write_line(f"{'judge':32}" + "".join(f"{name:>11}" for name in columns))
    for judge, counts in sorted(ROWS.items()):
        terminalreporter.write_line(f"{judge:32}" + "".join(f"{counts[name]:>11}" for name in columns))
