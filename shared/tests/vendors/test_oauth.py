"""OAuth of both vendors: grants that are whole or none, and what each refusal means."""

import base64
import logging
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import structlog
from ledgerbridge.errors import LedgerbridgeError, Permanent, ReconnectNeeded, Throttled, Transient, Uncertain
from ledgerbridge.vendors.grants import AppCredentials
from ledgerbridge.vendors.hubspot.oauth import HubSpotOAuth
from ledgerbridge.vendors.quickbooks.oauth import ACCOUNTING, Endpoints, QuickBooksOAuth, discover

APP = AppCredentials("our-app", "canary-app-secret")
HUBSPOT = {
    "token_type": "bearer",
    "access_token": "canary-access",
    "refresh_token": "canary-refresh",
    "expires_in": 1800,
    "hub_id": 24000001,
    "scopes": ["oauth", "crm.objects.deals.read"],
}
INTUIT = {
    "token_type": "bearer",
    "access_token": "canary-access",
    "refresh_token": "canary-refresh",
    "expires_in": 3600,
    "x_refresh_token_expires_in": 8726400,
}


@pytest.fixture
async def hubspot(vendor: Any) -> Any:
    oauth = HubSpotOAuth(APP, api=vendor.url, authorize=vendor.url + "/oauth/authorize", seconds=1)
    yield oauth
    await oauth.close()


@pytest.fixture
async def intuit(vendor: Any) -> Any:
    endpoints = Endpoints(vendor.url + "/connect", vendor.url + "/oauth2/v1/tokens/bearer", vendor.url + "/revoke")
    oauth = QuickBooksOAuth(APP, endpoints, seconds=1)
    yield oauth
    await oauth.close()


def form(request: Any) -> Any:
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    return dict(parse_qsl(request.body.decode()))


async def test_hubspots_code_becomes_a_grant(hubspot: Any, vendor: Any, how: Any) -> None:
    vendor.answers(how.says(HUBSPOT))
    grant = await hubspot.exchange("code-1", "https://bridge.example/oauth/hubspot/callback")
    assert (grant.access_token, grant.refresh_token, grant.expires_in) == ("canary-access", "canary-refresh", 1800)
    assert (grant.account_hint, grant.refresh_expires_in) == ("24000001", None)
    assert grant.scopes == ("oauth", "crm.objects.deals.read")
    assert "canary" not in repr(grant) + repr(APP)
    [request] = vendor.requests
    assert request.target == "/oauth/2026-09/token"
    assert form(request) == {
        "grant_type": "authorization_code",
        "code": "code-1",
        "redirect_uri": "https://bridge.example/oauth/hubspot/callback",
        "client_id": "our-app",
        "client_secret": "canary-app-secret",
    }


async def test_intuits_renewal_authenticates_with_basic_and_says_both_lives(intuit: Any, vendor: Any, how: Any) -> None:
    vendor.answers(how.says(INTUIT))
    grant = await intuit.renew(how.Account("quickbooks"), "old refresh+/=")
    assert (grant.expires_in, grant.refresh_expires_in, grant.account_hint) == (3600, 8726400, None)
    [request] = vendor.requests
    basic = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
    assert basic == "our-app:canary-app-secret"
    assert form(request) == {"grant_type": "refresh_token", "refresh_token": "old refresh+/="}


def test_the_persons_pages(vendor: Any) -> None:
    asked = urlsplit(HubSpotOAuth(APP).authorize_url("https://b.example/cb", "s&1", ["oauth", "a.read"], ["b.read"]))
    assert asked.hostname == "app.hubspot.com"
    assert dict(parse_qsl(asked.query)) == {
        "client_id": "our-app",
        "redirect_uri": "https://b.example/cb",
        "scope": "oauth a.read",
        "optional_scope": "b.read",
        "state": "s&1",
    }
    assert "%20" in asked.query
    asked = urlsplit(QuickBooksOAuth(APP).authorize_url("https://b.example/cb", "s"))
    assert dict(parse_qsl(asked.query))["scope"] == ACCOUNTING
    assert "canary" not in asked.geturl()


WHOLE = [
    ({}, 200, Uncertain, "GRANT_UNCERTAIN"),
    (HUBSPOT | {"access_token": ""}, 200, Uncertain, "GRANT_UNCERTAIN"),
    (HUBSPOT | {"access_token": "a\r\nb"}, 200, Uncertain, "GRANT_UNCERTAIN"),
    (HUBSPOT | {"refresh_token": None}, 200, Uncertain, "GRANT_UNCERTAIN"),
    (HUBSPOT | {"expires_in": "soon"}, 200, Uncertain, "GRANT_UNCERTAIN"),
    (HUBSPOT | {"expires_in": 0}, 200, Uncertain, "GRANT_UNCERTAIN"),
    ([1], 200, Uncertain, "GRANT_UNCERTAIN"),
    ({"error": "invalid_grant"}, 400, ReconnectNeeded, "RECONNECT_NEEDED"),
    ({"error": "invalid_grant", "status": "BAD_REFRESH_TOKEN"}, 400, ReconnectNeeded, "RECONNECT_NEEDED"),
    ({"error": "access_denied", "status": "BAD_HUB"}, 400, ReconnectNeeded, "RECONNECT_NEEDED"),
    ({"error": "invalid_client"}, 401, Permanent, "APP_CREDENTIALS"),
    ({"error": "invalid_client", "status": "BAD_CLIENT_SECRET"}, 400, Permanent, "APP_CREDENTIALS"),
    ({"status": "BAD_REDIRECT_URI"}, 400, Permanent, "APP_SETTINGS"),
    ({"status": "BAD_SCOPES"}, 400, Permanent, "APP_SETTINGS"),
    ({"error_description": "canary-refresh is strange", "error": "canary refresh"}, 400, Permanent, "VENDOR_REFUSED"),
    ({}, 429, Throttled, "VENDOR_THROTTLED"),
    ({}, 503, Transient, "VENDOR_UNAVAILABLE"),
    ({"error": "invalid_grant"}, 500, Transient, "VENDOR_UNAVAILABLE"),
    ({}, 302, Transient, "VENDOR_ANSWER"),
]


