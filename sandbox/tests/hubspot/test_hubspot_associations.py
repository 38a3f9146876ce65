"""Associations: types, primary, labels of one's own, limits, batches, the v3 paths, one parent (hubspot.md 7)."""

import json
from typing import Any

import pytest

CRM = "/crm/objects/2026-09"
ASSOCIATIONS = "/crm/associations/2026-09"
V4 = "/crm/v4/associations"


def spec(type_id: int, category: str = "HUBSPOT_DEFINED") -> dict[str, Any]:
    return {"associationCategory": category, "associationTypeId": type_id}


async def a_company(portal: Any, name: str = "Co") -> str:
    return (await portal.make("companies", name=name))["id"]


async def a_contact(portal: Any) -> str:
    return (await portal.make("contacts", firstname="C"))["id"]


async def kinds(portal: Any, path: str) -> dict[int, set[int]]:
    results = (await portal.call("GET", path)).json()["results"]
    return {end["toObjectId"]: {kind["typeId"] for kind in end["associationTypes"]} for end in results}


@pytest.mark.parametrize(
    ("start", "end", "types"),
    [
        ("contacts", "companies", {279, 1, 931}),
        ("companies", "contacts", {280, 2, 930}),
        ("deals", "companies", {341, 5}),
        ("companies", "deals", {342, 6}),
        ("deals", "contacts", {3}),
        ("contacts", "deals", {4}),
        ("deals", "line_items", {19}),
        ("line_items", "deals", {20}),
        ("deals", "deals", {451}),
        ("contacts", "contacts", {449}),
        ("companies", "companies", {450, 13, 14}),
        ("notes", "contacts", {202}),
        ("tasks", "deals", {216}),
        ("quotes", "line_items", {67}),
        ("quotes", "deals", {64}),
        ("quotes", "contacts", {69, 702, 1226}),
        ("companies", "quotes", {72, 1335}),
        ("quotes", "quote_template", {286}),
        ("quote_template", "quotes", {285}),
        ("quotes", "invoices", {408}),
        ("commerce_payments", "deals", {391}),
        ("quotes", "commerce_payments", {398}),
        ("products", "deals", set()),
    ],
)
async def test_the_ids_that_hubspot_defines(portal: Any, start: str, end: str, types: set[int]) -> None:
    found = (await portal.call("GET", f"{ASSOCIATIONS}/{start}/{end}/labels")).json()["results"]
    assert {kind["typeId"] for kind in found} == types
    assert {kind["category"] for kind in found} <= {"HUBSPOT_DEFINED"}


async def test_the_default_endpoint_makes_the_unlabeled_type_both_ways(portal: Any) -> None:
    contact, company = await a_contact(portal), await a_company(portal)
    answer = await portal.call("PUT", f"{CRM}/contacts/{contact}/associations/default/companies/{company}")
    assert (answer.status_code, answer.json()["status"]) == (200, "COMPLETE")
    assert [one["associationSpec"] for one in answer.json()["results"]] == [spec(279), spec(280)]
    assert answer.json()["results"][1]["from"] == {"id": company}
    assert await kinds(portal, f"{CRM}/contacts/{contact}/associations/companies") == {int(company): {279}}
    assert await kinds(portal, f"/crm/v4/objects/companies/{company}/associations/contacts") == {int(contact): {280}}


async def test_labels_replace_each_other_and_one_company_is_primary(portal: Any) -> None:
    contact, one, other = await a_contact(portal), await a_company(portal), await a_company(portal)
    path = f"{CRM}/contacts/{contact}/associations/companies"
    made = await portal.call("PUT", f"{path}/{one}", [spec(1), spec(931)])
    assert (made.status_code, sorted(made.json()["labels"])) == (201, ["Billing contact", "Primary"])
    assert (made.json()["fromObjectTypeId"], made.json()["toObjectTypeId"]) == ("0-1", "0-2")
    assert await kinds(portal, path) == {int(one): {279, 1, 931}}
    await portal.call("PUT", f"{path}/{one}", [spec(1)])
    assert await kinds(portal, path) == {int(one): {279, 1}}
    # Written from the company's side, the contact still has one primary.
    await portal.call("PUT", f"{CRM}/companies/{other}/associations/contacts/{contact}", [spec(2)])
    assert await kinds(portal, path) == {int(one): {279}, int(other): {279, 1}}
    assert (await portal.values("contacts", contact, "associatedcompanyid"))["associatedcompanyid"] == other
    for wrong in ([spec(5)], [spec(2)], [], [spec(1, "USER_DEFINED")], [{"associationTypeId": "1"}], {"a": 1}):
        answer = await portal.call("PUT", f"{path}/{one}", wrong)
        assert answer.status_code == 400, wrong
    assert (await portal.call("PUT", f"{path}/77", [spec(1)])).status_code == 404


