"""The five properties: which invoice they follow, currencies, clearing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invoice_service.deals.properties import (
    AMOUNT,
    CONVERSION_NAMES,
    DUE_DATE,
    EXCHANGE_RATE,
    EXCHANGE_RATE_SOURCE,
    NAMES,
    NUMBER,
    ORIGINAL_AMOUNT,
    ORIGINAL_CURRENCY,
    RECIPIENT,
    STATUS,
    CurrencyRule,
    Rate,
    deal_properties,
)
from invoice_service.invoices.linked import LinkedInvoice
from invoice_service.invoices.stages import Stage, is_live

T0 = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
USD = CurrencyRule("USD")


def invoice(
    invoice_id: str = "a", minutes: int = 0, stage: Stage = Stage.SENT_TO_CUSTOMER, **fields: object
) -> LinkedInvoice:
    base = LinkedInvoice(
        invoice_id=invoice_id,
        stage=stage,
        currency="USD",
        total=Decimal("362.07"),
        recipient="Amy's Bird Sanctuary",
        number="1037",
        due_date=date(2026, 12, 1),
        invoice_date=date(2026, 11, 1),
        changed_at=T0 + timedelta(minutes=minutes),
        created_at=T0,
        home_currency="USD",
    )
    return replace(base, **fields)  # type: ignore[arg-type]


@pytest.mark.statement("S-47", "rule")
@pytest.mark.statement("S-48", "rule")
@pytest.mark.statement("S-49", "rule")
def test_amount_recipient_and_number() -> None:
    values = deal_properties([invoice(total=Decimal("362.0"))], USD).values
    assert (values[AMOUNT], values[RECIPIENT], values[NUMBER]) == ("362.00", "Amy's Bird Sanctuary", "1037")
    assert deal_properties([invoice(number="")], USD).values[NUMBER] == ""


@pytest.mark.statement("S-50", "rule")
@pytest.mark.statement("S-51", "rule")
@pytest.mark.statement("S-74", "rule")
def test_status_and_due_date() -> None:
    found = deal_properties([invoice()], USD)
    assert (found.values[STATUS], found.values[DUE_DATE]) == ("sent_to_customer", "2026-12-01")
    assert {name for name, value in found.values.items() if value} == set(NAMES)
    assert deal_properties([invoice(due_date=None)], USD).values[DUE_DATE] == ""


@pytest.mark.statement("S-76", "rule")
@pytest.mark.parametrize(
    ("invoices", "followed"),
    [
        ([invoice("a", 1), invoice("b", 2)], "b"),
        ([invoice("a", 2), invoice("b", 2, created_at=T0 + timedelta(1))], "b"),
        ([invoice("a", 2), invoice("b", 2)], "b"),
        ([invoice("a", 1), invoice("b", 9, Stage.VOIDED), invoice("c", 9, Stage.DELETED)], "a"),
        ([invoice("a", 1, Stage.VOIDED), invoice("b", 9, Stage.DELETED)], "a"),
        ([invoice("a", 1, Stage.DELETED), invoice("b", 2, Stage.DELETED)], "b"),
        ([invoice("a", 1), invoice("b", 9, currency="EUR")], "a"),
        ([invoice("b", 9, currency="EUR"), invoice("c", 9, Stage.VOIDED)], None),
        ([], None),
    ],
)
def test_which_invoice_is_followed(invoices: list[LinkedInvoice], followed: str | None) -> None:
    found = deal_properties(invoices, USD)
    assert found.follows == followed
    if followed is None:
        assert set(found.values.values()) == {""}


@given(
    st.lists(
        st.builds(
            invoice,
            st.sampled_from("abcdefgh"),
            st.integers(0, 5),
            st.sampled_from(list(Stage)),
            currency=st.sampled_from(["USD", "EUR"]),
        ),
        unique_by=lambda each: each.invoice_id,
    ).flatmap(lambda found: st.tuples(st.just(found), st.permutations(found)))
)
def test_the_order_of_the_invoices_never_matters(both: tuple[list[LinkedInvoice], list[LinkedInvoice]]) -> None:
    found = deal_properties(both[0], USD)
    assert deal_properties(both[1], USD) == found
    live = [each for each in both[0] if is_live(each.stage) and each.currency == "USD"]
    newest = max(live, key=lambda each: each.newness, default=None)
    assert newest is None or found.follows == newest.invoice_id


@pytest.mark.statement("B-10", "rule")
def test_voided_and_deleted_are_shown_as_such() -> None:
    voided = deal_properties([invoice(stage=Stage.VOIDED, total=Decimal(0))], USD).values
    deleted = deal_properties([invoice(stage=Stage.DELETED)], USD).values
    assert (voided[STATUS], voided[AMOUNT]) == ("voided", "0.00")
    assert (deleted[STATUS], deleted[AMOUNT], deleted[NUMBER]) == ("deleted", "0.00", "1037")


@pytest.mark.statement("S-56", "rule")
def test_another_currency_is_skipped_and_says_so() -> None:
    found = deal_properties([invoice(currency="EUR")], USD)
    assert found.skipped == {"a": "not written to the deal: EUR invoice, USD account"}
    assert (found.follows, set(found.values.values())) == (None, {""})


def conversion(values: dict[str, str]) -> tuple[str, ...]:
    return values[ORIGINAL_AMOUNT], values[ORIGINAL_CURRENCY], values[EXCHANGE_RATE], values[EXCHANGE_RATE_SOURCE]


@pytest.mark.statement("S-56", "rule")
def test_the_setting_lifts_the_skip_by_home_total_or_by_hubspots_rate() -> None:
    euro = invoice(currency="EUR", home_currency="USD", home_total=Decimal("400.10"), home_rate=Decimal("1.105035000"))
    lifted = CurrencyRule("USD", converting=True)
    home = deal_properties([euro], lifted)
    assert home.values[AMOUNT] == "400.10"
    assert conversion(home.values) == ("362.07", "EUR", "1.105035", "QuickBooks home total")
    deleted = deal_properties([replace(euro, stage=Stage.DELETED)], lifted).values
    assert (deleted[AMOUNT], deleted[ORIGINAL_AMOUNT]) == ("0.00", "0.00")

    pound_company = replace(euro, home_currency="GBP")
    no_rate = deal_properties([pound_company], lifted)
    assert no_rate.skipped == {"a": "not written to the deal: EUR invoice, USD account, no exchange rate"}
    rates = {("EUR", date(2026, 11, 1)): Rate(Decimal("1.08"), "HubSpot rate of 2026-10-30")}
    by_rate = deal_properties([pound_company], replace(lifted, rates=rates))
    assert by_rate.values[AMOUNT] == "391.04"
    assert conversion(by_rate.values) == ("362.07", "EUR", "1.08", "HubSpot rate of 2026-10-30")
    assert {deal_properties([invoice()], lifted).values[name] for name in CONVERSION_NAMES} == {""}
    assert {no_rate.values[name] for name in CONVERSION_NAMES} == {""}
