import base64
import json
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest

APP = ("sandbox-quickbooks-app", "sandbox-quickbooks-secret")
TOKENS = "/oauth2/v1/tokens/bearer"
REALM = "9130350000000001"
ASKED = {
    "client_id": APP[0],
    "scope": "com.intuit.quickbooks.accounting",
    "redirect_uri": "http://127.0.0.1:8081/oauth/quickbooks/callback",
    "response_type": "code",
    "state": "one-time",
}


@pytest.fixture
async def intuit(world: Any) -> Any:
    async with httpx.AsyncClient(base_url=world.addresses["quickbooks"]) as client:
        yield client


async def refresh(intuit: Any, token: Any) -> Any:
    return await intuit.post(TOKENS, data={"grant_type": "refresh_token", "refresh_token": token}, auth=APP)


async def read_company(intuit: Any, token: Any, realm: str = REALM) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    return await intuit.get(f"/v3/company/{realm}/companyinfo/{realm}", headers=headers)


async def consented(intuit: Any, **choice: Any) -> Any:
    answer = await intuit.post("/connect/oauth2", data={**ASKED, **choice})
    assert answer.status_code == 302
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


async def test_discovery_leads_to_this_sandbox(intuit: Any, world: Any) -> None:
    found = (await intuit.get("/.well-known/openid_sandbox_configuration")).json()
    assert found["token_endpoint"] == world.addresses["quickbooks"] + TOKENS
    assert found["response_types_supported"] == ["code"]


async def test_consent_exchange_and_use(intuit: Any) -> None:
    page = await intuit.get("/connect/oauth2", params=ASKED)
    assert page.status_code == 200
    assert f'value="{REALM}"' in page.text
    back = await consented(intuit, realmId=REALM, decision="allow")
    assert (back["state"], back["realmId"]) == ("one-time", REALM)
    given = {"grant_type": "authorization_code", "code": back["code"], "redirect_uri": ASKED["redirect_uri"]}
    basic = base64.b64encode(":".join(APP).encode()).decode()
    tokens = (await intuit.post(TOKENS, data=given, headers={"Authorization": f"Basic {basic}"})).json()
    assert (tokens["token_type"], tokens["expires_in"]) == ("bearer", 3600)
    assert 8_639_000 <= tokens["x_refresh_token_expires_in"] <= 8_726_400
    assert (await read_company(intuit, tokens["access_token"])).status_code == 200
    again = await intuit.post(TOKENS, data=given, auth=APP)
    assert (again.status_code, again.json()["error_description"]) == (400, "Invalid authorization code")


async def test_denial_and_wrong_requests(intuit: Any) -> None:
    assert await consented(intuit, realmId=REALM, decision="deny") == {"error": "access_denied", "state": "one-time"}
    for wrong in ({"client_id": "other"}, {"scope": "openid"}, {"response_type": "token"}, {"state": ""}):
        assert (await intuit.get("/connect/oauth2", params={**ASKED, **wrong})).status_code == 400
    bad = await intuit.post(TOKENS, data={"grant_type": "refresh_token"}, auth=("x", "y"))
    assert (bad.status_code, bad.json()) == (401, {"error": "invalid_client"})
    assert (await intuit.post(TOKENS, data={"grant_type": "password"}, auth=APP)).status_code == 400


async def test_the_refresh_token_changes_after_a_day_and_the_old_one_is_dead(intuit: Any, world: Any) -> None:
    first = (await refresh(intuit, "sandbox-quickbooks-refresh-1")).json()
    assert first["refresh_token"] == "sandbox-quickbooks-refresh-1"
    world.clock.advance(24 * 3600)
    second = (await refresh(intuit, "sandbox-quickbooks-refresh-1")).json()
    assert second["refresh_token"] != "sandbox-quickbooks-refresh-1"
    old = await refresh(intuit, "sandbox-quickbooks-refresh-1")
    assert (old.status_code, old.json()) == (400, {"error": "invalid_grant"})
    assert (await read_company(intuit, second["access_token"])).status_code == 200
    world.clock.advance(101 * 24 * 3600)
    assert (await refresh(intuit, second["refresh_token"])).status_code == 400


async def test_concurrent_refresh_may_kill_the_grant(intuit: Any, world: Any) -> None:
    world.settings["quickbooks"].turn({"kill_grant_on_concurrent_refresh": True})
    first = (await refresh(intuit, "sandbox-quickbooks-refresh-1")).json()
    assert (await refresh(intuit, "sandbox-quickbooks-refresh-1")).json() == {"error": "invalid_grant"}
    assert (await read_company(intuit, first["access_token"])).status_code == 401


