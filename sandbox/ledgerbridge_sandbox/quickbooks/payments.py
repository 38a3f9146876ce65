"""Payments: money, and credits applied by a payment of zero (quickbooks.md 7)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.moments import parse_date
from ledgerbridge_sandbox.quickbooks.money import ZERO, Record, amount, cents, number, number_in, quantity
from ledgerbridge_sandbox.quickbooks.posting import PAYABLE, Posting, lines_total, payment_lines
from ledgerbridge_sandbox.quickbooks.rates import rate_on
from ledgerbridge_sandbox.quickbooks.references import currency, identifier_of, name_tracked, named, referred
from ledgerbridge_sandbox.quickbooks.voiding import voided_note

UNDEPOSITED_FUNDS = "4"
_NUMBER_LIMIT = 21

Shares = dict[tuple[str, str], Decimal]
"""What a payment settles: (Invoice or CreditMemo, id) to the amount."""


def prepare_payment(company: Company, record: Record, old: Record | None) -> Record:
    """The payment as it will be stored. Raises the fault that QuickBooks would answer."""
    if identifier_of(record.get("CustomerRef")) is None:
        raise faults.required("CustomerRef")
    if record.get("TotalAmt") is None:
        raise faults.business("You must set a transaction amount.")
    if len(str(record.get("PaymentRefNum") or "")) > _NUMBER_LIMIT:
        raise faults.too_long("PaymentRefNum", _NUMBER_LIMIT)
    name_tracked(company, record)
    customer = referred(company, "Customer", record["CustomerRef"], active=old is None)
    record["CustomerRef"] = named("Customer", customer)
    _set_plain(company, record, customer)
    total = cents(number(record["TotalAmt"], "TotalAmt"))
    if total < 0:
        raise faults.business("Transaction amount must be zero or greater.")
    record["TotalAmt"] = amount(total)
    record["Line"] = _lines(company, record, customer, old)
    free = total + lines_total(record, "CreditMemo") - lines_total(record, "Invoice")
    if free < 0:
        # Guess at the words; that more than the payment holds cannot be applied is certain.
        raise faults.business("The amount applied is more than the amount of the payment.")
    record["UnappliedAmt"] = amount(free)
    return record


def _set_plain(company: Company, record: Record, customer: Record) -> None:
    day = parse_date(record["TxnDate"], "TxnDate") if record.get("TxnDate") else company.today()
    record["TxnDate"] = day.isoformat()
    code = identifier_of(customer.get("CurrencyRef")) or company.profile.home_currency
    wanted = identifier_of(record.get("CurrencyRef"))
    if wanted not in {None, code}:
        raise faults.business("The currency of the transaction is not the currency of the customer.")
    record["CurrencyRef"] = currency(code)
    if company.multicurrency:
        rate = number_in(record, "ExchangeRate") or rate_on(company, code, day)
        if not rate or rate < 0:
            raise faults.business(f"No exchange rate is known for {code}.")
        record["ExchangeRate"] = quantity(rate)
    record.setdefault("DepositToAccountRef", {"value": UNDEPOSITED_FUNDS})
    record.setdefault("ProcessPayment", False)
    record.setdefault("LinkedTxn", [])


def shares_of(payment: Record | None) -> Shares:
    """What the payment settles now."""
    shares: Shares = {}
    for entity in PAYABLE:
        for line, identifier in payment_lines(payment or {}, entity):
            shares[entity, identifier] = shares.get((entity, identifier), ZERO) + number_in(line, "Amount")
    return shares


def _lines(company: Company, record: Record, customer: Record, old: Record | None) -> list[Record]:
    free = shares_of(old)
    told = list((old or {}).get("Line") or ())
    lines: list[Record] = []
    for line in record.get("Line") or ():
        made = _line(company, line, customer, free)
        if made:
            lines.append(_as_before(told, made))
    return lines


def _as_before(told: list[Record], made: Record) -> Record:
    """A line that settles as much of the same form as one did before is that one."""
    for at, line in enumerate(told):
        if _target(line) == _target(made) and line["Amount"] == made["Amount"]:
            return told.pop(at)
    return made


def _target(line: Mapping[str, Any]) -> tuple[str, str]:
    links = line.get("LinkedTxn") or []
    if len(links) != 1:
        raise faults.required("Line.LinkedTxn")
    return str(links[0].get("TxnType")), str(links[0].get("TxnId"))


def _line(company: Company, line: Mapping[str, Any], customer: Record, free: Shares) -> Record | None:
    """The line as it is stored; `free` is what the payment held so far, less what its lines before this one take."""
    entity, identifier = _target(line)
    if entity not in PAYABLE:
        raise faults.business(f"This sandbox applies payments to invoices and credit memos, not to {entity}.")
    form = company.get(entity, identifier)
    if form is None:
        gone = (entity, identifier) in company.deleted
        raise faults.deleted_transaction() if gone else faults.dangling("Txns", identifier)
    if not _family_of(company, customer, form):
        raise faults.business("TxnID Cannot Be Linked")
    if line.get("Amount") is None:
        raise faults.required("Line.Amount")
    wanted = cents(number(line["Amount"], "Amount"))
    key = (entity, identifier)
    available = number_in(form, "Balance") + free.get(key, ZERO)
    if wanted < 0 or (entity == "CreditMemo" and wanted > available):
        raise faults.business("The amount applied is more than the remaining credit.")
    # More than is open is accepted; the rest stays unapplied (quickbooks.md 7).
    share = min(wanted, available)
    free[key] = free.get(key, ZERO) - share
    return _stored_line(entity, form, share, available) if share else None


def _family_of(company: Company, customer: Record, form: Record) -> bool:
    """A form of the customer or of one of its sub-customers. Guess for the latter."""
    current: str | None = identifier_of(form["CustomerRef"])
    while current is not None and current != customer["Id"]:
        current = identifier_of((company.get("Customer", current) or {}).get("ParentRef"))
    return current is not None


def _stored_line(entity: str, form: Record, share: Decimal, available: Decimal) -> Record:
    facts = {
        "txnId": form["Id"],
        "txnOpenBalance": f"{available:.2f}",
        "txnReferenceNumber": form.get("DocNumber"),
    }
    return {
        "Amount": amount(share),
        "LinkedTxn": [{"TxnId": form["Id"], "TxnType": entity}],
        "LineEx": {"any": [_jaxb(name, value) for name, value in facts.items() if value is not None]},
    }


def _jaxb(name: str, value: str) -> Record:
    return {
        "name": "{http://schema.intuit.com/finance/v3}NameValue",
        "declaredType": "com.intuit.schema.finance.v3.NameValue",
        "scope": "javax.xml.bind.JAXBElement$GlobalScope",
        "value": {"Name": name, "Value": value},
        "nil": False,
        "globalScope": True,
        "typeSubstituted": False,
    }


def post_payment(posting: Posting, record: Record, old: Record | None, verb: str) -> None:
    """Put the payment into the posting and settle the difference to what it settled before."""
    before, after = shares_of(old), shares_of(record)
    for entity, identifier in {**before, **after}:
        delta = after.get((entity, identifier), ZERO) - before.get((entity, identifier), ZERO)
        if delta:
            posting.apply(entity, identifier, delta, record["Id"], linked=(entity, identifier) in after)
    posting.put("Payment", record, verb)


def void_payment(record: Record) -> None:
    """Nothing is paid any more; the payment stays, with amounts 0 (quickbooks.md 7)."""
    record["Line"] = []
    record["TotalAmt"] = 0
    record["UnappliedAmt"] = 0
    record["PrivateNote"] = voided_note(record.get("PrivateNote"))
