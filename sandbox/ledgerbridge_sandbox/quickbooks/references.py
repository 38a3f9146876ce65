"""References between objects: who is meant, and how QuickBooks refuses one that leads nowhere (quickbooks.md 13)."""

from typing import Any

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.company import CURRENCY_NAMES, Company
from ledgerbridge_sandbox.quickbooks.money import Record

_NAME_OF = {"Customer": "DisplayName", "Account": "FullyQualifiedName", "Item": "FullyQualifiedName"}
"""All others: Name. An item's reference shows the categories above it too (recorded)."""


def identifier_of(reference: Any) -> str | None:
    """The id that a reference names, None without one."""
    value = reference.get("value") if isinstance(reference, dict) else None
    return None if value in (None, "") else str(value)


def referred(company: Company, entity: str, reference: Any, *, active: bool = True) -> Record:
    """
    The object meant. Raises 2500 for a dangling reference and 610 for an inactive object.

    Guess: inactive customers and items are answered alike with 610 (sources name 610 or 2500).
    """
    identifier = identifier_of(reference)
    found = None if identifier is None else company.get(entity, identifier)
    if found is None:
        raise faults.dangling(_family(entity), identifier or "")
    if active and found.get("Active") is False:
        raise faults.not_found()
    return found


_FAMILIES = {"Customer": "Names", "Vendor": "Names", "Employee": "Names", "Class": "Klasses", "Department": "Depts"}
"""As 2500 words them (recorded); of all others the plural is a guess."""


def _family(entity: str) -> str:
    if entity in _FAMILIES:
        return _FAMILIES[entity]
    return f"{entity}es" if entity.endswith("s") else f"{entity}s"


def named(entity: str, found: Record) -> Record:
    """The reference as answers carry it. Accounts by their full name since 2026-04-30 (quickbooks.md 2)."""
    return {"value": found["Id"], "name": found[_NAME_OF.get(entity, "Name")]}


_TRACKED = {"ClassRef": "Class", "DepartmentRef": "Department", "PaymentMethodRef": "PaymentMethod"}


def name_tracked(company: Company, record: Record) -> None:
    """Complete what a transaction or a line says of class, location and way of paying. Raises as `referred`."""
    for field, entity in _TRACKED.items():
        if record.get(field):
            record[field] = named(entity, referred(company, entity, record[field], active=False))


def currency(code: str) -> Record:
    """A CurrencyRef."""
    return {"value": code, "name": CURRENCY_NAMES.get(code, code)}
