"""The judge is hubspot-api-client: records of every kind, alone and in batches, searched, merged and refused."""

import json
from typing import Any

import pytest
from doors import Doors
from hubspot import HubSpot
from hubspot.crm import objects
from hubspot.crm.properties import PropertyCreate, PropertyGroupCreate
from hubspot.utils.objects import fetch_all
from hubspot_kinds import EVERY_KIND, KINDS, Kind
from hubspot_portal import Records, open_portal

JUDGE = "hubspot-api-client (Python)"
BY_NAME = {kind.name: kind for kind in KINDS}


def held(record: Any, wanted: dict[str, str]) -> bool:
    return {name: record.properties.get(name) for name in wanted} == wanted


@pytest.mark.parametrize("kind", **EVERY_KIND)
def test_a_record_is_made_read_changed_listed_and_archived(portal: HubSpot, kind: Kind) -> None:
    records = Records(portal, kind)
    made = records.make(kind.given())
    assert held(made, kind.given())
    assert (made.archived, made.properties["hs_object_id"]) == (False, made.id)
    changed = records.change(made.id, kind.change)
    assert held(changed, kind.change)
    assert changed.updated_at >= made.updated_at
    read = records.basic.get_by_id(made.id, properties=[*kind.new, *kind.change])
    assert held(read, kind.given() | kind.change)
    assert read.created_at == made.created_at
    other = records.make(kind.given(2))
    everything = fetch_all(records.basic, properties=[kind.sought])
    named = {one.id: one.properties[kind.sought] for one in everything}
    assert (named[made.id], named[other.id]) == (read.properties[kind.sought], kind.given(2)[kind.sought])
    first = records.basic.get_page(limit=1)
    second = records.basic.get_page(limit=1, after=first.paging.next.after)
    assert [one.id for one in first.results + second.results] == [one.id for one in everything[:2]]
    records.basic.archive(made.id)
    gone = records.basic.get_by_id(made.id, archived=True)
    assert gone.archived
    assert gone.archived_at >= gone.created_at
    assert made.id in {one.id for one in records.basic.get_page(limit=100, archived=True).results}
    with pytest.raises(records.models.exceptions.NotFoundException) as refused:
        records.basic.get_by_id(made.id)
    assert (refused.value.status, json.loads(refused.value.body)["category"]) == (404, "OBJECT_NOT_FOUND")


def batch_of(records: Records, name: str, inputs: list[Any]) -> Any:
    """The body of a batch of the client's own models."""
    one, many = getattr(records.models, name), getattr(records.models, f"BatchInput{name}")
    return many(inputs=[one(**given) for given in inputs])


def read_batch(records: Records, ids: list[str], **more: Any) -> Any:
    wanted = [records.models.SimplePublicObjectId(id=one) for one in ids]
    more = {"properties": [], "properties_with_history": [], **more}
    return records.batch.read(records.models.BatchReadInputSimplePublicObjectId(inputs=wanted, **more))


@pytest.mark.parametrize("kind", **EVERY_KIND)
def test_records_are_made_read_changed_and_archived_in_batches(portal: HubSpot, kind: Kind) -> None:
    records = Records(portal, kind)
    inputs = [{"properties": kind.given(n), "object_write_trace_id": f"row-{n}", "associations": []} for n in (1, 2, 3)]
    made = records.batch.create(batch_of(records, "SimplePublicObjectBatchInputForCreate", inputs))
    assert made.status == "COMPLETE"
    rows = {one.object_write_trace_id: one for one in made.results}
    assert all(held(rows[f"row-{n}"], kind.given(n)) for n in (1, 2, 3))
    ids = [one.id for one in made.results]
    changes = [{"id": one, "properties": kind.change} for one in ids]
    changed = records.batch.update(batch_of(records, "SimplePublicObjectBatchInput", changes))
    assert all(held(one, kind.change) for one in changed.results)
    read = read_batch(records, ids, properties=[*kind.change])
    assert {one.id: one.properties[next(iter(kind.change))] for one in read.results} == dict.fromkeys(
        ids, next(iter(kind.change.values()))
    )
    records.batch.archive(batch_of(records, "SimplePublicObjectId", [{"id": ids[0]}, {"id": ids[1]}]))
    partly = read_batch(records, ids)
    assert ([one.id for one in partly.results], partly.num_errors) == (ids[2:], 1)
    assert partly.errors[0].category == "OBJECT_NOT_FOUND"
    assert partly.errors[0].context == {"ids": ids[:2]}


