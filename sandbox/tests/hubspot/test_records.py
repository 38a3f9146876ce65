"""HubSpot's records over HTTP: values, errors, batches, search, associations, quotes, merges (hubspot.md 3 to 9)."""

import json
from typing import Any

import httpx

CRM = "/crm/objects/2026-09"


async def make(hubspot: httpx.AsyncClient, kind: str, associations: Any = (), **properties: Any) -> dict[str, Any]:
    answer = await hubspot.post(f"{CRM}/{kind}", json={"properties": properties, "associations": list(associations)})
    assert answer.status_code == 201, answer.text
    return answer.json()


def joined(to_id: str, type_id: int) -> dict[str, Any]:
    return {"to": {"id": to_id}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]}


async def a_deal(hubspot: httpx.AsyncClient, **more: Any) -> dict[str, Any]:
    return await make(hubspot, "deals", dealname="A deal", dealstage="contractsent", **more)


async def test_values_are_text_and_missing_ones_null(hubspot: httpx.AsyncClient) -> None:
    deal = await a_deal(hubspot, amount=1500.5, closedate=1790000000000)
    assert isinstance(deal["id"], str)
    read = await hubspot.get(f"{CRM}/0-3/{deal['id']}?properties=amount,closedate&properties=description,nonsense")
    properties = read.json()["properties"]
    assert properties["amount"] == "1500.5"
    assert properties["closedate"] == "2026-09-21T14:13:20.000Z"
    assert properties["description"] is None
    assert "nonsense" not in properties
    for path in (f"/crm/v3/objects/deal/{deal['id']}", f"/crm/objects/2026-03/deals/{deal['id']}"):
        assert (await hubspot.get(path)).json()["properties"]["dealname"] == "A deal"
    assert (await hubspot.get(f"/crm/objects/2031-01/deals/{deal['id']}")).status_code == 404


async def test_a_page_leads_to_the_next_one(hubspot: httpx.AsyncClient) -> None:
    page = (await hubspot.get(f"{CRM}/deals", params={"limit": 2, "properties": ["amount", "dealname"]})).json()
    following = page["paging"]["next"]
    assert following["link"] == (
        f"{hubspot.base_url}{CRM}/deals?limit=2&properties=amount&properties=dealname&after={following['after']}"
    )
    second = (await hubspot.get(following["link"])).json()
    assert [one["id"] for one in second["results"]] != [one["id"] for one in page["results"]]
    assert second["paging"]["next"]["link"].startswith(following["link"].split("&after=")[0])


async def test_wrong_values_are_refused_with_json_in_the_message(hubspot: httpx.AsyncClient) -> None:
    deal = await a_deal(hubspot)
    wrong = {
        "colour": "red",
        "amount": "much",
        "dealtype": "New Business",
        "hs_object_id": "5",
        "deal_currency_code": "JPY",
    }
    refused = await hubspot.patch(f"{CRM}/deals/{deal['id']}", json={"properties": wrong})
    assert refused.status_code == 400
    body = refused.json()
    assert body["category"] == "VALIDATION_ERROR"
    told = json.loads(body["message"].removeprefix("Property values were not valid: "))
    assert {entry["name"]: entry["error"] for entry in told} == {
        "colour": "PROPERTY_DOESNT_EXIST",
        "amount": "INVALID_INTEGER",
        "dealtype": "INVALID_OPTION",
        "hs_object_id": "READ_ONLY_VALUE",
        "deal_currency_code": "INVALID_OPTION",
    }
    assert told[0]["portalId"] == 24000001
    assert [entry["code"] for entry in body["errors"]] == [entry["error"] for entry in told]
    assert (await hubspot.post(f"{CRM}/deals", json={"properties": {"dealname": "x"}})).status_code == 400
    assert (
        await hubspot.post(f"{CRM}/deals", content="{", headers={"content-type": "application/json"})
    ).status_code == 400
    assert (await hubspot.post(f"{CRM}/deals", content="a=b")).status_code == 415
    assert (await hubspot.get(f"{CRM}/foo")).json()["message"] == "Unable to infer object type from: foo"


async def test_dates_want_midnight(hubspot: httpx.AsyncClient) -> None:
    quote = {"hs_title": "Q", "hs_expiration_date": "1606768561954"}
    refused = await hubspot.post(f"{CRM}/quotes", json={"properties": quote})
    assert "1606768561954 is at 20:36:1.954 UTC, not midnight!" in refused.json()["message"]
    made = await make(hubspot, "quotes", hs_title="Q", hs_expiration_date=1606694400000)
    assert made["properties"]["hs_expiration_date"] == "2020-11-30"


