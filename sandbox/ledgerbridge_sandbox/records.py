"""Records kept as encoded bytes with indexes, on top of what a file holds: a million invoices fit in 4 GB."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, filterfalse
from typing import Any

import msgspec

from ledgerbridge_sandbox.indexes import EVERYTHING, Index, Key, Span, only
from ledgerbridge_sandbox.saved import NOTHING, SavedRecords

Record = dict[str, Any]
KeysOf = Callable[[Record], Iterable[Key]]
"""The keys under which a record is found in one index."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class StoreState:
    """A store at one moment: what lies in a file, and what changed since. No later change reaches it."""

    def __init__(self, saved: SavedRecords, changes: Any = None, like: "RecordStore | None" = None) -> None:
        self.saved = saved
        self.changes = changes
        self._like = like

    def opened(self) -> "RecordStore":
        """A store of its own in this state."""
        if self._like is None:
            raise RuntimeError("a state that came from a file is opened by the store that restores it")
        return self._like.twin(self)

    def __getstate__(self) -> object:
        """What a fingerprint looks at: the records that are not in the file, and which of it are no more."""
        if self.changes is None:
            return ()
        (_, new_ids, changed, moments), removed = self.changes[:2]
        rows = sorted((place, new_ids.get(place), body, moments[place]) for place, body in changed.items())
        return rows, sorted(removed)


