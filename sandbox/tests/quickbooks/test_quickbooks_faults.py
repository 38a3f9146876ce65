"""Every refusal in its own words, brought about by what really causes it (quickbooks.md 13)."""

from typing import Any

import pytest

INACTIVE = (
    "Object Not Found : Something you're trying to use has been made inactive. "
    "Check the fields with accounts, customers, items, vendors or employees."
)
CLOSED = (
    "The account period has closed and the account books cannot be updated through the QBO Services API. "
    "Please use the QBO website to make these changes."
)
LAPSED = (
    "Subscription period has ended or canceled or there was a billing problem : You can't add data to QuickBooks "
    "Online Plus because your trial or subscription period ended."
)
TAKEN = (
    "The name supplied already exists. : Another customer, vendor or employee is already using this name. "
    "Please use a different name."
)
REQUIRED = "Required param missing, need to supply the required value for the API"
BUSINESS = "A business validation error has occurred while processing your request"


async def fault(company: Any, method: str, path: str, given: Any = None, **parameters: str) -> Any:
    """The single error of a service fault, with its type."""
    status, answer = await company.call(method, path, given, **parameters)
    assert status == 400, answer
    (error,) = answer["Fault"]["Error"]
    return {**error, "type": answer["Fault"]["type"]}


def worded(code: str, message: str, detail: str, **more: str) -> dict[str, str]:
    return {"Message": message, "Detail": detail, "code": code, "type": "ValidationFault", **more}


async def good(company: Any, **fields: Any) -> Any:
    return {"CustomerRef": {"value": "1"}, "Line": [await company.line("5", TaxCodeRef={"value": "NON"})], **fields}


async def test_610_of_what_never_was_and_of_what_was_deleted(automated: Any) -> None:
    assert await fault(automated, "GET", "invoice/999999") == worded("610", "Object Not Found", INACTIVE, element="")
    made = await automated.write("Invoice", await good(automated))
    await automated.write("Invoice", {"Id": made["Id"], "SyncToken": "0"}, operation="delete")
    gone = worded(
        "610", "Object Not Found", "Object Not Found : Another user has deleted this transaction.", element=""
    )
    assert await fault(automated, "GET", f"invoice/{made['Id']}") == gone
    again = {"Id": made["Id"], "SyncToken": "0", "sparse": True, "PrivateNote": "x"}
    assert await fault(automated, "POST", "invoice", again) == gone


async def test_610_of_references_that_are_inactive(automated: Any) -> None:
    inactive = worded("610", "Object Not Found", INACTIVE, element="")
    customer = await automated.customer("Retired")
    await automated.desk(f"customer/{customer['Id']}/deactivate")
    given = await good(automated, CustomerRef={"value": customer["Id"]})
    assert await fault(automated, "POST", "invoice", given) == inactive
    item = await automated.write("Item", {"Name": "Gone", "IncomeAccountRef": {"value": "1"}})
    await automated.desk(f"item/{item['Id']}/deactivate")
    given = await good(automated)
    given["Line"][0]["SalesItemLineDetail"]["ItemRef"] = {"value": item["Id"]}
    assert await fault(automated, "POST", "invoice", given) == inactive


async def test_2010_lists_what_is_known(automated: Any) -> None:
    error = await fault(automated, "POST", "invoice", await good(automated, BadJson="x"))
    assert (error["code"], error["Message"]) == ("2010", "Request has invalid or unsupported property")
    start = (
        'Property Name:Unrecognized field "BadJson" (class com.intuit.schema.finance.v3.Invoice), '
        "not marked as ignorable ("
    )
    assert error["Detail"].startswith(start)
    assert error["Detail"].endswith("[truncated]])\n specified is unsupported or invalid")
    assert '"CustomerRef", ' in error["Detail"]
    small = await fault(automated, "POST", "term", {"Name": "T", "DueDays": 1, "Colour": "red"})
    assert "truncated" not in small["Detail"]


@pytest.mark.parametrize(
    ("entity", "field"),
    [("invoice", "CustomerRef"), ("invoice", "Line"), ("customer", "DisplayName"), ("item", "Name"), ("term", "Name")],
)
async def test_2020_names_what_is_missing(automated: Any, entity: str, field: str) -> None:
    whole = await good(automated) if entity == "invoice" else {"Name": "T", "DueDays": 1} if entity == "term" else {}
    whole.pop(field, None)
    detail = f"Required parameter {field} is missing in the request"
    assert await fault(automated, "POST", entity, whole) == worded("2020", REQUIRED, detail, element=field)


async def test_2030_of_an_id_that_is_none(automated: Any) -> None:
    detail = "Id should be a valid number. Supplied value:1.5"
    assert await fault(automated, "GET", "invoice/1.5") == worded("2030", "Invalid ID", detail, element="Id")