@pytest.mark.parametrize("kind", **EVERY_KIND)
def test_records_are_put_by_a_unique_property(portal: HubSpot, kind: Kind) -> None:
    definition = PropertyCreate(
        name="judged_key", label="Key", type="string", field_type="text", group_name="judged", has_unique_value=True
    )
    portal.crm.properties.groups_api.create(kind.name, PropertyGroupCreate(name="judged", label="Judged"))
    portal.crm.properties.core_api.create(kind.name, definition)
    records = Records(portal, kind)
    new = [{"id": f"K-{n}", "id_property": "judged_key", "properties": kind.given(n)} for n in (1, 2)]
    first = records.batch.upsert(batch_of(records, "SimplePublicObjectBatchInputUpsert", new))
    assert [one.new for one in first.results] == [True, True]
    again = [{**new[0], "properties": kind.change}, {**new[1], "id": "K-3", "properties": kind.given(3)}]
    second = records.batch.upsert(batch_of(records, "SimplePublicObjectBatchInputUpsert", again))
    told = {one.properties["judged_key"]: (one.new, one.id) for one in second.results}
    assert told["K-1"] == (False, first.results[0].id)
    assert told["K-3"][0]
    read = records.basic.get_by_id("K-1", id_property="judged_key", properties=[*kind.new, *kind.change])
    assert held(read, kind.given() | kind.change)
    changed = records.change("K-2", kind.change, id_property="judged_key")
    assert changed.id == first.results[1].id
    by_key = read_batch(records, ["K-1", "K-3"], id_property="judged_key")
    assert {one.id for one in by_key.results} == {told["K-1"][1], told["K-3"][1]}
    with pytest.raises(records.models.ApiException) as refused:
        records.make({**kind.given(9), "judged_key": "K-1"})
    assert refused.value.status == 409


@pytest.mark.parametrize("kind", **EVERY_KIND)
def test_records_are_searched_sorted_and_paged(portal: HubSpot, kind: Kind) -> None:
    records = Records(portal, kind)
    ids = [records.make(kind.given(n)).id for n in range(1, 6)]
    among = {"propertyName": "hs_object_id", "operator": "IN", "values": ids}
    backwards = [{"propertyName": "hs_object_id", "direction": "DESCENDING"}]
    found, after, sizes = [], None, []
    while True:
        page = records.found(
            filter_groups=[{"filters": [among]}], sorts=backwards, properties=[kind.sought], limit=2, after=after
        )
        assert page.total == len(ids)
        found += page.results
        sizes.append(len(page.results))
        if page.paging is None:
            break
        after = page.paging.next.after
    assert ([one.id for one in found], sizes) == (ids[::-1], [2, 2, 1])
    assert found[0].properties[kind.sought] == kind.given(5)[kind.sought]
    equal = {"propertyName": kind.sought, "operator": "EQ", "value": kind.given(3)[kind.sought]}
    assert [one.id for one in records.found(filter_groups=[{"filters": [equal, among]}]).results] == [ids[2]]
    if kind.queried:
        assert records.found(query=kind.given(4)[kind.sought], limit=10).results[0].id == ids[3]
    assert records.found(filter_groups=[{"filters": [{**equal, "operator": "NEQ"}, among]}]).total == 4


def test_what_values_were_is_told(portal: HubSpot) -> None:
    deals = Records(portal, BY_NAME["deals"])
    made = deals.make(BY_NAME["deals"].given())
    deals.change(made.id, {"amount": "2000"})
    read = deals.basic.get_by_id(made.id, properties_with_history=["amount"])
    told = read.properties_with_history["amount"]
    assert [one.value for one in told] == ["2000", "1500.50"]
    assert {one.source_type for one in told} == {"INTEGRATION"}
    assert told[0].timestamp >= told[1].timestamp
    batch = read_batch(deals, [made.id], properties_with_history=["amount"])
    assert [one.value for one in batch.results[0].properties_with_history["amount"]] == ["2000", "1500.50"]
    page = deals.basic.get_page(limit=50, properties_with_history=["dealname"])
    assert all(one.properties_with_history["dealname"] for one in page.results)
    assert len(fetch_all(deals.basic, properties_with_history=["dealname"])) == deals.found(limit=1).total


