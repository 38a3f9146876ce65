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


class Asking:
    """One service, asked in a client's name."""

    def __init__(self, service: str, account: str | None = None) -> None:
        """`account` chooses among the clients of several accounts. Raises NotFoundError."""
        self._service = service
        self._base = address(service)
        self._client: KnownClient = ClientFile(home()).choose(account)

    def ask(self, method: str, path: str, body: object | None = None, **query: str | None) -> Any:
        """The JSON answer. Raises AskingFailedError with the service's own sentence and remedy."""
        given = {name: value for name, value in query.items() if value is not None}
        target = f"{path}?{urlencode(given)}" if given else path
        content = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self._token()}", "Content-Type": "application/json"}
        return self._send(Request(self._base + target, content, headers, method=method))  # noqa: S310 - http of ours

    def _token(self) -> str:
        form = urlencode({"client_id": self._client.id, "client_secret": self._client.secret}).encode()
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
