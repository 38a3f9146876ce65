"""The company's preferences as an application may change them (quickbooks.md 9).

Which are read-only: Intuit's reference as `quickbooks-node-promise` carries it. The closing date, tax, currencies and
the definitions of custom fields are set by people alone; what is sent of them is passed over.
"""

from collections.abc import Mapping
from typing import Any

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.money import Record
from ledgerbridge_sandbox.quickbooks.references import identifier_of, referred

_SWITCHES = {
    "AccountingInfoPrefs": "ClassTrackingPerTxn ClassTrackingPerTxnLine TrackDepartments",
    "ProductAndServicesPrefs": "ForSales ForPurchase QuantityWithPriceAndRate QuantityOnHand RevenueRecognition",
    "SalesFormsPrefs": "CustomTxnNumbers EmailCopyToCompany AllowDeposit AllowDiscount AllowEstimates AllowServiceDate "
    "AllowShipping ETransactionAttachPDF ETransactionPaymentEnabled",
    "VendorAndPurchasesPrefs": "TrackingByCustomer BillableExpenseTracking",
    "TimeTrackingPrefs": "UseServices BillCustomers ShowBillRateToAll",
}
_VALUES = {
    "AccountingInfoPrefs": "CustomerTerminology DepartmentTerminology",
    "ProductAndServicesPrefs": "RevenueRecognitionFrequency",
    "SalesFormsPrefs": "SalesEmailCc SalesEmailBcc DefaultDiscountAccount DefaultShippingAccount DefaultTerms "
    "DefaultCustomerMessage",
    "EmailMessagesPrefs": "InvoiceMessage EstimateMessage SalesReceiptMessage StatementMessage",
    "VendorAndPurchasesPrefs": "DefaultTerms DefaultMarkup DefaultMarkupAccount",
    "ReportPrefs": "ReportBasis",
}
_CHOICES = {
    "CustomerTerminology": {"Clients", "Customers", "Donors", "Guests", "Members", "Patients", "Tenants"},
    "DepartmentTerminology": {"Business", "Department", "Division", "Location", "Property", "Store", "Territory"},
    "ReportBasis": {"Accrual", "Cash"},
}
_ACCOUNTS = ("DefaultDiscountAccount", "DefaultShippingAccount")
_ONE_OF_TWO = "Classes are assigned to the whole transaction or to each line, not to both."


def prepare_preferences(company: Company, _record: Record, old: Record | None, given: Mapping[str, Any]) -> Record:
    """The preferences as they will be stored: nobody makes them, they are changed.

    Guess: a group that was not sent stays in a full update too. Raises 2020 without Id, 2170 for a word that is not one
    of the choices, 2500 for a term or account that is not there, 6000 for classes tracked in both ways (a guess).
    """
    if old is None:
        raise faults.required("Id")
    prepared = dict(old)
    for group in {**_SWITCHES, **_VALUES}:
        if given.get(group) is not None:
            prepared[group] = _changed(group, old.get(group) or {}, given[group], whole=not given.get("sparse"))
            _check(company, prepared[group])
    return prepared


def _changed(group: str, old: Mapping[str, Any], given: Mapping[str, Any], *, whole: bool) -> Record:
    changed = dict(old)
    for name in _SWITCHES.get(group, "").split():
        if given.get(name) in (None, "") and (name in given or (whole and name in old)):
            changed[name] = False
        elif name in given:
            changed[name] = given[name]
    for name in _VALUES.get(group, "").split():
        value = given.get(name)
        if value in (None, "") and (name in given or whole):
            changed.pop(name, None)
        elif name in given and not isinstance(value, bool):  # python-quickbooks writes false for an account
            changed[name] = value
    return changed


def _check(company: Company, group: Mapping[str, Any]) -> None:
    for name, choices in _CHOICES.items():
        if group.get(name) is not None and group[name] not in choices:
            raise faults.enumeration_invalid(group[name])
    if group.get("ClassTrackingPerTxn") and group.get("ClassTrackingPerTxnLine"):
        raise faults.business(_ONE_OF_TWO)
    if identifier_of(group.get("DefaultTerms")):
        referred(company, "Term", group["DefaultTerms"])
    for name in _ACCOUNTS:
        if group.get(name):
            referred(company, "Account", {"value": group[name]})
