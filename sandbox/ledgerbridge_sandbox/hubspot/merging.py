"""Two records become one (hubspot.md 3)."""

from typing import TYPE_CHECKING

from ledgerbridge_sandbox.hubspot.errors import invalid, refusal
from ledgerbridge_sandbox.hubspot.object_types import CONTACT, ObjectType
from ledgerbridge_sandbox.records import Record

if TYPE_CHECKING:
    from ledgerbridge_sandbox.hubspot.accounts import Account

_MOST_MERGES = 250
_TOO_MANY = 414


def refuse(kind: ObjectType, primary: Record, other: Record) -> None:
    """400 for what cannot be merged, 414 at the limit of merges; the words are a guess."""
    if not kind.mergeable:
        raise invalid(f"Merging is not supported for {kind.upper} objects")
    if primary["id"] == other["id"]:
        raise invalid("Cannot merge a record with itself")
    if len(_merged_ids(primary)) + len(_merged_ids(other)) + 1 > _MOST_MERGES:
        raise refusal(
            _TOO_MANY, "VALIDATION_ERROR", f"Merge would exceed the limit of {_MOST_MERGES} merged identities"
        )


def merged_values(kind: ObjectType, primary: Record, other: Record, survivor: str, stamp: str) -> dict[str, str]:
    """The primary's values, the other's in the gaps; a contact keeps the other's address as an additional one."""
    gone = [primary["id"]] if survivor != primary["id"] else []
    before = [*_merged_ids(primary), *_merged_ids(other), *gone, other["id"]]
    values = {**other["p"], **primary["p"]}
    if kind.type_id == CONTACT and (more := _additional_addresses(primary["p"], other["p"])):
        values["hs_additional_emails"] = ";".join(more)
    return {
        **values,
        kind.created_property: primary["p"].get(kind.created_property, stamp),
        "hs_object_id": survivor,
        "hs_merged_object_ids": ";".join(dict.fromkeys(before)),
        kind.modified_property: stamp,
    }


def move_ties(account: "Account", kind: ObjectType, gone: str, survivor: str) -> None:
    """Give the survivor the other's associations and lists; a primary yields to the survivor's own."""
    graph = account.associations
    for edge in list(graph.all_of(kind.type_id, gone)):
        graph.cut(kind.type_id, gone, edge.kind.to_type, edge.to_id, {edge.kind.type_id})
        taken = edge.kind.primary and any(
            edge.kind.type_id in types for types in graph.of(kind.type_id, survivor, edge.kind.to_type).values()
        )
        if edge.to_id != survivor and not taken:
            graph.connect([edge.kind], survivor, edge.to_id, replace=False)
    account.lists.moved(kind.type_id, gone, survivor)


def _merged_ids(record: Record) -> list[str]:
    return [one for one in record["p"].get("hs_merged_object_ids", "").split(";") if one]


def _additional_addresses(primary: dict[str, str], other: dict[str, str]) -> list[str]:
    texts = (primary.get("hs_additional_emails"), other.get("email"), other.get("hs_additional_emails"))
    found = [address for text in texts if text for address in text.split(";") if address]
    return [address for address in dict.fromkeys(found) if address != primary.get("email")]
