"""What the fuzzer found on the control door: an order that cannot be carried out is refused, and changes nothing."""

import httpx
import pytest

DESK = "/people/bookkeeper/9130350000000001"
SALES = "/people/salesperson/24000001/objects/deals"


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("PUT", "/clock", b'{"now": 5}'),
        ("PUT", "/clock", b'{"now": "9999-12-31T23:59:59Z"}'),
        ("PUT", "/clock", b'{"frozen": "yes"}'),
        ("POST", "/clock/advance", b'{"seconds": "Infinity"}'),
        ("POST", "/clock/advance", b'{"seconds": 1e18}'),
        ("POST", "/reset", b'{"clock": {}}'),
        ("POST", "/reset", b"[" * 5000),
        ("POST", "/reset", b'{"\xff": 1}'),
        ("GET", "/webhooks/hubspot/deliveries?after=1e999", b""),
        ("PUT", "/webhooks/hubspot", b'{"batch": 0}'),
        ("PUT", "/webhooks/hubspot", b'{"retry_seconds": [1e300]}'),
        ("PUT", "/webhooks/hubspot", b'{"drop": 2}'),
        ("PUT", "/settings/hubspot", b'{"search_lag_seconds": 1e300}'),
        ("PUT", "/limits/hubspot", b'{"burst": -1}'),
        ("POST", "/faults", b'{"vendor": "hubspot", "status": 99999}'),
        ("POST", "/faults", b'{"vendor": "hubspot", "headers": {"a b": "c"}}'),
        ("POST", "/faults", b'{"vendor": "hubspot", "latency_milliseconds": 1e300}'),
        ("PATCH", f"{DESK}/preferences", b'{"BookCloseDate": 5}'),
        ("PATCH", f"{DESK}/preferences", b'{"AllowDeposit": "yes"}'),
        ("PATCH", f"{DESK}/preferences", b'{"DefaultTerms": {"value": "999"}}'),
        ("POST", f"{DESK}/payment", b'{"invoices": {"1": "2026-11-20"}}'),
        ("POST", f"{DESK}/payment", b'{"invoices": []}'),
        ("POST", f"{DESK}/item/bundle", b'{"Name": "B", "ItemGroupDetail": {"ItemGroupLine": [[]]}}'),
        ("POST", f"{DESK}/taxcode/group", b'{"Name": "G", "TaxRateDetail": [{"TaxTypeApplicable": []}]}'),
        ("POST", f"{DESK}/taxcode/group", b'{"Name": ["G"], "TaxRateDetail": []}'),
        ("PUT", "/people/administrator/hubspot/24000001/migration", b'{"seconds": 1e300}'),
        ("POST", f"{DESK}/invoice/3/einvoice", b'{"status": ["Viewed"]}'),
        ("PUT", "/people/administrator/hubspot/24000001/required", b'{"type": "deals", "on_create": true}'),
        ("POST", SALES, b'{"properties": "default"}'),
        ("POST", SALES, b'{"properties": ["dealname"]}'),
        ("PUT", f"{SALES}/1/associations/contacts/2", b'{"\xc3": 1}'),
        ("PUT", f"{SALES}/1/associations/contacts/2", b'{"types": 1}'),
        ("PUT", f"{SALES}/1/associations/contacts/2", b'[{"associationTypeId": []}]'),
    ],
)
async def test_an_order_that_cannot_be_carried_out(
    control: httpx.AsyncClient, method: str, path: str, content: bytes
) -> None:
    before = (await control.get("/fingerprint")).json()
    answer = await control.request(method, path, content=content)
    assert answer.status_code == 400
    told = answer.json()
    assert told.get("error") or told.get("message") or told["Fault"]["Error"][0]["Message"]
    assert (await control.get("/fingerprint")).json() == before


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("GET", f"/hubspot/{'9' * 5000}/objects/deals", 404), ("DELETE", "/health", 405)],
)
async def test_an_unknown_address_is_told_in_the_control_doors_words(
    control: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    answer = await control.request(method, path)
    assert answer.status_code == status
    assert answer.json() == {"error": {404: "Not Found", 405: "Method Not Allowed"}[status]}
