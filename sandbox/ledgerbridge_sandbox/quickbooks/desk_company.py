"""What people set for the whole company in QuickBooks' pages: preferences, custom fields, the subscription."""

from collections.abc import Mapping
from typing import Any

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.company import PREFERENCES_ID, Company
from ledgerbridge_sandbox.quickbooks.custom_fields import NUMBERS, definition_groups, definitions
from ledgerbridge_sandbox.quickbooks.moments import parse_date
from ledgerbridge_sandbox.quickbooks.money import Record
from ledgerbridge_sandbox.quickbooks.references import named, referred
from ledgerbridge_sandbox.quickbooks.schema import KINDS
from ledgerbridge_sandbox.quickbooks.taxes import ON_AMOUNT, ON_BOTH, ON_TAX

PREFERENCES = {
    "CustomTxnNumbers": "SalesFormsPrefs",
    "AllowDiscount": "SalesFormsPrefs",
    "AllowDeposit": "SalesFormsPrefs",
    "AllowShipping": "SalesFormsPrefs",
    "AllowGratuity": "OtherPrefs",
    "AutoApplyCredit": "SalesFormsPrefs",
    "AutoApplyPayments": "SalesFormsPrefs",
    "UsingProgressInvoicing": "SalesFormsPrefs",
    "DefaultTerms": "SalesFormsPrefs",
    "ETransactionPaymentEnabled": "SalesFormsPrefs",
    "BookCloseDate": "AccountingInfoPrefs",
    "ClassTrackingPerTxn": "AccountingInfoPrefs",
    "ClassTrackingPerTxnLine": "AccountingInfoPrefs",
    "TrackDepartments": "AccountingInfoPrefs",
    "PartnerTaxEnabled": "TaxPrefs",
    "UsingSalesTax": "TaxPrefs",
    "MultiCurrencyEnabled": "CurrencyPrefs",
}
"""What a person can set by its bare name, and the group that shows it."""
SUBSCRIPTIONS = ("TRIAL", "TRIALOPTIN", "SUBSCRIBED", "RESTRICTED", "SUSPENDED", "EXPIRED", "CANCELLED")


def set_preferences(company: Company, given: Mapping[str, Any]) -> Record:
    """Settings by their bare names; None takes one away. Raises 2010, 2170 or 2500 for what is no value of one."""
    record = company.get("Preferences", PREFERENCES_ID) or {}
    for name, value in given.items():
        group = record.setdefault(PREFERENCES[name], {})
        if PREFERENCES[name] == "OtherPrefs":
            group["NameValue"] = _paired(group.get("NameValue") or [], f"SalesFormsPrefs.{name}", value)
        elif value is None:
            group.pop(name, None)
        else:
            group[name] = _checked(company, name, value)
    return company.keep(KINDS["Preferences"], record, "updated")


def _checked(company: Company, name: str, value: Any) -> Any:
    """A day, a term or a truth value, as `name` wants it."""
    if name == "BookCloseDate":
        return parse_date(value, name).isoformat()
    if name == "DefaultTerms":
        return {"value": referred(company, "Term", value)["Id"]}
    if not isinstance(value, bool):
        raise faults.malformed(name)
    return value


def _paired(pairs: list[Record], name: str, value: Any) -> list[Record]:
    others = [pair for pair in pairs if pair["Name"] != name]
    return others if value is None else [*others, {"Name": name, "Value": str(value).lower()}]


def define_custom_fields(company: Company, given: Mapping[str, Any]) -> Record:
    """`{"1": "Crew #", "2": null}`: the named fields are in use from now on, those of null are not."""
    wrong = [number for number in given if number not in NUMBERS]
    if wrong:
        raise faults.enumeration_invalid(wrong[0])
    names = {**definitions(company), **given}
    record = company.get("Preferences", PREFERENCES_ID) or {}
    kept = {number: str(name) for number, name in names.items() if name is not None}
    record["SalesFormsPrefs"] = {**record["SalesFormsPrefs"], "CustomField": definition_groups(kept)}
    return company.keep(KINDS["Preferences"], record, "updated")


def make_tax_group(company: Company, given: Mapping[str, Any]) -> Record:
    """A tax code of several rates, one upon another where the pages allow it: the tax service makes flat ones only.

    `{"Name", "TaxRateDetail": [{"TaxRateRef": {"value": "1"}, "TaxTypeApplicable"?}]}`, in the order of charging.
    """
    given_details = given.get("TaxRateDetail") or []
    if not isinstance(given_details, list) or not all(isinstance(detail, dict) for detail in given_details):
        raise faults.malformed("TaxRateDetail")
    if not isinstance(given.get("Name") or "", str):
        raise faults.malformed("Name")
    details = [_group_rate(company, order, detail) for order, detail in enumerate(given_details)]
    if not details or not given.get("Name"):
        raise faults.required("TaxRateDetail" if given.get("Name") else "Name")
    record = {"Name": given["Name"], "Description": given["Name"], "Active": True, "Hidden": False, "Taxable": True}
    lists = {"SalesTaxRateList": {"TaxRateDetail": details}, "PurchaseTaxRateList": {"TaxRateDetail": []}}
    kind = KINDS["TaxCode"]
    own = {"domain": "QBO", "sparse": False, "Id": company.following(kind.family)}
    return company.keep(kind, {**own, **record, "TaxGroup": True, **lists, "TaxCodeConfigType": "USER_DEFINED"}, None)


def _group_rate(company: Company, order: int, given: Mapping[str, Any]) -> Record:
    rate = referred(company, "TaxRate", given.get("TaxRateRef"))
    on = given.get("TaxTypeApplicable", ON_AMOUNT)
    if not isinstance(on, str) or on not in {ON_AMOUNT, ON_BOTH, ON_TAX}:
        raise faults.enumeration_invalid(on)
    return {"TaxRateRef": named("TaxRate", rate), "TaxTypeApplicable": on, "TaxOrder": order}


def set_subscription(company: Company, status: str) -> Record:
    """The state that CompanyInfo shows from now on. Raises 2170 for none of those that there are."""
    if status not in SUBSCRIPTIONS:
        raise faults.enumeration_invalid(status)
    info = company.get("CompanyInfo", "1") or {}
    info["NameValue"] = [
        {**pair, "Value": status} if pair["Name"] == "SubscriptionStatus" else pair for pair in info["NameValue"]
    ]
    return company.keep(KINDS["CompanyInfo"], info, None)
