"""Preferences as an application changes them (quickbooks.md 9)."""

from typing import Any

import pytest


async def current(company: Any) -> Any:
    status, answer = await company.call("GET", "preferences")
    assert status == 200
    return answer["Preferences"]


async def change(company: Any, **groups: Any) -> Any:
    token = (await current(company))["SyncToken"]
    return await company.write("Preferences", {"Id": "1", "SyncToken": token, "sparse": True, **groups})


async def test_a_sparse_update_moves_one_switch_and_the_token(automated: Any) -> None:
    before = await current(automated)
    after = await change(automated, SalesFormsPrefs={"AllowShipping": True})
    assert after["SalesFormsPrefs"] == {**before["SalesFormsPrefs"], "AllowShipping": True}
    assert after["SyncToken"] == str(int(before["SyncToken"]) + 1)
    again = await change(automated, SalesFormsPrefs={"AllowShipping": True})
    assert again["SyncToken"] == after["SyncToken"]
    assert await current(automated) == after


async def test_what_people_alone_set_is_passed_over(automated: Any) -> None:
    before = await current(automated)
    after = await change(
        automated,
        TaxPrefs={"UsingSalesTax": False, "PartnerTaxEnabled": False},
        CurrencyPrefs={"MultiCurrencyEnabled": True, "HomeCurrency": {"value": "EUR"}},
        AccountingInfoPrefs={"BookCloseDate": "2026-10-31", "UseAccountNumbers": True},
        SalesFormsPrefs={"AutoApplyCredit": True, "UsingPriceLevels": True},
    )
    assert after == before


async def test_a_full_update_clears_what_a_group_leaves_out(automated: Any) -> None:
    before = await current(automated)
    given = {"Id": "1", "SyncToken": before["SyncToken"], "SalesFormsPrefs": {"AllowDiscount": True}}
    after = await automated.write("Preferences", given)
    assert after["SalesFormsPrefs"]["AllowDiscount"] is True
    assert after["SalesFormsPrefs"]["AllowDeposit"] is False
    assert "DefaultTerms" not in after["SalesFormsPrefs"]
    assert after["SalesFormsPrefs"]["DefaultItem"] == before["SalesFormsPrefs"]["DefaultItem"]
    assert after["AccountingInfoPrefs"] == before["AccountingInfoPrefs"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"SyncToken": "0"}, "2020"),
        ({"Id": "1"}, "2020"),
        ({"Id": "1", "SyncToken": "77"}, "5010"),
        ({"Id": "1", "SyncToken": "0", "Colours": {}}, "2010"),
        ({"Id": "1", "SyncToken": "0", "SalesFormsPrefs": {"AllowColours": True}}, "2010"),
        ({"Id": "1", "SyncToken": "0", "SalesFormsPrefs": {"AllowDiscount": "often"}}, "2010"),
        ({"Id": "1", "SyncToken": "0", "SalesFormsPrefs": {"DefaultTerms": {"value": "999"}}}, "2500"),
        ({"Id": "1", "SyncToken": "0", "SalesFormsPrefs": {"DefaultDiscountAccount": "999"}}, "2500"),
        ({"Id": "1", "SyncToken": "0", "ReportPrefs": {"ReportBasis": "Guesswork"}}, "2170"),
        ({"Id": "1", "SyncToken": "0", "AccountingInfoPrefs": {"CustomerTerminology": "Victims"}}, "2170"),
    ],
)
async def test_nonsense_is_refused(automated: Any, given: Any, code: str) -> None:
    assert (await automated.refused("Preferences", {"sparse": True, **given}))["code"] == code


async def test_classes_are_tracked_in_one_way_only(automated: Any) -> None:
    assert (await automated.refused("Class", {"Name": "Retail"}))["code"] == "6000"
    after = await change(automated, AccountingInfoPrefs={"ClassTrackingPerTxn": True})
    assert (await automated.write("Class", {"Name": "Retail"}))["Name"] == "Retail"
    both = {"AccountingInfoPrefs": {"ClassTrackingPerTxnLine": True}}
    refused = await automated.refused(
        "Preferences", {"Id": "1", "SyncToken": after["SyncToken"], "sparse": True, **both}
    )
    assert refused["code"] == "6000"


async def test_locations_discounts_and_numbers_follow_their_switches(automated: Any) -> None:
    discount = {"DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 10}}
    given = {"CustomerRef": {"value": "1"}, "Line": [await automated.line("10"), {"Amount": 1, **discount}]}
    assert "DocNumber" in await automated.write("Invoice", given)
    await change(
        automated,
        SalesFormsPrefs={"AllowDiscount": False, "CustomTxnNumbers": True},
        AccountingInfoPrefs={"TrackDepartments": True},
    )
    assert (await automated.refused("Invoice", given))["code"] == "6000"
    assert "DocNumber" not in await automated.write("Invoice", {**given, "Line": given["Line"][:1]})
    assert (await automated.write("Department", {"Name": "North"}))["Name"] == "North"


async def test_customer_types_are_read_and_named_on_customers(automated: Any) -> None:
    found = await automated.query("select * from CustomerType")
    assert [one["Name"] for one in found["CustomerType"]] == ["Retail", "Drop Ship", "Distributor", "Wholesale"]
    assert found["totalCount"] == 4
    assert (await automated.read("CustomerType", "3"))["Name"] == "Distributor"
    assert (await automated.refused("CustomerType", {"Name": "Mail order"}))["code"] == "500"
    made = await automated.customer("Typed", CustomerTypeRef={"value": "3"})
    assert made["CustomerTypeRef"] == {"value": "3"}
    assert (await automated.read("Customer", made["Id"]))["CustomerTypeRef"] == {"value": "3"}
    refused = await automated.refused("Customer", {"DisplayName": "Odd", "CustomerTypeRef": {"value": "77"}})
    assert refused["code"] == "2500"
