"""Facts read from QuickBooks' JSON: what counts as handed over, as voided, as a change; what each payment did."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invoice_service.invoices.facts import (
    as_deleted,
    facts_hash,
    from_document,
    handed_over,
    read_invoice,
    to_document,
    with_earlier,
)
from invoice_service.invoices.payments import Allocation, Settlement, payments_to_read, read_payment, settlement

INVOICE: dict[str, Any] = {
    "Id": "130",
    "SyncToken": "1",
    "DocNumber": "1037",
    "TxnDate": "2026-11-01",
    "DueDate": "2026-12-01-08:00",
    "CustomerRef": {"value": "24", "name": "Sonnenschein Family Store"},
    "CurrencyRef": {"value": "USD", "name": "United States Dollar"},
    "TotalAmt": Decimal("362.07"),
    "Balance": Decimal("62.07"),
    "Deposit": 0,
    "TxnTaxDetail": {"TotalTax": Decimal("26.82")},
    "EmailStatus": "NotSet",
    "PrintStatus": "NeedToPrint",
    "LinkedTxn": [{"TxnId": "77", "TxnType": "Payment"}, {"TxnId": "12", "TxnType": "Estimate"}],
    "MetaData": {"CreateTime": "2026-11-01T10:00:00-07:00", "LastUpdatedTime": "2026-11-02T10:00:00-07:00"},
    "SomethingNewOfIntuit": {"deep": [1]},
    "Line": [
        {
            "Id": "1",
            "Amount": Decimal("335.25"),
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {"ItemRef": {"value": "11", "name": "Pump"}, "Qty": 3, "UnitPrice": "111.75"},
        },
        {"Amount": Decimal("335.25"), "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}},
    ],
}


def test_the_fields_that_matter_are_read_exactly_and_unknown_ones_ignored() -> None:
    facts = read_invoice(INVOICE)

    assert (facts.total, facts.balance, facts.tax) == (Decimal("362.07"), Decimal("62.07"), Decimal("26.82"))
    assert facts.due_date is not None
    assert facts.due_date.isoformat() == "2026-12-01"
    assert facts.payment_ids == ("77",)
    assert [(line.item_name, line.quantity, line.unit_price) for line in facts.lines] == [
        ("Pump", Decimal(3), Decimal("111.75"))
    ]
    assert from_document(to_document(facts)) == facts


ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["", "Z", "2026-11-32", "NaN", "1e99999999"])
    | st.just(Decimal("1.5")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["value", "Id", "Amount", "LinkedTxn"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(document=st.dictionaries(st.sampled_from(sorted(INVOICE)), ODD))
def test_no_document_however_odd_fails_its_batch(document: dict[str, Any]) -> None:
    facts_hash(read_invoice(document))
    read_payment(document)


@pytest.mark.statement("S-42", "rule")
@pytest.mark.statement("S-43", "rule")
@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        ({"EmailStatus": "NotSet"}, False),
        ({"EmailStatus": "NeedToSend", "DeliveryInfo": {"DeliveryType": "Email"}}, False),
        ({"EmailStatus": "EmailSent"}, True),
        ({"DeliveryInfo": {"DeliveryTime": "2026-05-05T02:03:51-07:00"}}, True),
        ({"EInvoiceStatus": "Sent"}, True),
        ({"EInvoiceStatus": "Viewed"}, True),
        ({"EInvoiceStatus": "Paid"}, True),
        ({"EInvoiceStatus": "Delivery Error"}, False),
        ({"PrintStatus": "PrintComplete"}, True),
        ({"PrintStatus": "NeedToPrint"}, False),
    ],
)
def test_handed_over(fields: dict[str, Any], sent: bool) -> None:
    assert handed_over(read_invoice(INVOICE | fields)) is sent


def test_handed_over_by_setting_and_by_a_persons_mark() -> None:
    printed = read_invoice(INVOICE | {"PrintStatus": "PrintComplete"})
    assert not handed_over(printed, printed_counts=False)
    assert handed_over(read_invoice(INVOICE), marked_by_person=True)


ZEROED = INVOICE | {"TotalAmt": 0, "Balance": 0, "Line": [{"Amount": 0, "DetailType": "SalesItemLineDetail"}]}


@pytest.mark.statement("B-10", "rule")
def test_voided_needs_the_note_or_the_verb_and_nothing_left() -> None:
    assert read_invoice(ZEROED | {"PrivateNote": "Voided - typo"}).voided
    assert not read_invoice(ZEROED | {"PrivateNote": "was Voided once"}).voided
    assert not read_invoice(INVOICE | {"PrivateNote": "Voided"}).voided  # a copy made in QuickBooks copies the note
    assert not read_invoice(ZEROED).voided  # edited to zero: paid in full

    told = from_document(to_document(read_invoice(ZEROED)) | {"voided_by_notice": True})
    assert told.voided
    assert with_earlier(read_invoice(ZEROED), told).voided  # a later reading cannot tell the verb again


@pytest.mark.statement("S-76", "rule")
def test_a_moved_time_stamp_is_no_change_and_every_fact_is_one() -> None:
    facts = read_invoice(INVOICE)
    moved = {"LastUpdatedTime": "2026-11-20T10:00:00-07:00", "CreateTime": INVOICE["MetaData"]["CreateTime"]}
    same = read_invoice(INVOICE | {"SyncToken": "9", "TotalAmt": Decimal("362.0700"), "MetaData": moved})

    assert facts_hash(same) == facts_hash(facts)
    for change in ({"DocNumber": "1038"}, {"Balance": 62}, {"EmailStatus": "EmailSent"}, {"DueDate": None}):
        assert facts_hash(read_invoice(INVOICE | change)) != facts_hash(facts)
    assert facts_hash(as_deleted(facts)) != facts_hash(facts)
    assert as_deleted(facts).number == "1037"


def payment(*lines: tuple[str, str, str], total: str = "50.00", **fields: Any) -> dict[str, Any]:
    return {
        "Id": "77",
        "TotalAmt": Decimal(total),
        "Line": [
            {"Amount": Decimal(amount), "LinkedTxn": [{"TxnId": transaction, "TxnType": kind}]}
            for kind, transaction, amount in lines
        ],
        **fields,
    }


def test_a_payment_is_split_by_its_lines() -> None:
    facts = read_payment(payment(("Invoice", "130", "30.00"), ("Invoice", "131", "20.00")))

    assert facts.allocations == (
        Allocation("130", Decimal("30.00"), Decimal(0)),
        Allocation("131", Decimal("20.00"), Decimal(0)),
    )
    assert facts.for_invoice("999").applied == 0


def test_a_credit_applied_is_no_money() -> None:
    facts = read_payment(payment(("Invoice", "130", "30.00"), ("CreditMemo", "9", "30.00"), total="0"))
    assert facts.for_invoice("130") == Allocation("130", Decimal(0), Decimal("30.00"))
    assert facts.credit_memo_ids == ("9",)


def test_money_and_credit_in_one_payment_add_up() -> None:
    facts = read_payment(
        payment(("Invoice", "130", "30.00"), ("Invoice", "131", "40.00"), ("CreditMemo", "9", "45.00"), total="25.00")
    )
    assert sum(each.received for each in facts.allocations) == Decimal("25.00")
    assert sum(each.credited for each in facts.allocations) == Decimal("45.00")
    assert facts.for_invoice("130").received == 0


def test_a_voided_payment_is_told_by_note_and_zero() -> None:
    assert read_payment(payment(total="0", PrivateNote="Voided")).voided
    assert not read_payment(payment(("Invoice", "130", "30.00"), PrivateNote="Voided")).voided


@pytest.mark.statement("S-44", "rule")
def test_paid_credited_deposit_and_what_nothing_explains() -> None:
    facts = read_invoice(INVOICE | {"TotalAmt": 400, "Balance": 100, "Deposit": 50})
    money = read_payment(payment(("Invoice", "130", "120.00"), total="120.00"))
    credit = read_payment(payment(("Invoice", "130", "80.00"), ("CreditMemo", "9", "80.00"), total="0", Id="78"))
    gone = read_payment(payment(("Invoice", "130", "7.00"), Id="79", status="Deleted"))

    split = settlement(facts, [money, credit, gone])
    assert split == Settlement(Decimal("120.00"), Decimal("80.00"), Decimal(50), Decimal("50.00"))
    assert payments_to_read(facts, [credit]) == {"77", "78"}  # the invoice names 77 alone
    assert settlement(as_deleted(facts), [money]) == Settlement()
