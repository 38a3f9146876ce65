"""What a sandbox remembers under load has bounds, and the oldest goes first."""

from collections import deque
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from ledgerbridge_sandbox.journal import CallFilter, Journal


def test_the_journal_forgets_the_oldest_calls() -> None:
    journal = Journal(kept=3)
    call: dict[str, Any] = {"vendor": "hubspot", "account": "", "who": "", "method": "GET", "query": "", "status": 200}
    for number in range(5):
        journal.record(at=datetime.now(UTC), path=f"/{number}", milliseconds=1.0, **call)
    assert [(each.seq, each.path) for each in journal.matching(CallFilter())] == [(3, "/2"), (4, "/3"), (5, "/4")]


async def test_deliveries_are_forgotten_by_their_size(
    control: httpx.AsyncClient, receiver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledgerbridge_sandbox.webhooks.KEPT_BYTES", 100)
    for number in range(1, 6):
        await control.post("/webhooks/hubspot/send", json={"events": [{"objectId": number, "padding": "x" * 20}]})
    kept = (await control.get("/webhooks/hubspot/deliveries")).json()
    assert [each["events"][0]["objectId"] for each in kept] == [4, 5]
    assert len(receiver.got) == 5


async def test_the_oldest_answer_to_a_request_id_is_forgotten(
    control: httpx.AsyncClient, world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledgerbridge_sandbox.quickbooks.calls._REMEMBERED", 2)
    await control.put("/limits/quickbooks", json={"on": False})
    url = f"{world.addresses['quickbooks']}/v3/company/9130350000000001/customer"
    headers = {"authorization": "Bearer sandbox-quickbooks-access-1"}
    seen: deque[int] = deque()
    for number, request in ((1, "a"), (2, "b"), (3, "c"), (4, "c"), (5, "a")):
        given = {"DisplayName": f"Asked {number}"}
        made = await control.post(url, json=given, params={"requestid": request}, headers=headers)
        seen.append(int(made.json()["Customer"]["DisplayName"].removeprefix("Asked ")))
    assert list(seen) == [1, 2, 3, 3, 5]
