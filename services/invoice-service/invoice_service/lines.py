"""The lines of an invoice to be, as a draft holds them; and what makes them fit to be created."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Self

from ledgerbridge.errors import Refused
from pydantic import BaseModel, ConfigDict, Field

from invoice_service.money import cents, plain, unit_price_for

MAX_DESCRIPTION = 4000
MAX_AMOUNT = Decimal("9999999999999.99")
"""Fifteen digits (quickbooks.md 5, Line types)."""


class InvoiceLine(BaseModel):
    """One line: an item of QuickBooks, and quantity x unit price = amount, or the amount alone.

    `key` names the line within its draft for ever. `tax_code_id` is chosen outside the US; `taxable` is the person's
    or the item's word in the US. `period` labels a recurring line's share, e.g. "monthly, first period".
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    item_id: str | None = None
    item_name: str = ""
    description: str = Field("", max_length=MAX_DESCRIPTION)
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    amount: Decimal
    taxable: bool | None = None
    tax_code_id: str | None = None
    period: str = ""
    service_date: date | None = None
    product_name: str = ""
    hubspot_line_id: str | None = None
    hubspot_product_id: str | None = None
    sku: str = ""
    matched_by: str = ""

    @classmethod
    def priced(cls, key: str, quantity: Decimal, price: Decimal, amount: Decimal | None = None) -> Self:
        """A line of quantity x price; where that misses the amount by a cent, the amount alone."""
        total = cents(quantity * price) if amount is None else cents(amount)
        unit_price = unit_price_for(quantity, price, total)
        if unit_price is None:
            return cls(key=key, amount=total)
        return cls(key=key, quantity=plain(quantity), unit_price=unit_price, amount=total)


class OrderDiscount(BaseModel):
    """A discount on the whole order: one percentage, or an amount. `amount` is what it comes to, positive."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    percent: Decimal | None = None
    amount: Decimal
    label: str = ""


def subtotal(lines: Sequence[InvoiceLine]) -> Decimal:
    """The sum of the lines, before discount and tax."""
    return sum((line.amount for line in lines), Decimal(0))


def check_lines(lines: Sequence[InvoiceLine]) -> None:
    """Refuse lines that cannot be created: NO_LINES, NO_ITEM, INVALID with the field."""
    if not lines:
        raise Refused("NO_LINES", field="lines")
    for number, line in enumerate(lines, start=1):
        if not line.item_id:
            raise Refused("NO_ITEM", field=f"lines.{line.key}.item_id", line=number, name=name_of(line))
        check_product(line)


def check_product(line: InvoiceLine) -> None:
    """Refuse a line whose quantity x unit price is not its amount, or whose amount has parts of a cent."""
    field = f"lines.{line.key}.amount"
    if abs(line.amount) > MAX_AMOUNT or line.amount != cents(line.amount):
        raise Refused("INVALID", field=field, problem="must be in whole cents, with at most fifteen digits")
    if (line.quantity is None) != (line.unit_price is None):
        raise Refused("INVALID", field=field, problem="give quantity and unit price together, or the amount alone")
    if line.quantity is None or line.unit_price is None:
        return
    if cents(line.quantity * line.unit_price) != line.amount:
        raise Refused("INVALID", field=field, problem=f"{line.quantity} x {line.unit_price} is not {line.amount}")


def name_of(line: InvoiceLine) -> str:
    """What a person calls the line."""
    return line.item_name or line.product_name or line.description or line.key
