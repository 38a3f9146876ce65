"""Intuit's OAuth addresses: discovery, the consent page, tokens, revocation (quickbooks.md 1)."""

import base64
import binascii
import html
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.companies import QuickBooks
from ledgerbridge_sandbox.quickbooks.grants import APP, APP_SECRET, InvalidGrantError
from ledgerbridge_sandbox.quickbooks.identity import ISSUER, SCOPES, key_set

AUTHORIZE, TOKENS, REVOKE = "/connect/oauth2", "/oauth2/v1/tokens/bearer", "/v2/oauth2/tokens/revoke"
KEYS, USER = "/op/v1/jwks", "/v1/openid_connect/userinfo"
_DISCOVERY = ("/.well-known/openid_configuration", "/.well-known/openid_sandbox_configuration")
_SCOPE = "com.intuit.quickbooks.accounting"
_FAMILIES = ("com.intuit.quickbooks.", "app-foundations.")
_NEEDED = ("client_id", "scope", "redirect_uri", "response_type", "state")
_PAGE = """<!doctype html><html lang="en"><title>Connect to QuickBooks (sandbox)</title>
<h1>Ledgerbridge asks for access to your company</h1>
<form method="post" action="{action}">{hidden}{choices}
<button name="decision" value="allow">Connect</button>
<button name="decision" value="deny">No thanks</button></form></html>"""


def _json(content: object, status: int = HTTPStatus.OK) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")


