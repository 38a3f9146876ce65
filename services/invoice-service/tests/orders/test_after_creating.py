"""What becomes of a created invoice: it is in QuickBooks' list, open to change and to sending there, and shown here."""

from decimal import Decimal
from typing import Any

import pytest
from ledgerbridge.testing.waiting import wait_until

from .conftest import AUTOMATED, US, House

pytestmark = pytest.mark.asyncio(loop_scope="module")

LINES = (
    {"name": "Consulting", "hs_sku": "SVC-100", "quantity": "2", "price": "150"},
    {"name": "Delivery", "hs_sku": "SVC-140", "quantity": "1", "price": "25"},
)


async def created(house: House) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """An invoice made from a deal: the deal, the invoice as we answer it and as QuickBooks holds it."""
    company, _customer = await house.linked_company(PrimaryEmailAddr={"Address": "pay@firm.example"})
    deal = await house.deal(LINES, company=company)
    body = {"deal_id": deal, "quickbooks_company": AUTOMATED, "terms": "Net 15", "message": "Thank you <very> much"}
    answer = await house.create(body)
    assert answer.status_code == 201, answer.text
    return deal, answer.json(), await in_quickbooks(house, answer.json()["quickbooks_id"])


async def in_quickbooks(house: House, quickbooks_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await house.control.get(f"/quickbooks/{AUTOMATED}/invoice/{quickbooks_id}")).json()
    return found


async def get(house: House, path: str, **params: Any) -> Any:
    answer = await house.http.get(path, params=params, headers=await house.token())
    assert answer.status_code == 200, answer.text
    return answer.json()


async def bookkeeper(house: House, invoice: dict[str, Any], act: str, **content: Any) -> None:
    """Somebody works on the invoice in QuickBooks' pages, and QuickBooks tells that it changed."""
    path = f"/people/bookkeeper/{AUTOMATED}/invoice/{invoice['quickbooks_id']}/{act}"
    answer = await house.control.post(path, json=content)
    assert answer.is_success, answer.text
    await house.notice("invoice", invoice["quickbooks_id"], AUTOMATED)


async def becomes(house: House, invoice: dict[str, Any], stage: str) -> dict[str, Any]:
    async def reached() -> dict[str, Any] | None:
        shown = await get(house, f"/invoices/{invoice['invoice_id']}")
        return shown if shown["invoice"]["stage"] == stage else None

    found: dict[str, Any] = await wait_until(reached, 10, f"the invoice is {stage}")
    return found


@pytest.mark.statement("S-06a", "rule")
@pytest.mark.statement("S-06b", "rule")
@pytest.mark.statement("S-08", "rule")
async def test_a_created_invoice_is_in_quickbooks_list_and_its_status_is_seen(house: House) -> None:
    deal, invoice, held = await created(house)
    path = f"/quickbooks/{AUTOMATED}/invoice"
    listed = [one for one in (await house.control.get(path)).json() if one.get("DocNumber") == invoice["number"]]
    assert [(one["Id"], Decimal(str(one["TotalAmt"]))) for one in listed] == [(held["Id"], Decimal(invoice["total"]))]
    connection = house.connections[AUTOMATED].id
    (hit,) = (await get(house, "/existing-invoices", connection=connection, number=invoice["number"]))["invoices"]
    assert (hit["quickbooks_id"], hit["stage"], hit["deal_id"]) == (held["Id"], "waiting_to_be_sent", deal)
    (of_deal,) = (await get(house, "/invoices", deal_id=deal))["invoices"]
    assert of_deal["invoice"]["stage"] == "waiting_to_be_sent"
    await bookkeeper(house, invoice, "pay", amount="25.00")
    shown = await becomes(house, invoice, "partial_payment")
    assert Decimal(shown["invoice"]["balance"]) == Decimal(invoice["total"]) - 25


@pytest.mark.statement("S-10", "rule")
async def test_a_created_invoice_can_still_be_changed_in_quickbooks(house: House) -> None:
    _deal, invoice, held = await created(house)
    first, *others = held["Line"]
    first["SalesItemLineDetail"]["Qty"], first["Amount"] = 3, 450
    await bookkeeper(house, invoice, "edit", Line=[first, *others], DueDate="2027-01-31")

    async def followed() -> dict[str, Any] | None:
        shown = (await get(house, f"/invoices/{invoice['invoice_id']}"))["invoice"]
        return shown if shown["due_date"] == "2027-01-31" else None

    shown = await wait_until(followed, 10, "the change is seen")
    assert Decimal(shown["lines"][0]["amount"]) == 450
    assert Decimal(shown["total"]) == Decimal(str((await in_quickbooks(house, held["Id"]))["TotalAmt"]))
    assert shown["stage"] == "waiting_to_be_sent"


