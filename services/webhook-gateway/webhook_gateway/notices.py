"""Notices and dead letters as events for the outbox."""

import uuid
from datetime import UTC, datetime

from ledgerbridge.contracts.notices import RecordChanged
from ledgerbridge.contracts.topics import HUBSPOT_CHANGES, QUICKBOOKS_CHANGES, Topic, dead_letters
from ledgerbridge.messaging import outbox

from webhook_gateway.owners import Owner

SERVICE = "webhook-gateway"
SOURCE = f"ledgerbridge/{SERVICE}"
DEAD_LETTERS = dead_letters(SERVICE)
TOPIC_OF: dict[str, Topic] = {"hubspot": HUBSPOT_CHANGES, "quickbooks": QUICKBOOKS_CHANGES}


def event(notice: RecordChanged, owner: Owner, at: datetime, traceparent: str | None = None) -> outbox.Event:
    """A notice for the account's tenant, and for its connection where the record belongs to one company."""
    return outbox.event(
        TOPIC_OF[notice.vendor],
        notice.key,
        notice,
        id=str(uuid.uuid4()),
        source=SOURCE,
        subject=notice.key,
        time=at,
        tenant=owner.account.tenant_id,
        connection=owner.connection_id,
        traceparent=traceparent,
    )


def dead_letter(vendor: str, raw: bytes, why: str) -> outbox.Event:
    """What a vendor sent and nobody could read, byte for byte, with why, where and when."""
    headers = [
        ("dead-letter-code", b"UNREADABLE"),
        ("dead-letter-reason", why[:1000].encode()),
        ("dead-letter-topic", f"webhooks/{vendor}".encode()),
        ("dead-letter-at", datetime.now(UTC).isoformat().encode()),
    ]
    return outbox.Event(DEAD_LETTERS, None, None, raw, headers)
