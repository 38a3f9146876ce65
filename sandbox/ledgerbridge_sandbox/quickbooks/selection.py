"""
Which objects a query means, in its order.

Few candidates are read, tested and sorted. Many are not read: one index tells their order, others which of them fit,
and only what no index tells is read, as far as the page needs it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, filterfalse
from typing import Any

from ledgerbridge_sandbox.indexes import EVERYTHING, Index, Span
from ledgerbridge_sandbox.quickbooks.columns import AMOUNTS, amount_spans, second_spans, text_spans, value_in
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.conditions import (
    CHANGED,
    MOMENTS,
    converter,
    fits,
    rank,
    test_of,
)
from ledgerbridge_sandbox.quickbooks.kinds import Kind, Order
from ledgerbridge_sandbox.quickbooks.query_language import Condition, Query
from ledgerbridge_sandbox.quickbooks.shelf import micros
from ledgerbridge_sandbox.records import RecordStore

FEW = 2_000
"""As many candidates are rather read and sorted than looked up in other indexes."""

Places = Iterable[int]


@dataclass(frozen=True)
class _Narrowing:
    """A condition with the index that tells which objects may fit it. `exact`: all that it tells do fit."""

    condition: Condition
    index: Index
    spans: Sequence[Span]
    exact: bool

    def most(self) -> int:
        """How many fit at most."""
        return sum(map(self.index.most, self.spans))

    def places(self) -> Iterator[int]:
        """Those that may fit."""
        return chain.from_iterable(map(self.index.places, self.spans))

    def filtered(self, places: Places, total: int) -> Places:
        """Those of `places` that fit, by whichever set is smaller: those that do or those that do not."""
        span = self.spans[0] if len(self.spans) == 1 else None
        if span is None or self.most() * 2 < total:
            return filter(set(self.places()).__contains__, places)
        return filterfalse(set(_outside(self.index, span)).__contains__, places)


def _outside(index: Index, span: Span) -> Iterator[int]:
    if span.low is not None:
        yield from index.places(Span(high=span.low, below=not span.above))
    if span.high is not None:
        yield from index.places(Span(span.high, above=not span.below))


class Selection:
    """The objects that one checked query means."""

    def __init__(self, company: Company, kind: Kind, query: Query) -> None:
        self._company = company
        self._kind = kind
        self._store: RecordStore = company.shelves[kind.name].store
        self._conditions = _with_activity(kind, query.conditions)
        # The order by Id is no longer honoured (quickbooks.md 2).
        self._order = [(name, descending) for name, descending in query.order if name != "Id"]
        self._narrowings = [found for each in self._conditions if (found := self._narrowing(each)) is not None]
        self._ordering = self._order_index()

    def places(self) -> Iterator[int]:
        """Places in the query's order, read as far as they are asked for."""
        candidates = self._candidates()
        if candidates is not None or self._ordering is None:
            return iter(self._sorted(self._store.places() if candidates is None else candidates))
        return iter(self._walked(*self._ordering))

    def count(self) -> int:
        """How many there are."""
        if not self._conditions:
            return len(self._store)
        alone = self._narrowings[0] if len(self._conditions) == len(self._narrowings) == 1 else None
        if alone is not None and alone.exact:
            return sum(map(alone.index.count, alone.spans))
        return sum(1 for _ in self.places())

    def _narrowing(self, condition: Condition) -> _Narrowing | None:
        name = condition.name
        index = self._store.changes if name == CHANGED else self._store.index(name)
        if index is None:
            return None
        convert = converter(self._company, condition)
        if name == CHANGED:
            spans = second_spans(condition, lambda text: micros(convert(text)))
        else:
            spans = amount_spans(condition, convert) if name in AMOUNTS else text_spans(condition, convert)
        return None if spans is None else _Narrowing(condition, index, spans, exact=condition.operator != "LIKE")

    def _candidates(self) -> Places | None:
        """Few places that contain all that are meant, None if there are many."""
        for condition in self._conditions:
            if condition.name == "Id":
                found = map(self._store.place, dict.fromkeys(condition.values))
                return [place for place in found if place is not None]
        best = min(self._narrowings, key=_Narrowing.most, default=None)
        if best is not None and best.most() <= FEW:
            return dict.fromkeys(best.places())
        return self._store.places() if len(self._store) <= FEW else None

    def _order_index(self) -> tuple[Index, bool] | None:
        """The index that has all objects in the order asked for, and whether it is read backwards."""
        if len(self._order) > 1:
            return None
        by_change = self._kind.order is Order.NEWEST_CHANGE
        default = (CHANGED, True) if by_change else (self._kind.order_by, False)
        name, descending = self._order[0] if self._order else default
        index = self._store.changes if name == CHANGED else self._store.index(name)
        return (index, descending) if index is not None and len(index) >= len(self._store) else None

    def _walked(self, index: Index, descending: bool) -> Places:
        """In the order of an index. Conditions that other indexes tell are looked up, the rest is read."""
        span, known = EVERYTHING, []
        for narrowing in self._narrowings:
            if narrowing.index is index and len(narrowing.spans) == 1 and span is EVERYTHING:
                span = narrowing.spans[0]
                known.append(narrowing) if narrowing.exact else None
        places: Places = index.places(span, descending=descending)
        for narrowing in self._narrowings:
            if narrowing.exact and narrowing not in known:
                known.append(narrowing)
                places = narrowing.filtered(places, len(self._store))
        left = self._tests(skipped=[each.condition for each in known])
        return (place for place in places if fits(self._store.record_at(place), left)) if left else places

    def _tests(self, skipped: Sequence[Condition] = ()) -> list[tuple[str, Callable[[Any], bool]]]:
        left = [each for each in self._conditions if each not in skipped]
        return [(each.name, test_of(self._company, each)) for each in left]

    def _sorted(self, candidates: Places) -> list[int]:
        tests, store = self._tests(), self._store
        rows = [(place, row) for place in candidates if fits(row := store.record_at(place), tests)]
        order = self._order
        if not order:
            by_change = self._kind.order is Order.NEWEST_CHANGE
            order = [(CHANGED, True) if by_change else (self._kind.order_by, False)]
        rows.sort(key=lambda row: row[0], reverse=order[-1][1])
        for name, descending in reversed(order):
            rows.sort(key=self._ranking(name), reverse=descending)
        return [place for place, _ in rows]

    def _ranking(self, name: str) -> Callable[[tuple[int, Any]], Any]:
        if name == CHANGED:
            return lambda row: self._store.changed_at(row[0])
        return lambda row: rank(value_in(row[1], name), moment=name in MOMENTS)


def _with_activity(kind: Kind, conditions: Sequence[Condition]) -> list[Condition]:
    """Lists show what is active unless they are asked for more."""
    if kind.transaction or "Active" not in kind.known or any(each.name == "Active" for each in conditions):
        return list(conditions)
    return [*conditions, Condition("Active", "=", ("true",))]
