"""What the control door's handlers for QuickBooks share: who and what is meant, what was sent, how it is answered."""

from collections.abc import Callable
from http import HTTPStatus

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from ledgerbridge_sandbox.control import RefusedError
from ledgerbridge_sandbox.quickbooks.companies import QuickBooks
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.faults import Fault
from ledgerbridge_sandbox.quickbooks.kinds import Kind
from ledgerbridge_sandbox.quickbooks.money import Record, decode_record, encode
from ledgerbridge_sandbox.quickbooks.schema import kind_called


def company_meant(quickbooks: QuickBooks, request: Request) -> Company:
    """The company that the address names; raises RefusedError (404)."""
    company = quickbooks.companies.get(request.path_params["realm"])
    if company is None:
        raise RefusedError(HTTPStatus.NOT_FOUND, "There is no such company")
    return company


def kind_meant(request: Request) -> Kind:
    """The kind of object that the address names; raises RefusedError (404)."""
    kind = kind_called(request.path_params["entity"])
    if kind is None:
        raise RefusedError(HTTPStatus.NOT_FOUND, "QuickBooks has no such kind of object here")
    return kind


async def given_in(request: Request) -> Record:
    """The body, nothing where there is none; raises RefusedError (400) for what is no JSON object."""
    raw = await request.body()
    try:
        return decode_record(raw) if raw else {}
    except Fault as fault:
        raise RefusedError(HTTPStatus.BAD_REQUEST, str(fault)) from fault


def told(body: bytes, status: int = HTTPStatus.OK) -> Response:
    """JSON as it stands."""
    return Response(body, status, media_type="application/json")


def done(work: Callable[[], Record]) -> Response:
    """What the work answers, or the fault by which QuickBooks refuses it."""
    try:
        return told(encode(work()))
    except Fault as fault:
        return told(msgspec.json.encode({"Fault": fault.document()}), fault.status)
