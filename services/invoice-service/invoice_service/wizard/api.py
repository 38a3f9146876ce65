"""The drafts' HTTP door: the wizard's steps (S-15 to S-38), kept between steps, valid to go back.

Drafts belong to the tenant; every sales person of it may go on with one. A change may send `If-Match: version` and is
refused with 409 STALE where somebody else was faster.
"""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from ledgerbridge.accounts.callers import Caller
from ledgerbridge.contracts.invoices import InvoiceState
from ledgerbridge.errors import Refused
from ledgerbridge.service.access import require
from ledgerbridge.service.problems import PROBLEM_ANSWERS

from invoice_service.lanes import as_person
from invoice_service.orders.api import STILL_RUNNING, answer
from invoice_service.wizard import answers, requests, views
from invoice_service.wizard.drafting import Drafting, Shown
from invoice_service.wizard.store_drafts import Place

router = APIRouter(tags=["drafts"], responses=PROBLEM_ANSWERS, dependencies=[Depends(as_person)])
Reader = Annotated[Caller, Depends(require("records:read"))]
Drafter = Annotated[Caller, Depends(require("drafts:write"))]
Creator = Annotated[Caller, Depends(require("invoices:create"))]
IfMatch = Annotated[
    str | None,
    Header(pattern=r'^(W/)?"?[0-9]{1,9}"?$', max_length=20, description="the version that was read; else STALE"),
]
After = Annotated[str | None, Query(pattern=r"^[0-9]{1,17}-[0-9a-f]{32}$", description="`after` of the page before")]


def _drafting(request: Request) -> Drafting:
    drafting: Drafting = request.app.state.service.drafting
    return drafting


Desk = Annotated[Drafting, Depends(_drafting)]


def _version(if_match: str | None) -> int | None:
    return int(if_match.removeprefix("W/").strip('"')) if if_match else None


def _answer(shown: Shown) -> answers.DraftAnswer:
    return views.draft_answer(shown.stored, shown.steps, shown.questions, trouble=shown.trouble, resumed=shown.resumed)


@router.post("/drafts", status_code=201)
async def start(desk: Desk, caller: Drafter, body: requests.StartDraft) -> answers.DraftAnswer:
    """Begin the draft of a deal's invoice, or go on with one's own unfinished one (`resumed`).

    The question ALREADY_INVOICED stands in `questions` where the deal has an invoice, an order or another's draft.
    """
    return _answer(await desk.start(caller, body.deal_id))


@router.get("/drafts")
async def listed(
    desk: Desk,
    caller: Reader,
    deal_id: Annotated[requests.HubSpotId | None, Query()] = None,
    mine: Annotated[bool, Query(description="only one's own")] = False,
    after: After = None,
) -> answers.DraftPage:
    """Unfinished drafts of the tenant, the last changed first."""
    found, following = await desk.listed(caller, deal_id, mine=mine, after=Place.read(after) if after else None)
    return answers.DraftPage(
        drafts=[views.summary(each) for each in found], after=following.written() if following else None
    )


@router.get("/drafts/{draft_id}")
async def opened(desk: Desk, caller: Reader, draft_id: UUID) -> answers.DraftAnswer:
    """The draft with all that was entered, on another day or in another tab too."""
    return _answer(await desk.opened(caller.tenant, draft_id))


@router.delete("/drafts/{draft_id}", status_code=204, response_class=Response)
async def discard(desk: Desk, caller: Drafter, draft_id: UUID, if_match: IfMatch = None) -> None:
    """Put the draft away."""
    await desk.discard(caller.tenant, draft_id, _version(if_match))


@router.put("/drafts/{draft_id}/connection")
async def choose_connection(
    desk: Desk, caller: Drafter, draft_id: UUID, body: requests.ChooseConnection, if_match: IfMatch = None
) -> answers.DraftAnswer:
    """Choose the QuickBooks company (S-15). Customer, items, tax codes and terms of another company go."""
    return _answer(await desk.choose_connection(caller.tenant, draft_id, _version(if_match), body.connection_id))


