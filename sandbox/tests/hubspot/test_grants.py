"""OAuth, scopes, limits, webhooks with their echoes (hubspot.md 2, 10, 16)."""

import hashlib
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from ledgerbridge_sandbox.hubspot import signatures

CRM = "/crm/objects/2026-09"
APP = {"client_id": "sandbox-hubspot-app", "client_secret": "sandbox-hubspot-secret"}
REDIRECT = "https://bridge.example.com/oauth/hubspot/callback"
SCOPES = "oauth crm.objects.deals.read"


async def a_code(control: httpx.AsyncClient, account: str = "24000001") -> str:
    query = httpx.QueryParams({"client_id": APP["client_id"], "redirect_uri": REDIRECT, "scope": SCOPES, "state": "s1"})
    wanted = {"vendor": "hubspot", "account": account, "url": f"https://app.hubspot.com/oauth/authorize?{query}"}
    answer = await control.post("/people/administrator/authorize", json=wanted)
    found = parse_qs(urlsplit(answer.json()["location"]).query)
    assert found["state"] == ["s1"]
    return found["code"][0]


async def token(hubspot: httpx.AsyncClient, **fields: str) -> httpx.Response:
    return await hubspot.post("/oauth/2026-09/token", data={**APP, **fields})


async def exchanged(hubspot: httpx.AsyncClient, control: httpx.AsyncClient) -> dict[str, Any]:
    code = await a_code(control)
    answer = await token(hubspot, grant_type="authorization_code", code=code, redirect_uri=REDIRECT)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_code_becomes_tokens_once(hubspot: httpx.AsyncClient, control: httpx.AsyncClient) -> None:
    code = await a_code(control)
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT}
    grant = (await token(hubspot, **fields)).json()
    assert (grant["hub_id"], grant["expires_in"], grant["scopes"]) == (24000001, 1800, SCOPES.split())
    assert (await token(hubspot, **fields)).json()["status"] == "BAD_AUTH_CODE"
    other = {**fields, "code": await a_code(control), "redirect_uri": REDIRECT + "/x"}
    assert (await token(hubspot, **other)).json()["status"] == "BAD_REDIRECT_URI"
    assert (await token(hubspot, **{**fields, "client_secret": "no"})).json()["status"] == "BAD_CLIENT_SECRET"
    assert (await token(hubspot, **{**fields, "client_id": "no"})).json()["error"] == "invalid_client"
    introspected = await hubspot.post("/oauth/v3/token/introspect", data={**APP, "token": grant["access_token"]})
    assert introspected.json()["hub_id"] == 24000001


async def test_tokens_are_described(hubspot: httpx.AsyncClient, control: httpx.AsyncClient) -> None:
    grant = await exchanged(hubspot, control)
    told = {}
    for use in ("access_token", "refresh_token"):
        answer = await hubspot.post("/oauth/2026-03/token/introspect", data={**APP, "token": grant[use]})
        told[use] = answer.json()
        assert (told[use]["active"], told[use]["token_use"], told[use]["app_id"]) == (True, use, 2401001)
    assert told["access_token"]["signed_access_token"]["hubId"] == 24000001
    assert told["access_token"].keys() - told["refresh_token"].keys() == {
        "expires_in",
        "is_private_distribution",
        "signed_access_token",
    }
    access = (await hubspot.get(f"/oauth/v1/access-tokens/{grant['access_token']}")).json()
    assert (access["token_type"], access["app_id"]) == ("access", 2401001)
    assert 1700 < access["expires_in"] <= 1800
    refresh = (await hubspot.get(f"/oauth/v1/refresh-tokens/{grant['refresh_token']}")).json()
    assert (refresh["token_type"], refresh["client_id"]) == ("refresh", "sandbox-hubspot-app")
    assert not {"active", "token_use"} & (access.keys() | refresh.keys())
    assert (await hubspot.get("/oauth/v1/access-tokens/nobodys")).status_code == 404


