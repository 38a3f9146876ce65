"""The five properties of a deal (S-47 to S-51): which invoice they follow, and what is written or cleared (S-76).

Beside them stand four more, filled only where the setting that lifts S-56 converted the amount.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from invoice_service.invoices.linked import LinkedInvoice
from invoice_service.invoices.stages import Stage, is_live
from invoice_service.money import cents, plain

AMOUNT = "ledgerbridge_invoiced_amount"
RECIPIENT = "ledgerbridge_invoice_recipient"
NUMBER = "ledgerbridge_invoice_number"
STATUS = "ledgerbridge_invoice_status"
DUE_DATE = "ledgerbridge_invoice_due_date"
NAMES = (AMOUNT, RECIPIENT, NUMBER, STATUS, DUE_DATE)
ORIGINAL_AMOUNT = "ledgerbridge_invoice_original_amount"
ORIGINAL_CURRENCY = "ledgerbridge_invoice_original_currency"
EXCHANGE_RATE = "ledgerbridge_invoice_exchange_rate"
EXCHANGE_RATE_SOURCE = "ledgerbridge_invoice_exchange_rate_source"
CONVERSION_NAMES = (ORIGINAL_AMOUNT, ORIGINAL_CURRENCY, EXCHANGE_RATE, EXCHANGE_RATE_SOURCE)
"""Where the amount was converted: from what, and how. Empty where it was not."""
WRITTEN = (*NAMES, *CONVERSION_NAMES)
"""All that is written to a deal together, and cleared together."""
NUMBERS = frozenset({AMOUNT, ORIGINAL_AMOUNT, EXCHANGE_RATE})


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of the invoice's currency is worth in HubSpot's company currency, and who says so."""

    value: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class Converted:
    """An amount in HubSpot's company currency, with where it comes from.

    `source` is empty where nothing was converted. `rate` is None then, and where QuickBooks told a home total alone.
    """

    amount: Decimal
    rate: Decimal | None
    source: str
    original: Decimal
    original_currency: str


@dataclass(frozen=True, slots=True)
class CurrencyRule:
    """S-56, and the setting that lifts it. `rates` are HubSpot's own, by (currency, invoice date); None: no rate."""

    company_currency: str
    converting: bool = False
    rates: dict[tuple[str, date], Rate] | None = None

    def amount(self, invoice: LinkedInvoice) -> Converted | None:
        """The invoice's total in HubSpot's company currency; None where it may not be written."""
        original = invoice.total, invoice.currency
        if invoice.currency == self.company_currency:
            return Converted(invoice.total, None, "", *original)
        if not self.converting:
            return None
        if invoice.home_currency == self.company_currency and invoice.home_total is not None:
            return Converted(invoice.home_total, invoice.home_rate, "QuickBooks home total", *original)
        rate = self._rate(invoice)
        return Converted(cents(invoice.total * rate.value), rate.value, rate.source, *original) if rate else None

    def _rate(self, invoice: LinkedInvoice) -> Rate | None:
        return (self.rates or {}).get((invoice.currency, invoice.invoice_date)) if invoice.invoice_date else None

    def reason(self, invoice: LinkedInvoice) -> str:
        """Why an invoice is not written, as shown on it: "not written to the deal: EUR invoice, USD account"."""
        no_rate = ", no exchange rate" if self.converting else ""
        account = f"{self.company_currency} account" if self.company_currency else "an account of unknown currency"
        return f"not written to the deal: {invoice.currency} invoice, {account}{no_rate}"


@dataclass(frozen=True, slots=True)
class DealProperties:
    """What a deal shall hold: HubSpot's values (empty text clears), which invoice they follow, and what was skipped.

    `skipped` holds, by invoice id, the sentence to show on the invoice.
    """

    values: dict[str, str]
    follows: str | None
    skipped: dict[str, str]
    converted: Converted | None = None


def deal_properties(invoices: Sequence[LinkedInvoice], rule: CurrencyRule) -> DealProperties:
    """The values for a deal from all its linked invoices."""
    skipped = {each.invoice_id: rule.reason(each) for each in invoices if rule.amount(each) is None}
    followed = _followed(invoices, skipped)
    if followed is None:
        return DealProperties(dict.fromkeys(WRITTEN, ""), None, skipped)
    converted = rule.amount(followed)
    return DealProperties(_values(followed, converted), followed.invoice_id, skipped, converted)


def _followed(invoices: Sequence[LinkedInvoice], skipped: dict[str, str]) -> LinkedInvoice | None:
    """The newest live one; none where all live ones are skipped; else the newest voided, else the newest deleted."""
    if any(is_live(each.stage) for each in invoices):
        pool = [each for each in invoices if is_live(each.stage)]
    else:
        voided = [each for each in invoices if each.stage is Stage.VOIDED]
        pool = [each for each in voided if each.invoice_id not in skipped] or [
            each for each in invoices if each.stage is Stage.DELETED
        ]
    return max((each for each in pool if each.invoice_id not in skipped), key=lambda each: each.newness, default=None)


def _values(invoice: LinkedInvoice, converted: Converted | None) -> dict[str, str]:
    # A deleted invoice invoices nothing: amount 0, number kept (product.md).
    amount = Decimal(0) if invoice.stage is Stage.DELETED else converted.amount if converted else Decimal(0)
    return {
        AMOUNT: format(cents(amount), "f"),
        RECIPIENT: invoice.recipient,
        NUMBER: invoice.number,
        STATUS: invoice.stage.value,
        DUE_DATE: invoice.due_date.isoformat() if invoice.due_date else "",
        **_conversion(invoice, converted),
    }


def _conversion(invoice: LinkedInvoice, converted: Converted | None) -> dict[str, str]:
    """From what amount the written one was converted, and how; all empty where it was not."""
    if converted is None or not converted.source:
        return dict.fromkeys(CONVERSION_NAMES, "")
    original = Decimal(0) if invoice.stage is Stage.DELETED else converted.original
    return {
        ORIGINAL_AMOUNT: format(cents(original), "f"),
        ORIGINAL_CURRENCY: converted.original_currency,
        EXCHANGE_RATE: format(plain(converted.rate), "f") if converted.rate else "",
        EXCHANGE_RATE_SOURCE: converted.source,
    }
