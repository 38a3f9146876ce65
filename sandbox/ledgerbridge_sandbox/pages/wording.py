"""How figures, days and moments are written on the pages, and the sentence that follows each act."""

from datetime import date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from markupsafe import Markup

_CENT = Decimal("0.01")
NOTHING = "\N{EN DASH}"
"""What stands where there is no value."""
DONE = {
    "clock": "The clock was moved.",
    "fault": "The fault is taken away.",
    "created": "It is created.",
    "saved": "The changes are saved.",
    "unchanged": "Nothing was changed.",
    "archived": "It is in the recycle bin.",
    "restored": "It is taken out of the recycle bin.",
    "merged": "The two are one now.",
    "associated": "The two are associated.",
    "disassociated": "The association is taken away.",
    "moved": "The deal stands in its new stage.",
    "line-added": "The line item is added.",
    "line-saved": "The line item is saved.",
    "line-removed": "The line item is removed.",
    "quote-created": "The quote is created as a draft. Publish it when it is ready.",
    "quote-published": "The quote is published and locked.",
    "quote-draft": "The quote is a draft again and can be edited.",
    "note-added": "The note is added.",
    "task-added": "The task is added.",
    "invoice-created": "The invoice is created. It waits to be sent.",
    "invoice-sent": "The invoice is sent to the customer.",
    "invoice-voided": "The invoice is voided: its amounts are 0, its number is kept.",
    "invoice-deleted": "The invoice is deleted.",
    "payment-received": "The payment is received.",
    "payment-undone": "The payment is undone: what it paid is open again.",
    "payment-applied": "The payment is applied.",
    "payment-unapplied": "The payment is applied to nothing now.",
    "payment-voided": "The payment is voided.",
    "payment-deleted": "The payment is deleted.",
    "credit-created": "The credit memo is created.",
    "credit-applied": "The credit is applied.",
    "credit-voided": "The credit memo is voided.",
    "credit-deleted": "The credit memo is deleted.",
    "deactivated": "It is made inactive.",
    "activated": "It is active again.",
}
"""By the word that stands as `done` in the address after an act."""


def decimal_of(value: object) -> Decimal | None:
    """The number in a stored value, None where there is none."""
    if value is None or value == "":
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def money(value: object, code: str = "") -> Any:
    """An amount with its currency; a dash where there is none, the text itself where it is no number."""
    number = decimal_of(value)
    if number is None:
        return value or NOTHING
    figures = f"{number:,.2f}"
    return Markup('<span class="money">{} <span class="code">{}</span></span>').format(figures, code)


def figure(value: object) -> str:
    """A quantity or rate without needless zeros, to six decimals."""
    number = decimal_of(value)
    if number is None:
        return str(value or NOTHING)
    written = f"{number:,.6f}"
    return written.rstrip("0").removesuffix(".")


def price(value: object) -> str:
    """A price with two decimals, or as many as it has."""
    number = decimal_of(value)
    if number is None:
        return str(value or NOTHING)
    return f"{number:,.2f}" if number == number.quantize(_CENT) else f"{number.normalize():,f}"


def plain(value: object) -> str:
    """A number as it stands in a field: no grouping, no needless zeros; text as it is."""
    number = decimal_of(value)
    if number is None:
        return str(value or "")
    return f"{number:.0f}" if number == number.to_integral_value() else f"{number.normalize():f}"


def day(value: object) -> Any:
    """A calendar day: 23 Nov 2026."""
    text = value.isoformat() if isinstance(value, date) else str(value or "")
    try:
        found = date.fromisoformat(text[:10])
    except ValueError:
        return text or NOTHING
    return Markup('<time datetime="{}">{} {:%b %Y}</time>').format(found.isoformat(), found.day, found)


def moment(value: object, zone: tzinfo, *, seconds: bool = False) -> Any:
    """A moment in `zone`: 23 Nov 2026, 10:00."""
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        return str(value or NOTHING)
    local = found.astimezone(zone)
    clock = f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"
    words = f"{local.day} {local:%b %Y}, {clock}"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(found.isoformat(), f"{local:%Z}", words)