async def test_the_consent_page_is_a_form(hubspot: httpx.AsyncClient) -> None:
    query = {"client_id": APP["client_id"], "redirect_uri": REDIRECT, "scope": SCOPES}
    page = await hubspot.get("/oauth/authorize", params=query)
    assert page.headers["content-type"].startswith("text/html")
    assert "24000002" in page.text
    posted = await hubspot.post("/oauth/authorize", data={**query, "account": "24000002", "consent": "yes"})
    assert posted.headers["location"].startswith(REDIRECT + "?code=")
    assert (await hubspot.get("/oauth/authorize", params={**query, "scope": "oauth nonsense"})).status_code == 400


async def test_tokens_expire_on_the_sandbox_clock_and_are_refreshed(
    hubspot: httpx.AsyncClient, control: httpx.AsyncClient
) -> None:
    grant = await exchanged(hubspot, control)
    headers = {"authorization": f"Bearer {grant['access_token']}"}
    assert (await hubspot.get(f"{CRM}/deals", headers=headers)).status_code == 200
    await control.post("/clock/advance", json={"seconds": 1882})
    stale = await hubspot.get(f"{CRM}/deals", headers=headers)
    assert (stale.status_code, stale.json()["category"]) == (401, "EXPIRED_AUTHENTICATION")
    renewed = (await token(hubspot, grant_type="refresh_token", refresh_token=grant["refresh_token"])).json()
    assert renewed["refresh_token"] == grant["refresh_token"]
    headers = {"authorization": f"Bearer {renewed['access_token']}"}
    assert (await hubspot.get(f"{CRM}/deals", headers=headers)).status_code == 200
    assert (await control.post("/people/administrator/hubspot/24000001/expire")).json()["expired"] == 2
    assert (await hubspot.get(f"{CRM}/deals", headers=headers)).status_code == 401
    await control.put("/settings/hubspot", json={"rotate_refresh_token": True})
    rotated = (await token(hubspot, grant_type="refresh_token", refresh_token=grant["refresh_token"])).json()
    assert rotated["refresh_token"] != grant["refresh_token"]
    dead = await token(hubspot, grant_type="refresh_token", refresh_token=grant["refresh_token"])
    assert (dead.status_code, dead.json()["status"]) == (400, "BAD_REFRESH_TOKEN")


async def test_a_person_disconnects_the_app(hubspot: httpx.AsyncClient, control: httpx.AsyncClient) -> None:
    grant = await exchanged(hubspot, control)
    await control.post("/people/administrator/hubspot/24000001/revoke")
    dead = await token(hubspot, grant_type="refresh_token", refresh_token=grant["refresh_token"])
    assert dead.json()["status"] == "BAD_REFRESH_TOKEN"
    refused = await hubspot.get(f"{CRM}/deals")
    assert (refused.status_code, refused.json()["category"]) == (401, "INVALID_AUTHENTICATION")


async def test_missing_scopes_are_named(hubspot: httpx.AsyncClient, control: httpx.AsyncClient) -> None:
    grant = await exchanged(hubspot, control)
    headers = {"authorization": f"Bearer {grant['access_token']}"}
    made = {"properties": {"dealname": "x", "dealstage": "contractsent"}}
    refused = await hubspot.post(f"{CRM}/deals", json=made, headers=headers)
    assert (refused.status_code, refused.json()["category"]) == (403, "MISSING_SCOPES")
    assert refused.json()["errors"][0]["context"] == {"requiredGranularScopes": ["crm.objects.deals.write"]}
    group = await hubspot.post(
        "/crm/properties/2026-09/deals/groups", json={"name": "g", "label": "G"}, headers=headers
    )
    assert group.json()["errors"][0]["context"] == {"requiredGranularScopes": ["crm.schemas.deals.write"]}


