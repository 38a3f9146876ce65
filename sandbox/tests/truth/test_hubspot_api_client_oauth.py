"""The judge is hubspot-api-client: consent, tokens, their renewal, description and revocation; all error states."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from doors import Doors
from hubspot import HubSpot
from hubspot.crm.deals import exceptions as portal_errors
from hubspot.oauth import ApiException, TokenResponseIF
from hubspot.utils.oauth import get_auth_url
from hubspot_portal import open_portal

JUDGE = "hubspot-api-client (Python)"
APP = {"client_id": "sandbox-hubspot-app", "client_secret": "sandbox-hubspot-secret"}
CALLBACK = "http://127.0.0.1:9/callback"
SCOPES = ("oauth", "crm.objects.deals.read")


@pytest.fixture
def client(doors: Doors) -> HubSpot:
    """A client without a token."""
    return open_portal(doors, None)


def consented(doors: Doors) -> dict[str, str]:
    """What the app's callback is told when somebody consented on the page that the client names."""
    url = get_auth_url(APP["client_id"], CALLBACK, scope=SCOPES, optional_scope=("crm.lists.read",), state="mine")
    wanted = {"vendor": "hubspot", "account": "24000001", "url": url}
    location = doors.ask("POST", "/people/administrator/authorize", wanted).json()["location"]
    assert location.startswith(CALLBACK)
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def bought(doors: Doors, client: HubSpot) -> TokenResponseIF:
    code = consented(doors)["code"]
    return client.oauth.tokens_api.create(grant_type="authorization_code", code=code, redirect_uri=CALLBACK, **APP)


def renewed(client: HubSpot, token: str, **other: str) -> TokenResponseIF:
    return client.oauth.tokens_api.create(grant_type="refresh_token", refresh_token=token, **{**APP, **other})


def test_a_code_buys_tokens_that_open_the_account(doors: Doors, client: HubSpot) -> None:
    assert consented(doors)["state"] == "mine"
    grant = bought(doors, client)
    assert (grant.token_type, grant.expires_in) == ("bearer", 1800)
    assert open_portal(doors, grant.access_token).crm.deals.basic_api.get_page(limit=1).results


def test_tokens_are_described(doors: Doors, client: HubSpot) -> None:
    grant = bought(doors, client)
    access = client.oauth.access_tokens_api.get(grant.access_token)
    assert (access.token, access.hub_id, access.app_id, access.token_type) == (
        grant.access_token,
        24000001,
        2401001,
        "access",
    )
    assert set(access.scopes) == {*SCOPES, "crm.lists.read"}
    assert 0 < access.expires_in <= 1800
    refresh = client.oauth.refresh_tokens_api.get(grant.refresh_token)
    assert (refresh.token, refresh.hub_id, refresh.client_id) == (grant.refresh_token, 24000001, APP["client_id"])
    with pytest.raises(ApiException) as unknown:
        client.oauth.access_tokens_api.get("nobodys")
    assert unknown.value.status == 404


def test_a_refresh_buys_another_access_token(doors: Doors, client: HubSpot) -> None:
    first = bought(doors, client)
    second = renewed(client, first.refresh_token)
    assert second.refresh_token == first.refresh_token
    assert second.access_token != first.access_token


def test_what_is_revoked_buys_nothing(doors: Doors, client: HubSpot) -> None:
    grant = bought(doors, client)
    client.oauth.refresh_tokens_api.archive(grant.refresh_token)
    with pytest.raises(ApiException) as refused:
        renewed(client, grant.refresh_token)
    assert (refused.value.status, json.loads(refused.value.body)["status"]) == (400, "BAD_REFRESH_TOKEN")
    assert open_portal(doors, grant.access_token).crm.deals.basic_api.get_page(limit=1).results


def test_an_expired_token_is_renewed(doors: Doors, client: HubSpot) -> None:
    grant = bought(doors, client)
    doors.ask("POST", "/people/administrator/hubspot/24000001/expire")
    portal = open_portal(doors, grant.access_token)
    with pytest.raises(portal_errors.UnauthorizedException) as refused:
        portal.crm.deals.basic_api.get_page(limit=1)
    assert json.loads(refused.value.body)["category"] == "EXPIRED_AUTHENTICATION"
    portal.access_token = renewed(client, grant.refresh_token).access_token
    assert portal.crm.deals.basic_api.get_page(limit=1).results


def test_an_app_that_was_disconnected_is_out(doors: Doors, client: HubSpot) -> None:
    grant = bought(doors, client)
    doors.ask("POST", "/people/administrator/hubspot/24000001/revoke")
    with pytest.raises(ApiException) as refused:
        renewed(client, grant.refresh_token)
    assert json.loads(refused.value.body)["status"] == "BAD_REFRESH_TOKEN"
    with pytest.raises(portal_errors.UnauthorizedException) as out:
        open_portal(doors, grant.access_token).crm.deals.basic_api.get_page(limit=1)
    assert json.loads(out.value.body)["category"] == "INVALID_AUTHENTICATION"


@pytest.mark.parametrize(
    ("wrong", "status", "error"),
    [
        ({"code": "nobodys"}, "BAD_AUTH_CODE", "invalid_grant"),
        ({"client_id": "nobody"}, "BAD_CLIENT_ID", "invalid_client"),
        ({"client_secret": "wrong"}, "BAD_CLIENT_SECRET", "invalid_client"),
        ({"redirect_uri": CALLBACK + "/other"}, "BAD_REDIRECT_URI", "invalid_grant"),
    ],
    ids=["code", "client", "secret", "redirect"],
)
def test_wrong_fields_are_named(doors: Doors, client: HubSpot, wrong: dict[str, str], status: str, error: str) -> None:
    fields = {"grant_type": "authorization_code", "code": consented(doors)["code"], "redirect_uri": CALLBACK, **APP}
    with pytest.raises(ApiException) as refused:
        client.oauth.tokens_api.create(**{**fields, **wrong})
    told = json.loads(refused.value.body)
    assert (refused.value.status, told["status"], told["error"]) == (400, status, error)
    assert told["message"] == told["error_description"]


def test_a_code_is_used_once(doors: Doors, client: HubSpot) -> None:
    fields = {"grant_type": "authorization_code", "code": consented(doors)["code"], "redirect_uri": CALLBACK, **APP}
    client.oauth.tokens_api.create(**fields)
    with pytest.raises(ApiException) as refused:
        client.oauth.tokens_api.create(**fields)
    assert json.loads(refused.value.body)["status"] == "BAD_AUTH_CODE"
