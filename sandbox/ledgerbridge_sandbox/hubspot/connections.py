"""The associations with which a record is made (hubspot.md 3)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ledgerbridge_sandbox.hubspot.association_types import AssociationType
from ledgerbridge_sandbox.hubspot.errors import invalid
from ledgerbridge_sandbox.hubspot.labels import read_spec
from ledgerbridge_sandbox.hubspot.object_types import ObjectType
from ledgerbridge_sandbox.hubspot.writing import Joined

if TYPE_CHECKING:
    from ledgerbridge_sandbox.hubspot.accounts import Account

Connection = tuple[tuple[AssociationType, ...], str]
"""Types and the other end's id."""


def read_connection(account: "Account", kind: ObjectType, item: dict[str, Any]) -> Connection:
    """One item of a create's `associations`; raises 400."""
    try:
        to_id, specs = str(item["to"]["id"]), list(item["types"])
    except (KeyError, TypeError) as error:
        raise invalid("Invalid input JSON: associations need to.id and types") from error
    types = tuple(_type_from(account, kind, spec) for spec in specs)
    if not types:
        raise invalid("Invalid input JSON: types must not be empty")
    return types, to_id


def ends_of(connections: Iterable[Connection]) -> Joined:
    """The other ends by object type."""
    found: dict[str, list[str]] = {}
    for types, to_id in connections:
        found.setdefault(types[0].to_type, []).append(to_id)
    return found


def _type_from(account: "Account", kind: ObjectType, spec: Any) -> AssociationType:
    type_id, category = read_spec(spec)
    found = account.labels.starting(kind.type_id, type_id, category)
    if found is None:
        raise invalid(f"{category} association type {type_id} does not exist for {kind.upper}")
    return found
