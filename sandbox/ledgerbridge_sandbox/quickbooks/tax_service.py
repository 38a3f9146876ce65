"""Making tax codes: an application's one way, since codes and rates themselves are read-only (quickbooks.md 6)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.columns import name_key
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.engine import check_subscription
from ledgerbridge_sandbox.quickbooks.money import Record, number, quantity
from ledgerbridge_sandbox.quickbooks.schema import KINDS
from ledgerbridge_sandbox.quickbooks.taxes import HUNDRED, RATE

PATH = ("taxservice", "taxcode")
_CODE = ("TaxCode", "TaxCodeId", "TaxRateDetails", "Id")
_DETAIL = ("TaxRateId", "TaxRateName", "RateValue", "TaxAgencyId", "TaxApplicableOn")
_LISTS = {"Sales": "SalesTaxRateList", "Purchase": "PurchaseTaxRateList"}
_NAME_LIMIT = 100


def make_tax_code(company: Company, given: Record) -> Record:
    """The answer to a POST of a code with rates, old (`TaxRateId`) or new ones. Raises what QuickBooks would answer.

    Either all of it is made or nothing.
    """
    check_subscription(company)
    _check_names("TaxService", given, _CODE)
    name = _name(given, "TaxCode")
    _check_free(company, "TaxCode", name)
    details = given.get("TaxRateDetails")
    if not isinstance(details, list) or not details:
        raise faults.required("TaxRateDetails")
    checked = [_checked(company, detail) for detail in details]
    made = {name_key(one["TaxRateName"]) for one in checked if "TaxRateId" not in one}
    if len(made) < sum("TaxRateId" not in one for one in checked):
        raise faults.duplicate_rate()
    kept = [one if "TaxRateId" in one else {**one, "TaxRateId": _keep_rate(company, one)} for one in checked]
    return {"TaxCode": name, "TaxCodeId": _keep_code(company, name, kept), "TaxRateDetails": kept}


def _check_names(kind: str, given: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for name in given:
        if name not in known:
            raise faults.unknown_property(name, kind, known)


def _name(given: Mapping[str, Any], field: str) -> str:
    name = str(given.get(field) or "").strip()
    if not name:
        raise faults.required(field)
    if len(name) > _NAME_LIMIT:
        raise faults.too_long(field, _NAME_LIMIT)
    return name


def _check_free(company: Company, entity: str, name: str) -> None:
    shelf = company.shelves[entity]
    if any(name_key((shelf.get(identifier) or {})["Name"]) == name_key(name) for identifier in shelf.ids()):
        raise faults.duplicate_rate() if entity == "TaxRate" else faults.duplicate_name()


def _checked(company: Company, detail: Any) -> Record:
    """One rate of the code with only what was sent of it that counts."""
    if not isinstance(detail, dict):
        raise faults.malformed("Can not construct instance of com.intuit.schema.finance.v3.TaxRateDetails")
    _check_names("TaxRateDetails", detail, _DETAIL)
    applies = detail.get("TaxApplicableOn") or "Sales"
    if applies not in _LISTS:
        raise faults.enumeration_invalid(applies)
    if detail.get("TaxRateId"):
        identifier = str(detail["TaxRateId"])
        found = company.get("TaxRate", identifier)
        if found is None:
            raise faults.dangling("TaxRates", identifier)
        return {"TaxRateName": found["Name"], "TaxRateId": identifier, "TaxApplicableOn": applies}
    return {**_new_rate(company, detail), "TaxApplicableOn": applies}


def _new_rate(company: Company, detail: Mapping[str, Any]) -> Record:
    name = _name(detail, "TaxRateName")
    if detail.get("RateValue") in (None, ""):
        raise faults.required("RateValue")
    percent = number(detail["RateValue"], "RateValue")
    if not Decimal(0) <= percent <= HUNDRED:
        raise faults.number_invalid("RateValue", detail["RateValue"])
    agency = str(detail.get("TaxAgencyId") or "")
    if not agency:
        raise faults.required("TaxAgencyId")
    if company.get("TaxAgency", agency) is None:
        raise faults.dangling("TaxAgencies", agency)
    _check_free(company, "TaxRate", name)
    return {"TaxRateName": name, "RateValue": quantity(percent), "TaxAgencyId": agency}


def _keep_rate(company: Company, made: Record) -> str:
    record = {
        "Name": made["TaxRateName"],
        "Description": RATE,
        "Active": True,
        "RateValue": made["RateValue"],
        "AgencyRef": {"value": made["TaxAgencyId"]},
        "SpecialTaxType": "NONE",
        "DisplayType": "ReadOnly",
    }
    return _keep(company, "TaxRate", record)


def _keep_code(company: Company, name: str, details: list[Record]) -> str:
    rates: dict[str, list[Record]] = {field: [] for field in _LISTS.values()}
    for detail in details:
        found = rates[_LISTS[detail["TaxApplicableOn"]]]
        reference = {"value": detail["TaxRateId"], "name": detail["TaxRateName"]}
        found.append({"TaxRateRef": reference, "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": 0})
    record = {"Name": name, "Description": name, "Active": True, "Hidden": False, "Taxable": True, "TaxGroup": True}
    lists = {field: {"TaxRateDetail": found} for field, found in rates.items()}
    return _keep(company, "TaxCode", {**record, **lists, "TaxCodeConfigType": "USER_DEFINED"})


def _keep(company: Company, entity: str, record: Record) -> str:
    kind = KINDS[entity]
    identifier = company.following(kind.family)
    company.keep(kind, {"domain": "QBO", "sparse": False, "Id": identifier, **record}, "created")
    return identifier
