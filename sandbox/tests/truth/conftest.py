"""Judges: clients that others wrote for the real vendors, against the sandbox as a process of its own.

A file names its judge in `JUDGE`, or each case in the parameter `judge`. A case that cannot pass bears
`xfail(strict=True)` with the reason why. After the run a table says for each judge its cases, the calls that the
sandbox received, what passed and what is explained.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from textwrap import wrap

import pytest
from areas import area
from doors import Doors
from hubspot import HubSpot
from hubspot_portal import open_portal
from hubspot_strict import StrictHubSpot, open_strict
from quickbooks_books import Books, open_books

VENDORS = ("hubspot", "quickbooks")
ROWS: dict[str, Counter[str]] = defaultdict(Counter)
"""What each judge found, by judge."""
AREAS: dict[str, Counter[str]] = defaultdict(Counter)
"""Calls that the sandbox received, by judge and area."""
REASONS: Counter[tuple[str, str]] = Counter()
"""Why cases did not pass, by judge and reason."""
NOTES: list[str] = []
"""What a judge says beside its row: a case's property `note`."""


@pytest.fixture
def doors(ledgerbridge_sandbox: Doors, request: pytest.FixtureRequest) -> Iterator[Doors]:
    """As just opened, in the judges' own time, without limits on the rate; what the case called is counted."""
    ledgerbridge_sandbox.ask("PUT", "/clock", {"now": datetime.now(UTC).isoformat()})
    for vendor in VENDORS:
        ledgerbridge_sandbox.ask("PUT", f"/limits/{vendor}", {"on": False})
    yield ledgerbridge_sandbox
    heard = ledgerbridge_sandbox.ask("GET", "/journal").json()
    request.node.user_properties.append(("areas", dict(Counter(area(call["path"]) for call in heard))))


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


@pytest.fixture
def portal(doors: Doors) -> HubSpot:
    """The American account of HubSpot."""
    return open_portal(doors)


@pytest.fixture
def strict(doors: Doors) -> StrictHubSpot:
    """The same by hubspot-sdk, its schemas enforced."""
    return open_strict(doors)


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
        if verdict == "explained":
            REASONS[str(told["judge"]), report.wasxfail.removeprefix("reason: ")] += 1
    if report.when == "teardown":
        AREAS[str(told["judge"])].update(told.get("areas", {}))
        NOTES.extend(str(value) for name, value in report.user_properties if name == "note")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table; nothing where no judge was heard."""
    if not ROWS:
        return
    terminalreporter.section("truth")
    columns = ("cases", "calls", "passed", "explained", "failed")
    terminalreporter.write_line(f"{'judge':32}" + "".join(f"{name:>11}" for name in columns))
    for judge, counts in sorted(ROWS.items()):
        counts["calls"] = AREAS[judge].total()
        terminalreporter.write_line(f"{judge:32}" + "".join(f"{counts[name]:>11}" for name in columns))
    for note in NOTES:
        terminalreporter.write_line(note)
    for (judge, reason), count in sorted(REASONS.items()):
        terminalreporter.write_line(f"{judge}, explained {count}: {reason}")
    terminalreporter.write_line("calls by area")
    for judge, calls in sorted(AREAS.items()):
        told = f"{judge}: {', '.join(f'{name} {number}' for name, number in sorted(calls.items()))}"
        for line in wrap(told, 110, subsequent_indent="    ", break_long_words=False):
            terminalreporter.write_line(line)
