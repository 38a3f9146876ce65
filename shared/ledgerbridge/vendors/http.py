"""One request to a vendor's host and one answer, bounded in time and size. httpx is imported here and nowhere else."""

import asyncio
import ssl
import sys
from collections.abc import Mapping
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from ledgerbridge.vendors.ports import Answer

# httpcore looks for this optional package several times a request, and where it is missing Python searches its whole
# path each time (0.05 ms, measured). Named as missing it is found missing at once.
sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type]

LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes. A page of 1,000 invoices has 3 to 10 MB; more than this is not an answer to any question of ours."""


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates that we trust, loaded once for all pools: more than a megabyte and 30 ms each."""
    return httpx.create_ssl_context(trust_env=False)


class NotSent(Exception):
    """No connection: the vendor has certainly not seen the request."""


class AnswerLost(Exception):
    """The request may have arrived, but no whole answer came back."""


class Wire:
    """One connection pool to one host. Follows no redirect, reads no environment, bounds what it reads."""

    def __init__(self, base_url: str, *, largest: int = LARGEST_ANSWER, connections: int = 100) -> None:
        """`base_url` has scheme and host, without a slash at the end."""
        self._base_url = base_url.rstrip("/")
        self._largest = largest
        # Intuit and HubSpot close idle connections; ours are given up first, so that few writes meet a closed one.
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=20, keepalive_expiry=4)
        # One pool serves all tenants: a cookie that one of them was given must never come with another's call.
        no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        self._client = httpx.AsyncClient(
            follow_redirects=False,
            trust_env=False,
            verify=_trusted(),
            limits=limits,
            cookies=no_cookies,
            headers={"User-Agent": "Ledgerbridge"},
        )

    async def send(
        self, method: str, target: str, *, headers: Mapping[str, str], content: bytes | None, seconds: float
    ) -> Answer:
        """One request, one answer within `seconds`; raises NotSent or AnswerLost, and nothing that shows a header."""
        started = False
        try:
            request = self._client.build_request(
                method, self._base_url + target, headers=dict(headers), content=content
            )
        except (httpx.InvalidURL, ValueError) as error:
            raise NotSent(type(error).__name__) from None
        # A connection that is not there after 5 s is not coming, and ends before `seconds` do: certainly not sent.
        request.extensions["timeout"] = {"connect": min(5.0, seconds * 0.9), "pool": seconds * 0.9}
        try:
            async with asyncio.timeout(seconds):
                response = await self._client.send(request, stream=True)
                started = True
                try:
                    return Answer(response.status_code, response.headers, await self._body(response))
                finally:
                    await response.aclose()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.LocalProtocolError) as error:
            raise NotSent(type(error).__name__) from None
        except TimeoutError:
            cause = "the answer did not end" if started else "no answer in time"
            raise AnswerLost(cause) from None
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise AnswerLost(type(error).__name__) from None

    async def _body(self, response: httpx.Response) -> bytes:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > self._largest:
                raise httpx.DecodingError("the answer is too large")
        return bytes(body)

    async def close(self) -> None:
        """Close the pool."""
        await self._client.aclose()
