"""Invoices and credit memos: what QuickBooks adds to a request and what it computes (quickbooks.md 5 and 6)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.addresses import check_email, drop_bad_email, numbered_address
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.custom_fields import set_custom_fields
from ledgerbridge_sandbox.quickbooks.kinds import Kind
from ledgerbridge_sandbox.quickbooks.moments import parse_date
from ledgerbridge_sandbox.quickbooks.money import ZERO, Record, amount, cents, number, number_in, quantity
from ledgerbridge_sandbox.quickbooks.other_forms import prepare_estimate, set_deposit_account
from ledgerbridge_sandbox.quickbooks.rates import rate_on
from ledgerbridge_sandbox.quickbooks.references import currency, identifier_of, name_tracked, named, referred
from ledgerbridge_sandbox.quickbooks.sale_lines import LineReader, Sale, Terms
from ledgerbridge_sandbox.quickbooks.schema import PAID_AT_ONCE
from ledgerbridge_sandbox.quickbooks.taxes import (
    Rate,
    TaxMode,
    overridden,
    rates_of_code,
    rates_of_place,
    tax_lines,
    tax_mode,
)
from ledgerbridge_sandbox.quickbooks.terms import due_date

_LIMITS = {"DocNumber": 21, "PrivateNote": 4000}
_MEMO_LIMIT = 1000
_ENUMERATIONS = {
    "EmailStatus": {"NotSet", "NeedToSend", "EmailSent"},
    "PrintStatus": {"NotSet", "NeedToPrint", "PrintComplete"},
    "GlobalTaxCalculation": {"TaxExcluded", "TaxInclusive", "NotApplicable"},
}
_PLAIN_DEFAULTS: Mapping[str, Any] = {
    "AllowIPNPayment": False,
    "AllowOnlinePayment": False,
    "AllowOnlineCreditCardPayment": True,
    "AllowOnlineACHPayment": True,
}
# A change of one of these computes lines, tax and totals anew.
_AMOUNT_FIELDS = frozenset(
    (
        "Line",
        "TxnTaxDetail",
        "CustomerRef",
        "ShipAddr",
        "BillAddr",
        "GlobalTaxCalculation",
        "ApplyTaxAfterDiscount",
        "TxnDate",
        "ExchangeRate",
        "CurrencyRef",
        "Deposit",
    )
)


def prepare_form(company: Company, kind: Kind, record: Record, old: Record | None, given: Mapping[str, Any]) -> Record:
    """The form as it will be stored, without Id and times. Raises the fault that QuickBooks would answer."""
    _check_fields(company, record)
    customer = _set_customer(company, kind, record, old)
    if kind.name == "Estimate":
        prepare_estimate(record)
    elif kind.name in PAID_AT_ONCE:
        set_deposit_account(company, kind, record)
    _set_dates(company, kind, record, customer=customer, old=old, given=given)
    _set_currency(company, record, customer, given)
    _set_addresses(company, record, customer, old)
    _set_plain_defaults(company, kind, record, new=old is None)
    set_custom_fields(company, record)
    _set_links(kind, record, old)
    if old is None or not given.get("sparse") or not _AMOUNT_FIELDS.isdisjoint(given):
        _set_amounts(company, record, customer, old, given)
    return record


def _set_customer(company: Company, kind: Kind, record: Record, old: Record | None) -> Record:
    """The customer; nothing where a receipt names none (a recorded one does not)."""
    if kind.name in PAID_AT_ONCE and identifier_of(record.get("CustomerRef")) is None:
        record.pop("CustomerRef", None)
        return {}
    customer = referred(company, "Customer", _required(record, "CustomerRef"), active=_changes_customer(old, record))
    record["CustomerRef"] = named("Customer", customer)
    return customer


def _required(record: Mapping[str, Any], field: str) -> Any:
    if identifier_of(record.get(field)) is None:
        raise faults.required(field)
    return record[field]


def _changes_customer(old: Record | None, record: Record) -> bool:
    return old is None or identifier_of(old.get("CustomerRef")) != identifier_of(record["CustomerRef"])


def _check_fields(company: Company, record: Record) -> None:
    for field, limit in _LIMITS.items():
        if len(str(record.get(field) or "")) > limit:
            raise faults.too_long(field, limit)
    if len(str((record.get("CustomerMemo") or {}).get("value") or "")) > _MEMO_LIMIT:
        raise faults.too_long("CustomerMemo", _MEMO_LIMIT)
    for field, values in _ENUMERATIONS.items():
        if record.get(field) is not None and record[field] not in values:
            raise faults.enumeration_invalid(record[field])
    check_email(record, "BillEmail")
    for field in ("BillEmailCc", "BillEmailBcc"):
        drop_bad_email(record, field)
    if record.get("ShipDate"):
        record["ShipDate"] = parse_date(record["ShipDate"], "ShipDate").isoformat()
    if record.get("EmailStatus") == "NeedToSend" and not (record.get("BillEmail") or {}).get("Address"):
        raise faults.required("BillEmail")
    name_tracked(company, record)
    if record.get("SalesTermRef"):
        record["SalesTermRef"] = named("Term", referred(company, "Term", record["SalesTermRef"]))


def check_open(company: Company, *days: object) -> None:
    """Raises 6210 (or 6200, by the switch) where one of the dates lies in closed books."""
    closed = company.preferences("AccountingInfoPrefs").get("BookCloseDate")
    if closed and any(day is not None and parse_date(day, "TxnDate") <= date.fromisoformat(closed) for day in days):
        raise faults.books_closed("6200" if company.switches["closed_books_are_6200"] else "6210")


def _set_dates(
    company: Company, kind: Kind, record: Record, *, customer: Record, old: Record | None, given: Mapping[str, Any]
) -> None:
    issued = parse_date(record["TxnDate"], "TxnDate") if record.get("TxnDate") else company.today()
    record["TxnDate"] = issued.isoformat()
    if kind.name != "Invoice":
        record.pop("DueDate", None)
        return
    if old is None and not record.get("SalesTermRef") and customer.get("SalesTermRef"):
        record["SalesTermRef"] = customer["SalesTermRef"]
    # Guess: a sparse change of term or date moves the due date, unless that is given too.
    moved = old is None or "SalesTermRef" in given or "TxnDate" in given or not record.get("DueDate")
    if given.get("DueDate"):
        record["DueDate"] = parse_date(given["DueDate"], "DueDate").isoformat()
    elif moved:
        record["DueDate"] = due_date(company, record.get("SalesTermRef"), issued).isoformat()


def _set_currency(company: Company, record: Record, customer: Record, given: Mapping[str, Any]) -> None:
    home = company.profile.home_currency
    wanted = identifier_of(record.get("CurrencyRef")) or home
    theirs = identifier_of(customer.get("CurrencyRef")) or home
    if wanted != theirs:
        # Guess: the words are not recorded (quickbooks.md 17).
        raise faults.business("The currency of the transaction is not the currency of the customer.")
    record["CurrencyRef"] = currency(wanted)
    if not company.multicurrency:
        record.pop("ExchangeRate", None)
        return
    rate = number(given["ExchangeRate"], "ExchangeRate") if given.get("ExchangeRate") is not None else None
    if rate is None:
        rate = number_in(record, "ExchangeRate") or rate_on(company, wanted, date.fromisoformat(record["TxnDate"]))
    if not rate or rate < 0:
        raise faults.business(f"No exchange rate is known for {wanted}.")
    record["ExchangeRate"] = quantity(rate)


def _set_addresses(company: Company, record: Record, customer: Record, old: Record | None) -> None:
    for field in ("BillAddr", "ShipAddr", "ShipFromAddr"):
        if record.get(field) is None and old is None:
            own = customer.get(field) or (customer.get("BillAddr") if field == "ShipAddr" else None)
            if own:
                record[field] = own
        elif record.get(field) is not None:
            record[field] = numbered_address(company, record[field], (old or customer).get(field))


def _set_plain_defaults(company: Company, kind: Kind, record: Record, *, new: bool) -> None:
    if kind.name == "Invoice":
        for field, value in _PLAIN_DEFAULTS.items():
            record.setdefault(field, value)
    if new:
        _copy_to(company, record)
    record.setdefault("CustomExtensions", [])
    record.setdefault("PrintStatus", "NeedToPrint")
    if kind.name != "RefundReceipt":
        record.setdefault("EmailStatus", "NotSet")  # refunds show none (recorded)
    if record.get("EmailStatus") == "NeedToSend" and "DeliveryInfo" not in record:
        record["DeliveryInfo"] = {"DeliveryType": "Email"}


def _copy_to(company: Company, record: Record) -> None:
    """Who gets copies where the form does not say it: those whom the company's preferences name."""
    for field in ("BillEmailCc", "BillEmailBcc"):
        usual = company.preferences("SalesFormsPrefs").get(field.replace("Bill", "Sales"))
        if usual and not record.get(field):
            record[field] = usual


