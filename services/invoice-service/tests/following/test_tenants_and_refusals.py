"""Another tenant sees nothing; every refusal has a code, a sentence and a remedy (the issue, 8)."""

import base64
import uuid
from typing import Any

import pytest
from following_hands import CHICAGO, POUNDS, US
from following_house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_another_tenant_finds_nothing_of_an_invoice(house: House) -> None:
    deal, theirs, ours = await house.followed()
    theirs_too = {"portal": POUNDS, "role": "administrator"}
    for method, address in (
        ("GET", f"/invoices/{ours}"),
        ("GET", f"/invoices/{ours}/pdf"),
        ("DELETE", f"/invoices/{ours}/links/deal/{deal}"),
        ("GET", f"/existing-invoices?connection={house.connections[US]}"),
    ):
        answer = await house.ask(method, address, **theirs_too)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND"), address
    content = {"connection_id": house.connections[US], "quickbooks_ids": [theirs], "deal_id": deal}
    assert (await house.ask("POST", "/links", portal=POUNDS, json=content)).status_code == 404
    for address in (
        "/invoices",
        f"/invoices?deal_id={deal}",
        "/records",
        f"/invoices?connection={house.connections[US]}",
    ):
        found = await house.get(address, portal=POUNDS)
        assert (found.get("invoices") or found.get("records") or []) == [], address
    counted = await house.get("/records/counts", portal=POUNDS)
    assert {one["connection_id"] for one in counted} <= {0, house.connections[CHICAGO]}
    retried = await house.ask("POST", "/records/retry", portal=POUNDS, json={"kind": "invoice", "subject_id": ours})
    assert retried.json() == {"records": 0}
    assert (await house.get(f"/invoices/{ours}"))["invoice"]["links"]["deal_id"] == deal


UNKNOWN = str(uuid.UUID(int=7))


@pytest.mark.parametrize(
    ("method", "address", "content", "status", "code", "field"),
    [
        ("GET", f"/invoices/{UNKNOWN}", None, 404, "NOT_FOUND", None),
        ("GET", "/invoices/not-an-id", None, 422, "INVALID", "invoice_id"),
        ("GET", "/invoices?stage=lost", None, 422, "INVALID", "stage"),
        ("GET", "/invoices?deal_id=1&contact_id=2", None, 422, "INVALID", "deal_id"),
        ("GET", "/invoices?after=nonsense", None, 422, "INVALID", "after"),
        ("GET", "/existing-invoices", None, 422, "INVALID", "connection"),
        ("GET", "/existing-invoices?connection=1&amount=-1", None, 422, "INVALID", "amount"),
        ("GET", "/existing-invoices?connection=1&first_day=tomorrow", None, 422, "INVALID", "first_day"),
        ("GET", "/existing-invoices?connection=999", None, 404, "NOT_FOUND", None),
        ("POST", "/links", {"connection_id": 1, "quickbooks_ids": ["1"]}, 422, "INVALID", "deal_id"),
        (
            "POST",
            "/links",
            {"connection_id": 1, "quickbooks_ids": [], "deal_id": "1"},
            422,
            "INVALID",
            "quickbooks_ids",
        ),
        ("POST", "/links", {"connection_id": 1, "quickbooks_ids": ["' or 1=1"], "deal_id": "1"}, 422, "INVALID", None),
        ("POST", "/links", {"connection_id": 999, "quickbooks_ids": ["1"], "deal_id": "1"}, 404, "NOT_FOUND", None),
        ("POST", "/links", {"connection_id": 1, "quickbooks_ids": ["999999"], "deal_id": "1"}, 404, "NOT_FOUND", None),
        ("DELETE", f"/invoices/{UNKNOWN}/links/deal/1", None, 404, "NOT_FOUND", None),
        ("DELETE", f"/invoices/{UNKNOWN}/links/ticket/1", None, 422, "INVALID", "object_type"),
        ("POST", "/records/retry", {}, 422, "INVALID", "kind"),
        ("GET", "/records?after=nonsense", None, 422, "INVALID", "after"),
        ("GET", "/records?state=happy", None, 422, "INVALID", "state"),
    ],
)
async def test_a_refusal_has_code_sentence_and_remedy(
    house: House, method: str, address: str, content: Any, status: int, code: str, field: str | None
) -> None:
    answer = await house.ask(method, address, json=content)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code), problem
    assert problem["sentence"]
    assert problem["remedy"]
    if field:
        assert problem["field"] == field


async def test_without_a_token_and_without_the_scope(house: House) -> None:
    answer = await house.http.get("/invoices")
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")
    answer = await house.ask("POST", "/links", role="viewer", json={"connection_id": 1, "quickbooks_ids": ["1"]})
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    answer = await house.ask("POST", "/records/retry", role="sales", json={"kind": "invoice"})
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")


async def test_the_deals_page_shows_what_hubspot_holds_to_who_signs_in(house: House) -> None:
    deal, theirs, _ours = await house.followed("1234.50")
    assert (await house.http.get(f"/deals/{deal}")).status_code == 401
    callers = house.service.app.state.access.callers
    client = await callers.make_client(house.tenants["24000001"], "a browser", "viewer")
    signed_in = base64.b64encode(f"{client.id}:{client.secret}".encode()).decode()
    page = await house.http.get(f"/deals/{deal}", headers={"Authorization": f"Basic {signed_in}"})
    number = (await house.sandbox.company(US, "invoice", theirs))["DocNumber"]
    assert page.status_code == 200
    assert number in page.text
    assert "Waiting to be sent" in page.text
    assert "NORTHWIND OUTFITTERS" in page.text


async def test_the_pdf_comes_from_quickbooks(house: House) -> None:
    _deal, _theirs, ours = await house.followed()
    answer = await house.ask("GET", f"/invoices/{ours}/pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")
