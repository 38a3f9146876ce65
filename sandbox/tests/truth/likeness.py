"""Whether an answer is like a recorded one: the same keys, types, nesting and order, and the same telling values.

What may differ is declared as patterns of paths such as `Invoice.Line.SalesItemLineDetail.TaxCodeRef`, without the
places in lists; `*` stands for anything.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

TELLING = frozenset(
    [
        "domain",
        "sparse",
        "status",
        "DetailType",
        "Amount",
        "TotalAmt",
        "Type",
        "Active",
        "Taxable",
        "Job",
        "BillWithParent",
        "Level",
        "PrivateNote",
        "PrintStatus",
        "EmailStatus",
        "DeliveryType",
        "TxnType",
        "Qty",
        "UnitPrice",
        "TaxPercent",
        "PercentBased",
        "DiscountPercent",
        "Name",
        "DisplayName",
        "FullyQualifiedName",
        "PrintOnCheckName",
        "code",
        "Message",
        "Detail",
        "element",
        "type",
        "startPosition",
        "maxResults",
        "totalCount",
        "bId",
        "TotalTax",
        "UnappliedAmt",
        "Quantity",
        "Code",
        "TaxTypeApplicable",
        "TaxOrder",
        "GivenName",
        "FamilyName",
        "CompanyName",
        "Description",
        "Rate",
        "SourceCurrencyCode",
        "TargetCurrencyCode",
        "AccountType",
        "Classification",
        "PreferredDeliveryMethod",
        "error",
        "message",
        "SubAccount",
        "SubClass",
        "SubDepartment",
        "TrackQtyOnHand",
        "QtyOnHand",
        "PurchaseCost",
        "DueDays",
        "DayOfMonthDue",
        "FreeFormNumber",
        "Address",
        "Note",
        "FileName",
        "ContentType",
        "IncludeOnSend",
        "BooleanValue",
        "StringValue",
    ]
)
"""Properties whose values must be equal too; of all others only the type."""
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)")


@dataclass(frozen=True)
class Difference:
    """One thing that is not as recorded. `what` is missing, extra, type, value or length."""

    path: str
    what: str
    recorded: Any = None
    ours: Any = None

    def __str__(self) -> str:
        return f"{self.path}: {self.what} (recorded {self.recorded!r}, ours {self.ours!r})"


@dataclass(frozen=True)
class Allowances:
    """
    Patterns of what may be missing, may be extra, may have another value or type; of lists of any length or order.

    `blurred` are expressions of what in a text stands for something of the recorded company, like a person's name.
    """

    missing: frozenset[str] = field(default=frozenset())
    extra: frozenset[str] = field(default=frozenset())
    differs: frozenset[str] = field(default=frozenset())
    lengths: frozenset[str] = field(default=frozenset())
    unordered: frozenset[str] = field(default=frozenset())
    blurred: frozenset[str] = field(default=frozenset())

    def alike(self, recorded: Any, ours: Any) -> bool:
        """Whether two values say the same."""
        if not isinstance(recorded, str) or not isinstance(ours, str):
            return bool(recorded == ours)
        for expression in self.blurred:
            recorded, ours = (re.sub(expression, "…", text, flags=re.DOTALL) for text in (recorded, ours))
        return bool(recorded == ours)


def differences(recorded: Any, ours: Any, allowed: Allowances, path: str = "") -> list[Difference]:
    """What is not alike and not allowed."""
    return list(_compared(recorded, ours, allowed, path))


def kind_of(value: Any) -> str:
    """The type of a value; texts that are dates and moments are types of their own."""
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, int | float | Decimal):
        return "number"
    if isinstance(value, str):
        return "moment" if _MOMENT.fullmatch(value) else "date" if _DATE.fullmatch(value) else "text"
    return {dict: "object", list: "list"}.get(type(value), "null")


def _compared(recorded: Any, ours: Any, allowed: Allowances, path: str) -> Iterator[Difference]:
    kind = kind_of(recorded)
    if kind != kind_of(ours):
        if not _named(path, allowed.differs):
            yield Difference(path, "type", recorded, ours)
    elif kind == "object":
        yield from _compared_objects(recorded, ours, allowed, path)
    elif kind == "list":
        yield from _compared_lists(recorded, ours, allowed, path)
    elif (not path and not _begins(recorded, ours) and not allowed.alike(recorded, ours)) or (
        path.rpartition(".")[2] in TELLING and not allowed.alike(recorded, ours) and not _named(path, allowed.differs)
    ):
        yield Difference(path, "value", recorded, ours)


def _compared_objects(
    recorded: Mapping[str, Any], ours: Mapping[str, Any], allowed: Allowances, path: str
) -> Iterator[Difference]:
    for name, value in recorded.items():
        here = f"{path}.{name}" if path else name
        if name in ours:
            yield from _compared(value, ours[name], allowed, here)
        elif not _named(here, allowed.missing):
            yield Difference(here, "missing", value)
    for name in ours.keys() - recorded.keys():
        here = f"{path}.{name}" if path else name
        if not _named(here, allowed.extra):
            yield Difference(here, "extra", None, ours[name])


def _compared_lists(recorded: list[Any], ours: list[Any], allowed: Allowances, path: str) -> Iterator[Difference]:
    """Place by place; a list of which another length is allowed by the first of what each holds."""
    if len(recorded) != len(ours) and not _named(path, allowed.lengths):
        yield Difference(path, "length", len(recorded), len(ours))
        return
    if _named(path, allowed.unordered):
        recorded, ours = sorted(recorded, key=_name_of), sorted(ours, key=_name_of)
    for theirs, mine in zip(recorded, ours, strict=False):
        yield from _compared(theirs, mine, allowed, path)


def _begins(recorded: str, ours: str) -> bool:
    """Whether a document is like a recorded one, of which `...` at its end stands for the rest."""
    return ours.startswith(recorded.removesuffix("...")) if recorded.endswith("...") else ours == recorded


def _name_of(value: Mapping[str, Any]) -> str:
    return str(value.get("DisplayName") or value.get("Name"))


def _named(path: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(path, pattern) for pattern in patterns)


def mutations(recorded: Any, ours: Any, allowed: Allowances, path: str = "") -> Iterator[tuple[str, str, Any]]:
    """
    Every way to spoil `ours` at one place that `recorded` has too: a key dropped, a value of another type.

    Yields the path, "dropped" or "of another type", and the whole spoilt answer.
    """
    if isinstance(recorded, dict) and isinstance(ours, dict):
        for name in recorded.keys() & ours.keys():
            here = f"{path}.{name}" if path else name
            yield here, "dropped", {key: value for key, value in ours.items() if key != name}
            yield here, "of another type", {**ours, name: 17 if isinstance(ours[name], str) else "spoilt"}
            for place, what, inner in mutations(recorded[name], ours[name], allowed, here):
                yield place, what, {**ours, name: inner}
    elif isinstance(recorded, list) and isinstance(ours, list):
        if _named(path, allowed.unordered):
            recorded, ours = sorted(recorded, key=_name_of), sorted(ours, key=_name_of)
        for at, (theirs, mine) in enumerate(zip(recorded, ours, strict=False)):
            for place, what, inner in mutations(theirs, mine, allowed, path):
                yield place, what, [*ours[:at], inner, *ours[at + 1 :]]


def is_free(path: str, what: str, allowed: Allowances) -> bool:
    """Whether that spoiling is allowed for: nobody promised the key or its type."""
    return _named(path, allowed.missing if what == "dropped" else allowed.differs)