async def test_an_address_belongs_to_one_contact(hubspot: httpx.AsyncClient) -> None:
    first = await make(hubspot, "contacts", email="Ann@Example.org", hs_additional_emails="second@example.org")
    assert first["properties"]["email"] == "ann@example.org"
    for address in ("ANN@example.org", "second@example.org"):
        refused = await hubspot.post(f"{CRM}/contacts", json={"properties": {"email": address}})
        assert refused.status_code == 409
        assert refused.json()["message"] == f"Contact already exists. Existing ID: {first['id']}"
        found = await hubspot.get(f"{CRM}/contacts/{address}?idProperty=email")
        assert found.json()["id"] == first["id"]


async def test_line_items_and_deals_are_calculated(hubspot: httpx.AsyncClient) -> None:
    deal = await a_deal(hubspot)
    line = await make(hubspot, "line_items", [joined(deal["id"], 20)], name="L", price=100, quantity=2, discount=10)
    assert line["properties"]["amount"] == "180.00"
    assert line["properties"]["hs_pre_discount_amount"] == "200.00"
    await make(hubspot, "line_items", [joined(deal["id"], 20)], name="M", price="0.333", quantity="1.5")
    read = (
        await hubspot.get(
            f"{CRM}/deals/{deal['id']}?properties=amount,hs_num_of_associated_line_items&associations=line_items"
        )
    ).json()
    assert read["properties"]["amount"] == "180.50"
    assert read["properties"]["hs_num_of_associated_line_items"] == "2"
    assert read["associations"]["line items"]["results"][0] == {"id": line["id"], "type": "deal_to_line_item"}
    await hubspot.delete(f"{CRM}/line_items/{line['id']}")
    assert (await hubspot.get(f"{CRM}/deals/{deal['id']}")).json()["properties"]["amount"] == "0.50"


async def test_product_values_are_copied_once(hubspot: httpx.AsyncClient) -> None:
    product = await make(hubspot, "products", name="Chair", price="299", hs_sku="C-1")
    line = await make(hubspot, "line_items", hs_product_id=product["id"], quantity="3")
    assert (line["properties"]["name"], line["properties"]["hs_sku"], line["properties"]["amount"]) == (
        "Chair",
        "C-1",
        "897.00",
    )


async def test_batch_read_tells_what_is_missing(hubspot: httpx.AsyncClient) -> None:
    deal = await a_deal(hubspot)
    answer = await hubspot.post(f"{CRM}/deals/batch/read", json={"inputs": [{"id": deal["id"]}, {"id": "1"}]})
    assert answer.status_code == 207
    body = answer.json()
    assert body["status"] == "COMPLETE"
    assert [one["id"] for one in body["results"]] == [deal["id"]]
    assert body["errors"] == [
        {
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "message": "Could not get some DEAL objects, they may be deleted or not exist. Check that ids are valid.",
            "context": {"ids": ["1"]},
        }
    ]
    too_many = await hubspot.post(f"{CRM}/deals/batch/read", json={"inputs": [{"id": str(n)} for n in range(101)]})
    assert too_many.status_code == 400


async def test_batch_create_is_all_or_nothing_without_trace_ids(hubspot: httpx.AsyncClient) -> None:
    good, bad = {"dealname": "G", "dealstage": "contractsent"}, {"dealname": "B", "dealstage": "nowhere"}
    before = (await hubspot.post(f"{CRM}/deals/search", json={})).json()["total"]
    plain = await hubspot.post(
        f"{CRM}/deals/batch/create", json={"inputs": [{"properties": good}, {"properties": bad}]}
    )
    assert plain.status_code == 400
    assert (await hubspot.post(f"{CRM}/deals/search", json={})).json()["total"] == before
    traced = [{"properties": good, "objectWriteTraceId": "1"}, {"properties": bad, "objectWriteTraceId": "2"}]
    answer = await hubspot.post(f"{CRM}/deals/batch/create", json={"inputs": traced})
    assert answer.status_code == 207
    assert [one["objectWriteTraceId"] for one in answer.json()["results"]] == ["1"]
    assert answer.json()["errors"][0]["context"] == {"objectWriteTraceId": ["2"]}


