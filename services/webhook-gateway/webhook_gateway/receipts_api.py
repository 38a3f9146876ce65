"""What a tenant's finance people and operators may ask of the receipts."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from ledgerbridge.accounts.callers import Caller
from ledgerbridge.errors import Refused
from ledgerbridge.service.access import require
from ledgerbridge.service.problems import PROBLEM_ANSWERS
from pydantic import AwareDatetime, BaseModel, Field

from webhook_gateway.door import Door

router = APIRouter(tags=["receipts"])


class Window(BaseModel):
    """A window of time in which webhooks came: since <= received < until."""

    since: AwareDatetime
    until: AwareDatetime


class ReplayDone(BaseModel):
    """What a replay told again."""

    receipts: int = Field(description="receipts that told something of the accounts")
    notices: int = Field(description="notices put into the outbox")


@router.post("/receipts/replay", responses={status: PROBLEM_ANSWERS[status] for status in (400, 401, 403, 422, 503)})
async def replay(
    window: Window, request: Request, caller: Annotated[Caller, Depends(require("work:retry"))]
) -> ReplayDone:
    """Tell again what the vendors told of the caller's accounts in a window; harmless to repeat."""
    if window.until <= window.since:
        raise Refused("INVALID", field="until", problem="must be later than since")
    door: Door = request.app.state.service
    done = await door.replay(caller.tenant, window.since, window.until)
    return ReplayDone(receipts=done.receipts, notices=done.notices)
