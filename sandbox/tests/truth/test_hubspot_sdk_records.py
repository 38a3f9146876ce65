"""The judge is hubspot-sdk with its schemas enforced: records of every kind on the dated paths."""

from typing import Any

import pytest
from doors import Doors
from hubspot_kinds import EVERY_KIND, KINDS, Kind
from hubspot_sdk import APIResponseValidationError, BadRequestError, ConflictError, NotFoundError
from hubspot_strict import StrictHubSpot, open_plain

JUDGE = "hubspot-sdk (Python)"
BY_NAME = {kind.name: kind for kind in KINDS}
WHOLE = {"properties_with_history": []}


def calls(strict: StrictHubSpot, kind: Kind) -> Any:
    """The client's calls for one kind."""
    return getattr(strict.crm.objects, kind.name)


def made(strict: StrictHubSpot, name: str, number: int = 1, **more: Any) -> Any:
    kind = BY_NAME[name]
    return calls(strict, kind).create(properties=kind.given(number), **{"associations": [], **more})


def searched(api: Any, **wanted: Any) -> Any:
    return api.search(**{"after": "0", "filter_groups": [], "limit": 10, "properties": [], "sorts": [], **wanted})


def held(record: Any, wanted: dict[str, str]) -> bool:
    return {name: record.properties.get(name) for name in wanted} == wanted


@pytest.mark.parametrize("kind", **EVERY_KIND)
def test_a_record_is_made_read_changed_listed_and_archived(strict: StrictHubSpot, kind: Kind) -> None:
    api = calls(strict, kind)
    record = made(strict, kind.name)
    assert held(record, kind.given())
    changed = api.update(record.id, properties=kind.change)
    assert held(changed, kind.change)
    assert changed.updated_at >= record.updated_at
    read = api.get(record.id, properties=[*kind.new, *kind.change])
    assert held(read, kind.given() | kind.change)
    assert (read.created_at, read.archived) == (record.created_at, False)
    assert read.url
    other = made(strict, kind.name, 2)
    listed = {one.id for one in api.list(limit=40)}  # The client fetches page after page.
    assert {record.id, other.id} <= listed
    api.delete(record.id)
    gone = api.get(record.id, archived=True)
    assert gone.archived
    assert gone.archived_at >= gone.created_at
    assert record.id in {one.id for one in api.list(archived=True)}
    with pytest.raises(NotFoundError) as refused:
        api.get(record.id)
    assert refused.value.body["category"] == "OBJECT_NOT_FOUND"


@pytest.mark.parametrize("kind", **EVERY_KIND)
def test_records_in_batches(strict: StrictHubSpot, kind: Kind) -> None:
    batch = calls(strict, kind).batch
    inputs = [{"properties": kind.given(n), "object_write_trace_id": f"row-{n}", "associations": []} for n in (1, 2, 3)]
    created = batch.create(inputs=inputs)
    rows = {one.object_write_trace_id: one for one in created.results}
    assert all(held(rows[f"row-{n}"], kind.given(n)) for n in (1, 2, 3))
    ids = [one.id for one in created.results]
    changed = batch.update(inputs=[{"id": one, "properties": kind.change} for one in ids])
    assert all(held(one, kind.change) for one in changed.results)
    batch.delete(inputs=[{"id": ids[0]}])
    answer = batch.with_raw_response.get(inputs=[{"id": one} for one in ids], properties=[kind.sought], **WHOLE)
    assert answer.http_response.status_code == 207
    assert [one.id for one in answer.parse().results] == ids[1:]
    assert answer.http_response.json()["errors"][0]["context"] == {"ids": ids[:1]}


@pytest.mark.parametrize("kind", **EVERY_KIND)
def test_records_are_put_by_a_unique_property(strict: StrictHubSpot, kind: Kind) -> None:
    strict.crm.properties.groups.create(kind.name, name="judged", label="Judged")
    strict.crm.properties.create(
        kind.name,
        name="judged_key",
        label="Key",
        type="string",
        field_type="text",
        group_name="judged",
        has_unique_value=True,
    )
    api = calls(strict, kind)
    new = [{"id": f"K-{n}", "id_property": "judged_key", "properties": kind.given(n)} for n in (1, 2)]
    first = api.batch.upsert(inputs=new)
    assert [one.new for one in first.results] == [True, True]
    second = api.batch.upsert(inputs=[{**new[0], "properties": kind.change}])
    assert [(one.new, one.id) for one in second.results] == [(False, first.results[0].id)]
    assert api.get("K-2", id_property="judged_key").id == first.results[1].id
    by_key = api.batch.get(inputs=[{"id": "K-1"}], properties=[*kind.change], id_property="judged_key", **WHOLE)
    assert held(by_key.results[0], kind.change)
    with pytest.raises(ConflictError):
        api.create(properties={**kind.given(9), "judged_key": "K-1"}, associations=[])


@pytest.mark.parametrize("kind", **EVERY_KIND)
def test_records_are_searched_and_paged(strict: StrictHubSpot, kind: Kind) -> None:
    api = calls(strict, kind)
    ids = [made(strict, kind.name, n).id for n in range(1, 4)]
    among = {"property_name": "hs_object_id", "operator": "IN", "values": ids}
    groups = [{"filters": [among]}]
    first = searched(api, filter_groups=groups, sorts=["-hs_object_id"], limit=2, properties=[kind.sought])
    assert (first.total, [one.id for one in first.results]) == (3, ids[:0:-1])
    assert first.results[0].properties[kind.sought] == kind.given(3)[kind.sought]
    last = searched(api, filter_groups=groups, sorts=["-hs_object_id"], limit=2, after=first.paging.next.after)
    assert ([one.id for one in last.results], last.paging) == (ids[:1], None)
    equal = {"property_name": kind.sought, "operator": "EQ", "value": kind.given(2)[kind.sought]}
    assert [one.id for one in searched(api, filter_groups=[{"filters": [equal, among]}]).results] == [ids[1]]


