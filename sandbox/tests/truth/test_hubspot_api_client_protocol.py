"""The judge is hubspot-api-client: what it raises, how it retries, plain requests on all three families of paths."""

import json

import pytest
import urllib3
from doors import Doors
from hubspot import HubSpot
from hubspot.crm.contacts import ApiException, PublicObjectSearchRequest, SimplePublicObjectInputForCreate
from hubspot.crm.contacts.exceptions import ForbiddenException, ServiceException, UnauthorizedException
from hubspot_portal import open_portal
from urllib3.util.retry import Retry

JUDGE = "hubspot-api-client (Python)"
ACCOUNT = "24000001"


def body(refused: pytest.ExceptionInfo) -> dict:
    return json.loads(refused.value.body)


def calls(doors: Doors, method: str) -> list[int]:
    """The answers' statuses of all calls of a method, in their order."""
    path = f"/journal?vendor=hubspot&method={method}"
    return [one["status"] for one in doors.ask("GET", path).json()]


def test_an_unknown_token_is_unauthorized(doors: Doors) -> None:
    with pytest.raises(UnauthorizedException) as refused:
        open_portal(doors, "nobodys").crm.contacts.basic_api.get_page()
    assert (refused.value.status, body(refused)["category"]) == (401, "INVALID_AUTHENTICATION")


def test_a_missing_scope_is_forbidden_and_named(doors: Doors, portal: HubSpot) -> None:
    wanted = {"scopes": ["oauth", "crm.objects.contacts.read"]}
    doors.ask("PUT", f"/people/administrator/hubspot/{ACCOUNT}/scopes", wanted)
    assert portal.crm.contacts.basic_api.get_page(limit=1).results
    with pytest.raises(ForbiddenException) as refused:
        portal.crm.contacts.basic_api.create(SimplePublicObjectInputForCreate(properties={"firstname": "A"}))
    told = body(refused)
    assert (refused.value.status, told["category"]) == (403, "MISSING_SCOPES")
    assert told["errors"][0]["context"] == {"requiredGranularScopes": ["crm.objects.contacts.write"]}


def test_calls_are_counted_in_headers_and_searches_are_not(doors: Doors, portal: HubSpot) -> None:
    doors.ask("PUT", "/limits/hubspot", {"on": True, "burst": 5})
    told = [portal.crm.contacts.basic_api.get_page_with_http_info(limit=1)[2] for _ in range(2)]
    assert [one["x-hubspot-ratelimit-max"] for one in told] == ["5", "5"]
    assert int(told[0]["x-hubspot-ratelimit-remaining"]) - int(told[1]["x-hubspot-ratelimit-remaining"]) == 1
    assert told[0]["x-hubspot-correlation-id"]
    search = portal.crm.contacts.search_api.do_search_with_http_info(PublicObjectSearchRequest(limit=1))
    assert search[1] == 200
    assert not [name for name in search[2] if name.lower().startswith("x-hubspot-ratelimit")]


@pytest.mark.parametrize(
    ("limits", "policy"), [({"burst": 0}, "TEN_SECONDLY_ROLLING"), ({"daily": 0}, "DAILY")], ids=["burst", "daily"]
)
def test_too_many_calls_are_refused_by_their_policy(
    doors: Doors, portal: HubSpot, limits: dict[str, int], policy: str
) -> None:
    doors.ask("PUT", "/limits/hubspot", {"on": True, **limits})
    with pytest.raises(ApiException) as refused:
        portal.crm.contacts.basic_api.get_page()
    told = body(refused)
    assert (refused.value.status, told["errorType"], told["policyName"]) == (429, "RATE_LIMIT", policy)


def test_searches_are_counted_by_the_second(doors: Doors, portal: HubSpot) -> None:
    doors.ask("PUT", "/limits/hubspot", {"on": True, "search_per_second": 0})
    with pytest.raises(ApiException) as refused:
        portal.crm.contacts.search_api.do_search(PublicObjectSearchRequest(limit=1))
    assert (refused.value.status, body(refused)["policyName"]) == (429, "SECONDLY")


@pytest.mark.parametrize("ready", ["ten_secondly", "internal_error", "bad_gateway", "gateway_timeout"])
def test_the_clients_own_retries_see_it_through(doors: Doors, ready: str) -> None:
    doors.ask("POST", "/faults", {"vendor": "hubspot", "ready": ready, "times": 2})
    retry = Retry(total=3, backoff_factor=0, status_forcelist=(429, 500, 502, 504))
    assert open_portal(doors, retry=retry).crm.contacts.basic_api.get_page(limit=1).results
    first, second, last = calls(doors, "GET")
    assert (first, last) == (second, 200)
    assert first >= 429


