"""Payment terms and the due date that follows from them (S-31 to S-33; quickbooks.md 9, Term)."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from ledgerbridge.errors import Refused

MAX_DUE_DAYS = 999


@dataclass(frozen=True, slots=True)
class Term:
    """STANDARD: `due_days` after the invoice date. DATE_DRIVEN: on `day_of_month`, or a month later.

    A month later where the day is fewer than `next_month_days` days away.
    """

    quickbooks_id: str
    name: str
    due_days: int | None = None
    day_of_month: int | None = None
    next_month_days: int = 0
    active: bool = True

    def due_date(self, invoice_date: date) -> date:
        """The due date of an invoice of that date; the date itself where the term says nothing usable."""
        if self.day_of_month is not None:
            return _on_day(invoice_date, self.day_of_month, self.next_month_days)
        return invoice_date + timedelta(days=min(self.due_days or 0, MAX_DUE_DAYS))


def _on_day(invoice_date: date, day: int, next_month_days: int) -> date:
    """The next such day of the month.

    Guess: a month too short for it counts its last day, and an invoice written fewer than DueNextMonthDays before the
    day moves on by one month.
    """
    due = _day_in_month(invoice_date.year, invoice_date.month, day)
    if due < invoice_date:
        due = _day_in_next_month(due, day)
    if next_month_days and (due - invoice_date).days < next_month_days:
        due = _day_in_next_month(due, day)
    return due


def _day_in_month(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _day_in_next_month(after: date, day: int) -> date:
    first = after.replace(day=1) + timedelta(days=31)
    return _day_in_month(first.year, first.month, day)


def due_date_for(invoice_date: date, *, term: Term | None, chosen: date | None) -> date | None:
    """The due date to send: the person's own, else the term's; None where QuickBooks is to decide.

    Raises Refused INVALID where the chosen date is before the invoice date.
    """
    if chosen is None:
        return term.due_date(invoice_date) if term else None
    if chosen < invoice_date:
        raise Refused("INVALID", field="due_date", problem=f"{chosen} is before the invoice date {invoice_date}")
    return chosen


def check_open_books(invoice_date: date, closed_until: date | None, company: str) -> None:
    """Refuse a date on or before the closing date of the books (BOOKS_CLOSED)."""
    if closed_until is not None and invoice_date <= closed_until:
        raise Refused("BOOKS_CLOSED", field="invoice_date", company=company, date=closed_until.isoformat())
