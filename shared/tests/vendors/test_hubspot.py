"""HubSpot's client: batches, associations, definitions, refusals, versions."""

from typing import Any

import pytest
from ledgerbridge.errors import Paused, Permanent, Refused, Throttled, Transient
from ledgerbridge.vendors.hubspot import HubSpot
from ledgerbridge.vendors.hubspot.associations import DEAL_TO_PRIMARY_COMPANY
from ledgerbridge.vendors.hubspot.models import AssociationSpec, Filter, NewRecord, Search
from ledgerbridge.vendors.versions import NUMBERED


def record(record_id: Any, trace: Any = None, **properties: Any) -> Any:
    document = {"id": record_id, "properties": properties, "updatedAt": "2026-04-01T10:00:00.100Z", "archived": False}
    return document | ({"objectWriteTraceId": trace} if trace else {})


def batch(results: Any, errors: Any = ()) -> Any:
    return {"status": "COMPLETE", "results": list(results), "numErrors": len(errors), "errors": list(errors)}


NOT_FOUND = {
    "status": "error",
    "category": "OBJECT_NOT_FOUND",
    "message": "Could not get some DEAL objects, they may be deleted or not exist. Check that ids are valid.",
}
INVALID = {
    "status": "error",
    "category": "VALIDATION_ERROR",
    "message": 'Property values were not valid: [{"isValid":false,"message":"x","error":"INVALID_OPTION","name":"s"}]',
}


async def test_a_deal_for_an_invoice_is_one_call_with_associations_normalised(
    to_hubspot: Any, vendor: Any, how: Any
) -> None:
    deal = record("512", dealname="A", amount=None)
    deal["associations"] = {
        "companies": {
            "results": [{"id": "77", "type": "deal_to_company"}, {"id": "77", "type": "deal_to_company_unlabeled"}]
        },
        "line items": {
            "results": [{"id": "991", "type": "deal_to_line_item"}],
            "paging": {"next": {"after": "1", "link": ""}},
        },
        "contacts": {"results": [{"id": 5, "type": "deal_to_contact"}]},
    }
    vendor.answers(how.says(deal | {"surprise": [1]}))
    found = await to_hubspot.client.records.deal_for_invoice(to_hubspot.account, "512", ["extra"])
    assert found.associations == {"companies": ("77",), "line_items": ("991",), "contacts": ("5",)}
    assert not found.associations_complete
    assert found.properties == {"dealname": "A", "amount": None}
    assert found.updated_at.isoformat() == "2026-04-01T10:00:00.100000+00:00"
    [request] = vendor.requests
    assert request.query["associations"] == "contacts,companies,line_items,quotes"
    assert request.query["properties"].endswith(",extra")


async def test_reading_250_records_is_three_calls_and_what_was_left_out_is_missing(
    to_hubspot: Any, vendor: Any, how: Any
) -> None:
    def answer(request: Any) -> Any:
        ids = [one["id"] for one in request.document["inputs"]]
        assert len(ids) <= 100
        errors = [NOT_FOUND | {"context": {"ids": ["13"]}}] if "13" in ids else []
        return how.says(batch([record(one) for one in reversed(ids) if one not in {"13", "14"}], errors), 207)

    vendor.answers(answer)
    ids = [str(number) for number in range(250)]
    found = await to_hubspot.client.records.read_many(to_hubspot.account, "deals", [*ids, "0"], ["dealname"])
    assert len(vendor.requests) == 3
    assert found.missing == {"13", "14"}
    assert set(found.records) == set(ids) - {"13", "14"}
    assert found.failures == {}


async def test_reading_by_a_unique_property_is_keyed_by_what_was_asked(to_hubspot: Any, vendor: Any, how: Any) -> None:
    vendor.answers(how.says(batch([record("9", email="ann@x.example")])))
    found = await to_hubspot.client.records.read_many(
        to_hubspot.account, "contacts", ["Ann@X.example", "b@x.example"], ["firstname"], id_property="email"
    )
    assert found.records["Ann@X.example"].id == "9"
    assert found.missing == {"b@x.example"}
    assert vendor.requests[0].document["properties"] == ["firstname", "email"]


