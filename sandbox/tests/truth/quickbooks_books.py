"""A company's books through python-quickbooks: what several cases of the judge need."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from doors import Doors
from intuitlib.client import AuthClient
from quickbooks import QuickBooks
from quickbooks.objects import Account, CreditMemo, Customer, Invoice, Item, Payment, RefundReceipt
from quickbooks.objects.base import Ref
from quickbooks.objects.detailline import SalesItemLine, SalesItemLineDetail
from quickbooks.objects.payment import PaymentLine


@dataclass(frozen=True)
class Books:
    """One company."""

    client: QuickBooks

    def customer(self, name: str) -> Customer:
        """A new customer."""
        made = Customer()
        made.DisplayName = name
        return made.save(qb=self.client)

    def line(self, amount: str = "100") -> SalesItemLine:
        """A line of two, without tax."""
        line, detail = SalesItemLine(), SalesItemLineDetail()
        line.Amount, line.Description, line.SalesItemLineDetail = Decimal(amount), "Judged", detail
        detail.ItemRef = Item.filter(Type="Service", qb=self.client)[0].to_ref()
        detail.Qty, detail.UnitPrice, detail.TaxCodeRef = 2, Decimal(amount) / 2, Ref()
        detail.TaxCodeRef.value = "NON"
        return line

    def invoice(self, customer: Customer, amount: str = "100") -> Invoice:
        """A new invoice of one line."""
        made = Invoice()
        made.CustomerRef = customer.to_ref()
        made.Line.append(self.line(amount))
        return made.save(qb=self.client)

    def form(self, kind: type[Any]) -> Any:
        """A new form of another kind, of one line and for a customer of its own."""
        made = kind()
        made.CustomerRef, made.Line = self.customer(f"Buyer of {kind.__name__}").to_ref(), [self.line()]
        if kind is RefundReceipt:
            made.DepositToAccountRef = self.till()
        return made.save(qb=self.client)

    def paid(self, invoice: Invoice, amount: str, *, received: str | None = None) -> Payment:
        """A new payment on an invoice; more may be `received` than is put on it."""
        made, line = Payment(), PaymentLine()
        made.CustomerRef, made.TotalAmt = invoice.CustomerRef, Decimal(received or amount)
        line.Amount = Decimal(amount)
        line.LinkedTxn.append(invoice.to_linked_txn())
        made.Line.append(line)
        return made.save(qb=self.client)

    def applied(self, invoice: Invoice, memo: CreditMemo, amount: str) -> Payment:
        """A payment of nothing that puts a credit on an invoice."""
        made = Payment()
        made.CustomerRef, made.TotalAmt = invoice.CustomerRef, 0
        for linked in (invoice.to_linked_txn(), memo.to_linked_txn()):
            line = PaymentLine()
            line.Amount, line.LinkedTxn = Decimal(amount), [linked]
            made.Line.append(line)
        return made.save(qb=self.client)

    def till(self) -> Ref:
        """The account that money is taken from."""
        return Account.filter(AccountSubType="UndepositedFunds", qb=self.client)[0].to_ref()

    def now(self, invoice: Invoice) -> Invoice:
        """An invoice as it stands."""
        return Invoice.get(invoice.Id, qb=self.client)


def open_books(doors: Doors, number: int = 1) -> Books:
    """The books of the n-th company, its base address pointed at the sandbox."""
    discovery = doors.quickbooks + "/.well-known/openid_configuration"
    consent = AuthClient(
        "sandbox-quickbooks-app",
        "sandbox-quickbooks-secret",
        "http://127.0.0.1:9/callback",
        discovery,
        access_token=f"sandbox-quickbooks-access-{number}",
        refresh_token=f"sandbox-quickbooks-refresh-{number}",
    )
    QuickBooks.api_url_v3 = doors.quickbooks + "/v3"
    client = QuickBooks(
        auth_client=consent,
        refresh_token=consent.refresh_token,
        company_id=f"913035000000000{number}",
        minorversion=75,
        use_decimal=True,
    )
    return Books(client)
