"""The QuickBooks company: its records are made by the engine's own rules, but go into a file instead of a store."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from ledgerbridge_sandbox.generate.buyers import Buyer
from ledgerbridge_sandbox.generate.plan import HISTORY, Plan, Sale, Story
from ledgerbridge_sandbox.generate.spool import Spool
from ledgerbridge_sandbox.quickbooks.company import Company, indexes_of
from ledgerbridge_sandbox.quickbooks.kinds import Kind
from ledgerbridge_sandbox.quickbooks.moments import stamp
from ledgerbridge_sandbox.quickbooks.money import ZERO, Record, amount, cents, decode_record, encode, number_in
from ledgerbridge_sandbox.quickbooks.names import prepare_name
from ledgerbridge_sandbox.quickbooks.numbering import set_number
from ledgerbridge_sandbox.quickbooks.payments import prepare_payment
from ledgerbridge_sandbox.quickbooks.sales_forms import prepare_form, set_balance
from ledgerbridge_sandbox.quickbooks.schema import KINDS
from ledgerbridge_sandbox.quickbooks.shelf import micros
from ledgerbridge_sandbox.quickbooks.voiding import void_form
from ledgerbridge_sandbox.snapshot_files import Row

INVOICE, PAYMENT, CUSTOMER = KINDS["Invoice"], KINDS["Payment"], KINDS["Customer"]
_QUANTITIES = tuple(Decimal(text) for text in ("1", "1", "2", "3", "4", "10", "0.5", "1.375", "12", "7.5"))
_MOST_LINES = 3
_HALF = Decimal("0.5")


class GeneratedCompany(Company):
    """A company that reads each list once, and of customers and invoices what is at hand."""

    customers: list[bytes]
    invoice: Record | None = None

    def get(self, entity: str, identifier: str) -> Record | None:
        """The object, or None. Objects of lists are not to be changed."""
        if entity == "Customer":
            return decode_record(self.customers[int(identifier) - 1])
        if entity == "Invoice":
            return self.invoice
        found = self._read.get((entity, identifier))
        if found is None:
            found = self._read[entity, identifier] = super().get(entity, identifier)
        return found

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.customers = []
        self._read: dict[tuple[str, str], Record | None] = {}


class _Clock:
    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


class Books:
    """Customers, invoices and payments of one plan. Invoices are made first, which settles payments and balances."""

    def __init__(self, company: GeneratedCompany, plan: Plan, buyers: list[Buyer], chance: Random) -> None:
        self._company = company
        self._plan = plan
        self._buyers = buyers
        self._chance = chance
        first = plan.sale(0).made if len(plan) else company.now()
        self._clock = company.clock = _Clock(first - HISTORY / 10)
        self._items = self._sold()
        self._owed = [ZERO] * len(buyers)
        self._touched: list[datetime] = []
        self._payments = Spool()
        self._make_customers(first)

    def _sold(self) -> list[tuple[Record, Decimal]]:
        items = map(decode_record, map(self._company.shelves["Item"].body, self._company.shelves["Item"].ids()))
        sold = [item for item in items if item["Active"] and item["Type"] not in {"Category", "Group"}]
        return [(item, number_in(item, "UnitPrice")) for item in sold]

    def _make_customers(self, first: datetime) -> None:
        apart = HISTORY / 10 / (len(self._buyers) + 1)
        for buyer in self._buyers:
            self._clock.moment += apart
            prepared = prepare_name(self._company, CUSTOMER, _customer(buyer), None)
            record = _new(self._company, CUSTOMER, prepared)
            self._company.customers.append(encode(_stamped(record, self._clock.moment, self._clock.moment)))
            self._touched.append(self._clock.moment)
        self._clock.moment = max(first, self._clock.moment)

    def invoices(self) -> Iterator[Row]:
        """All invoices, oldest first; payments and balances are settled on the way."""
        keys = _keys_of(INVOICE)
        for number in range(len(self._plan)):
            sale = self._plan.sale(number)
            record, changed = self._invoice(sale)
            self._owed[sale.buyer] += number_in(record, "Balance")
            yield Row(record["Id"], encode(record), micros(changed), keys(record))

    def payments(self) -> Iterator[Row]:
        """All payments, oldest first."""
        keys = _keys_of(PAYMENT)
        for identifier, body, changed in self._payments.read():
            yield Row(identifier, body, changed, keys(decode_record(body)))

    def customers(self) -> Iterator[Row]:
        """All customers with what they owe."""
        keys = _keys_of(CUSTOMER)
        for body, owed, touched in zip(self._company.customers, self._owed, self._touched, strict=True):
            record = decode_record(body)
            record["Balance"] = record["BalanceWithJobs"] = amount(owed)
            record["MetaData"]["LastUpdatedTime"] = stamp(touched)
            yield Row(record["Id"], encode(record), micros(touched), keys(record))

    def _invoice(self, sale: Sale) -> tuple[Record, datetime]:
        self._clock.moment = sale.made
        given = self._given(sale)
        prepared = prepare_form(self._company, INVOICE, dict(given), None, given)
        set_number(self._company, INVOICE, prepared, allow_duplicate=False)
        set_balance(self._company, INVOICE, prepared, ZERO)
        record = {"domain": "QBO", "sparse": False, "Id": sale.invoice_id, **prepared}
        changed = self._live_through(sale, _stamped(record, sale.made, sale.made))
        self._touched[sale.buyer] = max(self._touched[sale.buyer], changed)
        return record, changed

    def _live_through(self, sale: Sale, record: Record) -> datetime:
        """Let happen to the invoice what its story says; answers when it changed last."""
        changed = sale.made
        if sale.story not in {Story.UNSENT, Story.VOIDED} and "BillEmail" in record:
            changed += min(timedelta(hours=2), (sale.settled - sale.made) / 2)
            record["EmailStatus"] = "EmailSent"
            record["DeliveryInfo"] = {"DeliveryType": "Email", "DeliveryTime": stamp(changed)}
        if sale.payment_id and record["TotalAmt"]:
            changed = sale.settled
            self._pay(sale, record)
        elif sale.story is Story.VOIDED:
            changed = sale.settled
            void_form(self._company, INVOICE, record)
            record["SyncToken"] = "1"
        record["MetaData"]["LastUpdatedTime"] = stamp(changed)
        return changed

    def _pay(self, sale: Sale, record: Record) -> None:
        self._clock.moment = sale.settled
        self._company.invoice = record
        total = number_in(record, "TotalAmt")
        paid = total if sale.story is Story.PAID else cents(total * _HALF)
        line = {"Amount": paid, "LinkedTxn": [{"TxnId": record["Id"], "TxnType": "Invoice"}]}
        given = {"CustomerRef": record["CustomerRef"], "TotalAmt": paid, "Line": [line]}
        prepared = prepare_payment(self._company, {**given, "CurrencyRef": record["CurrencyRef"]}, None)
        payment = {"domain": "QBO", "sparse": False, "Id": sale.payment_id, **prepared}
        body = encode(_stamped(payment, sale.settled, sale.settled))
        self._payments.add(int(sale.payment_id), body, micros(sale.settled))
        set_balance(self._company, INVOICE, record, paid)
        record["LinkedTxn"] = [{"TxnId": sale.payment_id, "TxnType": "Payment"}]
        record["SyncToken"] = "1"

    def _given(self, sale: Sale) -> Record:
        """What an application would send."""
        buyer = self._buyers[sale.buyer]
        lines = [self._line(buyer) for _ in range(1 + self._chance.randrange(_MOST_LINES))]
        given: Record = {"CustomerRef": {"value": str(sale.buyer + 1)}, "Line": lines, "EmailStatus": "NotSet"}
        if buyer.mail:
            given["BillEmail"] = {"Address": buyer.mail}
        return given

    def _line(self, buyer: Buyer) -> Record:
        item, price = self._chance.choice(self._items)
        count = self._chance.choice(_QUANTITIES)
        code = "TAX" if item.get("Taxable") and buyer.taxable else "NON"
        return {
            "DetailType": "SalesItemLineDetail",
            "Amount": cents(count * price),
            "Description": item["Name"],
            "SalesItemLineDetail": {
                "ItemRef": {"value": item["Id"]},
                "Qty": count,
                "UnitPrice": price,
                "TaxCodeRef": {"value": code},
            },
        }


def _customer(buyer: Buyer) -> Record:
    """What an application would send."""
    given: Record = {"DisplayName": buyer.name, "Taxable": buyer.taxable}
    if buyer.business:
        given["CompanyName"] = buyer.business
    given |= {"GivenName": buyer.given, "FamilyName": buyer.family, "PrimaryPhone": {"FreeFormNumber": buyer.phone}}
    if buyer.mail:
        given["PrimaryEmailAddr"] = {"Address": buyer.mail}
    address = {"Line1": buyer.street, "City": buyer.city, "CountrySubDivisionCode": buyer.region}
    address |= {"PostalCode": buyer.postal_code, "Country": "USA"}
    return {**given, "BillAddr": address, "ShipAddr": address}


def _new(company: Company, kind: Kind, prepared: Record) -> Record:
    return {"domain": "QBO", "sparse": False, "Id": company.following(kind.family), **prepared}


def _stamped(record: Record, made: datetime, changed: datetime) -> Record:
    record["MetaData"] = {"CreateTime": stamp(made), "LastUpdatedTime": stamp(changed)}
    record["SyncToken"] = "0"
    return record


def _keys_of(kind: Kind) -> Any:
    indexes = indexes_of(kind.name)
    return lambda record: {name: tuple(dict.fromkeys(keys_of(record))) for name, keys_of in indexes.items()}
