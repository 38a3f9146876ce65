"""Classes, locations and ways of paying: lists that transactions refer to (quickbooks.md 9)."""

from collections.abc import Mapping
from typing import Any

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.lists import check_unique, checked_name, set_activity
from ledgerbridge_sandbox.quickbooks.money import Record
from ledgerbridge_sandbox.quickbooks.nesting import check_no_ring
from ledgerbridge_sandbox.quickbooks.references import referred

_NAME_LIMIT = 100
_METHOD_NAME_LIMIT = 31
_METHOD_TYPES = {"CREDIT_CARD", "NON_CREDIT_CARD"}
_LEVELS = 5
_CLASS_SWITCHES = ("ClassTrackingPerTxn", "ClassTrackingPerTxnLine")


def prepare_class(company: Company, record: Record, old: Record | None, given: Mapping[str, Any]) -> Record:
    """The class as it will be stored; only where classes are tracked (code and words are a guess)."""
    if not any(company.preferences("AccountingInfoPrefs").get(switch) for switch in _CLASS_SWITCHES):
        raise faults.business("Class tracking is not turned on.")
    return _nested(company, "Class", "SubClass", record, old, given)


def prepare_department(company: Company, record: Record, old: Record | None, given: Mapping[str, Any]) -> Record:
    """The location as it will be stored; only where locations are tracked (code and words are a guess)."""
    if not company.preferences("AccountingInfoPrefs").get("TrackDepartments"):
        raise faults.business("Location tracking is not turned on.")
    return _nested(company, "Department", "SubDepartment", record, old, given)


def _nested(
    company: Company, entity: str, below: str, record: Record, old: Record | None, given: Mapping[str, Any]
) -> Record:
    if given.get("sparse"):  # it must repeat the name (quickbooks.md 9)
        record = {**record, "Name": given.get("Name")}
    record["Name"] = checked_name(record, {"Name": _NAME_LIMIT})
    set_activity(record, old)
    record[below] = bool(record.get("ParentRef"))
    record["FullyQualifiedName"] = record["Name"]
    if record[below]:
        parent = referred(company, entity, record["ParentRef"])
        record["ParentRef"] = {"value": parent["Id"]}  # nameless (recorded)
        record["FullyQualifiedName"] = f"{parent['FullyQualifiedName']}:{record['Name']}"
        _check_place(company, entity, record)
    check_unique(company, entity, record, "FullyQualifiedName")
    return record


def _check_place(company: Company, entity: str, record: Record) -> None:
    names = record["FullyQualifiedName"].split(":")
    check_no_ring(company, entity, record)
    if len(names) > _LEVELS:
        raise faults.business(f"You can only nest {_LEVELS} levels.")


def prepare_payment_method(company: Company, record: Record, old: Record | None, _given: Mapping[str, Any]) -> Record:
    """The way of paying as it will be stored."""
    record["Name"] = checked_name(record, {"Name": _METHOD_NAME_LIMIT})
    if record.setdefault("Type", "NON_CREDIT_CARD") not in _METHOD_TYPES:
        raise faults.enumeration_invalid(record["Type"])
    set_activity(record, old)
    check_unique(company, "PaymentMethod", record)
    return record
