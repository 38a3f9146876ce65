"""What HubSpot asks of the records of one type, and what it sets itself (hubspot.md 3, 8)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ledgerbridge_sandbox.hubspot import calculations, deals, invoices, payments, quotes
from ledgerbridge_sandbox.hubspot.errors import invalid
from ledgerbridge_sandbox.hubspot.object_types import (
    COMPANY,
    CONTACT,
    DEAL,
    INVOICE,
    LINE_ITEM,
    PAYMENT,
    PRODUCT,
    QUOTE,
    ObjectType,
)
from ledgerbridge_sandbox.hubspot.writing import Writing
from ledgerbridge_sandbox.records import Record
from ledgerbridge_sandbox.switches import Switches

if TYPE_CHECKING:
    from ledgerbridge_sandbox.hubspot.accounts import Account

_ONE_OF = {CONTACT: ("email", "firstname", "lastname"), COMPANY: ("name", "domain")}
"""Types of which one of several properties is enough."""
_REFUSED: dict[str, Callable[[Writing], None]] = {
    QUOTE: quotes.refuse_locked,
    INVOICE: invoices.refuse,
    PAYMENT: payments.refuse,
}
_CALCULATED: dict[str, Callable[[Writing], dict[str, str]]] = {
    LINE_ITEM: lambda writing: calculations.calculate_line(writing.values),
    DEAL: deals.calculated,
    QUOTE: quotes.status_effects,
    INVOICE: invoices.calculated,
}


def complete(account: "Account", settings: Switches, kind: ObjectType, values: dict[str, str]) -> None:
    """Fill in what HubSpot fills in on create; raises 400 for what is missing."""
    if kind.type_id == DEAL:
        values.setdefault("pipeline", account.pipelines.live[0]["id"])
        values.setdefault("deal_currency_code", account.currency)
    elif kind.type_id == LINE_ITEM:
        _complete_line(account, values)
    elif kind.type_id == PAYMENT:
        payments.complete(account, settings, values)
    missing = [name for name in kind.required if name not in values]
    if not values.keys() & set(_ONE_OF.get(kind.type_id, values)) and kind.type_id in _ONE_OF:
        missing = list(_ONE_OF[kind.type_id])
    if missing:
        raise invalid(
            f"Error creating {kind.upper}. Some required properties were not set.",
            context={"properties": missing},
        )


def refuse(writing: Writing) -> None:
    """Raise 400 for a write that the record's state forbids."""
    if rule := _REFUSED.get(writing.kind.type_id):
        rule(writing)


def calculated(writing: Writing) -> dict[str, str]:
    """What HubSpot sets by this write; raises 400 for a state that the record cannot take."""
    rule = _CALCULATED.get(writing.kind.type_id)
    return rule(writing) if rule else {}


def refuse_archive(settings: Switches, kind: ObjectType, record: Record) -> None:
    """Raise 400 for a record that its state keeps from being deleted."""
    if kind.type_id == INVOICE:
        invoices.refuse_archive(settings, record)


def _complete_line(account: "Account", values: dict[str, str]) -> None:
    product = account.find(PRODUCT, values.get("hs_product_id", ""))
    if product is not None:
        values.update(calculations.from_product(account, product["p"], values))
    price = calculations.number(values.get("price"))
    if price is not None and price < 0:
        raise invalid("Line item price cannot be negative")
