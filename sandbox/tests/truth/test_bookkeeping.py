"""For any sequence of what an application and a bookkeeper may do, the books of all three companies agree.

`LEDGERBRIDGE_PROPERTY_SECONDS` runs on other seeds for so long, else a few fixed sequences are tried.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from ledger import agreement
from ledger.bookkeeping import Bookkeeping
from ledger.door import START, Door, Inbox
from ledger.reference import Ledger
from ledgerbridge_sandbox.doors import started

JUDGE = "properties, QuickBooks"
SECONDS = float(os.environ.get("LEDGERBRIDGE_PROPERTY_SECONDS", "0"))
SETTINGS = settings(
    max_examples=12,
    stateful_step_count=25,
    derandomize=not SECONDS,
    deadline=None,
    database=None,
    report_multiple_bugs=False,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
COMPANIES = {
    "automated": (1, ("USD",), ("TAX", "NON")),
    "codes": (2, ("GBP", "EUR"), ("3", "4", "5")),
    "legacy": (3, ("USD",), ("TAX", "NON")),
}


@pytest.fixture(scope="module")
def inbox() -> Iterator[Inbox]:
    found = Inbox()
    yield found
    found.close()


@pytest.fixture(params=COMPANIES)
def machine(request: pytest.FixtureRequest, inbox: Inbox) -> Iterator[type[Bookkeeping]]:
    number, currencies, codes = COMPANIES[request.param]
    realm = f"913035000000000{number}"
    headers = {"authorization": f"Bearer sandbox-quickbooks-access-{number}"}
    with started("--start", START.isoformat()) as doors:
        door = Door(doors, inbox, "quickbooks", headers, f"/v3/company/{realm}/")
        facts = {"door": door, "realm": realm, "mode": request.param, "currencies": currencies, "codes": codes}
        yield type("Company", (Bookkeeping,), facts)
        calls = door.control("GET", "/journal/count")["count"]
        request.node.user_properties.append(("areas", {"bookkeeping": calls}))
        door.close()


@pytest.mark.timeout(max(300, SECONDS * 2))
def test_the_books_agree_after_every_step(machine: type[Bookkeeping]) -> None:
    if not SECONDS:
        run_state_machine_as_test(machine, settings=SETTINGS)
        return
    until, start = time.monotonic() + SECONDS, int(time.time())
    while time.monotonic() < until:
        start += 1
        print(f"seed {start}")  # noqa: T201 - shown where it fails
        run_state_machine_as_test(seed(start)(machine), settings=SETTINGS)


def wrong(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, change: Callable[[Any], Any]) -> None:
    """From now on `name` answers what `change` makes of what it answered."""
    right = getattr(where, name)
    monkeypatch.setattr(where, name, lambda *given, **named: change(right(*given, **named)))


def without_last(answer: tuple[int, Any]) -> tuple[int, Any]:
    """An answer of change data capture that forgets an object."""
    for block in answer[1].get("CDCResponse", [{}])[0].get("QueryResponse", []) if isinstance(answer[1], dict) else []:
        for rows in block.values():
            if isinstance(rows, list):
                rows.pop()
    return answer


def spoilt(field: str, value: Any) -> Callable[[tuple[int, Any]], tuple[int, Any]]:
    """An answer in which every object shows something else."""

    def change(answer: tuple[int, Any]) -> tuple[int, Any]:
        for item in answer[1].get("BatchItemResponse", []):
            for rows in item.get("QueryResponse", {}).values():
                for row in rows if isinstance(rows, list) else []:
                    if field in row:
                        row[field] = value
        return answer

    return change


MORE = Decimal("0.01")
RED: dict[str, tuple[Any, str, Callable[[Any], Any]]] = {
    "tax": (agreement, "sums_of", lambda sums: replace(sums, tax=sums.tax + MORE, total=sums.total + MORE)),
    "total": (Door, "call", spoilt("TotalAmt", Decimal("0.07"))),
    "balance": (Door, "call", spoilt("Balance", Decimal("0.07"))),
    "home": (Door, "call", spoilt("HomeTotalAmt", Decimal("0.07"))),
    "unapplied": (Door, "call", spoilt("UnappliedAmt", Decimal("0.07"))),
    "links": (Door, "call", spoilt("LinkedTxn", [{"TxnId": "1", "TxnType": "Payment"}])),
    "customer": (Ledger, "own", lambda owed: owed + MORE),
    "jobs": (Ledger, "with_jobs", lambda owed: owed + MORE),
    "token": (Door, "call", spoilt("SyncToken", "7")),
    "time": (agreement, "moment_of", lambda moment: moment + timedelta(seconds=1)),
    "capture": (Door, "call", without_last),
    "counted": (Door, "call", spoilt("Id", "7")),
    "number": (Ledger, "number", lambda number: str(int(number or 1) + 1)),
    "told": (Door, "told", lambda told: told + Counter([("qbo.invoice.updated.v1", "1", "{}")])),
    "untold": (Door, "told", lambda _told: Counter()),
    "refused": (Door, "fingerprint", lambda _found: object()),
}


@pytest.mark.parametrize("machine", ["codes"], indirect=True)
@pytest.mark.parametrize("what", RED)
def test_each_property_can_fail(machine: type[Bookkeeping], what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong(monkeypatch, *RED[what])
    with pytest.raises((AssertionError, KeyError)):
        run_state_machine_as_test(machine, settings=settings(SETTINGS, derandomize=True, phases=(Phase.generate,)))
