"""OAuth with Intuit (quickbooks.md 1): discovery, the person's page, the code, renewal, revocation.

Access tokens live 3,600 s. The refresh token rolls for 100 days, and its value changes about every 24 hours: the old
one is dead from that answer on, and two renewals of one value at once can end the connection. The realm is told in the
redirect only; it is verified by a CompanyInfo read with the new token.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from ledgerbridge.errors import Transient
from ledgerbridge.vendors.documents import read_document, write_document
from ledgerbridge.vendors.grants import AppCredentials, Grant
from ledgerbridge.vendors.ports import AccountRef
from ledgerbridge.vendors.token_endpoint import SECONDS, TokenEndpoint

DISCOVERY = "https://developer.api.intuit.com/.well-known/openid_configuration"
DISCOVERY_SANDBOX = "https://developer.api.intuit.com/.well-known/openid_sandbox_configuration"
ACCOUNTING = "com.intuit.quickbooks.accounting"


@dataclass(frozen=True, slots=True)
class Endpoints:
    """Where Intuit's OAuth lives; the defaults are what its discovery document says."""

    authorize: str = "https://appcenter.intuit.com/connect/oauth2"
    token: str = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"  # noqa: S105
    revoke: str = "https://developer.api.intuit.com/v2/oauth2/tokens/revoke"


async def discover(url: str = DISCOVERY, *, seconds: float = SECONDS) -> Endpoints:
    """Read the discovery document. Its addresses get our secrets, so they must be Intuit's or the document's own host.

    Raises Transient where it cannot be read or leads elsewhere.
    """
    endpoint = TokenEndpoint("quickbooks", "Intuit", seconds=seconds)
    try:
        answer = await endpoint.send("GET", url, None, "application/json", account="discovery")
        document = read_document(answer.body)
        names = ("authorization_endpoint", "token_endpoint", "revocation_endpoint")
        return Endpoints(*(_trusted(document[name], url) for name in names))
    except (KeyError, TypeError, ValueError) as error:
        cause = f"the discovery document: {type(error).__name__}"
        raise Transient("VENDOR_ANSWER", vendor="Intuit", cause=cause) from None
    finally:
        await endpoint.close()


def _trusted(address: str, document_address: str) -> str:
    parts, home = urlsplit(address), urlsplit(document_address)
    at_home = (parts.scheme, parts.hostname, parts.port) == (home.scheme, home.hostname, home.port)
    at_intuit = parts.scheme == "https" and (parts.hostname or "").endswith(".intuit.com")
    if not (at_home or at_intuit):
        raise ValueError("an address of somebody else")
    return address


class QuickBooksOAuth:
    """One app's exchanges with Intuit's OAuth; `renew` is what the token manager calls."""

    def __init__(self, app: AppCredentials, endpoints: Endpoints | None = None, *, seconds: float = SECONDS) -> None:
        """The default addresses are Intuit's; `discover` reads them anew."""
        self._app = app
        self._endpoints = endpoints or Endpoints()
        self._endpoint = TokenEndpoint("quickbooks", "QuickBooks", seconds=seconds)

    async def close(self) -> None:
        """Close the pool."""
        await self._endpoint.close()

    def authorize_url(self, redirect_uri: str, state: str, scopes: Sequence[str] = (ACCOUNTING,)) -> str:
        """Where a person consents and chooses the company."""
        query = {
            "client_id": self._app.client_id,
            "scope": " ".join(scopes),
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "state": state,
        }
        return f"{self._endpoints.authorize}?{urlencode(query, quote_via=quote)}"

    async def exchange(self, code: str, redirect_uri: str) -> Grant:
        """Turn the one-time code into a grant; sent exactly once."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        return await self._granted(form, "new")

    async def renew(self, account: AccountRef, refresh_token: str) -> Grant:
        """Turn the refresh token into a new grant; never twice at once."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return await self._granted(form, account.external_id)

    async def revoke(self, token: str) -> None:
        """End this app's access to the whole company, every grant of it."""
        content = write_document({"token": token})
        headers = self._authorization()
        await self._endpoint.send(
            "POST", self._endpoints.revoke, content, "application/json", account="revoked", headers=headers
        )

    async def _granted(self, form: dict[str, str], account: str) -> Grant:
        document = await self._endpoint.post_form(
            self._endpoints.token, form, account=account, headers=self._authorization()
        )
        return self._endpoint.grant(document, account)

    def _authorization(self) -> dict[str, str]:
        both = f"{self._app.client_id}:{self._app.client_secret}".encode()
        return {"Authorization": "Basic " + base64.b64encode(both).decode()}
