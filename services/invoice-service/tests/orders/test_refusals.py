"""Every refusal of a create, once, with its code; nothing is created by any of them."""

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import httpx
import pytest

from .conftest import AUTOMATED, BRITISH, UK, US, House

pytestmark = pytest.mark.asyncio(loop_scope="module")

LINE = {"name": "Consulting", "hs_sku": "SVC-100", "quantity": "2", "price": "150"}


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", answer.text)


async def create(house: House, deal_id: str, **more: Any) -> httpx.Response:
    return await house.create({"deal_id": deal_id, "quickbooks_company": AUTOMATED, **more})


async def held(house: House, realm: str, entity: str) -> list[dict[str, Any]]:
    rows = (await house.control.get(f"/quickbooks/{realm}/{entity}")).json()
    return rows if isinstance(rows, list) else next(iter(rows.values()))


async def test_a_deal_that_is_not_there(house: House) -> None:
    assert refused(await create(house, "999999999")) == (404, "NOT_FOUND")


async def test_several_customers_fit(house: House) -> None:
    name = f"Twins {uuid.uuid4().hex[:6]}"
    for number in (1, 2):
        await house.customer(AUTOMATED, f"{name} {number}", CompanyName=name)
    deal = await house.deal([LINE], company=await house.company(name))
    answer = await create(house, deal)
    assert refused(answer) == (409, "AMBIGUOUS_CUSTOMER")
    assert f"{name} 2" in answer.json()["sentence"]


async def test_a_customer_of_another_currency(house: House) -> None:
    company, customer = await house.linked_company()
    deal = await house.deal([LINE], company=company, deal_currency_code="EUR")
    assert refused(await create(house, deal)) == (422, "CURRENCY_MISMATCH")
    assert await house.invoices_of(AUTOMATED, customer) == []


async def test_a_line_without_an_item_unless_a_default_is_set(house: House) -> None:
    company, _customer = await house.linked_company()
    deal = await house.deal([{"name": "Unheard of", "quantity": "1", "price": "10"}], company=company)
    answer = await create(house, deal)
    assert refused(answer) == (422, "NO_ITEM")
    assert "Unheard of" in answer.json()["sentence"]
    active = next(row for row in await held(house, AUTOMATED, "item") if row.get("Active") and row.get("Sku"))
    await house.settings(AUTOMATED, default_item=active["Id"])
    assert (await create(house, deal)).status_code == 201
    await house.settings(AUTOMATED, default_item=None)


async def test_an_inactive_item(house: House) -> None:
    _company, customer = await house.linked_company()
    retired = next(row for row in await held(house, AUTOMATED, "item") if row.get("Active") is False)
    lines = [{"item_id": retired["Id"], "quantity": "1", "unit_price": "5"}]
    body = {"quickbooks_company": AUTOMATED, "buyer": {"customer_id": customer}, "lines": lines}
    assert refused(await house.create(body)) == (422, "ITEM_INACTIVE")


async def test_a_date_in_closed_books(house: House) -> None:
    company, customer = await house.linked_company()
    await house.preferences(AUTOMATED, BookCloseDate="2026-09-30")
    await house.control.post("/clock/advance", json={"seconds": 61})
    answer = await create(house, await house.deal([LINE], company=company), invoice_date="2026-09-15")
    assert refused(answer) == (422, "BOOKS_CLOSED")
    assert "2026-09-30" in answer.json()["sentence"]
    assert await house.invoices_of(AUTOMATED, customer) == []


async def test_the_name_of_a_vendor(house: House) -> None:
    name = f"Hill Paving {uuid.uuid4().hex[:6]}"
    answer = await house.control.post(f"/people/bookkeeper/{AUTOMATED}/vendor", json={"DisplayName": name})
    await house.stale("vendor", str(answer.json()["Id"]), AUTOMATED)
    answer = await create(house, await house.deal([LINE], company=await house.company(name)))
    assert refused(answer) == (422, "NAME_TAKEN")
    assert "vendor" in answer.json()["sentence"]


