"""How a record looks in an answer (hubspot.md 3)."""

from collections.abc import Iterable, Sequence
from typing import Any

from ledgerbridge_sandbox.hubspot.accounts import Account
from ledgerbridge_sandbox.hubspot.object_types import COMPANY, CONTACT, DEAL, LINE_ITEM, ObjectType
from ledgerbridge_sandbox.records import Record

_MOST_INLINE = 500


def value_of(account: Account, kind: ObjectType, record: Record, name: str) -> str | None:
    """A property's value: stored, counted from associations, or calculated by a formula; None if empty."""
    stored: str | None = record["p"].get(name)
    if stored is not None:
        return stored
    if name in _COUNTED:
        return _counted(account, kind, record, name)
    formula = account.properties[kind.type_id].formulas.get(name)
    return formula.value(record["p"].get) if formula else None


def shown(account: Account, kind: ObjectType, record: Record, names: Sequence[str] | None = None) -> dict[str, Any]:
    """The object as read: the named properties (or the default set) and the three that are always there."""
    definitions = account.properties[kind.type_id].definitions
    wanted = [*(names or kind.default_properties), kind.created_property, kind.modified_property, "hs_object_id"]
    values = {name: value_of(account, kind, record, name) for name in wanted if name in definitions}
    return _framed(account, kind, record, values)


def shown_whole(account: Account, kind: ObjectType, record: Record) -> dict[str, Any]:
    """The object with all that it holds: the answer to a create, and the truth on the control door."""
    values = dict(record["p"])
    for name in account.properties[kind.type_id].formulas:
        values[name] = value_of(account, kind, record, name)
    return _framed(account, kind, record, values)


def with_history(
    account: Account, kind: ObjectType, record: Record, names: Sequence[str], view: dict[str, Any]
) -> None:
    """Add `propertiesWithHistory` to a view where names are asked for; unknown ones are left out."""
    definitions = account.properties[kind.type_id].definitions
    if names:
        known = [name for name in dict.fromkeys(names) if name in definitions]
        view["propertiesWithHistory"] = account.history.of(kind.type_id, record, known)


def _framed(account: Account, kind: ObjectType, record: Record, values: dict[str, Any]) -> dict[str, Any]:
    archived = record.get("a")
    framed = {
        "id": record["id"],
        "properties": values,
        "createdAt": record["c"],
        "updatedAt": record["u"],
        "archived": archived is not None,
        "url": f"https://app.hubspot.com/contacts/{account.portal}/record/{kind.type_id}/{record['id']}",
    }
    if archived:
        framed["archivedAt"] = archived
    return framed


def associations_shown(
    account: Account, kind: ObjectType, record_id: str, ends: Iterable[ObjectType]
) -> dict[str, dict[str, Any]]:
    """The `associations` of an object: a record with a label stands there once for each of its types."""
    found: dict[str, dict[str, Any]] = {}
    for end in ends:
        between = account.labels.between(kind.type_id, end.type_id)
        results = [
            {"id": to_id, "type": between[type_id].name}
            for to_id, type_ids in living_ends(account, kind, record_id, end)
            for type_id in type_ids
        ]
        if results:
            found[end.association_key] = {"results": results[:_MOST_INLINE]}
    return found


def living_ends(
    account: Account, kind: ObjectType, record_id: str, end: ObjectType
) -> list[tuple[str, tuple[int, ...]]]:
    """The other ends that are not archived, with the types between."""
    live = account.live[end.type_id]
    ends = account.associations.of(kind.type_id, record_id, end.type_id)
    return [(to_id, type_ids) for to_id, type_ids in ends.items() if to_id in live]


_COUNTED = {
    "num_associated_contacts": CONTACT,
    "hs_num_of_associated_line_items": LINE_ITEM,
    "associatedcompanyid": COMPANY,
}


def _counted(account: Account, kind: ObjectType, record: Record, name: str) -> str | None:
    ends = account.associations.of(kind.type_id, record["id"], _COUNTED[name])
    if name == "associatedcompanyid":
        primary = [to_id for to_id, type_ids in ends.items() if 1 in type_ids]
        return primary[0] if primary and kind.type_id == CONTACT else None
    if kind.type_id != DEAL:
        return None
    live = account.live[_COUNTED[name]]
    return str(sum(1 for to_id in ends if to_id in live))
