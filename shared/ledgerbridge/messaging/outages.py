"""What the broker and the database raise while they are away."""

import asyncpg
from aiokafka.errors import KafkaError

from ledgerbridge.storage.outages import DATABASE_AWAY

AWAY = (
    *DATABASE_AWAY,
    KafkaError,
    asyncpg.InterfaceError,
    # Here the work is not to blame either: the server ended a statement, or is short of room.
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
)
"""The outside is away: waiting helps, and no record is to blame."""
