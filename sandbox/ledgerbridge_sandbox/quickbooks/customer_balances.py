"""Customers' balances follow what is open of their transactions (quickbooks.md 15.5).

Balance is the customer's own, BalanceWithJobs contains all below it. Whoever's balance moves gets a new time, and the
SyncToken that it had; a note or an estimate moves nobody's.
"""

from decimal import Decimal

from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.money import ZERO, amount, number_in
from ledgerbridge_sandbox.quickbooks.references import identifier_of
from ledgerbridge_sandbox.quickbooks.schema import KINDS


class CustomerBalances:
    """Collects by how much balances move, and stores each customer once."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._own: dict[str, Decimal] = {}
        self._with_jobs: dict[str, Decimal] = {}

    def move(self, customer: str | None, delta: Decimal) -> None:
        """A customer owes so much more."""
        if customer is not None:
            self._own[customer] = self._own.get(customer, ZERO) + delta
            self.move_jobs(customer, delta)

    def move_jobs(self, customer: str | None, delta: Decimal) -> None:
        """What is owed below a customer, it included, grows by so much, and below all above it."""
        while customer is not None:
            self._with_jobs[customer] = self._with_jobs.get(customer, ZERO) + delta
            customer = identifier_of((self._company.get("Customer", customer) or {}).get("ParentRef"))

    def post(self) -> None:
        """Store whose balances moved."""
        for identifier, with_jobs in self._with_jobs.items():
            own = self._own.get(identifier, ZERO)
            customer = self._company.get("Customer", identifier) if own or with_jobs else None
            if customer is not None:
                customer["Balance"] = amount(number_in(customer, "Balance") + own)
                customer["BalanceWithJobs"] = amount(number_in(customer, "BalanceWithJobs") + with_jobs)
                self._company.keep(KINDS["Customer"], customer, None, bump=False)