async def test_reads_page_and_duplicate(portal: Any) -> None:
    deal = await portal.deal()
    contacts = [await a_contact(portal) for _ in range(3)]
    for contact in contacts:
        await portal.join("deals", deal, "contacts", contact)
    path = f"{CRM}/deals/{deal}/associations/contacts"
    page = (await portal.call("GET", path, limit=2)).json()
    rest = (await portal.call("GET", path, limit=2, after=page["paging"]["next"]["after"])).json()
    assert [end["toObjectId"] for end in page["results"] + rest["results"]] == [int(one) for one in contacts]
    assert isinstance(page["results"][0]["toObjectId"], int)
    assert "paging" not in rest
    assert (await portal.call("GET", path, limit=501)).status_code == 400
    assert (await portal.call("GET", f"{CRM}/deals/77/associations/contacts")).status_code == 404
    await portal.call("DELETE", f"{CRM}/contacts/{contacts[0]}")
    assert list(await kinds(portal, path)) == [int(one) for one in contacts[1:]]
    assert (await portal.call("DELETE", f"{path}/{contacts[1]}")).status_code == 204
    assert list(await kinds(portal, path)) == [int(contacts[2])]


async def test_batches_of_associations(portal: Any) -> None:
    deal, company, contact = await portal.deal(), await a_company(portal), await a_contact(portal)
    pair = {"from": {"id": deal}, "to": {"id": company}}
    base = f"{V4}/deals/companies/batch"
    created = await portal.call("POST", f"{base}/create", {"inputs": [{**pair, "types": [spec(5)]}]})
    assert (created.status_code, created.json()["results"][0]["labels"]) == (201, ["Primary"])
    wrong = {"from": {"id": deal}, "to": {"id": "77"}}
    mixed = await portal.call(
        "POST", f"{base}/create", {"inputs": [{**pair, "types": [spec(5)]}, {**wrong, "types": [spec(5)]}]}
    )
    assert (mixed.status_code, mixed.json()["numErrors"], mixed.json()["status"]) == (207, 1, "COMPLETE")
    assert mixed.json()["errors"][0]["context"] == {"fromObjectId": [deal], "toObjectId": ["77"]}
    default = await portal.call(
        "POST",
        f"{V4}/deals/contacts/batch/associate/default",
        {"inputs": [{"from": {"id": deal}, "to": {"id": contact}}]},
    )
    assert (default.status_code, len(default.json()["results"])) == (200, 2)
    read = await portal.call("POST", f"{base}/read", {"inputs": [{"id": deal}]})
    assert read.status_code == 200
    assert read.json()["results"][0]["to"][0]["toObjectId"] == int(company)
    labels = {"inputs": [{**pair, "types": [spec(5)]}]}
    assert (await portal.call("POST", f"{base}/labels/archive", labels)).status_code == 204
    assert await kinds(portal, f"{CRM}/deals/{deal}/associations/companies") == {int(company): {341}}
    gone = {"inputs": [{"from": {"id": deal}, "to": [{"id": company}]}]}
    assert (await portal.call("POST", f"{base}/archive", gone)).status_code == 204
    none = await portal.call("POST", f"{base}/read", {"inputs": [{"id": deal}]})
    assert (none.status_code, none.json()["results"]) == (207, [])
    assert none.json()["errors"][0]["category"] == "OBJECT_NOT_FOUND"


@pytest.mark.parametrize(("verb", "most"), [("create", 2000), ("read", 1000), ("archive", 2000)])
async def test_limits_of_association_batches(portal: Any, verb: str, most: int) -> None:
    inputs = [{"id": "1", "from": {"id": "1"}, "to": {"id": "1"}, "types": [spec(3)]}] * (most + 1)
    answer = await portal.call("POST", f"{ASSOCIATIONS}/deals/contacts/batch/{verb}", {"inputs": inputs})
    assert answer.status_code == 400
    assert str(most) in answer.json()["message"]


