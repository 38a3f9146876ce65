"""What QuickBooks settles by itself where the company wants it (quickbooks.md 7: AutoApplyCredit, AutoApplyPayments).

With AutoApplyCredit open credit memos pay open invoices, the oldest first, by payments of zero (recorded, note
included). With AutoApplyPayments money that no invoice was named for goes to the customer's open invoices. Guess: in
the order of dates, for the same customer only, right after the invoice, the credit memo or the payment was made; what
is answered to that call shows it already.
"""

from collections.abc import Iterator
from decimal import Decimal

from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.money import Record, amount, number_in

NOTE = "Created by QB Online to link credits to charges."


def settlements(company: Company, entity: str, made: Record) -> Iterator[Record]:
    """Payments, new or changed, to be submitted one after another once an object of that kind was made."""
    wishes = company.preferences("SalesFormsPrefs")
    if wishes.get("AutoApplyCredit") and entity in {"Invoice", "CreditMemo"}:
        yield from _by_credit(company, made)
    if wishes.get("AutoApplyPayments") and entity in {"Invoice", "Payment"}:
        yield from _by_money(company, made)


def _by_credit(company: Company, made: Record) -> Iterator[Record]:
    customer = made["CustomerRef"]["value"]
    for memo in _open(company, "CreditMemo", customer, "Balance"):
        left = number_in(memo, "Balance")
        for invoice in _open(company, "Invoice", customer, "Balance"):
            share = min(left, number_in(invoice, "Balance"))
            if share:
                left -= share
                yield _payment_of_zero(memo, invoice, share)


def _payment_of_zero(memo: Record, invoice: Record, share: Decimal) -> Record:
    lines = [_line("Invoice", invoice["Id"], share), _line("CreditMemo", memo["Id"], share)]
    applying = {"CustomerRef": memo["CustomerRef"], "CurrencyRef": memo["CurrencyRef"], "TotalAmt": 0}
    return {**applying, "PrivateNote": NOTE, "Line": lines}


def _by_money(company: Company, made: Record) -> Iterator[Record]:
    customer = made["CustomerRef"]["value"]
    for payment in _open(company, "Payment", customer, "UnappliedAmt"):
        left, lines = number_in(payment, "UnappliedAmt"), []
        for invoice in _open(company, "Invoice", customer, "Balance"):
            share = min(left, number_in(invoice, "Balance"))
            left -= share
            if share:
                lines.append(_line("Invoice", invoice["Id"], share))
        if lines:
            settled = {"Id": payment["Id"], "SyncToken": payment["SyncToken"], "sparse": True}
            yield {**settled, "Line": _joined(payment["Line"], lines)}


def _joined(before: list[Record], added: list[Record]) -> list[Record]:
    """The lines of the payment with the added ones; an invoice that it settles in part already keeps one line."""
    shares = {line["LinkedTxn"][0]["TxnId"]: line for line in added}
    kept = []
    for line in before:
        link = line["LinkedTxn"][0]
        more = shares.pop(link["TxnId"], None) if link["TxnType"] == "Invoice" else None
        value = number_in(line, "Amount") + (number_in(more, "Amount") if more else 0)
        kept.append({"Amount": amount(value), "LinkedTxn": line["LinkedTxn"]})
    return [*kept, *shares.values()]


def _line(entity: str, identifier: str, share: Decimal) -> Record:
    return {"Amount": amount(share), "LinkedTxn": [{"TxnId": identifier, "TxnType": entity}]}


def _open(company: Company, entity: str, customer: str, field: str) -> list[Record]:
    """The customer's objects of that kind with something open, in the order of their dates."""
    shelf = company.shelves[entity]
    found = [shelf.get(identifier) for identifier in shelf.find("CustomerRef", customer)]
    return sorted((each for each in found if each and number_in(each, field)), key=_age)


def _age(record: Record) -> tuple[str, int]:
    return record["TxnDate"], int(record["Id"])