@pytest.mark.parametrize("name", ["contacts", "companies", "deals"])
def test_two_records_become_one(strict: StrictHubSpot, name: str) -> None:
    kept, gone = made(strict, name, 1), made(strict, name, 2)
    api = calls(strict, BY_NAME[name])
    merged = api.merge(primary_object_id=kept.id, object_id_to_merge=gone.id)
    assert (merged.id, merged.properties["hs_merged_object_ids"]) == (kept.id, gone.id)
    assert api.get(gone.id).id == kept.id


def test_what_values_were_is_told(strict: StrictHubSpot) -> None:
    deal = made(strict, "deals")
    strict.crm.objects.deals.update(deal.id, properties={"amount": "2000"})
    read = strict.crm.objects.deals.get(deal.id, properties_with_history=["amount"])
    assert [one.value for one in read.properties_with_history["amount"]] == ["2000", "1500.50"]
    inputs = [{"id": deal.id}]
    batch = strict.crm.objects.deals.batch.get(inputs=inputs, properties=[], properties_with_history=["amount"])
    assert len(batch.results[0].properties_with_history["amount"]) == 2


def test_a_contact_is_forgotten(strict: StrictHubSpot) -> None:
    contact = made(strict, "contacts")
    strict.crm.objects.contacts.gdpr_delete(object_id=contact.id)
    with pytest.raises(NotFoundError):
        strict.crm.objects.contacts.get(contact.id, archived=True)


def test_an_address_belongs_to_one_contact(strict: StrictHubSpot) -> None:
    first = made(strict, "contacts")
    with pytest.raises(ConflictError) as refused:
        made(strict, "contacts")
    assert refused.value.body["message"] == f"Contact already exists. Existing ID: {first.id}"
    assert strict.crm.objects.contacts.get("judge1@example.org", id_property="email").id == first.id


def test_wrong_values_are_a_bad_request(strict: StrictHubSpot) -> None:
    deal = made(strict, "deals")
    with pytest.raises(BadRequestError) as refused:
        strict.crm.objects.deals.update(deal.id, properties={"colour": "red"})
    told = refused.value.body
    assert (told["category"], told["errors"][0]["code"]) == ("VALIDATION_ERROR", "PROPERTY_DOESNT_EXIST")
    assert refused.value.response.headers["x-hubspot-correlation-id"]
    with pytest.raises(BadRequestError):
        searched(strict.crm.objects.deals, limit=201)


def test_associations_come_with_what_is_read(strict: StrictHubSpot) -> None:
    deal, firm = made(strict, "deals"), made(strict, "companies")
    spec = {"association_category": "HUBSPOT_DEFINED", "association_type_id": 5}
    joined = {"to": {"id": deal.id}, "types": [{**spec, "association_type_id": 20}]}
    line = made(strict, "line_items", associations=[joined])
    strict.crm.associations.update_labels(
        firm.id, object_type="deals", object_id=deal.id, to_object_type="companies", body=[spec]
    )
    read = strict.crm.objects.deals.get(deal.id, associations=["companies", "line_items"], properties=["amount"])
    assert read.properties["amount"] == "31.50"
    assert [(one.id, one.type) for one in read.associations["line items"].results] == [(line.id, "deal_to_line_item")]
    assert {(one.id, one.type) for one in read.associations["companies"].results} == {
        (firm.id, "deal_to_company"),
        (firm.id, "deal_to_company_unlabeled"),
    }


@pytest.mark.parametrize("alias", ["0-3", "deal", "deals"])
def test_generic_objects_know_names_and_ids_of_types(strict: StrictHubSpot, alias: str) -> None:
    generic = strict.crm.objects.generic_objects
    record = generic.create(alias, properties=BY_NAME["deals"].given(), associations=[])
    assert generic.get(record.id, object_type=alias).id == record.id
    assert record.id in {one.id for one in generic.list(alias, limit=100)}
    with pytest.raises(BadRequestError, match="Unable to infer object type from: foos"):
        generic.list("foos")


@pytest.mark.xfail(strict=True, reason="a property that is asked for and not set is null (hubspot.md 3); a text here")
def test_properties_are_texts_where_they_are_not_set(doors: Doors, strict: StrictHubSpot) -> None:
    contact = made(strict, "contacts")
    plain = open_plain(doors)
    try:
        plain.crm.objects.contacts.get(contact.id, properties=["lastname"])
    except APIResponseValidationError as error:
        pytest.fail(f"{error.__cause__}")


@pytest.mark.xfail(
    strict=True, reason="numbers in documented and recorded answers, texts in the schema (hubspot.md 17)"
)
def test_ids_of_associated_records_are_texts(doors: Doors, strict: StrictHubSpot) -> None:
    deal, person = made(strict, "deals"), made(strict, "contacts")
    strict.crm.associations.create(
        person.id, from_object_type="deals", from_object_id=deal.id, to_object_type="contacts"
    )
    plain = open_plain(doors)
    try:
        plain.crm.associations.list("contacts", object_type="deals", object_id=deal.id)
    except APIResponseValidationError as error:
        pytest.fail(f"{error.__cause__}")