def _set_links(kind: Kind, record: Record, old: Record | None) -> None:
    """Links to estimates are written on invoices, all others are QuickBooks' own (quickbooks.md 7)."""
    links = record.pop("LinkedTxn", None) or []
    if kind.name in PAID_AT_ONCE or kind.name == "Estimate":
        if (old or {}).get("LinkedTxn"):
            record["LinkedTxn"] = (old or {})["LinkedTxn"]
        return
    kept = {"Payment", "Estimate", "TimeActivity"} if kind.name == "Invoice" else {"Payment"}
    theirs = [link for link in (old or {}).get("LinkedTxn") or () if link["TxnType"] == "StatementCharge"]
    record["LinkedTxn"] = theirs + [
        {"TxnId": str(link.get("TxnId")), "TxnType": link["TxnType"]}
        for link in links
        if str(link.get("TxnType")) in kept
    ]


def _set_amounts(
    company: Company, record: Record, customer: Record, old: Record | None, given: Mapping[str, Any]
) -> None:
    lines = record.get("Line") or []
    if not lines:
        raise faults.required("Line")
    sale_terms = _tax_terms(company, record, customer)
    sale = LineReader(company, sale_terms, (old or {}).get("Line") or []).read(lines)
    record["Line"] = sale.lines
    tax = _set_tax(company, record, sale, sale_terms, given)
    _set_totals(company, record, sale.subtotal - sale.discount + sale.charges + tax)


