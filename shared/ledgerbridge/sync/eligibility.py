"""Who may be synced or used: the one place that reads a connection's mode and filters (S-65 to S-70).

Legacy: every contact is eligible for a QuickBooks action, which makes the missing customer. Strict: only a contact
that its sync would write to QuickBooks.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Literal

from pydantic import BaseModel, ConfigDict

from ledgerbridge.errors import Refused

Mode = Literal["legacy", "strict"]
Direction = Literal["quickbooks_to_hubspot", "hubspot_to_quickbooks", "both_ways"]
Matching = Literal["email", "email_then_name", "none"]
Operator = Literal["equals", "differs", "contains", "one_of", "known", "unknown", "more_than", "less_than"]

Properties = Mapping[str, str | None]
"""A HubSpot record's properties as its API gives them: text, empty or missing where unknown."""


class Condition(BaseModel):
    """One condition of a filter. Text is compared without regard to case; `more_than` and `less_than` as numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    property: str
    operator: Operator
    values: tuple[str, ...] = ()

    def holds(self, properties: Properties) -> bool:
        """Whether the record meets the condition. An unknown value meets only `unknown` and `differs`."""
        value = (properties.get(self.property) or "").strip()
        match self.operator:
            case "known":
                return value != ""
            case "unknown":
                return value == ""
            case "differs":
                return not self._is_one(value)
            case "equals" | "one_of":
                return self._is_one(value)
            case "contains":
                return any(wanted.casefold() in value.casefold() for wanted in self.values if value)
            case "more_than" | "less_than":
                return self._compares(value)

    def describe(self) -> str:
        """The condition in words, for a refusal."""
        return " ".join((self.property, self.operator.replace("_", " "), ", ".join(self.values))).strip()

    def _is_one(self, value: str) -> bool:
        return value.casefold() in {wanted.casefold() for wanted in self.values}

    def _compares(self, value: str) -> bool:
        try:
            number, limits = Decimal(value), [Decimal(limit) for limit in self.values]
        except InvalidOperation:
            return False
        return all(number > limit if self.operator == "more_than" else number < limit for limit in limits)


class SyncRules(BaseModel):
    """What a connection's settings say of the contact sync; the defaults are product.md's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    on: bool = False
    direction: Direction = "quickbooks_to_hubspot"
    matching: Matching = "email"
    hubspot_filter: tuple[Condition, ...] = ()
    """All must hold for a HubSpot record to start to sync."""


def unmet(conditions: Sequence[Condition], properties: Properties) -> Condition | None:
    """The first condition of a filter that the record does not meet, None where it passes."""
    return next((condition for condition in conditions if not condition.holds(properties)), None)


def missing(mode: Mode, rules: SyncRules, properties: Properties) -> str | None:
    """What keeps a HubSpot contact from being used for QuickBooks, in words; None where nothing does."""
    if mode == "legacy":
        return None
    if not rules.on:
        return "contact sync is off"
    if rules.direction == "quickbooks_to_hubspot":
        return "the sync's direction does not include HubSpot to QuickBooks"
    if (condition := unmet(rules.hubspot_filter, properties)) is not None:
        return f"the filter asks that {condition.describe()}"
    if not _has_matching_key(rules.matching, properties):
        return "the contact has no e-mail" if rules.matching == "email" else "the contact has neither e-mail nor name"
    return None


def require_eligible(mode: Mode, rules: SyncRules, properties: Properties, record: str) -> None:
    """Raise Refused (NOT_ELIGIBLE, with the missing condition) where a strict connection forbids using the record."""
    if (condition := missing(mode, rules, properties)) is not None:
        raise Refused("NOT_ELIGIBLE", record=record, condition=condition)


def _has_matching_key(matching: Matching, properties: Properties) -> bool:
    wanted = {"email": ("email",), "email_then_name": ("email", "firstname", "lastname"), "none": ()}[matching]
    return not wanted or any((properties.get(name) or "").strip() for name in wanted)
