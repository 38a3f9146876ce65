"""Our services over HTTP, asked with a client's five-minute token."""

from dataclasses import dataclass
from typing import Any

import httpx
from ledgerbridge.command_line.client_file import KnownClient

from tests.house.sandbox import decode


@dataclass(frozen=True)
class Answered:
    """Status and JSON (amounts as Decimal) of an answer."""

    status: int
    data: Any


class ServiceHands:
    """One service, asked in one client's name; a token that has expired is renewed."""

    def __init__(self, address: str, client: KnownClient) -> None:
        """Nothing is asked yet."""
        self.address = address
        self._client = client
        self._token: str | None = None
        self._http = httpx.Client(base_url=address, timeout=30, trust_env=False)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def ask(
        self,
        method: str,
        path: str,
        body: object | None = None,
        headers: dict[str, str] | None = None,
        /,
        **query: str,
    ) -> Answered:
        """The answer, whatever its status is."""
        answer = self._send(method, path, body, headers or {}, query)
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            self._token = None
            answer = self._send(method, path, body, headers or {}, query)
        is_json = "json" in answer.headers.get("content-type", "")
        return Answered(answer.status_code, decode(answer.content) if is_json and answer.content else answer.text)

    def _send(
        self, method: str, path: str, body: object | None, headers: dict[str, str], query: dict[str, str]
    ) -> httpx.Response:
        if self._token is None:
            form = {"client_id": self._client.id, "client_secret": self._client.secret}
            given = self._http.post("/token", data=form)
            given.raise_for_status()
            self._token = str(given.json()["access_token"])
        own = {"Authorization": f"Bearer {self._token}", **headers}
        return self._http.request(method, path, json=body, headers=own, params=query or None)
