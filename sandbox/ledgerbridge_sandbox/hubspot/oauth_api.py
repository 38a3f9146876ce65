"""OAuth: the consent page and the token endpoints (hubspot.md 2)."""

import base64
import hashlib
import html
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from ledgerbridge_sandbox.hubspot.errors import RefusalError, not_found
from ledgerbridge_sandbox.hubspot.exchange import Answer, whole_number
from ledgerbridge_sandbox.hubspot.grants import (
    ACCESS_SECONDS,
    ALL_SCOPES,
    APP_ID,
    CLIENT_ID,
    CLIENT_SECRET,
    CODE_SECONDS,
    Code,
    Refresh,
)
from ledgerbridge_sandbox.world import World

_OF_ADDRESSES = "%/:=&?~#+!$,;'@()*[]"
_ERRORS = {
    "BAD_AUTH_CODE": ("invalid_grant", "missing or unknown auth code"),
    "BAD_REFRESH_TOKEN": ("invalid_grant", "refresh token is invalid, expired or revoked"),
    "BAD_CLIENT_ID": ("invalid_client", "missing or unknown client id"),
    "BAD_CLIENT_SECRET": ("invalid_client", "missing or invalid client secret"),
    "BAD_REDIRECT_URI": ("invalid_grant", "missing or invalid redirect uri"),
    "BAD_CODE_VERIFIER": ("invalid_grant", "missing or invalid code verifier"),
    "BAD_SCOPES": ("invalid_scope", "missing or invalid scopes"),
    "BAD_HUB": ("access_denied", "missing or unknown hub id"),
    "BAD_GRANT_TYPE": ("unsupported_grant_type", "missing or unknown grant type"),
}


@dataclass(frozen=True)
class Form:
    """A call on the OAuth paths: `fields` from the body, and for v1 from the query too."""

    world: World
    method: str
    version: str
    steps: list[str]
    query: dict[str, str]
    fields: dict[str, str]


def fields_of(text: str) -> dict[str, str]:
    """Form or query fields, the last of each name."""
    return {name: values[-1] for name, values in parse_qs(text, keep_blank_values=True).items()}


def authorize(form: Form, account_step: str | None) -> Answer:
    """The consent page; with `account` and `consent=yes` the answer of one who clicked."""
    wanted = {**form.query, **form.fields}
    if account_step:
        wanted.setdefault("account", account_step)
    problem = _authorize_problem(wanted)
    if problem:
        return _page(HTTPStatus.BAD_REQUEST, f"<h1>Authorization failed</h1><p>{html.escape(problem)}</p>")
    portal = wanted.get("account", "")
    if wanted.get("consent") != "yes":
        return _page(HTTPStatus.OK, _consent_form(form.world, wanted, portal))
    if (number := whole_number(portal)) is None or number not in form.world.hubspot.accounts:
        return _page(HTTPStatus.BAD_REQUEST, "<h1>Authorization failed</h1><p>There is no such account.</p>")
    scopes = wanted["scope"].split() + wanted.get("optional_scope", "").split()
    code = Code(
        number,
        wanted["redirect_uri"],
        tuple(dict.fromkeys(scope for scope in scopes if scope in ALL_SCOPES)),
        form.world.clock.now() + timedelta(seconds=CODE_SECONDS),
        wanted.get("code_challenge", ""),
    )
    answer = {"code": form.world.hubspot.grants.issue_code(code)}
    if "state" in wanted:
        answer["state"] = wanted["state"]
    joint = "&" if urlsplit(code.redirect_uri).query else "?"
    return Answer(
        HTTPStatus.FOUND, None, {"location": f"{quote(code.redirect_uri, _OF_ADDRESSES)}{joint}{urlencode(answer)}"}
    )


def _authorize_problem(wanted: dict[str, str]) -> str:
    if wanted.get("client_id") != CLIENT_ID:
        return "We couldn't find an app with that client id."
    if not _is_web_address(wanted.get("redirect_uri", "")):
        return "The redirect URL is missing or does not match."
    unknown = [scope for scope in wanted.get("scope", "").split() if scope not in ALL_SCOPES]
    if unknown or "oauth" not in wanted.get("scope", "").split():
        return f"The scopes do not match the app's: {' '.join(unknown) or 'oauth is missing'}"
    return ""


def _is_web_address(text: str) -> bool:
    try:
        return urlsplit(text).scheme in {"http", "https"}
    except ValueError:
        return False


def _consent_form(world: World, wanted: dict[str, str], portal: str) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in wanted.items()
        if name not in {"account", "consent"}
    )
    choices = "".join(
        f'<option value="{number}"{" selected" if str(number) == portal else ""}>'
        f"{html.escape(account.name)} ({number})</option>"
        for number, account in world.hubspot.accounts.items()
    )
    scopes = "".join(f"<li>{html.escape(scope)}</li>" for scope in wanted.get("scope", "").split())
    return (
        "<h1>HubSpot (sandbox): connect an app</h1><p>The app asks for:</p>"
        f'<ul>{scopes}</ul><form method="post" action="/oauth/authorize">{hidden}'
        f'<label>Account <select name="account">{choices}</select></label> '
        '<button name="consent" value="yes">Connect app</button></form>'
    )


def _page(status: int, body: str) -> Answer:
    document = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>HubSpot (sandbox)</title>{body}</html>'
    return Answer(status, document.encode(), {"content-type": "text/html; charset=utf-8"})


