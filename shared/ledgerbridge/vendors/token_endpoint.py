"""Token endpoints of OAuth 2, as both vendors speak it (RFC 6749 5; hubspot.md 2, quickbooks.md 1).

A token is exchanged by one request that is never repeated here: renewing rotates the refresh token, and two renewals of
one token can end the connection. Nothing is answered unless it is whole; no error shows a token, a code or a secret.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from ledgerbridge.errors import LedgerbridgeError, Permanent, ReconnectNeeded, Throttled, Transient, Uncertain
from ledgerbridge.vendors.audit import OBSERVERS, Exchange, Observer
from ledgerbridge.vendors.documents import Document, read_document
from ledgerbridge.vendors.grants import Grant
from ledgerbridge.vendors.http import AnswerLost, NotSent, Wire
from ledgerbridge.vendors.ports import Answer
from ledgerbridge.vendors.refusals import retry_after

FORM = "application/x-www-form-urlencoded"
SECONDS = 15.0
LARGEST = 256 * 1024

_GRANT_GONE = {"invalid_grant", "BAD_REFRESH_TOKEN", "BAD_HUB", "BAD_AUTH_CODE", "access_denied", "BAD_CODE_VERIFIER"}
_APP_REFUSED = {"invalid_client", "unauthorized_client", "BAD_CLIENT_ID", "BAD_CLIENT_SECRET"}
_SETTING_REFUSED = {
    "BAD_REDIRECT_URI": "redirect address",
    "redirect_uri_mismatch": "redirect address",
    "BAD_SCOPES": "scopes",
    "invalid_scope": "scopes",
}


class TokenEndpoint:
    """Posts forms to the vendor's OAuth addresses and says what the answers mean."""

    def __init__(
        self,
        vendor: str,
        display_name: str,
        *,
        seconds: float = SECONDS,
        observers: Sequence[Observer] = OBSERVERS,
    ) -> None:
        """`seconds` bounds one exchange."""
        self._wire = Wire("", largest=LARGEST, connections=10)
        self._vendor = vendor
        self._display_name = display_name
        self._seconds = seconds
        self._observers = observers

    async def close(self) -> None:
        """Close the pool."""
        await self._wire.close()

    async def post_form(
        self, url: str, form: Mapping[str, str], *, account: str = "new", headers: Mapping[str, str] | None = None
    ) -> Document:
        """Post a form whose answer must not be lost.

        Raises ReconnectNeeded (the grant or code is refused), Permanent ``APP_CREDENTIALS`` or ``APP_SETTINGS``,
        Throttled, Transient (certainly or probably nothing was done), Uncertain (the answer was lost).
        """
        content = urlencode(form).encode()
        answer = await self.send("POST", url, content, FORM, account=account, headers=headers)
        try:
            document = read_document(answer.body)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise self._lost(account)
        return document

    async def send(
        self,
        method: str,
        url: str,
        content: bytes | None,
        content_type: str,
        *,
        account: str,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request, audited; raises unless the answer is 2xx."""
        started_at, started = time.time(), time.perf_counter()
        status: int | None = None
        outcome = "done"
        all_headers = {"Accept": "application/json", "Content-Type": content_type, **(headers or {})}
        try:
            answer = await self._wire.send(method, url, headers=all_headers, content=content, seconds=self._seconds)
            status = answer.status
            if not 200 <= status < 300:  # noqa: PLR2004
                raise self._refusal(answer, account)
        except NotSent as error:
            outcome = "NotSent"
            cause = f"not connected: {error}"
            raise Transient("VENDOR_UNAVAILABLE", vendor=self._display_name, cause=cause) from None
        except AnswerLost:
            outcome = "AnswerLost"
            raise self._lost(account) from None
        except LedgerbridgeError as error:
            outcome = error.code
            raise
        else:
            return answer
        finally:
            self._observe(
                Exchange(
                    vendor=self._vendor,
                    account_id=None,
                    method=method,
                    route=urlsplit(url).path,
                    attempt=1,
                    status=status,
                    outcome=outcome,
                    milliseconds=(time.perf_counter() - started) * 1000,
                    started_at=started_at,
                    reference=None,
                    lane="live",
                )
            )

    def grant(self, document: Document, account: str) -> Grant:
        """The grant of an answer; Uncertain where it is not whole, since the old token may be dead by now."""
        try:
            return grant_of(document)
        except (KeyError, TypeError, ValueError):
            raise self._lost(account) from None

    def _observe(self, exchange: Exchange) -> None:
        for observe in self._observers:
            observe(exchange)

    def _lost(self, account: str) -> Uncertain:
        return Uncertain("GRANT_UNCERTAIN", vendor=self._display_name, account=account)

    def _refusal(self, answer: Answer, account: str) -> LedgerbridgeError:
        vendor, status = self._display_name, answer.status
        if status == 429:  # noqa: PLR2004
            return Throttled("VENDOR_THROTTLED", retry_after=retry_after(answer.headers, 60.0), vendor=vendor)
        if status >= 500 or status in {408, 423, 477}:  # noqa: PLR2004
            return Transient("VENDOR_UNAVAILABLE", vendor=vendor, cause=f"HTTP {status}")
        if status < 400:  # noqa: PLR2004
            return Transient("VENDOR_ANSWER", vendor=vendor, cause=f"HTTP {status}, which leads elsewhere")
        return self._definite(status, _codes(answer), account)

    def _definite(self, status: int, codes: set[str], account: str) -> LedgerbridgeError:
        vendor = self._display_name
        if settings := codes & _SETTING_REFUSED.keys():
            return Permanent("APP_SETTINGS", vendor=vendor, what=_SETTING_REFUSED[min(settings)])
        if status == 401 or codes & _APP_REFUSED:  # noqa: PLR2004
            return Permanent("APP_CREDENTIALS", vendor=vendor)
        if codes & _GRANT_GONE:
            cause = "the permission is invalid, expired or revoked"
            return ReconnectNeeded("RECONNECT_NEEDED", vendor=vendor, account=account, cause=cause)
        # The description could repeat what was sent, so only the vendor's code is told.
        known = ", ".join(sorted(codes)) or status
        return Permanent("VENDOR_REFUSED", vendor=vendor, message=f"HTTP {status}", vendor_code=known)


def _codes(answer: Answer) -> set[str]:
    """The machine words of a refusal: OAuth's `error` and HubSpot's `status`; nothing that is no such word."""
    try:
        document = read_document(answer.body)
    except ValueError:
        return set()
    if not isinstance(document, dict):
        return set()
    words = (document.get("error"), document.get("status"))
    return {word for word in words if isinstance(word, str) and len(word) <= 40 and word.replace("_", "").isalpha()}  # noqa: PLR2004


def grant_of(document: Document) -> Grant:
    """Read a grant; raises where something is missing or not what it should be."""
    hub = document.get("hub_id")
    ends = document.get("x_refresh_token_expires_in")
    return Grant(
        access_token=_token(document["access_token"]),
        refresh_token=_token(document["refresh_token"]),
        expires_in=_seconds(document["expires_in"]),
        refresh_expires_in=None if ends is None else _seconds(ends),
        scopes=scopes_of(document),
        account_hint=None if hub is None else str(hub),
    )


def scopes_of(document: Document) -> tuple[str, ...]:
    """The scopes, from HubSpot's list or from OAuth's text; none where neither is told."""
    scopes = document.get("scopes")
    if isinstance(scopes, list):
        return tuple(str(one) for one in scopes)
    text = document.get("scope")
    return tuple(text.split()) if isinstance(text, str) else ()


def _token(value: Any) -> str:
    if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError("not a token")
    return value


def _seconds(value: Any) -> int:
    seconds = int(value)
    if seconds <= 0:
        raise ValueError("a life of no seconds")
    return seconds
