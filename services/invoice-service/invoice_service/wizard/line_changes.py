"""What a person's list of lines makes of a draft's lines (S-25, S-29): changed, added, taken away."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import uuid4

from ledgerbridge.errors import Refused

from invoice_service.catalogue.items import CatalogueItem, with_item
from invoice_service.drafts.draft import LineEdit, edited_line
from invoice_service.lines import InvoiceLine, check_product
from invoice_service.money import cents
from invoice_service.wizard.requests import LineInput

_TEXTS = ("description", "taxable", "tax_code_id")


def changed_lines(
    lines: Sequence[InvoiceLine], given: Sequence[LineInput], items: Mapping[str, CatalogueItem]
) -> list[InvoiceLine]:
    """The lines in the order given. `items` holds every item that is named.

    Raises Refused: NOT_FOUND for an unknown key, INVALID with the field for an unknown item or wrong amounts.
    """
    known = {line.key: line for line in lines}
    return [_line(each, known, items, number) for number, each in enumerate(given)]


def _line(
    given: LineInput, known: Mapping[str, InvoiceLine], items: Mapping[str, CatalogueItem], number: int
) -> InvoiceLine:
    if given.key is not None and given.key not in known:
        raise Refused("NOT_FOUND", field=f"lines.{number}.key", what=f"Line {given.key}")
    item = _item(given, items, number)
    line = known[given.key] if given.key is not None else _new(given, item, number)
    if item and item.quickbooks_id != line.item_id:
        line = with_item(_without_item(line), item, "picked")
    edited = edited_line(line, LineEdit(**_edit(line, given)))
    try:
        check_product(edited)
        _check_amount(edited, given)
    except Refused as refusal:
        raise Refused("INVALID", field=f"lines.{number}.amount", problem=refusal.details["problem"]) from None
    return edited


def _item(given: LineInput, items: Mapping[str, CatalogueItem], number: int) -> CatalogueItem | None:
    if given.item_id is None:
        return None
    if given.item_id not in items:
        problem = f"the company has no item {given.item_id}"
        raise Refused("INVALID", field=f"lines.{number}.item_id", problem=problem)
    return items[given.item_id]


def _new(given: LineInput, item: CatalogueItem | None, number: int) -> InvoiceLine:
    key = uuid4().hex
    if given.unit_price is None and given.amount is not None:
        return InvoiceLine(key=key, amount=given.amount)
    price = item.unit_price if given.unit_price is None and item else given.unit_price
    if price is None:
        problem = "the item has no price in QuickBooks; give one" if item else "give an item, a unit price or an amount"
        raise Refused("INVALID", field=f"lines.{number}.unit_price", problem=problem)
    quantity = Decimal(1) if given.quantity is None else given.quantity
    return InvoiceLine.priced(key, quantity, price)


def _without_item(line: InvoiceLine) -> InvoiceLine:
    """What the former item brought goes with it."""
    return line.model_copy(update={"taxable": None, "tax_code_id": None})


def _edit(line: InvoiceLine, given: LineInput) -> dict[str, object]:
    """What really changes. A line sent back as it was read keeps quantity, price and amount as they are."""
    sent = given.model_dump(include=given.model_fields_set)
    edit: dict[str, object] = {name: sent[name] for name in _TEXTS if name in sent}
    if edit.get("description", "") is None:
        del edit["description"]
    if given.key is None:
        return edit
    if given.quantity is None and given.unit_price is None:
        return edit if given.amount in (None, line.amount) else {**edit, "amount": given.amount}
    if (given.quantity, given.unit_price) != (line.quantity, line.unit_price):
        edit |= {name: sent[name] for name in ("quantity", "unit_price") if sent.get(name) is not None}
    return edit


def _check_amount(line: InvoiceLine, given: LineInput) -> None:
    if given.amount is not None and line.amount != cents(given.amount):
        raise Refused("INVALID", field="amount", problem=f"quantity x unit price is {line.amount}, not {given.amount}")
