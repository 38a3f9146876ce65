"""QuickBooks' API as the product uses it, bulk from the start (quickbooks.md 2 to 10).

Every method takes the account first and answers `Answered(value, time)` with QuickBooks' own time of the answer. Calls
are made in the lane and until the deadline of `manner.calling`. Reads are metered by Intuit and writes are not: a write
answers the whole object with its new SyncToken, so nothing is read after it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from ledgerbridge.vendors.calls import Call
from ledgerbridge.vendors.documents import Document
from ledgerbridge.vendors.ports import AccountRef, BudgetSource, TokenSource
from ledgerbridge.vendors.quickbooks.answers import (
    Answered,
    Changes,
    CompanyInfo,
    ExchangeRate,
    Preferences,
    company_of,
    preferences_of,
    rate_of,
)
from ledgerbridge.vendors.quickbooks.faults import QuickBooksDialect
from ledgerbridge.vendors.quickbooks.queries import Queries
from ledgerbridge.vendors.quickbooks.query import stamp
from ledgerbridge.vendors.quickbooks.reading import MINOR_VERSION, changes_of, entity_of, path_of, understand
from ledgerbridge.vendors.quickbooks.writes import Writes
from ledgerbridge.vendors.seam import VendorHttp

API = "https://quickbooks.api.intuit.com"
SANDBOX_API = "https://sandbox-quickbooks.api.intuit.com"
_COMPANY = "/v3/company/{realm}"


class QuickBooks:
    """The client: `queries` (pages, bulk reads), `writes`, and here the single reads."""

    def __init__(self, http: VendorHttp) -> None:
        """`http` comes from `connect_http`."""
        self._http = http
        self.queries = Queries(http)
        self.writes = Writes(http)

    async def read(self, account: AccountRef, entity: str, record_id: str) -> Answered[Document]:
        """One record; Permanent ``GONE`` for a deleted one. For several use `queries.by_ids`, which is one call."""
        fill = {"entity": path_of(entity), "id": record_id}
        document = await self._get(account, "/{entity}/{id}", fill)
        return understand(lambda found: entity_of(found, entity), document)

    async def pdf(self, account: AccountRef, invoice_id: str, entity: str = "Invoice") -> bytes:
        """An invoice as QuickBooks prints it; Transient where what came is not a PDF."""
        fill = {"realm": account.external_id, "entity": path_of(entity), "id": invoice_id}
        call = Call(
            "GET", _COMPANY + "/{entity}/{id}/pdf", fill, [MINOR_VERSION], accept="application/pdf", expected="bytes"
        )
        body = (await self._http.call(account, call)).body
        return understand(_pdf, body).value

    async def changes(self, account: AccountRef, entities: Sequence[str], since: datetime) -> Answered[Changes]:
        """CDC: what changed since then, of all these entities in one call.

        At most 30 days back and 1,000 objects over all entities (`truncated`); no TaxCode, no TaxRate.
        """
        query = [("entities", ",".join(entities)), ("changedSince", stamp(since.astimezone(UTC)))]
        return understand(changes_of, await self._get(account, "/cdc", query=query))

    async def preferences(self, account: AccountRef) -> Answered[Preferences]:
        """What the company has switched on."""
        document = await self._get(account, "/preferences")
        return understand(lambda found: preferences_of(entity_of(found, "Preferences")), document)

    async def company_info(self, account: AccountRef) -> Answered[CompanyInfo]:
        """The company's own facts; also the proof that a token belongs to this realm."""
        document = await self._get(account, "/companyinfo/{realm}")
        return understand(lambda found: company_of(entity_of(found, "CompanyInfo")), document)

    async def exchange_rate(
        self, account: AccountRef, currency: str, as_of: date | None = None
    ) -> Answered[ExchangeRate]:
        """Home units for one unit of a currency, today or on a day of the last three years."""
        query = [("sourcecurrencycode", currency)]
        query += [("asofdate", as_of.isoformat())] if as_of else []
        document = await self._get(account, "/exchangerate", query=query)
        return understand(lambda found: rate_of(entity_of(found, "ExchangeRate")), document)

    async def _get(
        self,
        account: AccountRef,
        route: str,
        fill: Mapping[str, str] | None = None,
        query: Iterable[tuple[str, str]] = (),
    ) -> Document:
        values = {"realm": account.external_id, **(fill or {})}
        answer = await self._http.call(account, Call("GET", _COMPANY + route, values, [*query, MINOR_VERSION]))
        document: Document = answer.document
        return document


def connect_http(tokens: TokenSource, budgets: BudgetSource, base_url: str = API, **options: Any) -> VendorHttp:
    """The seam to QuickBooks; `options` are those of VendorHttp. Close it when done."""
    return VendorHttp(QuickBooksDialect(), base_url, tokens, budgets, **options)


def _pdf(body: bytes) -> bytes:
    if not body.startswith(b"%PDF-"):
        raise ValueError("not a PDF")
    return body
