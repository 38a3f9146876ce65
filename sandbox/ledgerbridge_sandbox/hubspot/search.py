"""Search over the index: operators, sorting, caps (hubspot.md 5)."""

import math
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any

import msgspec

from ledgerbridge_sandbox.hubspot.accounts import Account
from ledgerbridge_sandbox.hubspot.errors import invalid
from ledgerbridge_sandbox.hubspot.object_types import ObjectType, object_type
from ledgerbridge_sandbox.hubspot.views import shown, value_of
from ledgerbridge_sandbox.indexes import EVERYTHING, Index, Span
from ledgerbridge_sandbox.records import Record

MOST_RESULTS = 10_000
MOST_A_PAGE = 200
_MOST_GROUPS = 5
_MOST_FILTERS = 6
_MOST_TOGETHER = 18
_LONGEST_QUERY = 3000
_FILTER_KEYS = {"propertyName", "operator", "value", "values", "highValue"}

Sortable = tuple[int, Decimal | str]


class Search:
    """One search in one account."""

    def __init__(self, account: Account, kind: ObjectType, body: dict[str, Any]) -> None:
        self._account = account
        self._kind = kind
        self._live = account.live[kind.type_id]
        self._body = body
        self._definitions = account.properties[kind.type_id].definitions
        self._groups = self._checked_groups()

    def answer(self) -> dict[str, Any]:
        """The page asked for; raises 400."""
        limit, offset = self._page()
        total, found = self._found()
        page = islice(found, offset, offset + limit)
        names = self._body.get("properties")
        result: dict[str, Any] = {
            "total": total,
            "results": [shown(self._account, self._kind, record, names) for record in page],
        }
        if offset + limit < total:
            result["paging"] = {"next": {"after": str(offset + limit)}}
        return result

    def _found(self) -> tuple[int, Iterable[Record]]:
        """How many there are, and they in their order, read as far as they are asked for where an index tells it."""
        name, backwards = self._sorting()
        index = self._index_of(name)
        filters = self._groups[0] if len(self._groups) == 1 else []
        spans = [self._changes_span(wanted) for wanted in filters]
        told = len(self._groups) < 2 and not self._body.get("query") and not self._lagging()  # noqa: PLR2004
        if index is not None and told and None not in spans and len(spans) <= (index is self._live.changes):
            span = spans[0] if spans and spans[0] else EVERYTHING
            return index.count(span), map(self._live.record_at, index.places(span, descending=backwards))
        found = [record for record in self._candidates() if self._holds(record)]
        # Ties always by id, so that pages do not overlap.
        found.sort(key=lambda record: int(record["id"]), reverse=backwards)
        found.sort(key=lambda record: _sortable(value_of(self._account, self._kind, record, name)), reverse=backwards)
        return len(found), found

    def _index_of(self, name: str) -> Index | None:
        """The index that has all records in the order of that property."""
        if name == self._kind.modified_property:
            return self._live.changes
        return self._live.index("created") if name == self._kind.created_property else None

    def _page(self) -> tuple[int, int]:
        try:
            limit, offset = int(self._body.get("limit") or 10), int(self._body.get("after") or 0)
        except (TypeError, ValueError) as error:
            raise invalid("Invalid input JSON: limit and after must be integers") from error
        if not 1 <= limit <= MOST_A_PAGE:
            raise invalid(f"Page size must be between 1 and {MOST_A_PAGE}, was {limit}")
        if offset < 0 or offset + limit > MOST_RESULTS:
            raise invalid(f"Paging beyond {MOST_RESULTS} results is not supported")
        return limit, offset

    def _checked_groups(self) -> list[list[dict[str, Any]]]:
        groups = [group.get("filters") or [] for group in self._body.get("filterGroups") or []]
        if self._body.get("filters"):
            groups.append(self._body["filters"])
        sizes = [len(group) for group in groups]
        if len(groups) > _MOST_GROUPS or any(size > _MOST_FILTERS for size in sizes) or sum(sizes) > _MOST_TOGETHER:
            raise invalid(
                f"Too many filters: at most {_MOST_GROUPS} filterGroups, {_MOST_FILTERS} filters each, "
                f"{_MOST_TOGETHER} together"
            )
        if len(str(self._body.get("query") or "")) > _LONGEST_QUERY:
            raise invalid(f"Query must not be longer than {_LONGEST_QUERY} characters")
        for group in groups:
            for wanted in group:
                self._check(wanted)
        return groups

    def _check(self, wanted: dict[str, Any]) -> None:
        name, operator = wanted.get("propertyName"), wanted.get("operator")
        if not isinstance(name, str) or operator not in _OPERATORS or wanted.keys() - _FILTER_KEYS:
            raise invalid(f"Invalid input JSON: {msgspec.json.encode(wanted).decode()} is not a filter")
        if not name.startswith("associations.") and name not in self._definitions:
            raise invalid(f"There was a problem with the request: property {name} does not exist")
        if operator in {"IN", "NOT_IN"} and not isinstance(wanted.get("values"), list):
            raise invalid(f"{operator} needs values")
        if operator == "BETWEEN" and ("value" not in wanted or "highValue" not in wanted):
            raise invalid("BETWEEN needs value and highValue")
        if operator not in {"IN", "NOT_IN", "HAS_PROPERTY", "NOT_HAS_PROPERTY"} and "value" not in wanted:
            raise invalid(f"{operator} needs value")

    def _candidates(self) -> Iterator[Record]:
        """Records as the index shows them; a search by id or unique value does not read all."""
        lagging = self._lagging()
        ids = self._narrowed()
        for record_id in self._live.ids() if ids is None else ids:
            if record_id not in lagging and (record := self._live.get(record_id)) is not None:
                yield record
        for before in lagging.values():
            if before is not None:
                yield msgspec.json.decode(before)

    def _lagging(self) -> dict[str, bytes | None]:
        """What the index shows otherwise than it is."""
        return self._account.index_lag.still_shown(self._kind.type_id)

    def _narrowed(self) -> Iterable[str] | None:
        """Ids that are certain to contain every hit, or None."""
        found: dict[str, None] = {}
        for group in self._groups:
            ids = next((ids for wanted in group if (ids := self._ids_of(wanted)) is not None), None)
            if ids is None:
                return None
            found.update(dict.fromkeys(ids))
        return found if self._groups else None

    def _ids_of(self, wanted: dict[str, Any]) -> Iterable[str] | None:
        name, operator = wanted["propertyName"], wanted["operator"]
        if operator not in {"EQ", "IN"}:
            span = self._changes_span(wanted)
            return None if span is None else self._live.ids_by_change(span)
        values = [str(value) for value in (wanted["values"] if operator == "IN" else [wanted["value"]])]
        if name == "hs_object_id":
            return values
        if name.startswith("associations.") and operator == "EQ":
            end = object_type(name.removeprefix("associations."))
            return list(self._account.associations.of(end.type_id, values[0], self._kind.type_id))
        if self._definitions[name]["hasUniqueValue"]:
            return [found for value in values for found in self._live.find("unique", f"{name}\0{value.lower()}")]
        return None

    def _changes_span(self, wanted: dict[str, Any]) -> Span | None:
        """The times of change that fit a filter, None for a filter on anything else."""
        operator, bound = wanted["operator"], _sortable(str(wanted.get("value", "")))
        if wanted["propertyName"] != self._kind.modified_property or operator not in {"GT", "GTE"}:
            return None
        if not isinstance(bound[1], Decimal):
            return Span(math.inf)
        return Span(math.floor(bound[1]), above=True) if operator == "GT" else Span(math.ceil(bound[1]))

    def _holds(self, record: Record) -> bool:
        if self._groups and not any(all(self._fits(wanted, record) for wanted in group) for group in self._groups):
            return False
        words = str(self._body.get("query") or "").lower().split()
        if not words:
            return True
        text = " ".join(record["p"].get(name, "") for name in self._kind.query_properties).lower()
        return all(word in text for word in words)

    def _fits(self, wanted: dict[str, Any], record: Record) -> bool:
        name = wanted["propertyName"]
        if name.startswith("associations."):
            end = object_type(name.removeprefix("associations."))
            return str(wanted.get("value")) in self._account.associations.of(
                self._kind.type_id, record["id"], end.type_id
            )
        value = value_of(self._account, self._kind, record, name)
        exact = self._definitions[name]["type"] == "enumeration"
        return _OPERATORS[wanted["operator"]](value, wanted, exact)

    def _sorting(self) -> tuple[str, bool]:
        """The property to sort by and whether backwards. Without a sort HubSpot shows the newest first (guess)."""
        sorts = self._body.get("sorts") or []
        if len(sorts) > 1:
            raise invalid("Only one sort is supported")
        name, backwards = _direction(sorts[0]) if sorts else (self._kind.created_property, True)
        if name not in self._definitions:
            raise invalid(f"There was a problem with the request: property {name} does not exist")
        return name, backwards


