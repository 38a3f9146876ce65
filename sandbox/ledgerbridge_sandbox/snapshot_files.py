"""
Snapshots as files: the first line, sections of plain numbers and bytes, a directory of them, and where that stands.

A section is read in place, by mapping the file into memory; so the sandbox starts from a million invoices at once, and
the machine keeps in memory what is used of them. A file fits the version of the sandbox that wrote it.
"""

import io
import mmap
import os
import pickle
import sys
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice, pairwise
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple

import msgspec

from ledgerbridge_sandbox.indexes import Key, SavedIndex
from ledgerbridge_sandbox.records import StoreState
from ledgerbridge_sandbox.saved import NOTHING, WINDOW, Bodies, SavedRecords, Texts, is_number, packer

FORMAT = 1
_FIRST_LINE = b"ledgerbridge-sandbox snapshot %d %s\n"
_TAIL = 16
_SAMPLE = 40
"""Records from which the words are taken that all of a store share."""
_PLAIN_CLASSES = {("datetime", name) for name in ("datetime", "date", "timedelta", "timezone")} | {
    ("builtins", "set"),
    ("builtins", "frozenset"),
    ("decimal", "Decimal"),
    ("collections", "deque"),
}

Kind = Literal["q", "I", "B"]
Section = tuple[Kind, int, int]
"""Kind (`q` and `I` numbers, `B` bytes), offset and length in bytes."""


class UnfitSnapshotError(Exception):
    """A file that this version of the sandbox cannot start from; the message says why."""


class Row(NamedTuple):
    """One record as it is written: its id, its bytes, when it changed last, its keys in every index."""

    id: str
    body: bytes
    changed: int
    keys: Mapping[str, Sequence[Key]]


class _Listed(msgspec.Struct):
    """A list of keys: numbers, or texts with their ends."""

    items: Section
    ends: Section | None = None


class _Stored(msgspec.Struct):
    """Where one store stands in the file; an index is its keys and its places."""

    ids: _Listed
    by_id: tuple[_Listed, Section] | None
    bodies: _Listed
    words: Section
    moments: Section
    changes: tuple[_Listed, Section]
    indexes: dict[str, tuple[_Listed, Section]]


class _Directory(msgspec.Struct):
    stores: list[_Stored]
    state: Section


def rows_of(state: StoreState) -> Iterator[Row]:
    """The records of a store at that moment."""
    store = state.opened()
    for place in store.places():
        body = store.body_at(place)
        yield Row(store.id_at(place), body, store.changed_at(place), store.keys(store.record_at(place)))


class Rows(StoreState):
    """Records that were never in a store, on their way into a file."""

    def __init__(self, rows: Iterable[Row]) -> None:
        super().__init__(NOTHING)
        self.rows = rows


def write(path: Path, state: object) -> None:
    """Write what a world's snapshot holds. The file is there whole or not at all; raises OSError."""
    unfinished = path.with_name(path.name + ".part")
    try:
        with unfinished.open("wb") as file:
            _Writer(file).write(state)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


class _Writer:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._stores: list[_Stored] = []

    def write(self, state: object) -> None:
        self._file.write(_first_line())
        pickled = io.BytesIO()
        pickler = pickle.Pickler(pickled, protocol=5)
        pickler.persistent_id = self._set_aside  # type: ignore[method-assign]
        pickler.dump(state)
        directory = _Directory(self._stores, self._section("B", [pickled.getvalue()]))
        _, offset, length = self._section("B", [msgspec.msgpack.encode(directory)])
        self._file.write(array("q", (offset, length)).tobytes())

    def _set_aside(self, part: object) -> int | None:
        """Records are not pickled: they get sections of their own."""
        if not isinstance(part, StoreState):
            return None
        self._stores.append(self._store(part.rows if isinstance(part, Rows) else rows_of(part)))
        return len(self._stores) - 1

    def _section(self, kind: Kind, chunks: Iterable[Any]) -> Section:
        self._file.write(b"\0" * (-self._file.tell() % 8))
        offset = self._file.tell()
        for chunk in chunks:
            self._file.write(chunk)
        return kind, offset, self._file.tell() - offset

    def _store(self, rows: Iterable[Row]) -> _Stored:
        ids: list[str] = []
        moments, ends = array("q"), array("q")
        indexes: dict[str, tuple[list[Key], array[int]]] = {}

        rows = iter(rows)
        first = list(islice(rows, _SAMPLE))
        words = b"".join(row.body for row in first)[-(2**WINDOW) :]
        packed = packer(words)

        def bodies() -> Iterator[bytes]:
            end = 0
            for place, row in enumerate(chain(first, rows)):
                ids.append(row.id)
                moments.append(row.changed)
                for name, keys in row.keys.items():
                    listed, places = indexes.setdefault(name, ([], array("I")))
                    listed.extend(keys)
                    places.extend([place] * len(keys))
                body = packed(row.body)
                end += len(body)
                ends.append(end)
                yield body

        written = self._section("B", bodies())
        numbers = all(map(is_number, ids))
        keys: list[Any] = [int(each) for each in ids] if numbers else list(ids)
        in_order = all(one < other for one, other in pairwise(keys))
        every = array("I", range(len(ids)))
        return _Stored(
            ids=self._listed(keys),
            by_id=None if in_order else self._index(keys, every),
            bodies=_Listed(written, self._section("q", [ends])),
            words=self._section("B", [words]),
            moments=self._section("q", [moments]),
            changes=self._index(moments, every),
            indexes={name: self._index(*entries) for name, entries in indexes.items()},
        )

    def _index(self, keys: Sequence[Any], places: Sequence[int]) -> tuple[_Listed, Section]:
        order = sorted(range(len(keys)), key=keys.__getitem__)
        listed = self._listed([keys[at] for at in order])
        return listed, self._section("I", [array("I", [places[at] for at in order])])

    def _listed(self, keys: Sequence[Any]) -> _Listed:
        if all(isinstance(key, int) for key in keys):
            return _Listed(self._section("q", [array("q", keys)]))
        ends, end, texts = array("q"), 0, [key.encode() for key in keys]
        for text in texts:
            end += len(text)
            ends.append(end)
        return _Listed(self._section("B", texts), self._section("q", [ends]))


