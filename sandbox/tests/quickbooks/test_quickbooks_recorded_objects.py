"""Objects shown as others recorded them (the recordings themselves are replayed by tests/truth)."""

from typing import Any

import pytest

PLACE = {"Line1": "4581 Finch St.", "City": "Bayshore", "CountrySubDivisionCode": "CA", "PostalCode": "94326"}
TAX_OFF = {"UsingSalesTax": False, "PartnerTaxEnabled": None}


async def test_an_address_carries_what_the_geocoder_did_not_find(automated: Any) -> None:
    made = await automated.customer("Amy", BillAddr=PLACE, ShipAddr={})
    assert {**made["BillAddr"], "Id": ""} == {"Id": "", **PLACE, "Lat": "INVALID", "Long": "INVALID"}
    assert list(made["ShipAddr"]) == ["Id"]
    again = await automated.write("Customer", {**made, "Notes": "x"})
    assert again["BillAddr"] == made["BillAddr"]
    invoice = await automated.invoice(made["Id"], "10", ShipFromAddr=PLACE)
    assert invoice["BillAddr"] == made["BillAddr"]
    assert invoice["ShipFromAddr"]["Lat"] == "INVALID"
    assert invoice["ShipFromAddr"]["Id"] != made["BillAddr"]["Id"]


async def test_a_vendor_and_an_employee_show_what_nobody_told(automated: Any) -> None:
    vendor = await automated.write("Vendor", {"DisplayName": "Boraski", "BillAddr": PLACE, "TaxIdentifier": "12-34"})
    assert (vendor["Balance"], vendor["Vendor1099"], vendor["TaxIdentifier"]) == (0, False, "12-34")
    assert vendor["CurrencyRef"] == {"value": "USD", "name": "United States Dollar"}
    assert vendor["BillAddr"]["Id"]
    assert "FullyQualifiedName" not in vendor
    employee = await automated.write("Employee", {"GivenName": "Emma", "FamilyName": "Flatt"})
    assert employee["BillableTime"] is False


async def test_the_name_on_checks_follows_a_full_update(automated: Any) -> None:
    made = await automated.customer("Doe2, Jane", PrintOnCheckName="Jane")
    assert made["PrintOnCheckName"] == "Jane"
    known = {"Id": made["Id"], "SyncToken": "0"}
    moved = await automated.write("Customer", {**known, "DisplayName": "Jack Moe"})
    assert moved["PrintOnCheckName"] == "Jack Moe"
    assert moved["DefaultTaxCodeRef"] == made["DefaultTaxCodeRef"]


async def test_jobs_of_several_customers_may_be_namesakes(automated: Any) -> None:
    parents = [await automated.customer(name) for name in ("Doe, Jack", "Doe, Jill")]
    for parent in parents:
        job = await automated.customer("Jack Doe", ParentRef={"value": parent["Id"]})
        assert job["FullyQualifiedName"] == f"{parent['DisplayName']}:Jack Doe"
    assert (await automated.customer("Jack Doe"))["FullyQualifiedName"] == "Jack Doe"
    again = {"DisplayName": "jack doe", "ParentRef": {"value": parents[0]["Id"]}}
    assert (await automated.refused("Customer", again))["code"] == "6240"
    assert (await automated.refused("Vendor", {"DisplayName": "Jack Doe"}))["code"] == "6240"


