"""The objects of one kind in one company, found by id, by key and by the time of their last change."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from ledgerbridge_sandbox.indexes import Index, Key, Span
from ledgerbridge_sandbox.quickbooks.money import Record, decode_record, encode
from ledgerbridge_sandbox.records import RecordStore, StoreState


class Shelf:
    """Objects of one kind. Times are aware instants to the microsecond, finer than the seconds that MetaData shows."""

    def __init__(self, indexes: Mapping[str, Callable[[Record], Iterable[Key]]]) -> None:
        self.store = RecordStore(indexes, encode=encode, decode=decode_record)

    def __len__(self) -> int:
        return len(self.store)

    def __contains__(self, identifier: str) -> bool:
        return identifier in self.store

    def get(self, identifier: str) -> Record | None:
        """A fresh copy, or None."""
        return self.store.get(identifier)

    def body(self, identifier: str) -> bytes:
        """The object as JSON; raises KeyError."""
        body = self.store.encoded(identifier)
        if body is None:
            raise KeyError(identifier)
        return body

    def put(self, identifier: str, record: Record, changed: datetime) -> None:
        """Keep the object as changed at that instant."""
        self.store.put(identifier, record, micros(changed))

    def remove(self, identifier: str) -> None:
        """Forget the object."""
        self.store.remove(identifier)

    def find(self, index: str, key: Key) -> list[str]:
        """Ids under that key."""
        return self.store.find(index, key)

    def index(self, name: str) -> Index | None:
        """The index of that name, if there is one."""
        return self.store.index(name)

    def ids(self) -> Iterator[str]:
        """All ids, oldest object first."""
        return self.store.ids()

    def changed_at(self, identifier: str) -> datetime:
        """When the object last changed; raises KeyError."""
        place = self.store.place(identifier)
        if place is None:
            raise KeyError(identifier)
        return _EPOCH + timedelta(microseconds=self.store.changed_at(place))

    def since(self, moment: datetime) -> Iterator[str]:
        """Ids in the order of their last change, from that instant on (the instant included)."""
        return self.store.ids_by_change(Span(micros(moment)), descending=False)

    def newest(self) -> Iterator[str]:
        """Ids, the latest change first."""
        return self.store.ids_by_change()

    def snapshot(self) -> StoreState:
        """The whole state as an object that no later change reaches."""
        return self.store.snapshot()

    def restore(self, state: StoreState) -> None:
        """Take the state of an earlier snapshot, which stays usable."""
        self.store.restore(state)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(moment: datetime) -> int:
    """Microseconds since 1970."""
    since = moment - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
