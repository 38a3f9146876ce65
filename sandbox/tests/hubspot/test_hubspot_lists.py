"""Static lists and their members (hubspot.md 13)."""

from typing import Any

import pytest

LISTS = "/crm/lists/2026-09"


async def a_list(portal: Any, name: str = "L", **more: Any) -> str:
    given = {"name": name, "objectTypeId": "0-3", "processingType": "MANUAL", **more}
    answer = await portal.call("POST", LISTS, given)
    assert answer.status_code == 200, answer.text
    return answer.json()["list"]["listId"]


async def test_a_list_is_made_with_200(portal: Any) -> None:
    given = {"name": "Overdue", "objectTypeId": "deals", "processingType": "MANUAL"}
    answer = await portal.call("POST", "/crm/v3/lists/", given)
    made = answer.json()["list"]
    assert answer.status_code == 200
    assert (made["listVersion"], made["objectTypeId"], made["processingStatus"], made["size"]) == (
        1,
        "0-3",
        "COMPLETE",
        0,
    )
    for path in (f"{LISTS}/{made['listId']}", "/crm/v3/lists/object-type-id/0-3/name/overdue"):
        assert (await portal.call("GET", path)).json()["list"] == made
    several = await portal.call("GET", LISTS, listIds=[made["listId"], "999"])
    assert several.json() == {"lists": [made]}
    again = await portal.call("POST", LISTS, given)
    assert (again.status_code, again.json()["subCategory"]) == (400, "ILS.DUPLICATE_LIST_NAMES")
    assert (await portal.call("POST", LISTS, {**given, "objectTypeId": "contacts"})).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"processingType": "AUTO"}, {"processingType": "DYNAMIC"}, {"objectTypeId": "nothing"}],
)
async def test_what_a_list_needs(portal: Any, wrong: dict[str, Any]) -> None:
    given = {"name": "L", "objectTypeId": "0-3", "processingType": "MANUAL"}
    assert (await portal.call("POST", LISTS, {**given, **wrong})).status_code == 400


async def test_members_come_and_go(portal: Any) -> None:
    found = f"{LISTS}/{await a_list(portal)}/memberships"
    one, other = await portal.deal(), await portal.deal()
    added = await portal.call("PUT", f"{found}/add", [one, int(other), "77"])
    assert added.status_code == 200
    assert added.json() == {"recordsIdsAdded": [one, other], "recordIdsRemoved": [], "recordIdsMissing": ["77"]}
    again = (await portal.call("PUT", f"{found}/add", [one])).json()
    assert again["recordsIdsAdded"] == []
    page = (await portal.call("GET", found, limit=1)).json()
    assert ([member["recordId"] for member in page["results"]], page["total"]) == ([one], 2)
    rest = (await portal.call("GET", found, limit=1, after=page["paging"]["next"]["after"])).json()
    assert [member["recordId"] for member in rest["results"]] == [other]
    assert "paging" not in rest
    removed = (await portal.call("PUT", f"{found}/remove", [one, "77"])).json()
    assert removed == {"recordsIdsAdded": [], "recordIdsRemoved": [one], "recordIdsMissing": ["77"]}
    both = {"recordIdsToAdd": [one], "recordIdsToRemove": [other]}
    assert (await portal.call("PUT", f"{found}/add-and-remove", both)).json() == {
        "recordsIdsAdded": [one],
        "recordIdsRemoved": [other],
        "recordIdsMissing": [],
    }
    assert (await portal.call("DELETE", found)).status_code == 204
    assert (await portal.call("GET", found)).json() == {"results": [], "total": 0}
    for wrong in ({"ids": []}, [[]], "x"):
        assert (await portal.call("PUT", f"{found}/add", wrong)).status_code == 400, wrong
    assert (await portal.call("GET", found, limit=251)).status_code == 400


