"""Scalars take the type that the published schema gives them, whatever JSON type an application wrote.

Applications send `"12.50"` for a price (python-quickbooks writes every Decimal so) and `1001` for a number of a form.
The real service binds both (a guess from Jackson's defaults and from these clients' being in use) and answers with its
own types. Names and types: Intuit's published schema of 2026-07.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ledgerbridge_sandbox.quickbooks.money import Record, number, quantity
from ledgerbridge_sandbox.quickbooks.shapes import NUMBERS


def as_typed(given: Mapping[str, Any]) -> Record:
    """The same document with its scalars as the schema types them.

    Raises 2080 for a text that is no number. An empty text stays: it clears a property.
    """
    return {name: _typed(name, value) for name, value in given.items()}


def _typed(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return as_typed(value)
    if isinstance(value, list):
        return [_typed(name, each) for each in value]
    if name in NUMBERS:
        return quantity(number(value, name)) if isinstance(value, str) and value else value
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value
