"""Addresses that people are reached by: e-mail, and postal ones with their ids (quickbooks.md 5 and 8)."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.money import Record

_EMAIL_LIMIT = 100
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


def numbered_address(company: Company, address: Record, before: Record | None) -> Record:
    """The address under the id that it had if it is unchanged, else under a new one."""
    bare = {name: value for name, value in address.items() if name not in {"Id", "Lat", "Long"} and value is not None}
    if before and bare == {name: value for name, value in before.items() if name not in {"Id", "Lat", "Long"}}:
        return before
    return {"Id": company.following("Addresses"), **bare}
