"""The judge is hubspot-sdk with its schemas enforced: static lists and their members, labels of the account's own."""

import pytest
from hubspot_kinds import KINDS
from hubspot_sdk import BadRequestError, NotFoundError
from hubspot_strict import StrictHubSpot

JUDGE = "hubspot-sdk (Python)"


def made(strict: StrictHubSpot, name: str, number: int = 1) -> str:
    kind = next(kind for kind in KINDS if kind.name == name)
    return getattr(strict.crm.objects, name).create(properties=kind.given(number), associations=[]).id


def a_list(strict: StrictHubSpot, name: str = "Overdue") -> str:
    found = strict.crm.lists.create(name=name, object_type_id="0-3", processing_type="MANUAL").list
    assert (found.name, found.processing_type, found.size) == (name, "MANUAL", 0)
    return found.list_id


def test_a_list_is_made_found_renamed_and_taken_away(strict: StrictHubSpot) -> None:
    api, list_id = strict.crm.lists, a_list(strict)
    assert api.get(list_id).list.name == "Overdue"
    assert [one.list_id for one in api.list(list_ids=[list_id]).lists] == [list_id]
    with pytest.raises(BadRequestError):
        a_list(strict)
    assert api.update_list_name(list_id, list_name="Paid").updated_list.name == "Paid"
    assert api.get_by_object_type_and_name("Paid", object_type_id="0-3").list.list_id == list_id
    found = api.list_by_search(list_ids=[], offset=0, processing_types=["MANUAL"], query="pai", count=5)
    assert (found.total, found.has_more, [one.list_id for one in found.lists]) == (1, False, [list_id])
    api.delete(list_id)
    with pytest.raises(NotFoundError):
        api.get_by_object_type_and_name("Paid", object_type_id="0-3")
    api.restore(list_id)
    assert api.get(list_id).list.name == "Paid"


def test_members_come_and_go(strict: StrictHubSpot) -> None:
    api, list_id, deals = strict.crm.lists, a_list(strict), [made(strict, "deals", n) for n in (1, 2, 3)]
    added = api.add_memberships(list_id, body=[*deals, "1"])
    assert (added.records_ids_added, added.record_ids_missing) == (deals, ["1"])
    assert [one.record_id for one in api.list_memberships(list_id, limit=1)] == deals
    assert api.remove_memberships(list_id, body=deals[:1]).record_ids_removed == deals[:1]
    both = api.add_and_remove_memberships(list_id, record_ids_to_add=deals[:1], record_ids_to_remove=deals[1:2])
    assert (both.records_ids_added, both.record_ids_removed) == (deals[:1], deals[1:2])
    other = a_list(strict, "Copied")
    api.add_memberships_from(list_id, list_id=other)
    assert {one.record_id for one in api.get_memberships_join_order(other)} == {deals[0], deals[2]}
    assert {one.list_id for one in api.get_record_memberships(deals[0], object_type_id="0-3").results} == {
        list_id,
        other,
    }
    api.delete_memberships(list_id)
    assert list(api.list_memberships(list_id)) == []


def test_labels_of_the_accounts_own(strict: StrictHubSpot) -> None:
    api, pair = strict.crm.associations_schema.labels, {"from_object_type": "deals"}
    both = api.create_label("companies", **pair, label="Payer", name="payer", inverse_label="Pays for").results
    payer = next(one.type_id for one in both if one.label == "Payer")
    sale, firm = made(strict, "deals"), made(strict, "companies")
    spec = {"association_category": "USER_DEFINED", "association_type_id": payer}
    place = {"object_type": "deals", "object_id": sale, "to_object_type": "companies"}
    assert strict.crm.associations.update_labels(firm, **place, body=[spec]).labels == ["Payer"]
    api.update_label("companies", **pair, association_type_id=payer, label="Biller")
    assert {one.type_id: one.label for one in api.list_labels("companies", **pair).results}[payer] == "Biller"
    api.delete_label(payer, **pair, to_object_type="companies")
    assert payer not in {one.type_id for one in api.list_labels("companies", **pair).results}


def test_limits_of_associations(strict: StrictHubSpot) -> None:
    schema, pair = strict.crm.associations_schema, {"from_object_type": "deals"}
    wanted = {"category": "HUBSPOT_DEFINED", "type_id": 341}
    made = schema.labels.batch_create("companies", **pair, inputs=[{**wanted, "max_to_object_ids": 2}]).results[0]
    assert (made.type_id, made.user_enforced_max_to_object_ids) == (341, 2)
    changed = schema.limits.batch_update("companies", **pair, inputs=[{**wanted, "max_to_object_ids": 3}]).results[0]
    assert changed.user_enforced_max_to_object_ids == 3
    assert [one.type_id for one in schema.limits.get_by_object_types("companies", **pair).results] == [341]
    schema.limits.batch_delete("companies", **pair, inputs=[wanted])
    assert 341 not in {one.type_id for one in schema.limits.list().results}