def test_a_contact_is_forgotten(portal: HubSpot) -> None:
    contacts = Records(portal, BY_NAME["contacts"])
    made = contacts.make(BY_NAME["contacts"].given())
    contacts.basic.purge(contacts.models.PublicGdprDeleteInput(object_id=made.id))
    for archived in (False, True):
        with pytest.raises(contacts.models.exceptions.NotFoundException):
            contacts.basic.get_by_id(made.id, archived=archived)


def test_more_than_a_hundred_inputs_are_refused(portal: HubSpot) -> None:
    contacts = Records(portal, BY_NAME["contacts"])
    with pytest.raises(contacts.models.ApiException) as refused:
        read_batch(contacts, [str(n) for n in range(101)])
    assert (refused.value.status, json.loads(refused.value.body)["category"]) == (400, "VALIDATION_ERROR")


def test_a_batch_is_all_or_nothing_without_trace_ids(portal: HubSpot) -> None:
    deals = Records(portal, BY_NAME["deals"])
    good, bad = BY_NAME["deals"].given(), BY_NAME["deals"].given(2) | {"dealstage": "nowhere"}
    before = deals.found(limit=1).total
    inputs = [{"properties": one, "associations": []} for one in (good, bad)]
    with pytest.raises(deals.models.ApiException) as refused:
        deals.batch.create(batch_of(deals, "SimplePublicObjectBatchInputForCreate", inputs))
    assert refused.value.status == 400
    assert deals.found(limit=1).total == before
    traced = [{**one, "object_write_trace_id": f"row-{n}"} for n, one in enumerate(inputs)]
    partly = deals.batch.create(batch_of(deals, "SimplePublicObjectBatchInputForCreate", traced))
    assert ([one.object_write_trace_id for one in partly.results], partly.num_errors) == (["row-0"], 1)
    assert partly.errors[0].context == {"objectWriteTraceId": ["row-1"]}
    assert partly.errors[0].category == "VALIDATION_ERROR"


def test_an_address_belongs_to_one_contact(portal: HubSpot) -> None:
    contacts = Records(portal, BY_NAME["contacts"])
    made = contacts.make({"email": "One@Judge.example"})
    assert made.properties["email"] == "one@judge.example"
    with pytest.raises(contacts.models.ApiException) as refused:
        contacts.make({"email": "one@judge.example"})
    told = json.loads(refused.value.body)
    assert (refused.value.status, refused.value.reason, told["category"]) == (409, "Conflict", "CONFLICT")
    assert told["message"] == f"Contact already exists. Existing ID: {made.id}"
    assert told["correlationId"]
    assert contacts.basic.get_by_id("one@judge.example", id_property="email").id == made.id


def test_values_that_do_not_fit_are_named(portal: HubSpot) -> None:
    deals = Records(portal, BY_NAME["deals"])
    made = deals.make(BY_NAME["deals"].given())
    with pytest.raises(deals.models.ApiException) as refused:
        deals.change(made.id, {"colour": "red", "dealtype": "New Business"})
    told = json.loads(refused.value.body)
    assert (refused.value.status, told["category"]) == (400, "VALIDATION_ERROR")
    assert {one["context"]["propertyName"][0]: one["code"] for one in told["errors"]} == {
        "colour": "PROPERTY_DOESNT_EXIST",
        "dealtype": "INVALID_OPTION",
    }
    with pytest.raises(deals.models.ApiException) as missing:
        deals.make({"dealname": "No stage"})
    assert missing.value.status == 400


