"""Anything that an application and a bookkeeper may do, in any order, each step held against the reference."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from ledger.agreement import FORMS, ask, check
from ledger.door import Door
from ledger.reference import ZERO, Form, Key, Ledger, Person, Receipt, Rules, Sold, cents

AMOUNT = st.integers(1, 500_000).map(lambda value: Decimal(value) / 100)
PIECES = st.sampled_from([None, Decimal(1), Decimal(3), Decimal("0.125"), Decimal("7.5")])
MOST_LEVELS = 4
Line = tuple[Decimal, Decimal | None, int]


class Bookkeeping(RuleBasedStateMachine):
    """`realm` and `mode` are those of the company."""

    door: ClassVar[Door]
    realm: ClassVar[str]
    mode: ClassVar[str]
    currencies: ClassVar[tuple[str, ...]]
    codes: ClassVar[tuple[str, ...]]

    @initialize()
    def open(self) -> None:
        self.door.open()
        self.desk("PATCH", "preferences", {"AllowShipping": True})
        self.door.told(())
        answers = ask(self.door, [f"select count(*) from {kind}" for kind in FORMS])  # noqa: S608
        self.counts = {kind: answer["totalCount"] for kind, answer in zip(FORMS, answers, strict=True)}
        self.ledger = Ledger(
            Rules(self.mode, self.rates(), self.currencies[0]), {}, custom_numbers=self.mode == "legacy"
        )
        self.names = 0
        self.replays: list[tuple[str, Any, str, Any]] = []
        self.ledger.begin(self.door.now)

    def rates(self) -> dict[str, tuple[Decimal, ...]]:
        found, codes = ask(self.door, ["select * from TaxRate", "select * from TaxCode"])
        percent = {rate["Id"]: Decimal(rate["RateValue"]) for rate in found["TaxRate"]}
        if self.mode == "automated":
            return {rate["Name"].split()[0]: (percent[rate["Id"]],) for rate in found["TaxRate"]}
        return {
            code["Id"]: tuple(
                percent[each["TaxRateRef"]["value"]] for each in code["SalesTaxRateList"]["TaxRateDetail"]
            )
            for code in codes["TaxCode"]
            if "SalesTaxRateList" in code  # not in those that only mark a line
        }

    # -- how things are asked --

    def step(self) -> None:
        self.ledger.settle()
        self.door.tick(61)
        self.ledger.begin(self.door.now)

    def write(self, entity: str, given: Any, **query: str) -> Any:
        status, answer = self.door.call("POST", entity.lower(), given, **query)
        assert status == 200, (entity, given, answer)
        return answer[entity]

    def replayed(self, entity: str, given: Any) -> Any:
        """A write under a request id of its own, which may come again later."""
        key = f"request {len(self.replays)}"
        made = self.write(entity, given, requestid=key)
        self.replays.append((entity, given, key, made))
        return made

    def desk(self, method: str, path: str, given: Any = None) -> Any:
        return self.door.control(method, f"/people/bookkeeper/{self.realm}/{path}", given or {})

    def read(self, entity: str, identifier: str) -> Any:
        return self.door.call("GET", f"{entity.lower()}/{identifier}")[1][entity]

    def key(self, kept: Any, *, sparse: bool = True) -> dict[str, Any]:
        return {"Id": kept.identifier, "SyncToken": str(kept.token), **({"sparse": True} if sparse else {})}

    # -- who and what there is --

    def chosen(self, data: st.DataObject, found: list[Any]) -> Any:
        return data.draw(st.sampled_from(found))

    def active(self) -> list[Person]:
        return [person for person in self.ledger.people.values() if person.active]

    def forms(self, *kinds: str) -> list[Form]:
        return [form for form in self.ledger.forms.values() if form.kind in kinds and not form.void]

    def receipts(self) -> list[Receipt]:
        return [receipt for receipt in self.ledger.receipts.values() if not receipt.void]

    def level(self, person: Person) -> int:
        return 1 + self.level(self.ledger.people[person.parent]) if person.parent else 0

    def family(self, person: Person) -> set[str]:
        """Itself and all below it."""
        below = [each for each in self.ledger.people.values() if each.parent == person.identifier]
        return {person.identifier}.union(*(self.family(each) for each in below))

    def crossed(self) -> set[str]:
        """Whoever pays or is paid for across customers: they stay where they are."""
        found = set()
        for receipt in self.ledger.receipts.values():
            owners = {self.ledger.forms[key].customer for key in receipt.shares} | {receipt.customer}
            found |= owners if len(owners) > 1 else set()
        return found

    # -- customers --

    @rule(data=st.data(), region=st.sampled_from([None, "CA", "NY", "TX"]), taxable=st.booleans(), below=st.booleans())
    def add_customer(self, data: st.DataObject, region: str | None, taxable: bool, below: bool) -> None:
        self.step()
        self.names += 1
        given: dict[str, Any] = {"DisplayName": f"Person {self.names}", "Taxable": taxable}
        currency = data.draw(st.sampled_from(self.currencies))
        above = [each for each in self.active() if self.level(each) < MOST_LEVELS] if below else []
        parent = self.chosen(data, above) if above else None
        currency = parent.currency if parent else currency
        if len(self.currencies) > 1:
            given["CurrencyRef"] = {"value": currency}
        if region:
            given["BillAddr"] = {"Line1": "1 Road", "CountrySubDivisionCode": region}
        if parent:
            given |= {"ParentRef": {"value": parent.identifier}, "BillWithParent": self.names % 2 == 0}
        made = self.replayed("Customer", given)
        own = Person(made["Id"], name=given["DisplayName"], currency=currency, region=region, taxable=taxable)
        own.parent = parent.identifier if parent else None
        self.ledger.people[made["Id"]] = own
        self.ledger.touch(own)
        self.ledger.tell("Customer", made["Id"], "created")

    @precondition(lambda self: self.ledger.people)
    @rule(data=st.data(), note=st.sampled_from(["a", "b"]))
    def note_customer(self, data: st.DataObject, note: str) -> None:
        """The same note twice is no change."""
        self.step()
        person = self.chosen(data, self.active() or list(self.ledger.people.values()))
        if self.inactive_above(person):
            return
        before = self.read("Customer", person.identifier).get("Notes")
        self.write("Customer", {**self.key(person), "Notes": note})
        if before != note:
            self.ledger.touch(person)
            self.ledger.tell("Customer", person.identifier, "updated")

    def inactive_above(self, person: Person) -> bool:
        parent = self.ledger.people.get(person.parent or "")
        return parent is not None and not parent.active

    @precondition(lambda self: self.ledger.people)
    @rule(data=st.data())
    def retire_or_revive(self, data: st.DataObject) -> None:
        self.step()
        person = self.chosen(data, list(self.ledger.people.values()))
        if self.inactive_above(person):
            return
        given = {**self.key(person), "Active": not person.active}
        if person.active and self.ledger.own(person.identifier):
            assert self.refused("customer", given) == "6000"
            return
        self.write("Customer", given)
        person.active = not person.active
        person.name = person.name.removesuffix(" (deleted)") + ("" if person.active else " (deleted)")
        self.ledger.touch(person)
        self.ledger.tell("Customer", person.identifier, "updated")

    @precondition(lambda self: len(self.active()) > 1)
    @rule(data=st.data())
    def move_customer(self, data: st.DataObject) -> None:
        """Below another, or to the top."""
        self.step()
        movable = [each for each in self.active() if each.identifier not in self.crossed()]
        if not movable or self.inactive_above(person := self.chosen(data, movable)):
            return
        family = self.family(person)
        roof = [
            each
            for each in self.active()
            if each.identifier not in family and each.currency == person.currency and self.level(each) == 0
        ]
        tall = max(self.level(self.ledger.people[each]) for each in family) - self.level(person)
        parent = data.draw(st.sampled_from([None, *(roof if tall < MOST_LEVELS else [])]))
        if (parent.identifier if parent else None) == person.parent:
            return
        given = {"ParentRef": {"value": parent.identifier} if parent else None}
        self.write("Customer", {**self.key(person), **given})
        person.parent = parent.identifier if parent else None
        self.ledger.touch(person)
        self.ledger.tell("Customer", person.identifier, "updated")

    @precondition(lambda self: len(self.ledger.people) > 1)
    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        self.step()
        parents = {each.parent for each in self.ledger.people.values()}
        alone = [each for each in self.active() if each.identifier not in parents | self.crossed()]
        winner = self.chosen(data, alone) if alone else None
        # Alike in what tax depends on: else a form written back is taxed anew, as its new customer is.
        alike = [each for each in alone if winner and self.taxed_as(each) == self.taxed_as(winner)]
        losers = [each for each in alike if each is not winner]
        if winner is None or not losers:
            return
        loser = self.chosen(data, losers)
        self.desk("POST", "customer/merge", {"winner": winner.identifier, "loser": loser.identifier})
        self.ledger.merge(winner, loser)

    @staticmethod
    def taxed_as(person: Person) -> tuple[str, bool, str | None]:
        return person.currency, person.taxable, person.region

    # -- forms --

    def lines(self, data: st.DataObject) -> tuple[list[dict[str, Any]], list[Sold]]:
        given, sold = [], []
        for price, pieces in data.draw(st.lists(st.tuples(AMOUNT, PIECES), min_size=1, max_size=3)):
            amount, code = cents(price * (pieces or 1)), data.draw(st.sampled_from(self.codes))
            detail: dict[str, Any] = {"ItemRef": {"value": "1"}, "TaxCodeRef": {"value": code}}
            if pieces is not None:
                detail |= {"Qty": pieces, "UnitPrice": price}
            given.append({"Amount": amount, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail})
            sold.append(Sold(amount, code))
        return given, sold

    @precondition(lambda self: self.active())
    @rule(
        data=st.data(),
        kind=st.sampled_from(["Invoice", "Invoice", "Invoice", "CreditMemo", *FORMS]),
        percent=st.sampled_from([0, 0, 5, 33]),
        shipping=st.sampled_from([None, None, Decimal("4.99")]),
        flag=st.booleans(),
        deposit=st.sampled_from([ZERO, ZERO, Decimal(1)]),
    )
    def add_form(
        self, data: st.DataObject, kind: str, percent: int, shipping: Decimal | None, flag: bool, deposit: Decimal
    ) -> None:
        self.step()
        person = self.chosen(data, self.active())
        given, sold = self.lines(data)
        form = Form("", kind=kind, customer=person.identifier, lines=sold, percent=percent, region=person.region)
        form.exempt, form.shipping = not person.taxable, shipping or ZERO
        asked: dict[str, Any] = {"CustomerRef": {"value": person.identifier}, "Line": given}
        if percent:
            detail = {"PercentBased": True, "DiscountPercent": percent}
            given.append({"DetailType": "DiscountLineDetail", "DiscountLineDetail": detail})
        if shipping is not None:
            detail = {"ItemRef": {"value": "SHIPPING_ITEM_ID"}}
            given.append({"Amount": shipping, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail})
        if self.mode == "codes":
            form.inclusive = flag and not percent
            asked["GlobalTaxCalculation"] = "TaxInclusive" if form.inclusive else "TaxExcluded"
            asked["CurrencyRef"] = {"value": person.currency}
        else:
            form.after_discount = flag
            asked["ApplyTaxAfterDiscount"] = flag
        if self.mode == "legacy":
            form.taxed_with = data.draw(st.sampled_from(["2", "3"]))
            asked["TxnTaxDetail"] = {"TxnTaxCodeRef": {"value": form.taxed_with}}
        if kind == "RefundReceipt":
            asked["DepositToAccountRef"] = {"value": "4"}
        if kind == "Invoice" and self.ledger.total(form) >= deposit > 0:
            form.deposit = asked["Deposit"] = deposit
        self.made(form, self.replayed(kind, asked))

    def made(self, form: Form, found: dict[str, Any]) -> None:
        form.identifier = found["Id"]
        form.rate = Decimal(found.get("ExchangeRate", 1))
        form.number = self.numbered(form.kind, found.get("DocNumber"))
        self.ledger.add_form(form)

    def numbered(self, kind: str, shown: str | None) -> str | None:
        """The first number of a sequence is taken as it is, all others follow."""
        sequence = "Estimate" if kind == "Estimate" else "Form"
        if shown is not None and sequence not in self.ledger.following:
            self.ledger.following[sequence] = int(shown) - 1
        return self.ledger.number(kind)

    @precondition(lambda self: self.invoiceable())
    @rule(data=st.data())
    def invoice_an_estimate(self, data: st.DataObject) -> None:
        self.step()
        estimate = self.chosen(data, self.invoiceable())
        given, sold = self.lines(data)
        person = self.ledger.people[estimate.customer]
        form = Form("", kind="Invoice", customer=person.identifier, lines=sold, region=person.region)
        form.exempt, form.estimate = not person.taxable, estimate.identifier
        link = [{"TxnId": estimate.identifier, "TxnType": "Estimate"}]
        asked: dict[str, Any] = {"CustomerRef": {"value": person.identifier}, "Line": given, "LinkedTxn": link}
        if self.mode == "codes":
            asked["CurrencyRef"] = {"value": person.currency}
        self.made(form, self.replayed("Invoice", asked))

    def invoiceable(self) -> list[Form]:
        used = {form.estimate for form in self.forms("Invoice")}
        people = self.ledger.people
        return [form for form in self.forms("Estimate") if form.identifier not in used and people[form.customer].active]

    @precondition(lambda self: self.forms("Invoice", "CreditMemo"))
    @rule(data=st.data())
    def sell_something_else(self, data: st.DataObject) -> None:
        """Other lines, for more or less than was paid already."""
        self.step()
        form = self.chosen(data, self.forms("Invoice", "CreditMemo"))
        given, sold = self.lines(data)
        changed = replace(form, lines=sold, percent=0, shipping=ZERO)
        if self.ledger.total(changed) < form.deposit:
            return
        self.write(form.kind, {**self.key(form), "Line": given})
        form.lines, form.percent, form.shipping = sold, 0, ZERO
        self.ledger.touch(form)
        self.ledger.tell(form.kind, form.identifier, "updated")
        self.ledger.release(form, -self.ledger.open(form))

    @precondition(lambda self: self.forms(*FORMS))
    @rule(data=st.data(), full=st.booleans())
    def write_a_note(self, data: st.DataObject, full: bool) -> None:
        """A note alone, or the whole form as it was read, with the note."""
        self.step()
        form = self.chosen(data, self.forms(*FORMS))
        given = self.read(form.kind, form.identifier) if full else self.key(form)
        self.write(form.kind, {**given, "PrivateNote": f"note of {self.door.now}"})
        self.ledger.touch(form)
        self.ledger.tell(form.kind, form.identifier, "updated")

    @precondition(lambda self: self.forms(*FORMS))
    @rule(data=st.data(), sparse=st.booleans())
    def write_back(self, data: st.DataObject, sparse: bool) -> None:
        """What was read is written as it is: nothing moves (quickbooks.md 15.1)."""
        self.step()
        form = self.chosen(data, self.forms(*FORMS))
        found = self.read(form.kind, form.identifier)
        written = self.write(form.kind, {**found, "sparse": sparse})
        assert written == found, [
            (name, found.get(name), each) for name, each in written.items() if each != found.get(name)
        ]

    @precondition(lambda self: self.forms(*FORMS))
    @rule(data=st.data())
    def send(self, data: st.DataObject) -> None:
        """The time moves, the SyncToken does not (quickbooks.md 15.4)."""
        self.step()
        form = self.chosen(data, self.forms(*FORMS))
        path = f"{form.kind.lower()}/{form.identifier}/send"
        status, answer = self.door.call("POST", path, None, sendTo="a@b.example")
        assert (status, answer[form.kind]["EmailStatus"]) == (200, "EmailSent")
        self.ledger.touch(form, bump=False)
        self.ledger.tell(form.kind, form.identifier, "emailed")

    @precondition(lambda self: self.forms(*FORMS))
    @rule(data=st.data(), verb=st.sampled_from(["void", "deleted"]))
    def end_form(self, data: st.DataObject, verb: str) -> None:
        self.step()
        form = self.chosen(data, self.forms(*FORMS))
        if form.kind == "Estimate" and verb == "void":
            assert self.refused("estimate", self.key(form), operation="void") == "500"
            return
        operation = "void" if verb == "void" else "delete"
        self.write(form.kind, self.key(form, sparse=False), operation=operation)
        self.ledger.end(form, verb)

    # -- money --

    def payable(self, person: Person, kind: str) -> list[Form]:
        family = self.family(person)
        return [form for form in self.forms(kind) if form.customer in family and self.ledger.open(form) > 0]

    def settling(self, shares: list[tuple[Form, Decimal]]) -> list[dict[str, Any]]:
        return [
            {"Amount": share, "LinkedTxn": [{"TxnId": form.identifier, "TxnType": form.kind}]} for form, share in shares
        ]

    def wanted(self, data: st.DataObject, forms: list[Form], free: dict[Key, Decimal]) -> list[tuple[Form, Decimal]]:
        """Shares of some of them: less, all or more than is open; one may come twice."""
        found = []
        for form in data.draw(st.lists(st.sampled_from(forms), max_size=3)) if forms else []:
            left = free[form.kind, form.identifier]
            found.append((form, max(cents(left * Decimal(data.draw(st.sampled_from(["0.3", "1", "2"])))), ZERO)))
        return found

    def taken(self, wanted: list[tuple[Form, Decimal]], free: dict[Key, Decimal]) -> dict[Key, Decimal]:
        """No more of a form than is open of it."""
        shares: dict[Key, Decimal] = {}
        for form, share in wanted:
            key = (form.kind, form.identifier)
            cut = min(share, free[key] - shares.get(key, ZERO))
            if cut:
                shares[key] = shares.get(key, ZERO) + cut
        return shares

    def free(self, forms: list[Form], receipt: Receipt | None = None) -> dict[Key, Decimal]:
        held = receipt.shares if receipt else {}
        keys = {(form.kind, form.identifier): form for form in forms}
        return {key: self.ledger.open(form) + held.get(key, ZERO) for key, form in keys.items()}

    @precondition(lambda self: self.active())
    @rule(data=st.data(), over=st.sampled_from([ZERO, ZERO, Decimal("12.34")]))
    def receive(self, data: st.DataObject, over: Decimal) -> None:
        self.step()
        person = self.chosen(data, self.active())
        forms = self.payable(person, "Invoice")
        free = self.free(forms)
        wanted = self.wanted(data, forms, free)
        shares = self.taken(wanted, free)
        receipt = Receipt("", customer=person.identifier, total=sum(shares.values(), over))
        asked = {"CustomerRef": {"value": person.identifier}, "TotalAmt": receipt.total, "Line": self.settling(wanted)}
        receipt.identifier = self.replayed("Payment", asked)["Id"]
        self.ledger.pay(receipt, shares, "created")

    @precondition(lambda self: self.creditable())
    @rule(data=st.data(), part=st.sampled_from(["1", "0.5"]))
    def apply_credit(self, data: st.DataObject, part: str) -> None:
        """A payment of nothing with an invoice and a credit memo (quickbooks.md 7)."""
        self.step()
        memo = self.chosen(data, self.creditable())
        person = self.ledger.people[memo.customer]
        invoice = self.chosen(data, self.payable(person, "Invoice"))
        share = cents(min(self.ledger.open(memo), self.ledger.open(invoice)) * Decimal(part))
        if not share:
            return
        lines = self.settling([(invoice, share), (memo, share)])
        asked = {"CustomerRef": {"value": person.identifier}, "TotalAmt": 0, "Line": lines}
        receipt = Receipt(self.replayed("Payment", asked)["Id"], customer=person.identifier)
        shares = {(form.kind, form.identifier): share for form in (invoice, memo)}
        self.ledger.pay(receipt, shares, "created")

    def creditable(self) -> list[Form]:
        people = self.ledger.people
        return [
            memo
            for memo in self.forms("CreditMemo")
            if self.ledger.open(memo) > 0
            and people[memo.customer].active
            and self.payable(people[memo.customer], "Invoice")
        ]

    @precondition(lambda self: self.receipts())
    @rule(data=st.data())
    def apply_otherwise(self, data: st.DataObject) -> None:
        """Other invoices, or none: lines are replaced as a whole."""
        self.step()
        receipt = self.chosen(data, self.receipts())
        if receipt.of("CreditMemo"):
            shares: dict[Key, Decimal] = {}
            wanted: list[tuple[Form, Decimal]] = []
        else:
            person = self.ledger.people[receipt.customer]
            held = [self.ledger.forms[key] for key in receipt.shares]
            forms = [*held, *(form for form in self.payable(person, "Invoice") if form not in held)]
            free = self.free(forms, receipt)
            wanted = self.wanted(data, forms, free)
            shares = self.taken(wanted, free)
        if shares == receipt.shares or sum(shares.values(), ZERO) > receipt.total:
            return
        self.write("Payment", {**self.key(receipt), "Line": self.settling(wanted)})
        self.ledger.pay(receipt, shares, "updated")

    @precondition(lambda self: self.receipts())
    @rule(data=st.data(), verb=st.sampled_from(["void", "deleted"]))
    def end_payment(self, data: st.DataObject, verb: str) -> None:
        self.step()
        receipt = self.chosen(data, self.receipts())
        if verb == "void":
            self.write("Payment", self.key(receipt), operation="update", include="void")
            receipt.void = (not receipt.total and not receipt.shares and False) or True
            receipt.total = ZERO
        else:
            self.write("Payment", self.key(receipt, sparse=False), operation="delete")
        self.ledger.pay(receipt, {}, verb)

    @precondition(lambda self: self.receipts())
    @rule(data=st.data(), sparse=st.booleans())
    def write_payment_back(self, data: st.DataObject, sparse: bool) -> None:
        self.step()
        receipt = self.chosen(data, self.receipts())
        found = self.read("Payment", receipt.identifier)
        assert self.write("Payment", {**found, "sparse": sparse}) == found

    # -- what must change nothing --

    def refused(self, path: str, given: Any, **query: str) -> str:
        """The code of a refusal, which changed nothing whatever."""
        before = self.door.fingerprint()
        status, answer = self.door.call("POST", path, given, **query)
        assert status == 400, (path, given, answer)
        assert self.door.fingerprint() == before, (path, given)
        code: str = answer["Fault"]["Error"][0]["code"]
        return code

    @precondition(lambda self: self.replays)
    @rule(data=st.data())
    def ask_again(self, data: st.DataObject) -> None:
        """The same request id gets the first answer, also after what it made is gone (quickbooks.md 2)."""
        self.step()
        entity, given, key, made = self.chosen(data, self.replays)
        before = self.door.fingerprint()
        assert self.write(entity, given, requestid=key) == made
        assert self.door.fingerprint() == before

    def taken_names(self) -> list[tuple[str, Any, list[str]]]:
        """Whoever else bears the name of a customer; those below another one may be namesakes (recorded)."""
        taken = next((one.name for one in self.active() if one.parent is None), None)
        if taken is None:
            return []
        name, known = {"DisplayName": taken.upper()}, ["6240"]
        return [
            ("customer", {**name, "BillAddr": {"Line1": "1"}}, known),
            ("vendor", name, known),
            ("employee", {"GivenName": taken}, known),
            ("customer", {**name, "CurrencyRef": {"value": "CAD"}}, ["6240", "6000"]),
        ]

    @precondition(lambda self: self.active())
    @rule(data=st.data())
    def be_refused(self, data: st.DataObject) -> None:
        self.step()
        person = self.chosen(data, self.active())
        who: dict[str, Any] = {"CustomerRef": {"value": person.identifier}}
        line = self.lines(data)[0]
        if self.mode == "codes":
            who["CurrencyRef"] = {"value": person.currency}
        cases: list[tuple[str, Any, list[str]]] = [
            *self.taken_names(),
            ("customer", {**self.key(person), "SyncToken": str(person.token + 1), "Notes": "x"}, ["5010"]),
            ("invoice", {**who, "Line": line, "ShipAddr": {"Line1": "2"}, "TxnDate": "never"}, ["2170"]),
            ("invoice", {**who, "Line": line, "Deposit": 9_999_999}, ["6000"]),
            ("creditmemo", {**who, "Line": [], "BillAddr": {"Line1": "3"}}, ["2020"]),
            ("invoice", {**who, "Line": line, "Nonsense": 1}, ["2010"]),
            (
                "payment",
                {**who, "TotalAmt": 1, "Line": self.settling([(Form("999999", kind="Invoice"), ZERO)])},
                ["2500"],
            ),
        ]
        path, given, codes = self.chosen(data, cases)
        assert self.refused(path, given) in codes

    @invariant()
    def agree(self) -> None:
        if hasattr(self, "ledger"):
            check(self.door, self.ledger, self.counts)
            self.ledger.told.clear()
