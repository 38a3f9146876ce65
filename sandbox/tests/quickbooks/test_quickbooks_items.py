"""Categories of items (quickbooks.md 9), and how items are asked for."""

from typing import Any


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