async def test_batch_update_and_upsert(hubspot: httpx.AsyncClient) -> None:
    definition = {
        "groupName": "contactinformation",
        "name": "qbo_id",
        "label": "Q",
        "type": "string",
        "fieldType": "text",
    }
    await hubspot.post("/crm/properties/2026-09/contacts", json={**definition, "hasUniqueValue": True})
    put = {"inputs": [{"id": "77", "idProperty": "qbo_id", "properties": {"firstname": "A"}}]}
    first = (await hubspot.post(f"{CRM}/contacts/batch/upsert", json=put)).json()["results"][0]
    again = (await hubspot.post(f"{CRM}/contacts/batch/upsert", json=put)).json()["results"][0]
    assert (first["new"], again["new"], first["id"] == again["id"]) == (True, False, True)
    by_id = {"inputs": [{"id": "x", "idProperty": "hs_object_id", "properties": {}}]}
    assert (
        "non-unique 0-1 property hs_object_id" in (await hubspot.post(f"{CRM}/contacts/batch/update", json=by_id)).text
    )
    twice = {"inputs": [put["inputs"][0], put["inputs"][0]]}
    assert (await hubspot.post(f"{CRM}/contacts/batch/upsert", json=twice)).status_code == 400


async def test_merged_ids_resolve_singly_and_vanish_from_batches(hubspot: httpx.AsyncClient) -> None:
    one, other = await a_deal(hubspot, description="kept"), await a_deal(hubspot, amount="5")
    line = await make(hubspot, "line_items", [joined(other["id"], 20)], name="L", price=1, quantity=1)
    merge = {"primaryObjectId": one["id"], "objectIdToMerge": other["id"]}
    merged = (await hubspot.post(f"{CRM}/deals/merge", json=merge)).json()
    assert merged["id"] == one["id"]
    assert merged["properties"]["hs_merged_object_ids"] == other["id"]
    assert (await hubspot.get(f"{CRM}/deals/{other['id']}")).json()["id"] == one["id"]
    update = {"inputs": [{"id": other["id"], "properties": {"amount": "7"}}]}
    answer = await hubspot.post(f"{CRM}/deals/batch/update", json=update)
    assert (answer.status_code, answer.json()["results"]) == (200, [])
    ends = (await hubspot.get(f"{CRM}/deals/{one['id']}/associations/line_items")).json()["results"]
    assert [end["toObjectId"] for end in ends] == [int(line["id"])]


async def test_archived_records_need_to_be_asked_for(hubspot: httpx.AsyncClient, control: httpx.AsyncClient) -> None:
    deal = await a_deal(hubspot)
    path = f"{CRM}/deals/{deal['id']}"
    assert (await hubspot.delete(path)).status_code == 204
    assert (await hubspot.get(path)).status_code == 404
    assert (await hubspot.get(path + "?archived=true")).json()["archived"] is True
    truth = await control.get(f"/hubspot/24000001/objects/deals/{deal['id']}")
    assert truth.json()["archived"] is True
    await control.post(f"/people/salesperson/24000001/objects/deals/{deal['id']}/restore")
    assert (await hubspot.get(path)).status_code == 200


async def test_search_operators_sorting_and_caps(hubspot: httpx.AsyncClient, control: httpx.AsyncClient) -> None:
    await control.put("/limits/hubspot", json={"on": False})
    ids = [(await a_deal(hubspot, amount=str(n), description=f"Batch Seven {n}"))["id"] for n in (1, 2, 10)]

    async def found(*filters: dict[str, Any], **more: Any) -> list[str]:
        body = {
            "filterGroups": [
                {"filters": [{"propertyName": "description", "operator": "CONTAINS_TOKEN", "value": "seven"}, *filters]}
            ]
        }
        answer = await hubspot.post(f"{CRM}/deals/search", json={**body, **more})
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["results"]]

    ascending = {"sorts": [{"propertyName": "amount", "direction": "ASCENDING"}]}
    assert await found(**ascending) == ids
    assert await found({"propertyName": "amount", "operator": "GT", "value": "2"}) == [ids[2]]
    assert (
        await found({"propertyName": "amount", "operator": "BETWEEN", "value": "1", "highValue": "2"}, **ascending)
        == ids[:2]
    )
    assert await found({"propertyName": "hs_object_id", "operator": "IN", "values": ids[:1]}) == ids[:1]
    assert await found({"propertyName": "dealtype", "operator": "HAS_PROPERTY"}) == []
    changed = {"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": "1795428000000"}
    assert await found(changed, **ascending) == ids
    page = (await hubspot.post(f"{CRM}/deals/search", json={"limit": 2})).json()
    assert page["paging"] == {"next": {"after": "2"}}
    for wrong in ({"limit": 201}, {"limit": 100, "after": "9950"}, {"filterGroups": [{"filters": []}] * 6}):
        assert (await hubspot.post(f"{CRM}/deals/search", json=wrong)).status_code == 400, wrong