def _direction(sort: Any) -> tuple[str, bool]:
    if isinstance(sort, str):
        return sort.removeprefix("-"), sort.startswith("-")
    if not isinstance(sort, dict):
        raise invalid("Invalid input JSON: a sort names propertyName and direction")
    return str(sort.get("propertyName")), sort.get("direction") == "DESCENDING"


def _sortable(value: str | None) -> Sortable:
    """Numbers and moments compare as numbers (milliseconds), the rest as text without case."""
    if not value:
        return 0, ""
    if (number := _number(value)) is not None:
        return 1, number
    if re.match(r"\d{4}-\d\d-\d\d", value):
        try:
            moment = datetime.fromisoformat(value if len(value) > len("2026-01-01") else f"{value}T00:00:00Z")
            return 1, Decimal(round(moment.timestamp() * 1000))
        except ValueError:
            pass
    return 2, value.lower()


def _number(value: str) -> Decimal | None:
    """A finite number: nothing is greater or less than what is none."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _equal(value: str | None, wanted: dict[str, Any], exact: bool) -> bool:
    text = str(wanted["value"])
    if value is None:
        return False
    return value == text if exact else _sortable(value) == _sortable(text)


def _compared(holds: Callable[[Sortable, Sortable], bool]) -> Callable[[str | None, dict[str, Any], bool], bool]:
    def fits(value: str | None, wanted: dict[str, Any], _exact: bool) -> bool:
        one, other = _sortable(value), _sortable(str(wanted["value"]))
        return bool(value) and one[0] == other[0] and holds(one, other)

    return fits


def _between(value: str | None, wanted: dict[str, Any], _exact: bool) -> bool:
    low, high = _sortable(str(wanted["value"])), _sortable(str(wanted["highValue"]))
    return bool(value) and low <= _sortable(value) <= high


def _among(value: str | None, wanted: dict[str, Any], exact: bool) -> bool:
    """String values of IN must be in lower case already (hubspot.md 5): others never match."""
    values = [str(one) for one in wanted["values"]]
    if value is None:
        return False
    return (value if exact else value.lower()) in values


def _has_token(value: str | None, wanted: dict[str, Any], _exact: bool) -> bool:
    pattern = re.compile(".*".join(re.escape(part) for part in str(wanted["value"]).lower().split("*")))
    tokens = re.findall(r"[^\s,;()]+", (value or "").lower())
    return any(pattern.fullmatch(token) for token in [*tokens, (value or "").lower()])


_OPERATORS: dict[str, Callable[[str | None, dict[str, Any], bool], bool]] = {
    "EQ": _equal,
    "NEQ": lambda value, wanted, exact: not _equal(value, wanted, exact),
    "LT": _compared(lambda one, other: one < other),
    "LTE": _compared(lambda one, other: one <= other),
    "GT": _compared(lambda one, other: one > other),
    "GTE": _compared(lambda one, other: one >= other),
    "BETWEEN": _between,
    "IN": _among,
    "NOT_IN": lambda value, wanted, exact: value is not None and not _among(value, wanted, exact),
    "HAS_PROPERTY": lambda value, _wanted, _exact: bool(value),
    "NOT_HAS_PROPERTY": lambda value, _wanted, _exact: not value,
    "CONTAINS_TOKEN": _has_token,
    "NOT_CONTAINS_TOKEN": lambda value, wanted, exact: not _has_token(value, wanted, exact),
}
