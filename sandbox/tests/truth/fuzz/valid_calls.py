"""Calls that the doors accept, of every sort that there is: what the fuzzer spoils."""

import base64
import gzip
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
from doors import Doors
from fuzz.call import Call
from ledgerbridge_sandbox.hubspot.object_types import OBJECT_TYPES
from ledgerbridge_sandbox.quickbooks.schema import KINDS

REALMS = {number: f"913035000000000{number}" for number in (1, 2, 3)}
HUB = {"authorization": "Bearer pat-na1-sandbox-1", "content-type": "application/json"}
HUBSPOT_APP = {"client_id": "sandbox-hubspot-app", "client_secret": "sandbox-hubspot-secret"}
INTUIT_APP = "Basic " + base64.b64encode(b"sandbox-quickbooks-app:sandbox-quickbooks-secret").decode()
FORM = {"content-type": "application/x-www-form-urlencoded"}
_SINCE = "2026-11-20T00:00:00-08:00"
STATEMENTS = (
    "select * from Invoice",
    "select count(*) from Customer where Active in (true,false)",
    "select * from Customer where DisplayName like '%Lark%' orderby DisplayName desc startposition 2 maxresults 5",
    "select * from Invoice where MetaData.LastUpdatedTime >= '2026-11-01T00:00:00-08:00' and Balance > '0'",
    "select * from Payment where TxnDate <= CURRENT_DATE and TotalAmt > '1.00' order by TxnDate asc",
    "select * from Item where Name = 'Builder\\'s Level'",
    "select * from Attachable where AttachableRef.EntityRef.Type = 'Invoice'",
    "select * from Invoice where Id in ('1','2','3') maxresults 1000",
)
_FILE = (
    b'--seam\r\nContent-Disposition: form-data; name="file_metadata_01"\r\nContent-Type: application/json\r\n\r\n'
    b'{"Note":"a file"}\r\n--seam\r\nContent-Disposition: form-data; name="file_content_01"; filename="a.txt"\r\n'
    b"Content-Type: text/plain\r\n\r\nwords\r\n--seam--\r\n"
)

_XML = b'xmlns="http://schema.intuit.com/finance/v3"'
_CUSTOMER = (
    b"<Customer %s><DisplayName>In XML</DisplayName><BillAddr><Line1>1 Road</Line1></BillAddr></Customer>" % _XML
)
_BATCH = (
    b'<IntuitBatchRequest %s><BatchItemRequest bId="1" operation="create"><Vendor><DisplayName>In XML</DisplayName>'
    b'</Vendor></BatchItemRequest><BatchItemRequest bId="2"><Query>select * from Term</Query></BatchItemRequest>'
    b"</IntuitBatchRequest>"
) % _XML


def intuit(number: int) -> dict[str, str]:
    token = f"Bearer sandbox-quickbooks-access-{number}"
    return {"authorization": token, "accept": "application/json", "content-type": "application/json"}


def quickbooks(number: int, method: str, path: str, body: Any = None, **query: str) -> Call:
    asked = tuple((name, quote(value)) for name, value in query.items())
    return Call("quickbooks", method, f"/v3/company/{REALMS[number]}/{path}", asked, intuit(number), body)


def quickbooks_calls(doors: Doors) -> Iterator[Call]:
    """Of all three companies: each kind of object read, written back, asked for; and everything else once."""
    for number, realm in REALMS.items():
        for kind in KINDS.values():
            for found in doors.ask("GET", f"/quickbooks/{realm}/{kind.path}").json()[:2]:
                yield from _of_object(number, kind.path, found)
            yield quickbooks(number, "GET", "query", query=f"select * from {kind.name} maxresults 3")  # noqa: S608
        yield from _new(number)
        yield from _others(number)
    yield from _intuit_oauth()