async def test_a_reference_to_an_item_shows_the_categories_above_it(automated: Any) -> None:
    above = await automated.write("Item", {"Name": "Oribe", "Type": "Category"})
    given = {"Name": "Shampoo", "SubItem": True, "ParentRef": {"value": above["Id"]}, "Type": "Service"}
    item = await automated.write("Item", {**given, "IncomeAccountRef": {"value": "1"}})
    detail = {"ItemRef": {"value": item["Id"]}, "TaxCodeRef": {"value": "NON"}}
    line = {"Amount": 1, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
    sold = await automated.write("SalesReceipt", {"Line": [line]})
    reference = sold["Line"][0]["SalesItemLineDetail"]["ItemRef"]
    assert reference == {"value": item["Id"], "name": "Oribe:Shampoo"}


async def test_a_discounts_account_is_named(automated: Any) -> None:
    detail = {"PercentBased": True, "DiscountPercent": 10, "DiscountAccountRef": {"value": "86"}}
    discount = {"DetailType": "DiscountLineDetail", "DiscountLineDetail": detail}
    lines = [await automated.line("100", TaxCodeRef={"value": "NON"}), discount]
    answer = await automated.write("Invoice", {"CustomerRef": {"value": "1"}, "Line": lines})
    account = answer["Line"][-1]["DiscountLineDetail"]["DiscountAccountRef"]
    assert account == {"value": "86", "name": "Discounts given"}


async def test_words_alone_make_an_invoice_over_nothing(automated: Any) -> None:
    words = {"Description": "Just a Description", "DetailType": "DescriptionOnly", "DescriptionLineDetail": {}}
    answer = await automated.write("Invoice", {"CustomerRef": {"value": "1"}, "Line": [words]})
    assert [line["DetailType"] for line in answer["Line"]] == ["DescriptionOnly", "SubTotalLineDetail"]
    assert (answer["TotalAmt"], answer["Balance"], answer["Line"][1]["Amount"]) == (0, 0, 0)


async def test_without_sales_tax_nothing_is_said_of_tax(automated: Any, uk: Any) -> None:
    await automated.desk("preferences", TAX_OFF, "PATCH")
    sold = await automated.write("SalesReceipt", {"Line": [await automated.line("5", TaxCodeRef={"value": "TAX"})]})
    assert sold["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"] == {"value": "NON"}
    voided = await automated.write("SalesReceipt", {"Id": sold["Id"], "SyncToken": "0"}, operation="void")
    assert ("TxnTaxDetail" in sold, "TxnTaxDetail" in voided) == (False, False)
    await uk.desk("preferences", {"UsingSalesTax": False}, "PATCH")
    sold = await uk.write("SalesReceipt", {"Line": [await uk.line("5")]})
    assert (sold["GlobalTaxCalculation"], "ApplyTaxAfterDiscount" in sold) == ("NotApplicable", False)
    assert "TaxCodeRef" not in sold["Line"][0]["SalesItemLineDetail"]


async def test_refunds_show_no_state_of_mail(automated: Any) -> None:
    line = await automated.line("5", TaxCodeRef={"value": "NON"})
    refund = await automated.write("RefundReceipt", {"DepositToAccountRef": {"value": "4"}, "Line": [line]})
    assert ("EmailStatus" in refund, refund["PrintStatus"]) == (False, "NeedToPrint")


async def test_tax_rates_and_codes_are_named(legacy: Any, uk: Any) -> None:
    rates = (await legacy.query("select * from TaxRate"))["TaxRate"]
    assert {rate["Description"] for rate in rates} == {"Sales Tax"}
    california = await legacy.read("TaxCode", "2")
    (detail,) = california["SalesTaxRateList"]["TaxRateDetail"]
    assert detail["TaxRateRef"] == {"value": "3", "name": "California"}
    codes = {code["Name"]: code for code in (await legacy.query("select * from TaxCode"))["TaxCode"]}
    assert (codes["TAX"]["Id"], codes["TAX"]["Taxable"], codes["NON"]["Taxable"]) == ("TAX", True, False)
    assert (await legacy.read("TaxCode", "NON"))["TaxGroup"] is False
    british = {code["Name"] for code in (await uk.query("select * from TaxCode"))["TaxCode"]}
    assert "NON" not in british
    (standard,) = (await uk.query("select * from TaxRate where Name = '20.0% S (Sales)'"))["TaxRate"]
    assert [each["RateValue"] for each in standard["EffectiveTaxRate"]] == [17.5, 20]


async def test_a_new_account_is_of_the_home_currency(automated: Any) -> None:
    made = await automated.write("Account", {"Name": "Told", "AccountType": "Income"})
    assert made["CurrencyRef"] == {"value": "USD", "name": "United States Dollar"}


async def test_a_retired_term_keeps_its_name(automated: Any) -> None:
    made = await automated.write("Term", {"Name": "Net 45", "DueDays": 45})
    gone = await automated.write("Term", {**made, "Active": False})
    assert (gone["Name"], gone["Active"]) == ("Net 45", False)


async def test_an_exchange_rate_tells_when_it_changed(uk: Any) -> None:
    status, answer = await uk.call("GET", "exchangerate", sourcecurrencycode="EUR")
    assert (status, list(answer["ExchangeRate"]["MetaData"])) == (200, ["LastUpdatedTime"])


async def test_the_preferences_hold_every_recorded_group(automated: Any) -> None:
    found = (await automated.call("GET", "preferences"))[1]["Preferences"]
    assert {"IPNSupportEnabled", "AllowServiceDate", "UsingPriceLevels"} <= found["SalesFormsPrefs"].keys()
    assert {"UseAccountNumbers", "TaxForm", "FirstMonthOfFiscalYear"} <= found["AccountingInfoPrefs"].keys()
    unused = [each["BooleanValue"] for each in found["VendorAndPurchasesPrefs"]["POCustomField"][0]["CustomField"]]
    assert unused == [False, False, False]
    assert {"Name": "DTXCopyMemo", "Value": "true"} in found["OtherPrefs"]["NameValue"]
    full = {**found, "ProductAndServicesPrefs": {"ForSales": True}}
    changed = await automated.write("Preferences", full)
    assert changed["ProductAndServicesPrefs"] == {
        "ForSales": True,
        "ForPurchase": False,
        "QuantityWithPriceAndRate": False,
        "QuantityOnHand": False,
    }


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("select * from CompanyInfo", {"maxResults"}),
        ("select * from Preferences", {"maxResults"}),
        ("select * from TaxRate", {"startPosition", "maxResults", "totalCount"}),
        ("select * from TaxAgency", {"startPosition", "maxResults", "totalCount"}),
        ("select * from Invoice", {"startPosition", "maxResults", "totalCount"}),
        ("select * from Term", {"startPosition", "maxResults"}),
    ],
)
async def test_what_a_page_tells_of_itself(automated: Any, statement: str, told: set[str]) -> None:
    answer = await automated.query(statement)
    assert {name for name in answer if name[0].islower()} == told


