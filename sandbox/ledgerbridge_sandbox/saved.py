"""The records of one store as a snapshot's file holds them, read where they lie: none is decoded unasked."""

import zlib
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ledgerbridge_sandbox.indexes import NOTHING_SAVED, SavedIndex

WINDOW = 14
"""Bits of the length of the words that are shared."""
_ID_DIGITS = 18
"""Ids of more digits do not surely fit into eight bytes."""


class Texts(Sequence[str]):
    """Texts one after the other, found by where each ends."""

    def __init__(self, blob: Any, ends: Sequence[int]) -> None:
        self._blob = blob
        self._ends = ends

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, at: Any) -> Any:
        start = self._ends[at - 1] if at else 0
        return str(self._blob[start : self._ends[at]], "utf-8")


def is_number(record_id: str) -> bool:
    """Whether an id can be kept as a number and be written again from it."""
    return len(record_id) <= _ID_DIGITS and record_id.isascii() and record_id.isdigit() and record_id[0] != "0"


class Bodies:
    """The records' bytes, each packed by itself with the words that records of its kind share: a tenth of the size."""

    def __init__(self, blob: Any, ends: Sequence[int], words: bytes) -> None:
        self._blob = blob
        self._ends = ends
        self._words = words

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, place: int) -> bytes:
        packed = self._blob[self._ends[place - 1] if place else 0 : self._ends[place]]
        return zlib.decompressobj(-WINDOW, zdict=self._words).decompress(packed)


def packer(words: bytes) -> Callable[[bytes], bytes]:
    """What packs records so that `Bodies` can read them."""
    primed = zlib.compressobj(6, zlib.DEFLATED, -WINDOW, 6, zdict=words)

    def packed(body: bytes) -> bytes:
        copied = primed.copy()
        return copied.compress(body) + copied.flush()

    return packed


class SavedRecords:
    """Records by place. `ids` are texts or, where all of them are, numbers; `by_id` finds the place of an id."""

    def __init__(
        self,
        ids: Sequence[Any],
        by_id: SavedIndex,
        bodies: Bodies,
        moments: Sequence[int],
        changes: SavedIndex,
        indexes: Mapping[str, SavedIndex],
    ) -> None:
        self._ids = ids
        self._by_id = by_id
        self._bodies = bodies
        self._moments = moments
        self.changes = changes
        self.indexes = indexes
        self._numbers = not isinstance(ids, Texts)

    def __len__(self) -> int:
        return len(self._bodies)

    def index(self, name: str) -> SavedIndex:
        """The index of that name, empty where the file has none."""
        return self.indexes.get(name, NOTHING_SAVED)

    def place(self, record_id: str) -> int | None:
        """Where the record of that id stands, None if there is none."""
        if self._numbers and not is_number(record_id):
            return None
        key = int(record_id) if self._numbers else record_id
        at = bisect_left(self._by_id.keys, key)
        return self._by_id.places[at] if at < len(self._by_id.keys) and self._by_id.keys[at] == key else None

    def id_at(self, place: int) -> str:
        """The id of the record at a place."""
        return str(self._ids[place])

    def body(self, place: int) -> bytes:
        """The record at a place."""
        return self._bodies[place]

    def moment(self, place: int) -> int:
        """When the record at a place changed last."""
        return self._moments[place]


NOTHING = SavedRecords((), NOTHING_SAVED, Bodies(b"", (), b""), (), NOTHING_SAVED, {})
