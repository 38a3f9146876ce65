"""HubSpot line items become invoice lines (hubspot.md 8; product.md, Lines).

The net unit price is the price less HubSpot's discount per unit. HubSpot's taxes are never read. Recurring lines give
their first period, their whole term, or nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from ledgerbridge.errors import Refused

from invoice_service.lines import MAX_DESCRIPTION, InvoiceLine
from invoice_service.money import CENT, cents

HUNDRED = Decimal(100)
LARGEST_EXPONENT = 11  # twelve digits before the point
MONTHS = {
    "monthly": 1,
    "quarterly": 3,
    "per_six_months": 6,
    "annually": 12,
    "per_two_years": 24,
    "per_three_years": 36,
    "per_four_years": 48,
    "per_five_years": 60,
}
"""Months of one billing period; weekly and biweekly ones are counted by HubSpot's number of payments."""


class Recurring(StrEnum):
    """What becomes of recurring lines; a command says it, a draft starts with the first period."""

    FIRST = "first"
    TERM = "term"
    EXCLUDE = "exclude"


@dataclass(frozen=True, slots=True)
class LineItem:
    """A HubSpot line item: its id and its properties as HubSpot gives them, all text."""

    hubspot_id: str
    properties: Mapping[str, str | None]

    def text(self, name: str) -> str:
        """A property, trimmed; empty where it has no value."""
        return (self.properties.get(name) or "").strip()

    def number(self, name: str) -> Decimal | None:
        """A number property; None where it has no value. Raises Refused INVALID where it is not a number."""
        written = self.text(name)
        if not written:
            return None
        try:
            number = Decimal(written)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or number.adjusted() > LARGEST_EXPONENT:
            raise self.refusal(name, f"{written[:40]!r} is not a number that an invoice can hold")
        return number

    def refusal(self, name: str, problem: str) -> Refused:
        """What is wrong with one property, naming line and property."""
        return Refused("INVALID", field=f"line_items.{self.hubspot_id}.{name}", problem=problem)


def invoice_lines(
    items: Sequence[LineItem], *, expected: int, currency: str, recurring: Recurring = Recurring.FIRST
) -> list[InvoiceLine]:
    """All line items of a deal or quote as lines, in the order of the quote; `expected` is how many there should be.

    Raises Refused: LINES_INCOMPLETE, NO_LINES, INVALID (with the line item and the property).
    """
    if len(items) < expected:
        raise Refused("LINES_INCOMPLETE", field="lines", read=len(items), expected=expected)
    kept = [item for item in items if not (recurring is Recurring.EXCLUDE and item.text("recurringbillingfrequency"))]
    if not kept:
        raise Refused("NO_LINES", field="lines")
    return [_line(item, currency, recurring) for item in sorted(kept, key=_position)]


def _position(item: LineItem) -> tuple[Decimal, str]:
    position = item.text("hs_position_on_quote")
    return (Decimal(position) if position.isdecimal() else Decimal("Infinity"), item.hubspot_id)


def _line(item: LineItem, currency: str, recurring: Recurring) -> InvoiceLine:
    _check_currency(item, currency)
    periods, period = _periods(item, recurring)
    quantity, price, amount = _prices(item)
    line = InvoiceLine.priced(item.hubspot_id, quantity * periods, price, amount * periods)
    description = item.text("description") or item.text("name")
    return line.model_copy(
        update={
            "description": (f"{description} ({period})" if period else description)[:MAX_DESCRIPTION],
            "period": period,
            "product_name": item.text("name"),
            "hubspot_line_id": item.hubspot_id,
            "hubspot_product_id": item.text("hs_product_id") or None,
            "sku": item.text("hs_sku"),
        }
    )


def _check_currency(item: LineItem, currency: str) -> None:
    own = item.text("hs_line_item_currency_code")
    if own and own != currency:
        raise item.refusal("hs_line_item_currency_code", f"the line is in {own}, the deal in {currency}")


def _prices(item: LineItem) -> tuple[Decimal, Decimal, Decimal]:
    """Quantity, exact net unit price, and the amount of one period to the cent."""
    quantity = item.number("quantity")
    quantity = Decimal(1) if quantity is None else quantity
    shown = item.number("amount")
    if item.text("hs_pricing_model") not in ("", "flat"):
        return _tiered(item, quantity, shown)
    price = item.number("price")
    if price is None:
        raise item.refusal("price", "the line has no price")
    net = _net(item, price)
    amount = cents(quantity * net)
    # HubSpot rounds its own way; within a cent the amount that people see on the deal is the one that counts.
    return quantity, net, cents(shown) if shown is not None and abs(shown - amount) <= CENT else amount


def _tiered(item: LineItem, quantity: Decimal, shown: Decimal | None) -> tuple[Decimal, Decimal, Decimal]:
    """Volume, graduated and stairstep prices: HubSpot's own amount is taken, its effective price if it fits."""
    if shown is None:
        raise item.refusal("amount", "HubSpot gave no amount for a line with tiered prices")
    effective = item.number("hs_effective_unit_price")
    if effective is None:
        effective = shown / quantity if quantity else shown
    return quantity, effective, cents(shown)


def _net(item: LineItem, price: Decimal) -> Decimal:
    """The unit price after the discount, which is per unit, in money or per cent; HubSpot lets only one be set."""
    off, percent = item.number("discount"), item.number("hs_discount_percentage")
    net = price - off if off else price * (HUNDRED - (percent or Decimal(0))) / HUNDRED
    if net < 0:
        raise item.refusal("discount", "the discount is more than the price")
    return net


def _periods(item: LineItem, recurring: Recurring) -> tuple[int, str]:
    """How many billing periods the line stands for, and the label that says so."""
    frequency = item.text("recurringbillingfrequency")
    if not frequency:
        return 1, ""
    words = frequency.replace("_", " ")
    if recurring is Recurring.FIRST:
        return 1, f"{words}, first period"
    periods = _periods_of_term(item, frequency)
    return periods, f"{words}, {periods} periods"


def _periods_of_term(item: LineItem, frequency: str) -> int:
    payments = item.number("hs_recurring_billing_number_of_payments")
    if payments is not None and payments >= 1 and payments == payments.to_integral_value():
        return int(payments)
    months, step = _months(item), MONTHS.get(frequency)
    if not months or not step or months % step:
        raise item.refusal("hs_recurring_billing_period", "the line has no term of whole billing periods")
    return months // step


def _months(item: LineItem) -> int:
    """The months of a term such as ``P12M`` or ``P1Y``; 0 where there is none."""
    term = item.text("hs_recurring_billing_period").upper()
    number = term[1:-1]
    if not (term.startswith("P") and number.isdecimal()):
        return 0
    return int(number) * {"M": 1, "Y": 12}.get(term[-1], 0)


def product_price(properties: Mapping[str, str | None], currency: str, company_currency: str) -> Decimal | None:
    """A HubSpot product's price in a currency: ``hs_price_eur`` first; ``price`` only in the company's currency."""
    item = LineItem("", properties)
    own = item.number(f"hs_price_{currency.lower()}")
    if own is not None:
        return own
    return item.number("price") if currency == company_currency else None
