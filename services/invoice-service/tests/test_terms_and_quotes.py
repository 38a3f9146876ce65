"""Due dates that follow terms, closed books, and quotes that may become invoices."""

from datetime import date

import pytest
from invoice_service.catalogue.terms import Term, check_open_books, due_date_for
from invoice_service.drafts.quotes import check_quote, read_quote
from ledgerbridge.errors import Refused

NET_30 = Term("3", "Net 30", due_days=30)


@pytest.mark.statement("S-31", "rule")
@pytest.mark.parametrize(
    ("term", "written", "due"),
    [
        (NET_30, "2026-01-31", "2026-03-02"),
        (Term("1", "Due on receipt", due_days=0), "2026-02-28", "2026-02-28"),
        (Term("9", "Odd"), "2026-02-28", "2026-02-28"),
        (Term("5", "15th", day_of_month=15), "2026-11-03", "2026-11-15"),
        (Term("5", "15th", day_of_month=15), "2026-11-15", "2026-11-15"),
        (Term("5", "15th", day_of_month=15), "2026-12-16", "2027-01-15"),
        (Term("6", "15th, 5 days", day_of_month=15, next_month_days=5), "2026-11-10", "2026-11-15"),
        (Term("6", "15th, 5 days", day_of_month=15, next_month_days=5), "2026-11-11", "2026-12-15"),
        (Term("7", "31st", day_of_month=31), "2026-02-10", "2026-02-28"),
        (Term("7", "31st", day_of_month=31), "2028-02-10", "2028-02-29"),
        (Term("8", "31st, 5 days", day_of_month=31, next_month_days=5), "2026-01-29", "2026-02-28"),
    ],
)
def test_the_due_date_follows_the_terms(term: Term, written: str, due: str) -> None:
    assert term.due_date(date.fromisoformat(written)) == date.fromisoformat(due)


@pytest.mark.statement("S-32", "rule")
@pytest.mark.statement("S-33", "rule")
def test_a_chosen_due_date_counts_unless_it_is_before_the_invoice() -> None:
    written = date(2026, 11, 23)
    assert due_date_for(written, term=NET_30, chosen=date(2026, 11, 25)) == date(2026, 11, 25)
    assert due_date_for(written, term=NET_30, chosen=None) == date(2026, 12, 23)
    assert due_date_for(written, term=None, chosen=None) is None
    with pytest.raises(Refused, match="INVALID") as refusal:
        due_date_for(written, term=NET_30, chosen=date(2026, 11, 22))
    assert refusal.value.field == "due_date"


def test_closed_books_refuse_their_last_day_too() -> None:
    check_open_books(date(2026, 11, 1), date(2026, 10, 31), "Rock")
    check_open_books(date(2026, 1, 1), None, "Rock")
    with pytest.raises(Refused, match="BOOKS_CLOSED"):
        check_open_books(date(2026, 10, 31), date(2026, 10, 31), "Rock")


def quote(status: str = "APPROVED", expires: str | None = "2026-11-22", **properties: str) -> dict[str, str | None]:
    return {"hs_title": "Q-7", "hs_status": status, "hs_expiration_date": expires, **properties}


TODAY = date(2026, 11, 23)
PAID = {"hs_payment_status": "PAID"}


@pytest.mark.statement("S-16", "rule")
@pytest.mark.statement("S-20", "rule")
@pytest.mark.parametrize(
    ("properties", "code"),
    [
        (quote("APPROVAL_NOT_NEEDED", "2026-11-23"), None),  # to the end of its day
        (quote("APPROVED", None), None),
        (quote("APPROVED", "1795305600000"), "QUOTE_EXPIRED"),  # 2026-11-22 in milliseconds
        (quote("APPROVED"), "QUOTE_EXPIRED"),
        (quote("ACCEPTED"), None),
        (quote("APPROVED", **PAID), None),
        (quote("APPROVED", **PAID, hs_payment_date="2026-11-23T04:30:00Z"), None),  # still the 22nd in New York
        (quote("APPROVED", **PAID, hs_payment_date="2026-11-23T05:30:00Z"), "QUOTE_EXPIRED"),
        (quote(hs_esign_date="2026-11-22T20:00:00Z"), None),
        (quote(hs_esign_date="2026-11-24T20:00:00Z"), "QUOTE_EXPIRED"),
        (quote("DRAFT", "2027-01-01"), "QUOTE_NOT_PUBLISHED"),
        (quote("PENDING_APPROVAL", None), "QUOTE_NOT_PUBLISHED"),
        (quote("REJECTED", None), "QUOTE_NOT_PUBLISHED"),
        (quote("", None), "QUOTE_NOT_PUBLISHED"),
    ],
)
def test_only_published_quotes_that_are_not_expired(properties: dict[str, str | None], code: str | None) -> None:
    read = read_quote("7", properties)
    if code is None:
        check_quote(read, today=TODAY, zone="America/New_York")
        return
    with pytest.raises(Refused, match=code):
        check_quote(read, today=TODAY, zone="America/New_York")


def test_the_published_states_are_a_setting() -> None:
    with pytest.raises(Refused, match="QUOTE_NOT_PUBLISHED"):
        check_quote(read_quote("7", quote("APPROVED", None)), today=TODAY, zone="UTC", published={"ACCEPTED"})
