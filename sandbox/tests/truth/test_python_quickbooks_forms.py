"""The judge is python-quickbooks: invoices, payments and the other forms of a sale, by the SDK's own methods."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from doors import Doors
from quickbooks.exceptions import ObjectNotFoundException, QuickbooksException, ValidationException
from quickbooks.objects import (
    CreditMemo,
    Estimate,
    Invoice,
    Item,
    Payment,
    Preferences,
    RefundReceipt,
    SalesReceipt,
    Term,
)
from quickbooks.objects.base import CustomerMemo, EmailAddress
from quickbooks.objects.detailline import (
    DescriptionOnlyLine,
    DiscountLine,
    DiscountLineDetail,
    GroupLine,
    GroupLineDetail,
)
from quickbooks_books import Books

JUDGE = "python-quickbooks"


def test_an_invoice_with_a_mail_address_and_a_memo(books: Books) -> None:
    made = Invoice()
    made.CustomerRef = books.customer("Buyer").to_ref()
    made.Line.append(books.line("120.40"))
    made.BillEmail, made.CustomerMemo = EmailAddress(), CustomerMemo()
    made.BillEmail.Address, made.CustomerMemo.value = "buyer@judge.example", "Thank you"
    answer = made.save(qb=books.client)
    assert (answer.TotalAmt, answer.Balance, answer.EmailStatus) == (Decimal("120.4"), Decimal("120.4"), "NotSet")
    assert (answer.BillEmail.Address, answer.CustomerMemo.value) == ("buyer@judge.example", "Thank you")
    assert [line.DetailType for line in answer.Line] == ["SalesItemLineDetail", "SubTotalLineDetail"]
    assert answer.DocNumber


def test_a_discount_and_a_line_of_words(books: Books) -> None:
    made, discount, words = Invoice(), DiscountLine(), DescriptionOnlyLine()
    made.CustomerRef = books.customer("Bargainer").to_ref()
    discount.DiscountLineDetail = DiscountLineDetail()
    discount.DiscountLineDetail.PercentBased, discount.DiscountLineDetail.DiscountPercent = True, 10
    discount.Amount, words.Description = 10, "As agreed by telephone"
    made.Line = [books.line(), words, discount]
    answer = made.save(qb=books.client)
    assert answer.TotalAmt == 90
    assert "DiscountLineDetail" in {line.DetailType for line in answer.Line}


def test_terms_decide_the_due_date(books: Books) -> None:
    term = [one for one in Term.all(qb=books.client) if one.DueDays == 30]
    made = Invoice()
    made.CustomerRef, made.SalesTermRef = books.customer("Slow").to_ref(), term[0].to_ref()
    made.TxnDate = "2026-11-01"
    made.Line.append(books.line())
    assert made.save(qb=books.client).DueDate == (date(2026, 11, 1) + timedelta(days=30)).isoformat()


def test_an_invoice_is_changed_by_writing_it_whole(books: Books) -> None:
    made = books.invoice(books.customer("Changer"))
    made.Line[0].Amount, made.Line[0].SalesItemLineDetail.UnitPrice = 150, 75
    changed = made.save(qb=books.client)
    assert (changed.TotalAmt, changed.SyncToken, changed.Line[0].Id) == (150, "1", made.Line[0].Id)


def test_an_invoice_is_mailed_and_printed(books: Books) -> None:
    made = books.invoice(books.customer("Reader"))
    with pytest.raises(ValidationException):
        made.send(qb=books.client)
    made.send(qb=books.client, send_to="reader+1@judge.example")
    sent = books.now(made)
    assert (sent.EmailStatus, sent.BillEmail.Address) == ("EmailSent", "reader+1@judge.example")
    assert sent.email_sent
    assert made.download_pdf(qb=books.client).startswith(b"%PDF-")


def test_payments_lower_the_balance_until_nothing_is_open(books: Books) -> None:
    made = books.invoice(books.customer("Payer"))
    books.paid(made, "30")
    assert books.now(made).Balance == 70
    last = books.paid(made, "70")
    paid = books.now(made)
    assert paid.Balance == 0
    assert {link.TxnType for link in paid.LinkedTxn} == {"Payment"}
    Payment.get(last.Id, qb=books.client).void(qb=books.client)
    assert books.now(made).Balance == 70
    Payment.get(last.Id, qb=books.client).delete(qb=books.client)
    with pytest.raises(ObjectNotFoundException):
        Payment.get(last.Id, qb=books.client)


def test_too_much_is_kept_as_unapplied(books: Books) -> None:
    made = books.invoice(books.customer("Generous"))
    payment = books.paid(made, "100", received="140")
    assert (payment.TotalAmt, payment.UnappliedAmt, books.now(made).Balance) == (140, 40, 0)


def test_a_voided_invoice_is_nothing_and_a_deleted_one_nowhere(books: Books) -> None:
    buyer = books.customer("Regretful")
    void, gone = books.invoice(buyer), books.invoice(buyer)
    void.void(qb=books.client)
    empty = books.now(void)
    assert (empty.TotalAmt, empty.Balance) == (0, 0)
    assert empty.PrivateNote.startswith("Voided")
    answer = gone.delete(qb=books.client)
    assert answer["Invoice"]["status"] == "Deleted"
    with pytest.raises(ObjectNotFoundException):
        books.now(gone)


@pytest.mark.parametrize("kind", [CreditMemo, SalesReceipt, Estimate, RefundReceipt])
def test_every_other_form_is_made_printed_and_deleted(books: Books, kind: Any) -> None:
    saved = books.form(kind)
    assert saved.TotalAmt == 100
    if hasattr(saved, "download_pdf"):
        assert saved.download_pdf(qb=books.client).startswith(b"%PDF-")
    assert saved.delete(qb=books.client)[kind.qbo_object_name]["status"] == "Deleted"
    with pytest.raises(ObjectNotFoundException):
        kind.get(saved.Id, qb=books.client)


def test_a_credit_memo_is_applied_by_a_payment_of_nothing(books: Books) -> None:
    invoice = books.invoice(books.customer("Credited"))
    memo = CreditMemo()
    memo.CustomerRef, memo.Line = invoice.CustomerRef, [books.line("25")]
    credit = memo.save(qb=books.client)
    books.applied(invoice, credit, "25")
    assert books.now(invoice).Balance == 75
    assert CreditMemo.get(credit.Id, qb=books.client).RemainingCredit == 0


def test_a_sales_receipt_is_voided(books: Books) -> None:
    saved = books.form(SalesReceipt)
    saved.void(qb=books.client)
    assert SalesReceipt.get(saved.Id, qb=books.client).TotalAmt == 0


def test_an_estimate_becomes_an_invoice_and_is_open_again_without_it(books: Books) -> None:
    estimate = books.form(Estimate)
    made = Invoice()
    made.CustomerRef, made.Line = estimate.CustomerRef, [books.line()]
    made.LinkedTxn.append(estimate.to_linked_txn())
    saved = made.save(qb=books.client)
    assert [(link.TxnType, link.TxnId) for link in saved.LinkedTxn] == [("Estimate", estimate.Id)]
    closed = Estimate.get(estimate.Id, qb=books.client)
    assert (closed.TxnStatus, [link.TxnId for link in closed.LinkedTxn]) == ("Closed", [saved.Id])
    saved.PrivateNote = "Still linked"
    again = saved.save(qb=books.client)
    assert len(again.LinkedTxn) == 1
    again.delete(qb=books.client)
    opened = Estimate.get(estimate.Id, qb=books.client)
    assert (opened.TxnStatus, opened.LinkedTxn) == ("Pending", [])


def test_a_bundle_is_sold_part_by_part(books: Books, doors: Doors) -> None:
    piece = Item.filter(Type="Service", qb=books.client)[0]
    held = {"ItemGroupLine": [{"ItemRef": {"value": piece.Id}, "Qty": 2}]}
    desk = f"/people/bookkeeper/{books.client.company_id}/item/bundle"
    bundle = doors.ask("POST", desk, {"Name": "Judged bundle", "ItemGroupDetail": held}).json()
    made, line = Invoice(), GroupLine()
    line.GroupLineDetail = GroupLineDetail()
    line.GroupLineDetail.GroupItemRef, line.GroupLineDetail.Quantity = {"value": bundle["Id"]}, 3
    made.CustomerRef, made.Line = books.customer("Bundled").to_ref(), [line]
    saved = made.save(qb=books.client)
    (part,) = saved.Line[0].GroupLineDetail.Line
    assert part["SalesItemLineDetail"]["Qty"] == 6
    assert part["Amount"] == 6 * piece.UnitPrice
    saved.PrivateNote = "Twice"
    assert saved.save(qb=books.client).TotalAmt == saved.TotalAmt


def test_an_estimate_is_mailed(books: Books) -> None:
    saved = books.form(Estimate)
    assert saved.TxnStatus == "Pending"
    saved.send(qb=books.client, send_to="asker@judge.example")
    assert Estimate.get(saved.Id, qb=books.client).EmailStatus == "EmailSent"


def test_an_invoice_of_nobody_and_one_of_nothing_are_refused(books: Books) -> None:
    nobody, nothing = Invoice(), Invoice()
    nobody.Line = [books.line()]
    nothing.CustomerRef = books.customer("Empty").to_ref()
    for refused in (nobody, nothing):
        with pytest.raises(ValidationException) as found:
            refused.save(qb=books.client)
        assert found.value.error_code == 2020


def test_a_number_of_a_form_is_given_once(books: Books, doors: Doors) -> None:
    desk = f"/people/bookkeeper/{books.client.company_id}/preferences"
    doors.ask("PATCH", desk, {"CustomTxnNumbers": True})
    doors.ask("PUT", "/settings/quickbooks", {"warn_about_duplicate_numbers": True})
    assert Preferences.get(qb=books.client).SalesFormsPrefs.CustomTxnNumbers is True
    made = Invoice()
    made.CustomerRef, made.Line, made.DocNumber = books.customer("Numbered").to_ref(), [books.line()], "J-1"
    assert made.save(qb=books.client).DocNumber == "J-1"
    made.Id = None
    with pytest.raises(QuickbooksException) as refused:
        made.save(qb=books.client)
    assert refused.value.error_code == 6140
