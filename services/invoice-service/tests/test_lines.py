"""HubSpot line items become invoice lines: prices to the cent, discounts, recurring lines, items, refusals."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invoice_service.catalogue.items import CatalogueItem, check_items_active, match_item, matched_lines
from invoice_service.drafts.line_items import LineItem, Recurring, invoice_lines, product_price
from invoice_service.drafts.order_discounts import OrderAdjustment, fee_lines, order_discount
from invoice_service.lines import InvoiceLine, check_lines
from invoice_service.money import CENT, Rounding, cents
from ledgerbridge.errors import Refused


def item(number: str = "1", **properties: str) -> LineItem:
    return LineItem(number, {"name": "Pump", "price": "100", "quantity": "1", **properties})


def lines(*items: LineItem, recurring: Recurring = Recurring.FIRST) -> list[InvoiceLine]:
    return invoice_lines(items, expected=len(items), currency="USD", recurring=recurring)


@pytest.mark.parametrize(
    ("properties", "unit_price", "amount"),
    [
        ({"price": "100", "quantity": "2", "discount": "10"}, "90", "180.00"),  # the discount is per unit
        ({"price": "19.99", "quantity": "3", "hs_discount_percentage": "10"}, "17.991", "53.97"),
        ({"price": "400", "quantity": "8"}, "400", "3200.00"),
        ({"price": "0.333", "quantity": "1.125"}, "0.333", "0.37"),
        ({"price": "0", "quantity": "4"}, "0", "0.00"),
        ({"price": "5", "quantity": ""}, "5", "5.00"),
    ],
)
def test_net_unit_price_times_quantity(properties: dict[str, str], unit_price: str, amount: str) -> None:
    [line] = lines(item(**properties))
    assert (line.unit_price, line.amount) == (Decimal(unit_price), Decimal(amount))


def test_where_a_cent_is_missed_the_amount_goes_alone() -> None:
    [line] = lines(item(price="10", quantity="3", hs_discount_percentage="0", amount="30.01"))
    assert (line.quantity, line.unit_price, line.amount) == (None, None, Decimal("30.01"))


PRICES = st.decimals("0", "99999", places=4)
QUANTITIES = st.decimals("0", "9999", places=3)
PERCENTS = st.decimals("0", "100", places=2)


@given(price=PRICES, quantity=QUANTITIES, percent=PERCENTS)
def test_amounts_are_right_to_the_cent_and_products_hold_either_way(
    price: Decimal, quantity: Decimal, percent: Decimal
) -> None:
    [line] = lines(item(price=str(price), quantity=str(quantity), hs_discount_percentage=str(percent)))

    exact = price * quantity * (100 - percent) / 100
    assert abs(line.amount - exact) <= CENT / 2
    if line.quantity is not None and line.unit_price is not None:
        assert {cents(line.quantity * line.unit_price, rounding) for rounding in Rounding} == {line.amount}
    check_lines([line.model_copy(update={"item_id": "1"})])


def test_tiered_prices_take_hubspots_amount() -> None:
    [line] = lines(item(hs_pricing_model="graduated", price="", quantity="7", amount="95.00"))
    assert line.amount == Decimal("95.00")
    with pytest.raises(Refused, match="INVALID"):
        lines(item(hs_pricing_model="volume", price="", quantity="7"))


def test_recurring_lines_first_term_or_none() -> None:
    monthly = item("2", recurringbillingfrequency="monthly", hs_recurring_billing_period="P12M", price="9.99")
    once = item("1")

    [first] = lines(monthly)
    assert (first.amount, first.period) == (Decimal("9.99"), "monthly, first period")
    [term] = lines(monthly, recurring=Recurring.TERM)
    assert (term.quantity, term.amount, term.period) == (12, Decimal("119.88"), "monthly, 12 periods")
    assert [line.key for line in lines(once, monthly, recurring=Recurring.EXCLUDE)] == ["1"]
    with pytest.raises(Refused, match="NO_LINES"):
        lines(monthly, recurring=Recurring.EXCLUDE)


def test_a_term_that_is_not_there_is_refused_by_name() -> None:
    with pytest.raises(Refused) as refusal:
        lines(
            item("4", recurringbillingfrequency="annually", hs_recurring_billing_period="P18M"),
            recurring=Recurring.TERM,
        )
    assert refusal.value.field == "line_items.4.hs_recurring_billing_period"


@pytest.mark.parametrize(
    ("properties", "field"),
    [
        ({"price": ""}, "price"),
        ({"price": "ten"}, "price"),
        ({"price": "NaN"}, "price"),
        ({"quantity": "1e999999999"}, "quantity"),
        ({"discount": "101"}, "discount"),
        ({"hs_line_item_currency_code": "EUR"}, "hs_line_item_currency_code"),
    ],
)
def test_refusals_name_the_line_and_the_property(properties: dict[str, str], field: str) -> None:
    with pytest.raises(Refused, match="INVALID") as refusal:
        lines(item("9", **properties))
    assert refusal.value.field == f"line_items.9.{field}"


def test_lines_that_could_not_all_be_read_refuse_the_whole() -> None:
    with pytest.raises(Refused, match="LINES_INCOMPLETE"):
        invoice_lines([item()], expected=2, currency="USD")
    with pytest.raises(Refused, match="NO_LINES"):
        invoice_lines([], expected=0, currency="USD")


def test_lines_keep_the_order_of_the_quote_and_hubspots_taxes_are_not_read() -> None:
    found = lines(
        item("10", hs_position_on_quote="2"), item("11", hs_position_on_quote="0", hs_tax_amount="8"), item("12")
    )
    assert [line.key for line in found] == ["11", "10", "12"]
    assert found[0].amount == Decimal("100.00")


def test_a_products_price_is_that_of_the_currency() -> None:
    product = {"price": "10", "hs_price_eur": "9.50"}
    assert product_price(product, "EUR", "USD") == Decimal("9.50")
    assert product_price(product, "USD", "USD") == Decimal(10)
    assert product_price(product, "GBP", "USD") is None


PUMP = CatalogueItem("11", "Pump", sku="P-1", taxable=True, sales_tax_code="3")
ITEMS = [
    PUMP,
    CatalogueItem("12", "Hose", full_name="Garden:Hose", sku="H-1"),
    CatalogueItem("13", "Rake", sku="R-1"),
    CatalogueItem("14", "rake", full_name="Garden:rake", sku="R-2"),
    CatalogueItem("15", "Old pump", active=False),
    CatalogueItem("16", "Bundle", kind="Group"),
]


@pytest.mark.parametrize(
    ("fields", "found", "by"),
    [
        ({"sku": "p-1", "product_name": "Rake"}, "11", "sku"),
        ({"product_name": " PUMP "}, "11", "name"),
        ({"product_name": "garden:hose"}, "12", "name"),
        ({"product_name": "Rake"}, None, "name"),  # two of them: never chosen from
        ({"product_name": "Old pump"}, None, ""),
        ({"product_name": "Bundle"}, None, ""),
        ({}, None, ""),
    ],
)
def test_items_are_found_by_sku_then_name(fields: dict[str, str], found: str | None, by: str) -> None:
    match = match_item(InvoiceLine(key="1", amount=Decimal(1), **fields), ITEMS)
    assert (match.item.quickbooks_id if match.item else None, match.by) == (found, by)


def test_a_link_leads_and_a_default_item_fills() -> None:
    first = InvoiceLine(key="1", amount=Decimal(1), hubspot_product_id="900", product_name="Rake")
    other = InvoiceLine(key="2", amount=Decimal(1), product_name="Something")

    matched = matched_lines([first, other], ITEMS, {"900": "12"}, default=PUMP)
    assert [(line.item_id, line.matched_by) for line in matched] == [("12", "link"), ("11", "default")]
    assert (matched[1].taxable, matched[1].tax_code_id) == (True, "3")
    open_line = matched_lines([other], ITEMS, {})
    with pytest.raises(Refused, match="NO_ITEM"):
        check_lines(open_line)


@pytest.mark.statement("S-25", "rule")
def test_an_inactive_or_unknown_item_is_refused() -> None:
    by_id = {each.quickbooks_id: each for each in ITEMS}
    with pytest.raises(Refused, match="ITEM_INACTIVE"):
        check_items_active([InvoiceLine(key="1", item_id="15", amount=Decimal(1))], by_id)
    with pytest.raises(Refused, match="NO_ITEM"):
        check_items_active([InvoiceLine(key="1", item_id="99", amount=Decimal(1))], by_id)


def test_order_discounts_become_one_or_are_refused() -> None:
    percent, fixed = (
        OrderAdjustment("1", "Spring", True, Decimal(10), 0),
        OrderAdjustment("2", "", False, Decimal(5), 1),
    )

    alone = order_discount([percent], Decimal("99.99"), company="Rock", allowed=True)
    assert alone is not None
    assert (alone.percent, alone.amount, alone.label) == (Decimal(10), Decimal("10.00"), "Spring")
    both = order_discount([fixed, percent], Decimal(200), company="Rock", allowed=True)
    assert both is not None
    assert (both.percent, both.amount) == (None, Decimal("25.00"))
    assert order_discount([], Decimal(200), company="Rock", allowed=False) is None
    with pytest.raises(Refused, match="DISCOUNT_NOT_ALLOWED"):
        order_discount([percent], Decimal(200), company="Rock", allowed=False)
    with pytest.raises(Refused, match="INVALID"):
        order_discount([fixed], Decimal(4), company="Rock", allowed=True)


def test_fees_become_lines_for_a_person_to_choose_an_item() -> None:
    [fee] = fee_lines([OrderAdjustment("7", "Handling", True, Decimal("2.5"))], Decimal(200))
    assert (fee.key, fee.amount, fee.item_id) == ("fee-7", Decimal("5.00"), None)


@pytest.mark.parametrize(
    "fields",
    [
        {"amount": Decimal("1.005")},
        {"amount": Decimal(9), "quantity": Decimal(2), "unit_price": Decimal(5)},
        {"amount": Decimal(9), "quantity": Decimal(2)},
        {"amount": Decimal("1e15")},
    ],
)
def test_a_line_that_quickbooks_would_refuse_is_refused_here(fields: dict[str, Decimal]) -> None:
    with pytest.raises(Refused, match="INVALID"):
        check_lines([InvoiceLine(key="1", item_id="11", **fields)])
