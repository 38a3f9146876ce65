"""QuickBooks' webhook arrays (CloudEvents since 2026) as notices (quickbooks.md 11)."""

import hashlib
import re
from datetime import UTC, datetime
from typing import Any

from ledgerbridge.contracts.notices import RecordChanged

from webhook_gateway.arrays import MalformedEventError, Told

TYPE = re.compile(r"qbo\.(?P<entity>[a-z]+)\.(?P<verb>[a-z]+)\.v\d+")
VERBS = {
    "created": "created",
    "updated": "changed",
    "deleted": "deleted",
    "merged": "merged",
    # The portal's list says `void`, other integrators saw `voided`: both are accepted.
    "void": "void",
    "voided": "void",
    "emailed": "emailed",
}
# Nanoseconds are cut: a datetime holds microseconds.
TIME = re.compile(r"(?P<second>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?P<fraction>\.\d+)?(?P<zone>Z|[+-]\d\d:?\d\d)")


def read(event: Any) -> Told:
    """One event as what it tells. Raises MalformedEventError where type, realm or id are missing."""
    try:
        kind = TYPE.fullmatch(str(event["type"]).lower())
        if kind is None:
            raise MalformedEventError(f"unknown type {str(event['type'])[:80]!r}")
        verb = VERBS[kind["verb"]]
        realm = str(int(event["intuitaccountid"]))
        record_id = _identifier(event["intuitentityid"])
        data = event.get("data") or {}
        merged = [_identifier(data["deletedid"])] if data.get("deletedid") else []
        moment, exact = read_time(event.get("time"))
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        raise MalformedEventError(f"{type(problem).__name__}: {problem}") from problem
    notice = RecordChanged(
        vendor="quickbooks",
        account=realm,
        object_type=kind["entity"],
        record_id=record_id,
        verb=verb,
        changed_at=moment,
        exact=exact,
        merged_ids=merged,
        properties=[],
        found_by="webhook",
    )
    return Told(notice, _key(event, notice))


def read_time(text: Any) -> tuple[datetime | None, bool]:
    """A vendor's time and whether it is finer than a second; (None, False) where it cannot be read."""
    match = TIME.fullmatch(str(text)) if text else None
    if match is None:
        return None, False
    fraction = (match["fraction"] or "")[:7]
    moment = datetime.fromisoformat(f"{match['second']}{fraction}{match['zone']}").astimezone(UTC)
    return moment, bool(fraction)


def _identifier(value: Any) -> str:
    """An id as text. Raises ValueError for what cannot be one."""
    text = str(value)
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", text):
        raise ValueError("not an id")
    return text


def _key(event: dict[str, Any], notice: RecordChanged) -> bytes:
    parts = ("quickbooks", notice.account, event.get("id"), notice.object_type, notice.record_id, event.get("time"))
    return hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=16).digest()
