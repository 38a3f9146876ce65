"""The judge is hubspot-sdk, schemas enforced: associations, properties, pipelines, owners, account, currencies."""

import pytest
from hubspot_kinds import EVERY_KIND, KINDS, Kind
from hubspot_sdk import BadRequestError, ConflictError, NotFoundError
from hubspot_sdk.types.crm import SimplePublicObject
from hubspot_strict import StrictHubSpot

JUDGE = "hubspot-sdk (Python)"
PRIMARY = {"association_category": "HUBSPOT_DEFINED", "association_type_id": 5}
PAIR = {"from_object_type": "deals"}
NUMBER = {"group_name": "judged", "name": "judged_no", "label": "Number", "type": "string", "field_type": "text"}


def made(strict: StrictHubSpot, name: str, number: int = 1) -> str:
    kind = next(kind for kind in KINDS if kind.name == name)
    return getattr(strict.crm.objects, name).create(properties=kind.given(number), associations=[]).id


def ends(strict: StrictHubSpot, deal: str) -> dict[str, set[int]]:
    page = strict.crm.associations.list("companies", object_type="deals", object_id=deal, limit=1)
    return {one.to_object_id: {kind.type_id for kind in one.association_types} for one in page}


def test_two_records_are_joined_and_parted(strict: StrictHubSpot) -> None:
    deal, first, second = made(strict, "deals"), made(strict, "companies"), made(strict, "companies", 2)
    api, place = strict.crm.associations, {"object_type": "deals", "object_id": deal, "to_object_type": "companies"}
    joined = api.update_labels(first, **place, body=[PRIMARY])
    assert (joined.from_object_id, joined.to_object_id, joined.labels) == (deal, first, ["Primary"])
    both = api.create(second, from_object_type="deals", from_object_id=deal, to_object_type="companies")
    assert [(one.from_.id, one.to.id, one.association_spec.association_type_id) for one in both.results] == [
        (deal, second, 341),
        (second, deal, 342),
    ]
    assert ends(strict, deal) == {first: {5, 341}, second: {341}}
    api.delete(second, **place)
    assert ends(strict, deal) == {first: {5, 341}}
    with pytest.raises(NotFoundError):
        api.update_labels("1", **place, body=[PRIMARY])
    with pytest.raises(BadRequestError):
        api.update_labels(first, **place, body=[{**PRIMARY, "association_type_id": 3}])


def test_associations_in_batches(strict: StrictHubSpot) -> None:
    batch = strict.crm.associations.batch
    deals, firms = [made(strict, "deals", n) for n in (1, 2)], [made(strict, "companies", n) for n in (1, 2)]
    pairs = [{"from": {"id": deal}, "to": {"id": firm}} for deal, firm in zip(deals, firms, strict=True)]
    inputs = [{"from": pair["from"], "to": pair["to"], "types": [PRIMARY]} for pair in pairs]
    created = batch.create("companies", **PAIR, inputs=inputs)
    assert [(one.from_object_id, one.to_object_id) for one in created.results] == list(zip(deals, firms, strict=True))
    read = batch.get("companies", **PAIR, inputs=[{"id": deals[0]}, {"id": made(strict, "deals", 3)}])
    assert [(one.from_.id, [end.to_object_id for end in one.to]) for one in read.results] == [(deals[0], firms[:1])]
    batch.delete_labels("companies", **PAIR, inputs=inputs)
    assert ends(strict, deals[0]) == {firms[0]: {341}}
    batch.delete("companies", **PAIR, inputs=[{"from": {"id": deals[0]}, "to": [{"id": firms[0]}]}])
    assert ends(strict, deals[0]) == {}
    again = batch.create_default("companies", **PAIR, inputs=[{"from": {"id": deals[0]}, "to": {"id": firms[0]}}])
    assert [one.association_spec.association_type_id for one in again.results] == [341, 342]


def test_labels_between_two_types_are_listed(strict: StrictHubSpot) -> None:
    found = strict.crm.associations_schema.labels.list_labels("companies", from_object_type="deals").results
    assert {(one.category, one.type_id, one.label) for one in found} >= {
        ("HUBSPOT_DEFINED", 341, None),
        ("HUBSPOT_DEFINED", 5, "Primary"),
    }


