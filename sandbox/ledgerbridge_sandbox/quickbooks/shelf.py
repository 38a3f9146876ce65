"""The objects of one kind in one company, found by id, by key and by the time of their last change."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ledgerbridge_sandbox.quickbooks.money import Record, decode_record, encode
from ledgerbridge_sandbox.records import RecordStore

_TOMBS = 1_000
"""How many outdated entries the order of changes may carry before it is swept."""


class Shelf:
    """
    Objects of one kind. Times are aware instants to the microsecond, finer than the seconds that MetaData shows.

    The order of changes is a sorted list in which an object that changed again leaves its old entry behind; entries
    that no longer agree with `changed` are passed over, and swept out when they are the majority.
    """

    def __init__(self, indexes: Mapping[str, Callable[[Record], Iterable[str]]]) -> None:
        self._indexes = frozenset(indexes)
        self._store = RecordStore(indexes, encode=encode, decode=decode_record)
        self._changed: dict[str, int] = {}
        self._order: list[tuple[int, str]] = []

    def __len__(self) -> int:
        return len(self._changed)

    def __contains__(self, identifier: str) -> bool:
        return identifier in self._changed

    def get(self, identifier: str) -> Record | None:
        """A fresh copy, or None."""
        return self._store.get(identifier)

    def body(self, identifier: str) -> bytes:
        """The object as JSON; raises KeyError."""
        body = self._store.encoded(identifier)
        if body is None:
            raise KeyError(identifier)
        return body

    def put(self, identifier: str, record: Record, changed: datetime) -> None:
        """Keep the object as changed at that instant."""
        micros = _micros(changed)
        self._store.put(identifier, record)
        if self._changed.get(identifier) != micros:
            self._changed[identifier] = micros
            self._enter((micros, identifier))
        if len(self._order) > 2 * len(self._changed) + _TOMBS:
            self._order = [entry for entry in self._order if self._changed.get(entry[1]) == entry[0]]

    def _enter(self, entry: tuple[int, str]) -> None:
        """Its place among the changes; an entry from before the clock was put back may stand there already."""
        at = bisect_left(self._order, entry)
        if at == len(self._order) or self._order[at] != entry:
            self._order.insert(at, entry)

    def remove(self, identifier: str) -> None:
        """Forget the object."""
        self._store.remove(identifier)
        self._changed.pop(identifier, None)

    def find(self, index: str, key: str) -> list[str]:
        """Ids under that key."""
        return self._store.find(index, key)

    def has_index(self, index: str) -> bool:
        """Whether `find` knows that index."""
        return index in self._indexes

    def ids(self) -> Iterator[str]:
        """All ids, oldest object first."""
        return iter(self._store.ids())

    def changed_at(self, identifier: str) -> datetime:
        """When the object last changed; raises KeyError."""
        return _EPOCH + timedelta(microseconds=self._changed[identifier])

    def since(self, moment: datetime | None = None) -> Iterator[str]:
        """Ids in the order of their last change, from that instant on (the instant included)."""
        start = 0 if moment is None else bisect_left(self._order, (_micros(moment), ""))
        order = self._order
        for at in range(start, len(order)):
            if self._changed.get(order[at][1]) == order[at][0]:
                yield order[at][1]

    def newest(self) -> Iterator[str]:
        """Ids, the latest change first."""
        for micros, identifier in reversed(self._order):
            if self._changed.get(identifier) == micros:
                yield identifier

    def snapshot(self) -> object:
        """The whole state as an object that no later change reaches."""
        return self._store.snapshot(), dict(self._changed), list(self._order)

    def restore(self, state: Any) -> None:
        """Take the state of an earlier snapshot, which stays usable."""
        records, changed, order = state
        self._store.restore(records)
        self._changed, self._order = dict(changed), list(order)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _micros(moment: datetime) -> int:
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
