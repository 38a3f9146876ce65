"""What queries find without reading every object: the keys of each kind's indexes, and those that fit a condition."""

from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from ledgerbridge_sandbox.indexes import Key, Span, only
from ledgerbridge_sandbox.quickbooks.money import Record, number_in
from ledgerbridge_sandbox.quickbooks.query_language import Condition
from ledgerbridge_sandbox.quickbooks.schema import FORMS

Keys = Callable[[Record], Iterable[Key]]

AMOUNTS = frozenset({"TotalAmt", "Balance"})
_LAST_LETTER = "\U0010ffff"
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(FORMS, ("CustomerRef", "DocNumber", "TxnDate", "Balance", "TotalAmt")),
    "Invoice": ("CustomerRef", "DocNumber", "TxnDate", "DueDate", "Balance", "TotalAmt"),
    "Payment": ("CustomerRef", "TxnDate", "TotalAmt"),
    "Customer": ("DisplayName", "FullyQualifiedName", "PrimaryEmailAddr", "Active"),
    "Vendor": ("DisplayName", "Active"),
    "Employee": ("DisplayName", "Active"),
    "Item": ("Name", "FullyQualifiedName", "Sku", "Type", "Active"),
}


def name_key(name: object) -> str:
    """Under which names are compared: trimmed, any case."""
    return str(name).strip().casefold()


def value_in(row: Record, name: str) -> Any:
    """The value of a filterable property; of a reference its id, of an address the address."""
    value: Any = row
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, dict):
        return value.get("value", value.get("Address"))
    return value


def text_key(value: Any) -> str:
    """How a text, a flag, a reference or nothing is compared."""
    if value is None:
        return ""
    return name_key(str(value).lower() if isinstance(value, bool) else value)


def columns_of(entity: str) -> Mapping[str, Keys]:
    """The indexes of that kind which queries use. An object without a text stands under the empty one."""
    return {name: _amount_keys(name) if name in AMOUNTS else _text_keys(name) for name in _COLUMNS.get(entity, ())}


def _amount_keys(name: str) -> Keys:
    return lambda record: () if record.get(name) is None else (int(number_in(record, name) * 100),)


def _text_keys(name: str) -> Keys:
    length = 10 if name.endswith("Date") else None
    return lambda record: (text_key(value_in(record, name))[:length],)


def reference_keys(name: str) -> Keys:
    """The id that a reference names, nothing without one."""

    def keys(record: Record) -> Iterable[Key]:
        value = (record.get(name) or {}).get("value")
        return () if value is None else (value,)

    return keys


def text_spans(condition: Condition, convert: Callable[[str], str]) -> list[Span] | None:
    """The keys that fit a condition on a text or day; None where they cannot be told. Those of LIKE may not fit."""
    if condition.operator == "LIKE":
        beginning = name_key(condition.values[0].split("%", 1)[0])
        return [Span(beginning, beginning + _LAST_LETTER)] if beginning else None
    values = [convert(value) for value in condition.values]
    match condition.operator:
        case "=" | "IN":
            return [only(value) for value in sorted(set(values))]
        case "<" | "<=":
            return [Span("", values[0], above=True, below=condition.operator == "<")]
        case _:
            return [Span(values[0], above=condition.operator == ">" or not values[0])]


def amount_spans(condition: Condition, convert: Callable[[str], Decimal]) -> list[Span] | None:
    """The keys in cents that fit a condition on an amount."""
    if condition.operator == "LIKE":
        return None
    cents = [convert(value) * 100 for value in condition.values]
    low, high = (int(cents[0].to_integral_value(rounding)) for rounding in (ROUND_FLOOR, ROUND_CEILING))
    match condition.operator:
        case "=" | "IN":
            return [only(int(value)) for value in sorted(set(cents)) if value == int(value)]
        case "<":
            return [Span(high=high, below=True)]
        case "<=":
            return [Span(high=low)]
        case ">":
            return [Span(low, above=True)]
        case _:
            return [Span(high)]


def second_spans(condition: Condition, micros: Callable[[str], int]) -> list[Span] | None:
    """The instants, in microseconds, whose second fits a condition on the time of the last change."""
    if condition.operator == "LIKE":
        return None
    spans = []
    for moment in sorted({micros(value) for value in condition.values}):
        floor, ceiling = moment // _SECOND * _SECOND, -(-moment // _SECOND) * _SECOND
        match condition.operator:
            case "=" | "IN":
                spans += [Span(moment, moment + _SECOND, below=True)] if floor == ceiling else []
            case "<":
                spans.append(Span(high=ceiling, below=True))
            case "<=":
                spans.append(Span(high=floor + _SECOND, below=True))
            case ">":
                spans.append(Span(floor + _SECOND))
            case _:
                spans.append(Span(ceiling))
    return spans


_SECOND = 1_000_000