def test_a_group_is_made_read_renamed_and_taken_away(strict: StrictHubSpot) -> None:
    groups = strict.crm.properties.groups
    made = groups.create("deals", name="judged", label="Judged", display_order=-1)
    assert (made.name, made.label, made.display_order, made.archived) == ("judged", "Judged", -1, False)
    assert groups.update("judged", object_type="deals", label="Weighed").label == "Weighed"
    assert groups.get("judged", object_type="deals").label == "Weighed"
    assert "judged" in {one.name for one in groups.list("deals").results}
    with pytest.raises(ConflictError):
        groups.create("deals", name="judged", label="Judged")
    groups.delete("judged", object_type="deals")
    with pytest.raises(NotFoundError):
        groups.get("judged", object_type="deals")


def test_a_property_is_made_read_changed_and_archived(strict: StrictHubSpot) -> None:
    api = strict.crm.properties
    api.groups.create("deals", name="judged", label="Judged")
    options = [
        {"label": name.title(), "value": name, "display_order": n, "hidden": False} for n, name in enumerate("ab")
    ]
    wanted = {**NUMBER, "type": "enumeration", "field_type": "select", "options": options, "description": "Judged"}
    created = api.create("deals", **wanted)
    assert (created.group_name, created.type, created.field_type) == ("judged", "enumeration", "select")
    assert [(one.value, one.display_order) for one in created.options] == [("a", 0), ("b", 1)]
    assert (created.data_sensitivity, created.hubspot_defined) == ("non_sensitive", False)
    changed = api.update("judged_no", object_type="deals", label="Other", options=options[:1])
    assert (changed.label, [one.value for one in changed.options]) == ("Other", ["a"])
    assert api.get("judged_no", object_type="deals").label == "Other"
    with pytest.raises(ConflictError):
        api.create("deals", **wanted)
    with pytest.raises(BadRequestError):
        api.create("deals", **{**wanted, "name": "Bad Name"})
    api.delete("judged_no", object_type="deals")
    with pytest.raises(NotFoundError):
        api.get("judged_no", object_type="deals")
    assert [one.name for one in api.list("deals", archived=True).results] == ["judged_no"]


def test_properties_in_batches(strict: StrictHubSpot) -> None:
    api = strict.crm.properties
    api.groups.create("deals", name="judged", label="Judged")
    made = api.batch.create("deals", inputs=[{**NUMBER, "name": f"judged_{n}"} for n in range(2)])
    assert (made.status, [one.name for one in made.results]) == ("COMPLETE", ["judged_0", "judged_1"])
    names = [{"name": "judged_0"}, {"name": "judged_9"}]
    read = api.batch.get("deals", archived=False, data_sensitivity="non_sensitive", inputs=names)
    assert [one.name for one in read.results] == ["judged_0"]
    api.batch.delete("deals", inputs=names[:1])
    assert "judged_0" not in {one.name for one in api.list("deals").results}


@pytest.mark.parametrize("kind", **EVERY_KIND)
def test_every_kind_lists_its_properties_and_groups(strict: StrictHubSpot, kind: Kind) -> None:
    found = {one.name: one for one in strict.crm.properties.list(kind.name).results}
    assert found.keys() >= {*kind.new, *kind.change, "hs_object_id"}
    assert {one.group_name for one in found.values()} <= {
        one.name for one in strict.crm.properties.groups.list(kind.name).results
    }


def test_pipelines_and_their_stages_are_read(strict: StrictHubSpot) -> None:
    found = strict.crm.pipelines.list("deals").results[0]
    assert found.id == "default"
    assert {one.id: one.metadata for one in found.stages}["closedwon"] == {"isClosed": "true", "probability": "1.0"}
    assert strict.crm.pipelines.get("default", object_type="deals").label == found.label
    listed = strict.crm.pipelines.list_stages("default", object_type="deals").results
    assert [one.id for one in listed] == [one.id for one in found.stages]
    stage = strict.crm.pipelines.get_stage("closedwon", object_type="deals", pipeline_id="default")
    assert stage.write_permissions == "CRM_PERMISSIONS_ENFORCEMENT"
    with pytest.raises(NotFoundError):
        strict.crm.pipelines.get("nowhere", object_type="deals")


