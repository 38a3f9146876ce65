"""QuickBooks' reference data read from its JSON: items, terms, tax codes, names, company (quickbooks.md 6, 8, 9)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from invoice_service.catalogue.customers import NameHolder
from invoice_service.catalogue.items import CatalogueItem
from invoice_service.catalogue.taxes import TaxCode, TaxMode, TaxRate, tax_mode
from invoice_service.catalogue.terms import Term
from invoice_service.quickbooks_values import (
    Document,
    amount,
    calendar_date,
    optional_amount,
    part,
    parts,
    reference,
    text,
)


def read_item(document: Document) -> CatalogueItem:
    """Read an Item object."""
    return CatalogueItem(
        quickbooks_id=text(document, "Id"),
        name=text(document, "Name"),
        full_name=text(document, "FullyQualifiedName"),
        sku=text(document, "Sku"),
        kind=text(document, "Type"),
        active=document.get("Active") is not False,
        taxable=document.get("Taxable") is True,
        sales_tax_code=reference(document, "SalesTaxCodeRef") or None,
        unit_price=optional_amount(document, "UnitPrice"),
        description=text(document, "Description"),
    )


def read_term(document: Document) -> Term:
    """Read a Term object; DATE_DRIVEN ones have a day of the month."""
    return Term(
        quickbooks_id=text(document, "Id"),
        name=text(document, "Name"),
        due_days=_whole(document, "DueDays"),
        day_of_month=_whole(document, "DayOfMonthDue"),
        next_month_days=_whole(document, "DueNextMonthDays") or 0,
        active=document.get("Active") is not False,
    )


def _whole(document: Document, field: str) -> int | None:
    number = optional_amount(document, field)
    return None if number is None else int(number)


def read_name_holder(kind: str, document: Document) -> NameHolder:
    """Read a Vendor or Employee object as far as its name goes; `kind` is ``vendor`` or ``employee``."""
    return NameHolder(kind, text(document, "Id"), text(document, "DisplayName"), document.get("Active") is not False)


def read_tax_codes(codes: Iterable[Document], rates: Iterable[Document]) -> list[TaxCode]:
    """Read TaxCode objects with the TaxRate objects that they name; only sales rates count."""
    by_id = {text(rate, "Id"): rate for rate in rates}
    return [
        TaxCode(
            quickbooks_id=text(code, "Id"),
            name=text(code, "Name"),
            rates=tuple(_rate(detail, by_id) for detail in parts(part(code, "SalesTaxRateList"), "TaxRateDetail")),
            active=code.get("Active") is not False and code.get("Hidden") is not True,
            description=text(code, "Description"),
        )
        for code in codes
    ]


def _rate(detail: Document, rates: Mapping[str, Document]) -> TaxRate:
    rate_id = reference(detail, "TaxRateRef")
    rate = rates.get(rate_id, {})
    return TaxRate(
        quickbooks_id=rate_id,
        name=text(rate, "Name") or reference(detail, "TaxRateRef", "name"),
        percent=amount(rate, "RateValue"),
        applies=text(detail, "TaxTypeApplicable") or "TaxOnAmount",
        order=_whole(detail, "TaxOrder") or 0,
    )


@dataclass(frozen=True, slots=True)
class LedgerAccount:
    """An account of the company's ledger; `kind` and `subkind` are QuickBooks' AccountType and AccountSubType."""

    quickbooks_id: str
    name: str
    kind: str
    subkind: str = ""
    active: bool = True


def read_account(document: Document) -> LedgerAccount:
    """Read an Account object; its name is the full one, as references show it (quickbooks.md 1)."""
    return LedgerAccount(
        quickbooks_id=text(document, "Id"),
        name=text(document, "FullyQualifiedName") or text(document, "Name"),
        kind=text(document, "AccountType"),
        subkind=text(document, "AccountSubType"),
        active=document.get("Active") is not False,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyFacts:
    """What CompanyInfo and Preferences say about creating invoices."""

    name: str
    country: str
    zone: str
    home_currency: str
    multicurrency: bool
    tax_mode: TaxMode
    tax_group_code: str | None
    custom_numbers: bool
    discounts_allowed: bool
    online_payment: bool
    deposits_allowed: bool
    default_term_id: str | None
    books_closed_until: date | None


def read_company(company: Document, preferences: Document) -> CompanyFacts:
    """Read CompanyInfo and Preferences; `zone` is empty where QuickBooks names none: then a person is asked."""
    sales, currency = part(preferences, "SalesFormsPrefs"), part(preferences, "CurrencyPrefs")
    taxes, accounting = part(preferences, "TaxPrefs"), part(preferences, "AccountingInfoPrefs")
    partner = taxes.get("PartnerTaxEnabled")
    return CompanyFacts(
        name=text(company, "CompanyName"),
        country=text(company, "Country"),
        zone=text(company, "DefaultTimeZone"),
        home_currency=reference(currency, "HomeCurrency"),
        multicurrency=currency.get("MultiCurrencyEnabled") is True,
        tax_mode=tax_mode(
            text(company, "Country"),
            using_sales_tax=taxes.get("UsingSalesTax") is True,
            partner_tax_enabled=partner if isinstance(partner, bool) else None,
        ),
        tax_group_code=reference(taxes, "TaxGroupCodeRef") or None,
        custom_numbers=sales.get("CustomTxnNumbers") is True,
        discounts_allowed=sales.get("AllowDiscount") is True,
        online_payment=sales.get("ETransactionPaymentEnabled") is True,
        deposits_allowed=sales.get("AllowDeposit") is True,
        default_term_id=reference(sales, "DefaultTerms") or None,
        books_closed_until=calendar_date(accounting, "BookCloseDate"),
    )
