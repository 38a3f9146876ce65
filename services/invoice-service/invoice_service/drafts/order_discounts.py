"""HubSpot's discounts and fees on a whole order (hubspot.md 8): a discount line of QuickBooks, and lines for fees."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ledgerbridge.errors import Refused

from invoice_service.lines import InvoiceLine, OrderDiscount
from invoice_service.money import cents

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class OrderAdjustment:
    """A discount or fee object of HubSpot: `percent` says whether `value` is per cent or money."""

    hubspot_id: str
    label: str
    percent: bool
    value: Decimal
    order: int = 0

    def of(self, base: Decimal) -> Decimal:
        """What it comes to on a base, to the cent."""
        return cents(base * self.value / HUNDRED if self.percent else self.value)


def order_discount(
    discounts: Sequence[OrderAdjustment], base: Decimal, *, company: str, allowed: bool
) -> OrderDiscount | None:
    """All discounts as the one that a QuickBooks invoice can have; None where there is none.

    A single percentage stays a percentage; several are taken one after the other and become an amount.
    Raises Refused: DISCOUNT_NOT_ALLOWED, INVALID where they exceed the base.
    """
    if not discounts:
        return None
    if not allowed:
        raise Refused("DISCOUNT_NOT_ALLOWED", field="discount", company=company)
    taken = Decimal(0)
    for discount in sorted(discounts, key=lambda each: each.order):
        taken += discount.of(base - taken)
    if not 0 <= taken <= base:
        raise Refused("INVALID", field="discount", problem=f"a discount of {taken} on {base}")
    alone = discounts[0] if len(discounts) == 1 and discounts[0].percent else None
    label = ", ".join(discount.label for discount in discounts if discount.label)
    return OrderDiscount(percent=alone.value if alone else None, amount=taken, label=label)


def fee_lines(fees: Sequence[OrderAdjustment], base: Decimal) -> list[InvoiceLine]:
    """Each fee as a line without an item, for a person to choose; `base` is the sum after discounts."""
    return [
        InvoiceLine.priced(f"fee-{fee.hubspot_id}", Decimal(1), fee.of(base)).model_copy(
            update={"description": fee.label, "product_name": fee.label}
        )
        for fee in sorted(fees, key=lambda each: each.order)
    ]