async def test_captured_changes_tell_what_is_gone_last(automated: Any) -> None:
    since = (await automated.call("GET", f"companyinfo/{automated.realm}"))[1]["time"]
    automated.world.clock.advance(1)
    gone, kept = [await automated.invoice("1", "10") for _ in range(2)]
    stub = await automated.write("Invoice", {"Id": gone["Id"], "SyncToken": "0"}, operation="delete")
    await automated.write("Invoice", {"Id": kept["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "later"})
    _, answer = await automated.call("GET", "cdc", entities="Invoice", changedSince=since)
    (block,) = answer["CDCResponse"][0]["QueryResponse"]
    assert [each["Id"] for each in block["Invoice"]] == [kept["Id"], gone["Id"]]
    assert {**block["Invoice"][1], "MetaData": None} == {**stub, "MetaData": None}
    assert (block["startPosition"], block["maxResults"], block["totalCount"]) == (1, 2, 2)
    await automated.write("Invoice", {"Id": kept["Id"], "SyncToken": "1"}, operation="delete")
    _, answer = await automated.call("GET", "cdc", entities="Invoice", changedSince=since)
    (block,) = answer["CDCResponse"][0]["QueryResponse"]
    assert (block["maxResults"], block["totalCount"], "startPosition" in block) == (2, 2, False)


async def test_a_picture_has_a_thumbnail(automated: Any) -> None:
    part = 'Content-Disposition: form-data; name="file_content_01"; filename="monkey.jpg"\r\nContent-Type: image/jpeg'
    body = f"--b\r\n{part}\r\n\r\nbytes\r\n--b--\r\n".encode()
    path = f"/v3/company/{automated.realm}/upload"
    answer = await automated.api.post(path, content=body, headers={"content-type": "multipart/form-data; boundary=b"})
    made = answer.json()["AttachableResponse"][0]["Attachable"]
    thumbnail = f"/v3/company/{automated.realm}/attachable-thumbnail/{made['Id']}"
    assert (made["ThumbnailFileAccessUri"], "ThumbnailTempDownloadUri" in made) == (thumbnail, False)
    found = await automated.read("Attachable", made["Id"])
    address = await automated.api.get(thumbnail)
    for url in (found["ThumbnailTempDownloadUri"], address.text):
        assert (await automated.api.get(url)).content == b"bytes"
