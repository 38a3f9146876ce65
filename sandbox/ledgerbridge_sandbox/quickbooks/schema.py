"""What QuickBooks knows of each kind of object.

Its properties (Intuit's published schema of 2026-07), which of them an application cannot write, which can be filtered
(quickbooks.md 4), and how a list is ordered by default.
"""

from collections.abc import Mapping

from ledgerbridge_sandbox.quickbooks.company_kinds import COMPANY_KINDS
from ledgerbridge_sandbox.quickbooks.kinds import Kind
from ledgerbridge_sandbox.quickbooks.list_kinds import LIST_KINDS
from ledgerbridge_sandbox.quickbooks.name_kinds import NAME_KINDS
from ledgerbridge_sandbox.quickbooks.sales_kinds import SALES_KINDS

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (*SALES_KINDS, *NAME_KINDS, *LIST_KINDS, *COMPANY_KINDS)}
PAID_AT_ONCE = frozenset({"SalesReceipt", "RefundReceipt"})
"""Forms of a sale whose money has moved already: nothing of them is open."""
FORMS = ("Invoice", "CreditMemo", "Estimate", "SalesReceipt", "RefundReceipt")
OF_CUSTOMERS = (*FORMS, "Payment")
BY_PATH: Mapping[str, Kind] = {kind.path: kind for kind in KINDS.values()}


def kind_called(name: str) -> Kind | None:
    """The kind of that name in any case, or None."""
    return BY_PATH.get(name.lower())
