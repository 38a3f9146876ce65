"""Quantities on hand: what forms take out of stock and bring back (quickbooks.md 9).

Guess: a quantity moves the item's time and not its SyncToken, as a balance does a customer's; stock may go below zero.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.bundle_lines import every_line
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.money import ZERO, Record, number_in, quantity
from ledgerbridge_sandbox.quickbooks.schema import KINDS
from ledgerbridge_sandbox.quickbooks.voiding import is_void

_DIRECTIONS = {"Invoice": -1, "SalesReceipt": -1, "CreditMemo": 1, "RefundReceipt": 1}


class Stock:
    """What one posting takes and brings, by item."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._moved: dict[str, Decimal] = {}

    def count(self, entity: str, record: Mapping[str, Any] | None, sign: int) -> None:
        """A form that is there from now on (1) or no more (-1)."""
        for item, pieces in _sold(entity, record):
            self._moved[item] = self._moved.get(item, ZERO) + sign * pieces

    def post(self) -> None:
        """Move the quantities of those items that are counted."""
        for identifier, pieces in self._moved.items():
            item = self._company.get("Item", identifier) if pieces else None
            if item is not None and item["Type"] == "Inventory":
                item["QtyOnHand"] = quantity(number_in(item, "QtyOnHand") + pieces)
                self._company.keep(KINDS["Item"], item, None, bump=False)


def _sold(entity: str, record: Mapping[str, Any] | None) -> Iterator[tuple[str, Decimal]]:
    """Item and pieces of every line, negative for what leaves the stock; a void form sells nothing."""
    direction = _DIRECTIONS.get(entity)
    if record is None or direction is None or is_void(record):
        return
    for line in every_line(record["Line"]):
        detail = line.get("SalesItemLineDetail") or {}
        if detail.get("Qty"):
            yield detail["ItemRef"]["value"], direction * number_in(detail, "Qty")


def check_stocked(company: Company, entity: str, record: Record) -> None:
    """Raises 6270 for a form that sells an item from before its stock was counted (the detail is a guess)."""
    for identifier, _ in _sold(entity, record):
        item = company.get("Item", identifier) or {}
        if item.get("Type") == "Inventory" and record["TxnDate"] < item["InvStartDate"]:
            raise faults.before_stock()
