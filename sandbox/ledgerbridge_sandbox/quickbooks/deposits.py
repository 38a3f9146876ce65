"""Deposits to the bank: money received is taken out of Undeposited Funds, and is fixed from then on (quickbooks.md 7).

Guesses: a deposit moves time and SyncToken of what it takes in; only money that lies in Undeposited Funds can be taken
in, once, and the whole of it; the words of those refusals.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.moments import parse_date
from ledgerbridge_sandbox.quickbooks.money import ZERO, Record, amount, cents, number, number_in
from ledgerbridge_sandbox.quickbooks.payments import UNDEPOSITED_FUNDS
from ledgerbridge_sandbox.quickbooks.posting import Posting
from ledgerbridge_sandbox.quickbooks.references import currency, identifier_of, named, referred

DEPOSITED = ("Payment", "SalesReceipt")
"""What a deposit takes in."""
_DETAIL = "DepositLineDetail"


def prepare_deposit(company: Company, record: Record, old: Record | None, given: Mapping[str, Any]) -> Record:
    """The deposit as it will be stored; every update must repeat the account. Raises what QuickBooks would answer."""
    if identifier_of(given.get("DepositToAccountRef")) is None:
        raise faults.required("DepositToAccountRef")
    account = referred(company, "Account", record["DepositToAccountRef"], active=old is None)
    record["DepositToAccountRef"] = named("Account", account)
    day = parse_date(record["TxnDate"], "TxnDate") if record.get("TxnDate") else company.today()
    record["TxnDate"] = day.isoformat()
    record["CurrencyRef"] = currency(identifier_of(record.get("CurrencyRef")) or company.profile.home_currency)
    if not record.get("Line"):
        raise faults.required("Line")
    held = set(_taken_in(old))
    record["Line"] = [_line(company, line, held, at) for at, line in enumerate(record["Line"], start=1)]
    record["TotalAmt"] = amount(sum((number_in(line, "Amount") for line in record["Line"]), ZERO))
    return record


def _line(company: Company, line: Mapping[str, Any], held: set[tuple[str, str]], at: int) -> Record:
    if line.get("LinkedTxn"):
        return _linked(company, line["LinkedTxn"][0], held)
    detail = dict(line.get(_DETAIL) or {})
    if line.get("Amount") is None or identifier_of(detail.get("AccountRef")) is None:
        raise faults.required("Line.Amount" if line.get("Amount") is None else "AccountRef")
    detail["AccountRef"] = named("Account", referred(company, "Account", detail["AccountRef"]))
    value = cents(number(line["Amount"], "Amount"))
    return {"Id": str(at), "LineNum": at, "Amount": amount(value), "DetailType": _DETAIL, _DETAIL: detail}


def _linked(company: Company, link: Mapping[str, Any], held: set[tuple[str, str]]) -> Record:
    entity, identifier = str(link.get("TxnType")), str(link.get("TxnId"))
    money = company.get(entity, identifier) if entity in DEPOSITED else None
    if money is None:
        raise faults.dangling("Txns", identifier)
    waiting = identifier_of(money.get("DepositToAccountRef")) == UNDEPOSITED_FUNDS and not _deposit_of(money)
    if not waiting and (entity, identifier) not in held:
        raise faults.business("TxnID Cannot Be Linked")
    taken = {"TxnId": identifier, "TxnType": entity, "TxnLineId": "0"}
    return {"Amount": amount(_total(money)), "LinkedTxn": [taken]}


def _total(money: Mapping[str, Any]) -> Decimal:
    return number_in(money, "TotalAmt")


def _deposit_of(record: Mapping[str, Any]) -> str | None:
    links = (link["TxnId"] for link in record.get("LinkedTxn") or () if link["TxnType"] == "Deposit")
    return next(links, None)


def check_not_deposited(record: Mapping[str, Any]) -> None:
    """Raises 6540 for money that a deposit has taken in: it can be neither changed, voided nor deleted."""
    if _deposit_of(record):
        raise faults.deposited()


def _taken_in(deposit: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    for line in (deposit or {}).get("Line") or ():
        for link in line.get("LinkedTxn") or ():
            yield link["TxnType"], link["TxnId"]


def follow_deposit(posting: Posting, deposit: Record | None, old: Record | None) -> None:
    """Mark what the deposit takes in now, free what it took in before. None: there is no deposit."""
    before, after = set(_taken_in(old)), list(_taken_in(deposit))
    for entity, identifier in before.difference(after):
        _link(posting, entity, identifier, None)
    for entity, identifier in after:
        if (entity, identifier) not in before and deposit is not None:
            _link(posting, entity, identifier, deposit["Id"])


def _link(posting: Posting, entity: str, identifier: str, deposit: str | None) -> None:
    money = posting.get(entity, identifier)
    if money is None:
        return
    others = [link for link in money.get("LinkedTxn") or () if link["TxnType"] != "Deposit"]
    money["LinkedTxn"] = [*others, *([{"TxnId": deposit, "TxnType": "Deposit"}] if deposit else [])]
    posting.touch(entity, identifier)
