"""Which invoice a deal's properties follow, and when they are cleared (S-56, S-76; product.md, Deal properties)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from following_hands import DOLLARS, UK, US
from following_house import House
from invoice_service.deals.properties import CONVERSION_NAMES
from ledgerbridge.testing.waiting import wait_until

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def later(house: House, seconds: float = 2) -> None:
    """QuickBooks dates its changes to the second."""
    await house.sandbox.ask("POST", "/clock/advance", {"seconds": seconds})


async def two_invoices(house: House) -> tuple[str, str, str]:
    """A deal with an invoice of 10 and a newer one of 20: (deal, the first's QuickBooks id, the second's)."""
    deal = await house.salesperson().deal()
    first = await house.bookkeeper().invoice("10.00")
    await later(house)
    second = await house.bookkeeper().invoice("20.00")
    await house.add([first, second], deal_id=deal)
    await house.quiet()
    return deal, first, second


async def amount(house: House, deal: str) -> Decimal:
    await house.quiet()
    return Decimal((await house.deal(deal))["amount"] or "-1")


@pytest.mark.statement("S-76", "rule")
async def test_the_invoice_whose_facts_changed_last_is_followed(house: House) -> None:
    deal, first, second = await two_invoices(house)
    assert await amount(house, deal) == 20
    await later(house)
    await house.bookkeeper().act("invoice", first, "print")
    assert await amount(house, deal) == 10
    assert (await house.deal(deal))["status"] == "sent_to_customer"
    await later(house)
    await house.bookkeeper().act("invoice", second, "pay", amount="5.00")
    assert await amount(house, deal) == 20


@pytest.mark.statement("S-76", "rule")
async def test_a_time_stamp_that_moved_alone_does_not_count(house: House) -> None:
    deal, first, _second = await two_invoices(house)
    await later(house)
    await house.bookkeeper().act("invoice", first, "edit", TrackingNum="1Z 998")
    assert await amount(house, deal) == 20


@pytest.mark.statement("S-76", "rule")
async def test_a_voided_invoice_is_left_aside_while_another_lives(house: House) -> None:
    deal, first, second = await two_invoices(house)
    await later(house)
    await house.bookkeeper().act("invoice", second, "void")
    assert await amount(house, deal) == 10
    await house.bookkeeper().act("invoice", first, "delete")
    await house.status(deal, "voided")


@pytest.mark.statement("B-10", "rule")
async def test_of_deleted_invoices_alone_the_last_deleted_is_shown_with_its_number(house: House) -> None:
    deal, first, second = await two_invoices(house)
    number = (await house.sandbox.company(US, "invoice", first))["DocNumber"]
    await house.bookkeeper().act("invoice", second, "delete")
    await house.quiet()
    await later(house)
    await house.bookkeeper().act("invoice", first, "delete")
    held = await house.status(deal, "deleted")
    assert (Decimal(held["amount"]), held["number"]) == (0, number)


async def test_nothing_linked_clears_all_five(house: House) -> None:
    deal, _theirs, ours = await house.followed()
    assert (await house.ask("DELETE", f"/invoices/{ours}/links/deal/{deal}")).status_code == 204
    await house.quiet()
    assert set((await house.deal(deal)).values()) == {""}


@asynccontextmanager
async def converting(house: House, realm: str) -> AsyncIterator[None]:
    connection = house.connections[realm]
    await house.desk.accounts.change_settings(connection, "test", {"currency_rule": "convert"})
    try:
        yield
    finally:
        await house.desk.accounts.change_settings(connection, "test", {"currency_rule": "skip"})


async def how_converted(house: House, deal: str) -> tuple[str, ...]:
    """Original amount, original currency, exchange rate and its source, as HubSpot really holds them."""
    found = await house.sandbox.ask("GET", f"/hubspot/{DOLLARS}/objects/deals/{deal}")
    return tuple(found["properties"].get(name) or "" for name in CONVERSION_NAMES)


@pytest.mark.statement("S-56", "rule")
async def test_an_invoice_in_another_currency_is_not_written_and_says_so(house: House) -> None:
    deal, _theirs, ours = await house.followed("100.00", realm=UK)
    assert set((await house.deal(deal)).values()) == {""}
    shown = await house.get(f"/invoices/{ours}")
    assert shown["not_written"] == "not written to the deal: GBP invoice, USD account"


@pytest.mark.statement("S-56", "rule")
async def test_lifting_the_currency_rule_writes_by_hubspots_rate_and_setting_it_again_clears(house: House) -> None:
    deal, _theirs, ours = await house.followed("100.00", realm=UK)
    async with converting(house, UK):
        held = await house.status(deal, "waiting_to_be_sent")
        conversion = await how_converted(house, deal)
        assert conversion[:2] == ("100.00", "GBP")
        assert Decimal(held["amount"]) == (Decimal("100.00") * Decimal(conversion[2])).quantize(Decimal("0.01"))
        assert conversion[3].startswith("HubSpot rate of 20")
        shown = await house.get(f"/invoices/{ours}")
        assert shown["not_written"] is None
        page = (await house.ask("GET", f"/deals/{deal}")).text
        assert "<tr><th>Original currency</th><td>GBP</td></tr>" in page
    await house.status(deal, "")
    assert await how_converted(house, deal) == ("", "", "", "")

    async def said() -> bool:
        return (await house.get(f"/invoices/{ours}"))["not_written"] is not None

    await wait_until(said, what="the skip is visible again")


async def rate(house: House, value: str, days_ago: int) -> str:
    """HubSpot's rate of the pound since so many days; answers the day, in HubSpot's zone."""
    since = await house.sandbox.now() - timedelta(days=days_ago)
    content = {"fromCurrencyCode": "GBP", "conversionRate": value, "effectiveAt": since.isoformat()}
    answer = await house.http.post(
        house.sandbox.addresses["hubspot"] + "/settings/v3/currencies/exchange-rates",
        json=content,
        headers={"Authorization": "Bearer pat-na1-sandbox-1"},
    )
    assert answer.is_success, answer.text
    return since.astimezone(ZoneInfo("America/New_York")).date().isoformat()


@pytest.mark.statement("S-56", "rule")
async def test_the_rate_is_that_of_the_invoice_date(house: House) -> None:
    day = await rate(house, "1.5", 20)
    await rate(house, "1.9", 5)
    written = (await house.sandbox.today(UK) - timedelta(days=10)).isoformat()
    deal, _theirs, _ours = await house.followed("100.00", realm=UK, TxnDate=written)
    ancient = await house.bookkeeper(UK).invoice("100.00", TxnDate="1999-01-04")
    without = await house.salesperson().deal()
    (unwritten,) = await house.add([ancient], realm=UK, deal_id=without)
    async with converting(house, UK):
        held = await house.status(deal, "waiting_to_be_sent")
        assert Decimal(held["amount"]) == 150
        assert await how_converted(house, deal) == ("100.00", "GBP", "1.5", f"HubSpot rate of {day}")
        await house.quiet()
        assert set((await house.deal(without)).values()) == {""}  # no rate, no write
        shown = await house.get(f"/invoices/{unwritten}")
        assert shown["not_written"] == "not written to the deal: GBP invoice, USD account, no exchange rate"


@pytest.mark.statement("S-56", "rule")
async def test_a_skipped_invoice_leaves_the_deal_to_the_one_in_its_currency(house: House) -> None:
    deal, _theirs, _ours = await house.followed("10.00")
    await later(house)
    foreign = await house.bookkeeper(UK).invoice("20.00")
    await house.add([foreign], realm=UK, deal_id=deal)
    assert await amount(house, deal) == 10
