"""A write on one record as HubSpot is about to keep it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ledgerbridge_sandbox.hubspot.object_types import ObjectType
from ledgerbridge_sandbox.switches import Switches

if TYPE_CHECKING:
    from ledgerbridge_sandbox.hubspot.accounts import Account

Joined = Mapping[str, Collection[str]]
"""The living records at the other ends of a record's associations, by object type."""


@dataclass(frozen=True, slots=True)
class Writing:
    """`before` are the stored values, {} for a new record; `values` all values after the write."""

    account: "Account"
    settings: Switches
    kind: ObjectType
    record_id: str
    before: Mapping[str, str]
    values: Mapping[str, str]
    joined: Joined
    now: datetime
    by_app: bool

    @property
    def new(self) -> bool:
        """Whether the record is being made."""
        return not self.before

    def changes(self, name: str) -> bool:
        """Whether the write changes this property."""
        return self.before.get(name, "") != self.values.get(name, "")
