"""Amounts: the cent, its rounding, and the price at which quantity times price meets the amount."""

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from enum import StrEnum

CENT = Decimal("0.01")
PRICE_STEP = Decimal("0.00001")
"""Guess: QuickBooks documents amounts as 10.5 and unit prices as decimals "with more"; five places are sent."""


class Rounding(StrEnum):
    """What happens to half a cent. QuickBooks does not document its own (quickbooks.md 14)."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"


_MODES = {Rounding.HALF_UP: ROUND_HALF_UP, Rounding.HALF_EVEN: ROUND_HALF_EVEN}


def cents(value: Decimal, rounding: Rounding = Rounding.HALF_UP) -> Decimal:
    """The value rounded to the cent; half a cent goes away from zero unless said otherwise."""
    return value.quantize(CENT, _MODES[rounding])


def unit_price_for(quantity: Decimal, price: Decimal, amount: Decimal) -> Decimal | None:
    """The price to send beside the quantity, so that quantity x price is the amount to the cent; None if none is.

    QuickBooks refuses a line whose amount is not that product (quickbooks.md 5); such a line is sent by amount alone.
    Both ways of rounding half a cent must give the amount, since QuickBooks' way is not known.
    """
    sent = price.quantize(PRICE_STEP, ROUND_HALF_UP)
    product = quantity * sent
    return plain(sent) if all(cents(product, rounding) == amount for rounding in Rounding) else None


def plain(value: Decimal) -> Decimal:
    """The same number without trailing zeros and without an exponent: 100.00000 becomes 100."""
    whole = value.to_integral_value()
    return whole if value == whole else value.normalize()
