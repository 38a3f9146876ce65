"""Searching QuickBooks' invoices, adding them to records, listing, moving and parting them (S-57 to S-64)."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from following_hands import CHICAGO, UK, US
from following_house import House
from ledgerbridge.testing.waiting import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def search(house: House, realm: str = US, **wanted: str) -> Any:
    return await house.get("/existing-invoices", params={"connection": house.connections[realm], **wanted})


def ids(found: Any) -> list[str]:
    return [one["quickbooks_id"] for one in found["invoices"]]


@pytest.mark.statement("S-62", "rule")
async def test_search_by_number(house: House) -> None:
    theirs = await house.bookkeeper().invoice()
    number = (await house.sandbox.company(US, "invoice", theirs))["DocNumber"]
    found = await search(house, number=number)
    assert (ids(found), found["filtered_among"]) == ([theirs], None)


@pytest.mark.statement("S-62", "rule")
async def test_search_by_amount_and_date(house: House) -> None:
    theirs = await house.bookkeeper().invoice("77123.45")
    today = (await house.sandbox.today(US)).isoformat()
    assert ids(await search(house, amount="77123.45")) == [theirs]
    assert theirs in ids(await search(house, first_day=today, last_day=today))
    assert ids(await search(house, amount="77123.45", last_day="2020-01-01")) == []


@pytest.mark.statement("S-62", "rule")
async def test_search_by_stage_says_among_how_many_it_looked(house: House) -> None:
    bookkeeper = house.bookkeeper()
    waiting, sent, voided = [await bookkeeper.invoice("4321.09") for _ in range(3)]
    await bookkeeper.act("invoice", sent, "print")
    await bookkeeper.act("invoice", voided, "void")
    found = await search(house, stage="sent_to_customer", amount="4321.09")
    assert (ids(found), found["filtered_among"]) == ([sent], 2)
    assert ids(await search(house, stage="waiting_to_be_sent", amount="4321.09")) == [waiting]
    gone = await search(house, stage="voided")
    assert voided in ids(gone)
    assert gone["filtered_among"] > len(gone["invoices"])


@pytest.mark.statement("S-62", "rule")
async def test_search_by_the_beginning_of_a_customers_name(house: House) -> None:
    theirs = await house.bookkeeper().invoice()

    async def found() -> bool:  # names are known when the connection has been onboarded
        return theirs in ids(await search(house, customer="northwind"))

    await wait_until(found, 20)
    assert ids(await search(house, customer="Nobody of this name")) == []


@pytest.mark.statement("S-61", "rule")
async def test_each_company_is_searched_by_itself(house: House) -> None:
    theirs = await house.bookkeeper(UK).invoice("8123.40")
    assert ids(await search(house, UK, amount="8123.40")) == [theirs]
    assert ids(await search(house, US, amount="8123.40")) == []


@pytest.mark.statement("S-57", "rule")
@pytest.mark.statement("S-59", "rule")
@pytest.mark.statement("S-64", "rule")
async def test_invoices_are_added_to_contact_company_and_deal_and_listed_there(house: House) -> None:
    salesperson = house.salesperson()
    deal = await salesperson.deal()
    contact = await salesperson.create("contacts", {"email": f"someone-{deal}@example.com"})
    company = await salesperson.create("companies", {"name": "Some company"})
    theirs = await house.bookkeeper().invoice()
    (ours,) = await house.add([theirs], deal_id=deal, contact_ids=[contact], company_ids=[company])
    for name, record in (("deal_id", deal), ("contact_id", contact), ("company_id", company)):
        listed = await house.get("/invoices", params={name: record})
        assert [one["invoice"]["invoice_id"] for one in listed["invoices"]] == [ours]
        links = listed["invoices"][0]["invoice"]["links"]
        assert (links["deal_id"], links["contact_ids"], links["company_ids"]) == (deal, [contact], [company])
    known = next(one for one in (await search(house, amount="100.00"))["invoices"] if one["quickbooks_id"] == theirs)
    assert (known["invoice_id"], known["deal_id"]) == (ours, deal)


@pytest.mark.statement("S-63", "rule")
@pytest.mark.statement("S-55", "rule")
async def test_several_are_added_at_once_or_none(house: House) -> None:
    deal = await house.salesperson().deal()
    theirs = [await house.bookkeeper().invoice(total) for total in ("10.00", "20.00", "30.00")]
    content = {"connection_id": house.connections[US], "quickbooks_ids": [*theirs, "999999"], "deal_id": deal}
    refused = await house.ask("POST", "/links", json=content)
    assert (refused.status_code, refused.json()["code"]) == (404, "NOT_FOUND")
    assert (await house.get("/invoices", params={"deal_id": deal}))["invoices"] == []
    await house.add(theirs, deal_id=deal)
    listed = await house.get("/invoices", params={"deal_id": deal})
    assert sorted(Decimal(one["invoice"]["total"]) for one in listed["invoices"]) == [10, 20, 30]


@pytest.mark.statement("S-64", "rule")
async def test_what_an_added_invoice_went_through_before_is_not_told(house: House) -> None:
    bookkeeper, deal = house.bookkeeper(), await house.salesperson().deal()
    theirs = await bookkeeper.invoice("100.00", due_in_days=-10)
    await bookkeeper.act("invoice", theirs, "pay", amount="30.00")
    await bookkeeper.credit(theirs, "20.00")
    (ours,) = await house.add([theirs], deal_id=deal)
    await house.quiet()
    events = await house.events(ours)
    assert [one.kind for one in events] == ["invoice.linked"]
    assert events[0].data["baseline"] is True
    shown = await house.get(f"/invoices/{ours}")
    assert (shown["invoice"]["stage"], shown["beside"]) == ("overdue", ["paid 30.00", "credited 20.00", "not sent"])
    await bookkeeper.act("invoice", theirs, "pay", amount="10.00")
    await house.quiet()
    (told,) = await house.events(ours, "payment.received")
    assert Decimal(told.data["applied"]) == 10


@pytest.mark.parametrize("account_of", ["hubspot", "quickbooks"])
async def test_an_account_whose_currency_was_never_told_is_asked_for_it(house: House, account_of: str) -> None:
    accounts = house.service.state.accounts
    account = getattr(await accounts.connection(house.connections[US]), account_of)
    await accounts.note_facts(account, {name: one for name, one in account.facts.items() if name != "currency"})
    try:
        deal, _theirs, ours = await house.followed("12.00")
        assert (await house.status(deal, "waiting_to_be_sent"))["amount"] == "12.00"
        shown = await house.get(f"/invoices/{ours}")
        assert (shown["invoice"]["home_currency"], shown["not_written"]) == ("USD", None)
        assert {one["currency"] for one in (await search(house, amount="12.00"))["invoices"]} == {"USD"}
    finally:
        await accounts.note_facts(account, account.facts)


async def test_moving_an_invoice_to_another_deal_asks(house: House) -> None:
    old, theirs, ours = await house.followed()
    new = await house.salesperson().deal()
    content = {"connection_id": house.connections[US], "quickbooks_ids": [theirs], "deal_id": new}
    refused = await house.ask("POST", "/links", json=content)
    assert (refused.json()["code"], refused.json()["field"], old in refused.json()["sentence"]) == (
        "OTHER_DEAL",
        "move",
        True,
    )
    await house.add([theirs], deal_id=new, move=True)
    await house.status(new, "waiting_to_be_sent")
    await house.quiet()
    assert set((await house.deal(old)).values()) == {""}
    told = [(one.kind, one.data["how"], one.data["records"][0]["record_id"]) for one in await house.events(ours)]
    assert told[1:] == [("invoice.unlinked", "moved", old), ("invoice.linked", "moved", new)]


async def test_two_people_who_add_one_invoice_to_two_deals_at_once_do_not_both_succeed(house: House) -> None:
    theirs = await house.bookkeeper().invoice()
    deals = [await house.salesperson().deal() for _ in range(4)]
    contents = [{"connection_id": house.connections[US], "quickbooks_ids": [theirs], "deal_id": deal} for deal in deals]
    answers = await asyncio.gather(*(house.ask("POST", "/links", json=content) for content in contents))
    assert sorted(one.status_code for one in answers) == [201, 409, 409, 409]


async def test_adding_twice_changes_and_tells_nothing(house: House) -> None:
    deal, theirs, ours = await house.followed()
    assert await house.add([theirs], deal_id=deal) == [ours]
    await house.quiet()
    assert [one.kind for one in await house.events(ours)] == ["invoice.linked"]


async def test_parting_is_told_and_parting_again_is_not_found(house: House) -> None:
    deal, _theirs, ours = await house.followed()
    address = f"/invoices/{ours}/links/deal/{deal}"
    assert (await house.ask("DELETE", address)).status_code == 204
    assert (await house.ask("DELETE", address)).status_code == 404
    await house.quiet()
    (told,) = await house.events(ours, "invoice.unlinked")
    assert (told.data["how"], told.data["invoice"]["links"]["deal_id"]) == ("person", None)


async def test_an_invoice_of_another_tenants_company_cannot_be_searched(house: House) -> None:
    answer = await house.ask("GET", "/existing-invoices", params={"connection": house.connections[CHICAGO]})
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
