"""Finding what no webhook told: one CDC call a company, one search a HubSpot object type (design.md 4).

A sweep reads ids and times only to make notices; whoever follows those records decides by the mark rule whether
anything has to be read. So a sweep after a quiet hour costs its own call and no record read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ledgerbridge.accounts.registry import Account
from ledgerbridge.contracts.notices import RecordChanged
from ledgerbridge.vendors.hubspot.client import HubSpot
from ledgerbridge.vendors.hubspot.models import Filter, Search
from ledgerbridge.vendors.quickbooks.client import QuickBooks

CDC_ENTITIES = ("Customer", "Item", "Invoice", "Payment", "CreditMemo", "Term", "Preferences")
CDC_HORIZON = timedelta(days=30)
CDC_LIMIT = 1_000
SEARCH_PAGE = 200
SEARCH_LIMIT = 10_000


@dataclass(frozen=True)
class Swept:
    """What a sweep found, and from where the next one begins (the vendor's own time).

    `more` says that the vendor's limit was reached: sweep again at once. `full_scan` says that the horizon was missed.
    """

    notices: Sequence[RecordChanged]
    to: datetime
    more: bool = False
    full_scan: bool = False
