"""Creating invoices by command and over HTTP, against both vendors."""

import asyncio
from decimal import Decimal

import httpx
import pytest
from invoice_service.catalogue import store_company
from ledgerbridge.accounts.joining import request_onboarding
from ledgerbridge.testing.waiting import wait_until

from .conftest import AUTOMATED, BRITISH, LEGACY, UK, US, House

pytestmark = pytest.mark.asyncio(loop_scope="module")

THREE = (
    {"name": "Consulting", "hs_sku": "SVC-100", "quantity": "2", "price": "150"},
    {"name": "Oak Display Shelf", "hs_sku": "PRD-200", "quantity": "3", "price": "189.90", "discount": "9.90"},
    {"name": "Delivery", "hs_sku": "SVC-140", "quantity": "1", "price": "25"},
)


@pytest.mark.statement("S-38", "rule")
@pytest.mark.statement("S-09", "rule")
@pytest.mark.statement("S-11", "rule")
async def test_a_command_creates_an_invoice_from_a_deal(house: House) -> None:
    company, customer = await house.linked_company()
    deal = await house.deal(THREE, company=company)
    command = await house.command("create", {"deal_id": deal, "quickbooks_company": AUTOMATED})
    told = await house.results(command)
    assert [kind for kind, _data in told] == ["command.accepted", "command.succeeded"], told
    (invoice,) = await house.invoices_of(AUTOMATED, customer)
    assert told[1][1]["quickbooks_id"] == invoice["Id"]
    assert told[1][1]["number"] == invoice["DocNumber"]
    assert Decimal(str(invoice["Line"][1]["Amount"])) == Decimal("540.00")
    assert invoice["EmailStatus"] == "NotSet"
    async with house.hearing("invoices") as heard:

        def ours() -> list[tuple[str, dict]]:
            return [
                (kind, data) for kind, data in heard if data.get("invoice", {}).get("quickbooks_id") == invoice["Id"]
            ]

        await wait_until(lambda: len(ours()) >= 2, 10)
        assert [kind for kind, _data in ours()] == ["invoice.created", "invoice.linked"]
        assert ours()[0][1]["command_id"] == command
        assert ours()[0][1]["invoice"]["stage"] == "waiting_to_be_sent"
        assert ours()[0][1]["invoice"]["links"]["deal_id"] == deal


async def test_a_create_takes_four_calls_and_the_deal_property_write(house: House) -> None:
    company, _customer = await house.linked_company()
    deal = await house.deal(THREE, company=company)
    earlier = await house.deal(THREE, company=company)
    await house.create({"deal_id": earlier, "quickbooks_company": AUTOMATED})
    await _written(house, earlier)
    await house.control.delete("/journal")
    created = await house.create({"deal_id": deal, "quickbooks_company": AUTOMATED})
    assert created.status_code == 201, created.text
    await _written(house, deal)
    calls = [(one["method"], one["path"]) for one in await _service_calls(house)]
    assert len(calls) == 4, calls


async def test_old_preferences_cost_one_more_call(house: House) -> None:
    company, _customer = await house.linked_company()
    first, second = [await house.deal(THREE, company=company) for _number in range(2)]
    await house.create({"deal_id": first, "quickbooks_company": AUTOMATED})
    await _written(house, first)
    await house.control.post("/clock/advance", json={"seconds": 61})
    await house.control.delete("/journal")
    created = await house.create({"deal_id": second, "quickbooks_company": AUTOMATED})
    assert created.status_code == 201, created.text
    await _written(house, second)
    assert len(await _service_calls(house)) == 5


async def test_a_new_customer_costs_two_more_calls(house: House) -> None:
    first = await house.deal(THREE, company=await house.company("Early Bird Cafe"))
    second = await house.deal(THREE, company=await house.company("Second Breakfast Club"))
    await house.create({"deal_id": first, "quickbooks_company": AUTOMATED})
    await _written(house, first)
    await house.control.delete("/journal")
    created = await house.create({"deal_id": second, "quickbooks_company": AUTOMATED})
    assert created.status_code == 201, created.text
    await _written(house, second)
    calls = [(one["method"], one["path"]) for one in await _service_calls(house)]
    assert len(calls) == 6, calls


async def _service_calls(house: House) -> list[dict]:
    journal = (await house.control.get("/journal")).json()
    return [one for one in journal if one["vendor"] in ("hubspot", "quickbooks")]


