from decimal import Decimal
from typing import Any

import pytest


@pytest.mark.parametrize("name", ["Northwind Outfitters", "bay area stationers", " EMILY PLATT "])
async def test_names_are_unique_over_customers_vendors_and_employees_in_any_case(automated: Any, name: Any) -> None:
    error = await automated.refused("Customer", {"DisplayName": name})
    assert (error["code"], error["Message"]) == ("6240", "Duplicate Name Exists Error")


async def test_a_customer_is_composed_from_its_parts(automated: Any) -> None:
    made = await automated.write("Customer", {"GivenName": "Zoë", "FamilyName": "O'Hara"})
    assert made["DisplayName"] == made["FullyQualifiedName"] == made["PrintOnCheckName"] == "Zoë O'Hara"
    expected = {"Taxable": True, "Job": False, "BillWithParent": False, "Balance": 0, "BalanceWithJobs": 0}
    assert expected.items() <= made.items()
    assert made["PreferredDeliveryMethod"] == "Print"
    assert made["DefaultTaxCodeRef"] == {"value": "2"}
    assert (await automated.refused("Customer", {"CompanyName": "Nameless"}))["element"] == "DisplayName"


async def test_deactivating_renames_and_frees_the_name(automated: Any) -> None:
    made = await automated.customer("Gone Ltd")
    key = {"Id": made["Id"], "sparse": True}
    gone = await automated.write("Customer", {**key, "SyncToken": "0", "Active": False})
    assert (gone["DisplayName"], gone["Active"], gone["SyncToken"]) == ("Gone Ltd (deleted)", False, "1")
    again = await automated.write("Customer", {**key, "SyncToken": "1", "Active": False})
    assert (again["SyncToken"], again["MetaData"]) == ("1", gone["MetaData"])
    assert await automated.query("select * from Customer where DisplayName like 'Gone%'") == {}
    both = await automated.query("select * from Customer where Active in (true, false) and DisplayName like 'Gone%'")
    assert len(both["Customer"]) == 1
    line = await automated.line("1")
    assert (await automated.refused("Invoice", {"CustomerRef": {"value": made["Id"]}, "Line": [line]}))["code"] == "610"
    await automated.customer("Gone Ltd")
    error = await automated.refused("Customer", {**key, "SyncToken": "1", "Active": True})
    assert error["code"] == "6240"


async def test_an_open_balance_keeps_a_customer_active(automated: Any) -> None:
    made = await automated.customer("Debtor")
    await automated.invoice(made["Id"], "5")
    given = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Active": False}
    assert "Has Balance" in (await automated.refused("Customer", given))["Detail"]


async def test_a_rename_shows_everywhere_without_touching_transactions(automated: Any) -> None:
    made = await automated.customer("Old Name")
    job = await automated.customer("Job", ParentRef={"value": made["Id"]})
    invoice = await automated.invoice(made["Id"], "5")
    await automated.desk(f"customer/{made['Id']}/rename", {"name": "New Name"})
    shown = await automated.read("Invoice", invoice["Id"])
    assert shown["CustomerRef"]["name"] == "New Name"
    assert (shown["SyncToken"], shown["MetaData"]) == (invoice["SyncToken"], invoice["MetaData"])
    assert (await automated.read("Customer", job["Id"]))["FullyQualifiedName"] == "New Name:Job"


async def test_a_merge_moves_the_transactions_and_leaves_a_dead_id(automated: Any) -> None:
    winner, loser = await automated.customer("Winner"), await automated.customer("Loser")
    invoice = await automated.invoice(loser["Id"], "5")
    await automated.desk("customer/merge", {"winner": winner["Id"], "loser": loser["Id"]})
    assert (await automated.read("Invoice", invoice["Id"]))["CustomerRef"] == {"value": winner["Id"], "name": "Winner"}
    assert (await automated.read("Customer", winner["Id"]))["Balance"] == 5
    line = await automated.line("1")
    error = await automated.refused("Invoice", {"CustomerRef": {"value": loser["Id"]}, "Line": [line]})
    assert error["Detail"] == f"Invalid Reference Id : Names element id {loser['Id']} not found"