@pytest.mark.parametrize(("body", "status", "kind", "code"), WHOLE)
@pytest.mark.parametrize("name", ["hubspot", "intuit"])
async def test_what_each_answer_to_a_renewal_means(
    hubspot: Any, intuit: Any, vendor: Any, how: Any, name: Any, body: Any, status: Any, kind: Any, code: Any
) -> None:
    oauth = {"hubspot": hubspot, "intuit": intuit}[name]
    vendor.answers(how.says(body, status))
    with pytest.raises(kind) as error:
        await oauth.renew(how.Account(name), "canary-refresh")
    assert type(error.value) is kind
    assert error.value.code == code
    assert "canary" not in f"{error.value!r} {error.value.details} {error.value.__context__}"
    assert len(vendor.requests) == 1


@pytest.mark.parametrize("way", ["cut", "cut_halfway", "drip", "silence", "flood"])
async def test_a_lost_answer_to_a_renewal_is_uncertain_and_asked_once(
    hubspot: Any, vendor: Any, how: Any, way: Any
) -> None:
    vendor.answers(getattr(how, way))
    with pytest.raises(Uncertain) as lost:
        await hubspot.renew(how.Account("hubspot"), "canary-refresh")
    assert lost.value.code == "GRANT_UNCERTAIN"
    assert len(vendor.requests) == 1


async def test_an_html_page_instead_of_a_grant_is_uncertain(intuit: Any, vendor: Any, how: Any) -> None:
    vendor.answers(how.Reply(200, b"<html>"))
    with pytest.raises(Uncertain):
        await intuit.renew(how.Account("quickbooks"), "canary-refresh")


async def test_no_connection_is_transient_and_certain(how: Any) -> None:
    oauth = HubSpotOAuth(APP, api="http://127.0.0.1:1", seconds=1)
    with pytest.raises(Transient) as failed:
        await oauth.renew(how.Account("hubspot"), "canary-refresh")
    assert not isinstance(failed.value, Uncertain)
    await oauth.close()


async def test_introspection_and_revocation(hubspot: Any, intuit: Any, vendor: Any, how: Any) -> None:
    vendor.answers(how.says({"active": True, "hub_id": 5, "scopes": ["oauth"], "app_id": 9}))
    seen = await hubspot.introspect("canary-access")
    assert (seen.active, seen.account_hint, seen.scopes, seen.facts) == (True, "5", ("oauth",), {"app_id": "9"})
    vendor.answers(how.says({"active": False}))
    assert not (await hubspot.introspect("canary-access")).active
    vendor.answers(how.Reply(204, b""))
    await hubspot.revoke("canary-refresh")
    assert vendor.requests[-1].target == "/oauth/2026-09/token/revoke"
    assert form(vendor.requests[-1])["token"] == "canary-refresh"
    vendor.answers(how.Reply(200, b""))
    await intuit.revoke("canary-refresh")
    assert vendor.requests[-1].document == {"token": "canary-refresh"}


async def test_discovery_and_its_addresses_belong_to_intuit(vendor: Any, how: Any) -> None:
    def document(home: Any) -> Any:
        return how.says(
            {
                "authorization_endpoint": "https://appcenter.intuit.com/connect/oauth2",
                "token_endpoint": home + "/tokens",
                "revocation_endpoint": home + "/revoke",
                "issuer": "https://oauth.platform.intuit.com/op/v1",
            }
        )

    vendor.answers(document(vendor.url))
    endpoints = await discover(vendor.url + "/.well-known/openid_sandbox_configuration")
    assert endpoints == Endpoints(revoke=vendor.url + "/revoke", token=vendor.url + "/tokens")
    for thief in ("https://intuit.com.thief.example", "http://oauth.platform.intuit.com", "https://thiefintuit.com"):
        vendor.answers(document(thief))
        with pytest.raises(Transient):
            await discover(vendor.url + "/.well-known/openid_configuration")


async def test_no_secret_reaches_a_log_line_whatever_happens(vendor: Any, how: Any, caplog: Any, capsys: Any) -> None:
    """Canaries in the app's secret, the code and both tokens; everything that came out is read."""
    caplog.set_level(logging.DEBUG)
    oauth = HubSpotOAuth(APP, api=vendor.url, seconds=0.3)
    with structlog.testing.capture_logs() as lines:
        vendor.answers(how.says(HUBSPOT))
        await oauth.exchange("canary-code", "https://b.example/cb")
        for answer in (how.says({"error": "canary-refresh"}, 400), how.cut, how.Reply(500, b"canary-access")):
            vendor.answers(answer)
            with pytest.raises(LedgerbridgeError) as error:
                await oauth.exchange("canary-code", "https://b.example/cb")
            assert "canary" not in f"{error.value!r} {error.value.__context__}"
    await oauth.close()
    assert len(lines) == 4
    out = capsys.readouterr()
    assert "canary" not in repr(lines) + caplog.text + out.out + out.err