async def test_2050_of_what_is_too_long(automated: Any) -> None:
    error = await fault(automated, "POST", "invoice", await good(automated, DocNumber="x" * 22))
    assert error == worded("2050", "Length exceeds limit", "Length of the field exceeds 21 chars", element="DocNumber")
    for path, limit in (("customer", 50), ("batch", 36)):
        error = await fault(automated, "POST", path, {}, requestid="x" * (limit + 1))
        assert (error["code"], error["Detail"]) == ("2050", f"Length of the field exceeds {limit} chars")
    await automated.write("Customer", {"DisplayName": "Just fits"}, requestid="x" * 50)


async def test_2080_and_2170_of_what_is_no_number_and_no_choice(automated: Any) -> None:
    error = await fault(automated, "POST", "invoice", await good(automated, Deposit="much"))
    assert (error["code"], error["element"]) == ("2080", "Deposit")
    error = await fault(automated, "POST", "invoice", await good(automated, EmailStatus="HAS_BEEN_BILLED"))
    assert error == worded("2170", "Invalid Enumeration", "Invalid Enumeration : HAS_BEEN_BILLED")


async def test_2500_says_which_family_the_missing_one_is_of(automated: Any) -> None:
    tracked = {"ClassTrackingPerTxn": True, "TrackDepartments": True}
    await automated.desk("preferences", tracked, "PATCH")
    item = {"Name": "New", "IncomeAccountRef": {"value": "777"}}
    for path, given, family in (
        ("invoice", await good(automated, CustomerRef={"value": "777"}), "Names"),
        ("invoice", await good(automated, ClassRef={"value": "777"}), "Klasses"),
        ("invoice", await good(automated, DepartmentRef={"value": "777"}), "Depts"),
        ("item", item, "Accounts"),
    ):
        detail = f"Invalid Reference Id : {family} element id 777 not found"
        assert await fault(automated, "POST", path, given) == worded("2500", "Invalid Reference Id", detail)


async def test_2500_of_a_customer_that_was_merged_away(automated: Any) -> None:
    winner, loser = await automated.customer("Winner"), await automated.customer("Loser")
    await automated.desk("customer/merge", {"winner": winner["Id"], "loser": loser["Id"]})
    given = await good(automated, CustomerRef={"value": loser["Id"]})
    detail = f"Invalid Reference Id : Names element id {loser['Id']} not found"
    assert (await fault(automated, "POST", "invoice", given))["Detail"] == detail
    assert (await fault(automated, "GET", f"customer/{loser['Id']}"))["code"] == "610"


async def test_5010_of_an_old_sync_token(automated: Any) -> None:
    made = await automated.write("Invoice", await good(automated))
    await automated.desk(f"invoice/{made['Id']}/edit", {"PrivateNote": "x"})
    stale = {"Id": made["Id"], "SyncToken": "0"}
    detail = (
        "Stale Object Error : You and Robin Castellano were working on this at the same time. "
        "Robin Castellano finished before you did, so your work was not saved."
    )
    wanted = worded("5010", "Stale Object Error", detail, element="")
    assert await fault(automated, "POST", "invoice", {**stale, "sparse": True, "PrivateNote": "y"}) == wanted
    assert await fault(automated, "POST", "invoice", stale, operation="void") == wanted
    assert await fault(automated, "POST", "invoice", stale, operation="delete") == wanted


async def test_6000_of_a_payment_without_amount(automated: Any) -> None:
    detail = "Business Validation Error: You must set a transaction amount."
    given = {"CustomerRef": {"value": "1"}}
    assert await fault(automated, "POST", "payment", given) == worded("6000", BUSINESS, detail, element="")


async def test_6140_of_a_number_that_is_taken(legacy: Any) -> None:
    await legacy.control.put("/settings/quickbooks", json={"warn_about_duplicate_numbers": True})
    given = await good(legacy, DocNumber="A-1")
    await legacy.write("Invoice", given)
    error = await fault(legacy, "POST", "invoice", given)
    assert (error["code"], error["Detail"]) == (
        "6140",
        "Duplicate Document Number Error : You must specify a different number. This number has already been used.",
    )
    await legacy.write("Invoice", given, include="allowduplicatedocnum")
    item = {"bId": "1", "operation": "create", "optionsData": "allowduplicatedocnum", "Invoice": given}
    _, answer = await legacy.call("POST", "batch", {"BatchItemRequest": [item]})
    assert answer["BatchItemResponse"][0]["Invoice"]["DocNumber"] == "A-1"
    await legacy.control.put("/settings/quickbooks", json={"warn_about_duplicate_numbers": False})
    await legacy.write("Invoice", given)


