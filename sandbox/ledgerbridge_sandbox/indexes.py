"""An index: keys in order, each with the place of a record that has it; what a file holds and what changed since."""

import math
from bisect import bisect_left, bisect_right, insort
from collections.abc import Collection, Iterator, Sequence
from itertools import filterfalse
from typing import Any, NamedTuple

Key = str | int
"""All keys of one index are of one kind."""


class Span(NamedTuple):
    """Keys from `low` to `high`, None for no bound; the bounds belong to it unless it is `above` or `below` them."""

    low: Any = None
    high: Any = None
    above: bool = False
    below: bool = False


class SavedIndex(NamedTuple):
    """Keys in ascending order with the places of their records; equal keys in ascending order of places."""

    keys: Sequence[Any]
    places: Sequence[int]


EVERYTHING = Span()
NOTHING_SAVED = SavedIndex((), ())


def only(key: Key) -> Span:
    """The span of one key."""
    return Span(key, key)


class Index:
    """
    The saved entries, less those of records in `gone`, and the entries that `came` since.

    A record whose keys changed is gone from the saved entries, and all its keys came.
    """

    def __init__(self, saved: SavedIndex = NOTHING_SAVED, saved_records: int = 0) -> None:
        self._saved = saved
        self._saved_records = saved_records
        self._gone: set[int] = set()
        self._came: list[tuple[Any, int]] = []

    def __len__(self) -> int:
        """How many entries there are, at least; exact where every saved record has one."""
        return len(self._saved.places) - len(self._gone) + len(self._came)

    def move(self, place: int, old: Collection[Key], new: Collection[Key]) -> None:
        """The record at `place` had the keys `old` and has the keys `new`."""
        if old == new:
            return
        if place < self._saved_records and place not in self._gone:
            self._gone.add(place)
        else:
            for key in old:
                del self._came[bisect_left(self._came, (key, place))]
        for key in new:
            insort(self._came, (key, place))

    def count(self, span: Span = EVERYTHING) -> int:
        """How many entries lie in the span."""
        (low, high), (first, last) = self._saved_bounds(span), self._came_bounds(span)
        gone = sum(map(self._gone.__contains__, self._saved.places[low:high])) if self._gone else 0
        return high - low - gone + last - first

    def most(self, span: Span) -> int:
        """How many entries lie in the span at most, told at once."""
        (low, high), (first, last) = self._saved_bounds(span), self._came_bounds(span)
        return high - low + last - first

    def places(self, span: Span = EVERYTHING, *, descending: bool = False) -> Iterator[int]:
        """Places of the records in the span by key, equal keys by place; all backwards if `descending`."""
        pieces = self._pieces(span)
        for piece in reversed(list(pieces)) if descending else pieces:
            yield from reversed(piece) if descending else piece

    def _pieces(self, span: Span) -> Iterator[Sequence[int]]:
        (low, high), (first, last) = self._saved_bounds(span), self._came_bounds(span)
        came = self._came if last - first == len(self._came) else self._came[first:last]
        if low == high:
            yield [place for _, place in came]
            return
        for entry in came:
            upto = self._before(entry, low, high)
            yield self._still(low, upto)
            yield (entry[1],)
            low = upto
        yield self._still(low, high)

    def _still(self, low: int, high: int) -> Sequence[int]:
        places = self._saved.places[low:high]
        return list(filterfalse(self._gone.__contains__, places)) if self._gone else places

    def _before(self, entry: tuple[Any, int], low: int, high: int) -> int:
        """Where among the saved entries one that came belongs."""
        first = bisect_left(self._saved.keys, entry[0], low, high)
        last = bisect_right(self._saved.keys, entry[0], first, high)
        return bisect_left(self._saved.places, entry[1], first, last)

    def _saved_bounds(self, span: Span) -> tuple[int, int]:
        keys = self._saved.keys
        cut_low, cut_high = (bisect_right if span.above else bisect_left), (bisect_left if span.below else bisect_right)
        low = 0 if span.low is None else cut_low(keys, span.low)
        return low, max(low, len(keys) if span.high is None else cut_high(keys, span.high))

    def _came_bounds(self, span: Span) -> tuple[int, int]:
        came = self._came
        low = 0 if span.low is None else bisect_left(came, (span.low, math.inf if span.above else -1))
        high = len(came) if span.high is None else bisect_left(came, (span.high, -1 if span.below else math.inf))
        return low, max(low, high)

    def snapshot(self) -> object:
        """What changed since it was saved."""
        return set(self._gone), list(self._came)

    def restore(self, state: Any) -> None:
        """Take the changes of an earlier `snapshot`, which stays usable."""
        gone, came = state
        self._gone, self._came = set(gone), list(came)
