"""HubSpot's records as we use them; whatever else an answer holds is ignored (hubspot.md 3, 4, 5, 7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ledgerbridge.errors import LedgerbridgeError

Properties = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class HubSpotRecord:
    """One record: every property value is text or None; `associations` are ids without doubles, by plural type name.

    `updated_at` is HubSpot's own time of the last change. `trace` is the write's trace id where the answer has it.
    """

    id: str
    properties: Properties
    updated_at: datetime
    archived: bool = False
    created_at: datetime | None = None
    associations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    associations_complete: bool = True
    """False where HubSpot has more associated records than it listed here."""
    trace: str | None = None
    new: bool | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What a batch did, by the keys it was asked with: each key is in exactly one of the three.

    `missing` was left out by HubSpot (deleted, merged away, or never there): read it singly before it counts as
    deleted (hubspot.md 3, Merge).
    """

    records: Mapping[str, HubSpotRecord] = field(default_factory=dict)
    failures: Mapping[str, LedgerbridgeError] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AssociationSpec:
    """A kind of association, e.g. deal to primary company: ``AssociationSpec(5)``. Direction matters."""

    type_id: int
    category: str = "HUBSPOT_DEFINED"

    def document(self) -> dict[str, Any]:
        """As HubSpot writes it."""
        return {"associationCategory": self.category, "associationTypeId": self.type_id}


@dataclass(frozen=True, slots=True)
class Association:
    """One associated record with all its kinds (a primary company has two)."""

    id: str
    types: tuple[AssociationSpec, ...]

    def is_of(self, type_id: int) -> bool:
        """Whether this kind is among its types."""
        return any(spec.type_id == type_id for spec in self.types)


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record to create; `associations` are (record id, kind) with the direction new record to other."""

    properties: Mapping[str, str]
    associations: Sequence[tuple[str, AssociationSpec]] = ()

    def document(self) -> dict[str, Any]:
        """As HubSpot takes it."""
        return {
            "properties": dict(self.properties),
            "associations": [{"to": {"id": to}, "types": [spec.document()]} for to, spec in self.associations],
        }


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition of a search: `value` for EQ, GT and their like, `values` for IN, both ends for BETWEEN."""

    property_name: str
    operator: str
    value: str | None = None
    values: tuple[str, ...] = ()
    high: str | None = None

    def document(self) -> dict[str, Any]:
        """As HubSpot takes it."""
        document: dict[str, Any] = {"propertyName": self.property_name, "operator": self.operator}
        if self.value is not None:
            document["value"] = self.value
        if self.values:
            document["values"] = list(self.values)
        if self.high is not None:
            document["highValue"] = self.high
        return document


@dataclass(frozen=True, slots=True)
class Search:
    """A search: `groups` are OR-ed, the filters of a group AND-ed; one sort; at most 200 a page, 10,000 in all."""

    properties: tuple[str, ...] = ()
    groups: tuple[tuple[Filter, ...], ...] = ()
    text: str | None = None
    sort: str | None = None
    descending: bool = False
    limit: int = 100
    after: str | None = None

    def document(self) -> dict[str, Any]:
        """As HubSpot takes it."""
        document: dict[str, Any] = {"properties": list(self.properties), "limit": self.limit}
        if self.groups:
            document["filterGroups"] = [{"filters": [one.document() for one in group]} for group in self.groups]
        if self.text:
            document["query"] = self.text
        if self.sort:
            direction = "DESCENDING" if self.descending else "ASCENDING"
            document["sorts"] = [{"propertyName": self.sort, "direction": direction}]
        if self.after is not None:
            document["after"] = self.after
        return document


@dataclass(frozen=True, slots=True)
class Page:
    """One page of records; `after` is where the next begins, `total` where told."""

    records: tuple[HubSpotRecord, ...]
    after: str | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    """A HubSpot user who can own records; assign with `id`, never with `user_id`."""

    id: str
    email: str | None
    first_name: str
    last_name: str
    user_id: str | None
    archived: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """A deal stage; `is_won` looks at the metadata, since people rename labels."""

    id: str
    label: str
    is_closed: bool
    is_won: bool


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline with its stages, in order."""

    id: str
    label: str
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class AccountDetails:
    """A HubSpot account's own facts (hubspot.md 14); `ui_domain` is where people open records."""

    portal_id: str
    account_type: str
    time_zone: str
    company_currency: str
    additional_currencies: tuple[str, ...]
    ui_domain: str


@dataclass(frozen=True, slots=True)
class DatedRate:
    """From when on one unit of a currency is worth so much of the company currency."""

    effective_at: datetime
    value: Decimal


@dataclass(frozen=True, slots=True)
class PropertyDefinition:
    """A property as HubSpot defines it; `document` is the whole definition."""

    name: str
    label: str
    type: str
    field_type: str
    group_name: str
    options: tuple[tuple[str, str], ...]
    """Pairs of value and label."""
    read_only: bool
    calculated: bool
    unique: bool
    archived: bool
    document: Mapping[str, Any] = field(repr=False)


def moment(text: Any) -> datetime:
    """HubSpot's time (ISO 8601 or epoch milliseconds); raises ValueError."""
    if isinstance(text, int):
        return datetime.fromtimestamp(text / 1000, UTC)
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def record_of(document: Mapping[str, Any]) -> HubSpotRecord:
    """Read one record; raises KeyError, TypeError or ValueError where it is none."""
    associations, complete = _associations(document.get("associations") or {})
    created = document.get("createdAt")
    return HubSpotRecord(
        id=str(document["id"]),
        properties={name: None if value is None else str(value) for name, value in document["properties"].items()},
        updated_at=moment(document["updatedAt"]),
        archived=bool(document.get("archived", False)),
        created_at=moment(created) if created else None,
        associations=associations,
        associations_complete=complete,
        trace=document.get("objectWriteTraceId"),
        new=document.get("new"),
    )


_SINGULAR = {"line_item": "line_items", "company": "companies", "contact": "contacts", "deal": "deals"}


def _associations(document: Mapping[str, Any]) -> tuple[dict[str, tuple[str, ...]], bool]:
    # The key of line items has a space though it is asked for with an underscore, and a record with a primary and an
    # unlabeled association comes twice (hubspot.md 3).
    found: dict[str, dict[str, None]] = {}
    complete = True
    for key, value in document.items():
        name = key.replace(" ", "_")
        ids = found.setdefault(_SINGULAR.get(name, name), {})
        ids.update({str(one["id"]): None for one in value.get("results", ())})
        complete = complete and not (value.get("paging") or {}).get("next")
    return {name: tuple(ids) for name, ids in found.items()}, complete