@pytest.mark.parametrize(
    ("state", "writable"),
    [
        ("TRIAL", True),
        ("TRIALOPTIN", True),
        ("SUBSCRIBED", True),
        ("RESTRICTED", False),
        ("SUSPENDED", False),
        ("EXPIRED", False),
        ("CANCELLED", False),
    ],
)
async def test_6190_in_every_state_that_cannot_be_written(automated: Any, state: str, writable: bool) -> None:
    made = await automated.write("Invoice", await good(automated, BillEmail={"Address": "a@b.example"}))
    await automated.desk("subscription", {"status": state}, "PATCH")
    info = await automated.read("CompanyInfo", automated.realm)
    assert {"Name": "SubscriptionStatus", "Value": state} in info["NameValue"]
    if writable:
        await automated.customer("Welcome")
        return
    wanted = worded("6190", "Invalid Company Status", LAPSED)
    key = {"Id": made["Id"], "SyncToken": "0"}
    assert await fault(automated, "POST", "customer", {"DisplayName": "Late"}) == wanted
    assert await fault(automated, "POST", "invoice", {**key, "sparse": True, "PrivateNote": "x"}) == wanted
    assert await fault(automated, "POST", "invoice", key, operation="void") == wanted
    assert await fault(automated, "POST", "invoice", key, operation="delete") == wanted
    assert await fault(automated, "POST", f"invoice/{made['Id']}/send") == wanted
    await automated.read("Invoice", made["Id"])
    await automated.query("select count(*) from Invoice")


async def test_there_are_no_other_subscriptions(automated: Any) -> None:
    answer = await automated.control.patch(
        f"/people/bookkeeper/{automated.realm}/subscription", json={"status": "HAPPY"}
    )
    assert answer.status_code == 400


@pytest.mark.parametrize(("plain", "code"), [(False, "6210"), (True, "6200")])
async def test_6210_or_6200_in_closed_books(automated: Any, plain: bool, code: str) -> None:
    await automated.control.put("/settings/quickbooks", json={"closed_books_are_6200": plain})
    await automated.desk("preferences", {"BookCloseDate": "2026-03-31"}, "PATCH")
    given = await good(automated, TxnDate="2026-03-31")
    assert await fault(automated, "POST", "invoice", given) == worded(code, "Account Period Closed", CLOSED)
    await automated.write("Invoice", {**given, "TxnDate": "2026-04-01"})


@pytest.mark.parametrize("entity", ["Customer", "Vendor", "Employee"])
async def test_6240_over_customers_vendors_and_employees(automated: Any, entity: str) -> None:
    await automated.write(entity, {"DisplayName": "Sam Taken"})
    for other in ("Customer", "Vendor", "Employee"):
        error = await fault(automated, "POST", other.lower(), {"DisplayName": " sam TAKEN "})
        assert error == worded("6240", "Duplicate Name Exists Error", TAKEN)


async def test_6240_when_a_name_comes_back(automated: Any) -> None:
    first = await automated.customer("Coming Back")
    await automated.desk(f"customer/{first['Id']}/deactivate")
    second = await automated.customer("Coming Back")
    back = {"Id": first["Id"], "SyncToken": "1", "sparse": True, "Active": True}
    assert (await fault(automated, "POST", "customer", back))["code"] == "6240"
    await automated.desk(f"customer/{second['Id']}/rename", {"name": "Came Later"})
    assert (await automated.write("Customer", back))["DisplayName"] == "Coming Back"


async def test_500_of_what_is_not_supported(automated: Any) -> None:
    made = await automated.write("Invoice", await good(automated))
    for method, path, given, parameters in (
        ("GET", "nonsense/1", None, {}),
        ("POST", "invoice", {"Id": made["Id"], "SyncToken": "0"}, {"operation": "burn"}),
        ("POST", "customer", {"Id": "1", "SyncToken": "0"}, {"operation": "delete"}),
        ("POST", "taxcode", {"Name": "Own"}, {}),
        ("POST", "companyinfo", {"Id": "1"}, {}),
        ("DELETE", f"invoice/{made['Id']}", None, {}),
        ("PUT", f"invoice/{made['Id']}", {}, {}),
        ("GET", "preferences/1/2", None, {}),
    ):
        error = await fault(automated, method, path, given, **parameters)
        assert (error["code"], error["Message"]) == ("500", "Unsupported Operation"), path


async def test_a_batch_of_nothing_or_of_too_much(automated: Any) -> None:
    query = {"bId": "1", "Query": "select count(*) from Term"}
    for wrong in ({}, {"BatchItemRequest": []}, {"BatchItemRequest": "x"}, {"BatchItemRequest": ["x"]}):
        assert (await fault(automated, "POST", "batch", wrong))["Message"] == "MalformedRequest"
    assert (await fault(automated, "POST", "batch", {"BatchItemRequest": [query] * 31}))["code"] == "1040"
    assert (await automated.call("POST", "batch", {"BatchItemRequest": [query] * 30}))[0] == 200
