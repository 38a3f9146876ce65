"""Each kind of line of a sales form (quickbooks.md 5)."""

from decimal import Decimal
from typing import Any

BUNDLE = "GroupLineDetail"


async def bundle(company: Any, **fields: Any) -> Any:
    """Two of Consulting and three of Site Survey."""
    items = (await company.query("select * from Item where Type = 'Service' maxresults 2"))["Item"]
    parts = [{"ItemRef": {"value": item["Id"]}, "Qty": pieces} for item, pieces in zip(items, (2, 3), strict=True)]
    return await company.desk("item/bundle", {"Name": "Starter", "ItemGroupDetail": {"ItemGroupLine": parts}, **fields})


def sold(made: Any, **detail: Any) -> dict[str, Any]:
    return {"DetailType": BUNDLE, BUNDLE: {"GroupItemRef": {"value": made["Id"]}, **detail}}


async def invoice(company: Any, *lines: Any, **fields: Any) -> Any:
    return await company.write("Invoice", {"CustomerRef": {"value": "1"}, "Line": list(lines), **fields})


async def price(company: Any, identifier: str) -> Decimal:
    return Decimal((await company.read("Item", identifier))["UnitPrice"])


async def test_people_make_bundles_and_applications_read_them(automated: Any) -> None:
    made = await bundle(automated)
    assert (made["Type"], made["PrintGroupedItems"], len(made["ItemGroupDetail"]["ItemGroupLine"])) == (
        "Group",
        False,
        2,
    )
    (found,) = (await automated.query("select * from Item where Type = 'Group'"))["Item"]
    assert found == made
    assert (await automated.refused("Item", {"Name": "Own", "Type": "Group"}))["code"] == "2170"
    key = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "ItemGroupDetail": {"ItemGroupLine": []}}
    renamed = await automated.write("Item", {**key, "Name": "Beginner"})
    assert (renamed["Name"], renamed["ItemGroupDetail"]) == ("Beginner", made["ItemGroupDetail"])


async def test_a_sold_bundle_becomes_its_parts(automated: Any) -> None:
    made = await bundle(automated)
    answer = await invoice(automated, sold(made, Quantity=2), await automated.line("10", TaxCodeRef={"value": "NON"}))
    group, single, total = answer["Line"]
    parts = group[BUNDLE]["Line"]
    assert (group["Id"], group["LineNum"], group["Amount"], group[BUNDLE]["Quantity"]) == ("1", 1, 0, 2)
    assert group[BUNDLE]["GroupItemRef"] == {"value": made["Id"], "name": "Starter"}
    assert [(each["Id"], each["LineNum"]) for each in [*parts, single]] == [("2", 2), ("3", 3), ("4", 4)]
    assert [each["SalesItemLineDetail"]["Qty"] for each in parts] == [4, 6]
    wanted = [
        Decimal(each["SalesItemLineDetail"]["Qty"])
        * await price(automated, each["SalesItemLineDetail"]["ItemRef"]["value"])
        for each in parts
    ]
    assert [each["Amount"] for each in parts] == wanted
    assert total["Amount"] == sum(wanted) + 10
    assert answer["TotalAmt"] == total["Amount"] + answer["TxnTaxDetail"]["TotalTax"]


async def test_parts_that_are_sent_are_taken_and_keep_their_ids(automated: Any) -> None:
    made = await bundle(automated)
    part = await automated.line("7.50", TaxCodeRef={"value": "NON"})
    first = await invoice(automated, sold(made, Quantity=1, Line=[part]))
    assert (first["TotalAmt"], len(first["Line"][0][BUNDLE]["Line"])) == (Decimal("7.5"), 1)
    key = {"Id": first["Id"], "SyncToken": "0", "sparse": True, "Line": first["Line"]}
    assert (await automated.write("Invoice", key))["SyncToken"] == "0"
    first["Line"][0][BUNDLE]["Line"][0]["Amount"] = 9
    changed = await automated.write("Invoice", key)
    assert (changed["TotalAmt"], changed["Line"][0][BUNDLE]["Line"][0]["Id"]) == (9, "2")
    voided = await automated.write("Invoice", {"Id": first["Id"], "SyncToken": "1"}, operation="void")
    assert voided["Line"][0][BUNDLE]["Line"][0]["Amount"] == 0


async def test_bundles_are_sold_as_bundles_only(automated: Any, uk: Any) -> None:
    made = await bundle(automated)
    single = {"DetailType": "SalesItemLineDetail", "Amount": 1}
    wrong = {**single, "SalesItemLineDetail": {"ItemRef": {"value": made["Id"]}}}
    for line in (wrong, sold({"Id": "1"}), sold(made, Line=[sold(made)])):
        given = {"CustomerRef": {"value": "1"}, "Line": [line]}
        assert (await automated.refused("Invoice", given))["code"] in {"6000", "2170"}
    given = {"CustomerRef": {"value": "1"}, "Line": [sold(made, Colour="red")]}
    assert (await automated.refused("Invoice", given))["code"] == "2010"
    given["Line"] = [sold({"Id": "99999"})]
    assert (await automated.refused("Invoice", given))["code"] == "2500"
    british = await invoice(uk, sold(await bundle(uk)))
    codes = [each["SalesItemLineDetail"]["TaxCodeRef"]["value"] for each in british["Line"][0][BUNDLE]["Line"]]
    assert all(codes)


