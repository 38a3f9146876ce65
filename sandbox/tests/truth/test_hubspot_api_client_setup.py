"""The judge is hubspot-api-client: properties and their groups, pipelines, owners."""

import json

import pytest
from doors import Doors
from hubspot import HubSpot
from hubspot.crm import pipelines, properties
from hubspot.crm.owners import ApiException as OwnersException
from hubspot_kinds import EVERY_KIND, Kind

JUDGE = "hubspot-api-client (Python)"
GROUP = {"name": "judged", "label": "Judged", "display_order": -1}
NUMBER = {"group_name": "judged", "name": "judged_no", "label": "Number", "type": "string", "field_type": "text"}


@pytest.fixture
def grouped(portal: HubSpot) -> HubSpot:
    portal.crm.properties.groups_api.create("deals", properties.PropertyGroupCreate(**GROUP))
    return portal


def option(value: str, order: int) -> properties.OptionInput:
    return properties.OptionInput(
        label=value.title(), value=value, display_order=order, hidden=False, description="Judged"
    )


def test_a_group_is_made_read_renamed_and_taken_away(portal: HubSpot) -> None:
    groups = portal.crm.properties.groups_api
    made = groups.create("deals", properties.PropertyGroupCreate(**GROUP))
    assert (made.name, made.label, made.display_order, made.archived) == ("judged", "Judged", -1, False)
    assert "judged" in {one.name for one in groups.get_all("deals").results}
    renamed = groups.update("deals", "judged", properties.PropertyGroupUpdate(label="Weighed", display_order=3))
    assert (renamed.label, renamed.display_order) == ("Weighed", 3)
    assert groups.get_by_name("deals", "judged").label == "Weighed"
    with pytest.raises(properties.ApiException) as twice:
        groups.create("deals", properties.PropertyGroupCreate(**GROUP))
    assert twice.value.status == 409
    groups.archive("deals", "judged")
    with pytest.raises(properties.exceptions.NotFoundException):
        groups.get_by_name("deals", "judged")


@pytest.mark.parametrize(
    ("kind", "field", "more", "value"),
    [
        ("string", "text", {}, "INV-1"),
        ("string", "textarea", {}, "Two\nlines"),
        ("number", "number", {}, "12.50"),
        ("date", "date", {}, "2026-12-31"),
        ("datetime", "date", {}, "2026-12-31T10:00:00Z"),
        ("enumeration", "select", {"options": [option("open", 0), option("paid", 1)]}, "paid"),
        ("enumeration", "checkbox", {"options": [option("one", 0), option("two", 1)]}, "one;two"),
        ("bool", "booleancheckbox", {"options": [option("true", 0), option("false", 1)]}, "true"),
    ],
)
def test_a_property_of_each_type_is_made_and_holds_values(
    grouped: HubSpot, kind: str, field: str, more: dict, value: str
) -> None:
    wanted = {**NUMBER, "type": kind, "field_type": field, "description": "Judged", "display_order": 2, **more}
    core = grouped.crm.properties.core_api
    made = core.create("deals", properties.PropertyCreate(**wanted))
    assert {name: getattr(made, name) for name in wanted if name != "options"} == {
        name: told for name, told in wanted.items() if name != "options"
    }
    assert [(one.label, one.value, one.display_order) for one in made.options] == [
        (one.label, one.value, one.display_order) for one in more.get("options", [])
    ]
    assert (made.hubspot_defined, made.calculated, made.archived, made.has_unique_value) == (False, False, False, False)
    assert made.modification_metadata.archivable
    assert not made.modification_metadata.read_only_value
    assert made.created_at
    assert core.get_by_name("deals", "judged_no").type == kind
    deals = grouped.crm.deals.basic_api
    given = {"dealname": "Judged", "dealstage": "contractsent", "judged_no": value}
    deal = deals.create({"properties": given, "associations": []})
    read = deals.get_by_id(deal.id, properties=["judged_no"]).properties["judged_no"]
    assert read.replace(".000Z", "Z") == value


