"""Answering queries: is the statement in order, which page of the objects it means (quickbooks.md 4 and 15.9)."""

from collections.abc import Collection, Iterable, Sequence
from itertools import islice

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.kinds import Kind
from ledgerbridge_sandbox.quickbooks.query_language import Condition, Query, parse_query
from ledgerbridge_sandbox.quickbooks.schema import kind_called
from ledgerbridge_sandbox.quickbooks.selection import Selection
from ledgerbridge_sandbox.quickbooks.showing import shown


def answer_query(company: Company, statement: str, include: Collection[str] = ()) -> bytes:
    """The JSON below `QueryResponse`; `include` as in `shown`. Raises 4000, 4001 or 4002."""
    query = parse_query(statement)
    kind = kind_called(query.entity)
    if kind is None:
        raise faults.invalid_query(f"invalid context declaration: {query.entity}")
    _check(kind, query)
    selection = Selection(company, kind, query)
    if query.counting:
        return b'{"totalCount":%d}' % selection.count()
    page = list(islice(selection.places(), query.start - 1, query.start - 1 + query.most))
    store = company.shelves[kind.name].store
    _check_readable(company, kind, map(store.id_at, page))
    bodies = [shown(company, kind.name, store.body_at(place), include) for place in page]
    return _page(kind, query, bodies, selection)


def _page(kind: Kind, query: Query, bodies: Sequence[bytes], selection: Selection) -> bytes:
    if not bodies:
        return b"{}"
    counted = b',"totalCount":%d' % selection.count() if kind.counted and not query.conditions else b""
    # Where there is one object, none is told where the page starts (recorded of the company's facts and preferences).
    start = b"" if kind.only_one else b',"startPosition":%d' % query.start
    joined = b",".join(bodies)
    return b'{"%s":[%s]%s,"maxResults":%d%s}' % (kind.name.encode(), joined, start, len(bodies), counted)


def _check_readable(company: Company, kind: Kind, page: Iterable[str]) -> None:
    """A poisoned row makes every page that holds it fail (quickbooks.md 4, fault 4002)."""
    if company.poisoned and any((kind.name, identifier) in company.poisoned for identifier in page):
        raise faults.unprocessable_query("To email address entered is invalid")


def _canonical(kind: Kind, name: str) -> str | None:
    for known in kind.filters:
        if known.lower() == name.lower():
            return known
    return None


def _check(kind: Kind, query: Query) -> None:
    for at, condition in enumerate(query.conditions):
        name = _canonical(kind, condition.name)
        if name is None:
            raise faults.invalid_query(f"Property {condition.name} not found for Entity {kind.name}")
        if name == "Id" and condition.operator not in {"=", "IN"}:
            raise faults.invalid_query(f"Operator {condition.operator} is not supported for Id")
        query.conditions[at] = Condition(name, condition.operator, condition.values)
    for at, (given, descending) in enumerate(query.order):
        name = _canonical(kind, given)
        if name is None:
            raise faults.invalid_query(f"Property {given} not found for Entity {kind.name}")
        query.order[at] = (name, descending)
