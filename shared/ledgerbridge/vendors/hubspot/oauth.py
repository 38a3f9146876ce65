"""OAuth with HubSpot (hubspot.md 2): the person's page, the code, renewal, introspection, revocation.

Access tokens live 1,800 s; the refresh token has no end and normally stays the same, but what comes back is stored.
"""

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from ledgerbridge.vendors.grants import AppCredentials, Grant, Introspection
from ledgerbridge.vendors.hubspot.client import API
from ledgerbridge.vendors.ports import AccountRef
from ledgerbridge.vendors.token_endpoint import FORM, SECONDS, TokenEndpoint, scopes_of
from ledgerbridge.vendors.versions import LATEST, Api, Versions

AUTHORIZE = "https://app.hubspot.com/oauth/authorize"


class HubSpotOAuth:
    """One app's exchanges with HubSpot's OAuth; `renew` is what the token manager calls."""

    def __init__(
        self,
        app: AppCredentials,
        *,
        api: str = API,
        authorize: str = AUTHORIZE,
        versions: Versions = LATEST,
        seconds: float = SECONDS,
    ) -> None:
        """`authorize` is the page for the person; the other addresses belong to the API."""
        self._app = app
        self._api = api.rstrip("/")
        self._authorize = authorize
        self._versions = versions
        self._endpoint = TokenEndpoint("hubspot", "HubSpot", seconds=seconds)

    async def close(self) -> None:
        """Close the pool."""
        await self._endpoint.close()

    def authorize_url(
        self, redirect_uri: str, state: str, scopes: Sequence[str], optional_scopes: Sequence[str] = ()
    ) -> str:
        """Where a person consents. `scopes` must be the app's required ones; optional ones may silently be dropped."""
        query = {"client_id": self._app.client_id, "redirect_uri": redirect_uri, "scope": " ".join(scopes)}
        if optional_scopes:
            query["optional_scope"] = " ".join(optional_scopes)
        return f"{self._authorize}?{urlencode(query | {'state': state}, quote_via=quote)}"

    async def exchange(self, code: str, redirect_uri: str) -> Grant:
        """Turn the one-time code into a grant; `account_hint` is the portal, where HubSpot tells it."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
        return await self._granted(form, "new")

    async def renew(self, account: AccountRef, refresh_token: str) -> Grant:
        """Turn the refresh token into a new grant; call it once at a time for an account."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return await self._granted(form, account.external_id)

    async def introspect(self, token: str, hint: str = "access_token") -> Introspection:
        """What HubSpot says of a token; a revoked one is not active."""
        form = self._with_app({"token": token, "token_type_hint": hint})
        document = await self._endpoint.post_form(self._url("introspect"), form)
        hub = document.get("hub_id")
        facts = {name: str(document[name]) for name in ("hub_domain", "app_id", "user") if document.get(name)}
        return Introspection(
            active=document.get("active") is True,
            scopes=scopes_of(document),
            account_hint=None if hub is None else str(hub),
            facts=facts,
        )

    async def revoke(self, refresh_token: str) -> None:
        """End a refresh token. Access tokens already given live on for their half hour."""
        form = self._with_app({"token": refresh_token, "token_type_hint": "refresh_token"})
        content = urlencode(form).encode()
        await self._endpoint.send("POST", self._url("revoke"), content, FORM, account="revoked")

    async def _granted(self, form: dict[str, str], account: str) -> Grant:
        document = await self._endpoint.post_form(self._url("token"), self._with_app(form), account=account)
        return self._endpoint.grant(document, account)

    def _with_app(self, form: dict[str, str]) -> dict[str, str]:
        # v3 and later take the app's credentials in the body only.
        return form | {"client_id": self._app.client_id, "client_secret": self._app.client_secret}

    def _url(self, api: Api) -> str:
        return self._api + self._versions.path(api)
