"""One QuickBooks company: its facts, its objects, its sequences, and what it remembers of past requests."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from ledgerbridge_sandbox.quickbooks.columns import Keys, columns_of, reference_keys
from ledgerbridge_sandbox.quickbooks.kinds import Kind
from ledgerbridge_sandbox.quickbooks.moments import stamp
from ledgerbridge_sandbox.quickbooks.money import Record, cents
from ledgerbridge_sandbox.quickbooks.schema import KINDS
from ledgerbridge_sandbox.quickbooks.shelf import Shelf
from ledgerbridge_sandbox.quickbooks.trail import Step, Trail
from ledgerbridge_sandbox.switches import Switches


class Clock(Protocol):
    """Whatever tells the business moment."""

    def now(self) -> datetime:
        """Aware, in UTC."""


Tell = Callable[["Company", "Change"], None]

CURRENCY_NAMES = {
    "USD": "United States Dollar",
    "GBP": "British Pound Sterling",
    "EUR": "Euro",
    "CAD": "Canadian Dollar",
    "PLN": "Polish Zloty",
    "NOK": "Norwegian Krone",
}
PREFERENCES_ID = "1"


@dataclass(frozen=True, slots=True)
class Change:
    """What a webhook tells. `verb` as in event types; `deletedid` of a merge."""

    entity: str
    identifier: str
    verb: str
    at: datetime
    deletedid: str | None = None


@dataclass(frozen=True, slots=True)
class Stub:
    """What change data capture shows of a deleted transaction."""

    entity: str
    identifier: str
    at: datetime


@dataclass(frozen=True)
class Profile:
    """What never changes about a company. `rates` are home units per foreign unit."""

    realm: str
    name: str
    country: str
    zone: str
    home_currency: str
    bookkeeper: str


def _linked(record: Record) -> Iterable[str]:
    links = (link for line in record.get("Line") or () for link in line.get("LinkedTxn") or ())
    return {f"{link['TxnType']}:{link['TxnId']}" for link in links}


_OWN_INDEXES: Mapping[str, Mapping[str, Keys]] = {
    "Payment": {"linked": _linked},
    **{
        entity: {"ParentRef": reference_keys("ParentRef")}
        for entity in ("Customer", "Item", "Account", "Class", "Department")
    },
}
"""What the engine looks up, beside the columns of queries."""


def indexes_of(entity: str) -> Mapping[str, Keys]:
    """All indexes of a kind of object."""
    return {**columns_of(entity), **_OWN_INDEXES.get(entity, {})}


class Company:
    """
    A company's state. `switches` are behaviours of which Intuit says nothing, or which its owner chooses.

    Every change of an object goes through `keep` or `forget`, which move its times and tell the webhooks.
    """

    def __init__(self, profile: Profile, clock: Clock, switches: Switches, tell: Tell) -> None:
        self.profile = profile
        self.zone = ZoneInfo(profile.zone)
        self.switches = switches
        self.shelves: dict[str, Shelf] = {name: Shelf(indexes_of(name)) for name in KINDS}
        self.sequences: dict[str, int] = {}
        self.replays: dict[str, tuple[int, bytes]] = {}
        self.stubs: list[Stub] = []
        self.deleted: dict[tuple[str, str], datetime] = {}
        self.poisoned: set[tuple[str, str]] = set()
        """Objects (kind, id) that QuickBooks fails to read out: every page with one of them is the fault 4002."""
        self.files: dict[str, bytes] = {}
        """What was uploaded, by the id of its attachment."""
        self.trail = Trail()
        self.clock = clock
        self._tell = tell
        self._preferences: Record | None = None

    @property
    def realm(self) -> str:
        return self.profile.realm

    def now(self) -> datetime:
        """The business moment."""
        return self.clock.now()

    def today(self) -> date:
        """The calendar day in the company's zone."""
        return self.now().astimezone(self.zone).date()

    def following(self, sequence: str) -> str:
        """The next number of that sequence as text."""
        number = self.sequences.get(sequence, 0) + 1
        self.sequences[sequence] = number
        return str(number)

    def get(self, entity: str, identifier: str) -> Record | None:
        """A fresh copy of the object, or None."""
        return self.shelves[entity].get(identifier)

    def preferences(self, group: str) -> Mapping[str, Any]:
        """One group of the company's preferences, not to be changed."""
        if self._preferences is None:
            self._preferences = self.get("Preferences", PREFERENCES_ID) or {}
        group_of: Mapping[str, Any] = self._preferences.get(group) or {}
        return group_of

    @property
    def multicurrency(self) -> bool:
        return bool(self.preferences("CurrencyPrefs").get("MultiCurrencyEnabled"))

    def cents(self, value: Decimal) -> Decimal:
        """What QuickBooks computed, rounded to the cent: half up or, with the switch, half to the even cent."""
        return cents(value, ROUND_HALF_EVEN if self.switches["round_half_to_even"] else ROUND_HALF_UP)

    def keep(self, kind: Kind, record: Record, verb: str | None, *, bump: bool = True) -> Record:
        """
        Store the object as changed now and tell it under `verb` (None tells nobody).

        A new object gets SyncToken 0; an old one the next, unless `bump` is false (quickbooks.md 15.4 and 15.5).
        """
        moment = self.now()
        created = record.get("MetaData") is None
        meta = record.get("MetaData") or {"CreateTime": stamp(moment)}
        record["MetaData"] = {**meta, "LastUpdatedTime": stamp(moment)}
        if created:
            record["SyncToken"] = "0"
        elif bump:
            record["SyncToken"] = str(int(record["SyncToken"]) + 1)
        self.shelves[kind.name].put(record["Id"], record, moment)
        self.trail.note(Step(kind.name, record["Id"], record["SyncToken"], verb, moment))
        if kind.name == "Preferences":
            self._preferences = None
        if verb is not None:
            self.tell(Change(kind.name, record["Id"], verb, moment))
        return record

    def keep_merged(self, kind: Kind, winner: Record, loser: str) -> Record:
        """Store the survivor of a merge and tell whom it swallowed."""
        stored = self.keep(kind, winner, None)
        self.tell(Change(kind.name, winner["Id"], "merged", self.shelves[kind.name].changed_at(winner["Id"]), loser))
        return stored

    def forget(self, kind: Kind, identifier: str) -> None:
        """Delete a transaction for ever; a stub stays for change data capture."""
        moment = self.now()
        self.shelves[kind.name].remove(identifier)
        self.deleted[kind.name, identifier] = moment
        self.stubs.append(Stub(kind.name, identifier, moment))
        self.tell(Change(kind.name, identifier, "deleted", moment))

    def tell(self, change: Change) -> None:
        """Hand a change to the webhooks."""
        self._tell(self, change)

    def snapshot(self) -> object:
        """The whole state as an object that no later change reaches."""
        shelves = {name: shelf.snapshot() for name, shelf in self.shelves.items()}
        past = list(self.stubs), dict(self.deleted), set(self.poisoned), self.trail.snapshot()
        return shelves, dict(self.sequences), dict(self.replays), *past, dict(self.files)

    def restore(self, state: Any) -> None:
        """Take the state of an earlier snapshot, which stays usable."""
        shelves, sequences, replays, stubs, deleted, poisoned, trail, files = state
        for name, shelf in shelves.items():
            self.shelves[name].restore(shelf)
        self.sequences, self.replays = dict(sequences), dict(replays)
        self.stubs, self.deleted, self.poisoned = list(stubs), dict(deleted), set(poisoned)
        self.files = dict(files)
        self.trail.restore(trail)
        self._preferences = None
