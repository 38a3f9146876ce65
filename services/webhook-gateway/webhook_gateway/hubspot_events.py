"""HubSpot's webhook arrays as notices (hubspot.md 10).

Every event is a hint: ids, the kind of change and its time. Both spellings of the type key are accepted, classic
(`deal.propertyChange`) and generic (`object.propertyChange` with `objectTypeId`) subscriptions become the same notice.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from ledgerbridge.contracts.notices import RecordChanged

from webhook_gateway.arrays import MalformedEventError, Told

TYPE_IDS = {
    "0-1": "contact",
    "0-2": "company",
    "0-3": "deal",
    "0-7": "product",
    "0-8": "line_item",
    "0-14": "quote",
    "0-53": "invoice",
}
VERBS = {
    "creation": "created",
    "propertyChange": "changed",
    "deletion": "deleted",
    "privacyDeletion": "deleted",
    "restore": "restored",
    "merge": "merged",
    "associationChange": "associated",
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read(event: Any) -> Told:
    """One event as what it tells. Raises MalformedEventError where ids or type are missing or of the wrong kind."""
    try:
        kind = event.get("subscriptionType") or event["eventType"]
        family, _dot, change = str(kind).rpartition(".")
        verb = VERBS[change]
        portal = int(event["portalId"])
        occurred = int(event["occurredAt"])
        object_type = _object_type(family, event)
        record_id = _record_id(event, verb)
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        raise MalformedEventError(f"{type(problem).__name__}: {problem}") from problem
    notice = RecordChanged(
        vendor="hubspot",
        account=str(portal),
        object_type=object_type,
        record_id=record_id,
        verb=verb,
        changed_at=EPOCH + timedelta(milliseconds=occurred),
        exact=True,
        merged_ids=_merged_ids(event, verb),
        properties=[str(event["propertyName"])] if event.get("propertyName") else [],
        found_by="webhook",
    )
    return Told(notice, _key(event, str(kind), portal, occurred))


def _object_type(family: str, event: dict[str, Any]) -> str:
    if family != "object":
        return family
    type_id = str(event.get("objectTypeId") or event["fromObjectTypeId"])
    return TYPE_IDS.get(type_id, type_id)


def _record_id(event: dict[str, Any], verb: str) -> str:
    """The record that a notice is about: of a merge the survivor, of an association its first end."""
    if verb == "merged":
        return str(int(event.get("newObjectId") or event.get("primaryObjectId") or event["objectId"]))
    return str(int(event["fromObjectId"] if verb == "associated" else event["objectId"]))


def _merged_ids(event: dict[str, Any], verb: str) -> list[str]:
    if verb != "merged":
        return []
    survivor = _record_id(event, verb)
    gone = [*event.get("mergedObjectIds", ()), event.get("primaryObjectId"), event.get("objectId")]
    return sorted({str(int(one)) for one in gone if one is not None and str(one) != survivor})


def _key(event: dict[str, Any], kind: str, portal: int, occurred: int) -> bytes:
    """The dedupe key of hubspot.md 10: `eventId` alone is not unique, `attemptNumber` and the subscription vary."""
    parts = (
        *("hubspot", portal, kind, event.get("objectTypeId"), event.get("objectId"), event.get("fromObjectId")),
        *(event.get("toObjectId"), event.get("propertyName"), occurred, event.get("eventId")),
    )
    return hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=16).digest()
