"""Orders over HTTP: create, send and void invoices, and settle what needs a person.

A request waits some seconds for the outcome (`create_wait`), then answers 202 with the order.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, Header, Path, Request, Response
from fastapi.responses import JSONResponse
from ledgerbridge.accounts.callers import Caller
from ledgerbridge.contracts.commands import Addressed, CreateInvoice, SendInvoice, VoidInvoice
from ledgerbridge.contracts.invoices import InvoiceState
from ledgerbridge.errors import Refused
from ledgerbridge.service.access import require
from ledgerbridge.service.problems import PROBLEM_ANSWERS, STATUS_OF_CODE, Problem

from invoice_service.invoices import store
from invoice_service.invoices.states import state_of
from invoice_service.order_parts import Orders
from invoice_service.orders.models import DateConfirmed, OrderShown, SendAsked, Settled, VoidAsked
from invoice_service.orders.order import Order, OrderState
from invoice_service.orders.ordering import Asking

STILL_RUNNING: dict[int | str, dict[str, Any]] = {
    202: {"model": OrderShown, "description": "Not settled yet: ask for the order again"},
    **PROBLEM_ANSWERS,
}
router = APIRouter(tags=["orders"], responses=PROBLEM_ANSWERS)

Creator = Annotated[Caller, Depends(require("invoices:create"))]
Sender = Annotated[Caller, Depends(require("invoices:send"))]
Voider = Annotated[Caller, Depends(require("invoices:void"))]
Reader = Annotated[Caller, Depends(require("records:read"))]
OrderId = Annotated[UUID, Path(description="the order's id")]
InvoiceId = Annotated[UUID, Path(description="our id of the invoice")]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="the same key and body answer the same order; kept 90 days",
    ),
]


def orders_of(request: Request) -> Orders:
    """What handles orders in the running service."""
    orders: Orders = request.app.state.service.orders
    return orders


@router.post("/invoices", status_code=201, response_model=InvoiceState, responses=STILL_RUNNING)
async def create(request: Request, caller: Creator, command: CreateInvoice, key: Key = None) -> Any:
    """Create an invoice from a deal, a quote, or a given buyer and lines (S-38)."""
    return await _ordered(request, caller, command, key, done=201)


@router.post("/invoices/{invoice_id}/send", response_model=InvoiceState, responses=STILL_RUNNING)
async def send(request: Request, caller: Sender, invoice_id: InvoiceId, asked: SendAsked, key: Key = None) -> Any:
    """Let QuickBooks mail the invoice to the customer."""
    return await _ordered(request, caller, SendInvoice(invoice_id=str(invoice_id), to=asked.to), key)


@router.post("/invoices/{invoice_id}/void", response_model=InvoiceState, responses=STILL_RUNNING)
async def void(request: Request, caller: Voider, invoice_id: InvoiceId, asked: VoidAsked, key: Key = None) -> Any:
    """Void the invoice in QuickBooks; it keeps its number, its amounts become zero (B-10)."""
    return await _ordered(request, caller, VoidInvoice(invoice_id=str(invoice_id), reason=asked.reason), key)


@router.get("/orders/{order_id}")
async def order(request: Request, caller: Reader, order_id: OrderId) -> OrderShown:
    """An order as it stands."""
    return OrderShown.of(await orders_of(request).ordering.read(caller.tenant, order_id))


@router.post("/orders/{order_id}/confirm", response_model=InvoiceState, status_code=201, responses=STILL_RUNNING)
async def confirm(request: Request, caller: Creator, order_id: OrderId, asked: DateConfirmed) -> Any:
    """Confirm the invoice date of a create that waited more than a day or past the end of a month."""
    orders = orders_of(request)
    waiting = await orders.ordering.read(caller.tenant, order_id)
    if waiting.state is not OrderState.CONFIRM:
        raise Refused("INVALID", field="order_id", problem="the order does not wait for a confirmation")
    content = {**waiting.content, "invoice_date": asked.invoice_date.isoformat()}
    again = replace(waiting, content=content).again(orders.clock.now())
    async with orders.database.tenant(caller.tenant) as tx:
        await orders.ordering.save_and_mark(tx, caller.tenant, again)
    return await answer(request, caller.tenant, again, done=201)


@router.post("/orders/{order_id}/settle", response_model=InvoiceState, status_code=201, responses=STILL_RUNNING)
async def settle(request: Request, caller: Creator, order_id: OrderId, asked: Settled) -> Any:
    """Say what became of an order in doubt; with no invoice it is tried anew."""
    orders = orders_of(request)
    doubtful = await orders.ordering.read(caller.tenant, order_id)
    if doubtful.state is not OrderState.DOUBTFUL:
        raise Refused("INVALID", field="order_id", problem="the order is not in doubt")
    if doubtful.kind == "send":
        caller.require("invoices:send")
    if asked.quickbooks_id is None:
        again = doubtful.again(orders.clock.now())
    else:
        content = {**doubtful.content, "settled_with": asked.quickbooks_id}
        again = replace(doubtful, content=content, state=OrderState.RUNNING)
    async with orders.database.tenant(caller.tenant) as tx:
        await orders.ordering.save_and_mark(tx, caller.tenant, again)
    return await answer(request, caller.tenant, again, done=201)


async def _ordered(request: Request, caller: Caller, command: Addressed, key: str | None, *, done: int = 200) -> Any:
    key = key or str(uuid4())
    asking = Asking(tenant_id=caller.tenant, actor=caller.name, source=f"http:{caller.id}", key=key, command_id=key)
    return await answer(request, caller.tenant, await orders_of(request).ordering.order(asking, command), done=done)


async def answer(request: Request, tenant_id: int, order: Order, *, done: int = 200) -> Response | InvoiceState:
    """The order's outcome: the invoice (`done`), why it failed, or 202 with the order where that takes longer."""
    orders = orders_of(request)
    settled = await orders.ordering.outcome(tenant_id, order.order_id, orders.wait_seconds)
    if settled.state is OrderState.FAILED:
        return _failure(settled)
    if settled.state is not OrderState.DONE:
        return JSONResponse(OrderShown.of(settled).model_dump(mode="json"), status_code=202)
    invoice_id = str(settled.invoice_id)
    async with orders.database.tenant(tenant_id) as tx:
        state = state_of((await store.by_ids(tx, [invoice_id]))[invoice_id].known, orders.addresses)
    return JSONResponse(state.model_dump(mode="json"), status_code=done)


def _failure(order: Order) -> JSONResponse:
    details: Mapping[str, Any] = {"order_id": str(order.order_id)}
    problem = Problem(
        code=order.code or "UNEXPECTED",
        sentence=order.reason or "",
        remedy=order.remedy or "",
        field=order.field,
        details=dict(details),
    )
    return JSONResponse(problem.model_dump(), status_code=STATUS_OF_CODE.get(problem.code, 422))
