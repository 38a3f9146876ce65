"""Due dates from payment terms (quickbooks.md 5 and 9)."""

import calendar
from datetime import date, timedelta

from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.money import Record
from ledgerbridge_sandbox.quickbooks.references import identifier_of

_USUAL_DAYS = 30


def due_date(company: Company, sales_term: Record | None, issued: date) -> date:
    """The form's own term, else the company's default one, which the form then does not carry; else thirty days."""
    reference = sales_term or company.preferences("SalesFormsPrefs").get("DefaultTerms")
    term = company.get("Term", identifier_of(reference) or "")
    if term is None:
        return issued + timedelta(days=_USUAL_DAYS)
    if term.get("Type") == "DATE_DRIVEN":
        return _day_of_month(issued, int(term["DayOfMonthDue"]), int(term.get("DueNextMonthDays", 0)))
    return issued + timedelta(days=int(term.get("DueDays", 0)))


def _day_of_month(issued: date, day: int, next_month_days: int) -> date:
    due = _in_month(issued.year, issued.month, day)
    if (due - issued).days < max(next_month_days, 0) or due < issued:
        month = issued.month % 12 + 1
        due = _in_month(issued.year + issued.month // 12, month, day)
    return due


def _in_month(year: int, month: int, day: int) -> date:
    return date(year, month, min(day, calendar.monthrange(year, month)[1]))
