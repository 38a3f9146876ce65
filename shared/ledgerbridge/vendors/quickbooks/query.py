"""QuickBooks' query language (quickbooks.md 4): statements are built, values are always escaped literals.

The language has ANDed conditions only, no OR and no projections; every literal stands in single quotes except booleans.
A backslash escapes the quote; that it also escapes itself is a guess (not verified at the vendor).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

NAME_LISTS = frozenset(
    {"Account", "Class", "Customer", "Department", "Employee", "Item", "PaymentMethod", "TaxCode", "Term", "Vendor"}
)
"""Entities whose inactive records are left out unless asked for."""
LARGEST_PAGE = 1000
_UNSAYABLE = "\u2018\u2019"
"""Curly apostrophes are a lexical error (4000) even in a literal."""


def literal(value: str) -> str:
    """A value as the language writes it."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def stamp(moment: datetime) -> str:
    """A moment for a condition on MetaData.LastUpdatedTime; raises ValueError for one without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a zone")
    return moment.isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class Query:
    """One statement: ``Query("Invoice").where("CustomerRef", "=", "12").newest_first()``."""

    entity: str
    conditions: tuple[str, ...] = ()
    order: str | None = None
    start: int = 1
    size: int = LARGEST_PAGE
    counting: bool = False

    def where(self, name: str, operator: str, value: str) -> Self:
        """Add a condition; operators are ``= < > <= >= LIKE``."""
        return self._and(f"{name} {operator} {literal(value)}")

    def where_in(self, name: str, values: Iterable[str]) -> Self:
        """Add a membership."""
        return self._and(f"{name} IN ({', '.join(literal(value) for value in values)})")

    def named(self, name: str, value: str) -> Self:
        """The records with this text, and perhaps a few more: compare again.

        A text with a curly apostrophe cannot be said, so that sign becomes LIKE's wildcard.
        """
        if not any(sign in value for sign in _UNSAYABLE):
            return self.where(name, "=", value)
        for sign in _UNSAYABLE:
            value = value.replace(sign, "%")
        return self.where(name, "LIKE", value)

    def whether_active_or_not(self) -> Self:
        """Inactive records of a name list too; nothing for a transaction, which has no such flag."""
        return self._and("Active IN (true,false)") if self.entity in NAME_LISTS else self

    def oldest_first(self) -> Self:
        """By the last change, ascending: the order that pages are read in."""
        return replace(self, order="MetaData.LastUpdatedTime ASC")

    def newest_first(self) -> Self:
        """By the last change, descending."""
        return replace(self, order="MetaData.LastUpdatedTime DESC")

    def page(self, start: int, size: int) -> Self:
        """From row `start` (the first is 1), `size` rows, at most 1,000."""
        return replace(self, start=start, size=size)

    def count(self) -> Self:
        """Ask how many there are instead of which."""
        return replace(self, counting=True)

    def statement(self) -> str:
        """The text of the statement."""
        words = [f"SELECT {'COUNT(*)' if self.counting else '*'} FROM {self.entity}"]  # noqa: S608 - not SQL; values are escaped literals
        if self.conditions:
            words.append("WHERE " + " AND ".join(self.conditions))
        if self.counting:
            return " ".join(words)
        if self.order:
            words.append("ORDERBY " + self.order)
        return " ".join([*words, f"STARTPOSITION {self.start} MAXRESULTS {self.size}"])

    def _and(self, condition: str) -> Self:
        return replace(self, conditions=(*self.conditions, condition))
