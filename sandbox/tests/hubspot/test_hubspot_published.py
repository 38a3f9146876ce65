"""Red controls of the published shapes: an answer that is not HubSpot's fails whoever gets it through `hubspot`."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

DEALS = "/crm/objects/2026-09/deals"


async def replaced(control: httpx.AsyncClient, body: Any, status: int = 200) -> None:
    await control.post("/faults", json={"vendor": "hubspot", "times": 1, "status": status, "body": body})


@pytest.mark.parametrize(
    ("break_it", "complaint"),
    [
        (lambda deal: deal.pop("updatedAt"), "Field required"),
        (lambda deal: deal.update(id=int(deal["id"])), "valid string"),
        (lambda deal: deal.update(archived="false"), "valid boolean"),
        (lambda deal: deal.update(createdAt="yesterday"), "valid datetime"),
        (lambda deal: deal["properties"].update(amount=12), "valid string"),
        (lambda deal: deal.update(colour="red"), "colour"),
    ],
    ids=["dropped", "number", "truth", "moment", "value", "unknown"],
)
async def test_a_changed_answer_is_noticed(
    hubspot: httpx.AsyncClient, control: httpx.AsyncClient, break_it: Callable[[dict[str, Any]], Any], complaint: str
) -> None:
    page = (await hubspot.get(DEALS, params={"limit": 1})).json()
    await replaced(control, page)
    assert (await hubspot.get(DEALS, params={"limit": 1})).json() == page
    break_it(page["results"][0])
    await replaced(control, page)
    with pytest.raises(AssertionError, match=complaint):
        await hubspot.get(DEALS, params={"limit": 1})


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"status": "error", "correlationId": "x"}, "message"),
        ({"status": "error", "message": 7, "correlationId": "x"}, "valid string"),
        ({"status": "error", "message": "No", "correlationId": "x", "errors": [{"code": "X"}]}, "Field required"),
        ({"status": "error", "message": "No", "correlationId": "x", "reason": "none"}, "reason"),
    ],
    ids=["silent", "number", "entry", "unknown"],
)
async def test_a_changed_refusal_is_noticed(
    hubspot: httpx.AsyncClient, control: httpx.AsyncClient, body: dict[str, Any], complaint: str
) -> None:
    await replaced(control, body, 400)
    with pytest.raises(AssertionError, match=complaint):
        await hubspot.get(DEALS)


async def test_a_changed_entry_of_a_batch_is_noticed(hubspot: httpx.AsyncClient, control: httpx.AsyncClient) -> None:
    wanted = {"inputs": [{"id": "1"}]}
    answer = await hubspot.post(f"{DEALS}/batch/read", json=wanted)
    assert answer.status_code == 207
    changed = answer.json()
    del changed["errors"][0]["category"]
    await replaced(control, changed, 207)
    with pytest.raises(AssertionError, match="category"):
        await hubspot.post(f"{DEALS}/batch/read", json=wanted)