async def test_shipping_stands_after_the_subtotal_without_an_id(automated: Any) -> None:
    shipping = {"Amount": 5, "DetailType": "SalesItemLineDetail"}
    shipping["SalesItemLineDetail"] = {"ItemRef": {"value": "SHIPPING_ITEM_ID"}}
    goods = await automated.line("100", TaxCodeRef={"value": "NON"})
    discount = {"DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10}}
    given = {"CustomerRef": {"value": "1"}, "Line": [shipping, goods, discount]}
    assert (await automated.refused("Invoice", given))["code"] == "6000"
    await automated.desk("preferences", {"AllowShipping": True}, "PATCH")
    answer = await automated.write("Invoice", given)
    assert answer["TotalAmt"] == 95
    assert answer["Line"][1]["Amount"] == 100
    assert answer["Line"][3] == shipping
    key = {"Id": answer["Id"], "SyncToken": "0", "sparse": True, "Line": answer["Line"]}
    assert (await automated.write("Invoice", key))["SyncToken"] == "0"
    only = await automated.refused("Invoice", {**given, "Line": [shipping]})
    assert only["element"] == "Line"


async def test_shipping_is_taxed_where_it_bears_a_code(legacy: Any) -> None:
    await legacy.desk("preferences", {"AllowShipping": True}, "PATCH")
    shipping = {"Amount": 100, "DetailType": "SalesItemLineDetail"}
    tax = {"TxnTaxDetail": {"TxnTaxCodeRef": {"value": "2"}}}
    for code, total in (({}, 0), ({"TaxCodeRef": {"value": "TAX"}}, 8)):
        shipping["SalesItemLineDetail"] = {"ItemRef": {"value": "SHIPPING_ITEM_ID"}, **code}
        answer = await invoice(legacy, await legacy.line("1", TaxCodeRef={"value": "NON"}), shipping, **tax)
        assert (answer["TxnTaxDetail"]["TotalTax"], answer["TotalAmt"]) == (total, 101 + total)


async def test_words_and_inline_subtotals(automated: Any) -> None:
    words = {"DetailType": "DescriptionOnly", "Description": "As agreed"}
    inline = {"DetailType": "DescriptionOnly", "Description": "Subtotal:"}
    line = await automated.line("10.50", TaxCodeRef={"value": "NON"})
    answer = await invoice(automated, words, line, inline, line, inline)
    assert answer["Line"][0] == {"Id": "1", "LineNum": 1, **words, "DescriptionLineDetail": {}}
    assert [each.get("Description") for each in answer["Line"][2:5:2]] == ["Subtotal: 10.50", "Subtotal: 21.00"]
    assert "Amount" not in answer["Line"][2]
    assert answer["Line"][-1] == {"Amount": 21, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}
    assert answer["TotalAmt"] == 21


async def test_a_gratuity_stands_last_and_is_never_taxed(legacy: Any) -> None:
    def charge(what: str) -> dict[str, Any]:
        detail = {"ItemRef": {"value": what}, "TaxCodeRef": {"value": "TAX"}}
        return {"Amount": 10, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}

    tax = {"TxnTaxDetail": {"TxnTaxCodeRef": {"value": "2"}}}
    lines = [charge("GRATUITY_ITEM_ID"), await legacy.line("100", TaxCodeRef={"value": "TAX"})]
    given = {"CustomerRef": {"value": "1"}, "Line": lines, **tax}
    assert "Gratuity" in (await legacy.refused("Invoice", given))["Detail"]
    await legacy.desk("preferences", {"AllowGratuity": True, "AllowShipping": True}, "PATCH")
    answer = await invoice(legacy, *lines, charge("SHIPPING_ITEM_ID"), **tax)
    assert [each["Amount"] for each in answer["Line"]] == [100, 100, 10, 10]
    last = answer["Line"][-1]
    assert last["SalesItemLineDetail"] == {"ItemRef": {"value": "GRATUITY_ITEM_ID"}}
    assert "Id" not in last
    assert (answer["TxnTaxDetail"]["TotalTax"], answer["TotalAmt"]) == (Decimal("8.8"), Decimal("128.8"))
    del lines[0]["Amount"]
    assert (await legacy.refused("Invoice", given))["element"] == "Line.Amount"
    await legacy.desk("preferences", {"AllowGratuity": None}, "PATCH")
    assert (await legacy.refused("Invoice", given))["code"] == "6000"


async def test_a_taxed_form_holds_750_lines_any_form_10000(legacy: Any) -> None:
    untaxed, taxed = [await legacy.line("1", TaxCodeRef={"value": code}) for code in ("NON", "TAX")]
    tax = {"CustomerRef": {"value": "1"}, "TxnTaxDetail": {"TxnTaxCodeRef": {"value": "2"}}}
    most = await legacy.write("Invoice", {**tax, "Line": [untaxed] * 749 + [taxed]})
    assert (len(most["Line"]), most["TotalAmt"]) == (751, Decimal("750.08"))
    assert "750 lines" in (await legacy.refused("Invoice", {**tax, "Line": [untaxed] * 750 + [taxed]}))["Detail"]
    await legacy.write("Invoice", {**tax, "Line": [untaxed] * 751})
    assert "10000 lines" in (await legacy.refused("Invoice", {**tax, "Line": [untaxed] * 10_001}))["Detail"]
