"""A service's door to PostgreSQL: it hands out transactions, never bare connections.

Two pools, two roles (design.md 6): *app* works under the row-level security of one tenant, *engine* moves the queues
of all tenants and serves no HTTP. `DirectConnection` is for what outlives a transaction: session locks and LISTEN.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol, cast

import asyncpg

from ledgerbridge.storage import codecs

ACQUIRE_SECONDS = 10.0
COMMAND_SECONDS = 30.0

DirectConnection = asyncpg.Connection
"""A connection of its own, outside the pools, for session locks and LISTEN."""


class Transaction(Protocol):
    """What may be done inside a transaction; asyncpg's connection fulfils it."""

    async def execute(self, query: str, *args: Any) -> str:
        """Run a statement and answer its status, e.g. ``UPDATE 3``."""

    async def executemany(self, query: str, args: Iterable[Sequence[Any]]) -> None:
        """Run a statement for each of the argument rows."""

    async def fetch(self, query: str, *args: Any) -> list[asyncpg.Record]:
        """Answer all rows."""

    async def fetchrow(self, query: str, *args: Any) -> asyncpg.Record | None:
        """Answer the first row or None."""

    async def fetchval(self, query: str, *args: Any) -> Any:
        """Answer the first column of the first row or None."""

    async def copy_records_to_table(self, table_name: str, *, records: Any, columns: Sequence[str]) -> str:
        """Write many rows by COPY."""


class Database:
    """The two pools of one service."""

    def __init__(self, app: asyncpg.Pool, engine: asyncpg.Pool, engine_dsn: str, schema: str) -> None:
        """Keep the pools; made by `connect`."""
        self._app = app
        self._engine = engine
        self._engine_dsn = engine_dsn
        self.schema = schema

    @classmethod
    async def connect(
        cls, app_dsn: str, engine_dsn: str, schema: str, *, name: str | None = None, size: int = 5
    ) -> "Database":
        """Open both pools on the service's schema, with `shared` behind it in the search path.

        `size` is the most connections of each pool. Raises OSError or asyncpg.PostgresError where the server is away.
        """
        pools = [
            await asyncpg.create_pool(
                dsn,
                min_size=1,
                max_size=size,
                init=codecs.register,
                reset=_leave,
                command_timeout=COMMAND_SECONDS,
                server_settings=_server_settings(schema, f"{name or schema} {role}"),
            )
            for role, dsn in (("app", app_dsn), ("engine", engine_dsn))
        ]
        return cls(pools[0], pools[1], engine_dsn, schema)

    @asynccontextmanager
    async def tenant(self, tenant_id: int) -> AsyncIterator[Transaction]:
        """One transaction as *app*, seeing and writing the rows of this tenant only."""
        async with self._app.acquire(timeout=ACQUIRE_SECONDS) as connection, connection.transaction():
            await connection.execute("select set_config('ledgerbridge.tenant', $1, true)", str(tenant_id))
            yield cast(Transaction, connection)

    @asynccontextmanager
    async def engine(self) -> AsyncIterator[Transaction]:
        """One transaction as *engine*, over the queue tables of all tenants."""
        async with self._engine.acquire(timeout=ACQUIRE_SECONDS) as connection, connection.transaction():
            yield cast(Transaction, connection)

    @property
    def each(self) -> Transaction:
        """As *engine*, every statement a transaction of its own: a single one saves the round trips of two more."""
        return cast(Transaction, self._engine)

    async def until_on_disk(self) -> None:
        """Return when all that was committed before is on disk: for commits that did not wait for it."""
        # The message is for nobody: a commit that wrote something is what makes the server write all before it.
        await self._engine.execute(
            "select set_config('synchronous_commit', 'on', true), pg_logical_emit_message(true, 'ledgerbridge', '')"
        )

    @asynccontextmanager
    async def direct(self, purpose: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
        """A connection of its own as *engine*: session advisory locks, LISTEN. Closed (or cut) at the end."""
        connection = await asyncpg.connect(
            self._engine_dsn,
            timeout=ACQUIRE_SECONDS,
            command_timeout=COMMAND_SECONDS,
            server_settings=_server_settings(self.schema, f"{self.schema} {purpose}"),
        )
        try:
            await codecs.register(connection)
            yield connection
        finally:
            try:
                await connection.close(timeout=2)
            except (TimeoutError, OSError, asyncpg.PostgresError):
                connection.terminate()

    async def close(self) -> None:
        """Close both pools; a connection that does not close within two seconds is cut."""
        for pool in (self._app, self._engine):
            try:
                await asyncio.wait_for(pool.close(), 2)
            except TimeoutError:
                pool.terminate()


async def _leave(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Reset only what was cut off: an ended transaction leaves nothing in its session, and a round trip counts."""
    if connection.is_in_transaction():
        await connection.reset()


def _server_settings(schema: str, name: str) -> dict[str, str]:
    return {
        "search_path": f"{schema},shared",
        "application_name": f"ledgerbridge {name}"[:63],
        "statement_timeout": "30s",
        "idle_in_transaction_session_timeout": "60s",
        "lock_timeout": "10s",
        "timezone": "UTC",
        "jit": "off",
    }
