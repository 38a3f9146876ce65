"""Values that one record alone may have (hubspot.md 4, 6, 18.7)."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ledgerbridge_sandbox.hubspot.errors import conflict
from ledgerbridge_sandbox.hubspot.object_types import CONTACT, ObjectType

if TYPE_CHECKING:
    from ledgerbridge_sandbox.hubspot.accounts import Account


def refuse_taken(account: "Account", kind: ObjectType, values: Mapping[str, str], own_id: str | None) -> None:
    """Raise 409 for a value that another record has. The shape for custom unique properties is a guess."""
    for name, value in _unique_values(account, kind, values):
        holder = account.find_unique(kind.type_id, name, value)
        if holder is None or holder == own_id:
            continue
        if name == "email":
            raise conflict(f"Contact already exists. Existing ID: {holder}")
        words = f"{kind.upper} with {name} {value} already exists. Existing ID: {holder}"
        context = {"propertyName": [name], "id": [holder]}
        raise conflict(words, errors=[{"message": words, "code": "CONFLICTING_UNIQUE_VALUE", "context": context}])


def _unique_values(account: "Account", kind: ObjectType, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """An additional address of a contact is as much its own as the first."""
    for name in account.properties[kind.type_id].unique_names:
        if value := values.get(name):
            yield name, value
    if kind.type_id == CONTACT:
        for address in values.get("hs_additional_emails", "").split(";"):
            if address.strip():
                yield "email", address.strip()
