"""Sales tax by the kind of QuickBooks company: what must be given and what is sent (quickbooks.md 6).

The company's country and tax preferences decide, not the customer's (product.md, Tax).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from ledgerbridge.errors import Refused

from invoice_service.lines import InvoiceLine

TAXABLE, NOT_TAXABLE = "TAX", "NON"
HUNDRED = Decimal(100)


class TaxMode(StrEnum):
    """How a company computes sales tax."""

    AUTOMATED = "us_automated"
    LEGACY = "us_legacy"
    CODES = "code_per_line"
    OFF = "off"

    @property
    def united_states(self) -> bool:
        """Whether lines say TAX or NON and the person chooses nothing (S-30)."""
        return self in (TaxMode.AUTOMATED, TaxMode.LEGACY)


def tax_mode(country: str, *, using_sales_tax: bool, partner_tax_enabled: bool | None) -> TaxMode:
    """From CompanyInfo.Country and Preferences.TaxPrefs; an absent PartnerTaxEnabled means legacy tax in the US.

    `False` (automated tax enabled, not set up yet) is automated too: QuickBooks still computes, to zero.
    """
    if country == "US" and partner_tax_enabled is not None:
        return TaxMode.AUTOMATED
    if not using_sales_tax:
        return TaxMode.OFF
    return TaxMode.LEGACY if country == "US" else TaxMode.CODES


@dataclass(frozen=True, slots=True)
class TaxRate:
    """One rate of a code. `applies` is QuickBooks' TaxTypeApplicable; `order` says which rates come before."""

    quickbooks_id: str
    name: str
    percent: Decimal
    applies: str = "TaxOnAmount"
    order: int = 0


@dataclass(frozen=True, slots=True)
class TaxCode:
    """A sales tax code with its rates, as the panel of S-28 shows it."""

    quickbooks_id: str
    name: str
    rates: tuple[TaxRate, ...] = ()
    active: bool = True
    description: str = ""

    def factors(self) -> list[tuple[TaxRate, Decimal]]:
        """Each rate with the share of the net amount that it comes to; compound rates count the taxes before them."""
        found: list[tuple[TaxRate, Decimal]] = []
        for rate in sorted(self.rates, key=lambda each: each.order):
            before = sum((factor for _rate, factor in found), Decimal(0))
            base = {"TaxOnAmountPlusTax": 1 + before, "TaxOnTax": before}.get(rate.applies, Decimal(1))
            found.append((rate, base * rate.percent / HUNDRED))
        return found

    @property
    def factor(self) -> Decimal:
        """All its rates together as a share of the net amount: 0.2 for 20 %."""
        return sum((factor for _rate, factor in self.factors()), Decimal(0))


@dataclass(frozen=True, slots=True)
class CustomerTax:
    """What a customer's record says about tax. `has_address`: a billing or shipping address with any content."""

    taxable: bool = True
    default_tax_code: str | None = None
    has_address: bool = False


@dataclass(frozen=True, slots=True)
class TaxRules:
    """How tax is treated for one invoice: the company's mode, its codes, and the connection's choices.

    `inclusive` says that the prices of the lines contain tax (outside the US only). `group_code` is the company's
    TaxPrefs.TaxGroupCodeRef, the fallback of legacy tax.
    """

    mode: TaxMode
    codes: Mapping[str, TaxCode]
    inclusive: bool = False
    default_code: str | None = None
    group_code: str | None = None

    def line_code(self, line: InvoiceLine, customer: CustomerTax) -> str | None:
        """The TaxCodeRef sent with a line; None where none is sent."""
        if self.mode.united_states:
            return TAXABLE if line.taxable and customer.taxable else NOT_TAXABLE
        return line.tax_code_id if self.mode is TaxMode.CODES else None

    def transaction_code(self, customer: CustomerTax) -> str | None:
        """The TxnTaxCodeRef sent with the invoice: with legacy tax alone (automated tax ignores or replaces it)."""
        if self.mode is not TaxMode.LEGACY or not customer.taxable:
            return None
        return customer.default_tax_code or self.group_code

    def with_defaults(self, lines: Sequence[InvoiceLine]) -> list[InvoiceLine]:
        """The lines with the connection's default code where they have none; elsewhere as they are."""
        if self.mode is not TaxMode.CODES or not self.default_code:
            return list(lines)
        default = self.default_code
        return [line.model_copy(update={"tax_code_id": line.tax_code_id or default}) for line in lines]

    def check(self, lines: Sequence[InvoiceLine]) -> None:
        """Outside the US every line needs a known, active code: raises Refused NO_TAX_CODE or INVALID."""
        if self.mode is not TaxMode.CODES:
            return
        for number, line in enumerate(lines, start=1):
            field = f"lines.{line.key}.tax_code_id"
            if not line.tax_code_id:
                raise Refused("NO_TAX_CODE", field=field, line=number)
            code = self.codes.get(line.tax_code_id)
            if code is None or not code.active:
                raise Refused("INVALID", field=field, problem=f"the company has no active tax code {line.tax_code_id}")

    def warns_of_address(self, lines: Sequence[InvoiceLine], customer: CustomerTax) -> bool:
        """Whether a taxable line goes to a customer without an address: QuickBooks would compute no tax."""
        if not self.mode.united_states or customer.has_address:
            return False
        return any(self.line_code(line, customer) == TAXABLE for line in lines)
