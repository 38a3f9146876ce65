"""What is told of a change: facts, payments, stages; and what a baseline keeps silent about."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from invoice_service.addresses import Addresses
from invoice_service.invoices.changes import events_of_change
from invoice_service.invoices.facts import as_deleted, handed_over, read_invoice
from invoice_service.invoices.payments import Allocation, PaymentFacts, settlement
from invoice_service.invoices.stages import Stage, standing
from invoice_service.invoices.states import KnownInvoice, Origin, state_of
from ledgerbridge.contracts.invoices import (
    CreditApplied,
    InvoiceState,
    InvoiceStatusChanged,
    InvoiceUpdated,
    PaymentReceived,
    PaymentReversed,
)

NOON = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)


def state(
    payments: list[PaymentFacts] | None = None,
    *,
    today: date = date(2026, 11, 23),
    origin: Origin = "created",
    deleted: bool = False,
    **fields: Any,
) -> InvoiceState:
    document = {
        "Id": "130",
        "DocNumber": "1037",
        "CustomerRef": {"value": "24", "name": "Sonnenschein Family Store"},
        "TxnDate": "2026-11-01",
        "DueDate": "2026-12-01",
        "CurrencyRef": {"value": "USD"},
        "TotalAmt": Decimal(100),
        "Balance": Decimal(100),
        "EmailStatus": "NotSet",
    }
    facts = read_invoice(document | fields)
    facts = as_deleted(facts) if deleted else facts
    known = KnownInvoice(
        invoice_id="5f0c9d4e-0000-4000-8000-000000000001",
        connection=7,
        realm="9130350000000001",
        origin=origin,
        facts=facts,
        standing=standing(facts, handed_over=handed_over(facts), today=today, zone="America/Los_Angeles"),
        handed_over=handed_over(facts),
        settlement=settlement(facts, payments or []),
        as_of=NOON,
        home_currency="USD",
    )
    return state_of(known, Addresses("https://quickbooks.example", "https://ledgerbridge.example"))


def payment(received: str, credited: str = "0", payment_id: str = "77", **fields: Any) -> PaymentFacts:
    allocations = (Allocation("130", Decimal(received), Decimal(credited)), Allocation("131", Decimal(5), Decimal(0)))
    return PaymentFacts(
        quickbooks_id=payment_id, total=Decimal(received) + 5, currency="USD", allocations=allocations, **fields
    )


OPEN = state()


def test_nothing_changed_tells_nothing() -> None:
    assert events_of_change(OPEN, state(MetaData={"LastUpdatedTime": "2026-11-22T10:00:00Z"})) == []
    assert events_of_change(OPEN, state(TotalAmt=Decimal("100.00"))) == []


def test_a_changed_fact_is_told_with_old_and_new() -> None:
    [event] = events_of_change(OPEN, state(DueDate="2026-12-24", DocNumber="1038"))
    assert isinstance(event, InvoiceUpdated)
    changes = {name: (change.old, change.new) for name, change in event.changes.items()}
    assert changes == {"due_date": ("2026-12-01", "2026-12-24"), "number": ("1037", "1038")}


def test_a_payment_is_told_once_with_its_other_invoices_and_then_the_stage() -> None:
    paid = payment("40")
    after = state([paid], Balance=Decimal(60))
    updated, received, status = events_of_change(OPEN, after, [], [paid], invoice_ids={"131": "our-131"})

    assert isinstance(updated, InvoiceUpdated)
    assert {"balance", "paid"} <= updated.changes.keys()
    assert isinstance(received, PaymentReceived)
    assert (received.payment_id, received.applied, received.payment_total) == ("77", Decimal(40), Decimal(45))
    assert [(each.invoice_id, each.quickbooks_id, each.applied) for each in received.other_invoices] == [
        ("our-131", "131", Decimal(5))
    ]
    assert isinstance(status, InvoiceStatusChanged)
    assert (status.old_stage, status.new_stage) == (Stage.WAITING_TO_BE_SENT, Stage.PARTIAL_PAYMENT)
    assert events_of_change(after, after, [paid], [paid]) == []


def test_a_changed_amount_of_a_told_payment_is_an_update_alone() -> None:
    was, now = payment("40"), payment("50")
    events = events_of_change(state([was], Balance=60), state([now], Balance=50), [was], [now])
    assert [type(event) for event in events] == [InvoiceUpdated]


@pytest.mark.parametrize(
    ("now", "fields", "why"),
    [
        (payment("0", deleted=True), {"Balance": 100}, "deleted"),
        (payment("0", voided=True), {"Balance": 100}, "voided"),
        (payment("0"), {"Balance": 100}, "unapplied"),
        (None, {"Balance": 100}, "unapplied"),
        (payment("0"), {"TotalAmt": 0, "Balance": 0, "PrivateNote": "Voided"}, "invoice_voided"),
        (payment("40"), {"deleted": True}, None),
        (payment("0"), {"deleted": True}, "invoice_deleted"),
    ],
)
def test_a_reversal_says_why(now: PaymentFacts | None, fields: dict[str, Any], why: str | None) -> None:
    was = payment("40")
    before = state([was], Balance=60)
    events = events_of_change(before, state([now] if now else [], **fields), [was], [now] if now else [])

    reversals = [event for event in events if isinstance(event, PaymentReversed)]
    assert [(event.why, event.applied) for event in reversals] == ([(why, Decimal(40))] if why else [])


def test_a_credit_is_never_a_payment() -> None:
    credit = payment("0", "30", credit_memo_ids=("9",))
    events = events_of_change(OPEN, state([credit], Balance=70), [], [credit])

    assert not any(isinstance(event, PaymentReceived) for event in events)
    [applied] = [event for event in events if isinstance(event, CreditApplied)]
    assert (applied.credit_memo_id, applied.applied) == ("9", Decimal(30))


def test_a_deposit_raises_no_payment() -> None:
    after = state(Balance=70, Deposit=30)
    events = events_of_change(OPEN, after)
    assert [type(event) for event in events] == [InvoiceUpdated, InvoiceStatusChanged]
    assert after.deposit == Decimal(30)


@pytest.mark.statement("S-46", "rule")
def test_becoming_overdue_is_told_as_the_calendars_doing() -> None:
    after = state(today=date(2026, 12, 2))
    [event] = events_of_change(OPEN, after, cause="calendar")
    assert isinstance(event, InvoiceStatusChanged)
    assert (event.new_stage, event.cause, event.invoice.handed_over) == (Stage.OVERDUE, "calendar", False)


@pytest.mark.statement("S-54", "rule")
def test_the_first_reading_of_an_added_invoice_is_its_baseline() -> None:
    paid = payment("40")
    assert events_of_change(None, state([paid], origin="added", Balance=60), [], [paid]) == []


def test_an_invoice_of_our_own_order_tells_all_from_the_start() -> None:
    paid = payment("100")
    events = events_of_change(None, state([paid], Balance=0), [], [paid])
    assert [type(event) for event in events] == [PaymentReceived, InvoiceStatusChanged]
    assert events_of_change(None, OPEN) == []


@pytest.mark.statement("B-10", "rule")
def test_void_and_delete_are_told_apart() -> None:
    voided = state(TotalAmt=0, Balance=0, PrivateNote="Voided")
    assert events_of_change(OPEN, voided)[-1].invoice.stage is Stage.VOIDED
    assert events_of_change(OPEN, state(deleted=True))[-1].invoice.stage is Stage.DELETED


def test_a_missing_currency_is_the_companys() -> None:
    assert state(CurrencyRef=None).currency == "USD"