async def test_an_update_sorts_results_failures_and_merged_away_ids(to_hubspot: Any, vendor: Any, how: Any) -> None:
    errors = [
        INVALID | {"context": {"objectWriteTraceId": ["2"]}},
        NOT_FOUND | {"context": {"ids": ["3"], "objectWriteTraceId": ["3"]}},
    ]
    vendor.answers(how.says(batch([record("5", "5"), record("1", "1")], errors), 207))
    changes = {one: {"ledgerbridge_invoice_status": "paid_in_full"} for one in ("1", "2", "3", "4", "5")}
    done = await to_hubspot.client.records.update_many(to_hubspot.account, "deals", changes)
    assert set(done.records) == {"1", "5"}
    assert done.missing == {"3", "4"}
    assert done.failures["2"].code == "VENDOR_REFUSED"
    assert done.failures["2"].details["vendor_code"] == "INVALID_OPTION"
    inputs = vendor.requests[0].document["inputs"]
    assert [one["objectWriteTraceId"] for one in inputs] == [one["id"] for one in inputs]


async def test_one_bad_record_that_fails_its_whole_lot_never_fails_the_others(
    to_hubspot: Any, vendor: Any, how: Any
) -> None:
    def answer(request: Any) -> Any:
        ids = [one["id"] for one in request.document["inputs"]]
        return how.says(INVALID, 400) if "37" in ids else how.says(batch([record(one, one) for one in ids]))

    vendor.answers(answer)
    changes = {str(number): {"amount": "1"} for number in range(100)}
    done = await to_hubspot.client.records.update_many(to_hubspot.account, "deals", changes)
    assert set(done.failures) == {"37"}
    assert len(done.records) == 99
    assert len(vendor.requests) <= 15


async def test_a_missing_property_fails_the_lot_at_once(to_hubspot: Any, vendor: Any, how: Any) -> None:
    inner = '[{"isValid":false,"message":"no","error":"PROPERTY_DOESNT_EXIST","name":"ledgerbridge_invoice_status"}]'
    vendor.answers(
        how.says({"category": "VALIDATION_ERROR", "message": "Property values were not valid: " + inner}, 400)
    )
    changes = {str(number): {"amount": "1"} for number in range(4)}
    done = await to_hubspot.client.records.update_many(to_hubspot.account, "deals", changes)
    assert {error.code for error in done.failures.values()} == {"UNKNOWN_PROPERTY"}
    assert done.failures["0"].details["name"] == "ledgerbridge_invoice_status"
    assert len(vendor.requests) == 1


async def test_a_lost_answer_of_one_lot_of_creates_leaves_the_others_known(
    to_hubspot: Any, vendor: Any, how: Any
) -> None:
    def answer(request: Any) -> Any:
        inputs = request.document["inputs"]
        made = [record(str(1000 + number), one["objectWriteTraceId"]) for number, one in enumerate(inputs)]
        return how.cut if inputs[0]["objectWriteTraceId"] == "row-0" else how.says(batch(reversed(made)), 201)

    vendor.answers(answer)
    rows = {f"row-{number}": NewRecord({"name": "x"}) for number in range(150)}
    done = await to_hubspot.client.records.create_many(to_hubspot.account, "products", rows)
    assert {done.failures[f"row-{number}"].code for number in range(100)} == {"ANSWER_LOST"}
    assert set(done.records) == {f"row-{number}" for number in range(100, 150)}
    assert len(vendor.requests) == 2


async def test_a_create_that_conflicts_names_the_existing_record(to_hubspot: Any, vendor: Any, how: Any) -> None:
    body = {"status": "error", "message": "Contact already exists. Existing ID: 12345", "category": "CONFLICT"}
    vendor.answers(how.says(body, 409))
    with pytest.raises(Refused) as conflict:
        await to_hubspot.client.records.create(to_hubspot.account, "contacts", {"email": "a@b.example"})
    assert conflict.value.code == "ALREADY_THERE"
    assert conflict.value.details["existing_id"] == "12345"


async def test_upserts_say_what_was_new(to_hubspot: Any, vendor: Any, how: Any) -> None:
    vendor.answers(how.says(batch([record("8", "QBO-2", q="QBO-2") | {"new": True}, record("7", q="qbo-1")])))
    changes = {"QBO-1": {"name": "a"}, "QBO-2": {"name": "b"}}
    done = await to_hubspot.client.records.upsert_many(to_hubspot.account, "contacts", "q", changes)
    assert {key: one.id for key, one in done.records.items()} == {"QBO-1": "7", "QBO-2": "8"}
    assert done.records["QBO-2"].new is True


