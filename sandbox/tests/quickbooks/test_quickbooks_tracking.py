"""Classes, locations and ways of paying (quickbooks.md 9)."""

from typing import Any

import pytest

KINDS = [("Class", "ClassTrackingPerTxn", "SubClass"), ("Department", "TrackDepartments", "SubDepartment")]


async def track(company: Any, switch: str) -> None:
    await company.desk("preferences", {switch: True}, method="PATCH")


@pytest.mark.parametrize(("entity", "switch", "below"), KINDS)
async def test_they_are_made_and_nested_where_they_are_tracked(
    automated: Any, entity: str, switch: str, below: str
) -> None:
    assert (await automated.refused(entity, {"Name": "France"}))["code"] == "6000"
    await track(automated, switch)
    made = await automated.write(entity, {"Name": " France "})
    assert {name: made[name] for name in ("Name", "FullyQualifiedName", below, "Active", "SyncToken")} == {
        "Name": "France",
        "FullyQualifiedName": "France",
        below: False,
        "Active": True,
        "SyncToken": "0",
    }
    child = await automated.write(entity, {"Name": "Lyon", "ParentRef": {"value": made["Id"]}})
    assert (child["FullyQualifiedName"], child[below]) == ("France:Lyon", True)
    assert child["ParentRef"] == {"value": made["Id"]}
    assert (await automated.refused(entity, {"Name": "france"}))["code"] == "6240"
    assert (await automated.refused(entity, {"Name": "x" * 101}))["code"] == "2050"
    assert (await automated.refused(entity, {"Name": "Nice", "ParentRef": {"value": "999"}}))["code"] == "2500"
    found = await automated.query(f"select * from {entity} where FullyQualifiedName like 'France%'")  # noqa: S608
    assert [one["Name"] for one in found[entity]] == ["France", "Lyon"]


@pytest.mark.parametrize(("entity", "switch", "_below"), KINDS)
async def test_a_sparse_update_repeats_the_name(automated: Any, entity: str, switch: str, _below: str) -> None:
    await track(automated, switch)
    made = await automated.write(entity, {"Name": "France"})
    key = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Active": False}
    assert (await automated.refused(entity, key))["element"] == "Name"
    gone = await automated.write(entity, {**key, "Name": "France"})
    assert (gone["Name"], gone["Active"]) == ("France (deleted)", False)


@pytest.mark.parametrize(("entity", "switch", "_below"), KINDS)
async def test_none_is_its_own_parent_nor_nested_too_deep(
    automated: Any, entity: str, switch: str, _below: str
) -> None:
    await track(automated, switch)
    above: dict[str, Any] = {}
    for level in range(5):
        made = await automated.write(entity, {"Name": f"Level {level}", **above})
        above = {"ParentRef": {"value": made["Id"]}}
    assert (await automated.refused(entity, {"Name": "Level 6", **above}))["code"] == "6000"
    own = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Name": "Level 4", "ParentRef": {"value": made["Id"]}}
    assert (await automated.refused(entity, own))["code"] == "6000"


async def test_the_ways_of_paying_of_an_intuit_sandbox_are_there(automated: Any) -> None:
    status, answer = await automated.call("GET", "paymentmethod/7")
    recorded = {"Id": "7", "Name": "Discover", "Active": True, "Type": "CREDIT_CARD", "SyncToken": "0"}
    assert status == 200
    assert recorded.items() <= answer["PaymentMethod"].items()
    made = await automated.write("PaymentMethod", {"Name": "Barter"})
    assert (made["Type"], made["Active"]) == ("NON_CREDIT_CARD", True)
    assert (await automated.refused("PaymentMethod", {"Name": "barter"}))["code"] == "6240"
    assert (await automated.refused("PaymentMethod", {"Name": "Shells", "Type": "SHELL"}))["code"] == "2170"
    assert (await automated.refused("PaymentMethod", {"Name": "x" * 32}))["code"] == "2050"


async def test_transactions_and_lines_name_them(automated: Any) -> None:
    await track(automated, "ClassTrackingPerTxnLine")
    await track(automated, "TrackDepartments")
    retail = await automated.write("Class", {"Name": "Retail"})
    north = await automated.write("Department", {"Name": "North"})
    line = await automated.line("10", ClassRef={"value": retail["Id"]})
    given = {"CustomerRef": {"value": "1"}, "Line": [line]}
    made = await automated.write("Invoice", {**given, "DepartmentRef": {"value": north["Id"]}})
    assert made["DepartmentRef"] == {"value": north["Id"], "name": "North"}
    assert made["Line"][0]["SalesItemLineDetail"]["ClassRef"] == {"value": retail["Id"], "name": "Retail"}
    paid = await automated.write(
        "Payment", {"CustomerRef": {"value": "1"}, "TotalAmt": 5, "PaymentMethodRef": {"value": "3"}}
    )
    assert paid["PaymentMethodRef"] == {"value": "3", "name": "Visa"}
    for field in ("DepartmentRef", "ClassRef", "PaymentMethodRef"):
        assert (await automated.refused("Invoice", {**given, field: {"value": "999"}}))["code"] == "2500"
    assert (
        await automated.refused("Payment", {"CustomerRef": {"value": "1"}, "TotalAmt": 5, "ClassRef": {"value": "9"}})
    )["code"] == "2010"
