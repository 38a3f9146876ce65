"""Exchange rates: home units per foreign unit, by currency and day (quickbooks.md 9)."""

from datetime import date
from decimal import Decimal

from ledgerbridge_sandbox.quickbooks.company import Company

ONE = Decimal(1)


def rate_on(company: Company, code: str, day: date) -> Decimal | None:
    """The latest rate not after `day` (else the first known), 1 for the home currency, None for an unknown one."""
    if code == company.profile.home_currency:
        return ONE
    shelf = company.shelves["ExchangeRate"]
    known = sorted(identifier for identifier in shelf.ids() if identifier.startswith(f"{code}:"))
    if not known:
        return None
    earlier = [identifier for identifier in known if identifier <= f"{code}:{day.isoformat()}"]
    found = shelf.get(earlier[-1] if earlier else known[0])
    return Decimal(str(found["Rate"])) if found else None