async def test_order_of_joining_and_lists_of_a_record(portal: Any) -> None:
    first, second = await a_list(portal, "First"), await a_list(portal, "Second")
    one, other = await portal.deal(), await portal.deal()
    await portal.call("PUT", f"{LISTS}/{first}/memberships/add", [other])
    await portal.call("PUT", f"{LISTS}/{first}/memberships/add", [one])
    ordered = (await portal.call("GET", f"{LISTS}/{first}/memberships/join-order")).json()["results"]
    assert [member["recordId"] for member in ordered] == [other, one]
    assert (await portal.call("PUT", f"{LISTS}/{second}/memberships/add-from/{first}")).status_code == 204
    of_record = (await portal.call("GET", f"/crm/v3/lists/records/0-3/{one}/memberships")).json()["results"]
    assert [found["listId"] for found in of_record] == [first, second]
    batch = {"inputs": [{"objectTypeId": "0-3", "recordId": one}]}
    read = await portal.call("POST", f"{LISTS}/records/memberships/batch/read", batch)
    assert [m["listId"] for m in read.json()["results"][0]["recordListMemberships"]] == [first, second]
    assert (await portal.call("POST", "/crm/v3/lists/records/memberships/batch/read", batch)).status_code == 404
    contacts = await a_list(portal, "Contacts", objectTypeId="0-1")
    assert (await portal.call("PUT", f"{LISTS}/{contacts}/memberships/add-from/{first}")).status_code == 400
    await portal.call("DELETE", f"/crm/objects/2026-09/deals/{one}")
    assert (await portal.call("GET", f"{LISTS}/{first}")).json()["list"]["size"] == 1
    assert (await portal.call("GET", f"{LISTS}/records/0-3/{one}/memberships")).status_code == 404


async def test_dynamic_lists_take_no_members(portal: Any) -> None:
    branch = {"filterBranchType": "OR", "filterBranchOperator": "OR", "filterBranches": [], "filters": []}
    dynamic = await a_list(portal, processingType="DYNAMIC", filterBranch=branch)
    deal = await portal.deal()
    for path, given in (("add", [deal]), ("remove", [deal]), ("add-and-remove", {})):
        answer = await portal.call("PUT", f"{LISTS}/{dynamic}/memberships/{path}", given)
        assert answer.status_code == 400, path
    assert (await portal.call("DELETE", f"{LISTS}/{dynamic}/memberships")).status_code == 400
    assert "filterBranch" not in (await portal.call("GET", f"{LISTS}/{dynamic}")).json()["list"]
    shown = await portal.call("GET", f"{LISTS}/{dynamic}", includeFilters="true")
    assert shown.json()["list"]["filterBranch"] == branch
    snapshot = await a_list(portal, "S", processingType="SNAPSHOT", filterBranch=branch)
    added = await portal.call("PUT", f"{LISTS}/{snapshot}/memberships/add", [deal])
    assert added.json()["recordsIdsAdded"] == [deal]


async def test_search_asks_for_more_since_2026_09(portal: Any) -> None:
    ids = [await a_list(portal, name) for name in ("Alpha one", "Alpha two", "Beta")]
    for given in ({}, {"query": "alpha"}, {"query": "alpha", "listIds": []}):
        assert (await portal.call("POST", f"{LISTS}/search", given)).status_code == 400, given
        assert (await portal.call("POST", "/crm/v3/lists/search", given)).status_code == 200, given
    whole = {"listIds": [], "processingTypes": ["MANUAL"], "query": "ALPHA", "count": 1}
    first = (await portal.call("POST", f"{LISTS}/search", whole)).json()
    assert ([one["listId"] for one in first["lists"]], first["offset"], first["hasMore"], first["total"]) == (
        ids[:1],
        1,
        True,
        2,
    )
    assert first["lists"][0]["additionalProperties"] == {"hs_list_size": "0"}
    rest = (await portal.call("POST", f"{LISTS}/search", {**whole, "offset": 1})).json()
    assert ([one["listId"] for one in rest["lists"]], rest["hasMore"]) == (ids[1:2], False)
    none = {"listIds": [ids[2]], "processingTypes": [], "objectTypeId": "0-1"}
    assert (await portal.call("POST", f"{LISTS}/search", none)).json()["total"] == 0
    for wrong in ({"count": 501}, {"count": 0}, {"offset": "x"}):
        assert (await portal.call("POST", f"{LISTS}/search", {**whole, **wrong})).status_code == 400, wrong


