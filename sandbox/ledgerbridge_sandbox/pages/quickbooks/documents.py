"""What a page shows of a sales form: its lines, totals, taxes, and what settles it."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ledgerbridge_sandbox.quickbooks.bundle_lines import every_line
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.money import Record, number_in
from ledgerbridge_sandbox.quickbooks.posting import payment_lines

SALES, DISCOUNT, SUBTOTAL = "SalesItemLineDetail", "DiscountLineDetail", "SubTotalLineDetail"
_US_CODES = {"TAX": "Taxable", "NON": "Not taxable"}


@dataclass(frozen=True)
class Row:
    """One line as the page shows it."""

    name: str
    words: str
    quantity: Any
    price: Any
    tax: str
    amount: Any


@dataclass(frozen=True)
class TaxRow:
    """One tax of the whole form."""

    name: str
    percent: Decimal
    taxed: Decimal
    tax: Any


@dataclass(frozen=True)
class Settlement:
    """A payment on a form, with the credits that it applies and the other invoices that it pays."""

    payment: Record
    share: Decimal
    memos: list[Record]
    others: list[Record]


def rows_of(company: Company, form: Record) -> Iterator[Row]:
    """The lines in their order, those inside bundles too; the sums below them apart."""
    for line in every_line(form["Line"]):
        if line["DetailType"] in {DISCOUNT, SUBTOTAL}:
            continue
        detail = line.get(SALES, {})
        item = detail.get("ItemRef") or line.get("GroupLineDetail", {}).get("GroupItemRef") or {}
        code = (detail.get("TaxCodeRef") or {}).get("value", "")
        yield Row(
            item.get("name") or item.get("value", ""),
            line.get("Description") or "",
            detail.get("Qty"),
            detail.get("UnitPrice"),
            _US_CODES.get(code) or (company.get("TaxCode", code) or {}).get("Name", ""),
            line.get("Amount"),
        )


def totals_of(company: Company, form: Record) -> dict[str, Any]:
    """Subtotal, discount and taxes."""
    return {
        "subtotal": _amount_of(form, SUBTOTAL),
        "discount": _amount_of(form, DISCOUNT),
        "taxes": list(_taxes(company, form)),
    }


def _amount_of(form: Record, detail: str) -> Any:
    return next((line.get("Amount") for line in form["Line"] if line["DetailType"] == detail), None)


def _taxes(company: Company, form: Record) -> Iterator[TaxRow]:
    for line in form["TxnTaxDetail"].get("TaxLine") or ():
        detail = line["TaxLineDetail"]
        rate = company.get("TaxRate", str((detail.get("TaxRateRef") or {}).get("value"))) or {}
        name = rate.get("Name") or "Sales tax"
        yield TaxRow(name, number_in(detail, "TaxPercent"), number_in(detail, "NetAmountTaxable"), line["Amount"])


def settlements_of(company: Company, entity: str, form: Record) -> list[Settlement]:
    """What settles something of the form, in the order of the dates."""
    found = company.shelves["Payment"].find("linked", f"{entity}:{form['Id']}")
    payments = [payment for identifier in found if (payment := company.get("Payment", identifier))]
    payments.sort(key=lambda payment: (payment["TxnDate"], int(payment["Id"])))
    return [_settlement(company, entity, form["Id"], payment) for payment in payments]


def _settlement(company: Company, entity: str, form_id: str, payment: Record) -> Settlement:
    share = sum(
        (number_in(line, "Amount") for line, paid in payment_lines(payment, entity) if paid == form_id), Decimal(0)
    )
    others = [other for _, paid in payment_lines(payment, "Invoice") if paid != form_id or entity != "Invoice"
              if (other := company.get("Invoice", paid))]  # fmt: skip
    memos = [memo for _, paid in payment_lines(payment, "CreditMemo") if (memo := company.get("CreditMemo", paid))]
    return Settlement(payment, share, memos, others)