def _of_object(number: int, path: str, found: dict[str, Any]) -> Iterator[Call]:
    if "MetaData" not in found:
        return
    key = {"Id": found["Id"], "SyncToken": found["SyncToken"]}
    yield quickbooks(number, "GET", f"{path}/{found['Id']}")
    yield quickbooks(number, "POST", path, found)
    yield quickbooks(number, "POST", path, {**found, "sparse": True}, requestid="again")
    yield quickbooks(number, "POST", path, key, operation="delete")
    yield quickbooks(number, "POST", path, {**key, "sparse": True}, operation="update", include="void")
    yield quickbooks(number, "POST", f"{path}/{found['Id']}/send", sendTo="a@b.example")
    yield quickbooks(number, "GET", f"{path}/{found['Id']}/pdf")


def _sale(number: int) -> list[dict[str, Any]]:
    code = {"TaxCodeRef": {"value": "3" if number == 2 else "TAX"}}
    item = {"ItemRef": {"value": "1"}, "Qty": 2, "UnitPrice": 5.25, **code}
    discount = {"DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10}}
    words = {"DetailType": "DescriptionOnly", "Description": "Subtotal:", "DescriptionLineDetail": {}}
    return [{"Amount": 10.5, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": item}, words, discount]


def _new(number: int) -> Iterator[Call]:
    who, lines = {"CustomerRef": {"value": "1"}}, _sale(number)
    new: dict[str, dict[str, Any]] = {
        "invoice": {
            **who,
            "Line": lines,
            "Deposit": 1,
            "TxnDate": "2026-11-20",
            "BillEmail": {"Address": "a@b.example"},
        },
        "creditmemo": {**who, "Line": lines, "PrivateNote": "a note"},
        "estimate": {**who, "Line": lines, "ExpirationDate": "2026-12-24"},
        "salesreceipt": {**who, "Line": lines},
        "refundreceipt": {**who, "Line": lines, "DepositToAccountRef": {"value": "4"}},
        "payment": {**who, "TotalAmt": 5, "Line": [{"Amount": 5, "LinkedTxn": [{"TxnId": "1", "TxnType": "Invoice"}]}]},
        "customer": {
            "DisplayName": "New one",
            "BillAddr": {"Line1": "1 Road"},
            "PrimaryPhone": {"FreeFormNumber": "1"},
        },
        "vendor": {"DisplayName": "New seller"},
        "employee": {"GivenName": "New", "FamilyName": "Hand"},
        "item": {"Name": "New thing", "IncomeAccountRef": {"value": "1"}, "UnitPrice": 1.5},
        "account": {"Name": "New account", "AccountType": "Income"},
        "term": {"Name": "New term", "DueDays": 5},
        "taxagency": {"DisplayName": "New agency"},
        "paymentmethod": {"Name": "Shells"},
        "companycurrency": {"Code": "CAD"},
        "attachable": {"Note": "note", "AttachableRef": [{"EntityRef": {"type": "Customer", "value": "1"}}]},
        "taxservice/taxcode": {
            "TaxCode": "New code",
            "TaxRateDetails": [{"TaxRateName": "New rate", "RateValue": "5", "TaxAgencyId": "1"}],
        },
    }
    for path, body in new.items():
        yield quickbooks(number, "POST", path, body)


def _others(number: int) -> Iterator[Call]:
    for statement in STATEMENTS:
        yield quickbooks(number, "GET", "query", query=statement)
    posted = quickbooks(number, "POST", "query", STATEMENTS[0].encode())
    yield Call(
        posted.door, "POST", posted.path, (), {**intuit(number), "content-type": "application/text"}, posted.body
    )
    yield quickbooks(number, "GET", "cdc", entities="Invoice,Customer,Payment", changedSince=_SINCE)
    yield quickbooks(number, "GET", "exchangerate", sourcecurrencycode="EUR", asofdate="2026-11-01")
    yield quickbooks(number, "GET", f"companyinfo/{REALMS[number]}")
    items = [
        {"bId": "1", "operation": "create", "Customer": {"DisplayName": "In a batch"}},
        {"bId": "2", "Query": STATEMENTS[0]},
        {"bId": "3", "operation": "update", "optionsData": "void", "Invoice": {"Id": "1", "SyncToken": "0"}},
    ]
    yield quickbooks(number, "POST", "batch", {"BatchItemRequest": items}, requestid="batch")
    headers = {**intuit(number), "content-type": "multipart/form-data; boundary=seam"}
    yield Call("quickbooks", "POST", f"/v3/company/{REALMS[number]}/upload", (), headers, _FILE)
    xml = {**intuit(number), "accept": "application/xml", "content-type": "application/xml"}
    for path, body in (("customer", _CUSTOMER), ("batch", _BATCH)):
        yield Call("quickbooks", "POST", f"/v3/company/{REALMS[number]}/{path}", (), xml, body)
        packed = {**xml, "content-encoding": "gzip", "accept-encoding": "gzip"}
        yield Call(
            "quickbooks", "POST", f"/v3/company/{REALMS[number]}/{path}", (), packed, gzip.compress(body, mtime=0)
        )
    yield Call("quickbooks", "GET", f"/v3/company/{REALMS[number]}/invoice/1", (), xml)


def _intuit_oauth() -> Iterator[Call]:
    asked = {
        "client_id": "sandbox-quickbooks-app",
        "scope": "com.intuit.quickbooks.accounting",
        "redirect_uri": "http://127.0.0.1:9/callback",
        "response_type": "code",
        "state": "here",
    }
    query = tuple((name, quote(value, safe="")) for name, value in asked.items())
    form = {**FORM, "authorization": INTUIT_APP}
    yield Call("quickbooks", "GET", "/connect/oauth2", query)
    yield Call("quickbooks", "POST", "/connect/oauth2", (), FORM, _form(asked | {"decision": "deny", "realmId": "1"}))
    yield Call("quickbooks", "GET", "/.well-known/openid_sandbox_configuration")
    for fields in ({"grant_type": "refresh_token", "refresh_token": "dead"}, {"grant_type": "authorization_code"}):
        yield Call("quickbooks", "POST", "/oauth2/v1/tokens/bearer", (), form, _form(fields))
    headers = {"authorization": INTUIT_APP, "content-type": "application/json"}
    yield Call("quickbooks", "POST", "/v2/oauth2/tokens/revoke", (), headers, {"token": "unknown"})
    signed = (("X-Amz-Date", "20261123T100000Z"), ("X-Amz-Expires", "900"), ("X-Amz-Signature", "00ff"))
    yield Call("quickbooks", "GET", f"/files/{REALMS[1]}/5000000000000500001/a.txt", signed)


def _form(fields: dict[str, str]) -> bytes:
    return "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items()).encode()


def hubspot(method: str, path: str, body: Any = None, *query: tuple[str, str]) -> Call:
    return Call("hubspot", method, path, query, HUB, body)


def hubspot_calls(doors: Doors) -> Iterator[Call]:
    """Of the first account: each type of object in all ways of reading and writing; and everything else once."""
    with httpx.Client(base_url=doors.hubspot, headers=HUB) as client:
        for kind in OBJECT_TYPES.values():
            path = f"/crm/objects/2026-09/{kind.plural}"
            found = client.get(path, params={"limit": 2}).json().get("results") or []
            yield from _of_type(path, [one["id"] for one in found], kind.type_id)
    yield from _crm(*(_first(doors, plural) for plural in ("deals", "contacts")))
    yield from _definitions()
    yield from _hubspot_oauth()


_VALUES: dict[str, dict[str, str]] = {
    "0-1": {"email": "new@one.example", "firstname": "New", "hubspot_owner_id": ""},
    "0-2": {"name": "New Ltd", "domain": "new.example"},
    "0-3": {"dealname": "New deal", "dealstage": "appointmentscheduled", "pipeline": "default", "amount": "12.5"},
    "0-7": {"name": "New product", "price": "1.25"},
    "0-8": {"name": "New line", "quantity": "2", "price": "3.5", "discount": "0.5"},
    "0-14": {"hs_title": "New quote", "hs_expiration_date": "2026-12-31", "hs_status": "DRAFT"},
}


def _of_type(path: str, ids: list[str], type_id: str) -> Iterator[Call]:
    values = _VALUES.get(type_id, {"hs_timestamp": "2026-11-20T10:00:00Z"})
    one, other = (*ids, "30100000001", "30100000002")[:2]
    inputs = [{"id": one}, {"id": other}]
    yield hubspot("GET", path, None, ("limit", "5"), ("after", "1"), ("archived", "false"))
    yield hubspot("POST", path, {"properties": values, "associations": []})
    yield hubspot("GET", f"{path}/{one}", None, ("properties", "name,amount"), ("associations", "contacts,deals"))
    yield hubspot("PATCH", f"{path}/{one}", {"properties": values})
    yield hubspot("DELETE", f"{path}/{other}")
    yield hubspot("POST", f"{path}/merge", {"primaryObjectId": one, "objectIdToMerge": other})
    yield hubspot("POST", f"{path}/batch/read", {"inputs": inputs, "properties": ["createdate"]})
    yield hubspot("POST", f"{path}/batch/create", {"inputs": [{"properties": values, "objectWriteTraceId": "a"}]})
    yield hubspot("POST", f"{path}/batch/update", {"inputs": [{"id": one, "properties": values}]})
    upsert = {"idProperty": "email", "id": "new@one.example", "properties": values}
    yield hubspot("POST", f"{path}/batch/upsert", {"inputs": [upsert]})
    yield hubspot("POST", f"{path}/batch/archive", {"inputs": inputs[:1]})
    wanted = {"propertyName": "hs_object_id", "operator": "IN", "values": ids}
    between = {"propertyName": "createdate", "operator": "BETWEEN", "value": "1", "highValue": "1800000000000"}
    sort = {"propertyName": "createdate", "direction": "DESCENDING"}
    asked = {"filterGroups": [{"filters": [wanted, between]}], "sorts": [sort], "limit": 10, "after": "0", "query": "a"}
    yield hubspot("POST", f"{path}/search", {**asked, "properties": ["name"]})


def _first(doors: Doors, plural: str) -> str:
    first: str = doors.ask("GET", f"/hubspot/24000001/objects/{plural}").json()["results"][0]["id"]
    return first


def _crm(deal_id: str, contact_id: str) -> Iterator[Call]:
    spec = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3}]
    deal, contact = f"/crm/objects/2026-09/deals/{deal_id}", f"contacts/{contact_id}"
    yield hubspot("PUT", f"{deal}/associations/default/{contact}")
    yield hubspot("PUT", f"{deal}/associations/{contact}", spec)
    yield hubspot("DELETE", f"{deal}/associations/{contact}")
    yield hubspot("GET", f"{deal}/associations/contacts", None, ("limit", "5"), ("after", "0"))
    ends = {"from": {"id": deal_id}, "to": {"id": contact_id}, "types": spec}
    for path in ("/crm/associations/2026-09/deals/contacts", "/crm/v4/associations/deals/contacts"):
        yield hubspot("GET", f"{path}/labels")
        for verb in ("create", "associate/default", "archive", "labels/archive"):
            yield hubspot("POST", f"{path}/batch/{verb}", {"inputs": [ends]})
        yield hubspot("POST", f"{path}/batch/read", {"inputs": [{"id": deal_id, "after": "0"}]})
    yield hubspot("GET", "/crm/pipelines/2026-09/deals/default/stages")
    yield hubspot("GET", "/crm/owners/2026-09", None, ("email", "a@b.example"), ("limit", "5"), ("after", "0"))
    yield hubspot("GET", "/account-info/2026-09/details")
    yield hubspot("GET", "/account-info/v3/api-usage/daily/private-apps")
    yield hubspot("GET", "/settings/currencies/2026-09/exchange-rates", None, ("fromCurrencyCode", "EUR"))
    rate = {"fromCurrencyCode": "EUR", "toCurrencyCode": "USD", "conversionRate": 1.1}
    yield hubspot(
        "POST", "/settings/currencies/2026-09/exchange-rates", {**rate, "effectiveAt": "2026-11-20T00:00:00Z"}
    )


def _definitions() -> Iterator[Call]:
    path = "/crm/properties/2026-09/deals"
    made = {
        "name": "new_one",
        "label": "New",
        "type": "enumeration",
        "fieldType": "select",
        "groupName": "dealinformation",
    }
    options = [{"label": "A", "value": "a", "displayOrder": 0, "hidden": False}]
    formula = {"type": "string", "fieldType": "calculation_equation", "calculationFormula": "dealname + 'x'"}
    for body in ({**made, "options": options}, {**made, **formula}):
        yield hubspot("POST", path, body)
    yield hubspot("GET", path, None, ("archived", "true"))
    yield hubspot("GET", f"{path}/amount")
    yield hubspot("PATCH", f"{path}/description", {"label": "Words"})
    yield hubspot("DELETE", f"{path}/description")
    for verb, one in (
        ("create", {**made, "options": options}),
        ("read", {"name": "amount"}),
        ("archive", {"name": "x"}),
    ):
        yield hubspot("POST", f"{path}/batch/{verb}", {"inputs": [one]})
    yield hubspot("POST", f"{path}/groups", {"name": "mine", "label": "Mine", "displayOrder": 1})
    yield hubspot("PATCH", f"{path}/groups/dealinformation", {"label": "Words", "displayOrder": 2})
    yield hubspot("DELETE", f"{path}/groups/dealinformation")


def _hubspot_oauth() -> Iterator[Call]:
    asked = HUBSPOT_APP | {"redirect_uri": "http://127.0.0.1:9/callback", "scope": "oauth", "state": "here"}
    query = tuple((name, quote(value, safe="")) for name, value in asked.items())
    yield Call("hubspot", "GET", "/oauth/authorize", query)
    yield Call("hubspot", "POST", "/oauth/24000001/authorize", (), FORM, _form(asked | {"consent": "yes"}))
    for version in ("v1", "v3", "2026-09"):
        fields = HUBSPOT_APP | {"grant_type": "refresh_token", "refresh_token": "dead"}
        yield Call("hubspot", "POST", f"/oauth/{version}/token", (), FORM, _form(fields))
    code = HUBSPOT_APP | {"grant_type": "authorization_code", "code": "x", "redirect_uri": "http://127.0.0.1:9/"}
    yield Call("hubspot", "POST", "/oauth/2026-09/token", (), FORM, _form(code))
    for verb in ("introspect", "revoke"):
        yield Call("hubspot", "POST", f"/oauth/2026-09/token/{verb}", (), FORM, _form(HUBSPOT_APP | {"token": "x"}))
    yield Call("hubspot", "GET", "/oauth/v1/access-tokens/unknown")
    yield Call("hubspot", "DELETE", "/oauth/v1/refresh-tokens/unknown")


def control(method: str, path: str, body: Any = None, *query: tuple[str, str]) -> Call:
    return Call("control", method, path, query, {"content-type": "application/json"}, body)


def control_calls(doors: Doors) -> Iterator[Call]:
    """What testers and people ask of the control door; nothing that waits."""
    yield from (control("GET", path) for path in ("/health", "/clock", "/journal/count", "/faults", "/fingerprint"))
    yield control("GET", "/journal", None, ("vendor", "hubspot"), ("after", "1"), ("path", "/crm"))
    yield control("PUT", "/clock", {"now": "2026-11-23T10:00:00Z", "frozen": True, "rate": 2})
    yield control("POST", "/clock/advance", {"seconds": 60})
    fault = {"vendor": "hubspot", "path": "^/nowhere", "times": 1, "probability": 0.5, "status": 503, "body": {"a": 1}}
    yield control("POST", "/faults", {**fault, "headers": {"Retry-After": "1"}, "content_type": "text/html"})
    yield control("DELETE", "/faults/1")
    yield control("POST", "/snapshots/mine")
    yield control("POST", "/reset", {"to": "seed", "clock": True})
    for vendor in ("hubspot", "quickbooks"):
        yield control("PUT", f"/limits/{vendor}", {"on": False})
        yield control("PUT", f"/webhooks/{vendor}", {"batch": 5, "drop": 0.5, "retry_seconds": [1.5], "paused": True})
        yield control("GET", f"/webhooks/{vendor}/deliveries", None, ("after", "0"))
    yield control("PUT", "/settings/hubspot", {"search_lag_seconds": 1.5, "webhook_forms": "both"})
    yield control("PUT", "/settings/quickbooks", {"schema_drift": True})
    yield from _salesperson(*(_first(doors, plural) for plural in ("deals", "contacts", "quotes")))
    yield from _bookkeeper()
    url = "http://x/connect/oauth2?client_id=sandbox-quickbooks-app&state=a"
    yield control("POST", "/people/administrator/authorize", {"vendor": "quickbooks", "account": REALMS[1], "url": url})
    yield control("POST", f"/people/administrator/quickbooks/{REALMS[2]}/expire")
    administrator = "/people/administrator/hubspot/24000002"
    yield control("PUT", f"{administrator}/scopes", {"scopes": ["oauth"]})
    yield control("PUT", f"{administrator}/migration", {"seconds": 5})
    rule = {"property": "dealstage", "value": "closedwon", "required": ["description"]}
    yield control("PUT", f"{administrator}/required", {"type": "deals", "on_create": ["amount"], "when": [rule]})
    yield control("POST", "/faults", {"vendor": "hubspot", "script": ["ok", "daily", {"status": 503}], "every": 2})


def _salesperson(deal: str, contact: str, quote_id: str) -> Iterator[Call]:
    path = "/people/salesperson/24000001/objects/deals"
    yield control("GET", "/hubspot/24000001/objects/deals", None, ("properties", "amount"))
    yield control("GET", f"/hubspot/24000001/objects/deals/{deal}")
    yield control("POST", path, {"properties": _VALUES["0-3"]})
    yield control("PATCH", f"{path}/{deal}", {"properties": {"amount": "5"}})
    yield control("DELETE", f"{path}/{deal}")
    yield control("POST", f"{path}/{deal}/restore")
    yield control("POST", f"{path}/merge", {"primaryObjectId": deal, "objectIdToMerge": str(int(deal) + 1)})
    spec = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3}]
    yield control("PUT", f"{path}/{deal}/associations/contacts/{contact}", spec)
    yield control("POST", f"/people/salesperson/24000001/quotes/{quote_id}/publish")


