"""Reading a whole batch: what cannot be read is a dead letter and harms nobody else."""

from collections.abc import Mapping, Sequence

import structlog

from ledgerbridge.contracts.envelope import UnreadableError
from ledgerbridge.contracts.model import Message
from ledgerbridge.messaging import dead_letters
from ledgerbridge.messaging.dead_letters import Unreadable
from ledgerbridge.messaging.received import Received, Told, UnknownTypeError, read_message
from ledgerbridge.storage import Transaction

log = structlog.get_logger(__name__)


async def read_or_bury(
    tx: Transaction, service: str, records: Sequence[Received], known: Mapping[str, type[Message]]
) -> list[Told]:
    """Read a batch; what cannot be read goes to the dead letters with this transaction (role *engine*)."""
    told, unreadable = read_all(records, known)
    if unreadable:
        await dead_letters.put(tx, service, unreadable)
    return told


def read_all(records: Sequence[Received], known: Mapping[str, type[Message]]) -> tuple[list[Told], list[Unreadable]]:
    """Read a batch; what cannot be read is for the caller's dead letters."""
    told: list[Told] = []
    unreadable: list[Unreadable] = []
    for record in records:
        try:
            told.append(read_message(record, known))
        except UnknownTypeError as error:
            unreadable.append(Unreadable(record, "UNKNOWN_TYPE", str(error)))
        except UnreadableError as error:
            unreadable.append(Unreadable(record, "UNREADABLE", str(error)))
    if unreadable:
        log.warning("consumer.dead_letters", topic=records[0].topic, count=len(unreadable))
    return told, unreadable
