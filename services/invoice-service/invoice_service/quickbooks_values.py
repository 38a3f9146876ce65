"""How single values of QuickBooks' JSON are read: amounts, dates, instants, references (quickbooks.md 14).

Unknown fields are ignored everywhere; a missing or unreadable field reads as None, never as an error: QuickBooks
adds fields without notice and one odd record may not fail its batch.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

Document = Mapping[str, Any]
"""A JSON object as QuickBooks gave it, parsed with `parse_float=Decimal`."""

ZERO = Decimal(0)
READ_MARGIN = timedelta(seconds=2)
"""What we read may be this much older than QuickBooks says; a change in between is news (design.md 4)."""
LARGEST_EXPONENT = 15
"""QuickBooks' amounts have at most fifteen digits; what is larger is no amount."""


def amount(document: Document, field: str) -> Decimal:
    """A decimal field; zero where it is missing. ``100``, ``100.0`` and ``"100.00"`` are the same amount."""
    return optional_amount(document, field) or ZERO


def optional_amount(document: Document, field: str) -> Decimal | None:
    """A decimal field, or None where it is missing or not a finite number."""
    value = document.get(field)
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and number.adjusted() <= LARGEST_EXPONENT else None


def text(document: Document, field: str) -> str:
    """A text field; empty where it is missing."""
    value = document.get(field)
    return value if isinstance(value, str) else ""


def reference(document: Document, field: str, part: str = "value") -> str:
    """The `value` (or `name`) of a reference such as ``{"value": "1", "name": "Amy"}``; empty where it is missing."""
    found = document.get(field)
    return text(found, part) if isinstance(found, Mapping) else ""


def calendar_date(document: Document, field: str) -> date | None:
    """A ``YYYY-MM-DD`` date, company-local; an offset behind it is ignored (quickbooks.md 14)."""
    try:
        return date.fromisoformat(text(document, field)[:10])
    except ValueError:
        return None


def instant(value: Any) -> datetime | None:
    """An ISO 8601 time with offset, as UTC; None where it is missing, unreadable or has no offset."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment and moment.tzinfo else None


def parts(document: Document, field: str) -> list[Document]:
    """The objects of a list field."""
    found = document.get(field)
    return [part for part in found if isinstance(part, Mapping)] if isinstance(found, list) else []


def part(document: Document, field: str) -> Document:
    """An object field; empty where it is missing."""
    found = document.get(field)
    return found if isinstance(found, Mapping) else {}
