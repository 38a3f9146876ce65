"""One posting: every object that a business event changes, stored together, and what that does to customers.

Rules (quickbooks.md 15.4 to 15.7): applying money or credit moves the invoice's SyncToken and time; a void or delete
un-applies; a customer's balance and time follow every posting, its SyncToken does not.
"""

from collections.abc import Iterator
from decimal import Decimal

from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.customer_balances import CustomerBalances
from ledgerbridge_sandbox.quickbooks.inventory import Stock
from ledgerbridge_sandbox.quickbooks.money import ZERO, Record, amount, number_in
from ledgerbridge_sandbox.quickbooks.references import identifier_of
from ledgerbridge_sandbox.quickbooks.sales_forms import set_balance
from ledgerbridge_sandbox.quickbooks.schema import KINDS

PAYABLE = ("Invoice", "CreditMemo")


def _owed(entity: str, record: Record | None) -> Decimal:
    """What the object adds to its customer's balance."""
    if record is None:
        return ZERO
    if entity == "Invoice":
        return number_in(record, "Balance")
    if entity == "CreditMemo":
        return -number_in(record, "Balance")
    return -number_in(record, "UnappliedAmt")


def _customer(record: Record | None) -> str | None:
    return identifier_of((record or {}).get("CustomerRef"))


def applied_to(record: Record | None) -> Decimal:
    """How much of a form is settled by payments or credits."""
    if record is None:
        return ZERO
    return number_in(record, "TotalAmt") - number_in(record, "Deposit") - number_in(record, "Balance")


def payment_lines(payment: Record, entity: str) -> Iterator[tuple[Record, str]]:
    """Each line of a payment that is linked to a form of that kind, with the form's id."""
    for line in payment.get("Line") or ():
        for link in line.get("LinkedTxn") or ():
            if link["TxnType"] == entity:
                yield line, link["TxnId"]


def lines_total(payment: Record, entity: str) -> Decimal:
    """What the payment applies to (Invoice) or takes from (CreditMemo) forms of that kind."""
    return sum((number_in(line, "Amount") for line, _ in payment_lines(payment, entity)), ZERO)


class Posting:
    """Collects changed objects and stores them at `commit`; nothing is changed before that."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._loaded: dict[tuple[str, str], Record] = {}
        self._changed: dict[tuple[str, str], str | None] = {}
        self._removed: list[tuple[str, str]] = []

    def get(self, entity: str, identifier: str) -> Record | None:
        """The object as this posting has it."""
        key = (entity, identifier)
        if key not in self._loaded:
            found = self._company.get(entity, identifier)
            if found is None:
                return None
            self._loaded[key] = found
        return self._loaded[key]

    def put(self, entity: str, record: Record, verb: str) -> None:
        """The object that the event is about."""
        key = (entity, record["Id"])
        self._loaded[key] = record
        self._changed[key] = verb

    def remove(self, entity: str, identifier: str) -> None:
        """A transaction to be deleted."""
        self._removed.append((entity, identifier))

    def apply(self, entity: str, identifier: str, delta: Decimal, payment: str, *, linked: bool) -> None:
        """A payment settles `delta` more of a form; `linked` says whether it settles anything of it now."""
        form = self.get(entity, identifier)
        if form is None:
            return
        set_balance(self._company, KINDS[entity], form, applied_to(form) + delta)
        others = [link for link in form["LinkedTxn"] if link != {"TxnId": payment, "TxnType": "Payment"}]
        form["LinkedTxn"] = [*others, {"TxnId": payment, "TxnType": "Payment"}] if linked else others
        self.touch(entity, identifier)

    def touch(self, entity: str, identifier: str) -> None:
        """An object changes with another. Guess: whether that is told is not settled, hence the switch."""
        verb = "updated" if self._company.switches["tell_indirect_changes"] else None
        self._changed.setdefault((entity, identifier), verb)

    def release(self, entity: str, identifier: str, excess: Decimal) -> None:
        """Take back `excess` of what payments settle of a form, the latest payment first."""
        payments = sorted(self._company.shelves["Payment"].find("linked", f"{entity}:{identifier}"), key=int)
        for payment_id in reversed(payments):
            if excess <= 0:
                return
            payment = self.get("Payment", payment_id)
            if payment is not None:
                excess -= self._reduce(payment, entity, excess, only=identifier)
                self._even_out(payment, entity)

    def _reduce(self, payment: Record, entity: str, most: Decimal, only: str | None = None) -> Decimal:
        taken = ZERO
        for line, identifier in list(payment_lines(payment, entity)):
            share = min(number_in(line, "Amount"), most - taken)
            if share <= 0 or only not in {None, identifier}:
                continue
            taken += share
            left = number_in(line, "Amount") - share
            line["Amount"] = amount(left)
            self.apply(entity, identifier, -share, payment["Id"], linked=bool(left))
        payment["Line"] = [line for line in payment["Line"] if number_in(line, "Amount")]
        self.touch("Payment", payment["Id"])
        return taken

    def _even_out(self, payment: Record, entity: str) -> None:
        """What a credit paid goes back to the credit, not into money that never came; and the reverse."""
        total = number_in(payment, "TotalAmt")
        free = total + lines_total(payment, "CreditMemo") - lines_total(payment, "Invoice")
        if entity == "Invoice" and free > total:
            self._reduce(payment, "CreditMemo", free - total)
        elif free < 0:
            self._reduce(payment, "Invoice", -free)
        free = total + lines_total(payment, "CreditMemo") - lines_total(payment, "Invoice")
        payment["UnappliedAmt"] = amount(free)

    def commit(self) -> None:
        """Store and tell everything; then move the customers' balances and the stock, with their times."""
        balances, stock = CustomerBalances(self._company), Stock(self._company)
        for entity, identifier in self._removed:
            self._changed.pop((entity, identifier), None)
            before = self._company.get(entity, identifier)
            balances.move(_customer(before), -_owed(entity, before))
            stock.count(entity, before, -1)
            self._company.forget(KINDS[entity], identifier)
        for (entity, identifier), verb in self._changed.items():
            for record, sign in ((self._company.get(entity, identifier), -1), (self._loaded[entity, identifier], 1)):
                balances.move(_customer(record), sign * _owed(entity, record))
                stock.count(entity, record, sign)
            self._company.keep(KINDS[entity], self._loaded[entity, identifier], verb)
        balances.post()
        stock.post()
