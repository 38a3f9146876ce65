"""The judge is hubspot-api-client: static lists and their members; labels of the account's own, limits, pipelines."""

import json

import pytest
from hubspot import HubSpot
from hubspot.crm import lists
from hubspot.crm.associations.v4 import ApiException, AssociationSpec
from hubspot.crm.associations.v4 import schema as labels
from hubspot_kinds import KINDS
from hubspot_portal import Records

JUDGE = "hubspot-api-client (Python)"


def deal(portal: HubSpot, number: int = 1) -> str:
    kind = next(kind for kind in KINDS if kind.name == "deals")
    return Records(portal, kind).make(kind.given(number)).id


def made(portal: HubSpot, name: str = "Overdue") -> lists.PublicObjectList:
    wanted = lists.ListCreateRequest(name=name, object_type_id="0-3", processing_type="MANUAL")
    return portal.crm.lists.lists_api.create(wanted).list


def members(portal: HubSpot, list_id: str) -> list[str]:
    found, after = [], None
    while True:
        page = portal.crm.lists.memberships_api.get_page(list_id, limit=2, after=after)
        found += [one.record_id for one in page.results]
        if page.paging is None:
            assert page.total == len(found)
            return found
        after = page.paging.next.after


def test_a_list_is_made_found_renamed_and_taken_away(portal: HubSpot) -> None:
    api = portal.crm.lists.lists_api
    found = made(portal)
    assert (found.name, found.object_type_id, found.processing_type, found.size) == ("Overdue", "0-3", "MANUAL", 0)
    assert (found.list_version, found.processing_status) == (1, "COMPLETE")
    assert api.get_by_id(found.list_id).list.created_at == found.created_at
    assert api.get_by_name("Overdue", "0-3").list.list_id == found.list_id
    other = made(portal, "Open")
    assert {one.list_id for one in api.get_all(list_ids=[found.list_id, other.list_id]).lists} == {
        found.list_id,
        other.list_id,
    }
    with pytest.raises(lists.ApiException) as twice:
        made(portal)
    assert (twice.value.status, json.loads(twice.value.body)["category"]) == (400, "VALIDATION_ERROR")
    assert api.update_name(found.list_id, list_name="Paid").updated_list.name == "Paid"
    api.remove(found.list_id)
    with pytest.raises(lists.exceptions.NotFoundException):
        api.get_by_name("Paid", "0-3")
    api.restore(found.list_id)
    assert api.get_by_name("Paid", "0-3").list.list_id == found.list_id


def test_lists_are_searched(portal: HubSpot) -> None:
    ids = [made(portal, name).list_id for name in ("Alpha one", "Alpha two", "Beta")]
    wanted = {"query": "alpha", "processing_types": ["MANUAL"], "count": 1, "additional_properties": ["hs_list_size"]}
    first = portal.crm.lists.lists_api.do_search(lists.ListSearchRequest(offset=0, **wanted))
    assert (first.total, first.has_more, [one.list_id for one in first.lists]) == (2, True, ids[:1])
    assert first.lists[0].additional_properties == {"hs_list_size": "0"}
    second = portal.crm.lists.lists_api.do_search(lists.ListSearchRequest(offset=first.offset, **wanted))
    assert (second.has_more, [one.list_id for one in second.lists]) == (False, ids[1:2])


def test_members_come_and_go(portal: HubSpot) -> None:
    api, list_id = portal.crm.lists.memberships_api, made(portal).list_id
    deals = [deal(portal, number) for number in range(1, 6)]
    added = api.add(list_id, [*deals, "1"])
    assert (added.records_ids_added, added.record_ids_missing) == (deals, ["1"])
    assert members(portal, list_id) == deals
    removed = api.remove(list_id, deals[:1])
    assert (removed.record_ids_removed, removed.records_ids_added) == (deals[:1], [])
    change = lists.MembershipChangeRequest(record_ids_to_add=deals[:1], record_ids_to_remove=deals[1:2])
    both = api.add_and_remove(list_id, change)
    assert (both.records_ids_added, both.record_ids_removed) == (deals[:1], deals[1:2])
    other = made(portal, "Copied").list_id
    api.add_all_from_list(other, list_id)
    assert set(members(portal, other)) == {deals[0], *deals[2:]}
    assert {one.list_id for one in api.get_lists("0-3", deals[0]).results} == {list_id, other}
    ordered = api.get_page_ordered_by_added_to_list_date(list_id)
    assert len(ordered.results) == 4
    api.remove_all(list_id)
    assert members(portal, list_id) == []
    with pytest.raises(lists.exceptions.NotFoundException):
        api.add("999999", deals)


def test_labels_of_the_accounts_own_are_made_used_renamed_and_taken_away(portal: HubSpot) -> None:
    api, v4 = portal.crm.associations.v4.schema.definitions_api, portal.crm.associations.v4.basic_api
    wanted = labels.PublicAssociationDefinitionCreateRequest(name="payer", label="Payer", inverse_label="Pays for")
    both = {one.label: one for one in api.create("deals", "companies", wanted).results}
    assert {one.category for one in both.values()} == {"USER_DEFINED"}
    firm = Records(portal, next(kind for kind in KINDS if kind.name == "companies")).make({"name": "Judged"}).id
    sale, payer = deal(portal), both["Payer"].type_id
    spec = AssociationSpec(association_category="USER_DEFINED", association_type_id=payer)
    assert v4.create("deals", sale, "companies", firm, [spec]).labels == ["Payer"]
    back = v4.get_page("companies", firm, "deals").results[0]
    assert {one.label for one in back.association_types} == {None, "Pays for"}
    change = labels.PublicAssociationDefinitionUpdateRequest(association_type_id=payer, label="Biller")
    api.update("deals", "companies", change)
    assert {one.type_id: one.label for one in api.get_all("deals", "companies").results}[payer] == "Biller"
    api.remove("deals", "companies", payer)
    assert payer not in {one.type_id for one in api.get_all("deals", "companies").results}
    with pytest.raises(ApiException):
        v4.create("deals", sale, "companies", firm, [spec])


def test_limits_of_associations_are_set_told_and_lifted(portal: HubSpot) -> None:
    api = portal.crm.associations.v4.schema.definition_configurations_api
    wanted = labels.PublicAssociationDefinitionConfigurationCreateRequest(
        category="HUBSPOT_DEFINED", type_id=341, max_to_object_ids=1
    )
    batch = labels.BatchInputPublicAssociationDefinitionConfigurationCreateRequest(inputs=[wanted])
    made = api.batch_create("deals", "companies", batch).results[0]
    assert (made.type_id, made.user_enforced_max_to_object_ids) == (341, 1)
    between = api.get_all_between_two_object_types("deals", "companies").results
    assert {one.type_id: one.user_enforced_max_to_object_ids for one in between}[341] == 1
    assert 341 in {one.type_id for one in api.get_all().results}
    spec = labels.PublicAssociationSpec(category="HUBSPOT_DEFINED", type_id=341)
    api.batch_remove("deals", "companies", labels.BatchInputPublicAssociationSpec(inputs=[spec]))
    assert 341 not in {one.type_id for one in api.get_all().results}