def test_a_property_is_changed_and_archived(grouped: HubSpot) -> None:
    core = grouped.crm.properties.core_api
    core.create("deals", properties.PropertyCreate(**NUMBER))
    changed = core.update("deals", "judged_no", properties.PropertyUpdate(label="Other", hidden=True))
    assert (changed.label, changed.hidden, changed.type) == ("Other", True, "string")
    core.archive("deals", "judged_no")
    assert "judged_no" not in {one.name for one in core.get_all("deals").results}
    archived = {one.name: one for one in core.get_all("deals", archived=True).results}
    assert archived["judged_no"].archived
    with pytest.raises(properties.exceptions.NotFoundException):
        core.get_by_name("deals", "judged_no")


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"name": "judged_no"}, 409),
        ({"name": "Bad Name"}, 400),
        ({"name": "judged_x", "group_name": "nowhere"}, 400),
        ({"name": "judged_x", "type": "number"}, 400),
        ({"name": "judged_x", "type": "enumeration", "field_type": "select"}, 400),
    ],
    ids=["taken", "name", "group", "field", "options"],
)
def test_a_property_that_cannot_be_is_refused(grouped: HubSpot, wrong: dict[str, str], status: int) -> None:
    core = grouped.crm.properties.core_api
    core.create("deals", properties.PropertyCreate(**NUMBER))
    with pytest.raises(properties.ApiException) as refused:
        core.create("deals", properties.PropertyCreate(**{**NUMBER, **wrong}))
    told = json.loads(refused.value.body)
    assert (refused.value.status, told["category"]) == (status, "CONFLICT" if status == 409 else "VALIDATION_ERROR")


def test_properties_in_batches(grouped: HubSpot) -> None:
    batch = grouped.crm.properties.batch_api
    wanted = [properties.PropertyCreate(**{**NUMBER, "name": f"judged_{n}"}) for n in range(3)]
    made = batch.create("deals", properties.BatchInputPropertyCreate(inputs=wanted))
    assert (made.status, [one.name for one in made.results]) == ("COMPLETE", ["judged_0", "judged_1", "judged_2"])
    partly = batch.create("deals", properties.BatchInputPropertyCreate(inputs=wanted[:1]))
    assert (partly.results, partly.num_errors, partly.errors[0].category) == ([], 1, "CONFLICT")
    names = [properties.PropertyName(name=one) for one in ("judged_0", "judged_9")]
    read = batch.read("deals", properties.BatchReadInputPropertyName(inputs=names, archived=False))
    assert ([one.name for one in read.results], read.num_errors) == (["judged_0"], 1)
    batch.archive("deals", properties.BatchInputPropertyName(inputs=names[:1]))
    assert "judged_0" not in {one.name for one in grouped.crm.properties.core_api.get_all("deals").results}


@pytest.mark.parametrize("kind", **EVERY_KIND)
def test_every_kind_lists_its_properties_and_groups(portal: HubSpot, kind: Kind) -> None:
    found = {one.name: one for one in portal.crm.properties.core_api.get_all(kind.name).results}
    assert found.keys() >= {*kind.new, *kind.change, "hs_object_id"}
    assert found["hs_object_id"].modification_metadata.read_only_value
    groups = {one.name for one in portal.crm.properties.groups_api.get_all(kind.name).results}
    assert {one.group_name for one in found.values()} <= groups