@pytest.mark.statement("S-40", "rule")
@pytest.mark.statement("S-11", "rule")
async def test_a_created_invoice_waits_to_be_sent_from_quickbooks(house: House) -> None:
    _deal, invoice, held = await created(house)
    assert (held["EmailStatus"], held["BillEmail"]["Address"]) == ("NotSet", "pay@firm.example")
    assert not held.get("DeliveryInfo")
    assert not [one for one in (await house.control.get("/journal")).json() if one["path"].endswith("/send")]
    await bookkeeper(house, invoice, "send")
    shown = await becomes(house, invoice, "sent_to_customer")
    assert shown["invoice"]["delivered_at"] is not None


@pytest.mark.statement("S-39", "rule")
async def test_an_invoice_is_previewed_with_all_that_a_person_sees(house: House) -> None:
    deal, invoice, held = await created(house)
    whole = await get(house, f"/invoices/{invoice['invoice_id']}")
    shown = whole["invoice"]
    assert (shown["number"], shown["customer"]["name"]) == (held["DocNumber"], held["CustomerRef"]["name"])
    assert (shown["invoice_date"], shown["due_date"]) == (held["TxnDate"], held["DueDate"])
    assert (shown["terms"], shown["message"]) == ("Net 15", "Thank you <very> much")
    assert shown["recipient"]["email"] == "pay@firm.example"
    lines = [(one["item_name"], one["quantity"], one["unit_price"], one["amount"]) for one in shown["lines"]]
    assert [(name, *map(Decimal, figures)) for name, *figures in lines] == [
        (one["SalesItemLineDetail"]["ItemRef"]["name"], *map(Decimal, figures))
        for one, figures in zip(held["Line"], (("2", "150", "300"), ("1", "25", "25")), strict=False)
    ]
    for name, field in (("total", held["TotalAmt"]), ("balance", held["Balance"])):
        assert Decimal(shown[name]) == Decimal(str(field))
    assert Decimal(shown["tax"]) == Decimal(str(held["TxnTaxDetail"]["TotalTax"]))
    assert (shown["currency"], shown["stage"], shown["links"]["deal_id"]) == ("USD", "waiting_to_be_sent", deal)
    assert ([one["new"] for one in whole["history"]], whole["payments"]) == (["waiting_to_be_sent"], [])
    await bookkeeper(house, invoice, "pay")
    await becomes(house, invoice, "paid_in_full")

    async def payment_read() -> dict[str, Any] | None:
        now = await get(house, f"/invoices/{invoice['invoice_id']}")
        return now if now["payments"] else None

    paid = await wait_until(payment_read, 10, "the payment is seen")
    assert [one["new"] for one in paid["history"]] == ["waiting_to_be_sent", "paid_in_full"]
    assert [Decimal(one["received"]) for one in paid["payments"]] == [Decimal(shown["total"])]
    answer = await house.http.get(f"/invoices/{invoice['invoice_id']}/pdf", headers=await house.token())
    assert answer.content.startswith(b"%PDF")


@pytest.mark.statement("S-58", "rule")
@pytest.mark.statement("S-64", "rule")
async def test_a_deal_is_opened_by_its_id_and_shows_its_invoices(house: House) -> None:
    deal, invoice, _held = await created(house)

    async def written() -> str | None:
        page = (await house.http.get(f"/deals/{deal}", headers=await house.token())).text
        return page if "</th><td>Waiting to be sent</td>" in page else None

    page = await wait_until(written, 15, "HubSpot holds the deal's properties")
    assert f"<tr><th>Invoice number</th><td>{invoice['number']}</td></tr>" in page
    link = f'<a href="{invoice["urls"]["quickbooks"]}">{invoice["number"]}</a>'
    assert f"<td>{link}</td><td>{invoice['customer']['name']}</td><td>Waiting to be sent</td>" in page
    empty = await house.deal([], portal=US)
    other = (await house.http.get(f"/deals/{empty}", headers=await house.token())).text
    assert ("No invoice is linked to this deal." in other, invoice["number"] in other) == (True, False)
    stranger = await house.http.get(f"/deals/{deal}")
    assert (stranger.status_code, invoice["number"] in stranger.text) == (401, False)