def test_a_pipeline_is_made_changed_replaced_audited_and_taken_away(strict: StrictHubSpot) -> None:
    api, where = strict.crm.pipelines, {"object_type": "deals"}
    stages = [
        {"label": label, "display_order": order, "metadata": {"probability": probability}}
        for order, (label, probability) in enumerate((("Begun", "0.25"), ("Sold", "1.0")))
    ]
    made = api.create("deals", label="Judged", display_order=5, stages=stages)
    assert [one.metadata for one in made.stages][1] == {"isClosed": "true", "probability": "1.0"}
    assert api.update(made.id, **where, label="Weighed").label == "Weighed"
    added = api.create_stage(made.id, **where, label="Talking", display_order=2, metadata={"probability": "0.5"})
    place = {**where, "pipeline_id": made.id}
    assert api.update_stage(added.id, **place, label="Talked", metadata={"probability": "0.6"}).label == "Talked"
    signed = {"label": "Signed", "display_order": 3, "metadata": {"probability": "0.9"}}
    assert api.update_stage_all_properties(added.id, **place, **signed).metadata["probability"] == "0.9"
    assert {one.action for one in api.list_stage_audit(added.id, **place).results} >= {"CREATE", "UPDATE"}
    api.delete_stage(added.id, **place)
    assert {one.action for one in api.list_audit(made.id, **where).results} >= {"CREATE", "UPDATE"}
    replaced = api.update_all_properties(made.id, **where, label="New", display_order=1, stages=stages[:1])
    assert (replaced.label, [one.label for one in replaced.stages]) == ("New", ["Begun"])
    api.delete(made.id, **where)
    with pytest.raises(NotFoundError):
        api.get(made.id, **where)


def test_rules_for_values_are_set_told_and_bind(strict: StrictHubSpot) -> None:
    api, place = strict.crm.properties_validations, {"object_type_id": "0-3", "property_name": "description"}
    api.update_by_object_type_id_property_name_and_rule_type("MAX_LENGTH", **place, rule_arguments=["5"])
    rule = api.get_by_object_type_id_property_name_and_rule_type("MAX_LENGTH", **place)
    assert (rule.rule_type, rule.rule_arguments) == ("MAX_LENGTH", ["5"])
    assert api.get_by_object_type_id_and_property_name("description", object_type_id="0-3").results == [rule]
    everything = api.get_by_object_type_id("0-3").results
    assert [(one.property_name, one.property_validation_rules) for one in everything] == [("description", [rule])]
    # An app meets the rule on the paths of 2026-09, which this client does not speak yet.
    wanted = {"properties": {"dealname": "Judged", "dealstage": "contractsent", "description": "Too long"}}
    assert strict.post("/crm/objects/2026-03/deals", cast_to=SimplePublicObject, body=wanted).id
    with pytest.raises(BadRequestError):
        strict.post("/crm/objects/2026-09/deals", cast_to=SimplePublicObject, body=wanted)


def test_owners_are_listed_found_by_address_and_by_user(strict: StrictHubSpot) -> None:
    everybody = list(strict.crm.owners.list(limit=1))
    assert len(everybody) == 3
    assert [one.id for one in strict.crm.owners.list(email=everybody[1].email)] == [everybody[1].id]
    first = everybody[0]
    assert strict.crm.owners.get(int(first.id)).email == first.email
    assert strict.crm.owners.get(first.user_id, id_property="userId").id == first.id
    with pytest.raises(NotFoundError):
        strict.crm.owners.get(1)


def test_the_account_tells_about_itself(strict: StrictHubSpot) -> None:
    told = strict.account.get()
    assert (told.portal_id, told.company_currency, told.additional_currencies) == (24000001, "USD", ["EUR", "GBP"])
    assert (told.account_type, told.time_zone) == ("STANDARD", "America/New_York")
    usage = strict.account.get_daily_private_apps_usage().results[0]
    assert usage.name == "private-apps-api-calls-daily"
    assert usage.usage_limit == 625_000


def test_currencies_and_their_rates(strict: StrictHubSpot) -> None:
    api = strict.settings.currencies
    assert api.get_company_currency().id == "USD"
    assert "EUR" in {one.currency_code for one in api.list_codes().results}
    assert not api.central_fx_rates.get_information().central_exchange_rates_enabled
    made = api.exchange_rates.create_exchange_rate(conversion_rate=1.25, from_currency_code="EUR")
    assert (made.from_currency_code, made.to_currency_code, made.conversion_rate) == ("EUR", "USD", 1.25)
    current = api.exchange_rates.list_current_exchange_rates().results
    assert {one.from_currency_code: one.conversion_rate for one in current}["EUR"] == 1.25
    history = list(api.exchange_rates.list_exchange_rates(from_currency_code="EUR", limit=1))
    assert history[0].id == made.id
    with pytest.raises(BadRequestError):
        api.exchange_rates.create_exchange_rate(conversion_rate=1.25, from_currency_code="JPY")
