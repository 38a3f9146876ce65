"""The graph of associations of one account: both directions, labels, one primary company (hubspot.md 7)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ledgerbridge_sandbox.hubspot.association_types import ASSOCIATION_TYPES, AssociationType, default_type
from ledgerbridge_sandbox.hubspot.labels import Labels
from ledgerbridge_sandbox.records import RecordStore


@dataclass(frozen=True)
class Edge:
    """One association of one type in one direction."""

    kind: AssociationType
    from_id: str
    to_id: str

    def reversed(self) -> "Edge":
        """The same association seen from the other end."""
        return Edge(self.kind.turned(), self.to_id, self.from_id)


class Associations:
    """Edges by (type, id, other type). What `connect` and `cut` answer is what changed, for the webhooks."""

    def __init__(self, labels: Labels) -> None:
        self._labels = labels
        self._edges = RecordStore()

    def snapshot(self) -> object:
        """The whole state."""
        return self._edges.snapshot()

    def restore(self, state: Any) -> None:
        """Take an earlier state."""
        self._edges.restore(state)

    def of(self, from_type: str, from_id: str, to_type: str) -> dict[str, tuple[int, ...]]:
        """Ids of the other ends with the types between, in the order in which they were made."""
        ends = self._edges.get(place_of(from_type, from_id, to_type)) or {}
        return {to_id: tuple(types) for to_id, types in ends.items()}

    def all_of(self, from_type: str, from_id: str) -> Iterator[Edge]:
        """Every edge that starts at the record."""
        for start, end in ASSOCIATION_TYPES:
            if start == from_type and (ends := self.of(from_type, from_id, end)):
                kinds = self._labels.between(start, end)
                for to_id, type_ids in list(ends.items()):
                    for type_id in type_ids:
                        yield Edge(kinds[type_id], from_id, to_id)

    def connect(self, kinds: Iterable[AssociationType], from_id: str, to_id: str, *, replace: bool) -> list[Edge]:
        """
        Associate two records and answer the edges that came, in one direction.

        A labelled type brings the unlabeled one with it. A new primary takes that rank from the one before.
        `replace` drops the labels that are not named (a PUT replaces the set of labels of a pair).
        """
        wanted = {kind.type_id: kind for kind in kinds}
        sample = next(iter(wanted.values()))
        unlabeled = default_type(sample.from_type, sample.to_type)
        if unlabeled is not None:
            wanted.setdefault(unlabeled.type_id, unlabeled)
        present = self.of(sample.from_type, from_id, sample.to_type).get(to_id, ())
        between = self._labels.between(sample.from_type, sample.to_type)
        if replace:
            for type_id in set(present) - wanted.keys():
                self._remove(Edge(between[type_id], from_id, to_id))
        for kind in wanted.values():
            self._yield_primary(kind, from_id, to_id)
        added = [Edge(kind, from_id, to_id) for type_id, kind in wanted.items() if type_id not in present]
        for edge in added:
            self._add(edge)
            self._add(edge.reversed())
        return added

    def cut(self, from_type: str, from_id: str, to_type: str, to_id: str, only: set[int] | None = None) -> list[Edge]:
        """Take all types between two records away (or `only` those), and answer the edges that went."""
        between = self._labels.between(from_type, to_type)
        present = self.of(from_type, from_id, to_type).get(to_id, ())
        removed = [Edge(between[type_id], from_id, to_id) for type_id in present if only is None or type_id in only]
        for edge in removed:
            self._remove(edge)
        return removed

    def drop_type(self, kind: AssociationType) -> None:
        """A label is no more: what bore it stays associated without it."""
        for place in list(self._edges.ids()):
            from_type, from_id, to_type = place.split(":")
            if (from_type, to_type) != (kind.from_type, kind.to_type):
                continue
            for to_id, type_ids in self.of(from_type, from_id, to_type).items():
                if kind.type_id in type_ids:
                    self._remove(Edge(kind, from_id, to_id))

    def _yield_primary(self, kind: AssociationType, from_id: str, to_id: str) -> None:
        """One primary company per record: seen from the record, whichever direction is written."""
        if not kind.primary:
            return
        edge = Edge(kind, from_id, to_id)
        edge = edge if kind.label == "Primary" and _starts_at_owner(kind) else edge.reversed()
        for other, types in list(self.of(edge.kind.from_type, edge.from_id, edge.kind.to_type).items()):
            if other != edge.to_id and edge.kind.type_id in types:
                self._remove(Edge(edge.kind, edge.from_id, other))

    def _add(self, edge: Edge) -> None:
        ends = self.of(edge.kind.from_type, edge.from_id, edge.kind.to_type)
        ends[edge.to_id] = tuple(dict.fromkeys((*ends.get(edge.to_id, ()), edge.kind.type_id)))
        self._edges.put(place_of(edge.kind.from_type, edge.from_id, edge.kind.to_type), ends)

    def _remove(self, edge: Edge) -> None:
        self._drop(edge)
        self._drop(edge.reversed())

    def _drop(self, edge: Edge) -> None:
        place = place_of(edge.kind.from_type, edge.from_id, edge.kind.to_type)
        ends = self.of(edge.kind.from_type, edge.from_id, edge.kind.to_type)
        left = tuple(type_id for type_id in ends.get(edge.to_id, ()) if type_id != edge.kind.type_id)
        if left:
            ends[edge.to_id] = left
        else:
            ends.pop(edge.to_id, None)
        if ends:
            self._edges.put(place, ends)
        else:
            self._edges.remove(place)


def place_of(from_type: str, from_id: str, to_type: str) -> str:
    """Under which the other ends of one type are kept."""
    return f"{from_type}:{from_id}:{to_type}"


def _starts_at_owner(kind: AssociationType) -> bool:
    """Whether the direction starts at the record that has one primary (contact or deal), not at the company."""
    return kind.to_type == "0-2"