async def test_associations_are_read_by_the_thousand_and_over_all_pages(to_hubspot: Any, vendor: Any, how: Any) -> None:
    def answer(request: Any) -> Any:
        results = []
        for one in request.document["inputs"]:
            if one["id"] == "0" and "after" not in one:
                kinds = [{"category": "HUBSPOT_DEFINED", "typeId": 341, "label": None}]
                more = {"from": {"id": "0"}, "to": [{"toObjectId": 77, "associationTypes": kinds}]}
                results.append(more | {"paging": {"next": {"after": "p2"}}})
            elif one["id"] == "0":
                kinds = [{"category": "HUBSPOT_DEFINED", "typeId": 5, "label": "Primary"}]
                results.append({"from": {"id": 0}, "to": [{"toObjectId": "77", "associationTypes": kinds}]})
        return how.says(batch(results), 207)

    vendor.answers(answer)
    ids = [str(number) for number in range(1500)]
    found = await to_hubspot.client.associations.read_many(to_hubspot.account, "deals", "companies", ids)
    assert [len(one.document["inputs"]) for one in vendor.requests] == [1000, 501]
    [company] = found["0"]
    assert company.id == "77"
    assert company.is_of(DEAL_TO_PRIMARY_COMPANY)
    assert company.is_of(341)
    assert found["1499"] == ()


async def test_links_are_made_and_removed(to_hubspot: Any, vendor: Any, how: Any) -> None:
    links = to_hubspot.client.associations
    vendor.answers(how.says(batch([])), how.says({}, 201), how.Reply(204, b""), how.says(batch([])))
    await links.link(to_hubspot.account, "deals", "1", "companies", "2")
    await links.link_labelled(to_hubspot.account, "deals", "1", "companies", "2", types=[AssociationSpec(5)])
    await links.unlink(to_hubspot.account, "deals", "1", "companies", "2")
    await links.link_many(to_hubspot.account, "deals", "contacts", [("1", "2"), ("1", "2"), ("1", "3")])
    assert [(one.method, one.path) for one in vendor.requests] == [
        ("PUT", "/crm/objects/2026-09/deals/1/associations/default/companies/2"),
        ("PUT", "/crm/objects/2026-09/deals/1/associations/companies/2"),
        ("DELETE", "/crm/objects/2026-09/deals/1/associations/companies/2"),
        ("POST", "/crm/associations/2026-09/deals/contacts/batch/associate/default"),
    ]
    assert vendor.requests[1].document == [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 5}]
    assert len(vendor.requests[3].document["inputs"]) == 2


async def test_a_search_is_a_search_to_the_budget_and_never_uncertain(to_hubspot: Any, vendor: Any, how: Any) -> None:
    vendor.answers(how.says({"total": 2, "results": [record("1")], "paging": {"next": {"after": "1"}}}))
    search = Search(("dealname",), ((Filter("dealstage", "IN", values=("won",)),),), sort="hs_lastmodifieddate")
    page = await to_hubspot.client.records.search(to_hubspot.account, "deals", search)
    assert (page.after, page.total, page.records[0].id) == ("1", 2, "1")
    assert to_hubspot.budgets.taken == [(7, "search", "live")]
    assert vendor.requests[0].document == {
        "properties": ["dealname"],
        "limit": 100,
        "filterGroups": [{"filters": [{"propertyName": "dealstage", "operator": "IN", "values": ["won"]}]}],
        "sorts": [{"propertyName": "hs_lastmodifieddate", "direction": "ASCENDING"}],
    }


async def test_definitions_are_made_once_and_one_that_is_there_is_no_error(
    to_hubspot: Any, vendor: Any, how: Any
) -> None:
    definitions = to_hubspot.client.definitions
    vendor.answers(
        how.says({"status": "error", "message": "resource not found"}, 404),
        how.says({"name": "ledgerbridge"}, 201),
        how.says({"status": "error", "message": "exists", "category": "CONFLICT"}, 409),
        how.says({"results": [{"name": "amount", "type": "number", "calculated": True}]}),
    )
    assert not await definitions.group_exists(to_hubspot.account, "deals", "ledgerbridge")
    await definitions.create_group(to_hubspot.account, "deals", "ledgerbridge", "Ledgerbridge")
    await definitions.create(to_hubspot.account, "deals", {"name": "x", "type": "string"})
    assert (await definitions.list_all(to_hubspot.account, "deals"))["amount"].calculated


