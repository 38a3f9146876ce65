"""Exchange rates: home units per foreign unit, by currency and day (quickbooks.md 9)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.currencies import is_enabled
from ledgerbridge_sandbox.quickbooks.moments import parse_date, stamp
from ledgerbridge_sandbox.quickbooks.money import Record, number, quantity
from ledgerbridge_sandbox.quickbooks.schema import KINDS

ONE = Decimal(1)
_YEARS_KEPT = 3


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


def read_rate(company: Company, parameters: Mapping[str, str]) -> Record:
    """The rate of a day, today's without one.

    Raises 2020 without a currency, 610 (a guess) for one that is not in use or a day of more than three years ago.
    """
    code = parameters.get("sourcecurrencycode", "").upper()
    if not code:
        raise faults.required("sourcecurrencycode")
    asked = parameters.get("asofdate")
    day = parse_date(asked, "asofdate") if asked else company.today()
    rate = rate_on(company, code, day) if is_enabled(company, code) and not _too_old(company, day) else None
    if rate is None:
        raise faults.not_found()
    facts = {**_facts(company, code, day), "Rate": quantity(rate), "domain": "QBO", "sparse": False}
    return {**facts, "MetaData": {"LastUpdatedTime": _changed(company, code, day)}}


def _changed(company: Company, code: str, day: date) -> str:
    """When the rate of exactly that day was stored; of a day without one of its own, now (a guess)."""
    own = company.get("ExchangeRate", f"{code}:{day.isoformat()}")
    return str(own["MetaData"]["LastUpdatedTime"]) if own else stamp(company.now())


def _facts(company: Company, code: str, day: date) -> Record:
    home = company.profile.home_currency
    return {"SourceCurrencyCode": code, "TargetCurrencyCode": home, "AsOfDate": day.isoformat()}


def _too_old(company: Company, day: date) -> bool:
    today = company.today()
    return (day.year + _YEARS_KEPT, day.month, day.day) < (today.year, today.month, today.day)


def put_rate(company: Company, given: Mapping[str, Any]) -> Record:
    """A company's own rate for a day, today's without one; no SyncToken is asked for (quickbooks.md 9).

    Raises 2020 without currency or rate, 6000 (a guess) for the home currency or one that is not in use.
    """
    for name in ("SourceCurrencyCode", "Rate"):
        if given.get(name) in (None, ""):
            raise faults.required(name)
    code, rate = str(given["SourceCurrencyCode"]).upper(), number(given["Rate"], "Rate")
    if code == company.profile.home_currency or not is_enabled(company, code):
        raise faults.business(f"{code} is no foreign currency of this company.")
    if rate <= 0:
        raise faults.number_invalid("Rate", given["Rate"])
    day = parse_date(given["AsOfDate"], "AsOfDate") if given.get("AsOfDate") else company.today()
    identifier = f"{code}:{day.isoformat()}"
    record = company.get("ExchangeRate", identifier) or {"Id": identifier, "domain": "QBO", "sparse": False}
    return company.keep(KINDS["ExchangeRate"], {**record, **_facts(company, code, day), "Rate": quantity(rate)}, None)
