"""HubSpot's API as the product uses it, bulk from the start.

Every method takes the account first, and makes its calls in the lane and until the deadline of `manner.calling`.
Errors are those of `ledgerbridge.errors`: Permanent ``GONE`` for what is not there, Paused ``MISSING_SCOPE``, Uncertain
for a write whose answer was lost.
"""

from typing import Any

from ledgerbridge.vendors.hubspot.account_facts import AccountFacts
from ledgerbridge.vendors.hubspot.associations import Associations
from ledgerbridge.vendors.hubspot.definitions import Definitions
from ledgerbridge.vendors.hubspot.faults import HubSpotDialect
from ledgerbridge.vendors.hubspot.records import Records
from ledgerbridge.vendors.ports import BudgetSource, TokenSource
from ledgerbridge.vendors.seam import VendorHttp
from ledgerbridge.vendors.versions import LATEST, Versions

API = "https://api.hubapi.com"


class HubSpot:
    """The client, by resource: `records`, `associations`, `definitions` (properties) and `facts` (of the account)."""

    def __init__(self, http: VendorHttp, versions: Versions = LATEST) -> None:
        """`http` comes from `connect_http`; `versions` is the family of paths."""
        self.records = Records(http, versions)
        self.associations = Associations(http, versions)
        self.definitions = Definitions(http, versions)
        self.facts = AccountFacts(http, versions)


def connect_http(tokens: TokenSource, budgets: BudgetSource, base_url: str = API, **options: Any) -> VendorHttp:
    """The seam to HubSpot; `options` are those of VendorHttp. Close it when done."""
    return VendorHttp(HubSpotDialect(), base_url, tokens, budgets, **options)
