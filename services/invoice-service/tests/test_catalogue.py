"""The catalogue: read from QuickBooks' JSON, stored, searched by equality and prefix under row-level security."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from invoice_service.catalogue import store_company, store_customers, store_items, store_stale
from invoice_service.catalogue.buyers import BuyerHints, match_buyer
from invoice_service.catalogue.customers import CatalogueCustomer, check_name_free
from invoice_service.catalogue.pages import BEGINNING, NamePlace
from invoice_service.catalogue.reading import (
    read_account,
    read_company,
    read_item,
    read_name_holder,
    read_tax_codes,
    read_term,
)
from invoice_service.catalogue.taxes import TaxCode, TaxMode
from ledgerbridge.errors import Refused
from ledgerbridge.storage import Database
from ledgerbridge.testing.waiting import wait_until

TENANT, OTHER, HERE, ELSEWHERE = 1, 2, 7, 8
NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
AMY = CatalogueCustomer(
    quickbooks_id="1", display_name="Amy's Bird Sanctuary", company_name="Birds", email="amy@birds.org,b@birds.org"
)
BILL = CatalogueCustomer(quickbooks_id="2", display_name="Łukasz Żółw", email="bill@example.com")
COMPANY = {"CompanyName": "Rock", "Country": "US", "DefaultTimeZone": "America/Chicago"}
PREFERENCES = {
    "SalesFormsPrefs": {"CustomTxnNumbers": True, "AllowDiscount": True, "DefaultTerms": {"value": "3"}},
    "CurrencyPrefs": {"HomeCurrency": {"value": "USD"}, "MultiCurrencyEnabled": False},
    "TaxPrefs": {"UsingSalesTax": True, "TaxGroupCodeRef": {"value": "2"}},
    "AccountingInfoPrefs": {"BookCloseDate": "2026-10-31"},
}


def test_reference_data_is_read() -> None:
    item = read_item({"Id": "5", "Name": "Pump", "Type": "Service", "UnitPrice": Decimal("9.5"), "Taxable": True})
    assert (item.name, item.unit_price, item.taxable, item.active) == ("Pump", Decimal("9.5"), True, True)
    assert read_term({"Id": "3", "Name": "Net 30", "DueDays": 30}).due_date(date(2026, 11, 1)) == date(2026, 12, 1)
    assert read_term({"DayOfMonthDue": 15, "DueNextMonthDays": 5}).due_date(date(2026, 11, 1)) == date(2026, 11, 15)
    detail = {"TaxRateRef": {"value": "30"}, "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": 0}
    codes = read_tax_codes(
        [{"Id": "3", "Name": "20.0% S", "SalesTaxRateList": {"TaxRateDetail": [detail]}}, {"Id": "9", "Hidden": True}],
        [{"Id": "30", "Name": "VAT", "RateValue": 20}],
    )
    assert (codes[0].factor, codes[1].active) == (Decimal("0.2"), False)


def test_a_company_is_read() -> None:
    company = read_company(COMPANY, PREFERENCES)
    assert (company.tax_mode, company.tax_group_code, company.custom_numbers) == (TaxMode.LEGACY, "2", True)
    assert (company.zone, company.home_currency, company.default_term_id) == ("America/Chicago", "USD", "3")
    assert company.books_closed_until == date(2026, 10, 31)
    assert read_company({"Country": "GB"}, {}).tax_mode is TaxMode.OFF


async def test_two_processes_may_fill_the_tax_codes_at_once(database: Database) -> None:
    codes = read_tax_codes([{"Id": "3", "Name": "S"}, {"Id": "4", "Name": "Z"}], [])
    async with database.tenant(TENANT) as first:
        await store_company.save_tax_codes(first, TENANT, HERE, codes, NOW)
        second = asyncio.create_task(_save_tax_codes(database, codes[:1]))
        await wait_until(lambda: _waits_for_a_lock(database), 10)
    await second
    async with database.tenant(TENANT) as tx:
        assert list(await store_company.tax_codes(tx, HERE)) == ["3"]


async def _save_tax_codes(database: Database, codes: Sequence[TaxCode]) -> None:
    async with database.tenant(TENANT) as tx:
        await store_company.save_tax_codes(tx, TENANT, HERE, codes, NOW)


async def _waits_for_a_lock(database: Database) -> bool:
    async with database.engine() as tx:
        return bool(await tx.fetchval("select exists (select from pg_locks where not granted)"))


@pytest.mark.statement("S-18", "rule")
@pytest.mark.statement("S-22", "rule")
async def test_customers_are_matched_and_searched(database: Database) -> None:
    async with database.tenant(TENANT) as tx:
        await store_customers.save_customers(tx, TENANT, HERE, [AMY, BILL], NOW)
        await store_customers.save_customers(tx, TENANT, HERE, [AMY], NOW)
        hints = BuyerHints(emails=("B@birds.org",), names=("łukasz żółw",))
        found = await store_customers.customers_for(tx, HERE, hints, [])
        searches = [await store_customers.search_customers(tx, HERE, text) for text in ("ŁUK", "bird", "bill@", "zzz")]
        assert await store_customers.search_customers(tx, ELSEWHERE, "") == []
    async with database.tenant(OTHER) as tx:
        assert await store_customers.customers_for(tx, HERE, hints, ["1"]) == []

    assert match_buyer(hints, {}, found).customer == AMY
    assert {each.quickbooks_id for each in found} == {"1", "2"}
    assert searches == [[BILL], [AMY], [BILL], []]


@pytest.mark.statement("S-25", "rule")
async def test_items_are_matched_and_searched(database: Database) -> None:
    pump = read_item({"Id": "5", "Name": "Pump", "FullyQualifiedName": "Garden:Pump", "Sku": "P-1", "Type": "Service"})
    old = read_item({"Id": "6", "Name": "Pump old", "Active": False, "Type": "Service", "UnitPrice": Decimal("1.25")})
    async with database.tenant(TENANT) as tx:
        await store_items.save_items(tx, TENANT, HERE, [pump, old], NOW)
        assert await store_items.items_for(tx, HERE, ["p-1"], [], []) == [pump]
        assert await store_items.items_for(tx, HERE, [], ["PUMP OLD"], ["5"]) == [pump, old]
        assert await store_items.search_items(tx, HERE, "pum") == [pump]
        assert await store_items.search_items(tx, HERE, "garden:p") == [pump]
        assert await store_items.items_by_ids(tx, HERE, ["6", "7"]) == {"6": old}


async def test_lists_go_on_after_a_name_and_an_id(database: Database) -> None:
    customers = [
        CatalogueCustomer(quickbooks_id=str(at), display_name=f"Firm {at // 2}", email=f"firm{at}@example.com")
        for at in range(10, 19)
    ]
    hidden = CatalogueCustomer(quickbooks_id="99", display_name="Firm 5", active=False)
    items = [read_item({"Id": one.quickbooks_id, "Name": "I", "Type": "Service"}) for one in customers]
    category = read_item({"Id": "98", "Name": "I", "Type": "Category"})
    async with database.tenant(TENANT) as tx:
        await store_customers.save_customers(tx, TENANT, HERE, [*customers, hidden], NOW)
        await store_items.save_items(tx, TENANT, HERE, [*items, category], NOW)
        for beginning in ("", "firm", "firm 5"):
            whole = await store_customers.search_customers(tx, HERE, beginning)
            paged, after = [], BEGINNING
            while page := await store_customers.search_customers(tx, HERE, beginning, after, 2):
                paged += page
                after = NamePlace.read(store_customers.place_of(page[-1]).written())
            assert (paged, len(paged)) == (whole, 2 if beginning == "firm 5" else 9)
        for beginning in ("", "i"):
            first = await store_items.search_items(tx, HERE, beginning, limit=6)
            rest = await store_items.search_items(tx, HERE, beginning, store_items.place_of(first[-1]), 6)
            assert [*first, *rest] == items


@pytest.mark.parametrize("written", ["x", "é", "W10=", NamePlace("\0", "1").written()])
def test_a_place_that_is_none_is_refused(written: str) -> None:
    with pytest.raises(Refused, match="INVALID"):
        NamePlace.read(written)


async def test_names_are_held_by_customers_vendors_and_employees_inactive_too(database: Database) -> None:
    gone = read_name_holder("vendor", {"Id": "9", "DisplayName": "Hill Paving (deleted)", "Active": False})
    async with database.tenant(TENANT) as tx:
        await store_customers.save_customers(tx, TENANT, HERE, [AMY], NOW)
        await store_customers.save_name_holders(tx, TENANT, HERE, [gone], NOW)
        vendors = await store_customers.holders_of(tx, HERE, "hill paving")
        customers = await store_customers.holders_of(tx, HERE, "AMY'S bird sanctuary")
    with pytest.raises(Refused, match="NAME_TAKEN"):
        check_name_free("Hill Paving", vendors)
    assert [each.kind for each in customers] == ["customer"]


async def test_terms_tax_codes_and_the_company_come_back(database: Database) -> None:
    term = read_term({"Id": "3", "Name": "Net 30", "DueDays": 30})
    sales = {"Id": "79", "Name": "Sales", "AccountType": "Income", "AccountSubType": "SalesOfProductIncome"}
    old = {"Id": "80", "Name": "A", "FullyQualifiedName": "Old:A", "AccountType": "Income", "Active": False}
    ledger = [read_account(old), read_account(sales)]
    rate = {"TaxRateDetail": [{"TaxRateRef": {"value": "30"}}]}
    codes = read_tax_codes([{"Id": "3", "Name": "S", "SalesTaxRateList": rate}], [{"Id": "30", "RateValue": "17.5"}])
    async with database.tenant(TENANT) as tx:
        await store_company.save_terms(tx, TENANT, HERE, [term], NOW)
        await store_company.save_tax_codes(tx, TENANT, HERE, codes, NOW)
        await store_company.save_tax_codes(tx, TENANT, HERE, codes, NOW)
        await store_company.save_company(tx, TENANT, HERE, COMPANY, PREFERENCES, NOW)
        await store_company.save_accounts(tx, TENANT, HERE, ledger, NOW)
        await store_company.save_accounts(tx, TENANT, HERE, ledger[1:], NOW)
        assert list((await store_company.accounts(tx, HERE)).values()) == ledger
        assert (ledger[0].name, ledger[0].active, ledger[1].kind) == ("Old:A", False, "Income")
        assert await store_company.terms(tx, HERE) == {"3": term}
        assert await store_company.tax_codes(tx, HERE) == {"3": codes[0]}
        assert await store_company.company(tx, HERE) == (read_company(COMPANY, PREFERENCES), NOW)
        await store_company.mark_company_stale(tx, HERE)
        assert await store_company.company(tx, HERE) is None


async def test_a_notice_marks_known_and_unknown_records_stale(database: Database) -> None:
    async with database.tenant(TENANT) as tx:
        await store_customers.save_customers(tx, TENANT, HERE, [AMY, BILL], NOW)
        await store_stale.mark_stale(tx, TENANT, HERE, "customer", {"99": NOW, "1": None})
        assert await store_stale.stale_ids(tx, HERE, "customer") == ["1", "99"]
        assert await store_customers.search_customers(tx, HERE, "") == [AMY, BILL]
        await store_customers.save_customers(tx, TENANT, HERE, [AMY], NOW)
        assert await store_stale.stale_ids(tx, HERE, "customer") == ["99"]
        echo, news = {"1": NOW}, {"1": NOW + timedelta(microseconds=1)}
        await store_stale.mark_stale(tx, TENANT, HERE, "customer", echo)
        assert await store_stale.stale_ids(tx, HERE, "customer") == ["99"]
        await store_stale.mark_stale(tx, TENANT, HERE, "customer", news)
        assert await store_stale.stale_ids(tx, HERE, "customer") == ["1", "99"]
        kinds: list[store_stale.Stale] = ["item", "term", "account", "vendor", "employee"]
        for kind in kinds:
            await store_stale.mark_stale(tx, TENANT, HERE, kind, {"4": None})
            assert await store_stale.stale_ids(tx, HERE, kind) == ["4"]