def test_pipelines_and_their_stages_are_read(portal: HubSpot) -> None:
    found = portal.crm.pipelines.pipelines_api.get_all("deals").results[0]
    assert (found.id, found.archived) == ("default", False)
    stages = {one.id: one.metadata for one in found.stages}
    assert stages["closedwon"] == {"isClosed": "true", "probability": "1.0"}
    assert stages["closedlost"] == {"isClosed": "true", "probability": "0.0"}
    assert portal.crm.pipelines.pipelines_api.get_by_id("deals", "default").label == found.label
    listed = portal.crm.pipelines.pipeline_stages_api.get_all("deals", "default").results
    assert [one.id for one in listed] == [one.id for one in found.stages]
    one = portal.crm.pipelines.pipeline_stages_api.get_by_id("deals", "default", "closedwon")
    assert (one.label, one.display_order) == (listed[5].label, 5)
    with pytest.raises(pipelines.exceptions.NotFoundException):
        portal.crm.pipelines.pipelines_api.get_by_id("deals", "nowhere")


def stage(label: str, order: int, probability: str) -> pipelines.PipelineStageInput:
    return pipelines.PipelineStageInput(label=label, display_order=order, metadata={"probability": probability})


def test_a_pipeline_is_made_changed_replaced_audited_and_taken_away(portal: HubSpot) -> None:
    api, stages = portal.crm.pipelines.pipelines_api, portal.crm.pipelines.pipeline_stages_api
    both = [stage("Begun", 0, "0.25"), stage("Sold", 1, "1.0")]
    made = api.create("deals", pipelines.PipelineInput(label="Judged", display_order=5, stages=both))
    assert (made.label, made.display_order, [one.label for one in made.stages]) == ("Judged", 5, ["Begun", "Sold"])
    assert made.stages[1].metadata == {"isClosed": "true", "probability": "1.0"}
    assert api.update("deals", made.id, pipelines.PipelinePatchInput(label="Weighed")).label == "Weighed"
    added = stages.create("deals", made.id, stage("Talking", 2, "0.5"))
    patch = pipelines.PipelineStagePatchInput(label="Talked", metadata={"probability": "0.6"})
    changed = stages.update("deals", made.id, added.id, patch)
    assert (changed.label, changed.metadata["probability"]) == ("Talked", "0.6")
    assert stages.replace("deals", made.id, added.id, stage("Signed", 3, "0.9")).label == "Signed"
    given = {"dealname": "Judged", "pipeline": made.id, "dealstage": added.id}
    deal = portal.crm.deals.basic_api.create({"properties": given, "associations": []})
    with pytest.raises(pipelines.ApiException) as used:
        stages.archive("deals", made.id, added.id)
    told = json.loads(used.value.body)
    assert (used.value.status, told["subCategory"]) == (400, "PipelineError.STAGE_ID_IN_USE")
    portal.crm.deals.basic_api.archive(deal.id)
    stages.archive("deals", made.id, added.id)
    audit = portal.crm.pipelines.pipeline_audits_api.get_audit("deals", made.id).results
    assert {one.action for one in audit} >= {"CREATE", "UPDATE"}
    replaced = api.replace("deals", made.id, pipelines.PipelineInput(label="New", display_order=1, stages=both[:1]))
    assert (replaced.label, [one.label for one in replaced.stages]) == ("New", ["Begun"])
    api.archive("deals", made.id)
    with pytest.raises(pipelines.exceptions.NotFoundException):
        api.get_by_id("deals", made.id)


def test_owners_are_listed_in_pages_found_by_address_and_by_user(portal: HubSpot, doors: Doors) -> None:
    api = portal.crm.owners.owners_api
    everybody = api.get_page(limit=100).results
    assert {one.type for one in everybody} == {"PERSON"}
    first = api.get_page(limit=1)
    assert api.get_page(limit=1, after=first.paging.next.after).results[0].id == everybody[1].id
    assert [one.id for one in api.get_page(email=everybody[1].email).results] == [everybody[1].id]
    assert api.get_by_id(int(everybody[0].id)).email == everybody[0].email
    assert api.get_by_id(everybody[0].user_id, id_property="userId").id == everybody[0].id
    assert portal.crm.owners.get_all()[0].id == everybody[0].id
    with pytest.raises(OwnersException) as refused:
        api.get_by_id(1)
    assert refused.value.status == 404
