"""What is said of one kind of object: its properties, what of them is the service's own, and how lists order it."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

ENTITY = "Id SyncToken MetaData CustomField AttachableRef domain status sparse"
"""Properties of every kind."""
META = "MetaData.CreateTime MetaData.LastUpdatedTime"
"""Times that every kind is filtered by."""
SERVER_SIDE = frozenset({"Id", "SyncToken", "MetaData", "domain", "sparse", "status"})
"""Kept by QuickBooks on every object."""


class Order(Enum):
    """The default order of a list, derived from recordings (quickbooks.md 4)."""

    NEWEST_CHANGE = "newest change first"
    NAME = "by name"


@dataclass(frozen=True)
class Kind:
    """One kind of object. `family` is the sequence that its ids come from and the word of 2500 for a dangling one."""

    name: str
    properties: tuple[str, ...]
    read_only: frozenset[str]
    family: str
    filters: frozenset[str]
    order: Order = Order.NEWEST_CHANGE
    order_by: str = ""
    transaction: bool = False
    captured: bool = True
    writable: bool = True
    created_only: bool = False
    counted: bool = False
    only_one: bool = False
    known: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def path(self) -> str:
        """As in addresses."""
        return self.name.lower()


def described(name: str, properties: str, family: str, filters: str, read_only: str = "", **more: Any) -> Kind:
    """A kind whose properties are written as words, in the order of the published schema."""
    words = tuple(properties.split())
    hidden = SERVER_SIDE | frozenset(read_only.split())
    return Kind(name, words, hidden, family, frozenset(filters.split()), known=frozenset(words), **more)