class OAuthPages:
    """Handlers over the consents of the sandbox's QuickBooks."""

    def __init__(self, quickbooks: QuickBooks) -> None:
        self._quickbooks = quickbooks

    def application(self) -> Starlette:
        """All of them as one application."""
        discovery = [Route(path, self.discovery) for path in _DISCOVERY]
        pages = Starlette(
            routes=[
                *discovery,
                Route(AUTHORIZE, self.consent_page, methods=["GET"]),
                Route(AUTHORIZE, self.consent, methods=["POST"]),
                Route(TOKENS, self.tokens, methods=["POST"]),
                Route(REVOKE, self.revoke, methods=["POST"]),
                Route(KEYS, self.keys, methods=["GET"]),
                Route(USER, self.user, methods=["GET"]),
            ],
            exception_handlers={HTTPException: _refused},
        )
        pages.router.redirect_slashes = False
        return pages

    async def discovery(self, request: Request) -> Response:
        """Where everything is; as in the recording, with this sandbox's own addresses."""
        base = f"{request.url.scheme}://{request.url.netloc}"
        return _json(
            {
                "issuer": ISSUER,
                "authorization_endpoint": base + AUTHORIZE,
                "token_endpoint": base + TOKENS,
                "userinfo_endpoint": base + USER,
                "revocation_endpoint": base + REVOKE,
                "jwks_uri": base + KEYS,
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "scopes_supported": ["openid", "email", "profile", "address", "phone"],
                "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
                "claims_supported": ["aud", "exp", "iat", "iss", "realmid", "sub"],
            }
        )

    async def consent_page(self, request: Request) -> Response:
        """The page on which a person chooses a company and consents; a plain form, so that scripts can post it."""
        asked = dict(request.query_params)
        problem = self._problem(asked)
        if problem:
            return HTMLResponse(f"<h1>Sorry, that did not work</h1><p>{html.escape(problem)}</p>", 400)
        hidden = "".join(
            f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
            for name, value in asked.items()
        )
        choices = "".join(
            f'<label><input type="radio" name="realmId" value="{realm}"> {html.escape(company.profile.name)}</label>'
            for realm, company in self._quickbooks.companies.items()
        )
        return HTMLResponse(_PAGE.format(action=AUTHORIZE, hidden=hidden, choices=choices))

    async def consent(self, request: Request) -> Response:
        """What the page's form posts: `realmId` and `decision` beside what the app asked."""
        given = dict(parse_qsl(await _text(request), keep_blank_values=True))
        problem = self._problem(given)
        if problem:
            return HTMLResponse(f"<p>{html.escape(problem)}</p>", 400)
        return RedirectResponse(self.decided(given), 302)

    def decided(self, given: Mapping[str, str]) -> str:
        """Where the browser goes after the decision: the redirect with code and realm, or with access_denied."""
        if given.get("decision") != "allow" or given.get("realmId") not in self._quickbooks.companies:
            answer = {"error": "access_denied", "state": given["state"]}
        else:
            code = self._quickbooks.grants.consent(
                given["realmId"], given["redirect_uri"], frozenset(given["scope"].split())
            )
            answer = {"code": code, "state": given["state"], "realmId": given["realmId"]}
        mark = "&" if urlsplit(given["redirect_uri"]).query else "?"
        return f"{given['redirect_uri']}{mark}{urlencode(answer)}"

    def authorize(self, realm: str, url: str) -> str:
        """Open the authorize address as a browser would and consent for `realm`; raises ValueError with the reason."""
        asked = dict(parse_qsl(urlsplit(url).query))
        problem = self._problem(asked)
        if problem:
            raise ValueError(problem)
        return self.decided({**asked, "realmId": realm, "decision": "allow"})

    def _problem(self, asked: Mapping[str, str]) -> str | None:
        missing = [name for name in _NEEDED if not asked.get(name)]
        if missing:
            return f"Missing: {', '.join(missing)}"
        if asked["client_id"] != APP:
            return "Unknown client_id"
        scopes = asked["scope"].split()
        if _SCOPE not in scopes or not all(scope in SCOPES or scope.startswith(_FAMILIES) for scope in scopes):
            return "Unknown scope"
        registered = self._quickbooks.redirects()
        if registered and asked["redirect_uri"] not in registered:
            return "The redirect_uri query parameter value is invalid"
        return None if asked["response_type"] == "code" else "response_type must be code"

    async def tokens(self, request: Request) -> Response:
        """Exchange of a code, and refresh."""
        form = dict(parse_qsl(await _text(request)))
        if not _is_app(request, form):
            return _json({"error": "invalid_client"}, HTTPStatus.UNAUTHORIZED)
        try:
            answer = self._granted(form)
        except InvalidGrantError as refused:
            described = {"error_description": refused.description} if refused.description else {}
            return _json({"error": "invalid_grant", **described}, HTTPStatus.BAD_REQUEST)
        if answer is None:
            return _json({"error": "unsupported_grant_type"}, HTTPStatus.BAD_REQUEST)
        if request.headers.get("x-include-refresh-token-hard-expires-in") == "true":
            hard = self._quickbooks.grants.hard_seconds(str(answer["access_token"]))
            answer["x_refresh_token_hard_expires_in"] = hard
        return _json(answer)

    def _granted(self, form: Mapping[str, str]) -> dict[str, object] | None:
        if form.get("grant_type") == "authorization_code":
            return self._quickbooks.grants.exchange(form.get("code", ""), form.get("redirect_uri", ""))
        if form.get("grant_type") == "refresh_token":
            return self._quickbooks.grants.refresh(form.get("refresh_token", ""))
        return None

    async def keys(self, _request: Request) -> Response:
        """The key that id_tokens are signed with."""
        return _json(key_set())

    async def user(self, request: Request) -> Response:
        """Who consented, for the bearer of a token."""
        _, _, token = request.headers.get("authorization", "").partition(" ")
        facts = self._quickbooks.grants.user_of(token.strip())
        return _json(facts) if facts else _json({"error": "invalid_token"}, HTTPStatus.UNAUTHORIZED)

    async def revoke(self, request: Request) -> Response:
        """An app gives up its access to a company. Intuit's SDK for Java sends the token as a form, others as JSON."""
        if not _is_app(request, {}):
            return _json({"error": "invalid_client"}, HTTPStatus.UNAUTHORIZED)
        body = await request.body()
        try:
            given = msgspec.json.decode(body, type=dict[str, str])
        except msgspec.DecodeError:
            given = dict(parse_qsl(body.decode("latin-1")))
        known = self._quickbooks.grants.revoke_token(given.get("token", ""))
        return Response(status_code=HTTPStatus.OK if known else HTTPStatus.BAD_REQUEST)


async def _text(request: Request) -> str:
    """A form as it came; bytes that are no UTF-8 name nothing that is known."""
    return (await request.body()).decode(errors="replace")


async def _refused(request: Request, error: Exception) -> Response:
    """A wrong method in OAuth's shape, an unknown address as QuickBooks' own ones (both a guess)."""
    if isinstance(error, HTTPException) and error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return _json({"error": "invalid_request", "error_description": error.detail}, error.status_code)
    fault = faults.unsupported(request.url.path)
    return _json({"Fault": fault.document()}, fault.status)


def _is_app(request: Request, form: Mapping[str, str]) -> bool:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id") == APP and form.get("client_secret") == APP_SECRET
    try:
        return base64.b64decode(encoded, validate=True).decode() == f"{APP}:{APP_SECRET}"
    except (binascii.Error, UnicodeDecodeError):
        return False