async def _written(house: House, deal: str) -> None:
    """HubSpot holds the deal's invoice, and the journal says so; the writes of earlier tests may still come."""

    async def written() -> bool:
        held = (await house.control.get(f"/hubspot/{US}/objects/deals/{deal}")).json()["properties"]
        calls = await _service_calls(house)
        told = any("/deals/batch/update" in one["path"] for one in calls)
        return told and bool(held.get("ledgerbridge_invoice_number"))

    await wait_until(written, 15, "the deal's properties are written")


async def test_the_same_key_makes_one_order(house: House) -> None:
    company, customer = await house.linked_company()
    body = {"deal_id": await house.deal(THREE, company=company), "quickbooks_company": AUTOMATED}
    first = await house.create(body, key="k-1")
    again = await house.create(body, key="k-1")
    other = await house.create({**body, "message": "Thank you"}, key="k-1")
    assert (first.status_code, again.status_code) == (201, 201), first.text
    assert first.json()["invoice_id"] == again.json()["invoice_id"]
    assert (other.status_code, other.json()["code"]) == (409, "IDEMPOTENCY_CONFLICT")
    assert len(await house.invoices_of(AUTOMATED, customer)) == 1


async def test_a_lost_answer_creates_no_second_invoice(house: House, sandbox: dict[str, str]) -> None:
    """The control without request ids shows that the fault bites."""
    company, customer = await house.linked_company()
    lost = {"vendor": "quickbooks", "method": "POST", "path": "/invoice$", "times": 2, "lose_answer": True}
    await house.fault(**lost)
    deal = await house.deal(THREE, company=company)
    created = await house.create({"deal_id": deal, "quickbooks_company": AUTOMATED})
    assert created.status_code == 201, created.text
    (invoice,) = await house.invoices_of(AUTOMATED, customer)
    await house.fault(**lost)
    url = f"{sandbox['quickbooks']}/v3/company/{AUTOMATED}/invoice"
    headers = {"Authorization": "Bearer sandbox-quickbooks-access-1"}
    same = {"CustomerRef": {"value": customer}, "Line": [invoice["Line"][0]]}
    async with httpx.AsyncClient(headers=headers) as anybody:
        for _try in range(2):
            with pytest.raises(httpx.TransportError):
                await anybody.post(url, json=same)
        assert (await anybody.post(url, json=same)).is_success
    assert len(await house.invoices_of(AUTOMATED, customer)) == 4


async def test_a_deal_with_an_invoice_is_refused_unless_another_is_meant(house: House) -> None:
    company, customer = await house.linked_company()
    body = {"deal_id": await house.deal(THREE, company=company), "quickbooks_company": AUTOMATED}
    assert (await house.create(body)).status_code == 201
    refused = await house.create(body)
    assert (refused.status_code, refused.json()["code"]) == (409, "ALREADY_INVOICED")
    by_command = await house.command("create", body)
    ((kind, data),) = await house.results(by_command, count=1)
    assert (kind, data["code"]) == ("command.refused", "ALREADY_INVOICED")
    assert (await house.create({**body, "another": True, "reason": "second instalment"})).status_code == 201
    assert len(await house.invoices_of(AUTOMATED, customer)) == 2


async def test_fifty_creates_of_one_deal_make_one_invoice(house: House) -> None:
    company, customer = await house.linked_company()
    body = {"deal_id": await house.deal(THREE, company=company), "quickbooks_company": AUTOMATED}
    answers = await asyncio.gather(*(house.create(body) for _number in range(50)))
    assert sorted(one.status_code for one in answers) == [201] + [409] * 49
    assert len(await house.invoices_of(AUTOMATED, customer)) == 1


@pytest.mark.statement("S-52", "rule")
@pytest.mark.statement("S-53", "rule")
async def test_custom_transaction_numbers_refuse_until_they_are_off(house: House) -> None:
    await house.settings(LEGACY, custom_numbers="refuse")
    await house.preferences(LEGACY, CustomTxnNumbers=True)
    company, customer = await house.linked_company(LEGACY)
    body = {"deal_id": await house.deal(THREE, company=company), "quickbooks_company": LEGACY}
    await house.control.post("/clock/advance", json={"seconds": 61})
    refused = await house.create(body)
    assert (refused.status_code, refused.json()["code"]) == (422, "CUSTOM_TRANSACTION_NUMBERS")
    assert await house.invoices_of(LEGACY, customer) == []
    await house.preferences(LEGACY, CustomTxnNumbers=False)
    await house.control.post("/clock/advance", json={"seconds": 61})
    assert (await house.create(body)).status_code == 201


