"""Conditions of a query, tested on an object, and how values are ordered (quickbooks.md 4)."""

import re
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.columns import AMOUNTS, text_key, value_in
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.moments import parse_moment
from ledgerbridge_sandbox.quickbooks.money import Record
from ledgerbridge_sandbox.quickbooks.query_language import Condition

CHANGED = "MetaData.LastUpdatedTime"
MOMENTS = {"MetaData.CreateTime", CHANGED}

_BEYOND = Decimal(10) ** 15

Test = Callable[[Any], bool]


def fits(row: Record, tests: Sequence[tuple[str, Test]]) -> bool:
    """Whether all conditions hold; those on what an attachment hangs on hold together for one of its links."""
    links = row.get("AttachableRef")
    if not isinstance(links, list) or not any(name.startswith("AttachableRef.") for name, _ in tests):
        return all(test(value_in(row, name)) for name, test in tests)
    rows = [{**row, "AttachableRef": link} for link in links]
    return any(all(test(value_in(each, name)) for name, test in tests) for each in rows)


def test_of(company: Company, condition: Condition) -> Test:
    """The test of one condition. Raises 4001 for a value that is none of its property."""
    if condition.operator == "LIKE":
        return _like(condition.values[0])
    convert = converter(company, condition)
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


def converter(company: Company, condition: Condition) -> Callable[[str], Any]:
    """From the text of a value to what is compared; raises 4001 for a value that is none of the property."""
    if condition.name in MOMENTS:
        return _checked(parse_moment, condition)
    if condition.name in AMOUNTS:
        return _checked(_amount, condition)
    if condition.name.endswith("Date"):
        today = company.today().isoformat()
        return lambda text: today if text.upper() == "CURRENT_DATE" else text.strip()[:10]
    return text_key


def _amount(text: str) -> Decimal:
    found = Decimal(text)
    if not found.is_finite() or abs(found) >= _BEYOND:
        raise ValueError(text)
    return found


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


def rank(value: Any, *, moment: bool = False) -> tuple[int, Any]:
    """Absent first, then numbers, then text in any case."""
    if value is None:
        return (0, "")
    if moment:
        return (1, parse_moment(str(value)))
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return (1, value)
    return (2, str(value).casefold())