async def test_limits_count_and_refuse(hubspot: httpx.AsyncClient, control: httpx.AsyncClient) -> None:
    await control.put("/limits/hubspot", json={"burst": 3})
    answers = [await hubspot.get(f"{CRM}/deals?limit=1") for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert answers[2].headers["x-hubspot-ratelimit-remaining"] == "0"
    assert answers[3].json()["policyName"] == "TEN_SECONDLY_ROLLING"
    searches = [await hubspot.post(f"{CRM}/deals/search", json={"limit": 1}) for _ in range(6)]
    assert [one.status_code for one in searches] == [200] * 5 + [429]
    assert "x-hubspot-ratelimit-max" not in searches[0].headers
    await control.put("/limits/hubspot", json={"burst": 1000, "daily": 8})
    assert (await hubspot.get(f"{CRM}/deals?limit=1")).json()["policyName"] == "DAILY"
    await control.post("/clock/advance", json={"seconds": 86400})
    assert (await hubspot.get(f"{CRM}/deals?limit=1")).status_code == 200
    await control.put("/limits/hubspot", json={"on": False, "burst": 1, "daily": 1})
    assert [(await hubspot.get(f"{CRM}/deals?limit=1")).status_code for _ in range(3)] == [200] * 3


async def test_changes_are_told_signed_with_who_made_them(
    hubspot: httpx.AsyncClient, control: httpx.AsyncClient, receiver: Any
) -> None:
    await control.put("/settings/hubspot", json={"webhook_forms": "both"})
    made = {"properties": {"dealname": "Told", "dealstage": "contractsent"}}
    deal = (await hubspot.post(f"{CRM}/deals", json=made)).json()["id"]
    change = {"properties": {"dealname": "Changed"}}
    await control.patch(f"/people/salesperson/24000001/objects/deals/{deal}", json=change)
    await control.delete(f"/people/salesperson/24000001/objects/deals/{deal}")
    await control.post("/webhooks/hubspot/settle")
    events = [event for _, body in receiver.got for event in json.loads(body)]
    told = {(e["subscriptionType"], e["changeSource"], e["sourceId"], e.get("propertyValue")) for e in events}
    for form in ("object", "deal"):
        assert (f"{form}.creation", "INTEGRATION", "2401001", None) in told
        assert (f"{form}.propertyChange", "INTEGRATION", "2401001", "Told") in told
        assert (f"{form}.propertyChange", "CRM_UI", "userId:100", "Changed") in told
        assert (f"{form}.deletion", "CRM_UI", "userId:100", None) in told
    assert {event["objectId"] for event in events} == {int(deal)}
    headers, body = receiver.got[0]
    url = (await control.get("/webhooks/hubspot")).json()["url"]
    secret, timestamp = APP["client_secret"], int(headers["x-hubspot-request-timestamp"])
    assert headers["x-hubspot-signature"] == hashlib.sha256(secret.encode() + body).hexdigest()
    assert headers["x-hubspot-signature-v3"] == signatures.v3(secret, "POST", url, body, timestamp)


async def test_associations_are_told_from_both_ends(
    hubspot: httpx.AsyncClient, control: httpx.AsyncClient, receiver: Any
) -> None:
    deals = (await control.get("/hubspot/24000001/objects/deals")).json()["results"]
    companies = (await control.get("/hubspot/24000001/objects/companies")).json()["results"]
    deal, company = next(d["id"] for d in deals if not d["associations"].get("companies")), companies[0]["id"]
    await hubspot.put(
        f"{CRM}/deals/{deal}/associations/companies/{company}",
        json=[{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 5}],
    )
    await control.post("/webhooks/hubspot/settle")
    events = [event for _, body in receiver.got for event in json.loads(body)]
    told = {(e["associationType"], e["associationTypeId"], e["isPrimaryAssociation"]) for e in events}
    assert told == {
        ("DEAL_TO_COMPANY", 5, True),
        ("COMPANY_TO_DEAL", 6, True),
        ("DEAL_TO_COMPANY", 341, False),
        ("COMPANY_TO_DEAL", 342, False),
    }
