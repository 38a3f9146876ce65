"""What the broker and the database raise while they are away."""

import asyncpg
from aiokafka.errors import KafkaError

AWAY = (
    OSError,
    TimeoutError,
    KafkaError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    # A statement on a connection whose end the server has announced and whose socket is not closed yet.
    asyncpg.InternalClientError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
)
"""The outside is away: waiting helps, and no record is to blame."""
