"""The kinds of the members of a body: what bears a name has the same kind in every call (hubspot.md 3 to 9)."""

from typing import Any

from ledgerbridge_sandbox.hubspot.errors import RefusalError, invalid

_SCALARS = frozenset(
    "id idProperty objectWriteTraceId name label type fieldType groupName effectiveAt fromCurrencyCode query "  # noqa: SIM905
    "propertyName operator value highValue direction after limit primaryObjectId objectIdToMerge objectId "
    "associationTypeId calculationFormula conversionRate".split()
)
_LISTS_OF_OBJECTS = frozenset({"inputs", "associations", "types", "filters", "filterGroups", "options"})


def check(body: dict[str, Any]) -> None:
    """Refuse a body with a member of another kind than it always has; raises 400."""
    for name, value in body.items():
        if name in _SCALARS:
            if isinstance(value, list | dict):
                raise _wrong(name, "a single value")
        elif name in _LISTS_OF_OBJECTS:
            _check_list(name, value)
        elif name == "properties":
            _check_properties(value)
        elif name in {"from", "to"}:
            _check_list(name, value if isinstance(value, list) else [value])
        elif name in {"sorts", "values"} and not isinstance(value, list | None):
            raise _wrong(name, "a list")


def _check_list(name: str, value: Any) -> None:
    if value is None:
        return
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise _wrong(name, "a list of objects")
    for one in value:
        check(one)


def _check_properties(value: Any) -> None:
    """Values by name in a write, names in a read."""
    members = value.values() if isinstance(value, dict) else value
    if isinstance(value, str | int | float) or any(isinstance(one, list | dict) for one in members or ()):
        raise _wrong("properties", "values by name, or a list of names")


def _wrong(name: str, wanted: str) -> RefusalError:
    return invalid(f"Invalid input JSON on line 1, column 1: {name} must be {wanted}")
