"""What the fuzzer found, one example each."""

import httpx
import pytest

DEALS = "/crm/objects/2026-09/deals"
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize("after", ["x", "²", "9" * 5000])
@pytest.mark.parametrize("path", [DEALS, "/crm/owners/2026-09"])
async def test_a_cursor_that_no_answer_gave_is_refused(hubspot: httpx.AsyncClient, path: str, after: str) -> None:
    answer = await hubspot.get(path, params={"after": after})
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    assert (await hubspot.get(path, params={"limit": after})).status_code == 400


async def test_below_a_record_a_strange_cursor_is_the_first_page(hubspot: httpx.AsyncClient) -> None:
    deal = (await hubspot.get(DEALS, params={"limit": 1})).json()["results"][0]["id"]
    pages = [(await hubspot.get(f"{DEALS}/{deal}/associations/contacts?after={a}")).json() for a in ("0", "9" * 5000)]
    assert pages[0] == pages[1]


@pytest.mark.parametrize("value", ["1e5000000", "-1E+40", "1e-999999"])
async def test_a_number_has_bounds(hubspot: httpx.AsyncClient, value: str) -> None:
    given = {"properties": {"name": "Thing", "price": value}}
    answer = await hubspot.post("/crm/objects/2026-09/products", json=given)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "INVALID_INTEGER")


async def test_the_amounts_of_a_line_of_huge_numbers_are_exact(hubspot: httpx.AsyncClient) -> None:
    values = {"name": "Line", "price": "1" + "0" * 30, "quantity": "3" + "0" * 29}
    made = await hubspot.post("/crm/objects/2026-09/line_items", json={"properties": values})
    assert made.json()["properties"]["amount"] == "3" + "0" * 59 + ".00"


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity"])
async def test_a_search_compares_with_no_number_that_is_none(hubspot: httpx.AsyncClient, value: str) -> None:
    wanted = [{"propertyName": "amount", "operator": "GT", "value": value}]
    answer = await hubspot.post(f"{DEALS}/search", json={"filterGroups": [{"filters": wanted}]})
    assert (answer.status_code, answer.json()["total"]) == (200, 0)


async def test_a_text_nested_deeper_than_any_document_is_refused(hubspot: httpx.AsyncClient) -> None:
    for deep in (b'{"filters":[' * 400 + b"]}" * 400, b"[" * 100_000):
        answer = await hubspot.post(f"{DEALS}/batch/read", content=deep, headers=JSON)
        assert answer.status_code == 400
        assert answer.json()["message"].startswith("Invalid input JSON on line 1, column 1")


@pytest.mark.parametrize("account", ["²", "9" * 5000])
async def test_nobody_consents_for_an_account_that_is_no_number(hubspot: httpx.AsyncClient, account: str) -> None:
    asked = {"client_id": "sandbox-hubspot-app", "redirect_uri": "http://a.example/", "scope": "oauth"}
    answer = await hubspot.get("/oauth/authorize", params={**asked, "account": account, "consent": "yes"})
    assert answer.status_code == 400
    odd = {**asked, "redirect_uri": "http://[", "account": "24000001", "consent": "yes"}
    assert (await hubspot.get("/oauth/authorize", params=odd)).status_code == 400
    sent = await hubspot.get("/oauth/authorize", params={**odd, "redirect_uri": "http://a.example/ é\r\nX-Injected: 1"})
    assert sent.headers["location"].startswith("http://a.example/%20%C3%A9%0D%0AX-Injected:%201?code=")
    assert "x-injected" not in sent.headers
    assert (await hubspot.get("/oauth/authorize?client_id=%ff&\xff=1")).status_code == 400


