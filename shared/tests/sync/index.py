"""The record index as tests handle it: short names for one transaction of the engine each."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ledgerbridge.storage import Database
from ledgerbridge.sync.claims import Lot, claim, settle
from ledgerbridge.sync.marks import Mark, mark
from ledgerbridge.sync.outcomes import Outcome, in_sync
from ledgerbridge.sync.records import Company
from ledgerbridge.testing.waiting import wait_until

TENANT = 24000001
CONNECTION = 7
COMPANY = Company(TENANT, CONNECTION)
KIND = "invoice"


def at(text: str) -> datetime:
    """A time of day in UTC of one fixed date, such as 10:00:05.5."""
    return datetime.fromisoformat(f"2026-11-23T{text}").replace(tzinfo=UTC)


def made(subject_id: str, **fields: Any) -> Mark:
    """A mark that makes its row."""
    return Mark(TENANT, CONNECTION, KIND, subject_id, **{"make": True, **fields})


async def put(database: Database, *marks: Mark) -> int:
    async with database.engine() as tx:
        return await mark(tx, marks)


async def take(
    database: Database, *, limit: int = 100, lease_seconds: float = 60, company: Company = COMPANY, kind: str = KIND
) -> Lot:
    async with database.engine() as tx:
        return await claim(tx, kind, company, lease=uuid.uuid4(), limit=limit, lease_seconds=lease_seconds)


async def end(database: Database, lot: Lot, outcomes: Sequence[Outcome] | None = None) -> list[str]:
    """Settle (everything in sync unless told otherwise) and answer who was held."""
    if outcomes is None:
        outcomes = [in_sync(record.subject_id) for record in lot.records]
    async with database.tenant(lot.tenant_id) as tx:
        return [outcome.subject_id for outcome in await settle(tx, lot, outcomes)]


async def row(database: Database, subject_id: str) -> dict[str, Any] | None:
    async with database.engine() as tx:
        found = await tx.fetchrow("select * from records where subject_id = $1", subject_id)
    return None if found is None else dict(found)


async def someone_waits(database: Database) -> None:
    """Until a transaction waits for another's row lock."""

    async def waits() -> bool:
        async with database.engine() as tx:
            return bool(
                await tx.fetchval("select count(*) from pg_locks where not granted and locktype = 'transactionid'")
            )

    await wait_until(waits)


def ids(lot: Lot) -> list[str]:
    return [record.subject_id for record in lot.records]