@pytest.mark.parametrize(
    ("ready", "status"),
    [
        ("internal_error", 500),
        ("bad_gateway", 502),
        ("unavailable", 503),
        ("gateway_timeout", 504),
        ("no_answer_in_time", 524),
    ],
)
def test_an_outage_is_a_service_exception(doors: Doors, portal: HubSpot, ready: str, status: int) -> None:
    doors.ask("POST", "/faults", {"vendor": "hubspot", "ready": ready, "times": 1})
    with pytest.raises(ServiceException) as refused:
        portal.crm.contacts.basic_api.get_page()
    assert refused.value.status == status
    assert refused.value.body.startswith("{" if status == 500 else "<html>")


@pytest.mark.parametrize(
    ("ready", "status", "category"), [("locked", 423, "LOCKED"), ("moving", 477, "MIGRATION")], ids=["423", "477"]
)
def test_a_locked_or_moving_account_is_an_api_exception(
    doors: Doors, portal: HubSpot, ready: str, status: int, category: str
) -> None:
    doors.ask("POST", "/faults", {"vendor": "hubspot", "ready": ready, "times": 1})
    with pytest.raises(ApiException) as refused:
        portal.crm.contacts.basic_api.get_page()
    assert (refused.value.status, body(refused)["category"]) == (status, category)
    assert refused.value.headers.get("retry-after") == ("60" if status == 477 else None)


def test_work_is_done_although_its_answer_is_lost(doors: Doors, portal: HubSpot) -> None:
    doors.ask("POST", "/faults", {"vendor": "hubspot", "method": "POST", "times": 1, "lose_answer": True})
    made = SimplePublicObjectInputForCreate(properties={"email": "lost@judge.example"})
    with pytest.raises(urllib3.exceptions.ProtocolError):
        portal.crm.contacts.basic_api.create(made)
    found = portal.crm.contacts.basic_api.get_by_id("lost@judge.example", id_property="email")
    assert found.properties["email"] == "lost@judge.example"


@pytest.mark.parametrize("version", ["2026-03", "2026-09"])
def test_dated_paths_answer_plain_requests(portal: HubSpot, version: str) -> None:
    path = f"/crm/objects/{version}/contacts"
    wanted = {"properties": {"email": f"{version}@judge.example"}}
    made = portal.api_request({"method": "POST", "path": path, "body": wanted})
    assert (made.status_code, made.json()["properties"]["email"]) == (201, f"{version}@judge.example")
    listed = portal.api_request({"path": path, "qs": {"limit": 1, "properties": ["email", "firstname"]}}).json()
    assert listed["results"][0]["properties"].keys() >= {"email", "firstname"}
    assert portal.api_request({"method": "DELETE", "path": f"{path}/{made.json()['id']}"}).status_code == 204


@pytest.mark.parametrize("path", ["/account-info/v3/details", "/account-info/2026-09/details"])
def test_the_account_tells_about_itself(portal: HubSpot, path: str) -> None:
    told = portal.api_request({"path": path}).json()
    assert (told["portalId"], told["companyCurrency"], told["timeZone"]) == (24000001, "USD", "America/New_York")
    assert (told["additionalCurrencies"], told["accountType"]) == (["EUR", "GBP"], "STANDARD")


@pytest.mark.parametrize("base", ["/settings/v3/currencies", "/settings/currencies/2026-09"])
def test_currencies_and_their_rates(portal: HubSpot, base: str) -> None:
    assert portal.api_request({"path": f"{base}/company-currency"}).json()["id"] == "USD"
    given = {"fromCurrencyCode": "EUR", "conversionRate": 1.25}
    made = portal.api_request({"method": "POST", "path": f"{base}/exchange-rates", "body": given})
    assert (made.status_code, made.json()["toCurrencyCode"]) == (201, "USD")
    current = portal.api_request({"path": f"{base}/exchange-rates/current"}).json()["results"]
    assert {one["fromCurrencyCode"]: one["conversionRate"] for one in current}["EUR"] == 1.25
    assert "EUR" in {one["currencyCode"] for one in portal.api_request({"path": f"{base}/codes"}).json()["results"]}


def test_what_is_not_there_is_not_found(portal: HubSpot) -> None:
    assert portal.api_request({"path": "/crm/v3/nowhere"}).status_code == 404
    assert portal.api_request({"path": "/crm/objects/2031-01/contacts"}).status_code == 404
    assert portal.api_request({"method": "PUT", "path": "/crm/v3/objects/contacts"}).status_code == 405
