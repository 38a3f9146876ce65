"""Refusals worded as others recorded them (the recordings themselves are replayed by tests/truth)."""

from typing import Any

import pytest
from ledgerbridge_sandbox.quickbooks import faults

INACTIVE = (
    "Object Not Found : Something you're trying to use has been made inactive. "
    "Check the fields with accounts, customers, items, vendors or employees."
)


async def test_an_address_that_leads_nowhere(automated: Any) -> None:
    path = f"/v3/company/{automated.realm}/customer/1/5"
    status, answer = await automated.call("GET", "customer/1/5")
    origin = str(automated.api.base_url).rstrip("/")
    detail = f"Operation Could not find resource for relative : {path} of full path: {origin}{path} is not supported."
    assert (status, answer["Fault"]["Error"]) == (
        400,
        [{"Message": "Unsupported Operation", "Detail": detail, "code": "500"}],
    )
    assert answer["time"]


async def test_an_id_that_is_none_is_refused_without_a_time(automated: Any) -> None:
    status, answer = await automated.call("GET", "customer/1.5")
    detail = "Id should be a valid number. Supplied value:1.5"
    error = {"Message": "Invalid ID", "Detail": detail, "code": "2030", "element": "Id"}
    assert (status, answer) == (400, {"Fault": {"Error": [error], "type": "ValidationFault"}})


async def test_what_is_not_there(automated: Any) -> None:
    _, answer = await automated.call("GET", "item/999999")
    error = {"Message": "Object Not Found", "Detail": INACTIVE, "code": "610", "element": ""}
    assert answer["Fault"]["Error"] == [error]


@pytest.mark.parametrize(
    ("entity", "given", "detail"),
    [
        ("Item", {"Name": "A", "IncomeAccountRef": {"value": "777"}}, "Accounts element id 777 not found"),
        ("Invoice", {"CustomerRef": {"value": "777"}}, "Names element id 777 not found"),
        ("Invoice", {"CustomerRef": {"value": "1"}, "ClassRef": {"value": "777"}}, "Klasses element id 777 not found"),
        (
            "Invoice",
            {"CustomerRef": {"value": "1"}, "DepartmentRef": {"value": "777"}},
            "Depts element id 777 not found",
        ),
    ],
)
async def test_references_that_lead_nowhere(automated: Any, entity: str, given: Any, detail: str) -> None:
    error = await automated.refused(entity, given)
    assert error == {
        "Message": "Invalid Reference Id",
        "Detail": f"Invalid Reference Id : {detail}",
        "code": "2500",
    }


async def test_a_line_without_its_kind(automated: Any) -> None:
    error = await automated.refused("SalesReceipt", {"Line": [{"Amount": 1}]})
    assert (error["code"], error["element"]) == ("2020", "Line.DetailType")
    assert error["Detail"] == "Required parameter Line.DetailType is missing in the request"


async def test_a_stale_object(automated: Any) -> None:
    error = await automated.refused("Customer", {"Id": "1", "SyncToken": "77", "DisplayName": "A"})
    person = "Robin Castellano"
    assert error["Detail"] == (
        f"Stale Object Error : You and {person} were working on this at the same time. "
        f"{person} finished before you did, so your work was not saved."
    )
    assert (error["Message"], error["code"], error["element"]) == ("Stale Object Error", "5010", "")


async def test_a_word_of_the_language_where_a_name_belongs(automated: Any) -> None:
    status, answer = await automated.call("GET", "query", query="SELECT * FROM NULL")
    token = 'Encountered " "null" "NULL "" at line 1, column 15'
    detail = f"QueryParserError: {token}.\nWas expecting:\n    <IDENTIFIER> ...\n    "
    assert (status, answer["Fault"]["Error"]) == (
        400,
        [{"Message": "Error parsing query", "Detail": detail, "code": "4000"}],
    )


@pytest.mark.parametrize("ending", ["startposition 0", "maxresults 0"])
async def test_pages_are_counted_from_one(automated: Any, ending: str) -> None:
    _, answer = await automated.call("GET", "query", query=f"select * from Customer {ending}")  # noqa: S608
    (error,) = answer["Fault"]["Error"]
    assert error["Detail"] == "QueryValidationError: value 0 is too small. Min allowed value is 1"
    assert (error["Message"], error["code"]) == ("Invalid query", "4001")


async def test_a_token_that_is_none(automated: Any) -> None:
    path = f"/v3/company/{automated.realm}/companyinfo/{automated.realm}"
    answer = await automated.api.get(path, headers={"authorization": "Bearer nobody"})
    (error,) = answer.json()["fault"]["error"]
    assert error == {
        "message": "message=AuthenticationFailed; errorCode=003200; statusCode=401",
        "detail": "Malformed bearer token: too short or too long",
        "code": "3200",
        "element": None,
    }


@pytest.mark.parametrize(
    ("fault", "code", "message", "detail"),
    [
        (
            faults.duplicate_number(),
            "6140",
            "Duplicate DocNum Error",
            "Duplicate Document Number Error : You must specify a different number. This number has already been used.",
        ),
        (
            faults.duplicate_name(),
            "6240",
            "Duplicate Name Exists Error",
            (
                "The name supplied already exists. : Another customer, vendor or employee is already using this name. "
                "Please use a different name."
            ),
        ),
        (
            faults.subscription_ended(),
            "6190",
            "Invalid Company Status",
            (
                "Subscription period has ended or canceled or there was a billing problem : You can't add data to "
                "QuickBooks Online Plus because your trial or subscription period ended."
            ),
        ),
        (
            faults.books_closed("6210"),
            "6210",
            "Account Period Closed",
            (
                "The account period has closed and the account books cannot be updated through the QBO Services API. "
                "Please use the QBO website to make these changes."
            ),
        ),
        (
            faults.business("You must set a transaction amount."),
            "6000",
            "A business validation error has occurred while processing your request",
            "Business Validation Error: You must set a transaction amount.",
        ),
        (
            faults.too_long("DocNumber", 21),
            "2050",
            "Length exceeds limit",
            "Length of the field exceeds 21 chars",
        ),
        (
            faults.enumeration_invalid("HAS_BEEN_BILLED"),
            "2170",
            "Invalid Enumeration",
            "Invalid Enumeration : HAS_BEEN_BILLED",
        ),
        (
            faults.deleted_transaction(),
            "610",
            "Object Not Found",
            "Object Not Found : Another user has deleted this transaction.",
        ),
        (
            faults.unprocessable_query("To email address entered is invalid"),
            "4002",
            "Error processing query",
            "QueryProcessingError: To email address entered is invalid",
        ),
        (
            faults.throttled(),
            "3001",
            "message=ThrottleExceeded; errorCode=003001; statusCode=429",
            "The request limit was reached.  Try again later",
        ),
    ],
)
def test_texts_of_intuits_error_pages(fault: faults.Fault, code: str, message: str, detail: str) -> None:
    (error,) = fault.document()["Error"]
    assert (error["code"], error["Message"], error["Detail"]) == (code, message, detail)
