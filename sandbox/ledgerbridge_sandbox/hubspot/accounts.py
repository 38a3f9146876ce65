"""HubSpot's state: accounts with their records, properties, pipelines, owners, currencies, and the grants of apps."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from ledgerbridge_sandbox.hubspot.associations import Associations
from ledgerbridge_sandbox.hubspot.grants import Grants
from ledgerbridge_sandbox.hubspot.history import History
from ledgerbridge_sandbox.hubspot.index_lag import IndexLag
from ledgerbridge_sandbox.hubspot.labels import Labels
from ledgerbridge_sandbox.hubspot.lists import ListShelf
from ledgerbridge_sandbox.hubspot.object_types import CONTACT, OBJECT_TYPES
from ledgerbridge_sandbox.hubspot.pipelines import Pipelines
from ledgerbridge_sandbox.hubspot.properties import PropertyRegistry
from ledgerbridge_sandbox.hubspot.strains import Strains
from ledgerbridge_sandbox.hubspot.validation_rules import ValidationRules
from ledgerbridge_sandbox.hubspot.values import milliseconds
from ledgerbridge_sandbox.records import Record, RecordStore

FIRST_RECORD_ID = 30_100_000_001


class Part(Protocol):
    """What an account asks of a part of its state."""

    def snapshot(self) -> object:
        """The whole state as an object that no later change reaches."""

    def recover(self, state: Any) -> None:
        """Take the state of an earlier snapshot, which stays usable."""


class Account:
    """
    One HubSpot account.

    A record is stored as {"id", "p": properties as text, "c": created, "u": updated, "a": archived at}. Archived
    records stand in stores of their own; `merged` leads from a merged-away id to the survivor's.
    """

    def __init__(self, portal: int, *, name: str, currency: str, additional: Iterable[str], zone: str) -> None:
        self.facts: dict[str, Any] = {"name": name, "currency": currency, "additional": tuple(additional), "zone": zone}
        self.portal = portal
        self.name = name
        self.currency = currency
        self.additional_currencies: tuple[str, ...] = self.facts["additional"]
        self.zone = ZoneInfo(zone)
        self.properties = {type_id: PropertyRegistry(type_id) for type_id in OBJECT_TYPES}
        self.live = {type_id: self._store(type_id) for type_id in OBJECT_TYPES}
        self.archived = {type_id: self._store(type_id) for type_id in OBJECT_TYPES}
        self.merged: dict[tuple[str, str], str] = {}
        self.labels = Labels()
        self.associations = Associations(self.labels)
        self.pipelines = Pipelines()
        self.owners: list[dict[str, Any]] = []
        self.rates: list[dict[str, Any]] = []
        self.lists = ListShelf()
        self.history = History()
        self.validation_rules = ValidationRules()
        self.strains = Strains()
        self._parts: tuple[Part, ...] = (
            self.pipelines,
            self.lists,
            self.labels,
            self.history,
            self.validation_rules,
            self.strains,
        )
        self.index_lag = IndexLag()

    def keep(self, type_id: str, record: Record) -> None:
        """Put a live record."""
        self.live[type_id].put(record["id"], record, milliseconds(record["u"]))

    def find_unique(self, type_id: str, name: str, value: str) -> str | None:
        """The id of the live record that has `value` in the unique property `name`, in any case of letters."""
        found = self.live[type_id].find("unique", f"{name}\0{value.lower()}")
        return found[0] if found else None

    def find(self, type_id: str, record_id: str) -> Record | None:
        """A live record by its own id or by one that was merged into it."""
        return self.live[type_id].get(self.surviving(type_id, record_id))

    def surviving(self, type_id: str, record_id: str) -> str:
        """The id under which a record lives now, after merges."""
        while (survivor := self.merged.get((type_id, record_id))) is not None:
            record_id = survivor
        return record_id

    def rate(self, currency: str, moment: datetime) -> Decimal | None:
        """How much company currency one unit of `currency` is worth at `moment`; None if no rate is set."""
        if currency == self.currency:
            return Decimal(1)
        past = [r for r in self.rates if r["fromCurrencyCode"] == currency and _before(r["effectiveAt"], moment)]
        return Decimal(str(max(past, key=lambda r: str(r["effectiveAt"]))["conversionRate"])) if past else None

    def snapshot(self) -> object:
        """The whole state."""
        return (
            {type_id: found.snapshot() for type_id, found in self.properties.items()},
            {type_id: found.snapshot() for type_id, found in self.live.items()},
            {type_id: found.snapshot() for type_id, found in self.archived.items()},
            dict(self.merged),
            self.associations.snapshot(),
            list(self.owners),
            list(self.rates),
            [part.snapshot() for part in self._parts],
        )

    def restore(self, state: Any) -> None:
        """Take an earlier state."""
        properties, live, archived, merged, associations, owners, rates, saved_parts = state
        for parts, saved in ((self.properties, properties), (self.live, live), (self.archived, archived)):
            for type_id, part in parts.items():
                part.restore(saved[type_id])
        for own, saved in zip(self._parts, saved_parts, strict=True):
            own.recover(saved)
        self.merged = dict(merged)
        self.associations.restore(associations)
        self.index_lag.forget()
        self.owners, self.rates = list(owners), list(rates)

    def _store(self, type_id: str) -> RecordStore:
        registry = self.properties[type_id]

        def unique_keys(record: Record) -> Iterable[str]:
            values = record["p"]
            for name in registry.unique_names:
                if value := values.get(name):
                    yield f"{name}\0{value.lower()}"
            if type_id == CONTACT and (more := values.get("hs_additional_emails")):
                for address in more.lower().split(";"):
                    yield f"email\0{address.strip()}"

        created = OBJECT_TYPES[type_id].created_property

        def creation(record: Record) -> Iterable[int]:
            return (milliseconds(record["p"].get(created) or record["c"]),)

        return RecordStore({"unique": unique_keys, "created": creation})


class HubSpot:
    """All accounts of the sandbox, and the one app with its grants."""

    def __init__(self, grants: Grants) -> None:
        self.accounts: dict[int, Account] = {}
        self.grants = grants
        self._following = FIRST_RECORD_ID

    def take_id(self) -> str:
        """The next record id; one counter serves all types and accounts."""
        taken, self._following = self._following, self._following + 1
        return str(taken)

    def snapshot(self) -> object:
        """The whole state."""
        accounts = {portal: (account.facts, account.snapshot()) for portal, account in self.accounts.items()}
        return accounts, self.grants.snapshot(), self._following

    def restore(self, state: Any) -> None:
        """Take an earlier state; accounts that it does not know are closed, those that are not there opened."""
        accounts, grants, self._following = state
        self.accounts = {
            portal: self.accounts.get(portal) or Account(portal, **facts) for portal, (facts, _) in accounts.items()
        }
        for portal, (_, saved) in accounts.items():
            self.accounts[portal].restore(saved)
        self.grants.restore(grants)


def _before(effective_at: str, moment: datetime) -> bool:
    return datetime.fromisoformat(effective_at) <= moment