async def ids_of(hubspot: httpx.AsyncClient, plural: str) -> list[str]:
    return [one["id"] for one in (await hubspot.get(f"/crm/objects/2026-09/{plural}?limit=2")).json()["results"]]


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/crm/associations/2026-09/deals/contacts/batch/associate/default", {}),
        ("/crm/associations/2026-09/deals/contacts/batch/archive", {}),
        ("/crm/associations/2026-09/deals/contacts/batch/labels/archive", {"types": [{"associationTypeId": 3}]}),
        ("/crm/v3/associations/deals/contacts/batch/create", {"type": "deal_to_contact"}),
        ("/crm/v3/associations/deals/contacts/batch/archive", {"type": "deal_to_contact"}),
    ],
)
async def test_a_refused_batch_of_associations_did_nothing(
    control: httpx.AsyncClient, hubspot: httpx.AsyncClient, path: str, more: dict
) -> None:
    deal, other = await ids_of(hubspot, "deals")
    made = await hubspot.post("/crm/objects/2026-09/contacts", json={"properties": {"lastname": "New"}})
    contact = made.json()["id"]
    await hubspot.put(f"/crm/objects/2026-09/deals/{other}/associations/default/contacts/{contact}")
    before = (await control.get("/fingerprint")).json()
    inputs = [{"from": {"id": each}, "to": {"id": contact}, **more} for each in (deal, other)]
    answer = await hubspot.post(path, json={"inputs": [*inputs, {"from": {}, "to": {"id": contact}, **more}]})
    assert answer.status_code == 400
    assert (await control.get("/fingerprint")).json() == before
    assert (await hubspot.post(path, json={"inputs": inputs})).status_code in {200, 201, 204}
    assert (await control.get("/fingerprint")).json() != before


async def test_a_refused_batch_without_trace_ids_did_nothing(
    control: httpx.AsyncClient, hubspot: httpx.AsyncClient
) -> None:
    first, second = await ids_of(hubspot, "deals")
    before = (await control.get("/fingerprint")).json()
    good, wrong = {"id": first, "properties": {"amount": "1.23"}}, {"id": second, "properties": {"amount": "x"}}
    answer = await hubspot.post(f"{DEALS}/batch/update", json={"inputs": [good, wrong]})
    assert answer.status_code == 400
    names = {"inputs": [{"name": "amount"}]}
    assert (await hubspot.post("/crm/properties/2026-09/deals/batch/archive", json=names)).status_code == 400
    assert (await control.get("/fingerprint")).json() == before
    traced = [{**each, "objectWriteTraceId": each["id"]} for each in (good, wrong)]
    answer = await hubspot.post(f"{DEALS}/batch/update", json={"inputs": traced})
    assert (answer.status_code, len(answer.json()["results"]), answer.json()["numErrors"]) == (207, 1, 1)


async def test_a_record_with_one_tie_too_many_is_not_made(
    control: httpx.AsyncClient, hubspot: httpx.AsyncClient
) -> None:
    await control.put("/settings/hubspot", json={"single_parent": True})
    deals = await ids_of(hubspot, "deals")
    before = (await control.get("/fingerprint")).json()
    ties = [{"to": {"id": deal}, "types": [{"associationTypeId": 20}]} for deal in deals]
    given = {"properties": {"name": "Line", "quantity": "1", "price": "1"}, "associations": ties}
    answer = await hubspot.post("/crm/objects/2026-09/line_items", json=given)
    assert answer.status_code == 400
    assert (await control.get("/fingerprint")).json() == before
    given["associations"] = ties[:1]
    assert (await hubspot.post("/crm/objects/2026-09/line_items", json=given)).status_code == 201


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
async def test_a_moment_that_is_not_there_in_utc_is_refused(hubspot: httpx.AsyncClient, moment: str) -> None:
    answer = await hubspot.post("/crm/objects/2026-09/tasks", json={"properties": {"hs_timestamp": moment}})
    assert answer.status_code == 400
    assert "INVALID_DATE" in answer.text
    rate = {"fromCurrencyCode": "EUR", "conversionRate": 1.1, "effectiveAt": moment}
    assert (await hubspot.post("/settings/currencies/2026-09/exchange-rates", json=rate)).status_code == 400


async def test_a_group_of_no_filters_means_everything(hubspot: httpx.AsyncClient) -> None:
    for group in ({"filters": None}, {}):
        answer = await hubspot.post(f"{DEALS}/search", json={"filterGroups": [group]})
        assert answer.json()["total"] == (await hubspot.post(f"{DEALS}/search", json={})).json()["total"] > 0
