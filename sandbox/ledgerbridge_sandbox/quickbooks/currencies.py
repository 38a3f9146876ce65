"""The currencies that a company uses beside its own (quickbooks.md 9)."""

from collections.abc import Iterator, Mapping
from typing import Any

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.company import CURRENCY_NAMES, Company
from ledgerbridge_sandbox.quickbooks.money import Record
from ledgerbridge_sandbox.quickbooks.references import currency
from ledgerbridge_sandbox.quickbooks.schema import KINDS

_ISO_4217 = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD "
    "CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ "
    "GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR "
    "LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN "
    "PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB "
    "TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL "
)
_CODES = frozenset(_ISO_4217.split())


def prepare_currency(company: Company, record: Record, old: Record | None, _given: Mapping[str, Any]) -> Record:
    """A currency that the company may use. Raises 2020 without a code, 6240 for one that it has.

    Guess: 6000 while only one currency is in use; 2170 for a code that is none; the code of a currency never changes.
    """
    if not company.multicurrency:
        raise faults.business("Multicurrency is not turned on in this company.")
    if not record.get("Code"):
        raise faults.required("Code")
    code = str(record["Code"]).upper()
    if code not in _CODES or (old is not None and code != old["Code"]):
        raise faults.enumeration_invalid(record["Code"])
    if any(other["Code"] == code and other["Id"] != record.get("Id") for other in _all(company)):
        raise faults.duplicate_name()
    record.setdefault("Active", True)
    return {**record, "Code": code, "Name": record.get("Name") or CURRENCY_NAMES.get(code, code)}


def _all(company: Company) -> Iterator[Record]:
    shelf = company.shelves["CompanyCurrency"]
    return (found for identifier in shelf.ids() if (found := shelf.get(identifier)))


def is_enabled(company: Company, code: str) -> bool:
    """Whether the company deals in that currency now; its own always, others where several are on."""
    if code == company.profile.home_currency:
        return company.multicurrency
    return company.multicurrency and any(each["Code"] == code and each["Active"] for each in _all(company))


def use_currency(company: Company, code: str) -> None:
    """A new customer's currency is the company's from now on, if it was not (documented), or no more (a guess).

    Raises 2170 (a guess) for a code that is none.
    """
    if code not in _CODES:
        raise faults.enumeration_invalid(code)
    if is_enabled(company, code):
        return
    kind = KINDS["CompanyCurrency"]
    for known in _all(company):
        if known["Code"] == code:
            company.keep(kind, {**known, "Active": True}, "updated")
            return
    added = {"Code": code, "Name": currency(code)["name"], "Active": True}
    added |= {"domain": "QBO", "sparse": False, "Id": company.following(kind.family)}
    company.keep(kind, added, "created")
