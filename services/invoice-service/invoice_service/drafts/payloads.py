"""The exact bytes that QuickBooks is sent for a customer and an invoice (quickbooks.md 5, 6, 8).

Amounts are written as JSON numbers from Decimal, never through a float. The same input gives the same bytes: an
attempt whose outcome is unknown is repeated with them.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
from ledgerbridge.errors import Refused

from invoice_service.catalogue.customers import MAX_EMAIL, NewCustomer, emails_in
from invoice_service.catalogue.taxes import TAXABLE, CustomerTax, TaxMode, TaxRules
from invoice_service.drafts.totals import net_amount
from invoice_service.lines import InvoiceLine, OrderDiscount
from invoice_service.money import unit_price_for

MAX_NUMBER, MAX_MESSAGE, MAX_NOTE = 21, 1000, 4000
_ENCODER = msgspec.json.Encoder(decimal_format="number")

# Guess: a company whose Preferences have online payment on offers card and bank transfer, since QuickBooks sets these
# two by itself where a create says nothing (quickbooks.md 5); PayPal and Affirm stay as they are.
ONLINE_PAYMENT = ("AllowOnlineCreditCardPayment", "AllowOnlineACHPayment")
ALL_ONLINE_PAYMENT = (*ONLINE_PAYMENT, "AllowOnlinePayPalPayment", "AllowOnlineAffirmPayment")
# An invoice that a customer could pay or get by itself is never what a create makes (product.md, Created, never sent).
_NEVER_SENT = {"EmailStatus": "NotSet", **dict.fromkeys(ALL_ONLINE_PAYMENT, False)}


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceRequest:
    """All that a create says. `currency` is sent only with multicurrency; `number` only where a person supplies it.

    `bill_email` is empty where the setting says so. `marker` is `request_ids.marker_of` the order.
    """

    customer_id: str
    lines: tuple[InvoiceLine, ...]
    discount: OrderDiscount | None
    rules: TaxRules
    customer_tax: CustomerTax
    currency: str
    multicurrency: bool
    invoice_date: date
    due_date: date | None
    term_id: str | None
    message: str
    bill_email: str
    number: str | None
    marker: str
    note: str = ""


def invoice_bytes(request: InvoiceRequest) -> bytes:
    """The body of the create. Raises Refused INVALID for a text that QuickBooks would cut or refuse."""
    _check_texts(request)
    body: dict[str, Any] = {
        "CustomerRef": {"value": request.customer_id},
        "TxnDate": request.invoice_date.isoformat(),
        "DueDate": request.due_date.isoformat() if request.due_date else None,
        "SalesTermRef": {"value": request.term_id} if request.term_id else None,
        "DocNumber": request.number or None,
        "CurrencyRef": {"value": request.currency} if request.multicurrency else None,
        "Line": _lines(request),
        **_tax(request),
        "CustomerMemo": {"value": request.message} if request.message else None,
        "PrivateNote": _note(request),
        "BillEmail": {"Address": email} if (email := bill_email(request.bill_email)) else None,
        **_NEVER_SENT,
    }
    return _encoded(body)


def _check_texts(request: InvoiceRequest) -> None:
    for field, value, limit in (
        ("number", request.number or "", MAX_NUMBER),
        ("message", request.message, MAX_MESSAGE),
    ):
        if len(value) > limit:
            raise Refused("INVALID", field=field, problem=f"at most {limit} characters")


def _note(request: InvoiceRequest) -> str:
    room = MAX_NOTE - len(request.marker) - 1
    return f"{request.note[:room]} {request.marker}".strip()


def bill_email(written: str) -> str:
    """As many of the addresses as fit into QuickBooks' 100 characters, apart by commas."""
    kept = ""
    for address in emails_in(written):
        longer = f"{kept},{address}" if kept else address
        kept = longer if len(longer) <= MAX_EMAIL else kept
    return kept


def _lines(request: InvoiceRequest) -> list[dict[str, Any]]:
    lines = [_line(line, request) for line in request.lines]
    return [*lines, _discount(request.discount)] if request.discount else lines