@router.get("/drafts/{draft_id}/quotes")
async def quotes(desk: Desk, caller: Reader, draft_id: UUID) -> answers.Quotes:
    """The deal's quotes, each usable or with the refusal (S-16, S-20)."""
    found = await desk.quotes(caller.tenant, draft_id)
    return answers.Quotes(quotes=[views.quote_answer(quote, refusal) for quote, refusal in found])


@router.put("/drafts/{draft_id}/source")
async def choose_source(
    desk: Desk, caller: Drafter, draft_id: UUID, body: requests.ChooseSource, if_match: IfMatch = None
) -> answers.DraftAnswer:
    """From a quote or from scratch: its lines and its buyer are matched with QuickBooks' records (S-16, S-17, S-21).

    The source that the draft has keeps what was entered, unless `again` is asked for.
    """
    return _answer(await desk.choose_source(caller.tenant, draft_id, _version(if_match), body))


@router.get("/drafts/{draft_id}/buyers")
async def buyers(desk: Desk, caller: Reader, draft_id: UUID) -> answers.Buyers:
    """Who may be meant, how that was found and how sure it is; what a new customer would be made of (S-17 to S-23)."""
    found = await desk.buyers(caller.tenant, draft_id)
    return views.buyers_answer(found.match, found.proposal, found.refusal)


@router.put("/drafts/{draft_id}/buyer")
async def choose_buyer(
    desk: Desk, caller: Drafter, draft_id: UUID, body: requests.ChooseBuyer, if_match: IfMatch = None
) -> answers.DraftAnswer:
    """Pick a customer (S-18, S-22), or describe a new one (S-19, S-23)."""
    version = _version(if_match)
    if body.new is not None:
        return _answer(await desk.describe_customer(caller.tenant, draft_id, version, body.new))
    if body.customer_id is None:
        raise Refused("INVALID", field="customer_id", problem="give customer_id or new")
    return _answer(await desk.pick_customer(caller.tenant, draft_id, version, body.customer_id))


@router.put("/drafts/{draft_id}/lines")
async def change_lines(
    desk: Desk, caller: Drafter, draft_id: UUID, body: requests.ChangeLines, if_match: IfMatch = None
) -> answers.DraftAnswer:
    """Add products from QuickBooks, edit lines, take lines away, choose tax codes (S-25 to S-29)."""
    return _answer(await desk.change_lines(caller.tenant, draft_id, _version(if_match), body))


@router.put("/drafts/{draft_id}/terms")
async def change_terms(
    desk: Desk, caller: Drafter, draft_id: UUID, body: requests.ChangeTerms, if_match: IfMatch = None
) -> answers.DraftAnswer:
    """Terms, dates, the message to the customer (S-31 to S-34); the due date follows the terms unless it is set."""
    return _answer(await desk.change_terms(caller.tenant, draft_id, _version(if_match), body))


@router.get("/drafts/{draft_id}/review")
async def review(desk: Desk, caller: Reader, draft_id: UUID) -> answers.Review:
    """The invoice as QuickBooks will make it (S-36); refused with the first thing that is wrong."""
    return await desk.review(caller.tenant, draft_id)


@router.post("/drafts/{draft_id}/create", status_code=201, response_model=InvoiceState, responses=STILL_RUNNING)
async def create(
    request: Request,
    desk: Desk,
    caller: Creator,
    draft_id: UUID,
    body: requests.Create | None = None,
    if_match: IfMatch = None,
) -> Any:
    """Create the invoice in QuickBooks (S-38): 201 with the invoice, 202 with the order where that takes longer.

    A second create answers the same order; the draft is locked until it is settled.
    """
    order = await desk.create(caller, draft_id, _version(if_match), body.reason if body and body.another else None)
    return await answer(request, caller.tenant, order, done=201)