async def test_facts_of_an_account(to_hubspot: Any, vendor: Any, how: Any) -> None:
    facts = to_hubspot.client.facts
    stages = [
        {
            "id": "closedwon",
            "label": "Gewonnen",
            "displayOrder": 1,
            "metadata": {"isClosed": "true", "probability": "1.0"},
        },
        {"id": "1", "label": "New", "displayOrder": 0, "metadata": {"isClosed": "false", "probability": "0.2"}},
    ]
    vendor.answers(
        how.says({"portalId": 24000001, "timeZone": "America/New_York", "companyCurrency": "USD", "uiDomain": "app"}),
        how.says({"results": [{"id": "default", "label": "Sales", "displayOrder": 0, "stages": stages}]}),
        how.says({"results": [{"id": "1", "email": "a@x", "userId": 5}], "paging": {"next": {"after": "n"}}}),
        how.says({"results": [{"id": "2", "email": None, "userId": None}]}),
        how.Reply(
            200,
            b'{"results":[{"conversionRate":1.083700,"effectiveAt":"2026-01-02T00:00:00.000Z"}],'
            b'"paging":{"next":{"after":"n"}}}',
        ),
        how.says({"results": [{"conversionRate": 2, "effectiveAt": "2026-03-02T00:00:00Z"}]}),
    )
    details = await facts.details(to_hubspot.account)
    assert (details.portal_id, details.time_zone, details.additional_currencies) == ("24000001", "America/New_York", ())
    [pipeline] = await facts.pipelines(to_hubspot.account)
    assert [(stage.id, stage.is_won) for stage in pipeline.stages] == [("1", False), ("closedwon", True)]
    assert set(await facts.owners(to_hubspot.account)) == {"1", "2"}
    newest, oldest = await facts.exchange_rates(to_hubspot.account, "EUR", "USD")
    assert (newest.value, newest.effective_at.month, str(oldest.value)) == (2, 3, "1.083700")


SCOPES = {
    "category": "MISSING_SCOPES",
    "errors": [{"message": "m", "context": {"requiredGranularScopes": ["crm.schemas.deals.write"]}}],
}


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind", "code"),
    [
        (403, SCOPES, {}, Paused, "MISSING_SCOPE"),
        (404, {"status": "error", "message": "resource not found"}, {}, Permanent, "GONE"),
        (404, {}, {}, Transient, "VENDOR_ANSWER"),
        (400, {"message": "Unable to infer object type from: foo"}, {}, Refused, "VENDOR_REFUSED"),
        (400, {"message": "[", "errors": "none"}, {}, Refused, "VENDOR_REFUSED"),
        (400, ["not", "an", "object"], {}, Refused, "VENDOR_REFUSED"),
        (414, {}, {}, Refused, "VENDOR_REFUSED"),
        (423, {}, {}, Throttled, "VENDOR_LOCKED"),
        (429, {"policyName": "DAILY"}, {}, Paused, "BUDGET_USED"),
        (429, {"message": "You have reached your daily limit."}, {}, Paused, "BUDGET_USED"),
        (429, {"policyName": "TEN_SECONDLY_ROLLING"}, {}, Throttled, "VENDOR_THROTTLED"),
        (477, {}, {"Retry_After": "86400"}, Throttled, "VENDOR_MOVING"),
        (524, {}, {}, Transient, "VENDOR_UNAVAILABLE"),
        (200, ["no object"], {}, Transient, "VENDOR_ANSWER"),
        (200, {"results": "none"}, {}, Transient, "VENDOR_ANSWER"),
    ],
)
async def test_how_hubspot_says_no(
    to_hubspot: Any, vendor: Any, how: Any, status: Any, body: Any, headers: Any, kind: Any, code: Any
) -> None:
    vendor.answers(how.says(body, status, **headers))
    with pytest.raises(kind) as error:
        await to_hubspot.client.records.get(to_hubspot.account, "deals", "1")
    assert error.value.code == code


async def test_a_missing_scope_is_named(to_hubspot: Any, vendor: Any, how: Any) -> None:
    vendor.answers(how.says(SCOPES, 403))
    with pytest.raises(Paused) as paused:
        await to_hubspot.client.definitions.create(to_hubspot.account, "deals", {"name": "x"})
    assert "crm.schemas.deals.write" in paused.value.sentence


async def test_the_numbered_family_of_paths(to_hubspot: Any, vendor: Any, how: Any) -> None:
    numbered = HubSpot(to_hubspot.http, NUMBERED)
    vendor.answers(how.says(record("1")), how.says(batch([])), how.Reply(204, b""))
    await numbered.records.get(to_hubspot.account, "deals", "1")
    await numbered.associations.read_many(to_hubspot.account, "deals", "companies", ["1"])
    await numbered.associations.unlink(to_hubspot.account, "deals", "1", "companies", "2")
    assert [one.path for one in vendor.requests] == [
        "/crm/v3/objects/deals/1",
        "/crm/v4/associations/deals/companies/batch/read",
        "/crm/v4/objects/deals/1/associations/companies/2",
    ]
