"""The association types of one account: HubSpot's own, the labels that its users made, limits (hubspot.md 7)."""

from collections.abc import Iterable, Mapping
from dataclasses import astuple
from typing import Any

from ledgerbridge_sandbox.hubspot.association_types import (
    ASSOCIATION_TYPES,
    HUBSPOT_DEFINED,
    USER_DEFINED,
    AssociationType,
    default_type,
)
from ledgerbridge_sandbox.hubspot.errors import invalid, not_found
from ledgerbridge_sandbox.hubspot.object_types import ObjectType

Pair = tuple[str, str]

_FIRST_OWN_ID = 10_001
"""Own ids do not meet HubSpot's between two types here; the vendor promises that only within a category."""
_MOST_LABELS = 50
"""Own labels between two types: a guess (it depends on the subscription)."""


class Labels:
    """What may be between two records, by pair of object types and by id."""

    def __init__(self) -> None:
        self._own: dict[Pair, dict[int, AssociationType]] = {}
        self._limits: dict[Pair, dict[int, int]] = {}
        self._following = _FIRST_OWN_ID

    def between(self, from_type: str, to_type: str) -> Mapping[int, AssociationType]:
        """The types from one object type to another by id; {} where nothing can be associated."""
        defined, own = ASSOCIATION_TYPES.get((from_type, to_type), {}), self._own.get((from_type, to_type))
        return {**defined, **own} if own else defined

    def starting(self, from_type: str, type_id: int, category: str = HUBSPOT_DEFINED) -> AssociationType | None:
        """The type of that id which starts at an object type."""
        for start, end in ASSOCIATION_TYPES:
            if start == from_type and (found := self.between(start, end).get(type_id)) and found.category == category:
                return found
        return None

    def default(self, start: ObjectType, end: ObjectType) -> AssociationType:
        """The unlabeled type from `start` to `end`; raises 400 where HubSpot defines none."""
        found = default_type(start.type_id, end.type_id)
        if found is None:
            raise invalid(f"No association type exists between {start.upper} and {end.upper}")
        return found

    def named(self, start: ObjectType, end: ObjectType, specs: Iterable[dict[str, Any]]) -> tuple[AssociationType, ...]:
        """The types that a body names for one direction; raises 400 for one that does not belong to it."""
        between = self.between(start.type_id, end.type_id)
        found = []
        for spec in specs:
            type_id, category = read_spec(spec)
            kind = between.get(type_id)
            if kind is None or kind.category != category:
                raise invalid(f"{category} association type {type_id} does not exist from {start.upper} to {end.upper}")
            found.append(kind)
        if not found:
            raise invalid("Invalid input JSON: at least one association type is needed")
        return tuple(found)

    def define(self, start: ObjectType, end: ObjectType, name: str, label: str, inverse: str) -> list[AssociationType]:
        """A new label, with a name of its own in the other direction if `inverse` is given; words are guesses."""
        self.default(start, end)
        own = self._own.get((start.type_id, end.type_id), {})
        if any(name in {found.name, found.reverse_name} or label == found.label for found in own.values()):
            raise invalid(f"An association label {name} already exists between {start.upper} and {end.upper}")
        if len(own) >= _MOST_LABELS:
            raise invalid(f"The limit of {_MOST_LABELS} association labels has been reached")
        one_way = start.type_id == end.type_id and not inverse
        there, back = self._following, self._following if one_way else self._following + 1
        self._following += 2
        way = AssociationType(
            there, start.type_id, end.type_id, name, label, back, name, inverse or label, category=USER_DEFINED
        )
        return self._keep(way)

    def change(self, start: ObjectType, end: ObjectType, type_id: int, label: str, inverse: str) -> None:
        """Rename a label of one's own; raises 404 for one that is none."""
        present = self._own_type(start, end, type_id)
        back = inverse or (label if present.label == present.reverse_label else present.reverse_label)
        self._keep(
            AssociationType(
                present.type_id,
                present.from_type,
                present.to_type,
                present.name,
                label,
                present.reverse,
                present.reverse_name,
                back,
                category=USER_DEFINED,
            )
        )

    def remove(self, start: ObjectType, end: ObjectType, type_id: int) -> AssociationType:
        """Take a label of one's own away in both directions; the associations that bear it are the caller's."""
        present = self._own_type(start, end, type_id)
        for way in (present, present.turned()):
            self._own.get((way.from_type, way.to_type), {}).pop(way.type_id, None)
            self._limits.get((way.from_type, way.to_type), {}).pop(way.type_id, None)
        return present

    def limit(self, kind: AssociationType) -> int | None:
        """At how many others one record may have associations of this type."""
        return self._limits.get((kind.from_type, kind.to_type), {}).get(kind.type_id)

    def set_limit(self, kind: AssociationType, most: int | None) -> None:
        """Set a limit or, with None, take it away; a label's lies within that of the pair."""
        limits = self._limits.setdefault((kind.from_type, kind.to_type), {})
        if most is None:
            limits.pop(kind.type_id, None)
            return
        unlabeled = default_type(kind.from_type, kind.to_type)
        whole = limits.get(unlabeled.type_id) if unlabeled and not kind.default else None
        labelled = max((n for other, n in limits.items() if other != kind.type_id), default=0) if kind.default else 0
        if most < 1 or (whole is not None and most > whole) or most < labelled:
            low, high = max(labelled, 1), whole if whole is not None else "any"
            raise invalid(f"maxToObjectIds {most} is not valid: the range is {low} to {high}")
        limits[kind.type_id] = most

    def limited(self) -> list[tuple[AssociationType, int]]:
        """Every type with a limit."""
        pairs = [(pair, type_id, most) for pair, found in self._limits.items() for type_id, most in found.items()]
        return [(self.between(*pair)[type_id], most) for pair, type_id, most in pairs]

    def snapshot(self) -> object:
        """The whole state."""
        own = {pair: [astuple(kind) for kind in found.values()] for pair, found in self._own.items()}
        return own, {pair: dict(found) for pair, found in self._limits.items()}, self._following

    def recover(self, state: Any) -> None:
        """Take an earlier state."""
        own, limits, self._following = state
        self._own = {pair: {kind[0]: AssociationType(*kind) for kind in found} for pair, found in own.items()}
        self._limits = {pair: dict(found) for pair, found in limits.items()}

    def _keep(self, way: AssociationType) -> list[AssociationType]:
        ways = [way] if way.type_id == way.reverse else [way, way.turned()]
        for one in ways:
            self._own.setdefault((one.from_type, one.to_type), {})[one.type_id] = one
        return ways

    def _own_type(self, start: ObjectType, end: ObjectType, type_id: int) -> AssociationType:
        found = self._own.get((start.type_id, end.type_id), {}).get(type_id)
        if found is None:
            raise not_found(f"Association label {type_id} does not exist from {start.upper} to {end.upper}")
        return found


def read_spec(spec: Any) -> tuple[int, str]:
    """Id and category of a type as a body names it; raises 400."""
    type_id = spec.get("associationTypeId", spec.get("typeId")) if isinstance(spec, dict) else None
    if not isinstance(type_id, int) or isinstance(type_id, bool):
        raise invalid("Invalid input JSON: associationTypeId must be an integer")
    return type_id, str(spec.get("associationCategory", spec.get("category", HUBSPOT_DEFINED)))