async def test_labels_of_one_s_own(portal: Any, receiver: Any) -> None:
    path = f"{ASSOCIATIONS}/contacts/companies/labels"
    made = await portal.call("POST", path, {"name": "payer", "label": "Payer"})
    assert made.status_code == 200
    there, back = made.json()["results"]
    assert (there["category"], there["label"], back["label"]) == ("USER_DEFINED", "Payer", "Payer")
    assert (await portal.call("POST", path, {"name": "payer", "label": "Other"})).status_code == 400
    assert (await portal.call("POST", path, {"name": "payer2"})).status_code == 400
    assert (
        await portal.call("POST", f"{ASSOCIATIONS}/deals/products/labels", {"name": "x", "label": "X"})
    ).status_code == 400
    contact, company = await a_contact(portal), await a_company(portal)
    ends = f"{CRM}/contacts/{contact}/associations/companies"
    joined = await portal.call("PUT", f"{ends}/{company}", [spec(there["typeId"], "USER_DEFINED")])
    assert (joined.status_code, joined.json()["labels"]) == (201, ["Payer"])
    assert (await portal.call("PUT", f"{ends}/{company}", [spec(there["typeId"])])).status_code == 400
    reverse = (await portal.call("GET", f"{CRM}/companies/{company}/associations/contacts")).json()["results"][0]
    assert {"category": "USER_DEFINED", "typeId": back["typeId"], "label": "Payer"} in reverse["associationTypes"]
    renamed = {"associationTypeId": there["typeId"], "label": "Pays"}
    assert (await portal.call("PUT", path, renamed)).status_code == 204
    labels = {found["typeId"]: found["label"] for found in (await portal.call("GET", path)).json()["results"]}
    assert labels[there["typeId"]] == "Pays"
    read = (await portal.call("GET", f"{CRM}/contacts/{contact}?associations=companies")).json()["associations"]
    assert {end["type"] for end in read["companies"]["results"]} == {"payer", "contact_to_company_unlabeled"}
    assert (await portal.call("DELETE", f"{path}/{there['typeId']}")).status_code == 204
    assert await kinds(portal, ends) == {int(company): {279}}
    assert (await portal.call("DELETE", f"{path}/{there['typeId']}")).status_code == 404
    assert (await portal.call("DELETE", f"{path}/279")).status_code == 404
    await portal.control.post("/webhooks/hubspot/settle")
    events = [event for _, body in receiver.got for event in json.loads(body)]
    assert (there["typeId"], "USER_DEFINED") in {
        (event.get("associationTypeId"), event.get("associationCategory")) for event in events
    }


async def test_a_paired_label_reads_differently_from_each_end(portal: Any) -> None:
    path = f"{V4}/contacts/contacts/labels"
    made = await portal.call("POST", path, {"name": "boss", "label": "Manager", "inverseLabel": "Employee"})
    there, back = made.json()["results"]
    assert (there["label"], back["label"]) == ("Manager", "Employee")
    one, other = await a_contact(portal), await a_contact(portal)
    await portal.call(
        "PUT", f"{CRM}/contacts/{one}/associations/contacts/{other}", [spec(there["typeId"], "USER_DEFINED")]
    )
    seen = (await portal.call("GET", f"{CRM}/contacts/{other}/associations/contacts")).json()["results"]
    assert "Employee" in {kind["label"] for kind in seen[0]["associationTypes"]}
    alone = (await portal.call("POST", path, {"name": "friend", "label": "Friend"})).json()["results"]
    assert len(alone) == 1
    await portal.control.post("/snapshots/labels")
    await portal.call("DELETE", f"{path}/{alone[0]['typeId']}")
    await portal.control.post("/reset", json={"to": "labels"})
    assert (await portal.call("DELETE", f"{path}/{alone[0]['typeId']}")).status_code == 204


async def test_limits_of_associations(portal: Any) -> None:
    base = f"{ASSOCIATIONS}/definitions/configurations"
    pair = f"{base}/deals/contacts"
    made = await portal.call("POST", f"{pair}/batch/create", {"inputs": [{"typeId": 3, "maxToObjectIds": 1}]})
    assert made.status_code == 201
    assert made.json()["results"] == [
        {"category": "HUBSPOT_DEFINED", "typeId": 3, "label": None, "userEnforcedMaxToObjectIds": 1}
    ]
    deal, first, second = await portal.deal(), await a_contact(portal), await a_contact(portal)
    path = f"{CRM}/deals/{deal}/associations/default/contacts"
    assert (await portal.call("PUT", f"{path}/{first}")).status_code == 200
    assert (await portal.call("PUT", f"{path}/{first}")).status_code == 200
    assert (await portal.call("PUT", f"{path}/{second}")).status_code == 400
    # The other direction, and a create with associations, meet it too.
    backwards = f"{CRM}/contacts/{second}/associations/default/deals/{deal}"
    assert (await portal.call("PUT", backwards)).status_code == 400
    updated = await portal.call("POST", f"{pair}/batch/update", {"inputs": [{"typeId": 3, "maxToObjectIds": 2}]})
    now = {"category": "HUBSPOT_DEFINED", "typeId": 3, "userEnforcedMaxToObjectIds": 2}
    assert (updated.status_code, updated.json()["results"]) == (200, [now])
    assert (await portal.call("PUT", f"{path}/{second}")).status_code == 200
    for where in ("all", "deals/contacts"):
        assert (await portal.call("GET", f"{base}/{where}")).json()["results"] == [{**now, "label": None}]
    assert (await portal.call("POST", f"{pair}/batch/purge", {"inputs": [{"typeId": 3}]})).status_code == 204
    assert (await portal.call("GET", f"{base}/all")).json()["results"] == []


