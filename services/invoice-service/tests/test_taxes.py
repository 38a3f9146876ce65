"""Taxes and totals by the kind of company: what is asked, what is sent, what the review says."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invoice_service.catalogue.taxes import CustomerTax, TaxCode, TaxMode, TaxRate, TaxRules, tax_mode
from invoice_service.drafts.totals import Certainty, review, variance
from invoice_service.lines import InvoiceLine, OrderDiscount
from invoice_service.money import CENT
from ledgerbridge.errors import Refused

STANDARD = TaxCode("3", "20.0% S", (TaxRate("30", "VAT 20 %", Decimal(20)),))
REDUCED = TaxCode("4", "5.0% R", (TaxRate("40", "VAT 5 %", Decimal(5)),))
ZERO_RATED = TaxCode("5", "0.0% Z", (TaxRate("50", "VAT 0 %", Decimal(0)),))
RETIRED = TaxCode("6", "17.5% S", (TaxRate("60", "VAT 17.5 %", Decimal("17.5")),), active=False)
CALIFORNIA = TaxCode("2", "California", (TaxRate("3", "California", Decimal(8)),))
QUEBEC = TaxCode(
    "8",
    "GST/QST",
    (TaxRate("80", "GST", Decimal(5), order=0), TaxRate("81", "QST", Decimal(10), "TaxOnAmountPlusTax", 1)),
)
CODES = {code.quickbooks_id: code for code in (STANDARD, REDUCED, ZERO_RATED, RETIRED, CALIFORNIA, QUEBEC)}
CUSTOMER = CustomerTax(has_address=True)


def rules(mode: TaxMode, **choices: object) -> TaxRules:
    return TaxRules(mode, CODES, **choices)  # type: ignore[arg-type]


def line(amount: str, code: str | None = None, taxable: bool | None = None, key: str = "1") -> InvoiceLine:
    return InvoiceLine(key=key, item_id="11", amount=Decimal(amount), tax_code_id=code, taxable=taxable)


@pytest.mark.parametrize(
    ("country", "using", "partner", "mode"),
    [
        ("US", True, True, TaxMode.AUTOMATED),
        ("US", True, False, TaxMode.AUTOMATED),
        ("US", True, None, TaxMode.LEGACY),
        ("US", False, None, TaxMode.OFF),
        ("GB", True, None, TaxMode.CODES),
        ("CA", True, True, TaxMode.CODES),
        ("GB", False, None, TaxMode.OFF),
    ],
)
def test_the_companys_country_and_preferences_decide(country: str, using: bool, partner: bool, mode: TaxMode) -> None:
    assert tax_mode(country, using_sales_tax=using, partner_tax_enabled=partner) is mode


@pytest.mark.statement("S-27", "rule")
def test_outside_the_us_every_line_needs_an_active_code() -> None:
    rules(TaxMode.CODES).check([line("1", "3")])
    with pytest.raises(Refused, match="NO_TAX_CODE") as refusal:
        rules(TaxMode.CODES).check([line("1", "3"), line("1", key="b")])
    assert refusal.value.field == "lines.b.tax_code_id"
    for code in ("6", "99"):
        with pytest.raises(Refused, match="INVALID"):
            rules(TaxMode.CODES).check([line("1", code)])


@pytest.mark.statement("S-30", "rule")
@pytest.mark.parametrize("mode", [TaxMode.AUTOMATED, TaxMode.LEGACY, TaxMode.OFF])
def test_elsewhere_nobody_is_asked(mode: TaxMode) -> None:
    rules(mode).check([line("1")])
    assert rules(mode, default_code="3").with_defaults([line("1")]) == [line("1")]


def test_the_connections_default_fills_what_has_no_code() -> None:
    filled = rules(TaxMode.CODES, default_code="3").with_defaults([line("1"), line("1", "4")])
    assert [each.tax_code_id for each in filled] == ["3", "4"]


@pytest.mark.parametrize(
    ("mode", "taxable", "customer_taxable", "sent"),
    [
        (TaxMode.AUTOMATED, True, True, "TAX"),
        (TaxMode.AUTOMATED, True, False, "NON"),
        (TaxMode.LEGACY, False, True, "NON"),
        (TaxMode.LEGACY, None, True, "NON"),
        (TaxMode.CODES, True, True, "3"),
        (TaxMode.OFF, True, True, None),
    ],
)
def test_the_code_sent_with_a_line(mode: TaxMode, taxable: bool | None, customer_taxable: bool, sent: str) -> None:
    found = rules(mode).line_code(line("1", "3", taxable), CustomerTax(taxable=customer_taxable))
    assert found == sent


def test_the_transaction_code_is_the_customers_then_the_companys_with_legacy_tax_alone() -> None:
    legacy = rules(TaxMode.LEGACY, group_code="2")
    assert legacy.transaction_code(CustomerTax(default_tax_code="7")) == "7"
    assert legacy.transaction_code(CustomerTax()) == "2"
    assert legacy.transaction_code(CustomerTax(taxable=False, default_tax_code="7")) is None
    assert rules(TaxMode.AUTOMATED, group_code="2").transaction_code(CustomerTax(default_tax_code="7")) is None


def test_a_taxable_line_without_an_address_is_warned_about() -> None:
    automated, homeless = rules(TaxMode.AUTOMATED), CustomerTax(has_address=False)
    assert automated.warns_of_address([line("1", taxable=True)], homeless)
    assert not automated.warns_of_address([line("1", taxable=False)], homeless)
    assert not automated.warns_of_address([line("1", taxable=True)], CUSTOMER)
    assert not rules(TaxMode.CODES).warns_of_address([line("1", "3", taxable=True)], homeless)


@pytest.mark.statement("S-36", "rule")
def test_codes_on_net_amounts() -> None:
    totals = review([line("100.00", "3"), line("50.00", "4"), line("9.99", "5")], None, rules(TaxMode.CODES), CUSTOMER)

    assert (totals.subtotal, totals.tax, totals.total) == (Decimal("159.99"), Decimal("22.50"), Decimal("182.49"))
    assert totals.certainty is Certainty.EXACT
    assert [(each.rate_id, each.net, each.tax) for each in totals.taxes[:2]] == [
        ("30", Decimal("100.00"), Decimal("20.00")),
        ("40", Decimal("50.00"), Decimal("2.50")),
    ]


def test_prices_with_tax_keep_their_total() -> None:
    totals = review([line("120.00", "3"), line("10.00", "3")], None, rules(TaxMode.CODES, inclusive=True), CUSTOMER)
    assert (totals.subtotal, totals.total) == (Decimal("130.00"), Decimal("130.00"))
    assert totals.tax == Decimal("21.67")  # 100.00 and 8.33 are left
    thirds = review([line("0.10", "3") for _ in range(3)], None, rules(TaxMode.CODES, inclusive=True), CUSTOMER)
    assert (thirds.tax, thirds.total, thirds.certainty) == (Decimal("0.06"), Decimal("0.30"), Certainty.EXPECTED)


def test_compound_rates_count_the_taxes_before_them() -> None:
    totals = review([line("100.00", "8")], None, rules(TaxMode.CODES), CUSTOMER)
    assert [each.tax for each in totals.taxes] == [Decimal("5.00"), Decimal("10.50")]
    assert QUEBEC.factor == Decimal("0.155")


def test_where_roundings_differ_the_review_says_expected_and_the_variance_is_shown() -> None:
    lines = [line("0.02", "3", key=str(number)) for number in range(5)]  # by line 5 x 0.00, in all 0.02
    totals = review(lines, None, rules(TaxMode.CODES), CUSTOMER)

    assert (totals.tax, totals.certainty) == (Decimal("0.02"), Certainty.EXPECTED)
    assert variance(totals, Decimal("0.10"), Decimal("0.00")) == {"total": Decimal("-0.02"), "tax": Decimal("-0.02")}
    assert variance(totals, Decimal("0.12"), Decimal("0.02")) == {}


def test_automated_tax_is_quickbooks_to_compute_unless_nothing_is_taxable() -> None:
    automated = rules(TaxMode.AUTOMATED)
    unknown = review([line("10.00", taxable=True)], None, automated, CUSTOMER)
    assert (unknown.tax, unknown.total, unknown.certainty) == (None, None, Certainty.BY_QUICKBOOKS)
    assert variance(unknown, Decimal("10.80"), Decimal("0.80")) == {}
    known = review([line("10.00", taxable=False)], None, automated, CUSTOMER)
    assert (known.total, known.certainty) == (Decimal("10.00"), Certainty.EXACT)


def test_legacy_tax_takes_the_transactions_code_on_taxable_lines() -> None:
    # The recorded invoice of quickbooks.md 6: 335.25 at 8 % gives 26.82.
    legacy = rules(TaxMode.LEGACY, group_code="2")
    totals = review([line("335.25", taxable=True), line("10.00", taxable=False)], None, legacy, CUSTOMER)
    assert (totals.tax, totals.total, totals.certainty) == (Decimal("26.82"), Decimal("372.07"), Certainty.EXACT)


def test_a_discount_comes_off_before_tax_and_its_spread_over_codes_is_a_guess() -> None:
    discount = OrderDiscount(percent=Decimal(10), amount=Decimal("10.00"))
    one = review([line("60.00", "3"), line("40.00", "3")], discount, rules(TaxMode.CODES), CUSTOMER)
    assert (one.discount, one.tax, one.total) == (Decimal("10.00"), Decimal("18.00"), Decimal("108.00"))
    assert one.certainty is Certainty.EXACT
    two = review([line("60.00", "3"), line("40.00", "4")], discount, rules(TaxMode.CODES), CUSTOMER)
    assert two.certainty is Certainty.EXPECTED


def test_with_sales_tax_off_the_total_is_the_sum() -> None:
    totals = review([line("60.00", "3", True)], None, rules(TaxMode.OFF), CUSTOMER)
    assert (totals.tax, totals.total, totals.certainty) == (Decimal(0), Decimal("60.00"), Certainty.EXACT)


AMOUNTS = st.decimals("0.01", "99999.99", places=2)


@given(amounts=st.lists(st.tuples(AMOUNTS, st.sampled_from(["3", "4", "5", "8"])), min_size=1, max_size=12))
def test_totals_add_up_and_are_within_a_cent_per_line_and_rate_of_the_exact_tax(
    amounts: list[tuple[Decimal, str]],
) -> None:
    lines = [line(str(amount), code) for amount, code in amounts]
    totals = review(lines, None, rules(TaxMode.CODES), CUSTOMER)

    assert totals.tax is not None
    assert totals.total == totals.subtotal + totals.tax == sum(amount for amount, _code in amounts) + totals.tax
    assert totals.tax == sum(each.tax for each in totals.taxes)
    exact = sum(amount * CODES[code].factor for amount, code in amounts)
    assert abs(totals.tax - exact) <= CENT / 2 * len(totals.taxes)
    if totals.certainty is Certainty.EXACT and len({code for _amount, code in amounts}) == 1:
        by_line = sum((amount * CODES[amounts[0][1]].factor for amount, _code in amounts), Decimal(0))
        assert abs(totals.tax - by_line) <= CENT


@given(amounts=st.lists(AMOUNTS, min_size=1, max_size=12))
def test_prices_with_tax_never_change_the_total(amounts: list[Decimal]) -> None:
    lines = [line(str(amount), "3") for amount in amounts]
    assert review(lines, None, rules(TaxMode.CODES, inclusive=True), CUSTOMER).total == sum(amounts)
