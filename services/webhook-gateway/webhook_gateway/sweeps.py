"""Finding what no webhook told: one CDC call a company, one search a HubSpot object type (design.md 4).

A sweep reads ids and times only to make notices; whoever follows those records decides by the mark rule whether
anything has to be read. So a sweep after a quiet hour costs its own call and no record read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ledgerbridge.accounts.registry import Account
from ledgerbridge.contracts.notices import RecordChanged
from ledgerbridge.vendors.documents import Document
from ledgerbridge.vendors.hubspot.client import HubSpot
from ledgerbridge.vendors.hubspot.models import Filter, Search
from ledgerbridge.vendors.quickbooks.answers import is_deleted
from ledgerbridge.vendors.quickbooks.client import QuickBooks

from webhook_gateway.quickbooks_events import read_time

CDC_ENTITIES = ("Customer", "Item", "Invoice", "Payment", "CreditMemo", "Term", "Account", "Vendor", "Employee")
CDC_HORIZON = timedelta(days=30)
SEARCH_PAGE = 200
SEARCH_LIMIT = 10_000
SINGULAR = {"deals": "deal", "contacts": "contact", "companies": "company", "products": "product", "quotes": "quote"}


@dataclass(frozen=True)
class Swept:
    """What a sweep found, and from where the next one begins (the vendor's own time).

    `more` says that the vendor's limit was reached: sweep again at once. `full_scan` says that the horizon was missed.
    """

    notices: Sequence[RecordChanged]
    to: datetime
    more: bool = False
    full_scan: bool = False


class Sweeps:
    """Asks the vendors what changed since the last time."""

    def __init__(self, hubspot: HubSpot, quickbooks: QuickBooks) -> None:
        """Use the clients of both vendors."""
        self._hubspot = hubspot
        self._quickbooks = quickbooks

    async def company(self, account: Account, since: datetime, now: datetime) -> Swept:
        """One CDC call for all entities of a QuickBooks company. `now` is business time, for the 30 days' horizon."""
        missed = since < now - CDC_HORIZON
        answered = await self._quickbooks.changes(account, CDC_ENTITIES, max(since, now - CDC_HORIZON))
        notices = [
            _quickbooks_notice(account, entity, document)
            for entity, documents in answered.value.by_entity.items()
            for document in documents
        ]
        # A full answer may be cut: go on from the newest change in it.
        newest = max((one.changed_at for one in notices if one.changed_at), default=answered.time)
        cut = answered.value.truncated
        # More changes in one second than an answer holds: no later call shows the rest, only a full scan does.
        stuck = cut and newest <= since
        to = newest if cut and not stuck else answered.time
        return Swept(notices, to, more=cut and not stuck, full_scan=missed or stuck)

    async def object_type(self, account: Account, object_type: str, since: datetime) -> Swept:
        """The records of one HubSpot type changed since then, a page of 200 a call; one call where nothing changed."""
        notices: list[RecordChanged] = []
        after, to = None, since
        while True:
            page = await self._hubspot.records.search(account, object_type, _search(object_type, since, after))
            notices += [_hubspot_notice(account, object_type, one.id, one.updated_at) for one in page.records]
            to = max([to, *(one.updated_at for one in page.records)])
            after = page.after
            if after is None:
                return Swept(notices, to)
            if int(after) + SEARCH_PAGE > SEARCH_LIMIT:
                return Swept(notices, to, more=to > since, full_scan=to <= since)


def _search(object_type: str, since: datetime, after: str | None) -> Search:
    modified = "lastmodifieddate" if object_type == "contacts" else "hs_lastmodifieddate"
    milliseconds = str(int(since.timestamp() * 1000))
    return Search(
        properties=(modified,),
        groups=((Filter(modified, "GTE", milliseconds),),),
        sort=modified,
        limit=SEARCH_PAGE,
        after=after,
    )


def _quickbooks_notice(account: Account, entity: str, document: Document) -> RecordChanged:
    changed_at, exact = read_time(document.get("MetaData", {}).get("LastUpdatedTime"))
    return RecordChanged(
        vendor="quickbooks",
        account=account.external_id,
        object_type=entity.lower(),
        record_id=str(document["Id"]),
        verb="deleted" if is_deleted(document) else "changed",
        changed_at=changed_at,
        exact=exact,
        found_by="sweep",
    )


def _hubspot_notice(account: Account, object_type: str, record_id: str, updated_at: datetime) -> RecordChanged:
    return RecordChanged(
        vendor="hubspot",
        account=account.external_id,
        object_type=SINGULAR.get(object_type, object_type),
        record_id=record_id,
        verb="changed",
        changed_at=updated_at,
        exact=True,
        found_by="sweep",
    )
