"""Dead letters: what a consumer could not read, passed on byte for byte with why, where and when (design.md 5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ledgerbridge.contracts.topics import dead_letters
from ledgerbridge.messaging import outbox
from ledgerbridge.messaging.received import Received
from ledgerbridge.storage import Transaction

LONGEST_REASON = 1000


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record and why it could not be read; the reason names fields, not their contents."""

    record: Received
    code: str
    reason: str


async def put(tx: Transaction, service: str, unreadable: Sequence[Unreadable]) -> None:
    """Send records to the service's dead letters, through the outbox and with this transaction.

    Key, value and headers stay as they came; headers `dead-letter-…` are added.
    """
    topic = dead_letters(service)
    await outbox.put(
        tx,
        [
            outbox.Event(topic, one.record.key, None, one.record.value, [*one.record.headers, *_why(one)])
            for one in unreadable
        ],
    )


def _why(unreadable: Unreadable) -> list[tuple[str, bytes]]:
    record = unreadable.record
    return [
        ("dead-letter-code", unreadable.code.encode()),
        ("dead-letter-reason", unreadable.reason[:LONGEST_REASON].encode()),
        ("dead-letter-topic", record.topic.encode()),
        ("dead-letter-partition", str(record.partition).encode()),
        ("dead-letter-offset", str(record.offset).encode()),
        ("dead-letter-at", datetime.now(UTC).isoformat().encode()),
    ]