async def test_a_label_s_limit_lies_within_the_pair_s(portal: Any) -> None:
    base = f"{ASSOCIATIONS}/definitions/configurations/deals/companies/batch"
    await portal.call("POST", f"{base}/create", {"inputs": [{"typeId": 341, "maxToObjectIds": 5}]})
    for type_id, most in ((5, 6), (5, 0), (341, 0), (77, 1), (5, "x")):
        inputs = {"inputs": [{"typeId": type_id, "maxToObjectIds": most}]}
        answer = await portal.call("POST", f"{base}/update", inputs)
        assert (answer.status_code, answer.json()["numErrors"]) == (207, 1), (type_id, most)
    await portal.call("POST", f"{base}/create", {"inputs": [{"typeId": 5, "maxToObjectIds": 4}]})
    lower = {"inputs": [{"typeId": 341, "maxToObjectIds": 3}]}
    assert (await portal.call("POST", f"{base}/update", lower)).status_code == 207


async def test_v3_names_its_types(portal: Any) -> None:
    deal, company = await portal.deal(), await a_company(portal)
    types = (await portal.call("GET", "/crm/v3/associations/deals/companies/types")).json()["results"]
    assert {"id": "5", "name": "deal_to_company"} in types
    base = "/crm/v3/associations/deals/companies/batch"
    pair = {"from": {"id": deal}, "to": {"id": company}, "type": "deal_to_company"}
    created = await portal.call("POST", f"{base}/create", {"inputs": [pair]})
    assert created.status_code == 200, "201 until 2025-08-21"
    assert created.json()["results"] == [pair]
    read = (await portal.call("POST", f"{base}/read", {"inputs": [{"id": deal}, {"id": "77"}]})).json()["results"]
    assert [one["from"]["id"] for one in read] == [deal]
    assert {"id": company, "type": "deal_to_company"} in read[0]["to"]
    path = f"/crm/v3/objects/deals/{deal}/associations/companies"
    assert {end["type"] for end in (await portal.call("GET", path)).json()["results"]} == {
        "deal_to_company",
        "deal_to_company_unlabeled",
    }
    assert (await portal.call("DELETE", f"{path}/{company}/deal_to_company")).status_code == 204
    put = await portal.call("PUT", f"{path}/{company}/5")
    assert (put.status_code, put.json()["id"]) == (200, deal)
    assert (await portal.call("PUT", f"{path}/{company}/no_such_type")).status_code == 400
    wrong = await portal.call(
        "POST", f"{base}/create", {"inputs": [{**pair, "type": "x"}, {**pair, "to": {"id": "7"}}]}
    )
    assert (wrong.status_code, wrong.json()["numErrors"]) == (207, 2)
    assert (await portal.call("POST", f"{base}/archive", {"inputs": [pair]})).status_code == 204
    # Gone from the dated family; v4 has no names either.
    for gone in (f"{ASSOCIATIONS}/deals/companies/types", f"{V4}/deals/companies/types"):
        assert (await portal.call("GET", gone)).status_code == 404
    assert (await portal.call("PUT", f"{CRM}/deals/{deal}/associations/companies/{company}/5")).status_code == 404
    assert (await portal.call("PUT", f"{path}/{company}", [spec(5)])).status_code == 404


async def test_one_parent_where_hubspot_is_strict(portal: Any) -> None:
    one, other = await portal.deal(), await portal.deal()
    line = await portal.line([(20, one)])
    path = f"{CRM}/deals/{other}/associations/default/line_items/{line}"
    assert (await portal.call("PUT", path)).status_code == 200, "HubSpot takes it, unless it is strict"
    await portal.call("DELETE", f"{CRM}/deals/{other}/associations/line_items/{line}")
    await portal.settings(single_parent=True)
    refused = await portal.call("PUT", path)
    assert (refused.status_code, one in refused.json()["message"]) == (400, True)
    await portal.call("DELETE", f"{CRM}/deals/{one}")
    assert (await portal.call("PUT", path)).status_code == 200


async def test_both_scopes_are_needed(portal: Any) -> None:
    deal, company = await portal.deal(), await a_company(portal)
    await portal.grant("crm.objects.deals.read", "crm.objects.deals.write", "crm.objects.companies.read")
    refused = await portal.call("PUT", f"{CRM}/deals/{deal}/associations/default/companies/{company}")
    assert (refused.status_code, "crm.objects.companies.write" in refused.text) == (403, True)
    assert (await portal.call("GET", f"{CRM}/deals/{deal}/associations/companies")).status_code == 200
    label = await portal.call("POST", f"{ASSOCIATIONS}/deals/companies/labels", {"name": "a", "label": "A"})
    assert label.status_code == 403
    assert (await portal.call("GET", "/crm/v3/associations/deals/contacts/types")).status_code == 403
