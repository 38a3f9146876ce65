"""Customers, vendors and employees: one space of names (quickbooks.md 8)."""

from collections.abc import Iterable, Mapping
from typing import Any

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.addresses import check_email, numbered_address
from ledgerbridge_sandbox.quickbooks.columns import name_key
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.currencies import use_currency
from ledgerbridge_sandbox.quickbooks.kinds import Kind
from ledgerbridge_sandbox.quickbooks.money import ZERO, Record, number_in
from ledgerbridge_sandbox.quickbooks.nesting import check_no_ring, rewrite
from ledgerbridge_sandbox.quickbooks.references import currency, identifier_of, named, referred
from ledgerbridge_sandbox.quickbooks.schema import OF_CUSTOMERS

NAME_KINDS = ("Customer", "Vendor", "Employee")
DELETED_SUFFIX = " (deleted)"
_PARTS = ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")
_LIMITS = {
    "DisplayName": 500,
    "GivenName": 100,
    "MiddleName": 100,
    "FamilyName": 100,
    "CompanyName": 100,
    "Title": 16,
    "Suffix": 16,
    "ResaleNum": 16,
    "PrintOnCheckName": 110,
    "Notes": 2000,
}
_PHONES = ("PrimaryPhone", "Mobile", "AlternatePhone", "Fax")
_PHONE_LIMIT = 30
_WEB_LIMIT = 1000
_LEVELS = 5
_EXEMPTIONS = {str(number) for number in range(1, 16)}
_SHOWN = 4
"""How much is shown of a masked tax identifier (a guess)."""
_FORBIDDEN = (":", "\t", "\n")


def prepare_name(company: Company, kind: Kind, record: Record, old: Record | None) -> Record:
    """The name as it will be stored. Raises the fault that QuickBooks would answer."""
    record["DisplayName"] = _display_name(record)
    _check_fields(record)
    record.setdefault("Active", True)
    _number_addresses(company, record, old)
    if kind.name == "Customer":
        _complete_customer(company, record, old)
    elif kind.name == "Vendor":
        _complete_vendor(company, record, old)
    else:
        record.setdefault("BillableTime", False)
    _set_activity(record, old)
    if kind.name == "Customer":
        record["FullyQualifiedName"] = _full_name(company, record)
    _check_unique(company, record)
    record.setdefault("PrintOnCheckName", _on_checks(record))
    if kind.name == "Customer" and identifier_of(record["CurrencyRef"]) != company.profile.home_currency:
        use_currency(company, str(identifier_of(record["CurrencyRef"])))  # last: nothing is refused after it
    return record


def _display_name(record: Mapping[str, Any]) -> str:
    name = str(record.get("DisplayName") or "").strip()
    name = name or " ".join(str(record[part]).strip() for part in _PARTS if record.get(part))
    if not name:
        raise faults.required("DisplayName")
    return name


def _on_checks(record: Mapping[str, Any]) -> str:
    person = " ".join(str(record[part]) for part in ("GivenName", "FamilyName") if record.get(part))
    return str(record.get("CompanyName") or person or record["DisplayName"])


def _check_fields(record: Mapping[str, Any]) -> None:
    for field, limit in _LIMITS.items():
        if len(str(record.get(field) or "")) > limit:
            raise faults.too_long(field, limit)
    for field in _PHONES:
        if len(str((record.get(field) or {}).get("FreeFormNumber") or "")) > _PHONE_LIMIT:
            raise faults.too_long(field, _PHONE_LIMIT)
    if len(str((record.get("WebAddr") or {}).get("URI") or "")) > _WEB_LIMIT:
        raise faults.too_long("WebAddr", _WEB_LIMIT)
    for field in ("DisplayName", *_PARTS):
        if any(mark in str(record.get(field) or "") for mark in _FORBIDDEN):
            # Guess at code and words; that these characters are refused is documented.
            raise faults.business(f"{field} contains a colon, tab or newline.")
    check_email(record, "PrimaryEmailAddr")


def _set_activity(record: Record, old: Record | None) -> None:
    """Deactivating renames to `X (deleted)`, reactivating takes the suffix off (quickbooks.md 15.10)."""
    name = record["DisplayName"]
    if record["Active"] is False:
        if old is not None and old.get("Active") and number_in(record, "Balance") != ZERO:
            # Guess at code; "Delete List Has Balance Error" is reported (quickbooks.md 8).
            raise faults.business("Delete List Has Balance Error")
        record["DisplayName"] = name if name.endswith(DELETED_SUFFIX) else name + DELETED_SUFFIX
    elif old is not None and old.get("Active") is False:
        record["DisplayName"] = name.removesuffix(DELETED_SUFFIX)


