"""What HubSpot calculates from a record's own values (hubspot.md 8, 18.4)."""

from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ledgerbridge_sandbox.hubspot.accounts import Account

_CENT = Decimal("0.01")
_MILLIONTH = Decimal("0.000001")
_WIDE = Context(prec=80)
"""Holds the product of any two numbers that a property takes, to the cent."""
_A_YEAR = {
    "weekly": Decimal(52),
    "biweekly": Decimal(26),
    "monthly": Decimal(12),
    "quarterly": Decimal(4),
    "per_six_months": Decimal(2),
    "annually": Decimal(1),
    "per_two_years": Decimal(1) / 2,
    "per_three_years": Decimal(1) / 3,
    "per_four_years": Decimal(1) / 4,
    "per_five_years": Decimal(1) / 5,
}
_COPIED_FROM_PRODUCT = (
    "name",
    "price",
    "description",
    "hs_sku",
    "hs_cost_of_goods_sold",
    "recurringbillingfrequency",
    "hs_recurring_billing_period",
)


def cents(amount: Decimal) -> str:
    """An amount with two decimals, half a cent upwards."""
    return str(amount.quantize(_CENT, ROUND_HALF_UP, _WIDE))


def number(text: str | None) -> Decimal | None:
    """The number in a property's text, None if there is none."""
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return None


def from_product(account: "Account", product: dict[str, str], line: dict[str, str]) -> dict[str, str]:
    """A line item's values, with the product's where the line gives none; `hs_price_<currency>` goes before price."""
    copied = {name: product[name] for name in _COPIED_FROM_PRODUCT if product.get(name)}
    currency = line.get("hs_line_item_currency_code") or account.currency
    if own_price := product.get(f"hs_price_{currency.lower()}"):
        copied["price"] = own_price
    return {**copied, **line}


def calculate_line(values: Mapping[str, str]) -> dict[str, str]:
    """The calculated values of a line item; none of the amounts where price or quantity is missing."""
    price, quantity = number(values.get("price")), number(values.get("quantity"))
    found = {
        "hs_position_on_quote": values.get("hs_position_on_quote") or "0",
        "hs_recurring_billing_number_of_payments": values.get("hs_recurring_billing_number_of_payments") or "1",
    }
    if price is None or quantity is None:
        return found
    gross = price * quantity
    discount = _discount(values, gross, quantity)
    net = Decimal(cents(gross - discount))
    cost = (number(values.get("hs_cost_of_goods_sold")) or Decimal(0)) * quantity
    found |= {
        "hs_pre_discount_amount": cents(gross),
        "hs_total_discount": cents(discount),
        "amount": cents(net),
        "hs_post_tax_amount": cents(net),
        "hs_margin": cents(net - cost),
    }
    if quantity:
        found["hs_effective_unit_price"] = str((net / quantity).quantize(_MILLIONTH, context=_WIDE).normalize())
    return found | _recurring(values.get("recurringbillingfrequency", ""), net)


def _discount(values: Mapping[str, str], gross: Decimal, quantity: Decimal) -> Decimal:
    """`discount` is an amount per unit; otherwise a percentage of the whole."""
    per_unit = number(values.get("discount"))
    if per_unit:
        return per_unit * quantity
    return gross * (number(values.get("hs_discount_percentage")) or Decimal(0)) / 100


def _recurring(frequency: str, net: Decimal) -> dict[str, str]:
    """Yearly and monthly values; a term is not taken into account (guess)."""
    if frequency not in _A_YEAR:
        return {"hs_mrr": "0.00", "hs_arr": "0.00", "hs_acv": cents(net), "hs_tcv": cents(net)}
    year = net * _A_YEAR[frequency]
    return {"hs_mrr": cents(year / 12), "hs_arr": cents(year), "hs_acv": cents(year), "hs_tcv": cents(year)}


def calculate_deal(account: "Account", values: Mapping[str, str], moment: datetime) -> dict[str, str]:
    """The calculated values of a deal."""
    metadata = _stage_metadata(account, values)
    probability = metadata.get("probability", "0")
    closed = metadata.get("isClosed", "false")
    won = closed == "true" and probability == "1.0"
    found = {
        "hs_is_closed": closed,
        "hs_is_closed_won": "true" if won else "false",
        "hs_is_closed_lost": "true" if closed == "true" and not won else "false",
        # HubSpot prints the whole binary fraction (hubspot.md 8).
        "hs_deal_stage_probability": str(Decimal(float(probability))),
    }
    amount = number(values.get("amount"))
    if amount is None:
        return {**found, "amount_in_home_currency": "", "hs_projected_amount": "", "hs_closed_amount": "0"}
    rate = account.rate(values.get("deal_currency_code") or account.currency, moment)
    if rate is not None:
        found["hs_exchange_rate"] = str(rate)
        found["amount_in_home_currency"] = cents(amount * rate)
    found["hs_projected_amount"] = cents(amount * Decimal(probability))
    found["hs_closed_amount"] = cents(amount) if won else "0"
    return found


def _stage_metadata(account: "Account", values: Mapping[str, str]) -> dict[str, str]:
    for pipeline in account.pipelines.live:
        if pipeline["id"] == values.get("pipeline"):
            for stage in pipeline["stages"]:
                if stage["id"] == values.get("dealstage"):
                    metadata: dict[str, str] = stage["metadata"]
                    return metadata
    return {}
