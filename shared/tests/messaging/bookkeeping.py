"""A service that keeps the notices it is told, for the tests of consumers."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import asyncpg
from ledgerbridge.contracts.envelope import Envelope
from ledgerbridge.contracts.messages import BY_TYPE
from ledgerbridge.contracts.notices import RecordChanged
from ledgerbridge.contracts.topics import QUICKBOOKS_CHANGES, dead_letters
from ledgerbridge.messaging import inbox
from ledgerbridge.messaging.consumers import Consumers
from ledgerbridge.messaging.consumption import Consumption
from ledgerbridge.messaging.reading import read_or_bury
from ledgerbridge.messaging.received import Received
from ledgerbridge.storage import Database
from ledgerbridge.testing.waiting import wait_until

from .bus import Bus, running

DEAD = dead_letters("bookkeeping")
GROUP = "bookkeeping-notices"


def notice(number: int) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
    told = RecordChanged(
        vendor="quickbooks",
        account="913",
        object_type="Invoice",
        record_id=str(number),
        verb="changed",
        found_by="webhook",
    )
    envelope = Envelope(id=f"n{number}", source="gateway", type=RecordChanged.type, tenant=7)
    return told.key.encode(), told.encode(), envelope.to_headers()


class Bookkeeper:
    """A service that remembers every notice once, in a table of its own."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.batches: list[int] = []

    async def handle(self, records: Sequence[Received]) -> None:
        self.batches.append(len(records))
        async with self.database.engine() as tx:
            told = await read_or_bury(tx, "bookkeeping", records, BY_TYPE)
            new = await inbox.first_time(tx, GROUP, [one.envelope.identity for one in told])
            fresh = [one.message.record_id for one in told if one.envelope.identity in new and one.message]  # type: ignore[attr-defined]
            await tx.execute("insert into kept (id, times) select id, 1 from unnest($1::text[]) as given (id)", fresh)

    async def kept(self) -> list[int]:
        async with self.database.engine() as tx:
            return [int(row["id"]) for row in await tx.fetch("select id from kept order by id::int")]

    def consumption(self, records: int = 500) -> Consumption:
        return Consumption(
            QUICKBOOKS_CHANGES, GROUP, self.handle, database=self.database, service="bookkeeping", records=records
        )


async def with_table(admin_dsn: str) -> None:
    connection = await asyncpg.connect(admin_dsn)
    await connection.execute(
        """create table bookkeeping.kept (id text check (id <> '13'), times int, at timestamptz default now());
           grant all on bookkeeping.kept to public"""
    )
    await connection.close()


@asynccontextmanager
async def consuming(bus: Bus, *consumptions: Consumption) -> AsyncIterator[Consumers]:
    consumers = Consumers(bus.bootstrap, bus.prefix, "bookkeeping", consumptions)
    async with running(consumers):
        yield consumers


async def wait_for(bookkeeper: Bookkeeper, numbers: list[int], seconds: float = 20) -> None:
    async def there() -> bool:
        return await bookkeeper.kept() == numbers

    await wait_until(there, seconds)