async def test_the_cursor_over_all_lists_is_new_in_2026_09(portal: Any) -> None:
    ids = [await a_list(portal, name) for name in ("A", "B", "C")]
    page = (await portal.call("POST", f"{LISTS}/all", {"count": 2})).json()
    assert [one["listId"] for one in page["lists"]] == ids[:2]
    rest = (await portal.call("POST", f"{LISTS}/all", {"count": 2, "after": page["paging"]["next"]["after"]})).json()
    assert ([one["listId"] for one in rest["lists"]], "paging" in rest) == (ids[2:], False)
    assert (await portal.call("POST", f"{LISTS}/all", {"count": 501})).status_code == 400
    assert (await portal.call("POST", f"{LISTS}/all", {"objectTypeId": "0-1"})).json() == {"lists": []}
    assert (await portal.call("POST", "/crm/lists/2026-03/all", {})).status_code == 404


async def test_renaming_deleting_and_restoring(portal: Any) -> None:
    found, other = await a_list(portal, "Old"), await a_list(portal, "Other")
    path = f"{LISTS}/{found}"
    renamed = await portal.call("PUT", f"{path}/update-list-name", listName="New")
    assert (renamed.json()["updatedList"]["name"], renamed.json()["updatedList"]["listVersion"]) == ("New", 2)
    assert (await portal.call("PUT", f"{path}/update-list-name", listName="Other")).status_code == 400
    assert (await portal.call("DELETE", path)).status_code == 204
    assert (await portal.call("GET", path)).status_code == 404
    assert (await portal.call("PUT", f"{path}/memberships/add", ["1"])).status_code == 404
    assert (await portal.call("PUT", f"{path}/restore")).status_code == 204
    assert (await portal.call("GET", path)).json()["list"]["name"] == "New"
    await portal.call("DELETE", path)
    await portal.advance(91 * 86400)
    assert (await portal.call("PUT", f"{path}/restore")).status_code == 404
    assert (await portal.call("PATCH", f"{LISTS}/{other}")).status_code == 405


async def test_a_merged_record_leaves_its_place_to_the_survivor(portal: Any) -> None:
    found = f"{LISTS}/{await a_list(portal)}"
    one, other = await portal.deal(), await portal.deal()
    await portal.call("PUT", f"{found}/memberships/add", [other])
    merge = {"primaryObjectId": one, "objectIdToMerge": other}
    await portal.call("POST", "/crm/objects/2026-09/deals/merge", merge)
    members = (await portal.call("GET", f"{found}/memberships")).json()["results"]
    assert [member["recordId"] for member in members] == [one]


async def test_scopes_and_snapshots(portal: Any) -> None:
    found = await a_list(portal)
    await portal.control.post("/snapshots/lists")
    await portal.call("DELETE", f"{LISTS}/{found}")
    await portal.control.post("/reset", json={"to": "lists"})
    assert (await portal.call("GET", f"{LISTS}/{found}")).status_code == 200
    await portal.grant("oauth", "crm.lists.read")
    search = {"listIds": [], "processingTypes": []}
    assert (await portal.call("POST", f"{LISTS}/search", search)).status_code == 200
    refused = await portal.call("POST", LISTS, {})
    assert (refused.status_code, "crm.lists.write" in refused.text) == (403, True)
    await portal.grant("oauth")
    assert "crm.lists.read" in (await portal.call("GET", f"{LISTS}/{found}")).text
