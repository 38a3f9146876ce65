"""What QuickBooks says of an invoice: the fields that matter, exact, and one hash over them.

Field names and meanings: quickbooks.md 5. A time stamp or SyncToken that moved alone changes no fact.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from invoice_service.quickbooks_values import (
    ZERO,
    Document,
    amount,
    calendar_date,
    instant,
    optional_amount,
    part,
    parts,
    reference,
    text,
)

HANDED_OVER_E_INVOICE = frozenset({"Sent", "Viewed", "Paid"})
VOIDED_NOTE = "Voided"


@dataclass(frozen=True, slots=True)
class LineFacts:
    """One line of an invoice. `kind` is QuickBooks' DetailType; a discount's `amount` is positive and subtracts."""

    kind: str
    quickbooks_id: str = ""
    description: str = ""
    item_id: str = ""
    item_name: str = ""
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    amount: Decimal = ZERO
    tax_code: str = ""
    service_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFacts:
    """An invoice as QuickBooks last told it, with the verbs that only notices tell.

    Amounts are in `currency`; `exchange_rate` is home units per unit of it. `voided_by_notice` and `deleted` stick:
    they are hints of notices or of a confirmed absence, kept with the facts.
    """

    quickbooks_id: str
    sync_token: str = ""
    number: str = ""
    customer_id: str = ""
    customer_name: str = ""
    invoice_date: date | None = None
    due_date: date | None = None
    currency: str = ""
    exchange_rate: Decimal | None = None
    total: Decimal = ZERO
    balance: Decimal = ZERO
    home_total: Decimal | None = None
    deposit: Decimal = ZERO
    tax: Decimal = ZERO
    lines: tuple[LineFacts, ...] = ()
    bill_email: str = ""
    email_status: str = ""
    print_status: str = ""
    delivered_at: datetime | None = None
    e_invoice_status: str = ""
    private_note: str = ""
    message: str = ""
    term_id: str = ""
    invoice_link: str = ""
    payment_ids: tuple[str, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    voided_by_notice: bool = False
    deleted: bool = False

    @property
    def voided(self) -> bool:
        """All amounts 0 and (the note begins with "Voided", or a void verb was stored). A total edited to 0 is not."""
        nothing_left = not self.total and not self.balance and not any(line.amount for line in self.lines)
        return nothing_left and (self.private_note.startswith(VOIDED_NOTE) or self.voided_by_notice)

    @property
    def emailed(self) -> bool:
        """Whether QuickBooks says that the invoice was e-mailed; right after our create that is an alarm (S-11)."""
        return self.email_status == "EmailSent"


def read_invoice(document: Document) -> InvoiceFacts:
    """Read an Invoice object of QuickBooks; its subtotal lines, which the server makes, are left out."""
    delivery, times = part(document, "DeliveryInfo"), part(document, "MetaData")
    return InvoiceFacts(
        quickbooks_id=text(document, "Id"),
        sync_token=text(document, "SyncToken"),
        number=text(document, "DocNumber"),
        customer_id=reference(document, "CustomerRef"),
        customer_name=reference(document, "CustomerRef", "name"),
        invoice_date=calendar_date(document, "TxnDate"),
        due_date=calendar_date(document, "DueDate"),
        currency=reference(document, "CurrencyRef"),
        exchange_rate=optional_amount(document, "ExchangeRate"),
        total=amount(document, "TotalAmt"),
        balance=amount(document, "Balance"),
        home_total=optional_amount(document, "HomeTotalAmt"),
        deposit=amount(document, "Deposit"),
        tax=amount(part(document, "TxnTaxDetail"), "TotalTax"),
        lines=tuple(_line(line) for line in parts(document, "Line") if line.get("DetailType") != "SubTotalLineDetail"),
        bill_email=reference(document, "BillEmail", "Address"),
        email_status=text(document, "EmailStatus"),
        print_status=text(document, "PrintStatus"),
        delivered_at=instant(delivery.get("DeliveryTime")),
        e_invoice_status=text(document, "EInvoiceStatus"),
        private_note=text(document, "PrivateNote"),
        message=reference(document, "CustomerMemo"),
        term_id=reference(document, "SalesTermRef"),
        invoice_link=text(document, "InvoiceLink"),
        payment_ids=_payment_ids(document),
        created_at=instant(times.get("CreateTime")),
        updated_at=instant(times.get("LastUpdatedTime")),
        deleted=document.get("status") == "Deleted",
    )


def _line(line: Document) -> LineFacts:
    kind = text(line, "DetailType")
    detail = part(line, kind)
    return LineFacts(
        kind=kind,
        quickbooks_id=text(line, "Id"),
        description=text(line, "Description"),
        item_id=reference(detail, "ItemRef"),
        item_name=reference(detail, "ItemRef", "name"),
        quantity=optional_amount(detail, "Qty"),
        unit_price=optional_amount(detail, "UnitPrice"),
        amount=amount(line, "Amount"),
        tax_code=reference(detail, "TaxCodeRef"),
        service_date=calendar_date(detail, "ServiceDate"),
    )


def _payment_ids(document: Document) -> tuple[str, ...]:
    links = parts(document, "LinkedTxn")
    return tuple(sorted({text(link, "TxnId") for link in links if link.get("TxnType") == "Payment"}))


def handed_over(facts: InvoiceFacts, *, printed_counts: bool = True, marked_by_person: bool = False) -> bool:
    """Whether the invoice reached the customer (Sent to customer, S-43); NotSet and NeedToSend alone are waiting.

    `printed_counts` is the connection's setting, `marked_by_person` a mark that somebody set in Ledgerbridge.
    """
    return (
        facts.emailed
        or facts.delivered_at is not None
        or facts.e_invoice_status in HANDED_OVER_E_INVOICE
        or (printed_counts and facts.print_status == "PrintComplete")
        or marked_by_person
    )


def with_earlier(facts: InvoiceFacts, before: InvoiceFacts | None) -> InvoiceFacts:
    """Fresh facts with the verbs that were stored with the earlier ones: a read cannot tell a void verb again."""
    if before is None:
        return facts
    return replace(facts, voided_by_notice=facts.voided_by_notice or before.voided_by_notice)


def as_deleted(facts: InvoiceFacts) -> InvoiceFacts:
    """The last known facts of an invoice whose deletion is confirmed; nothing is owed any more, the number is kept."""
    return replace(facts, deleted=True, balance=ZERO)


_MATTERING = [one.name for one in fields(InvoiceFacts) if one.name not in {"sync_token", "updated_at", "invoice_link"}]
_LINE = [one.name for one in fields(LineFacts)]


def facts_hash(facts: InvoiceFacts) -> bytes:
    """Sixteen bytes over the facts that matter; equal amounts hash equally however many zeros they are written with."""
    content = {name: _canonical(getattr(facts, name)) for name in _MATTERING}
    return hashlib.blake2b(msgspec.json.encode(content, order="sorted"), digest_size=16).digest()


def _canonical(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value.normalize())
    if isinstance(value, LineFacts):
        return {name: _canonical(getattr(value, name)) for name in _LINE}
    if isinstance(value, list | tuple):
        return [_canonical(inner) for inner in value]
    return value


def to_document(facts: InvoiceFacts) -> dict[str, Any]:
    """The facts as a JSON document for the database; amounts are strings, exact."""
    document: dict[str, Any] = msgspec.to_builtins(facts)
    return document


def from_document(document: Mapping[str, Any]) -> InvoiceFacts:
    """The facts that `to_document` wrote."""
    return msgspec.convert(document, InvoiceFacts)
