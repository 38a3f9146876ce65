"""Items, terms, accounts and tax agencies (quickbooks.md 9)."""

from collections.abc import Mapping
from typing import Any

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.columns import name_key
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.moments import parse_date
from ledgerbridge_sandbox.quickbooks.money import Record, number
from ledgerbridge_sandbox.quickbooks.names import DELETED_SUFFIX
from ledgerbridge_sandbox.quickbooks.nesting import check_no_ring
from ledgerbridge_sandbox.quickbooks.references import currency, named, referred

_ITEM_TYPES = {"Service", "Inventory", "NonInventory"}
_CATEGORY = "Category"
_CATEGORY_LEVELS = 4
_LEVELS = 5
_MOST_MONEY = 99_999_999_999
_ITEM_LIMITS = {"Name": 100, "Sku": 100, "Description": 4000, "PurchaseDesc": 1000}
_ACCOUNTS = ("IncomeAccountRef", "ExpenseAccountRef", "AssetAccountRef")
_TERM_NAME_LIMIT = 31
_TERM_FIGURES = {
    "DueDays": (0, 999),
    "DiscountDays": (0, 999),
    "DueNextMonthDays": (0, 999),
    "DayOfMonthDue": (1, 31),
    "DiscountDayOfMonth": (1, 31),
    "DiscountPercent": (0, 100),
}


def checked_name(record: Record, limits: Mapping[str, int], field: str = "Name") -> str:
    """The trimmed name. Raises 2020 without one, 2050 for a field longer than its limit in characters."""
    name = str(record.get(field) or "").strip()
    if not name:
        raise faults.required(field)
    for limited, limit in limits.items():
        if len(str(record.get(limited) or "")) > limit:
            raise faults.too_long(limited, limit)
    return name


def set_activity(record: Record, old: Record | None) -> None:
    """Whatever is retired carries that in its name (quickbooks.md 8)."""
    record.setdefault("Active", True)
    if record["Active"] is False and not record["Name"].endswith(DELETED_SUFFIX):
        record["Name"] += DELETED_SUFFIX
    elif record["Active"] and old is not None and old.get("Active") is False:
        record["Name"] = record["Name"].removesuffix(DELETED_SUFFIX)


def check_unique(company: Company, entity: str, record: Record, field: str = "Name") -> None:
    """Raises 6240 where another object of the kind has the name."""
    shelf = company.shelves[entity]
    wanted = name_key(record[field])
    for identifier in shelf.ids():
        other = shelf.get(identifier) if identifier != record.get("Id") else None
        if other is not None and name_key(str(other.get(field) or "")) == wanted:
            raise faults.duplicate_name()


def prepare_item(company: Company, record: Record, old: Record | None, _given: Mapping[str, Any]) -> Record:
    """The item as it will be stored. Raises the fault that QuickBooks would answer."""
    record["Name"] = checked_name(record, _ITEM_LIMITS)
    if any(mark in record["Name"] for mark in (":", "\t", "\n")):
        raise faults.business("Name contains a colon, tab or newline.")
    if record.setdefault("Type", "Service") not in {*_ITEM_TYPES, _CATEGORY} and (
        old is None or old["Type"] != record["Type"]
    ):
        raise faults.enumeration_invalid(record["Type"])
    set_activity(record, old)
    _set_item_parent(company, record)
    for identifier in company.shelves["Item"].find("FullyQualifiedName", name_key(record["FullyQualifiedName"])):
        if identifier != record.get("Id"):
            raise faults.duplicate_name()
    if record["Type"] in {_CATEGORY, "Group"}:
        return record
    _set_accounts(company, record)
    for field in ("UnitPrice", "PurchaseCost"):
        if abs(number(record.setdefault(field, 0), field)) > _MOST_MONEY:
            raise faults.number_invalid(field, record[field])
    record.setdefault("Taxable", False)
    record.setdefault("TrackQtyOnHand", False)
    record.setdefault("DeferredRevenue", False)
    return record


def _set_item_parent(company: Company, record: Record) -> None:
    record["FullyQualifiedName"] = record["Name"]
    if not record.get("ParentRef"):
        return
    parent = referred(company, "Item", record["ParentRef"])
    record["ParentRef"] = named("Item", parent)
    record["SubItem"] = True
    record["Level"] = int(parent.get("Level") or 0) + 1
    record["FullyQualifiedName"] = f"{parent['FullyQualifiedName']}:{record['Name']}"
    check_no_ring(company, "Item", record)
    _check_parent(record, parent)


