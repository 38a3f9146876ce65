"""What becomes a webhook, and how HubSpot writes and sends it (hubspot.md 10)."""

import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from ledgerbridge_sandbox.hubspot import signatures
from ledgerbridge_sandbox.hubspot.associations import Edge
from ledgerbridge_sandbox.hubspot.grants import APP_ID, CLIENT_SECRET
from ledgerbridge_sandbox.hubspot.object_types import (
    COMPANY,
    CONTACT,
    DEAL,
    INVOICE,
    LINE_ITEM,
    OBJECT_TYPES,
    PRODUCT,
    QUOTE,
    ObjectType,
)
from ledgerbridge_sandbox.webhooks import Event
from ledgerbridge_sandbox.world import World

SUBSCRIBED = frozenset({CONTACT, COMPANY, DEAL, LINE_ITEM, PRODUCT, QUOTE, INVOICE})
_CLASSIC = SUBSCRIBED - {QUOTE, INVOICE}
"""Quotes and invoices have no classic events."""
_SILENT = frozenset({"hs_lastmodifieddate", "lastmodifieddate", "createdate", "hs_createdate", "hs_object_id"})
_CLASSIC_ENDS = frozenset({CONTACT, COMPANY, DEAL})


@dataclass(frozen=True)
class Actor:
    """Who changes something, as webhooks and records tell it."""

    source: str
    source_id: str


INTEGRATION = Actor("INTEGRATION", str(APP_ID))
SALESPERSON = Actor("CRM_UI", "userId:100")
CALCULATION = Actor("CALCULATED", "hubspot")
"""HubSpot's own recalculation, as of a deal's amount: source and id are a guess."""


class Announcer:
    """Puts the events of one account into the sender's queue."""

    def __init__(self, world: World, portal: int, now: datetime) -> None:
        self._world = world
        self._portal = portal
        self._now = now

    def creation(self, kind: ObjectType, record_id: str, actor: Actor, values: dict[str, str]) -> None:
        """A record was made. Whether its first values are told as changes too is a setting (guess: yes)."""
        self._of_record(kind, "creation", record_id, actor, changeFlag="NEW")
        if self._world.settings["hubspot"]["property_changes_on_create"]:
            self.changes(kind, record_id, actor, values)

    def changes(self, kind: ObjectType, record_id: str, actor: Actor, values: dict[str, str]) -> None:
        """Values changed; those that HubSpot calculates are not told."""
        definitions = self._world.hubspot.accounts[self._portal].properties[kind.type_id].definitions
        for name, value in values.items():
            if not definitions[name]["modificationMetadata"]["readOnlyValue"] and name not in _SILENT:
                more = {"propertyName": name, "propertyValue": value}
                self._of_record(kind, "propertyChange", record_id, actor, **more)

    def deletion(self, kind: ObjectType, record_id: str, actor: Actor) -> None:
        """A record was archived."""
        self._of_record(kind, "deletion", record_id, actor, changeFlag="DELETED")

    def privacy_deletion(self, kind: ObjectType, record_id: str, actor: Actor) -> None:
        """A contact was deleted for ever: told apart, and as a deletion (hubspot.md 10)."""
        body = {"objectId": int(record_id), "changeSource": actor.source, "sourceId": actor.source_id}
        self._put(f"{kind.singular}.privacyDeletion", kind.type_id, "", body)
        self.deletion(kind, record_id, actor)

    def restore(self, kind: ObjectType, record_id: str, actor: Actor) -> None:
        """An archived record came back."""
        self._of_record(kind, "restore", record_id, actor, changeFlag="RESTORED")

    def merge(self, kind: ObjectType, primary: str, merged: str, survivor: str, actor: Actor, *, moved: int) -> None:
        """Two records became one."""
        self._of_record(
            kind,
            "merge",
            survivor,
            actor,
            primaryObjectId=int(primary),
            mergedObjectIds=[int(primary), int(merged)] if survivor != primary else [int(merged)],
            newObjectId=int(survivor),
            numberOfPropertiesMoved=moved,
        )

    def association(self, edge: Edge, actor: Actor, *, removed: bool) -> None:
        """An association came or went: told for both directions."""
        for way in (edge, edge.reversed()):
            self._of_association(way, actor, removed=removed)

    def _of_association(self, edge: Edge, actor: Actor, *, removed: bool) -> None:
        kind = edge.kind
        if kind.from_type not in SUBSCRIBED or kind.to_type not in SUBSCRIBED:
            return
        start, end = OBJECT_TYPES[kind.from_type], OBJECT_TYPES[kind.to_type]
        body = {
            "associationType": f"{start.upper}_TO_{end.upper}",
            "fromObjectId": int(edge.from_id),
            "toObjectId": int(edge.to_id),
            "associationRemoved": removed,
            "isPrimaryAssociation": kind.primary,
            "changeSource": actor.source,
            "sourceId": actor.source_id,
        }
        if self._told("object"):
            types = {"fromObjectTypeId": kind.from_type, "toObjectTypeId": kind.to_type}
            spec = {"associationTypeId": kind.type_id, "associationCategory": kind.category}
            self._put("object.associationChange", kind.from_type, "", {**body, **types, **spec})
        classic = {kind.from_type, kind.to_type} <= _CLASSIC_ENDS or {kind.from_type, kind.to_type} == {DEAL, LINE_ITEM}
        if self._told("classic") and classic:
            self._put(f"{start.singular}.associationChange", kind.from_type, "", body)

    def _of_record(self, kind: ObjectType, verb: str, record_id: str, actor: Actor, **more: Any) -> None:
        if kind.type_id not in SUBSCRIBED:
            return
        body = {"objectId": int(record_id), "changeSource": actor.source, "sourceId": actor.source_id, **more}
        watched = str(more.get("propertyName", ""))
        if self._told("object"):
            self._put(f"object.{verb}", kind.type_id, watched, {**body, "objectTypeId": kind.type_id})
        if self._told("classic") and kind.type_id in _CLASSIC:
            self._put(f"{kind.singular}.{verb}", kind.type_id, watched, body)

    def _told(self, form: str) -> bool:
        return self._world.settings["hubspot"]["webhook_forms"] in {form, "both"}

    def _put(self, subscription: str, type_id: str, watched: str, body: Event) -> None:
        event = {
            "eventId": self._world.random.getrandbits(32),
            "subscriptionId": zlib.crc32(f"{subscription} {type_id} {watched}".encode()) % 10_000_000,
            "portalId": self._portal,
            "appId": APP_ID,
            "occurredAt": int(self._now.timestamp() * 1000),
            "subscriptionType": subscription,
            "attemptNumber": 0,
            **body,
        }
        self._world.webhooks["hubspot"].put(event, str(self._portal))


def signed_request(url: str, events: list[Event], attempt: int, now: datetime) -> tuple[bytes, dict[str, str]]:
    """Body and headers of one delivery: v1 and v3 over the address as it was configured."""
    body = msgspec.json.encode([{**event, "attemptNumber": attempt} for event in events])
    timestamp = int(now.timestamp() * 1000)
    return body, {
        "Content-Type": "application/json",
        "User-Agent": "HubSpot Webhooks (sandbox)",
        "X-HubSpot-Signature": signatures.v1(CLIENT_SECRET, body),
        "X-HubSpot-Signature-Version": "v1",
        "X-HubSpot-Signature-v3": signatures.v3(CLIENT_SECRET, "POST", url, body, timestamp),
        "X-HubSpot-Request-Timestamp": str(timestamp),
    }
