"""The judge is hubspot-api-client: associations of version 4, single and in batches, labels, both directions."""

import json

import pytest
from hubspot import HubSpot
from hubspot.crm.association_type import AssociationType
from hubspot.crm.associations.v4 import (
    ApiException,
    AssociationSpec,
    BatchInputPublicAssociationMultiArchive,
    BatchInputPublicAssociationMultiPost,
    BatchInputPublicDefaultAssociationMultiPost,
    BatchInputPublicFetchAssociationsBatchRequest,
    PublicAssociationMultiArchive,
    PublicAssociationMultiPost,
    PublicDefaultAssociationMultiPost,
    PublicFetchAssociationsBatchRequest,
    PublicObjectId,
)
from hubspot_kinds import KINDS
from hubspot_portal import Records

JUDGE = "hubspot-api-client (Python)"
UNLABELED, PRIMARY, BACK = 341, 5, 342


def made(portal: HubSpot, name: str, number: int = 1) -> str:
    kind = next(kind for kind in KINDS if kind.name == name)
    return Records(portal, kind).make(kind.given(number)).id


def spec(type_id: int) -> AssociationSpec:
    return AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=type_id)


def ends(portal: HubSpot, start: str, from_id: str, end: str) -> dict[str, set[int]]:
    page = portal.crm.associations.v4.basic_api.get_page(start, from_id, end)
    return {one.to_object_id: {kind.type_id for kind in one.association_types} for one in page.results}


def test_two_records_are_joined_by_labels_and_parted(portal: HubSpot) -> None:
    deal, first, second = made(portal, "deals"), made(portal, "companies"), made(portal, "companies", 2)
    basic = portal.crm.associations.v4.basic_api
    created = basic.create("deals", deal, "companies", first, [spec(PRIMARY)])
    assert (created.from_object_type_id, created.from_object_id) == ("0-3", deal)
    assert (created.to_object_type_id, created.to_object_id, created.labels) == ("0-2", first, ["Primary"])
    assert ends(portal, "deals", deal, "companies") == {first: {UNLABELED, PRIMARY}}
    assert ends(portal, "companies", first, "deals") == {deal: {BACK, PRIMARY + 1}}
    basic.create("deals", deal, "companies", second, [spec(PRIMARY)])
    assert ends(portal, "deals", deal, "companies") == {first: {UNLABELED}, second: {UNLABELED, PRIMARY}}
    basic.create("deals", deal, "companies", second, [spec(UNLABELED)])
    assert ends(portal, "deals", deal, "companies")[second] == {UNLABELED}
    basic.archive("deals", deal, "companies", second)
    assert ends(portal, "deals", deal, "companies") == {first: {UNLABELED}}


@pytest.mark.parametrize(
    ("start", "end", "types"),
    [
        ("deals", "contacts", [3, 4]),
        ("deals", "companies", [341, 342]),
        ("contacts", "companies", [279, 280]),
        ("deals", "line_items", [19, 20]),
        ("quotes", "line_items", [67, 68]),
        ("quotes", "deals", [64, 63]),
        ("notes", "deals", [214, 213]),
        ("tasks", "contacts", [204, 203]),
        ("0-3", "0-1", [3, 4]),
    ],
)
def test_a_default_association_goes_both_ways(portal: HubSpot, start: str, end: str, types: list[int]) -> None:
    names = {"0-3": "deals", "0-1": "contacts"}
    from_id, to_id = made(portal, names.get(start, start)), made(portal, names.get(end, end))
    answer = portal.crm.associations.v4.basic_api.create_default(start, from_id, end, to_id)
    assert answer.status == "COMPLETE"
    told = [(one._from.id, one.to.id, one.association_spec.association_type_id) for one in answer.results]
    assert told == [(from_id, to_id, types[0]), (to_id, from_id, types[1])]
    assert ends(portal, start, from_id, end) == {to_id: {types[0]}}


def test_other_ends_come_in_pages(portal: HubSpot) -> None:
    deal, people = made(portal, "deals"), [made(portal, "contacts", n) for n in range(1, 6)]
    basic = portal.crm.associations.v4.basic_api
    for one in people:
        basic.create_default("deals", deal, "contacts", one)
    found, after = [], None
    while True:
        page = basic.get_page("deals", deal, "contacts", limit=2, after=after)
        found += [one.to_object_id for one in page.results]
        if page.paging is None:
            break
        after = page.paging.next.after
    assert sorted(found, key=int) == people


