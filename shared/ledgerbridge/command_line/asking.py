"""The calls that commands make to our services over HTTP; httpx belongs to the vendors' seam alone."""

import json
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from ledgerbridge.command_line.client_file import ClientFile, KnownClient
from ledgerbridge.command_line.surroundings import address, home

# Our own services stand behind no proxy that the environment names for the internet.
_OPENER = build_opener(ProxyHandler({}))
ASK_SECONDS = 300.0
"""A replay of a long window answers when it is done."""


class AskingFailedError(Exception):
    """A service refused or did not answer; the text is for a person."""


def client_of(account: str | None) -> KnownClient:
    """Answer this machine's client; `account` chooses among those of several accounts. Raises NotFoundError."""
    return ClientFile(home()).choose(account)


class Asking:
    """One service, asked in a client's name, or with a token that the caller made."""

    def __init__(self, service: str, caller: KnownClient | str) -> None:
        """Ask as this client, or with this token."""
        self._service = service
        self._base = address(service)
        self._caller = caller

    def ask(self, method: str, path: str, body: object | None = None, **query: str | None) -> Any:
        """The JSON answer. Raises AskingFailedError with the service's own sentence and remedy."""
        given = {name: value for name, value in query.items() if value is not None}
        target = f"{path}?{urlencode(given)}" if given else path
        content = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self._token()}", "Content-Type": "application/json"}
        return self._send(Request(self._base + target, content, headers, method=method))  # noqa: S310 - http of ours

    def _token(self) -> str:
        if isinstance(self._caller, str):
            return self._caller
        form = urlencode({"client_id": self._caller.id, "client_secret": self._caller.secret}).encode()
        answer = self._send(Request(f"{self._base}/token", form, method="POST"))  # noqa: S310 - http of ours
        return str(answer["access_token"])

    def _send(self, request: Request) -> Any:
        try:
            with _OPENER.open(request, timeout=ASK_SECONDS) as response:
                raw = response.read()
        except HTTPError as refusal:
            raise AskingFailedError(self._sentence(refusal)) from None
        except (URLError, OSError) as failure:
            reason = getattr(failure, "reason", failure)
            raise AskingFailedError(f"{self._service} does not answer at {self._base}: {reason}.") from None
        return json.loads(raw) if raw else None

    def _sentence(self, refusal: HTTPError) -> str:
        try:
            problem = json.loads(refusal.read())
            return f"{problem['sentence']} {problem['remedy']}".strip()
        except (ValueError, KeyError, TypeError):
            return f"{self._service} answered {refusal.code} without saying why."