async def test_expired_missing_and_foreign_tokens(intuit: Any, world: Any) -> None:
    token = "sandbox-quickbooks-access-1"
    assert (await read_company(intuit, token)).status_code == 200
    foreign = await read_company(intuit, token, "9130350000000002")
    assert foreign.status_code == 403
    assert foreign.json()["fault"] == {
        "error": [
            {
                "message": "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403",
                "detail": None,
                "code": "3100",
                "element": None,
            }
        ],
        "type": "SERVICE",
    }
    world.clock.advance(3600)
    expired = await read_company(intuit, token)
    assert expired.status_code == 401
    assert expired.headers["www-authenticate"] == 'Bearer realm="Intuit", error="invalid_token"'
    assert expired.json()["fault"]["type"] == "AUTHENTICATION"
    assert expired.json()["fault"]["error"][0]["detail"].startswith("Token expired")
    assert (await intuit.get(f"/v3/company/{REALM}/companyinfo/{REALM}")).status_code == 401


async def test_revoking_ends_everything_of_the_company(intuit: Any) -> None:
    answer = await intuit.post("/v2/oauth2/tokens/revoke", json={"token": "sandbox-quickbooks-refresh-1"}, auth=APP)
    assert answer.status_code == 200
    assert (await read_company(intuit, "sandbox-quickbooks-access-1")).status_code == 403
    assert (await refresh(intuit, "sandbox-quickbooks-refresh-1")).status_code == 400
    assert (await read_company(intuit, "sandbox-quickbooks-access-3", "9130350000000003")).status_code == 200
    unknown = await intuit.post("/v2/oauth2/tokens/revoke", json={"token": "x"}, auth=APP)
    assert unknown.status_code == 400


async def test_an_administrator_expires_and_revokes(intuit: Any, world: Any) -> None:
    async with httpx.AsyncClient(base_url=world.addresses["control"]) as control:
        await control.post(f"/people/administrator/quickbooks/{REALM}/expire")
        assert (await read_company(intuit, "sandbox-quickbooks-access-1")).status_code == 401
        fresh = (await refresh(intuit, "sandbox-quickbooks-refresh-1")).json()["access_token"]
        assert (await read_company(intuit, fresh)).status_code == 200
        await control.post(f"/people/administrator/quickbooks/{REALM}/revoke")
        assert (await read_company(intuit, fresh)).status_code == 403


async def test_consent_by_script(intuit: Any, world: Any) -> None:
    url = f"{world.addresses['quickbooks']}/connect/oauth2?{urlencode(ASKED)}"
    async with httpx.AsyncClient(base_url=world.addresses["control"]) as control:
        path = "/people/administrator/authorize"
        asked = {"vendor": "quickbooks", "account": REALM, "url": url}
        back = dict(parse_qsl(urlsplit((await control.post(path, json=asked)).json()["location"]).query))
        wrong = await control.post(path, json={**asked, "url": "http://x/connect/oauth2?state=1"})
    assert (back["realmId"], back["state"]) == (REALM, "one-time")
    given = {"grant_type": "authorization_code", "code": back["code"], "redirect_uri": ASKED["redirect_uri"]}
    assert (await intuit.post(TOKENS, data=given, auth=APP)).status_code == 200
    assert wrong.status_code == 400


