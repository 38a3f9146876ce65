"""QuickBooks' refusals in its own words (quickbooks.md 13, Intuit's error pages and recordings).

Texts marked "guess" are not recorded anywhere that we know; the code and the class of error are.
"""

from collections.abc import Iterable, Mapping
from typing import Any

INACTIVE = (
    "Something you're trying to use has been made inactive. "
    "Check the fields with accounts, customers, items, vendors or employees."
)
_KNOWN_SHOWN = 60


class Fault(Exception):
    """One service fault: HTTP status, type and the single error that recordings carry; `timed` where a time is told."""

    def __init__(
        self,
        code: str,
        message: str,
        detail: str,
        *,
        element: str | None = None,
        kind: str = "ValidationFault",
        status: int = 400,
        timed: bool = True,
    ) -> None:
        super().__init__(f"{code} {message}: {detail}")
        self.code = code
        self.message = message
        self.detail = detail
        self.element = element
        self.kind = kind
        self.status = status
        self.timed = timed

    def document(self) -> dict[str, Any]:
        """The object below `Fault`."""
        error: dict[str, Any] = {"Message": self.message, "Detail": self.detail, "code": self.code}
        if self.element is not None:
            error["element"] = self.element
        return {"Error": [error], "type": self.kind}


def unsupported(operation: str) -> Fault:
    return Fault("500", "Unsupported Operation", f"Operation {operation} is not supported.")


def no_resource(origin: str, path: str) -> Fault:
    """An address that leads nowhere, as the service's framework words it (recorded)."""
    return unsupported(f"Could not find resource for relative : {path} of full path: {origin}{path}")


def not_found() -> Fault:
    return Fault("610", "Object Not Found", f"Object Not Found : {INACTIVE}", element="")


def deleted_transaction() -> Fault:
    detail = "Object Not Found : Another user has deleted this transaction."
    return Fault("610", "Object Not Found", detail, element="")


def malformed(reason: str) -> Fault:
    """Guess: unreadable JSON is answered like an unknown property."""
    return Fault(
        "2010",
        "Request has invalid or unsupported property",
        f"Property Name:{reason} specified is unsupported or invalid",
    )


def unknown_property(name: str, kind: str, known: Iterable[str]) -> Fault:
    names = list(known)
    listed = ", ".join(f'"{each}"' for each in names[:_KNOWN_SHOWN])
    rest = " [truncated]" if len(names) > _KNOWN_SHOWN else ""
    detail = (
        f'Property Name:Unrecognized field "{name}" (class com.intuit.schema.finance.v3.{kind}), '
        f"not marked as ignorable ({len(names)} known properties: {listed}{rest}])\n "
        "specified is unsupported or invalid"
    )
    return Fault("2010", "Request has invalid or unsupported property", detail)


def required(name: str) -> Fault:
    return Fault(
        "2020",
        "Required param missing, need to supply the required value for the API",
        f"Required parameter {name} is missing in the request",
        element=name,
    )


def identifier_invalid(value: object) -> Fault:
    detail = f"Id should be a valid number. Supplied value:{value}"
    return Fault("2030", "Invalid ID", detail, element="Id", timed=False)


def too_long(name: str, limit: int) -> Fault:
    return Fault("2050", "Length exceeds limit", f"Length of the field exceeds {limit} chars", element=name)


def number_invalid(name: str, value: object) -> Fault:
    """Guess at the words; the code is documented."""
    return Fault("2080", "Invalid Number", f"{name} should be a valid number. Supplied value:{value}", element=name)


def date_invalid(name: str, value: object) -> Fault:
    """Guess: a date that is none is answered like an invalid enumeration."""
    return Fault("2170", "Invalid Enumeration", f"Invalid Enumeration : {value}", element=name)


def enumeration_invalid(value: object) -> Fault:
    return Fault("2170", "Invalid Enumeration", f"Invalid Enumeration : {value}")


def email_invalid(name: str) -> Fault:
    """Guess: code and words from Intuit's list of errors as remembered by third parties, not recorded."""
    detail = "Email Address : Email Address does not conform to the RFC 822 standard."
    return Fault("2210", "Invalid Email Address format", detail, element=name)


def dangling(family: str, identifier: str) -> Fault:
    """`family` as QuickBooks says it: Names, Accounts, Klasses, Depts (guess for others: Items, Terms)."""
    detail = f"Invalid Reference Id : {family} element id {identifier} not found"
    return Fault("2500", "Invalid Reference Id", detail)