def read(path: Path) -> Any:
    """What `write` was given, its records left in the file. Raises UnfitSnapshotError."""
    try:
        return _Reader(path, _mapped(path)).read()
    except OSError as error:
        raise UnfitSnapshotError(f"{path} cannot be read: {error.strerror}.") from error


def _mapped(path: Path) -> memoryview:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size < len(_first_line()) + _TAIL:
            raise UnfitSnapshotError(f"{path} is no snapshot of the sandbox.")
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


class _Reader:
    def __init__(self, path: Path, content: memoryview) -> None:
        self._path = path
        self._content = content

    def read(self) -> Any:
        first, mine = bytes(self._content[:100]).split(b"\n", 1)[0] + b"\n", _first_line()
        if first.split()[:2] != mine.split()[:2]:
            raise UnfitSnapshotError(f"{self._path} is no snapshot of the sandbox.")
        if first != mine:
            raise UnfitSnapshotError(
                f"{self._path} was written as {_said(first)}, and this sandbox reads {_said(mine)}: generate it anew."
            )
        try:
            offset, length = self._content[-_TAIL:].cast("q")
            found = self._content[offset : offset + length]
            self._directory = msgspec.msgpack.decode(found, type=_Directory)
            unpickler = _Unpickler(io.BytesIO(self._section(self._directory.state)))
            unpickler.persistent_load = self._store  # type: ignore[method-assign]
            return unpickler.load()
        except (msgspec.DecodeError, pickle.UnpicklingError, ValueError, IndexError, EOFError, TypeError) as error:
            raise UnfitSnapshotError(f"{self._path} is damaged: {error}") from error

    def _section(self, section: Section) -> Any:
        kind, offset, length = section
        return self._content[offset : offset + length].cast(kind)

    def _listed(self, listed: _Listed) -> Sequence[Any]:
        items = self._section(listed.items)
        return items if listed.ends is None else Texts(items, self._section(listed.ends))

    def _index(self, entries: tuple[_Listed, Section]) -> SavedIndex:
        return SavedIndex(self._listed(entries[0]), self._section(entries[1]))

    def _store(self, number: Any) -> StoreState:
        stored = self._directory.stores[number]
        ids = self._listed(stored.ids)
        bodies = stored.bodies
        saved = SavedRecords(
            ids=ids,
            by_id=SavedIndex(ids, range(len(ids))) if stored.by_id is None else self._index(stored.by_id),
            bodies=Bodies(
                self._section(bodies.items),
                self._section(bodies.ends) if bodies.ends else (),
                bytes(self._section(stored.words)),
            ),
            moments=self._section(stored.moments),
            changes=self._index(stored.changes),
            indexes={name: self._index(entries) for name, entries in stored.indexes.items()},
        )
        return StoreState(saved)


class _Unpickler(pickle.Unpickler):
    """Makes plain values and the sandbox's own classes only: a file cannot make it run anything else."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _PLAIN_CLASSES:
            return super().find_class(module, name)
        if module.startswith("ledgerbridge_sandbox."):
            found = super().find_class(module, name)
            if isinstance(found, type):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} does not belong into a snapshot")


def _first_line() -> bytes:
    return _FIRST_LINE % (FORMAT, sys.byteorder.encode())


def _said(line: bytes) -> str:
    words = line.decode("ascii", "replace").split()[2:]
    return f"format {' '.join(words)}"