async def test_search_lags_behind_by_the_setting(hubspot: httpx.AsyncClient, control: httpx.AsyncClient) -> None:
    await control.put("/settings/hubspot", json={"search_lag_seconds": 8})
    deal = await a_deal(hubspot)
    wanted = {"filters": [{"propertyName": "hs_object_id", "operator": "EQ", "value": deal["id"]}]}
    assert (await hubspot.post(f"{CRM}/deals/search", json=wanted)).json()["total"] == 0
    await control.post("/clock/advance", json={"seconds": 9})
    assert (await hubspot.post(f"{CRM}/deals/search", json=wanted)).json()["total"] == 1


async def test_associations_have_labels_and_one_primary(hubspot: httpx.AsyncClient) -> None:
    deal = await a_deal(hubspot)
    first, second = [(await make(hubspot, "companies", name=name))["id"] for name in ("One", "Two")]
    path = f"{CRM}/deals/{deal['id']}/associations"
    primary = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 5}]
    assert (await hubspot.put(f"{path}/companies/{first}", json=primary)).status_code == 201
    assert (await hubspot.put(f"{path}/companies/{second}", json=primary)).json()["labels"] == ["Primary"]
    results = (await hubspot.get(f"{path}/companies")).json()["results"]
    kinds = {end["toObjectId"]: {kind["typeId"] for kind in end["associationTypes"]} for end in results}
    assert kinds == {int(first): {341}, int(second): {5, 341}}
    read = (await hubspot.get(f"{CRM}/deals/{deal['id']}?associations=companies")).json()
    assert {(end["id"], end["type"]) for end in read["associations"]["companies"]["results"]} == {
        (first, "deal_to_company_unlabeled"),
        (second, "deal_to_company_unlabeled"),
        (second, "deal_to_company"),
    }
    batch = {"inputs": [{"id": deal["id"]}, {"id": "1"}]}
    answer = await hubspot.post("/crm/associations/2026-09/deals/companies/batch/read", json=batch)
    assert answer.status_code == 207
    assert [one["from"]["id"] for one in answer.json()["results"]] == [deal["id"]]
    assert (await hubspot.delete(f"{path}/companies/{second}")).status_code == 204
    contact = await make(hubspot, "contacts", firstname="C")
    default = await hubspot.put(f"{path}/default/contacts/{contact['id']}")
    assert [one["associationSpec"]["associationTypeId"] for one in default.json()["results"]] == [3, 4]
    labels = (await hubspot.get("/crm/v4/associations/deals/companies/labels")).json()["results"]
    assert {"category": "HUBSPOT_DEFINED", "typeId": 5, "label": "Primary"} in labels
    product = await make(hubspot, "products", name="P")
    assert (await hubspot.put(f"{path}/default/products/{product['id']}")).status_code == 400


async def test_a_quote_is_published_locked_and_reopened(hubspot: httpx.AsyncClient, control: httpx.AsyncClient) -> None:
    deal, line = await a_deal(hubspot), await make(hubspot, "line_items", name="L", price=10, quantity=3)
    template = (await control.get("/hubspot/24000001/objects/quote_template")).json()["results"][0]["id"]
    quote = await make(
        hubspot, "quotes", [joined(deal["id"], 64)], hs_title="Q", hs_expiration_date="2026-12-31", hs_status="DRAFT"
    )
    path = f"{CRM}/quotes/{quote['id']}"
    publish = {"properties": {"hs_status": "APPROVAL_NOT_NEEDED"}}
    assert "line item and quote template" in (await hubspot.patch(path, json=publish)).json()["message"]
    for kind, other in (("line_items", line["id"]), ("quote_template", template)):
        await hubspot.put(f"{path}/associations/default/{kind}/{other}")
    published = await hubspot.patch(path, json=publish)
    assert published.json()["properties"]["hs_locked"] == "true"
    read = (await hubspot.get(f"{path}?properties=hs_quote_amount,hs_quote_link")).json()["properties"]
    assert read["hs_quote_amount"] == "30.00"
    assert read["hs_quote_link"].startswith("https://")
    assert (await hubspot.patch(path, json={"properties": {"hs_title": "R"}})).status_code == 400
    expired = await control.post(f"/people/salesperson/24000001/quotes/{quote['id']}/expire")
    assert expired.json()["properties"]["hs_expiration_date"] == "2026-11-22"
    assert (await hubspot.patch(path, json={"properties": {"hs_status": "DRAFT", "hs_title": "R"}})).status_code == 200
    await hubspot.delete(path)
    assert (await hubspot.get(f"{CRM}/line_items/{line['id']}")).status_code == 404


