"""Records kept as encoded bytes with a few indexes: a million invoices fit in 4 GB."""

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

Record = dict[str, Any]
KeysOf = Callable[[Record], Iterable[str]]
"""The keys under which a record is found in one index."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


class RecordStore:
    """
    Records of one kind by id, in the order in which they were made, and again in the order of their last change.

    A record is an open dictionary of JSON values (amounts as text). What `get` answers is a fresh copy: changing it
    changes nothing until it is `put` again.
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
        self._bytes: dict[str, bytes] = {}
        self._changed: dict[str, None] = {}
        # A lone id stands by itself; only shared keys pay for a collection.
        self._index: dict[str, dict[str, str | dict[str, None]]] = {name: {} for name in self._keys_of}

    def __len__(self) -> int:
        return len(self._bytes)

    def __contains__(self, record_id: object) -> bool:
        return record_id in self._bytes

    def ids(self) -> Iterator[str]:
        """All ids, oldest record first."""
        return iter(self._bytes)

    def ids_by_change(self) -> Iterator[str]:
        """All ids, the most recently put record first."""
        return reversed(self._changed)

    def encoded(self, record_id: str) -> bytes | None:
        """The record as JSON bytes, without decoding it."""
        return self._bytes.get(record_id)

    def get(self, record_id: str) -> Record | None:
        """The record, or None."""
        found = self._bytes.get(record_id)
        return None if found is None else self._decode(found)

    def put(self, record_id: str, record: Record) -> None:
        """Keep `record` under `record_id`, in place of what was there."""
        if self._keys_of:
            self._reindex(record_id, record)
        self._bytes[record_id] = self._encode(record)
        self._changed.pop(record_id, None)
        self._changed[record_id] = None

    def remove(self, record_id: str) -> None:
        """Forget a record for ever; nothing happens if there is none."""
        self._reindex(record_id, None)
        self._bytes.pop(record_id, None)
        self._changed.pop(record_id, None)

    def find(self, index: str, key: str) -> list[str]:
        """Ids of the records with `key` in `index`, in the order in which they came under it."""
        found = self._index[index].get(key)
        if found is None:
            return []
        return [found] if isinstance(found, str) else list(found)

    def all(self) -> Iterator[Record]:
        """All records, decoded one by one, oldest first."""
        return map(self._decode, self._bytes.values())

    def snapshot(self) -> object:
        """The whole state; the bytes are shared, since they never change."""
        return dict(self._bytes), dict(self._changed), copy.deepcopy(self._index)

    def restore(self, state: Any) -> None:
        """Take the state of an earlier `snapshot`, which stays usable."""
        records, changed, index = state
        self._bytes, self._changed, self._index = dict(records), dict(changed), copy.deepcopy(index)

    def _reindex(self, record_id: str, record: Record | None) -> None:
        """Only keys that came or went are touched: a record keeps its place among those that share a key."""
        before = self.get(record_id)
        for name, keys_of in self._keys_of.items():
            old = set(keys_of(before)) if before is not None else set()
            new = dict.fromkeys(keys_of(record)) if record is not None else {}
            for key in old - new.keys():
                self._leave(self._index[name], key, record_id)
            for key in new:
                if key not in old:
                    self._enter(self._index[name], key, record_id)

    @staticmethod
    def _enter(index: dict[str, str | dict[str, None]], key: str, record_id: str) -> None:
        present = index.get(key)
        if present is None:
            index[key] = record_id
        elif isinstance(present, dict):
            present[record_id] = None
        elif present != record_id:
            index[key] = {present: None, record_id: None}

    @staticmethod
    def _leave(index: dict[str, str | dict[str, None]], key: str, record_id: str) -> None:
        present = index.get(key)
        if isinstance(present, dict):
            present.pop(record_id, None)
            if not present:
                del index[key]
        elif present == record_id:
            del index[key]