def bearers(company: Company, name: str) -> Iterable[tuple[str, str]]:
    """Everyone of that name in any case: (kind, id). Customers count by their full names: jobs may be namesakes."""
    for entity in NAME_KINDS:
        field = "FullyQualifiedName" if entity == "Customer" else "DisplayName"
        for identifier in company.shelves[entity].find(field, name_key(name)):
            yield entity, identifier


def _check_unique(company: Company, record: Record) -> None:
    name = record.get("FullyQualifiedName") or record["DisplayName"]
    if any(identifier != record.get("Id") for _, identifier in bearers(company, name)):
        raise faults.duplicate_name()


def _complete_customer(company: Company, record: Record, old: Record | None) -> None:
    _set_currency(company, record, old)
    _check_customer(record)
    for field, value in (("Taxable", True), ("BillWithParent", False), ("PreferredDeliveryMethod", "Print")):
        record.setdefault(field, value)
    for field in ("Balance", "BalanceWithJobs"):
        record[field] = (old or {}).get(field, 0)
    record["IsProject"] = (old or {}).get("IsProject", False)
    group = company.preferences("TaxPrefs").get("TaxGroupCodeRef")
    if group and company.profile.country == "US":
        record.setdefault("DefaultTaxCodeRef", group)
    if record.get("CustomerTypeRef"):
        kind = referred(company, "CustomerType", record["CustomerTypeRef"], active=False)
        record["CustomerTypeRef"] = {"value": kind["Id"]}
    if record.get("SalesTermRef"):
        record["SalesTermRef"] = named("Term", referred(company, "Term", record["SalesTermRef"]))
    _set_parent(company, record)


def _check_customer(record: Record) -> None:
    if record.get("PreferredDeliveryMethod") not in {None, "Print", "Email", "None"}:
        raise faults.enumeration_invalid(record["PreferredDeliveryMethod"])
    reason = record.get("TaxExemptionReasonId")
    if reason is not None and str(reason) not in _EXEMPTIONS:
        raise faults.enumeration_invalid(reason)
    identifier = str(record.get("PrimaryTaxIdentifier") or "")
    if identifier:
        record["PrimaryTaxIdentifier"] = "X" * max(len(identifier) - _SHOWN, 0) + identifier[-_SHOWN:]


def _number_addresses(company: Company, record: Record, old: Record | None) -> None:
    for field in ("BillAddr", "ShipAddr", "PrimaryAddr"):
        if record.get(field) is not None:
            record[field] = numbered_address(company, record[field], (old or {}).get(field))


def _complete_vendor(company: Company, record: Record, old: Record | None) -> None:
    """What a vendor shows without being told (recorded); vendors' bills are outside the sandbox."""
    record["Balance"] = (old or {}).get("Balance", 0)
    record.setdefault("Vendor1099", False)
    record["CurrencyRef"] = currency(identifier_of(record.get("CurrencyRef")) or company.profile.home_currency)


def _set_currency(company: Company, record: Record, old: Record | None) -> None:
    home = company.profile.home_currency
    before = identifier_of((old or {}).get("CurrencyRef"))
    wanted = identifier_of(record.get("CurrencyRef")) or before or home
    if before not in {None, wanted} or (wanted != home and not company.multicurrency):
        # Guess at the words; that it can be set at the create alone is documented.
        raise faults.business("The currency of a customer cannot be changed.")
    record["CurrencyRef"] = currency(wanted)


def _set_parent(company: Company, record: Record) -> None:
    if identifier_of(record.get("ParentRef")) is None:
        record["Job"] = False
        record.pop("Level", None)
        return
    parent = referred(company, "Customer", record["ParentRef"])
    level = int(parent.get("Level") or 0) + 1
    check_no_ring(company, "Customer", record)
    if level >= _LEVELS:
        raise faults.business("A customer may have at most five levels.")
    if parent.get("CurrencyRef") != record["CurrencyRef"]:
        # Guess: what is owed with jobs is one amount, so it has one currency.
        raise faults.business("A sub-customer has the currency of its parent.")
    record["ParentRef"] = {"value": parent["Id"]}
    record["Job"] = True
    record["Level"] = level


def _full_name(company: Company, record: Record) -> str:
    parent = identifier_of(record.get("ParentRef"))
    above = company.get("Customer", parent) if parent else None
    return f"{above['FullyQualifiedName']}:{record['DisplayName']}" if above else str(record["DisplayName"])


def spread_rename(company: Company, record: Record) -> None:
    """A customer's new name in its transactions, whose times and SyncTokens stay."""
    for entity in OF_CUSTOMERS:
        for identifier in company.shelves[entity].find("CustomerRef", record["Id"]):
            transaction = company.get(entity, identifier)
            if transaction is not None:
                transaction["CustomerRef"] = named("Customer", record)
                rewrite(company, entity, transaction)
