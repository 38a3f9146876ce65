"""Amounts that follow from associated records: of deals, quotes and invoices (hubspot.md 8, 18.4)."""

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from ledgerbridge_sandbox.hubspot import invoices
from ledgerbridge_sandbox.hubspot.calculations import cents, number
from ledgerbridge_sandbox.hubspot.object_types import (
    DEAL,
    DISCOUNT,
    FEE,
    INVOICE,
    LINE_ITEM,
    PAYMENT,
    QUOTE,
    TAX,
)
from ledgerbridge_sandbox.records import Record
from ledgerbridge_sandbox.switches import Switches

if TYPE_CHECKING:
    from ledgerbridge_sandbox.hubspot.accounts import Account

PARENTS = {
    LINE_ITEM: (DEAL, QUOTE, INVOICE),
    DISCOUNT: (QUOTE, INVOICE),
    FEE: (QUOTE, INVOICE),
    TAX: (QUOTE, INVOICE),
    PAYMENT: (INVOICE,),
}
"""Which types' amounts follow from a record of each type."""


def parents_of(account: "Account", type_id: str, record_id: str) -> Iterator[tuple[str, str]]:
    """The records whose amounts follow from this one, as (type, id)."""
    for parent in PARENTS.get(type_id, ()):
        for parent_id in list(account.associations.of(type_id, record_id, parent)):
            yield parent, parent_id


def followed(account: "Account", settings: Switches, parent: str, record: Record, now_text: str) -> dict[str, str]:
    """The amounts of a deal, quote or invoice that differ from what it holds."""
    values, wanted = record["p"], {}
    total = _total(account, parent, record["id"])
    if parent == DEAL and total is not None and settings["deal_amount_from_line_items"]:
        wanted["amount"] = cents(total)
    if parent == QUOTE and total is not None:
        wanted["hs_quote_amount"] = cents(total)
    if parent == INVOICE:
        if total is not None and invoices.billable(values):
            wanted["hs_amount_billed"] = cents(total)
        paid = invoices.received(account, account.associations.of(INVOICE, record["id"], PAYMENT))
        if paid or "hs_amount_paid" in values:
            wanted["hs_amount_paid"] = cents(paid)
        billed = number(wanted.get("hs_amount_billed") or values.get("hs_amount_billed")) or Decimal(0)
        wanted |= invoices.settled(values, billed, paid, now_text)
    return {name: text for name, text in wanted.items() if _differs(values.get(name), text)}


def _differs(present: str | None, wanted: str) -> bool:
    one, other = number(present), number(wanted)
    return one != other if other is not None else present != wanted


def _total(account: "Account", parent: str, parent_id: str) -> Decimal | None:
    """The sum of the line items, then discounts, fees and taxes of the whole; None without any line item."""
    amounts = [number(line.get("amount")) for line in _living(account, parent, parent_id, LINE_ITEM)]
    if not amounts:
        return None
    total = sum((amount for amount in amounts if amount), Decimal(0))
    if parent == DEAL:
        return total
    for type_id, sign in ((DISCOUNT, -1), (FEE, 1), (TAX, 1)):
        total += sign * _adjustment(total, _living(account, parent, parent_id, type_id))
    return total


def _adjustment(base: Decimal, adjustments: list[dict[str, str]]) -> Decimal:
    """All of one kind are taken from the same base (guess), in their order."""
    found = Decimal(0)
    for one in adjustments:
        value = number(one.get("hs_value")) or Decimal(0)
        found += base * value / 100 if one.get("hs_type") == "PERCENT" else value
    return found


def _living(account: "Account", parent: str, parent_id: str, type_id: str) -> list[dict[str, str]]:
    ids = account.associations.of(parent, parent_id, type_id)
    return [record["p"] for one in ids if (record := account.live[type_id].get(one))]
