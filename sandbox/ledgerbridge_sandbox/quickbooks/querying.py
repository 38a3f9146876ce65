"""Answering queries: which objects fit, in which order, which page of them (quickbooks.md 4 and 15.9)."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.company import Company, name_key
from ledgerbridge_sandbox.quickbooks.kinds import Kind, Order
from ledgerbridge_sandbox.quickbooks.moments import parse_moment
from ledgerbridge_sandbox.quickbooks.money import Record
from ledgerbridge_sandbox.quickbooks.query_language import Condition, Query, parse_query
from ledgerbridge_sandbox.quickbooks.schema import kind_called
from ledgerbridge_sandbox.quickbooks.showing import shown

_INDEXED = ("Id", "CustomerRef", "DocNumber", "DisplayName", "FullyQualifiedName", "Name")
_MOMENTS = {"MetaData.CreateTime", "MetaData.LastUpdatedTime"}
_NUMBERS = {"TotalAmt", "Balance"}

Test = Callable[[Any], bool]


def answer_query(company: Company, statement: str, include: Collection[str] = ()) -> bytes:
    """The JSON below `QueryResponse`; `include` as in `shown`. Raises 4000, 4001 or 4002."""
    query = parse_query(statement)
    kind = kind_called(query.entity)
    if kind is None:
        raise faults.invalid_query(f"invalid context declaration: {query.entity}")
    _check(kind, query)
    chosen = _chosen(company, kind, query)
    if query.counting:
        return b'{"totalCount":%d}' % sum(1 for _ in chosen)
    ordered = chosen if isinstance(chosen, list) else list(chosen)
    page = ordered[query.start - 1 : query.start - 1 + query.most]
    _check_readable(company, kind, page)
    shelf = company.shelves[kind.name]
    bodies = [shown(company, kind.name, shelf.body(identifier), include) for identifier in page]
    return _page(kind, query, bodies, len(ordered))


def _page(kind: Kind, query: Query, bodies: Sequence[bytes], total: int) -> bytes:
    if not bodies:
        return b"{}"
    counted = b',"totalCount":%d' % total if kind.counted and not query.conditions else b""
    return b'{"%s":[%s],"startPosition":%d,"maxResults":%d%s}' % (
        kind.name.encode(),
        b",".join(bodies),
        query.start,
        len(bodies),
        counted,
    )


def _check_readable(company: Company, kind: Kind, page: Sequence[str]) -> None:
    """A poisoned row makes every page that holds it fail (quickbooks.md 4, fault 4002)."""
    if any((kind.name, identifier) in company.poisoned for identifier in page):
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


def _chosen(company: Company, kind: Kind, query: Query) -> Iterable[str]:
    conditions = list(query.conditions)
    if not kind.transaction and "Active" in kind.known and not any(each.name == "Active" for each in conditions):
        conditions.append(Condition("Active", "=", ("true",)))
    shelf = company.shelves[kind.name]
    candidates, left = _candidates(company, kind, conditions)
    tests = [(each.name, _test(company, each)) for each in left]
    # The order by Id is no longer honoured (quickbooks.md 2).
    order = [(name, descending) for name, descending in query.order if name != "Id"]
    if not tests and not order and kind.order is Order.NEWEST_CHANGE:
        return _by_change(company, kind, candidates)
    rows = [(identifier, _decoded(shelf.get(identifier))) for identifier in candidates]
    fitting = [(identifier, row) for identifier, row in rows if _fits(row, tests)]
    return [identifier for identifier, _ in _sorted(company, kind, fitting, order)]


def _fits(row: Record, tests: Sequence[tuple[str, Test]]) -> bool:
    """Whether all conditions hold; those on what an attachment hangs on hold together for one of its links."""
    links = row.get("AttachableRef")
    if not isinstance(links, list) or not any(name.startswith("AttachableRef.") for name, _ in tests):
        return all(test(_value(row, name)) for name, test in tests)
    rows = [{**row, "AttachableRef": link} for link in links]
    return any(all(test(_value(each, name)) for name, test in tests) for each in rows)


def _decoded(row: Record | None) -> Record:
    return row or {}


def _by_change(company: Company, kind: Kind, candidates: Iterable[str]) -> list[str]:
    shelf = company.shelves[kind.name]
    if isinstance(candidates, list):
        return sorted(candidates, key=shelf.changed_at, reverse=True)
    return list(shelf.newest())


def _candidates(company: Company, kind: Kind, conditions: list[Condition]) -> tuple[Iterable[str], list[Condition]]:
    """Ids from the best index with the conditions that are still to be tested; all ids without one."""
    shelf = company.shelves[kind.name]
    for condition in conditions:
        if condition.name in _INDEXED and condition.operator in {"=", "IN"}:
            rest = [other for other in conditions if other is not condition]
            if condition.name == "Id":
                return [each for each in dict.fromkeys(condition.values) if each in shelf], rest
            if shelf.has_index(condition.name):
                key = str if condition.name.endswith("Ref") else name_key
                found = [each for value in condition.values for each in shelf.find(condition.name, key(value))]
                return list(dict.fromkeys(found)), rest
    for condition in conditions:
        if condition.name == "MetaData.LastUpdatedTime" and condition.operator in {">", ">="}:
            return list(shelf.since(_moment(condition))), conditions
    return shelf.ids(), conditions


def _moment(condition: Condition) -> datetime:
    try:
        return parse_moment(condition.values[0])
    except ValueError as error:
        raise faults.invalid_query(f"Invalid value for property {condition.name}") from error


def _value(row: Record, name: str) -> Any:
    value: Any = row
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, dict):
        return value.get("value", value.get("Address"))
    return value


def _test(company: Company, condition: Condition) -> Test:
    if condition.operator == "LIKE":
        return _like(condition.values[0])
    convert = _converter(company, condition)
    values = [convert(value) for value in condition.values]
    if condition.operator in {"=", "IN"}:
        return lambda stored: _comparable(convert, stored) in values
    wanted = values[0]
    compare = _COMPARISONS[condition.operator]
    return lambda stored: stored is not None and compare(_comparable(convert, stored), wanted)


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda stored, wanted: bool(stored < wanted),
    ">": lambda stored, wanted: bool(stored > wanted),
    "<=": lambda stored, wanted: bool(stored <= wanted),
    ">=": lambda stored, wanted: bool(stored >= wanted),
}


def _comparable(convert: Callable[[str], Any], stored: Any) -> Any:
    if stored is None:
        return ""
    return convert(str(stored).lower() if isinstance(stored, bool) else str(stored))


def _converter(company: Company, condition: Condition) -> Callable[[str], Any]:
    if condition.name in _MOMENTS:
        return _checked(parse_moment, condition)
    if condition.name in _NUMBERS:
        return _checked(Decimal, condition)
    if condition.name.endswith("Date"):
        today = company.today().isoformat()
        return lambda text: today if text.upper() == "CURRENT_DATE" else text.strip()[:10]
    return name_key


def _checked(convert: Callable[[str], Any], condition: Condition) -> Callable[[str], Any]:
    def converted(text: str) -> Any:
        try:
            return convert(text)
        except (ValueError, InvalidOperation) as error:
            raise faults.invalid_query(f"Invalid value for property {condition.name}") from error

    return converted


def _like(pattern: str) -> Test:
    expression = re.compile(".*".join(re.escape(part) for part in pattern.split("%")), re.IGNORECASE | re.DOTALL)
    return lambda stored: stored is not None and expression.fullmatch(str(stored)) is not None


def _sorted(
    company: Company, kind: Kind, rows: list[tuple[str, Record]], order: Sequence[tuple[str, bool]]
) -> Iterator[tuple[str, Record]]:
    if not order and kind.order is Order.NEWEST_CHANGE:
        changed = company.shelves[kind.name].changed_at
        rows.sort(key=lambda row: changed(row[0]), reverse=True)
    elif not order:
        rows.sort(key=lambda row: _rank(row[1].get(kind.order_by)))
    for name, descending in reversed(order):
        rows.sort(key=_ranking(name), reverse=descending)
    return iter(rows)


def _ranking(name: str) -> Callable[[tuple[str, Record]], tuple[int, Any]]:
    return lambda row: _rank(_value(row[1], name), moment=name in _MOMENTS)


def _rank(value: Any, *, moment: bool = False) -> tuple[int, Any]:
    """Absent first, then numbers, then text in any case."""
    if value is None:
        return (0, "")
    if moment:
        return (1, parse_moment(str(value)))
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return (1, value)
    return (2, str(value).casefold())