def _line(line: InvoiceLine, request: InvoiceRequest) -> dict[str, Any]:
    amount, price, gross = _amounts(line, request.rules)
    code = request.rules.line_code(line, request.customer_tax)
    detail = {
        "ItemRef": {"value": line.item_id},
        "Qty": line.quantity if price is not None else None,
        "UnitPrice": price,
        "TaxInclusiveAmt": gross,
        "TaxCodeRef": {"value": code} if code else None,
        "ServiceDate": line.service_date.isoformat() if line.service_date else None,
    }
    return {
        "Description": line.description or None,
        "Amount": amount,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": detail,
    }


def _amounts(line: InvoiceLine, rules: TaxRules) -> tuple[Decimal, Decimal | None, Decimal | None]:
    """Amount, unit price and amount with tax. Where prices contain tax, Amount is what is left without it."""
    if not (rules.inclusive and rules.mode is TaxMode.CODES):
        return line.amount, line.unit_price, None
    net = net_amount(line.amount, rules.codes[line.tax_code_id or ""])
    price = unit_price_for(line.quantity, net / line.quantity, net) if line.quantity else None
    return net, price, line.amount


def _discount(discount: OrderDiscount) -> dict[str, Any]:
    by_percent = discount.percent is not None
    return {
        "Description": discount.label or None,
        "Amount": discount.amount,
        "DetailType": "DiscountLineDetail",
        "DiscountLineDetail": {"PercentBased": by_percent, "DiscountPercent": discount.percent},
    }


def _tax(request: InvoiceRequest) -> dict[str, Any]:
    rules, customer = request.rules, request.customer_tax
    if rules.mode is TaxMode.CODES:
        return {"GlobalTaxCalculation": "TaxInclusive" if rules.inclusive else "TaxExcluded"}
    code = rules.transaction_code(customer)
    taxable = any(rules.line_code(line, customer) == TAXABLE for line in request.lines)
    return {
        "TxnTaxDetail": {"TxnTaxCodeRef": {"value": code}} if code and taxable else None,
        # HubSpot takes order discounts off before tax (hubspot.md 8).
        "ApplyTaxAfterDiscount": True if request.discount and rules.mode.united_states else None,
    }


def customer_bytes(customer: NewCustomer, *, multicurrency: bool) -> bytes:
    """The body that creates a customer. Raises Refused INVALID for characters that QuickBooks forbids in names."""
    customer.check_names()
    address = customer.address
    body = {
        "DisplayName": customer.display_name.strip(),
        "CompanyName": customer.company_name or None,
        "GivenName": customer.given_name or None,
        "FamilyName": customer.family_name or None,
        "PrimaryEmailAddr": {"Address": customer.email} if customer.email else None,
        "PrimaryPhone": {"FreeFormNumber": customer.phone} if customer.phone else None,
        "CurrencyRef": {"value": customer.currency} if multicurrency and customer.currency else None,
        "BillAddr": {
            "Line1": address.line1 or None,
            "Line2": address.line2 or None,
            "City": address.city or None,
            "CountrySubDivisionCode": address.region or None,
            "PostalCode": address.postal_code or None,
            "Country": address.country or None,
        },
    }
    return _encoded(body)


def online_payment_bytes(quickbooks_id: str, sync_token: str) -> bytes:
    """The body that lets a customer pay an invoice online."""
    return _encoded(
        {"Id": quickbooks_id, "SyncToken": sync_token, "sparse": True, **dict.fromkeys(ONLINE_PAYMENT, True)}
    )


def void_bytes(quickbooks_id: str, sync_token: str) -> bytes:
    """The body that voids an invoice."""
    return _encoded({"Id": quickbooks_id, "SyncToken": sync_token})


def _encoded(body: dict[str, Any]) -> bytes:
    return _ENCODER.encode(_without_nothing(body))


def _without_nothing(value: Any) -> Any:
    """Leave out what has no value, and objects that are empty after that."""
    if isinstance(value, dict):
        kept = {name: _without_nothing(inner) for name, inner in value.items()}
        return {name: inner for name, inner in kept.items() if inner is not None and inner != {}}
    if isinstance(value, list):
        return [_without_nothing(inner) for inner in value]
    return value