def _tax_terms(company: Company, record: Record, customer: Record) -> Terms:
    mode = tax_mode(company)
    if mode is TaxMode.CODES:
        way = record.setdefault("GlobalTaxCalculation", "TaxExcluded")
        return Terms(mode, way == "TaxInclusive", way != "NotApplicable", ())
    record.pop("GlobalTaxCalculation", None)
    if company.profile.country != "US":
        record["GlobalTaxCalculation"] = "NotApplicable"  # recorded: sales tax off outside the US
        return Terms(mode, inclusive=False, applicable=False, rates=())
    record.setdefault("ApplyTaxAfterDiscount", False)
    exempt = customer.get("Taxable") is False or bool(customer.get("TaxExemptionReasonId"))
    return Terms(mode, inclusive=False, applicable=True, rates=() if exempt else _us_rates(company, record, mode))


def _us_rates(company: Company, record: Record, mode: TaxMode) -> tuple[Rate, ...]:
    if mode is TaxMode.AUTOMATED:
        return rates_of_place(company, (record.get("ShipAddr"), record.get("BillAddr")))
    code = identifier_of((record.get("TxnTaxDetail") or {}).get("TxnTaxCodeRef"))
    # Guess: legacy tax without a transaction code is no tax.
    return rates_of_code(company, code) if mode is TaxMode.LEGACY and code else ()


def _set_tax(company: Company, record: Record, sale: Sale, sale_terms: Terms, given: Mapping[str, Any]) -> Decimal:
    if sale_terms.mode is TaxMode.NONE:
        record.pop("TxnTaxDetail", None)  # recorded: without sales tax lines are NON, and nothing is said of tax
        return ZERO
    discounted = sale_terms.mode is TaxMode.CODES or bool(record.get("ApplyTaxAfterDiscount"))
    taxed = sale.taxed_after(discounted=discounted)
    lines = tax_lines(taxed, company.cents, by_line=company.switches["round_tax_by_line"])
    wanted = (given.get("TxnTaxDetail") or {}).get("TotalTax")
    if sale_terms.inclusive and not sale.discount:
        lines = overridden(lines, sale.gross - sale.subtotal)
    elif wanted is not None and lines:
        lines = overridden(lines, cents(number(wanted, "TotalTax")))
    total = sum((number_in(line, "Amount") for line in lines), ZERO)
    detail: Record = {}
    code = (record.get("TxnTaxDetail") or {}).get("TxnTaxCodeRef")
    if sale_terms.mode is TaxMode.LEGACY and code:  # guess: kept where nothing is taxed yet
        detail["TxnTaxCodeRef"] = {"value": str(code["value"])}
    detail["TotalTax"] = amount(total)
    if lines:
        detail["TaxLine"] = lines
    record["TxnTaxDetail"] = detail
    return total


def _set_totals(company: Company, record: Record, total: Decimal) -> None:
    if total < 0:
        raise faults.business("Transaction amount must be zero or greater.")
    deposit = cents(number_in(record, "Deposit"))
    if deposit and not company.preferences("SalesFormsPrefs").get("AllowDeposit"):
        raise faults.business("Deposits on sales forms are turned off in this company.")
    if deposit < 0 or deposit > total:
        raise faults.business("The deposit is greater than the total.")
    record["TotalAmt"] = amount(total)


def set_balance(company: Company, kind: Kind, record: Record, applied: Decimal) -> None:
    """The open amount after deposit and what was applied; in home currency too where several are on."""
    left = _left(kind, record, applied)
    if left is not None:
        record["Balance"] = amount(left)
    if kind.name == "CreditMemo":
        record["RemainingCredit"] = record["Balance"]
    if company.multicurrency:
        rate = number_in(record, "ExchangeRate")
        record["HomeTotalAmt"] = amount(company.cents(number_in(record, "TotalAmt") * rate))
        if left is not None:
            record["HomeBalance"] = amount(company.cents(left * rate))


def _left(kind: Kind, record: Record, applied: Decimal) -> Decimal | None:
    """What is open; None of an estimate, which owes nothing."""
    if kind.name == "Estimate":
        return None
    if kind.name in PAID_AT_ONCE:
        return ZERO
    return number_in(record, "TotalAmt") - number_in(record, "Deposit") - applied