async def test_properties_are_made_once(hubspot: httpx.AsyncClient, control: httpx.AsyncClient) -> None:
    base = "/crm/properties/2026-09/deals"
    group = {"name": "ledgerbridge", "label": "Ledgerbridge", "displayOrder": -1}
    assert (await hubspot.post(f"{base}/groups", json=group)).status_code == 201
    assert (await hubspot.post(f"{base}/groups", json=group)).status_code == 409
    number = {"groupName": "ledgerbridge", "name": "lb_no", "label": "No", "type": "string", "fieldType": "text"}
    made = (await hubspot.post(base, json=number)).json()
    assert (made["hubspotDefined"], made["modificationMetadata"]["readOnlyValue"]) == (False, False)
    assert (await hubspot.post(base, json=number)).json()["category"] == "CONFLICT"
    for wrong in (
        {"name": "Bad Name"},
        {"fieldType": "select"},
        {"groupName": "no"},
        {"type": "enumeration", "fieldType": "select"},
    ):
        assert (await hubspot.post(base, json={**number, "name": "lb_x", **wrong})).status_code == 400, wrong
    link = {**number, "name": "lb_open", "fieldType": "calculation_equation"}
    link["calculationFormula"] = 'concatenate("https://bridge.example/deals/", hs_object_id)'
    batch = await hubspot.post(f"{base}/batch/create", json={"inputs": [link, number]})
    assert (batch.status_code, batch.json()["errors"][0]["category"]) == (207, "CONFLICT")
    deal = await a_deal(hubspot, lb_no="7")
    read = (await hubspot.get(f"{CRM}/deals/{deal['id']}?properties=lb_open,lb_no")).json()["properties"]
    assert (read["lb_open"], read["lb_no"]) == (f"https://bridge.example/deals/{deal['id']}", "7")
    await control.put("/settings/hubspot", json={"calculation_equation": False})
    assert (await hubspot.post(base, json={**link, "name": "lb_open2"})).status_code == 400


async def test_the_seed_is_believable(hubspot: httpx.AsyncClient, control: httpx.AsyncClient) -> None:
    await control.put("/limits/hubspot", json={"on": False})
    counts = {}
    for kind in ("contacts", "companies", "deals", "quotes", "products"):
        both = [
            (await control.get(f"/hubspot/{portal}/objects/{kind}")).json()["results"]
            for portal in (24000001, 24000002)
        ]
        counts[kind] = sum(len(one) for one in both)
    assert counts["companies"] == 40
    assert counts["deals"] == 60
    assert counts["quotes"] == 12
    assert 110 <= counts["contacts"] <= 130
    assert 45 <= counts["products"] <= 55
    quotes = (await control.get("/hubspot/24000001/objects/quotes")).json()["results"]
    states = {quote["properties"].get("hs_status") for quote in quotes}
    assert states == {None, "DRAFT", "APPROVAL_NOT_NEEDED", "PENDING_APPROVAL", "APPROVED", "REJECTED", "ACCEPTED"}
    details = (await hubspot.get("/account-info/2026-09/details")).json()
    assert (details["timeZone"], details["companyCurrency"], details["utcOffset"]) == (
        "America/New_York",
        "USD",
        "-05:00",
    )
    owners = (await hubspot.get("/crm/owners/2026-09")).json()["results"]
    assert len(owners) == 3
    stages = (await hubspot.get("/crm/pipelines/2026-09/deals")).json()["results"][0]["stages"]
    assert stages[5]["metadata"] == {"isClosed": "true", "probability": "1.0"}


async def test_nonsense_in_any_member_breaks_nothing(hubspot: httpx.AsyncClient, control: httpx.AsyncClient) -> None:
    await control.put("/limits/hubspot", json={"on": False})
    wrong: dict[str, tuple[str, ...]] = {
        f"{CRM}/deals": ("properties", "associations"),
        f"{CRM}/deals/search": ("filterGroups", "sorts", "properties", "query"),
        f"{CRM}/deals/batch/create": ("inputs",),
        "/crm/associations/2026-09/deals/companies/batch/read": ("inputs",),
        "/crm/properties/2026-09/deals": ("type", "name", "options"),
    }
    for path, names in wrong.items():
        for name in names:
            for nonsense in (7, [7], [[]], {"a": []}):
                answer = await hubspot.post(path, json={name: nonsense})
                assert answer.status_code < 500, (path, name, nonsense)