@pytest.mark.parametrize("name", ["contacts", "companies", "deals"])
def test_two_records_become_one(portal: HubSpot, name: str) -> None:
    kind = BY_NAME[name]
    records = Records(portal, kind)
    kept, gone = records.make(kind.given(1)), records.make(kind.given(2) | kind.change)
    merge = records.models.PublicMergeInput(primary_object_id=kept.id, object_id_to_merge=gone.id)
    merged = records.basic.merge(merge)
    assert merged.id == kept.id
    assert merged.properties["hs_merged_object_ids"] == gone.id
    assert merged.properties[kind.sought] == kept.properties[kind.sought]
    assert records.basic.get_by_id(gone.id).id == kept.id
    changes = [{"id": gone.id, "properties": kind.change}]
    assert records.batch.update(batch_of(records, "SimplePublicObjectBatchInput", changes)).results == []


def test_line_items_and_deals_are_calculated(portal: HubSpot) -> None:
    deals, lines = Records(portal, BY_NAME["deals"]), Records(portal, BY_NAME["line_items"])
    products = Records(portal, BY_NAME["products"])
    deal, product = deals.make(BY_NAME["deals"].given()), products.make(BY_NAME["products"].given())
    joined = {"to": {"id": deal.id}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 20}]}
    line = lines.make({"hs_product_id": product.id, "quantity": "2", "discount": "9.90"}, [joined])
    assert held(line, {"name": "Chair 1", "price": "299.90", "amount": "580.00", "hs_total_discount": "19.80"})
    read = deals.basic.get_by_id(deal.id, properties=["amount"], associations=["line_items"])
    assert read.properties["amount"] == "580.00"
    assert [(one.id, one.type) for one in read.associations["line items"].results] == [(line.id, "deal_to_line_item")]


def test_a_quote_is_published_and_locked(portal: HubSpot, doors: Doors) -> None:
    template = doors.ask("GET", "/hubspot/24000001/objects/quote_template").json()["results"][0]["id"]
    deal = Records(portal, BY_NAME["deals"]).make(BY_NAME["deals"].given())
    line = Records(portal, BY_NAME["line_items"]).make(BY_NAME["line_items"].given())
    quotes = Records(portal, BY_NAME["quotes"])
    made = quotes.make(BY_NAME["quotes"].given() | {"hs_status": "DRAFT"})
    with pytest.raises(quotes.models.ApiException) as refused:
        quotes.change(made.id, {"hs_status": "APPROVAL_NOT_NEEDED"})
    assert refused.value.status == 400
    for kind, other in (("deals", deal.id), ("line_items", line.id), ("quote_template", template)):
        portal.crm.associations.v4.basic_api.create_default("quotes", made.id, kind, other)
    quotes.change(made.id, {"hs_status": "APPROVAL_NOT_NEEDED"})
    read = quotes.basic.get_by_id(made.id, properties=["hs_quote_amount", "hs_locked", "hs_quote_link"])
    assert held(read, {"hs_quote_amount": "31.50", "hs_locked": "true"})
    assert read.properties["hs_quote_link"]
    with pytest.raises(quotes.models.ApiException) as locked:
        quotes.change(made.id, {"hs_title": "Another"})
    assert locked.value.status == 400


@pytest.mark.parametrize("alias", ["0-3", "deal", "deals"])
def test_generic_objects_know_names_and_ids_of_types(portal: HubSpot, alias: str) -> None:
    made = portal.crm.objects.basic_api.create(
        alias, objects.SimplePublicObjectInputForCreate(properties=BY_NAME["deals"].given(), associations=[])
    )
    assert portal.crm.objects.basic_api.get_by_id(alias, made.id).id == made.id
    wanted = objects.PublicObjectSearchRequest(
        filter_groups=[{"filters": [{"propertyName": "hs_object_id", "operator": "EQ", "value": made.id}]}]
    )
    assert portal.crm.objects.search_api.do_search(alias, wanted).total == 1
    assert len(portal.crm.objects.get_all(alias)) == Records(portal, BY_NAME["deals"]).found(limit=1).total
    with pytest.raises(objects.ApiException) as refused:
        portal.crm.objects.basic_api.get_page("foos")
    assert json.loads(refused.value.body)["message"] == "Unable to infer object type from: foos"


@pytest.mark.xfail(
    strict=True, reason="the models require links and errors, which HubSpot often leaves out (hubspot.md 17)"
)
def test_the_error_entries_of_a_batch_have_what_the_models_require(doors: Doors) -> None:
    contacts = Records(open_portal(doors, api_factory=None), BY_NAME["contacts"])
    read_batch(contacts, ["1"])
