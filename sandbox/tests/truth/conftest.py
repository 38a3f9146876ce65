"""Judges: clients that others wrote for the real vendors, against the sandbox as a process of its own.

A file names its judge in `JUDGE`, or each case in the parameter `judge`. A case that cannot pass bears
`xfail(strict=True)` with the reason why. After the run a table says for each judge its cases, the calls that the
sandbox received, what passed and what is explained.
"""

import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest
from doors import Doors
from quickbooks_books import Books, open_books

VENDORS = ("hubspot", "quickbooks")
SWITCHES = [f"/{switches}/{vendor}" for switches in ("limits", "settings") for vendor in VENDORS]
"""What a reset of the records leaves as it is."""
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
    """As seeded, without limits on the rate; what the case called is counted for the table, what it set is put back."""
    process.ask("POST", "/reset", {})
    before = {path: process.ask("GET", path).json() for path in SWITCHES}
    for vendor in VENDORS:
        process.ask("PUT", f"/limits/{vendor}", {"on": False})
    process.ask("DELETE", "/journal")
    yield process
    calls = process.ask("GET", "/journal/count").json()["count"]
    request.node.user_properties.append(("calls", calls))
    process.ask("DELETE", "/faults")
    for path, found in before.items():
        process.ask("PUT", path, found)


@pytest.fixture(autouse=True)
def plain_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox's door speaks no TLS, which oauthlib asks for."""
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.fixture
def books(doors: Doors) -> Books:
    """The American company of automated tax."""
    return open_books(doors)


@pytest.fixture
def books_in_pounds(doors: Doors) -> Books:
    """The British company."""
    return open_books(doors, 2)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        judge = parameters.get("judge") or getattr(getattr(item, "module", None), "JUDGE", None)
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
