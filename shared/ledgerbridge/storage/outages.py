"""What the database raises, and which of it says "away" rather than "refused"."""

import asyncpg

DATABASE_ERRORS = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""Whatever the database and the way to it raise, for parts that try again later whatever it was."""

DATABASE_AWAY = (
    OSError,  # also TimeoutError
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    # A statement on a connection whose end the server has announced and whose socket is not closed yet.
    asyncpg.InternalClientError,
)


def database_away(error: BaseException) -> bool:
    """Whether the same work can succeed when the database is back: nothing is wrong with the work.

    asyncpg's InterfaceError means a closed connection, except where it is a ValueError too: an argument that does not
    fit its type.
    """
    return isinstance(error, DATABASE_AWAY) or (
        isinstance(error, asyncpg.InterfaceError) and not isinstance(error, ValueError)
    )