class RecordStore:
    """
    Records of one kind by id, in the order in which they were made and in the order of their last change.

    A record is an open dictionary of JSON values (amounts as text). What `get` answers is a fresh copy: changing it
    changes nothing until it is `put` again. Every record has a place, a number that rises in the order of making;
    the first places belong to the records of a file, whose bytes and index entries are read where they lie.
    """

    def __init__(
        self,
        indexes: Mapping[str, KeysOf] | None = None,
        *,
        encode: Callable[[Record], bytes] = _encode,
        decode: Callable[[bytes], Record] = _decode,
    ) -> None:
        self._encode = encode
        self._decode = decode
        self._keys_of = dict(indexes or {})
        self._stand_on(NOTHING)

    def _stand_on(self, saved: SavedRecords) -> None:
        self._saved = saved
        self._following = len(saved)
        self._places: dict[str, int] = {}
        self._new_ids: dict[int, str] = {}
        self._bytes: dict[int, bytes] = {}
        self._moments: dict[int, int] = {}
        self._removed: set[int] = set()
        self._index = {name: Index(saved.index(name), len(saved)) for name in self._keys_of}
        self._changes = Index(saved.changes, len(saved))

    def __len__(self) -> int:
        return len(self._saved) - len(self._removed) + len(self._places)

    def __contains__(self, record_id: object) -> bool:
        return isinstance(record_id, str) and self.place(record_id) is not None

    def place(self, record_id: str) -> int | None:
        """Where the record stands, None if there is none."""
        place = self._places.get(record_id)
        if place is None and len(self._saved):
            place = self._saved.place(record_id)
            return None if place in self._removed else place
        return place

    def id_at(self, place: int) -> str:
        """The id of the record at a place."""
        return self._new_ids.get(place) or self._saved.id_at(place)

    def body_at(self, place: int) -> bytes:
        """The record at a place as JSON bytes."""
        found = self._bytes.get(place)
        return self._saved.body(place) if found is None else found

    def record_at(self, place: int) -> Record:
        """A fresh copy of the record at a place."""
        return self._decode(self.body_at(place))

    def places(self) -> Iterator[int]:
        """All places, oldest record first."""
        saved: Iterable[int] = range(len(self._saved))
        return chain(filterfalse(self._removed.__contains__, saved) if self._removed else saved, self._new_ids)

    def ids(self) -> Iterator[str]:
        """All ids, oldest record first."""
        return map(self.id_at, self.places())

    def encoded(self, record_id: str) -> bytes | None:
        """The record as JSON bytes, without decoding it."""
        place = self.place(record_id)
        return None if place is None else self.body_at(place)

    def get(self, record_id: str) -> Record | None:
        """The record, or None."""
        place = self.place(record_id)
        return None if place is None else self.record_at(place)

    def put(self, record_id: str, record: Record, changed: int = 0) -> None:
        """Keep `record` under `record_id`, in place of what was there; `changed` orders the changes."""
        place = self.place(record_id)
        before = None if place is None else self.record_at(place)
        if place is None:
            place, self._following = self._following, self._following + 1
            self._places[record_id] = place
            self._new_ids[place] = record_id
            self._changes.move(place, (), (changed,))
        else:
            self._changes.move(place, (self.changed_at(place),), (changed,))
        self._reindex(place, before, record)
        self._bytes[place] = self._encode(record)
        self._moments[place] = changed

    def remove(self, record_id: str) -> None:
        """Forget a record for ever; nothing happens if there is none."""
        place = self.place(record_id)
        if place is None:
            return
        self._reindex(place, self.record_at(place), None)
        self._changes.move(place, (self.changed_at(place),), ())
        self._bytes.pop(place, None)
        self._moments.pop(place, None)
        if self._places.pop(record_id, None) is None:
            self._removed.add(place)
        else:
            del self._new_ids[place]

    def find(self, index: str, key: Key) -> list[str]:
        """Ids of the records with `key` in `index`, oldest record first."""
        return [self.id_at(place) for place in self._index[index].places(only(key))]

    def index(self, name: str) -> Index | None:
        """The index of that name, if there is one."""
        return self._index.get(name)

    @property
    def changes(self) -> Index:
        """The index of the last changes."""
        return self._changes

    def changed_at(self, place: int) -> int:
        """When the record at a place changed last."""
        moment = self._moments.get(place)
        return self._saved.moment(place) if moment is None else moment

    def ids_by_change(self, span: Span = EVERYTHING, *, descending: bool = True) -> Iterator[str]:
        """Ids by their last change, the latest first."""
        return map(self.id_at, self._changes.places(span, descending=descending))

    def all(self) -> Iterator[Record]:
        """All records, decoded one by one, oldest first."""
        return map(self.record_at, self.places())

    def keys(self, record: Record) -> dict[str, tuple[Key, ...]]:
        """The keys of a record in every index."""
        return {name: tuple(dict.fromkeys(keys_of(record))) for name, keys_of in self._keys_of.items()}

    def snapshot(self) -> StoreState:
        """The whole state; bytes are shared, since they never change, and what lies in the file is not copied."""
        copied = [dict(part) for part in (self._places, self._new_ids, self._bytes, self._moments)]
        indexes = {name: index.snapshot() for name, index in self._index.items()}
        changes = copied, set(self._removed), self._following, indexes, self._changes.snapshot()
        return StoreState(self._saved, changes, self)

    def twin(self, state: StoreState) -> "RecordStore":
        """Another store of the same kind, in that state."""
        twin = RecordStore(self._keys_of, encode=self._encode, decode=self._decode)
        twin.restore(state)
        return twin

    def restore(self, state: StoreState) -> None:
        """Take the state of an earlier `snapshot`, which stays usable."""
        if len(state.saved) and state.saved.indexes.keys() != self._keys_of.keys():
            raise ValueError(f"indexes {', '.join(state.saved.indexes)} instead of {', '.join(self._keys_of)}")
        self._stand_on(state.saved)
        if state.changes is None:  # straight from a file
            return
        copied, removed, self._following, indexes, changes = state.changes
        self._places, self._new_ids, self._bytes, self._moments = (dict(part) for part in copied)
        self._removed = set(removed)
        for name, index in indexes.items():
            self._index[name].restore(index)
        self._changes.restore(changes)

    def _reindex(self, place: int, before: Record | None, record: Record | None) -> None:
        if self._keys_of:
            old = {} if before is None else self.keys(before)
            new = {} if record is None else self.keys(record)
            for name, index in self._index.items():
                index.move(place, old.get(name, ()), new.get(name, ()))
