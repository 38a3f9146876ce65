"""What the worker and the executors of orders say to each other."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ledgerbridge.accounts.registry import Connection
from ledgerbridge.errors import Permanent

from invoice_service.invoices.recording import Fresh
from invoice_service.invoices.states import KnownInvoice
from invoice_service.orders.order import Attempt, Order


@dataclass(slots=True)
class Run:
    """An order being carried out; `order` is replaced as steps are stored, so that a failure keeps what is known.

    `told` says that an invoice which bears the order's mark was seen in QuickBooks: look before anything else.
    """

    connection: Connection
    order: Order
    told: bool = False

    @property
    def tenant_id(self) -> int:
        """The tenant of the order."""
        return self.connection.tenant_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What an order came to, written in the transaction that settles its row.

    `fresh` is the invoice to record, `known` one that is recorded already (an attachment), `attempt` the last call with
    its outcome, `error` why the order failed or rests.
    """

    order: Order
    fresh: Fresh | None = None
    known: KnownInvoice | None = None
    attempt: Attempt | None = None
    error: Permanent | None = None


class PersonNeeded(Exception):
    """The order goes on only after a person confirmed its date, or said what became of it.

    `run.order` is in the state in which it rests; `error` says why.
    """

    def __init__(self, error: Permanent) -> None:
        """`error` is DATE_CONFIRMATION or OUTCOME_UNKNOWN."""
        super().__init__(error.code)
        self.error = error


Executor = Callable[[Run], Awaitable[Finished]]
"""Carries out one kind of order. Raises PersonNeeded; Permanent where it came to nothing; anything else waits."""