def _bookkeeper() -> Iterator[Call]:
    desk = f"/people/bookkeeper/{REALMS[1]}"
    yield control("GET", f"/quickbooks/{REALMS[1]}/customer/1")
    yield control("POST", f"{desk}/customer", {"DisplayName": "By hand"})
    for act in ("send", "print", "void", "delete", "pay", "poison"):
        yield control("POST", f"{desk}/invoice/1/{act}", {"amount": "1.00", "to": "a@b.example", "date": "2026-11-20"})
    yield control("POST", f"{desk}/invoice/2/edit", {"PrivateNote": "by hand"})
    yield control("POST", f"{desk}/customer/3/rename", {"name": "Renamed"})
    yield control("POST", f"{desk}/payment", {"invoices": {"1": "1.00", "2": "2.00"}, "total": "5.00", "customer": "1"})
    yield control("POST", f"{desk}/creditmemo", {"invoice": "1", "amount": "1.00"})
    bundle = {"ItemGroupLine": [{"ItemRef": {"value": "1"}, "Qty": 2}]}
    yield control("POST", f"{desk}/item/bundle", {"Name": "By hand", "ItemGroupDetail": bundle})
    yield control("POST", f"{desk}/customer/merge", {"winner": "1", "loser": "2"})
    yield control("PATCH", f"{desk}/preferences", {"AllowShipping": True, "BookCloseDate": "2020-01-31"})
    yield control("PATCH", f"{desk}/subscription", {"status": "SUSPENDED"})
    yield control("PATCH", f"{desk}/customfields", {"1": "Crew #", "2": None})
    rates = [{"TaxRateRef": {"value": "11"}, "TaxTypeApplicable": "TaxOnAmountPlusTax"}]
    yield control("POST", f"{desk}/taxcode/group", {"Name": "Two", "TaxRateDetail": rates})
    yield control("POST", f"{desk}/invoice/statementcharge", {"customer": "1", "amount": "75.00"})
    yield control("POST", f"{desk}/invoice/3/einvoice", {"status": "Viewed"})
    yield control("POST", f"{desk}/customer/4/activate")
    yield control("POST", f"{desk}/payment/1/undo", {"invoice": "1"})
    yield control("PUT", "/quickbooks/metering", {REALMS[1]: 499_999})
    yield control("DELETE", "/quickbooks/metering")
    yield control("PUT", f"/people/administrator/quickbooks/{REALMS[3]}/rights", {"administrator": False})