def test_associations_are_made_read_and_taken_away_in_batches(portal: HubSpot) -> None:
    batch = portal.crm.associations.v4.batch_api
    deals, firms = [made(portal, "deals", n) for n in (1, 2)], [made(portal, "companies", n) for n in (1, 2)]
    pairs = [(PublicObjectId(id=deal), PublicObjectId(id=firm)) for deal, firm in zip(deals, firms, strict=True)]
    labelled = BatchInputPublicAssociationMultiPost(
        inputs=[PublicAssociationMultiPost(_from=deal, to=firm, types=[spec(PRIMARY)]) for deal, firm in pairs]
    )
    answer = batch.create("deals", "companies", labelled)
    assert [(one.from_object_id, one.to_object_id, one.labels) for one in answer.results] == [
        (deal, firm, ["Primary"]) for deal, firm in zip(deals, firms, strict=True)
    ]
    lonely = made(portal, "deals", 3)
    wanted = BatchInputPublicFetchAssociationsBatchRequest(
        inputs=[PublicFetchAssociationsBatchRequest(id=one) for one in [*deals, lonely]]
    )
    read = batch.get_page("deals", "companies", wanted)
    assert {one._from.id: [end.to_object_id for end in one.to] for one in read.results} == {
        deal: [firm] for deal, firm in zip(deals, firms, strict=True)
    }
    batch.archive_labels("deals", "companies", labelled)
    assert ends(portal, "deals", deals[0], "companies") == {firms[0]: {UNLABELED}}
    gone = [PublicAssociationMultiArchive(_from=deal, to=[firm]) for deal, firm in pairs]
    batch.archive("deals", "companies", BatchInputPublicAssociationMultiArchive(inputs=gone))
    assert ends(portal, "deals", deals[0], "companies") == {}


def test_defaults_in_batches(portal: HubSpot) -> None:
    deal, person = made(portal, "deals"), made(portal, "contacts")
    one = PublicDefaultAssociationMultiPost(_from=PublicObjectId(id=deal), to=PublicObjectId(id=person))
    wanted = BatchInputPublicDefaultAssociationMultiPost(inputs=[one])
    answer = portal.crm.associations.v4.batch_api.create_default("deals", "contacts", wanted)
    assert [one.association_spec.association_type_id for one in answer.results] == [3, 4]
    assert ends(portal, "contacts", person, "deals") == {deal: {4}}


def test_labels_between_two_types_are_listed(portal: HubSpot) -> None:
    found = portal.crm.associations.v4.schema.definitions_api.get_all("deals", "companies").results
    assert {(one.category, one.type_id, one.label) for one in found} >= {
        ("HUBSPOT_DEFINED", UNLABELED, None),
        ("HUBSPOT_DEFINED", PRIMARY, "Primary"),
    }


def test_the_clients_list_of_types_is_the_accounts(portal: HubSpot) -> None:
    """All those between kinds of records that the sandbox has; HubSpot publishes the list with the client."""
    plurals = {kind.name.removesuffix("s").replace("companie", "company").upper(): kind.name for kind in KINDS}
    missing = []
    for name, type_id in vars(AssociationType).items():
        start, _, end = name.removeprefix("PRIMARY_").partition("_TO_")
        if {start, end} <= plurals.keys():
            found = portal.crm.associations.v4.schema.definitions_api.get_all(plurals[start], plurals[end]).results
            labels = {one.type_id: one.label for one in found}
            if labels.get(type_id, "none") != ("Primary" if name.startswith("PRIMARY_") else None):
                missing.append(name)
    assert missing == []


def test_a_type_of_another_pair_is_refused(portal: HubSpot) -> None:
    deal, firm = made(portal, "deals"), made(portal, "companies")
    with pytest.raises(ApiException) as refused:
        portal.crm.associations.v4.basic_api.create("deals", deal, "companies", firm, [spec(3)])
    assert (refused.value.status, json.loads(refused.value.body)["category"]) == (400, "VALIDATION_ERROR")


def test_a_record_that_is_not_there_cannot_be_joined(portal: HubSpot) -> None:
    deal = made(portal, "deals")
    with pytest.raises(ApiException) as refused:
        portal.crm.associations.v4.basic_api.create_default("deals", deal, "contacts", "1")
    assert refused.value.status == 404
    product = made(portal, "products")
    with pytest.raises(ApiException) as never:
        portal.crm.associations.v4.basic_api.create_default("deals", deal, "products", product)
    assert never.value.status == 400


@pytest.mark.xfail(
    strict=True, reason="numbers in documented and recorded answers, texts in the models (hubspot.md 17)"
)
def test_ids_of_associated_records_are_texts(portal: HubSpot) -> None:
    deal, person = made(portal, "deals"), made(portal, "contacts")
    portal.crm.associations.v4.basic_api.create_default("deals", deal, "contacts", person)
    page = portal.crm.associations.v4.basic_api.get_page("deals", deal, "contacts", _preload_content=False)
    assert json.loads(page.data)["results"][0]["toObjectId"] == person