def serve(form: Form) -> Answer:
    """The endpoints below `/oauth/{version}`."""
    match form.method, form.steps:
        case "POST", ["token"]:
            return _token(form)
        case "POST", ["token", "introspect"]:
            _check_client(form.fields)
            return Answer(HTTPStatus.OK, _introspected(form.world, form.fields.get("token", "")))
        case "POST", ["token", "revoke"]:
            _check_client(form.fields)
            return _revoke(form.world, form.fields.get("token", ""))
        case "GET", ["access-tokens", token] if form.version == "v1":
            return _described(form.world, token)
        case "GET", ["refresh-tokens", token] if form.version == "v1":
            return _described(form.world, token)
        case "DELETE", ["refresh-tokens", token] if form.version == "v1":
            return _revoke(form.world, token)
    raise not_found()


def _token(form: Form) -> Answer:
    fields = form.fields
    _check_client(fields)
    kind = fields.get("grant_type")
    if kind == "authorization_code":
        return Answer(HTTPStatus.OK, _by_code(form.world, fields))
    if kind == "refresh_token":
        return Answer(HTTPStatus.OK, _by_refresh(form.world, fields))
    raise _refused("BAD_GRANT_TYPE")


def _check_client(fields: dict[str, str]) -> None:
    if fields.get("client_id") != CLIENT_ID:
        raise _refused("BAD_CLIENT_ID")
    if fields.get("client_secret") != CLIENT_SECRET:
        raise _refused("BAD_CLIENT_SECRET")


def _by_code(world: World, fields: dict[str, str]) -> dict[str, Any]:
    code = world.hubspot.grants.codes.pop(fields.get("code", ""), None)
    if code is None or code.expires_at < world.clock.now():
        raise _refused("BAD_AUTH_CODE")
    if fields.get("redirect_uri") != code.redirect_uri:
        raise _refused("BAD_REDIRECT_URI")
    if code.challenge and code.challenge != _challenge(fields.get("code_verifier", "")):
        raise _refused("BAD_CODE_VERIFIER")
    return _issued(world, world.hubspot.grants.issue_refresh(code.portal, code.scopes))


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _by_refresh(world: World, fields: dict[str, str]) -> dict[str, Any]:
    """The same refresh token comes back, unless the setting `rotate_refresh_token` is on."""
    token = fields.get("refresh_token", "")
    refresh = world.hubspot.grants.refresh.get(token)
    if refresh is None:
        raise _refused("BAD_REFRESH_TOKEN")
    if world.settings["hubspot"]["rotate_refresh_token"]:
        del world.hubspot.grants.refresh[token]
        token = world.hubspot.grants.issue_refresh(refresh.portal, refresh.scopes)
    return _issued(world, token)


def _issued(world: World, token: str) -> dict[str, Any]:
    refresh: Refresh = world.hubspot.grants.refresh[token]
    return {
        "token_type": "bearer",
        "access_token": world.hubspot.grants.issue_access(refresh, world.clock.now()),
        "refresh_token": token,
        "expires_in": ACCESS_SECONDS,
        "hub_id": refresh.portal,
        "scopes": list(refresh.scopes),
        "token_use": "access_token",
        "user_id": 100,
    }


def _introspected(world: World, token: str) -> dict[str, Any]:
    access, refresh = world.hubspot.grants.access.get(token), world.hubspot.grants.refresh.get(token)
    if access is not None and access.expires_at is not None and access.expires_at > world.clock.now():
        left = (access.expires_at - world.clock.now()).total_seconds()
        return {
            **_description(world, token, access.portal, access.scopes, "access_token"),
            "expires_in": int(left),
            "is_private_distribution": True,
            "signed_access_token": _signed(token, access.portal, access.expires_at),
        }
    if refresh is not None:
        return _description(world, token, refresh.portal, refresh.scopes, "refresh_token")
    return {"active": False}


def _description(world: World, token: str, portal: int, scopes: tuple[str, ...], use: str) -> dict[str, Any]:
    return {
        "active": True,
        "token": token,
        "token_use": use,
        "token_type": "bearer",
        "hub_id": portal,
        "hub_domain": f"{world.hubspot.accounts[portal].name.lower().replace(' ', '-')}.example",
        "user_id": 100,
        "user": "admin@sandbox.example",
        "app_id": APP_ID,
        "client_id": CLIENT_ID,
        "scopes": list(scopes),
    }


def _signed(token: str, portal: int, until: datetime) -> dict[str, Any]:
    """What an access token is made of; the encoded texts are opaque (made up here)."""
    mark = base64.b64encode(hashlib.sha256(token.encode()).digest()).decode()
    return {
        "appId": APP_ID,
        "hubId": portal,
        "userId": 100,
        "installingUserId": 100,
        "expiresAt": int(until.timestamp() * 1000),
        "hublet": "na1",
        "scopes": mark[:12],
        "scopeToScopeGroupPks": mark[12:24],
        "trialScopes": "",
        "trialScopeToScopeGroupPks": "",
        "signature": mark,
        "newSignature": mark,
        "isPrivateDistribution": True,
        "isServiceAccount": False,
        "isUserLevel": False,
    }


def _described(world: World, token: str) -> Answer:
    """Version 1 tells no `active`, and calls the types `access` and `refresh`; the app by its id or its client id."""
    found = _introspected(world, token)
    if not found.pop("active"):
        raise RefusalError(HTTPStatus.NOT_FOUND, {"status": "error", "message": "token not found"})
    use = found.pop("token_use").removesuffix("_token")
    del found["client_id" if use == "access" else "app_id"]
    return Answer(HTTPStatus.OK, {**found, "token_type": use})


def _revoke(world: World, token: str) -> Answer:
    """Access tokens that were issued go on until they expire (hubspot.md 2)."""
    world.hubspot.grants.refresh.pop(token, None)
    return Answer(HTTPStatus.NO_CONTENT)


def _refused(status: str) -> RefusalError:
    error, message = _ERRORS[status]
    body = {"error": error, "error_description": message, "status": status, "message": message}
    return RefusalError(HTTPStatus.BAD_REQUEST, body)
