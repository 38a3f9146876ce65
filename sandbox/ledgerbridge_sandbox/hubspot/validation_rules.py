"""
Rules that an account's administrators set for the values of properties, and for what must be filled in.

Enforced for people, and since 2026-09 for apps too (hubspot.md 1). The rules' types are the SDK's; what their arguments
mean is a guess but for ALPHANUMERIC with NUMERIC_ONLY; a type that is not in the table below is kept, not enforced.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from ledgerbridge_sandbox.hubspot.errors import Problem, invalid

RULE_TYPES = frozenset(
    "AFTER_DATETIME_DURATION AFTER_DURATION ALPHANUMERIC BEFORE_DATETIME_DURATION BEFORE_DURATION DAYS_OF_WEEK "  # noqa: SIM905
    "DECIMAL DOMAIN EMAIL EMAIL_ALLOWED_DOMAINS EMAIL_BLOCKED_DOMAINS END_DATE END_DATETIME FORMAT MAX_LENGTH "
    "MAX_NUMBER MIN_LENGTH MIN_NUMBER PHONE_NUMBER_WITH_EXPLICIT_COUNTRY_CODE REGEX SPECIAL_CHARACTERS START_DATE "
    "START_DATETIME URL URL_ALLOWED_DOMAINS URL_BLOCKED_DOMAINS WHITESPACE".split()
)
Arguments = list[str]
Condition = dict[str, Any]
"""{"property", "value", "required": names}: these must be filled in while the property has the value."""

_HOLDS: dict[str, Callable[[str, Arguments], bool]] = {
    "MIN_LENGTH": lambda value, given: len(value) >= int(given[0]),
    "MAX_LENGTH": lambda value, given: len(value) <= int(given[0]),
    "MIN_NUMBER": lambda value, given: Decimal(value) >= Decimal(given[0]),
    "MAX_NUMBER": lambda value, given: Decimal(value) <= Decimal(given[0]),
    "DECIMAL": lambda value, given: len(value.partition(".")[2]) <= int(given[0]),
    "ALPHANUMERIC": lambda value, given: value.isdigit() if given == ["NUMERIC_ONLY"] else value.isalnum(),
    "REGEX": lambda value, given: re.fullmatch(given[0], value) is not None,
    "START_DATE": lambda value, given: value[:10] >= given[0][:10],
    "END_DATE": lambda value, given: value[:10] <= given[0][:10],
    "EMAIL_ALLOWED_DOMAINS": lambda value, given: value.rpartition("@")[2] in given,
    "EMAIL_BLOCKED_DOMAINS": lambda value, given: value.rpartition("@")[2] not in given,
    "URL": lambda value, _given: re.match(r"https?://[^\s/]+", value) is not None,
    "DOMAIN": lambda value, _given: re.fullmatch(r"[\w-]+(\.[\w-]+)+", value) is not None,
}


class ValidationRules:
    """The rules of one account."""

    def __init__(self) -> None:
        self._rules: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
        self._on_create: dict[str, tuple[str, ...]] = {}
        self._conditions: dict[str, tuple[Condition, ...]] = {}

    def of(self, type_id: str, name: str) -> list[dict[str, Any]]:
        """The rules of one property."""
        return list(self._rules.get((type_id, name), {}).values())

    def all_of(self, type_id: str) -> list[dict[str, Any]]:
        """Every property of the type that has rules."""
        return [
            {"propertyName": name, "propertyValidationRules": list(rules.values())}
            for (kind, name), rules in self._rules.items()
            if kind == type_id
        ]

    def put(self, type_id: str, name: str, rule_type: str, arguments: Any, *, normalizes: bool) -> None:
        """Set a rule, in place of the property's rule of that type; raises 400."""
        if rule_type not in RULE_TYPES:
            raise invalid(f"{rule_type} was not one of the allowed options: {sorted(RULE_TYPES)}")
        if not isinstance(arguments, list) or not all(isinstance(one, str) for one in arguments):
            raise invalid("Invalid input JSON: ruleArguments must be a list of texts")
        try:
            _fits(rule_type, arguments, "1")
        except (ArithmeticError, IndexError, ValueError, re.error) as error:
            raise invalid(f"ruleArguments {arguments} do not fit {rule_type}") from error
        rule = {"ruleType": rule_type, "ruleArguments": arguments, "shouldApplyNormalization": normalizes}
        self._rules[type_id, name] = {**self._rules.get((type_id, name), {}), rule_type: rule}

    def require(self, type_id: str, on_create: Iterable[str], conditions: Iterable[Condition]) -> None:
        """What the form for new records asks for, and what is asked for while a property has a value."""
        self._on_create[type_id] = tuple(on_create)
        self._conditions[type_id] = tuple(conditions)

    def refuse(self, type_id: str, before: Mapping[str, str], values: Mapping[str, str], taken: Iterable[str]) -> None:
        """Raise 400 for what the rules ask for and `values`, all values after the write, do not have."""
        wanted = dict.fromkeys(() if before else self._on_create.get(type_id, ()))
        touched = set(taken)
        for condition in self._conditions.get(type_id, ()):
            asked = {condition["property"], *condition["required"]}
            if values.get(condition["property"]) == condition["value"] and touched & asked:
                wanted |= dict.fromkeys(condition["required"])
        if missing := [name for name in wanted if not values.get(name)]:
            raise invalid(
                f"Some required properties were not set: {', '.join(missing)}",
                errors=[
                    {
                        "message": f'Property "{name}" is required',
                        "code": "REQUIRED_PROPERTY_MISSING",
                        "context": {"propertyName": [name]},
                    }
                    for name in missing
                ],
            )

    def problems(self, type_id: str, taken: Mapping[str, str]) -> list[Problem]:
        """What is wrong with the values written; codes and words are a guess."""
        return [
            Problem(name, rule["ruleType"], f'Property "{name}" does not meet the rule {rule["ruleType"]}')
            for name, value in taken.items()
            for rule in self.of(type_id, name)
            if value and not _holds(rule["ruleType"], rule["ruleArguments"], value)
        ]

    def snapshot(self) -> object:
        """The whole state; entries are replaced, never changed in place."""
        return dict(self._rules), dict(self._on_create), dict(self._conditions)

    def recover(self, state: Any) -> None:
        """Take an earlier state."""
        self._rules, self._on_create, self._conditions = (dict(part) for part in state)


def _fits(rule_type: str, arguments: Arguments, value: str) -> bool:
    check = _HOLDS.get(rule_type)
    return check is None or check(value, arguments)


def _holds(rule_type: str, arguments: Arguments, value: str) -> bool:
    try:
        return _fits(rule_type, arguments, value)
    except ArithmeticError:  # A text under a rule for numbers.
        return False