@pytest.mark.statement("S-68", "rule")
@pytest.mark.statement("S-69", "rule")
async def test_a_strict_connection_makes_no_customer(house: House) -> None:
    name = f"Stranger {uuid.uuid4().hex[:6]}"
    deal = await house.deal([LINE], company=await house.company(name))
    await house.settings(AUTOMATED, mode="strict")
    answer = await create(house, deal)
    assert refused(answer) == (422, "NOT_ELIGIBLE")
    assert "contact sync is off" in answer.json()["sentence"]
    await house.settings(AUTOMATED, mode="legacy")
    assert not [row for row in await held(house, AUTOMATED, "customer") if row["DisplayName"] == name]
    assert (await create(house, deal)).status_code == 201


async def test_a_deal_without_lines(house: House) -> None:
    company, _customer = await house.linked_company()
    assert refused(await create(house, await house.deal([], company=company))) == (422, "NO_LINES")


async def test_a_deal_without_anybody(house: House) -> None:
    assert refused(await create(house, await house.deal([LINE]))) == (422, "NO_BUYER")


async def test_unknown_terms(house: House) -> None:
    company, _customer = await house.linked_company()
    answer = await create(house, await house.deal([LINE], company=company), terms="Net 4711")
    assert (*refused(answer), answer.json()["field"]) == (422, "INVALID", "terms")


async def test_terms_by_name_set_the_due_date(house: House) -> None:
    company, _customer = await house.linked_company()
    deal = await house.deal([LINE], company=company)
    answer = await create(house, deal, terms="net 30", invoice_date="2026-11-05")
    assert (answer.status_code, answer.json().get("due_date")) == (201, "2026-12-05"), answer.text
    assert answer.json()["terms"] == "Net 30"


async def test_a_line_without_a_tax_code_outside_the_us(house: House) -> None:
    _company, customer = await house.linked_company(BRITISH, portal=UK)
    model = next(row for row in await held(house, BRITISH, "item") if row.get("Active") and row.get("IncomeAccountRef"))
    made = {
        "Name": f"Untaxed {uuid.uuid4().hex[:6]}",
        "Type": "Service",
        "IncomeAccountRef": model["IncomeAccountRef"],
    }
    item = (await house.control.post(f"/people/bookkeeper/{BRITISH}/item", json=made)).json()
    await house.stale("item", str(item["Id"]), BRITISH)
    line = {"item_id": str(item["Id"]), "quantity": "1", "unit_price": "100"}
    body: Mapping[str, Any] = {"buyer": {"customer_id": customer}, "lines": [line]}
    assert refused(await house.create(body, portal=UK)) == (422, "NO_TAX_CODE")
    code = next(row for row in await held(house, BRITISH, "taxcode") if row["Name"].startswith("20"))
    created = await house.create({**body, "lines": [{**line, "tax_code": code["Name"]}]}, portal=UK)
    assert created.status_code == 201, created.text
    assert Decimal(created.json()["total"]) == 120


@pytest.mark.statement("S-20", "rule")
@pytest.mark.statement("S-17", "rule")
async def test_only_published_quotes_that_have_not_expired(house: House) -> None:
    names = "hs_status,hs_expiration_date,hs_title"
    listed = (await house.control.get(f"/hubspot/{US}/objects/quotes", params={"properties": names})).json()
    quotes = listed if isinstance(listed, list) else listed["results"]
    published = {"APPROVED", "APPROVAL_NOT_NEEDED", "ACCEPTED"}
    draft = next(one for one in quotes if one["properties"]["hs_status"] not in published)
    assert refused(await quoted(house, draft)) == (422, "QUOTE_NOT_PUBLISHED")
    good = next(one for one in quotes if one["properties"]["hs_status"] == "APPROVED" and _lasts(one))
    created = await quoted(house, good)
    assert created.status_code == 201, created.text
    (await house.control.post(f"/people/salesperson/{US}/quotes/{good['id']}/expire")).raise_for_status()
    again = await quoted(house, good, another=True, reason="the second half")
    assert refused(again) == (422, "QUOTE_EXPIRED")


def _lasts(quote: Mapping[str, Any]) -> bool:
    return str(quote["properties"]["hs_expiration_date"])[:10] > "2026-11-25"


async def quoted(house: House, quote: Mapping[str, Any], **more: Any) -> httpx.Response:
    return await house.create({"quote_id": quote["id"], "quickbooks_company": AUTOMATED, **more})