async def test_who_cannot_be_merged(automated: Any, uk: Any) -> None:
    winner, parent = await automated.customer("Winner"), await automated.customer("Parent")
    await automated.customer("Job", ParentRef={"value": parent["Id"]})
    cases = [(automated, winner, winner, "itself"), (automated, winner, parent, "sub-customers")]
    cases.append((automated, parent, winner, "sub-customers"))
    euros = await uk.customer("Euros", CurrencyRef={"value": "EUR"})
    cases.append((uk, await uk.customer("Pounds"), euros, "currencies"))
    for company, kept, lost, words in cases:
        merge = {"winner": kept["Id"], "loser": lost["Id"]}
        path = f"/people/bookkeeper/{company.realm}/customer/merge"
        answer = await company.control.post(path, json=merge)
        assert (answer.status_code, answer.json()["Fault"]["Error"][0]["code"]) == (400, "6000")
        assert words in answer.text
        assert (await company.read("Customer", lost["Id"]))["SyncToken"] == "0"


async def test_two_addresses_in_one_field_are_kept_and_searchable(automated: Any) -> None:
    found = await automated.query("select * from Customer where PrimaryEmailAddr like '%sam.whitfield@%'")
    assert found["Customer"][0]["PrimaryEmailAddr"]["Address"].count("@") == 2
    assert (await automated.refused("Customer", {"DisplayName": "X", "PrimaryEmailAddr": {"Address": "x"}}))[
        "code"
    ] == "2210"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"DisplayName": "a:b"}, "6000"),
        ({"DisplayName": "x" * 501}, "2050"),
        ({"DisplayName": "p", "PrimaryPhone": {"FreeFormNumber": "1" * 31}}, "2050"),
        ({"DisplayName": "p", "ParentRef": {"value": "9999"}}, "2500"),
        ({"DisplayName": "p", "CurrencyRef": {"value": "EUR"}}, "6000"),
        ({"DisplayName": "p", "Shoe": 42}, "2010"),
        ({"Id": "1", "DisplayName": "p"}, "2020"),
    ],
)
async def test_refused_customers(automated: Any, given: Any, code: Any) -> None:
    assert (await automated.refused("Customer", given))["code"] == code


async def test_items(automated: Any) -> None:
    assert (await automated.refused("Item", {"Type": "Service"}))["element"] == "Name"
    assert (await automated.refused("Item", {"Name": "Thing"}))["element"] == "IncomeAccountRef"
    given = {"Name": "Thing", "Type": "Service", "IncomeAccountRef": {"value": "79"}, "UnitPrice": Decimal("1.125")}
    made = await automated.write("Item", given)
    assert made["IncomeAccountRef"]["name"] == "Sales of Product Income"
    assert (made["PurchaseCost"], made["TrackQtyOnHand"], made["FullyQualifiedName"]) == (0, False, "Thing")
    assert (await automated.refused("Item", {**given, "Name": "THING"}))["code"] == "6240"
    retired = await automated.write("Item", {"Id": made["Id"], "SyncToken": "0", "sparse": True, "Active": False})
    assert retired["Name"] == "Thing (deleted)"
    assert (await automated.refused("Item", {**given, "Name": "N", "Type": "Inventory"}))[
        "element"
    ] == "AssetAccountRef"


async def test_a_sparse_term_must_repeat_its_name_type_and_days(automated: Any) -> None:
    key = {"Id": "3", "SyncToken": "0", "sparse": True}
    assert (await automated.refused("Term", {**key, "Active": True}))["code"] == "2020"
    bare = {**key, "Name": "Net 30", "DueDays": 31}
    assert (await automated.refused("Term", bare))["element"] == "Type"
    changed = await automated.write("Term", {**bare, "Type": "STANDARD"})
    assert (changed["DueDays"], changed["Type"]) == (31, "STANDARD")


async def test_what_cannot_be_written(automated: Any) -> None:
    assert (await automated.refused("TaxCode", {"Name": "X"}))["code"] == "500"
    assert (await automated.refused("Customer", {"Id": "1", "SyncToken": "0"}, operation="delete"))["code"] == "500"
    status, answer = await automated.call("GET", "nonsense/1")
    assert (status, answer["Fault"]["Error"][0]["code"]) == (400, "500")


