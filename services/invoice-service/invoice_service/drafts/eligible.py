"""A connection's settings as the rules of eligibility, which `ledgerbridge.sync` evaluates (S-68 to S-70)."""

from collections.abc import Mapping

from ledgerbridge.accounts.registry import Connection
from ledgerbridge.accounts.settings import Condition as ChosenCondition
from ledgerbridge.sync.eligibility import Condition, SyncRules, require_eligible

_OPERATORS = {"above": "more_than", "below": "less_than"}
_DIRECTIONS = {"both": "both_ways"}


def rules_of(connection: Connection) -> SyncRules:
    """The contact sync's rules."""
    chosen = connection.settings.contacts
    return SyncRules.model_validate(
        {
            "on": chosen.on,
            "direction": _DIRECTIONS.get(chosen.direction, chosen.direction),
            "matching": chosen.matching,
            "hubspot_filter": tuple(_condition(one) for one in chosen.hubspot_filter),
        }
    )


def _condition(chosen: ChosenCondition) -> Condition:
    value = chosen.value
    values = () if value is None else (value,) if isinstance(value, str) else value
    operator = _OPERATORS.get(chosen.operator, chosen.operator)
    return Condition.model_validate({"property": chosen.property, "operator": operator, "values": values})


def filter_properties(connection: Connection) -> tuple[str, ...]:
    """The HubSpot properties that the filter asks for."""
    return tuple(dict.fromkeys(one.property for one in connection.settings.contacts.hubspot_filter))


def check_eligible(connection: Connection, properties: Mapping[str, str | None], record: str) -> None:
    """Refuse (NOT_ELIGIBLE) a HubSpot record that a strict connection may not use; legacy allows every one."""
    require_eligible(connection.mode, rules_of(connection), properties, record)
