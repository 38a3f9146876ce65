"""How an error leaves a service over HTTP: one shape, declared in every OpenAPI document."""

from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from ledgerbridge.errors import LedgerbridgeError, Paused, Permanent, ReconnectNeeded, Refused, Throttled
from ledgerbridge.storage.outages import DATABASE_ERRORS, database_away

log = structlog.get_logger(__name__)

STATUS_OF_CODE = {
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "ALREADY_INVOICED": 409,
    "AMBIGUOUS_CUSTOMER": 409,
    "DRAFT_LOCKED": 409,
    "IDEMPOTENCY_CONFLICT": 409,
    "ORDER_RUNNING": 409,
    "OTHER_DEAL": 409,
    "STALE": 409,
    "INVALID": 422,
    "BAD_SIGNATURE": 401,
    "TOO_LARGE": 413,
}


class Problem(BaseModel):
    """Why something was refused, and what to do."""

    code: str = Field(description="a code of docs/errors.md")
    sentence: str = Field(description="what is wrong, for a person")
    remedy: str = Field(description="what to do about it")
    field: str | None = Field(default=None, description="the field that is wrong, as a path")
    details: dict[str, Any] = Field(default_factory=dict, description="facts behind the sentence")


PROBLEM_ANSWERS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": description}
    for status, description in (
        (400, "The request cannot be read"),
        (401, "No valid token"),
        (403, "The caller may not do this"),
        (404, "Not found"),
        (409, "Refused because of what already is"),
        (422, "A field is wrong, or a business rule refuses"),
        (503, "Waiting for a vendor, the database or the broker"),
    )
}


def status_of(error: LedgerbridgeError) -> int:
    """The HTTP status of an error."""
    if error.code in STATUS_OF_CODE:
        return STATUS_OF_CODE[error.code]
    if isinstance(error, Refused | Permanent):
        return 422
    if isinstance(error, ReconnectNeeded | Paused):
        return 409
    return 503


def answer(error: LedgerbridgeError) -> JSONResponse:
    """The error as a response."""
    problem = Problem(
        code=error.code,
        sentence=error.sentence,
        remedy=error.remedy,
        field=error.field,
        details=jsonable_encoder(error.details),
    )
    headers = {"Retry-After": str(int(error.retry_after) + 1)} if isinstance(error, Throttled) else None
    return JSONResponse(problem.model_dump(), status_code=status_of(error), headers=headers)


def unexpected(error: Exception) -> JSONResponse:
    """What no code foresaw. Whoever answers it logs the error itself; its text may hold what the caller sent."""
    response = answer(LedgerbridgeError("UNEXPECTED", cause=type(error).__name__))
    response.status_code = 500
    return response


def install(app: FastAPI) -> None:
    """Answer every error of this app in this shape."""

    async def on_ledgerbridge_error(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, LedgerbridgeError)
        return answer(error)

    async def on_invalid_request(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"][1:]) or "body"
        unreadable = first["type"] in {"json_invalid", "json_type"}
        problem = Refused("INVALID", field=field, problem=first["msg"])
        problem.sentence = f"{field}: {first['msg']}."
        response = answer(problem)
        response.status_code = 400 if unreadable else 422
        return response

    async def on_http_error(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        code = {401: "UNAUTHENTICATED", 403: "FORBIDDEN", 404: "NOT_FOUND"}.get(error.status_code, "INVALID")
        response = answer(LedgerbridgeError(code, what="The address", field=None, problem=str(error.detail)))
        response.status_code = error.status_code
        if error.headers:
            response.headers.update(error.headers)
        return response

    async def on_storage_away(_request: Request, error: Exception) -> JSONResponse:
        if not database_away(error):
            raise error
        log.warning("request.storage_away", cause=type(error).__name__)
        return answer(Throttled("STORAGE_AWAY", retry_after=1))

    async def on_unexpected(_request: Request, error: Exception) -> JSONResponse:
        return unexpected(error)

    for away in DATABASE_ERRORS:
        app.add_exception_handler(away, on_storage_away)
    app.add_exception_handler(Exception, on_unexpected)
    app.add_exception_handler(LedgerbridgeError, on_ledgerbridge_error)
    app.add_exception_handler(RequestValidationError, on_invalid_request)
    app.add_exception_handler(HTTPException, on_http_error)