def unparsable(detail: str) -> Fault:
    return Fault("4000", "Error parsing query", f"QueryParserError: {detail}")


def invalid_query(detail: str) -> Fault:
    return Fault("4001", "Invalid query", f"QueryValidationError: {detail}")


def unprocessable_query(detail: str) -> Fault:
    return Fault("4002", "Error processing query", f"QueryProcessingError: {detail}")


def stale(person: str) -> Fault:
    detail = (
        f"Stale Object Error : You and {person} were working on this at the same time. "
        f"{person} finished before you did, so your work was not saved."
    )
    return Fault("5010", "Stale Object Error", detail, element="")


def business(sentence: str) -> Fault:
    return Fault(
        "6000",
        "A business validation error has occurred while processing your request",
        f"Business Validation Error: {sentence}",
        element="",
    )


def amount_mismatch(value: object) -> Fault:
    """Guess at the words: only the code and its meaning are known (quickbooks.md 17)."""
    detail = f"Amount is not equal to UnitPrice * Qty. Supplied value:{value}"
    return Fault("6070", "Amount calculation incorrect in the request.", detail, element="Line.Amount")


def duplicate_number() -> Fault:
    detail = "Duplicate Document Number Error : You must specify a different number. This number has already been used."
    return Fault("6140", "Duplicate DocNum Error", detail)


def subscription_ended() -> Fault:
    detail = (
        "Subscription period has ended or canceled or there was a billing problem : You can't add data to QuickBooks "
        "Online Plus because your trial or subscription period ended."
    )
    return Fault("6190", "Invalid Company Status", detail)


def books_closed(code: str) -> Fault:
    """6210, of which there is a text, or 6200: an SDK calls the latter plain, the former protected by a password."""
    detail = (
        "The account period has closed and the account books cannot be updated through the QBO Services API. "
        "Please use the QBO website to make these changes."
    )
    return Fault(code, "Account Period Closed", detail)


def duplicate_name() -> Fault:
    detail = (
        "The name supplied already exists. : Another customer, vendor or employee is already using this name. "
        "Please use a different name."
    )
    return Fault("6240", "Duplicate Name Exists Error", detail)


def duplicate_rate() -> Fault:
    """A tax rate's name is taken; the line break is recorded so."""
    detail = (
        "The name supplied already exists. : Another tax rate is already using this \nname. "
        "Please use a different name."
    )
    return Fault("6240", "Duplicate Name Exists Error", detail, element="")


def before_stock() -> Fault:
    words = "Transaction date is prior to start date for inventory item"
    return Fault("6270", words, f"Business Validation Error: {words}", element="")


def deposited() -> Fault:
    detail = (
        "This transaction has been deposited. If you want to change or delete it, you must edit the deposit it "
        "appears on and remove it first."
    )
    return Fault("6540", "Deposited Transaction cannot be changed", detail)


def without_rights() -> Fault:
    """The connecting person is no administrator any more. Guess: the type and that it comes as a service's fault."""
    detail = ": -11014-You do not have access to use QuickBooks Online Plus."
    return Fault("120", "Authorization Failure", detail, kind="AuthorizationFault", status=401)


def throttled() -> Fault:
    return Fault(
        "3001",
        "message=ThrottleExceeded; errorCode=003001; statusCode=429",
        "The request limit was reached.  Try again later",
        kind="SERVICE",
        status=429,
    )


def gateway(code: str, detail: str | None, milliseconds: int) -> Mapping[str, Any]:
    """The lower-case envelope of Intuit's gateway: 3200 is a 401, 3100 a 403; `milliseconds` since 1970."""
    failed = code == "3200"
    name, status = ("AuthenticationFailed", 401) if failed else ("ApplicationAuthorizationFailed", 403)
    error = {
        "message": f"message={name}; errorCode=00{code}; statusCode={status}",
        "detail": detail,
        "code": code,
        "element": None,
    }
    return {
        "warnings": None,
        "intuitObject": None,
        "fault": {"error": [error], "type": "AUTHENTICATION" if failed else "SERVICE"},
        "report": None,
        "queryResponse": None,
        "batchItemResponse": [],
        "attachableResponse": [],
        "syncErrorResponse": None,
        "requestId": None,
        "time": milliseconds,
        "status": None,
        "cdcresponse": [],
    }
