"""Categories of items (quickbooks.md 9), and how items are asked for."""

from typing import Any

import pytest


async def test_categories_nest_and_hold_items_but_are_not_sold(automated: Any) -> None:
    made = await automated.write("Item", {"Name": "Concrete", "Type": "Category"})
    assert (made["Type"], made["FullyQualifiedName"]) == ("Category", "Concrete")
    assert "IncomeAccountRef" not in made
    assert "UnitPrice" not in made
    below = {"SubItem": True, "ParentRef": {"value": made["Id"]}}
    fast = await automated.write("Item", {"Name": "Fast", "Type": "Category", **below})
    assert (fast["FullyQualifiedName"], fast["Level"]) == ("Concrete:Fast", 1)
    income = (await automated.query("select * from Account where AccountType = 'Income'"))["Account"][0]["Id"]
    item = {"Name": "Bag", "Type": "Service", "IncomeAccountRef": {"value": income}}
    bag = await automated.write("Item", {**item, "SubItem": True, "ParentRef": {"value": fast["Id"]}})
    assert bag["FullyQualifiedName"] == "Concrete:Fast:Bag"
    line = {"Amount": 1, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {"ItemRef": {"value": made["Id"]}}}
    sold = await automated.refused("Invoice", {"CustomerRef": {"value": "1"}, "Line": [line]})
    assert sold["code"] == "6000"


async def test_a_category_is_placed_in_categories_only_and_not_too_deep(automated: Any) -> None:
    service = await automated.item()
    error = await automated.refused("Item", {"Name": "Odd", "Type": "Category", "ParentRef": service})
    assert error["code"] == "6000"
    above: dict[str, Any] = {}
    for level in range(4):
        made = await automated.write("Item", {"Name": f"Level {level}", "Type": "Category", **above})
        above = {"ParentRef": {"value": made["Id"]}}
    assert (await automated.refused("Item", {"Name": "Level 5", "Type": "Category", **above}))["code"] == "6000"
    own = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "ParentRef": {"value": made["Id"]}}
    assert (await automated.refused("Item", own))["code"] == "6000"
    assert (await automated.refused("Item", {"Name": "Set", "Type": "Kit"}))["code"] == "2170"


async def test_items_may_be_asked_for_with_their_sku_named(automated: Any) -> None:
    """As python-quickbooks asks for every list of items."""
    asked = await automated.query("SELECT *, Sku FROM Item WHERE Sku = 'SVC-100'")
    assert asked == await automated.query("SELECT * FROM Item WHERE Sku = 'SVC-100'")
    status, answer = await automated.call("GET", "query", query="SELECT *, FROM Item")
    assert (status, answer["Fault"]["Error"][0]["code"]) == (400, "4000")


async def test_a_boolean_that_nobody_set_may_be_an_empty_text(automated: Any) -> None:
    """As python-quickbooks writes it on credit memos."""
    given = {"CustomerRef": {"value": "1"}, "Line": [await automated.line("5")]}
    made = await automated.write("CreditMemo", {**given, "ApplyTaxAfterDiscount": ""})
    assert made["ApplyTaxAfterDiscount"] is False
    assert (await automated.refused("CreditMemo", {**given, "ApplyTaxAfterDiscount": "perhaps"}))["code"] == "2010"


async def test_items_nest_five_levels_deep(automated: Any) -> None:
    item: Any = {"Id": None}
    for level in range(1, 6):
        below = {"ParentRef": {"value": item["Id"]}, "SubItem": True} if item["Id"] else {}
        item = await automated.write("Item", {"Name": f"L{level}", "IncomeAccountRef": {"value": "1"}, **below})
    assert (item["Level"], item["FullyQualifiedName"]) == (4, "L1:L2:L3:L4:L5")
    deeper = {"Name": "L6", "IncomeAccountRef": {"value": "1"}, "ParentRef": {"value": item["Id"]}}
    assert (await automated.refused("Item", deeper))["code"] == "6000"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"Name": "a:b"}, "6000"),
        ({"Name": "a\tb"}, "6000"),
        ({"Name": "x" * 101}, "2050"),
        ({"Sku": "x" * 101}, "2050"),
        ({"UnitPrice": 100_000_000_000}, "2080"),
        ({"PurchaseCost": 100_000_000_000}, "2080"),
        ({"Type": "Bundle"}, "2170"),
    ],
)
async def test_refused_items(automated: Any, fields: Any, code: str) -> None:
    given = {"Name": "Thing", "IncomeAccountRef": {"value": "1"}, **fields}
    assert (await automated.refused("Item", given))["code"] == code
    await automated.write(
        "Item",
        {**given, "Name": "Fits", "Sku": "x", "Type": "Service", "UnitPrice": 99_999_999_999} | {"PurchaseCost": 0},
    )
