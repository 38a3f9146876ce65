"""Sales tax as the three kinds of company compute it (quickbooks.md 6).

* United States with automated sales tax: an engine computes from the address; a transaction code that was sent is
  ignored and none is echoed; no address, no tax.
* United States, legacy: the transaction's TxnTaxCodeRef names the rate; lines say TAX or NON.
* Elsewhere: a real tax code on every line; amounts without or with tax.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.money import ZERO, Record, amount, cents, number_in, quantity
from ledgerbridge_sandbox.quickbooks.references import identifier_of

HUNDRED = Decimal(100)
Rounding = Callable[[Decimal], Decimal]


ON_AMOUNT, ON_BOTH, ON_TAX = "TaxOnAmount", "TaxOnAmountPlusTax", "TaxOnTax"
RATE = "Sales Tax"
"""What every recorded rate is described as."""


class TaxMode(Enum):
    """How a company computes sales tax."""

    AUTOMATED = "automated"
    UNFINISHED = "automated sales tax enabled, not set up"
    LEGACY = "legacy"
    CODES = "a code on every line"
    NONE = "sales tax off"


def tax_mode(company: Company) -> TaxMode:
    """From country and preferences, as an application must conclude it too."""
    preferences = company.preferences("TaxPrefs")
    if company.profile.country != "US":
        return TaxMode.CODES if preferences.get("UsingSalesTax") else TaxMode.NONE
    automated = preferences.get("PartnerTaxEnabled")
    if automated is None:
        return TaxMode.LEGACY if preferences.get("UsingSalesTax") else TaxMode.NONE
    return TaxMode.AUTOMATED if automated else TaxMode.UNFINISHED


@dataclass(frozen=True, slots=True)
class Rate:
    """One rate of a tax code; `on` says of what: the amount, the amount with the taxes before it, or those alone."""

    identifier: str
    percent: Decimal
    on: str = ON_AMOUNT


@dataclass(frozen=True, slots=True)
class Taxed:
    """An amount before tax and the rates that apply to it."""

    net: Decimal
    rates: tuple[Rate, ...]

    def shares(self) -> Iterator[tuple[Rate, Decimal, Decimal]]:
        """Each rate with what it is charged on and what it comes to, in the order of the code."""
        before = ZERO
        for rate in self.rates:
            base = {ON_AMOUNT: self.net, ON_BOTH: self.net + before, ON_TAX: before}[rate.on]
            tax = base * rate.percent / HUNDRED
            before += tax
            yield rate, base, tax


def rates_of_code(company: Company, identifier: str | None) -> tuple[Rate, ...]:
    """The sales rates of a tax code; raises 2500 for an unknown one."""
    code = company.get("TaxCode", identifier) if identifier else None
    if code is None or code.get("Active") is False:
        raise faults.dangling("TaxCodes", identifier or "")
    details = (code.get("SalesTaxRateList") or {}).get("TaxRateDetail") or []
    return tuple(_rate(company, detail) for detail in sorted(details, key=lambda detail: number_in(detail, "TaxOrder")))


def _rate(company: Company, detail: Record) -> Rate:
    identifier = detail["TaxRateRef"]["value"]
    found = company.get("TaxRate", identifier) or {}
    return Rate(identifier, number_in(found, "RateValue"), detail["TaxTypeApplicable"])


def rates_of_place(company: Company, addresses: Iterable[Record | None]) -> tuple[Rate, ...]:
    """What the engine of automated sales tax charges at the first address that is one; nothing without address."""
    for address in addresses:
        region = (address or {}).get("CountrySubDivisionCode")
        if region:
            return tuple(
                Rate(identifier, number_in(found, "RateValue"))
                for identifier in company.shelves["TaxRate"].ids()
                if (found := company.get("TaxRate", identifier)) and found["Name"] == name_of_place(region)
            )
    return ()


def name_of_place(region: str) -> str:
    """The name of the rate that the engine of automated sales tax charges in a state."""
    return f"{region} sales tax"


def tax_lines(taxed: Sequence[Taxed], rounded: Rounding, *, by_line: bool) -> list[Record]:
    """One TaxLine per rate. `by_line` rounds each line's tax to the cent before adding, else the sum alone."""
    bases: dict[Rate, Decimal] = {}
    sums: dict[Rate, Decimal] = {}
    for each in taxed:
        for rate, base, tax in each.shares():
            bases[rate] = bases.get(rate, ZERO) + base
            sums[rate] = sums.get(rate, ZERO) + (rounded(tax) if by_line else tax)
    return [_tax_line(rate, bases[rate], rounded(sums[rate])) for rate in bases]


def _tax_line(rate: Rate, net: Decimal, tax: Decimal) -> Record:
    return {
        "Amount": amount(tax),
        "DetailType": "TaxLineDetail",
        "TaxLineDetail": {
            "TaxRateRef": {"value": rate.identifier},
            "PercentBased": True,
            "TaxPercent": quantity(rate.percent),
            "NetAmountTaxable": amount(net),
        },
    }


def overridden(lines: list[Record], total: Decimal) -> list[Record]:
    """The tax lines with their amounts made to add up to a total that the application gave (quickbooks.md 6)."""
    computed = sum((number_in(line, "Amount") for line in lines), ZERO)
    left = total
    for line in lines[:-1]:
        share = cents(total * number_in(line, "Amount") / computed) if computed else ZERO
        line["Amount"] = amount(share)
        left -= share
    if lines:
        lines[-1]["Amount"] = amount(left)
    return lines


def code_of_line(detail: Record) -> str | None:
    """The id in a line's TaxCodeRef."""
    return identifier_of(detail.get("TaxCodeRef"))
