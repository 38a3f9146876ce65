"""Drafts, their review and the bytes that QuickBooks is sent."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from invoice_service.catalogue.buyers import BuyerMatch
from invoice_service.catalogue.customers import Address, CatalogueCustomer, NewCustomer
from invoice_service.catalogue.items import CatalogueItem
from invoice_service.catalogue.taxes import CustomerTax, TaxCode, TaxMode, TaxRate, TaxRules
from invoice_service.catalogue.terms import Term
from invoice_service.drafts.draft import STEPS, Draft, LineEdit, Source
from invoice_service.drafts.payloads import bill_email, customer_bytes, invoice_bytes, void_bytes
from invoice_service.drafts.quotes import read_quote
from invoice_service.drafts.reviews import (
    BOOKS_AMOUNT,
    DEAL_CHANGED,
    NO_ADDRESS,
    Company,
    Reading,
    check,
    request_of,
    review_of,
    steps,
)
from invoice_service.invoices.request_ids import for_customer, for_order, has_marker, marker_of
from invoice_service.lines import InvoiceLine, OrderDiscount
from ledgerbridge.errors import Refused

AMY = CatalogueCustomer(quickbooks_id="1", display_name="Amy's", email="amy@birds.org", currency="USD")
LINES = (
    InvoiceLine.priced("1", Decimal("1.125"), Decimal("19.99")).model_copy(update={"description": "Pump"}),
    InvoiceLine.priced("2", Decimal(2), Decimal(100)),
)
CODES = {"3": TaxCode("3", "20.0% S", (TaxRate("30", "VAT", Decimal(20)),))}
US = Company(
    name="Rock",
    today=date(2026, 11, 23),
    home_currency="USD",
    rules=TaxRules(TaxMode.AUTOMATED, {}),
    terms={"3": Term("3", "Net 30", due_days=30), "4": Term("4", "Old", active=False)},
    items={"11": CatalogueItem("11", "Pump", taxable=True), "12": CatalogueItem("12", "Hose", sales_tax_code="3")},
)
PINNED = "lb-acf5c77493c4afa89668b28f49dd5bbbea375bff"
UK = replace(US, rules=TaxRules(TaxMode.CODES, CODES), home_currency="GBP", multicurrency=True)


def draft() -> Draft:
    """A complete one."""
    made = Draft(draft_id="d1", deal_id="5", deal_name="Birds", currency="USD").with_connection(7)
    made = made.with_source(Source(kind="scratch", fingerprint="f1"), LINES, None).with_customer(AMY)
    return made.with_line_edited("1", LineEdit(item_id="11")).with_line_edited("2", LineEdit(item_id="12"))


def body(made: Draft, company: Company = US, reading: Reading = Reading()) -> dict[str, Any]:  # noqa: B008 - frozen
    request = request_of(made, company, reading, customer_id="1", marker=marker_of("o-1"))
    document: dict[str, Any] = json.loads(invoice_bytes(request), parse_float=Decimal)
    return document


def test_a_draft_survives_the_database_exactly() -> None:
    made = draft().with_new_customer(NewCustomer(display_name="Łódź"))
    assert Draft.from_document(json.loads(json.dumps(made.to_document()))) == made


@pytest.mark.statement("S-24", "rule")
@pytest.mark.statement("S-35", "rule")
def test_each_step_says_what_it_still_needs() -> None:
    empty = Draft(draft_id="d1", currency="USD")
    problems = {state.step: state.problem.code if state.problem else None for state in steps(empty, US, Reading())}
    assert problems == {
        "connection": "INVALID",
        "source": "INVALID",
        "buyer": "NO_BUYER",
        "lines": "NO_LINES",
        "terms": None,
        "message": None,
        "review": None,
    }
    assert [state.state for state in steps(draft(), US, Reading())] == ["done"] * len(STEPS)


@pytest.mark.statement("S-37", "rule")
def test_going_back_keeps_what_was_entered() -> None:
    made = draft().changed(message="Thank you")
    again = made.with_connection(7).with_source(Source(kind="scratch"), (), None)
    assert again == made

    other = made.with_connection(8)
    assert (other.message, other.buyer.settled, other.lines[0].item_id) == ("Thank you", False, None)
    assert [line.amount for line in other.lines] == [line.amount for line in made.lines]


def test_a_match_never_replaces_a_persons_choice() -> None:
    match = BuyerMatch(replace(AMY, quickbooks_id="9"), "email", "likely")
    assert draft().with_match(match) == draft()
    matched = Draft(draft_id="d", currency="USD").with_match(match)
    assert (matched.buyer.customer_id, matched.buyer.how, matched.buyer.certainty) == ("9", "email", "likely")
    several = Draft(draft_id="d", currency="USD").with_match(BuyerMatch(None, "email", "several", (AMY,)))
    assert [each.customer_id for each in several.buyer.candidates] == ["1"]


def test_a_locked_draft_cannot_be_changed() -> None:
    locked = draft().locked("o-1")
    with pytest.raises(Refused, match="DRAFT_LOCKED"):
        locked.changed(message="late")
    assert locked.unlocked().changed(message="now").message == "now"


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        ({"quantity": "3"}, ("3", "19.99", "59.97")),
        ({"unit_price": "10"}, ("1.125", "10", "11.25")),
        ({"amount": "7.77"}, (None, None, "7.77")),
        ({"description": "New"}, ("1.125", "19.99", "22.49")),
    ],
)
def test_edited_lines_add_up(edit: dict[str, str], expected: tuple[str | None, str | None, str]) -> None:
    line = draft().with_line_edited("1", LineEdit.model_validate(edit)).line("1")
    found = tuple(None if value is None else str(value) for value in (line.quantity, line.unit_price, line.amount))
    assert found == expected


def test_lines_are_added_removed_and_named() -> None:
    made = draft().with_line_added(InvoiceLine(key="x", item_id="11", amount=Decimal(1))).without_line("1")
    assert [line.key for line in made.lines] == ["2", "x"]
    for wrong in (lambda: made.without_line("1"), lambda: made.with_tax_codes({"9": "3"})):
        with pytest.raises(Refused, match="NOT_FOUND"):
            wrong()
    with pytest.raises(Refused, match="INVALID"):
        made.with_line_added(made.lines[0])
    alone = made.with_line_edited("x", LineEdit(amount=Decimal(2)))
    with pytest.raises(Refused, match="INVALID"):
        alone.with_line_edited("x", LineEdit(quantity=Decimal(2)))


Wrong = Callable[[Draft], Draft]
EXPIRED = read_quote("7", {"hs_status": "APPROVED", "hs_expiration_date": "2026-11-01"})


@pytest.mark.statement("S-52", "rule")
@pytest.mark.parametrize(
    ("spoil", "company", "reading", "code", "field"),
    [
        (lambda it: it, replace(US, custom_numbers=True), {}, "CUSTOM_TRANSACTION_NUMBERS", "connection_id"),
        (lambda it: it, replace(US, custom_numbers=True, numbers_supplied=True), {}, "INVALID", "number"),
        (lambda it: it.changed(source=Source(kind="quote", quote_id="7")), US, {}, "NOT_FOUND", "source.quote_id"),
        (
            lambda it: it.changed(source=Source(kind="quote", quote_id="7")),
            US,
            {"quote": EXPIRED, "hubspot_today": date(2026, 11, 23), "hubspot_zone": "America/New_York"},
            "QUOTE_EXPIRED",
            "quote_id",
        ),
        (lambda it: it.changed(currency="EUR"), US, {}, "CURRENCY_MISMATCH", "buyer"),
        (lambda it: it.with_line_edited("2", LineEdit(item_id="99")), US, {}, "NO_ITEM", "lines.2.item_id"),
        (lambda it: it.changed(term_id="4"), US, {}, "INVALID", "term_id"),
        (lambda it: it.changed(due_date=date(2026, 11, 1)), US, {}, "INVALID", "due_date"),
        (lambda it: it, replace(US, books_closed_until=date(2026, 11, 30)), {}, "BOOKS_CLOSED", "invoice_date"),
        (lambda it: it, replace(UK, home_currency="USD"), {}, "NO_TAX_CODE", "lines.1.tax_code_id"),
        (
            lambda it: it.changed(discount=OrderDiscount(amount=Decimal(1))),
            replace(US, discounts_allowed=False),
            {},
            "DISCOUNT_NOT_ALLOWED",
            "discount",
        ),
        (lambda it: it.changed(discount=OrderDiscount(amount=Decimal(999))), US, {}, "INVALID", "lines"),
    ],
)
def test_each_refusal_is_precise(
    spoil: Wrong, company: Company, reading: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(Refused, match=code) as refusal:
        check(spoil(draft()), company, Reading(**reading))
    assert refusal.value.field == field
    assert "?" not in refusal.value.sentence


@pytest.mark.statement("S-53", "rule")
def test_with_custom_numbers_off_or_supplied_the_draft_is_fine() -> None:
    check(draft(), US, Reading())
    check(draft().changed(number="A-1"), replace(US, custom_numbers=True, numbers_supplied=True), Reading())


@pytest.mark.statement("S-36", "rule")
def test_the_review_shows_amounts_dates_and_warnings() -> None:
    reading = Reading(customer_tax=CustomerTax(has_address=False), customer_term_id="3", fingerprint="f2")
    found = review_of(draft(), US, reading)
    assert found.totals.subtotal == Decimal("222.49")
    assert (found.invoice_date, found.due_date) == (date(2026, 11, 23), date(2026, 12, 23))
    assert found.warnings == (NO_ADDRESS, DEAL_CHANGED)
    assert found.note == BOOKS_AMOUNT
    assert review_of(draft().with_tax_codes({"1": "3", "2": "3"}), UK, Reading()).totals.total == Decimal("266.99")


@pytest.mark.statement("S-09", "rule")
@pytest.mark.statement("S-11", "rule")
@pytest.mark.statement("S-38", "rule")
def test_a_created_invoice_is_never_sent() -> None:
    sent = body(draft())
    flags = {name: value for name, value in sent.items() if name.startswith("AllowOnline")}
    assert sent["EmailStatus"] == "NotSet"
    assert set(flags.values()) == {False}
    assert len(flags) == 4


def test_the_exact_bytes_of_a_us_invoice() -> None:
    request = request_of(
        draft().changed(message="Thanks"), US, Reading(customer_term_id="3"), customer_id="1", marker="[m]"
    )
    assert invoice_bytes(request).decode() == (
        '{"CustomerRef":{"value":"1"},"TxnDate":"2026-11-23","DueDate":"2026-12-23","SalesTermRef":{"value":"3"},"Line":['
        '{"Description":"Pump","Amount":22.49,"DetailType":"SalesItemLineDetail","SalesItemLineDetail":'
        '{"ItemRef":{"value":"11"},"Qty":1.125,"UnitPrice":19.99,"TaxCodeRef":{"value":"TAX"}}},'
        '{"Amount":200.00,"DetailType":"SalesItemLineDetail","SalesItemLineDetail":'
        '{"ItemRef":{"value":"12"},"Qty":2,"UnitPrice":100,"TaxCodeRef":{"value":"NON"}}}],'
        '"CustomerMemo":{"value":"Thanks"},"PrivateNote":"[m]","BillEmail":{"Address":"amy@birds.org"},'
        '"EmailStatus":"NotSet","AllowOnlineCreditCardPayment":false,"AllowOnlineACHPayment":false,'
        '"AllowOnlinePayPalPayment":false,"AllowOnlineAffirmPayment":false}'
    )


@pytest.mark.statement("S-34", "rule")
def test_what_is_sent_only_where_it_belongs() -> None:
    plain = body(draft())
    assert not {"CurrencyRef", "DocNumber", "TxnTaxDetail", "GlobalTaxCalculation", "CustomerMemo"} & plain.keys()
    assert has_marker(plain["PrivateNote"], "o-1")

    legacy = body(draft(), replace(US, rules=TaxRules(TaxMode.LEGACY, {}, group_code="2")))
    assert legacy["TxnTaxDetail"] == {"TxnTaxCodeRef": {"value": "2"}}
    numbered = replace(US, custom_numbers=True, numbers_supplied=True, fill_bill_email=False)
    sent = body(draft().changed(number="A-1", message="Hello"), numbered)
    assert (sent["DocNumber"], sent["CustomerMemo"], "BillEmail" in sent) == ("A-1", {"value": "Hello"}, False)


@pytest.mark.statement("S-29", "rule")
def test_codes_outside_the_us_and_prices_with_tax() -> None:
    made = draft().with_tax_codes({"1": "3"})
    net = body(made, UK)
    assert (net["GlobalTaxCalculation"], net["CurrencyRef"]) == ("TaxExcluded", {"value": "USD"})
    assert [line["SalesItemLineDetail"]["TaxCodeRef"]["value"] for line in net["Line"]] == ["3", "3"]

    gross = body(made, replace(UK, rules=TaxRules(TaxMode.CODES, CODES, inclusive=True)))
    first = gross["Line"][0]
    assert gross["GlobalTaxCalculation"] == "TaxInclusive"
    assert (first["Amount"], first["SalesItemLineDetail"]["TaxInclusiveAmt"]) == (Decimal("18.74"), Decimal("22.49"))


def test_a_discount_is_one_line_and_comes_off_before_tax() -> None:
    sent = body(draft().changed(discount=OrderDiscount(percent=Decimal(10), amount=Decimal("22.25"), label="Spring")))
    assert sent["Line"][-1] == {
        "Description": "Spring",
        "Amount": Decimal("22.25"),
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10},
    }
    assert sent["ApplyTaxAfterDiscount"] is True


def test_a_customers_bytes() -> None:
    new = NewCustomer(display_name=" Łódź ", email="a@b.c", currency="EUR", address=Address(city="Łódź"))
    assert customer_bytes(new, multicurrency=True).decode() == (
        '{"DisplayName":"Łódź","PrimaryEmailAddr":{"Address":"a@b.c"},"CurrencyRef":{"value":"EUR"},'
        '"BillAddr":{"City":"Łódź"}}'
    )
    assert b"CurrencyRef" not in customer_bytes(new, multicurrency=False)
    with pytest.raises(Refused, match="INVALID"):
        customer_bytes(NewCustomer(display_name="a:b"), multicurrency=False)
    assert void_bytes("130", "2") == b'{"Id":"130","SyncToken":"2"}'


def test_bill_email_keeps_as_many_addresses_as_fit() -> None:
    many = ", ".join(f"somebody{number}@example.com" for number in range(9))
    assert bill_email(many).count("@") == 4
    assert bill_email("") == ""


def test_request_ids_are_short_stable_and_apart() -> None:
    ids = {
        for_order("1", "23", "invoice", 1),
        for_order("12", "3", "invoice", 1),
        for_order("1", "23", "invoice", 2),
        for_order("1", "23", "send", 1),
        for_customer("1", "contact", "23", 1),
        for_customer("1", "company", "23", 1),
    }
    assert len(ids) == 6
    assert all(len(each) <= 50 for each in ids)
    assert for_order("1", "23", "invoice", 1) == PINNED  # ids in use may never change
