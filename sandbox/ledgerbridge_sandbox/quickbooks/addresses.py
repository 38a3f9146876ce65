"""Addresses that people are reached by: e-mail, and postal ones with their ids (quickbooks.md 5 and 8)."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.money import Record

_EMAIL_LIMIT = 100
_LINES_LIMIT = 2000
_LIMITS = {
    **{f"Line{number}": 500 for number in range(1, 6)},
    **dict.fromkeys(("City", "Country", "CountrySubDivisionCode"), 255),
    "PostalCode": 30,
}
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")


def check_email(record: Mapping[str, Any], field: str) -> None:
    """Raises 2050 or 2210 for an e-mail field that is too long or holds what is no address."""
    address = str((record.get(field) or {}).get("Address") or "")
    if not address:
        return
    if len(address) > _EMAIL_LIMIT:
        raise faults.too_long(field, _EMAIL_LIMIT)
    parts: Iterable[str] = (part.strip() for part in re.split("[,;]", address))
    if not all(_EMAIL.fullmatch(part) for part in parts if part):
        raise faults.email_invalid(field)


def drop_bad_email(record: Record, field: str) -> None:
    """Copies to what is no address are silently not sent (documented)."""
    try:
        check_email(record, field)
    except faults.Fault:
        del record[field]


def numbered_address(company: Company, address: Record, before: Record | None) -> Record:
    """The address under the id that it had if it is unchanged, else under a new one. Raises 2050."""
    bare = {name: value for name, value in address.items() if name not in {"Id", "Lat", "Long"} and value is not None}
    _check_lengths(bare)
    if before and bare == {name: value for name, value in before.items() if name not in {"Id", "Lat", "Long"}}:
        return before
    # Where the geocoder finds nothing, it says so (recorded); it knows none of the addresses here.
    place = {"Lat": "INVALID", "Long": "INVALID"} if bare else {}
    return {"Id": company.following("Addresses"), **bare, **place}


def _check_lengths(address: Mapping[str, Any]) -> None:
    for name, value in address.items():
        limit = _LIMITS.get(name)
        if limit is not None and len(str(value)) > limit:
            raise faults.too_long(name, limit)
    if sum(len(str(address.get(f"Line{number}") or "")) for number in range(1, 6)) > _LINES_LIMIT:
        raise faults.too_long("Line1", _LINES_LIMIT)  # guess: which of them is named