async def test_limits_answer_429_without_retry_after(automated: Any, world: Any) -> None:
    world.limits["quickbooks"].turn({"on": True, "app_per_second": 3})
    answers = [await automated.api.get(f"/v3/company/{automated.realm}/preferences") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    fault = answers[-1].json()["Fault"]
    assert (fault["type"], fault["Error"][0]["code"]) == ("SERVICE", "3001")
    assert "retry-after" not in answers[-1].headers
    world.limits["quickbooks"].turn({"app_per_second": 1000, "batches_per_minute": 1})
    batch = {"BatchItemRequest": [{"bId": "1", "Query": "select count(*) from Term"}]}
    assert (await automated.call("POST", "batch", batch))[0] == 200
    assert (await automated.call("POST", "batch", batch))[0] == 429


async def test_every_answer_bears_the_id_that_support_asks_for(intuit: Any) -> None:
    refused = await refresh(intuit, "nobody's")
    company = await read_company(intuit, "nobody's")
    assert refused.headers["intuit_tid"].startswith("1-")
    assert company.headers["intuit_tid"] not in {"", refused.headers["intuit_tid"]}


async def exchanged(intuit: Any, **asked: str) -> Any:
    back = dict(parse_qsl(urlsplit((await allowed(intuit, **asked)).headers["location"]).query))
    given = {"grant_type": "authorization_code", "code": back["code"], "redirect_uri": ASKED["redirect_uri"]}
    headers = {"x-include-refresh-token-hard-expires-in": "true"}
    return (await intuit.post(TOKENS, data=given, auth=APP, headers=headers)).json()


async def allowed(intuit: Any, **asked: str) -> Any:
    return await intuit.post("/connect/oauth2", data={**ASKED, "realmId": REALM, "decision": "allow", **asked})


def decoded(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


async def test_openid_gives_a_signed_id_token_and_the_users_facts(intuit: Any, world: Any) -> None:
    found = (await intuit.get("/.well-known/openid_configuration")).json()
    tokens = await exchanged(intuit, scope="com.intuit.quickbooks.accounting openid email")
    head, claims, _ = tokens["id_token"].split(".")
    assert decoded(head)["alg"] == "RS256"
    told = decoded(claims)
    assert (told["iss"], told["aud"], told["realmid"]) == (found["issuer"], [APP[0]], REALM)
    assert told["exp"] - told["iat"] == 3600
    user = await intuit.get(found["userinfo_endpoint"], headers={"authorization": f"Bearer {tokens['access_token']}"})
    assert user.json() == {"sub": told["sub"], "email": "robin@larkspur.example", "emailVerified": True}
    world.clock.advance(3601)
    again = await intuit.get(found["userinfo_endpoint"], headers=user.request.headers)
    assert (again.status_code, again.json()) == (401, {"error": "invalid_token"})


async def test_without_openid_nobody_is_told(intuit: Any) -> None:
    tokens = await exchanged(intuit)
    assert "id_token" not in tokens
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    assert (await intuit.get("/v1/openid_connect/userinfo", headers=headers)).status_code == 401


async def test_scopes_that_intuit_does_not_know_are_refused(intuit: Any) -> None:
    for scope, status in (("app-foundations.custom-field-definitions.read", 200), ("everything", 400)):
        asked = {**ASKED, "scope": f"{ASKED['scope']} {scope}"}
        assert (await intuit.get("/connect/oauth2", params=asked)).status_code == status


async def test_registered_redirects_are_compared_letter_by_letter(intuit: Any, world: Any) -> None:
    world.settings["quickbooks"].turn({"redirect_uris": f"https://app.example/back {ASKED['redirect_uri']}"})
    assert (await intuit.get("/connect/oauth2", params=ASKED)).status_code == 200
    for wrong in (ASKED["redirect_uri"] + "/", ASKED["redirect_uri"].upper(), "https://app.example/"):
        asked = {**ASKED, "redirect_uri": wrong}
        assert (await intuit.get("/connect/oauth2", params=asked)).status_code == 400
        assert (await allowed(intuit, redirect_uri=wrong)).status_code == 400


async def test_a_code_is_bound_to_its_redirect_and_to_minutes(intuit: Any, world: Any) -> None:
    for late, redirect in ((0, "http://127.0.0.1:8081/other"), (301, ASKED["redirect_uri"])):
        code = (await consented(intuit, realmId=REALM, decision="allow"))["code"]
        assert len(code) <= 512
        world.clock.advance(late)
        given = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect}
        refused = await intuit.post(TOKENS, data=given, auth=APP)
        assert refused.json() == {"error": "invalid_grant", "error_description": "Invalid authorization code"}


async def test_a_consent_ends_after_five_years_however_often_it_is_refreshed(intuit: Any, world: Any) -> None:
    tokens = await exchanged(intuit)
    assert tokens["x_refresh_token_hard_expires_in"] == pytest.approx(157_680_000, abs=60)
    for _ in range(18):
        world.clock.advance(99 * 24 * 3600)
        tokens = (await refresh(intuit, tokens["refresh_token"])).json()
    assert "access_token" in tokens
    assert tokens["x_refresh_token_expires_in"] == pytest.approx(43 * 24 * 3600, abs=60), "no longer than the consent"
    world.clock.advance(44 * 24 * 3600)
    assert (await refresh(intuit, tokens["refresh_token"])).json() == {"error": "invalid_grant"}


async def test_a_person_who_is_no_administrator_any_more_blocks_the_app(automated: Any, intuit: Any) -> None:
    rights = f"/people/administrator/quickbooks/{REALM}/rights"
    assert (await automated.control.put(rights, json={"administrator": False})).status_code == 200
    refused = await read_company(intuit, "sandbox-quickbooks-access-1")
    assert refused.status_code == 401
    assert refused.json()["Fault"] == {
        "Error": [
            {
                "Message": "Authorization Failure",
                "Detail": ": -11014-You do not have access to use QuickBooks Online Plus.",
                "code": "120",
            }
        ],
        "type": "AuthorizationFault",
    }
    assert (await refresh(intuit, "sandbox-quickbooks-refresh-1")).status_code == 200
    assert (await automated.control.put(rights, json={"administrator": True})).status_code == 200
    assert (await read_company(intuit, "sandbox-quickbooks-access-1")).status_code == 200