async def test_with_the_setting_a_person_supplies_the_number(house: House) -> None:
    company, _customer = await house.linked_company(LEGACY)
    await house.preferences(LEGACY, CustomTxnNumbers=True)
    await house.settings(LEGACY, custom_numbers="from_user")
    await house.control.post("/clock/advance", json={"seconds": 61})
    body = {"deal_id": await house.deal(THREE, company=company), "quickbooks_company": LEGACY}
    asked = await house.create(body)
    assert (asked.status_code, asked.json().get("field")) == (422, "number"), asked.text
    created = await house.create({**body, "number": "A-77"})
    assert (created.status_code, created.json().get("number")) == (201, "A-77"), created.text


@pytest.mark.statement("S-27", "rule")
async def test_a_british_company_needs_a_tax_code_on_every_line(house: House) -> None:
    company, customer = await house.linked_company(BRITISH, portal=UK)
    odd = {"name": "Something unheard of", "quantity": "1", "price": "10"}
    deal = await house.deal([{**THREE[0]}, odd], portal=UK, company=company, deal_currency_code="GBP")
    body = {"deal_id": deal}
    refused = await house.create(body, portal=UK)
    assert (refused.status_code, refused.json()["code"]) == (422, "NO_ITEM"), refused.text
    deal = await house.deal([THREE[0]], portal=UK, company=company, deal_currency_code="GBP")
    refused = await house.create({"deal_id": deal}, portal=UK)
    codes = {row["Name"]: row["Id"] for row in await _held(house, BRITISH, "taxcode")}
    standard = next(one for name, one in codes.items() if name.startswith("20"))
    if refused.status_code != 201:
        assert (refused.status_code, refused.json()["code"]) == (422, "NO_TAX_CODE"), refused.text
        await house.settings(BRITISH, default_tax_code=standard)
        refused = await house.create({"deal_id": deal}, portal=UK)
    assert refused.status_code == 201, refused.text
    (invoice,) = await house.invoices_of(BRITISH, customer)
    assert invoice["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"]["value"]


async def _held(house: House, realm: str, entity: str) -> list[dict]:
    held = (await house.control.get(f"/quickbooks/{realm}/{entity}")).json()
    return held if isinstance(held, list) else next(iter(held.values()))


@pytest.mark.statement("S-19", "rule")
@pytest.mark.statement("S-67", "rule")
async def test_a_missing_customer_is_made_once_and_linked(house: House) -> None:
    company = await house.company("Brand New Bakery", address="1 Main St", city="Reno", state="NV", zip="89501")
    body = {"quickbooks_company": AUTOMATED}
    await house.fault(vendor="quickbooks", method="POST", path="/customer$", times=1, lose_answer=True)
    created = await house.create({**body, "deal_id": await house.deal(THREE, company=company)})
    assert created.status_code == 201, created.text
    again = await house.create({**body, "deal_id": await house.deal(THREE, company=company)})
    assert again.status_code == 201, again.text
    assert created.json()["customer"] == again.json()["customer"]
    named = [row for row in await _held(house, AUTOMATED, "customer") if row["DisplayName"] == "Brand New Bakery"]
    assert len(named) == 1


async def test_a_create_before_the_catalogue_is_filled_waits_for_it(house: House) -> None:
    company, customer = await house.linked_company()
    deal = await house.deal(THREE, company=company)
    connection = house.connections[AUTOMATED]
    async with house.database.tenant(connection.tenant_id) as tx:
        await store_company.note_onboarded(tx, connection.id, 0)
    command = await house.command("create", {"deal_id": deal, "quickbooks_company": AUTOMATED})

    async def waits() -> bool:
        shown = await house.http.get("/records", params={"state": "waiting"}, headers=await house.token())
        return "CATALOGUE_FILLING" in {one["reason_code"] for one in shown.json()["records"]}

    await wait_until(waits, 15, "the order waits")
    await request_onboarding(house.database, house.service.state.accounts, connection)
    told = await house.results(command)
    assert [kind for kind, _data in told] == ["command.accepted", "command.succeeded"], told
    assert len(await house.invoices_of(AUTOMATED, customer)) == 1