async def test_a_lapsed_subscription_refuses_writes_and_allows_reads(automated: Any) -> None:
    await automated.desk("subscription", {"status": "SUSPENDED"}, "PATCH")
    assert (await automated.refused("Customer", {"DisplayName": "New"}))["code"] == "6190"
    info = await automated.read("CompanyInfo", automated.realm)
    assert {"Name": "SubscriptionStatus", "Value": "SUSPENDED"} in info["NameValue"]
    assert info["DefaultTimeZone"] == "America/Los_Angeles"
    await automated.desk("subscription", {"status": "SUBSCRIBED"}, "PATCH")
    await automated.customer("New")


@pytest.mark.parametrize(
    "figures",
    [
        {"DueDays": 1000},
        {"DueDays": -1},
        {"DayOfMonthDue": 0},
        {"DayOfMonthDue": 32},
        {"DueDays": 1, "DiscountPercent": 101},
        {"DayOfMonthDue": 1, "DiscountDayOfMonth": 40},
    ],
)
async def test_terms_have_days_that_there_are(automated: Any, figures: Any) -> None:
    assert (await automated.refused("Term", {"Name": "Odd", **figures}))["code"] == "2080"


async def test_sub_customers_go_five_levels_deep(automated: Any) -> None:
    parent = await automated.customer("Level 1")
    for level in range(2, 6):
        given = {"ParentRef": {"value": parent["Id"]}, "Job": True, "BillWithParent": level == 5}
        parent = await automated.customer(f"Level {level}", **given)
        assert (parent["Level"], parent["Job"], parent["BillWithParent"]) == (level - 1, True, level == 5)
    assert parent["FullyQualifiedName"] == "Level 1:Level 2:Level 3:Level 4:Level 5"
    too_deep = {"DisplayName": "Level 6", "ParentRef": {"value": parent["Id"]}, "Job": True}
    assert (await automated.refused("Customer", too_deep))["code"] == "6000"


async def test_balances_of_jobs_reach_every_level_above(automated: Any) -> None:
    top = await automated.customer("Top")
    middle = await automated.customer("Middle", ParentRef={"value": top["Id"]}, Job=True)
    low = await automated.customer("Low", ParentRef={"value": middle["Id"]}, Job=True)
    await automated.invoice(low["Id"], "8")
    await automated.invoice(middle["Id"], "2")
    found = [await automated.read("Customer", each["Id"]) for each in (top, middle, low)]
    assert [(each["Balance"], each["BalanceWithJobs"]) for each in found] == [(0, 10), (2, 10), (8, 8)]
    assert [each["SyncToken"] for each in found] == ["0", "0", "0"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"BillAddr": {"Line1": "x" * 501}}, "2050"),
        ({"BillAddr": {f"Line{number}": "x" * 401 for number in range(1, 6)}}, "2050"),
        ({"ShipAddr": {"City": "x" * 256}}, "2050"),
        ({"ShipAddr": {"PostalCode": "x" * 31}}, "2050"),
        ({"WebAddr": {"URI": "x" * 1001}}, "2050"),
        ({"PreferredDeliveryMethod": "Pigeon"}, "2170"),
        ({"TaxExemptionReasonId": "16"}, "2170"),
    ],
)
async def test_refused_facts_of_customers(automated: Any, fields: Any, code: str) -> None:
    assert (await automated.refused("Customer", {"DisplayName": "Somebody", **fields}))["code"] == code


async def test_a_tax_identifier_is_masked(automated: Any) -> None:
    made = await automated.customer("Taxed", PrimaryTaxIdentifier="99-5688293")
    assert made["PrimaryTaxIdentifier"] == "XXXXXX8293"
    key = {"Id": made["Id"], "SyncToken": "0", "sparse": True}
    assert (await automated.write("Customer", {**key, "PrimaryTaxIdentifier": "XXXXXX8293"}))["SyncToken"] == "0"


async def test_a_vendor_is_renamed(automated: Any) -> None:
    made = await automated.write("Vendor", {"DisplayName": "Old Seller"})
    key = {"Id": made["Id"], "SyncToken": "0", "sparse": True}
    renamed = await automated.write("Vendor", {**key, "DisplayName": "New Seller"})
    assert (renamed["DisplayName"], renamed["SyncToken"]) == ("New Seller", "1")
