"""Who may use a service's endpoints: a bearer token of ours with the right scope.

Every service also gives tokens: `POST /token` exchanges a client's secret for a five-minute token. Only webhooks,
OAuth callbacks and the health routes are open.
"""

import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from ledgerbridge.accounts.callers import TOKEN_LIFE, Caller, Callers
from ledgerbridge.errors import Refused
from ledgerbridge.service.problems import PROBLEM_ANSWERS

bearer = HTTPBearer(auto_error=False, description="a five-minute token from POST /token")


class Token(BaseModel):
    """A signed token and the seconds it lives."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 - the type's name
    expires_in: int = int(TOKEN_LIFE.total_seconds())


class Access:
    """The door-keeper of a service."""

    def __init__(self, callers: Callers) -> None:
        """`callers` verifies and gives tokens."""
        self.callers = callers

    async def by_token(self, token: str) -> Caller:
        """Who calls. Raises Refused (UNAUTHENTICATED)."""
        return await self.callers.verify(token)

    async def by_basic(self, header: str) -> Caller:
        """Who calls with a client's id and secret, as a browser asks for them. Raises Refused (UNAUTHENTICATED)."""
        try:
            plain = base64.b64decode(header.removeprefix("Basic "), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise Refused("UNAUTHENTICATED") from None
        identity, _colon, secret = plain.partition(":")
        return await self.by_token(await self.give(identity, secret))

    async def give(self, client_id: str, secret: str) -> str:
        """A token for a client's secret. Raises Refused (UNAUTHENTICATED)."""
        if "\x00" in client_id or "\x00" in secret:
            raise Refused("UNAUTHENTICATED")
        return await self.callers.issue_token(client_id, secret)


def require(scope: str) -> Callable[..., Awaitable[Caller]]:
    """A dependency that answers the caller, or refuses one without a token (401) or without the scope (403)."""

    async def caller(
        request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
    ) -> Caller:
        if credentials is None:
            raise Refused("UNAUTHENTICATED")
        known = await access_of(request).by_token(credentials.credentials)
        known.require(scope)
        return known

    return caller


def access_of(request: Request) -> Access:
    """The door-keeper of the running service."""
    access: Access = request.app.state.access
    return access


def token_routes() -> APIRouter:
    """`POST /token` of every service."""
    router = APIRouter(tags=["tokens"])

    @router.post("/token", responses={status: PROBLEM_ANSWERS[status] for status in (400, 401, 422)})
    async def token(
        request: Request,
        client_id: Annotated[str, Form(max_length=100)],
        client_secret: Annotated[str, Form(max_length=200)],
    ) -> Token:
        """Exchange a client's id and secret for a token."""
        return Token(access_token=await access_of(request).give(client_id, client_secret))

    return router