def _check_parent(record: Record, parent: Record) -> None:
    """Guess at codes and words, and that categories stand in categories only, four deep; five levels are documented."""
    if record["Level"] >= _LEVELS:
        raise faults.business(f"You can only nest {_LEVELS} levels of items.")
    if record["Type"] == _CATEGORY and parent["Type"] != _CATEGORY:
        raise faults.business("A category can only be placed in a category.")
    if record["Type"] == _CATEGORY and record["Level"] >= _CATEGORY_LEVELS:
        raise faults.business(f"You can only nest {_CATEGORY_LEVELS} levels of categories.")


def _set_accounts(company: Company, record: Record) -> None:
    if not record.get("IncomeAccountRef") and record["Type"] in _ITEM_TYPES:
        raise faults.required("IncomeAccountRef")
    if record["Type"] == "Inventory":
        for field in ("AssetAccountRef", "ExpenseAccountRef", "InvStartDate", "QtyOnHand"):
            if record.get(field) is None:
                raise faults.required(field)
        record["InvStartDate"] = parse_date(record["InvStartDate"], "InvStartDate").isoformat()
        number(record["QtyOnHand"], "QtyOnHand")
        record.setdefault("TrackQtyOnHand", True)
    for field in _ACCOUNTS:
        if record.get(field):
            record[field] = named("Account", referred(company, "Account", record[field]))


def prepare_term(company: Company, record: Record, _old: Record | None, given: Mapping[str, Any]) -> Record:
    """The term as it will be stored; a sparse update must repeat name, type and days (quickbooks.md 9)."""
    if given.get("sparse"):
        repeated = {field: given.get(field) for field in ("Name", "Type", "DueDays", "DayOfMonthDue")}
        if repeated["Type"] is None:
            raise faults.required("Type")
        record = {**record, **repeated}
    record["Name"] = checked_name(record, {"Name": _TERM_NAME_LIMIT})
    record = {field: value for field, value in record.items() if value is not None}
    if "DueDays" not in record and "DayOfMonthDue" not in record:
        raise faults.required("DueDays")
    for field, (least, most) in _TERM_FIGURES.items():
        if not least <= number(record.get(field, least), field) <= most:
            raise faults.number_invalid(field, record[field])
    record["Type"] = "STANDARD" if "DueDays" in record else "DATE_DRIVEN"
    record.setdefault("Active", True)  # a retired term keeps its name (recorded)
    check_unique(company, "Term", record)
    return record


_CLASSIFICATIONS = {
    **dict.fromkeys(("Bank", "Other Current Asset", "Fixed Asset", "Other Asset", "Accounts Receivable"), "Asset"),
    **dict.fromkeys(("Accounts Payable", "Credit Card", "Long Term Liability", "Other Current Liability"), "Liability"),
    **dict.fromkeys(("Expense", "Other Expense", "Cost of Goods Sold"), "Expense"),
    **dict.fromkeys(("Income", "Other Income"), "Revenue"),
    "Equity": "Equity",
}
"""Of each type of account, as the seed's recorded ones have it."""


def prepare_account(company: Company, record: Record, old: Record | None, _given: Mapping[str, Any]) -> Record:
    """The account as it will be stored."""
    record["Name"] = checked_name(record, {"Name": 100})
    if not record.get("AccountType"):
        raise faults.required("AccountType")
    if record["AccountType"] in _CLASSIFICATIONS:
        record["Classification"] = _CLASSIFICATIONS[record["AccountType"]]
    set_activity(record, old)
    record.setdefault("SubAccount", False)
    record["FullyQualifiedName"] = record["Name"]
    if record.get("ParentRef"):
        parent = referred(company, "Account", record["ParentRef"])
        check_no_ring(company, "Account", record)
        record["SubAccount"] = True
        record["FullyQualifiedName"] = f"{parent['FullyQualifiedName']}:{record['Name']}"
    check_unique(company, "Account", record, "FullyQualifiedName")
    for field in ("CurrentBalance", "CurrentBalanceWithSubAccounts"):
        record.setdefault(field, 0)
    record.setdefault("CurrencyRef", currency(company.profile.home_currency))
    return record


def prepare_agency(company: Company, record: Record, _old: Record | None, _given: Mapping[str, Any]) -> Record:
    """The tax agency as it will be stored."""
    record["DisplayName"] = checked_name(record, {"DisplayName": 100}, "DisplayName")
    record.setdefault("TaxTrackedOnPurchases", False)
    record.setdefault("TaxTrackedOnSales", True)
    check_unique(company, "TaxAgency", record, "DisplayName")
    return record
