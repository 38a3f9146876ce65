"""A small ledger of its own, written from what is known of QuickBooks, not from the sandbox's code.

It says what every object must show after each step: amounts, links, SyncToken, the moment of the last change, and which
webhooks were told. Where nothing is known it holds the guesses that the sandbox states: of money that must be given
back the latest payment gives first, and what a credit paid goes back to the credit.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

ZERO, HUNDRED = Decimal(0), Decimal(100)
Key = tuple[str, str]


def cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass
class Kept:
    """What every object has: its version and the moment of its last change."""

    identifier: str
    token: int = 0
    changed: datetime | None = None


@dataclass
class Person(Kept):
    name: str = ""
    parent: str | None = None
    currency: str = ""
    active: bool = True
    region: str | None = None
    taxable: bool = True
    shown: tuple[Decimal, Decimal] = (ZERO, ZERO)
    """Balance and BalanceWithJobs as of the last step."""


@dataclass(frozen=True)
class Sold:
    """A line: what it says as its amount, and its tax code."""

    amount: Decimal
    code: str


@dataclass
class Form(Kept):
    kind: str = ""
    customer: str = ""
    lines: list[Sold] = field(default_factory=list)
    percent: int = 0
    shipping: Decimal = ZERO
    inclusive: bool = False
    region: str | None = None
    taxed_with: str = ""
    exempt: bool = False
    after_discount: bool = False
    deposit: Decimal = ZERO
    rate: Decimal = Decimal(1)
    number: str | None = None
    void: bool = False
    sent: bool = False
    estimate: str | None = None


@dataclass
class Receipt(Kept):
    """A payment: money, and what it settles of which form."""

    customer: str = ""
    total: Decimal = ZERO
    shares: dict[Key, Decimal] = field(default_factory=dict)
    void: bool = False

    def of(self, kind: str) -> Decimal:
        return sum((share for key, share in self.shares.items() if key[0] == kind), ZERO)

    @property
    def unapplied(self) -> Decimal:
        return self.total + self.of("CreditMemo") - self.of("Invoice")


@dataclass(frozen=True)
class Rules:
    """How the company taxes: `mode` is automated, legacy or codes; rates by place or by code."""

    mode: str
    rates: dict[str, tuple[Decimal, ...]]
    home: str


@dataclass(frozen=True)
class Sums:
    subtotal: Decimal
    discount: Decimal
    tax: Decimal
    total: Decimal


def sums_of(form: Form, rules: Rules) -> Sums:
    """quickbooks.md 14: what was sold, less the discount, and its tax."""
    if form.void:
        return Sums(ZERO, ZERO, ZERO, ZERO)
    nets = [(_net(sold, form, rules), _rates(sold, form, rules)) for sold in form.lines]
    subtotal = sum((net for net, _ in nets), ZERO)
    discount = cents(subtotal * form.percent / HUNDRED)
    lowered = discount and (rules.mode == "codes" or form.after_discount) and subtotal
    share = (subtotal - discount) / subtotal if lowered else Decimal(1)
    charged: dict[tuple[int, Decimal], Decimal] = {}
    for net, rates in nets:
        for place, percent in enumerate(rates):
            charged[place, percent] = charged.get((place, percent), ZERO) + net * share * percent / HUNDRED
    tax = sum((cents(each) for each in charged.values()), ZERO)
    if form.inclusive and not discount:
        tax = sum((sold.amount for sold in form.lines), ZERO) - subtotal
    return Sums(subtotal, discount, tax, subtotal - discount + form.shipping + tax)


def _rates(sold: Sold, form: Form, rules: Rules) -> tuple[Decimal, ...]:
    if rules.mode == "codes":
        return rules.rates[sold.code]
    if sold.code != "TAX" or form.exempt:
        return ()
    return rules.rates.get(form.taxed_with if rules.mode == "legacy" else form.region or "", ())


def _net(sold: Sold, form: Form, rules: Rules) -> Decimal:
    percent = sum(_rates(sold, form, rules), ZERO)
    return cents(sold.amount * HUNDRED / (HUNDRED + percent)) if form.inclusive else sold.amount


class Ledger:
    """All objects of one run. A step begins with `begin`, and ends with `settle`."""

    def __init__(self, rules: Rules, following: dict[str, int], *, custom_numbers: bool) -> None:
        self.rules = rules
        self.people: dict[str, Person] = {}
        self.forms: dict[Key, Form] = {}
        self.receipts: dict[str, Receipt] = {}
        self.gone: dict[Key, datetime] = {}
        self.told: Counter[tuple[str, ...]] = Counter()
        self.following = following
        self._custom_numbers = custom_numbers
        self.now: datetime | None = None

    def begin(self, now: datetime) -> None:
        self.now, self.told = now, Counter()

    def tell(self, kind: str, identifier: str, verb: str, deleted: str = "") -> None:
        data = {"deletedid": deleted} if deleted else {}
        self.told[f"qbo.{kind.lower()}.{verb}.v1", identifier, str(data)] += 1

    def touch(self, kept: Kept, *, bump: bool = True) -> None:
        """Changed in this step, once however often it was touched."""
        if bump and kept.changed != self.now and kept.changed is not None:
            kept.token += 1
        kept.changed = self.now

    def number(self, kind: str) -> str | None:
        """One sequence for all sales forms, another for estimates; none where people number."""
        if self._custom_numbers:
            return None
        sequence = "Estimate" if kind == "Estimate" else "Form"
        self.following[sequence] += 1
        return str(self.following[sequence])

    def settled(self, key: Key) -> Decimal:
        return sum((receipt.shares.get(key, ZERO) for receipt in self.receipts.values()), ZERO)

    def total(self, form: Form) -> Decimal:
        return sums_of(form, self.rules).total

    def open(self, form: Form) -> Decimal:
        """What is left of a form (quickbooks.md 15.6); a receipt is paid at once, an estimate owes nothing."""
        if form.kind not in {"Invoice", "CreditMemo"}:
            return ZERO
        deposit = ZERO if form.void else form.deposit
        return self.total(form) - deposit - self.settled((form.kind, form.identifier))

    def payers(self, key: Key) -> list[str]:
        return [identifier for identifier, receipt in self.receipts.items() if key in receipt.shares]

    def add_form(self, form: Form) -> None:
        self.forms[form.kind, form.identifier] = form
        self.touch(form)
        self.tell(form.kind, form.identifier, "created")
        if form.estimate:
            self.touch(self.forms["Estimate", form.estimate])
        self.release(form, -self.open(form))

    def pay(self, receipt: Receipt, shares: dict[Key, Decimal], verb: str) -> None:
        """quickbooks.md 15.4: applying and taking back moves the forms too."""
        for key in {**receipt.shares, **shares}:
            if receipt.shares.get(key, ZERO) != shares.get(key, ZERO):
                self.touch(self.forms[key])
        receipt.shares = shares
        if verb == "deleted":
            del self.receipts[receipt.identifier]
            self.gone["Payment", receipt.identifier] = self._moment()
        else:
            self.receipts[receipt.identifier] = receipt
            self.touch(receipt)
        self.tell("Payment", receipt.identifier, verb)

    def release(self, form: Form, excess: Decimal) -> None:
        """Give back so much of what was settled of a form, the latest payment first."""
        key = (form.kind, form.identifier)
        for identifier in sorted(self.payers(key), key=int, reverse=True):
            if excess <= 0:
                return
            receipt = self.receipts[identifier]
            excess -= self._lessen(receipt, [key], excess)
            over = receipt.unapplied - receipt.total if form.kind == "Invoice" else -receipt.unapplied
            if over > 0:
                other = "CreditMemo" if form.kind == "Invoice" else "Invoice"
                self._lessen(receipt, [each for each in receipt.shares if each[0] == other], over)

    def _lessen(self, receipt: Receipt, keys: list[Key], most: Decimal) -> Decimal:
        taken = ZERO
        for key in keys:
            share = min(receipt.shares[key], most - taken)
            if share > 0:
                taken += share
                receipt.shares[key] -= share
                if not receipt.shares[key]:
                    del receipt.shares[key]
                self.touch(self.forms[key])
        self.touch(receipt)
        return taken

    def end(self, form: Form, verb: str) -> None:
        """A void or a delete un-applies (quickbooks.md 15.7); an estimate is open again."""
        key = (form.kind, form.identifier)
        self.release(form, self.settled(key))
        if form.estimate:
            self.touch(self.forms["Estimate", form.estimate])
            form.estimate = None
        if verb == "deleted":
            self._unlink(form)
            del self.forms[key]
            self.gone[key] = self._moment()
        else:
            form.void = True
            self.touch(form)
        self.tell(form.kind, form.identifier, verb)

    def _unlink(self, form: Form) -> None:
        for other in self.forms.values():
            if form.kind == "Estimate" and other.estimate == form.identifier:
                other.estimate = None
                self.touch(other)

    def merge(self, winner: Person, loser: Person) -> None:
        for kind, kept in [*((form.kind, form) for form in self.forms.values()), *self._payments()]:
            if kept.customer == loser.identifier:
                kept.customer = winner.identifier
                self.touch(kept)
                self.tell(kind, kept.identifier, "updated")
        del self.people[loser.identifier]
        self.touch(winner)
        self.tell("Customer", winner.identifier, "merged", loser.identifier)

    def _payments(self) -> Iterator[tuple[str, Receipt]]:
        return (("Payment", receipt) for receipt in self.receipts.values())

    def own(self, person: str) -> Decimal:
        """quickbooks.md 15.5: what is open of its transactions."""
        owed = ZERO
        for form in self.forms.values():
            if form.customer == person:
                owed += self.open(form) * (-1 if form.kind == "CreditMemo" else 1)
        return owed - sum((each.unapplied for each in self.receipts.values() if each.customer == person), ZERO)

    def with_jobs(self, person: str) -> Decimal:
        jobs = [each.identifier for each in self.people.values() if each.parent == person]
        return self.own(person) + sum((self.with_jobs(job) for job in jobs), ZERO)

    def settle(self) -> None:
        """Customers whose balances moved have a new time and the old SyncToken."""
        for person in self.people.values():
            now = (self.own(person.identifier), self.with_jobs(person.identifier))
            if now != person.shown:
                person.shown = now
                self.touch(person, bump=False)

    def full_name(self, person: Person) -> str:
        return f"{self.full_name(self.people[person.parent])}:{person.name}" if person.parent else person.name

    def _moment(self) -> datetime:
        assert self.now is not None
        return self.now
