"""`/records` of every service that syncs: what is in which state, why, and trying it again (B-01)."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field, StringConstraints

from ledgerbridge.accounts.callers import Caller
from ledgerbridge.errors import Refused
from ledgerbridge.service.access import require
from ledgerbridge.service.problems import PROBLEM_ANSWERS
from ledgerbridge.storage import Database
from ledgerbridge.sync import health
from ledgerbridge.sync.marks import retry

router = APIRouter(tags=["records"], responses=PROBLEM_ANSWERS)

Reader = Annotated[Caller, Depends(require("records:read"))]
Retrier = Annotated[Caller, Depends(require("work:retry"))]
Word = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00]+$")]
State = Literal["failed", "waiting", "excluded"]


class Count(BaseModel):
    """So many records of a kind and connection are in this state for this reason."""

    connection_id: int
    kind: str
    state: str
    reason_code: str | None
    records: int
    failed_since: datetime | None


class Condition(BaseModel):
    """A record that is not in sync: why, what to do, and when it is tried next by itself."""

    connection_id: int
    kind: str
    subject_id: str
    quickbooks_id: str | None
    hubspot_id: str | None
    state: str
    reason_code: str | None
    reason: str | None
    remedy: str | None
    failed_since: datetime | None
    attempts: int
    next_try: datetime | None


class ConditionPage(BaseModel):
    """One page; `after` asks for the next."""

    records: list[Condition]
    after: str | None


class Retry(BaseModel):
    """What to try again: one record, or all of a kind, a connection or a reason. Something must be named."""

    kind: Word | None = None
    connection_id: Annotated[int | None, Field(ge=0, le=2**62)] = None
    subject_id: Word | None = None
    reason_code: Word | None = None


class Retried(BaseModel):
    """How many records are tried again now."""

    records: int


PAGE = 100


@router.get("/records/counts")
async def counts(request: Request, caller: Reader) -> list[Count]:
    """All records, counted by connection, kind, state and reason."""
    async with _database(request).tenant(caller.tenant) as tx:
        return [Count(**asdict(one)) for one in await health.counts(tx, caller.tenant)]


@router.get("/records")
async def records(
    request: Request,
    caller: Reader,
    state: State | None = None,
    kind: Word | None = None,
    connection: Annotated[int | None, Query(ge=0, le=2**62)] = None,
    reason_code: Word | None = None,
    after: Annotated[str | None, Query(max_length=300)] = None,
) -> ConditionPage:
    """The records that failed, wait for their account, or are excluded."""
    async with _database(request).tenant(caller.tenant) as tx:
        found = await health.conditions(
            tx,
            caller.tenant,
            state=state,
            kind=kind,
            connection_id=connection,
            reason_code=reason_code,
            after=_place(after),
            limit=PAGE,
        )
    last = found[-1] if len(found) == PAGE else None
    return ConditionPage(
        records=[Condition(**asdict(one)) for one in found],
        after=f"{last.connection_id}~{last.kind}~{last.subject_id}" if last else None,
    )


@router.post("/records/retry")
async def retry_records(request: Request, caller: Retrier, wanted: Retry) -> Retried:
    """Try records again now, whatever they wait for."""
    named: dict[str, Any] = wanted.model_dump(exclude_none=True)
    if not named:
        raise Refused("INVALID", field="kind", problem="name a kind, a connection, a record or a reason")
    async with _database(request).tenant(caller.tenant) as tx:
        return Retried(records=await retry(tx, caller.tenant, **named))


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def _place(after: str | None) -> tuple[int, str, str] | None:
    if after is None:
        return None
    connection, _first, rest = after.partition("~")
    kind, _second, subject = rest.partition("~")
    if not connection.isascii() or not connection.isdigit() or len(connection) > 18 or "\x00" in after:  # noqa: PLR2004
        raise Refused("INVALID", field="after", problem="is not from an earlier page")
    return int(connection), kind, subject
