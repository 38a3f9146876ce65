"""Bulk reads from QuickBooks: queries, all pages, records by ids and by names (quickbooks.md 4)."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from ledgerbridge.errors import LedgerbridgeError, Permanent
from ledgerbridge.vendors.calls import Call
from ledgerbridge.vendors.documents import Document
from ledgerbridge.vendors.ports import AccountRef
from ledgerbridge.vendors.quickbooks.answers import LONG_AGO, Answered, Found, last_updated
from ledgerbridge.vendors.quickbooks.query import LARGEST_PAGE, Query, stamp
from ledgerbridge.vendors.quickbooks.reading import MINOR_VERSION, count_of, rows_of, understand
from ledgerbridge.vendors.seam import VendorHttp

_ROUTE = "/v3/company/{realm}/query"
LONGEST_IN_ADDRESS = 2000
"""Characters of a statement that still goes into the address; 100 ids fit. Longer ones are posted."""


class Queries:
    """Queries of one company's records."""

    def __init__(self, http: VendorHttp) -> None:
        """Use the seam."""
        self._http = http

    async def rows(self, account: AccountRef, query: Query) -> Answered[list[Document]]:
        """One page as it stands; a row that QuickBooks cannot serialise fails it: Permanent ``POISONED_ROW``."""
        document = await self._ask(account, query.statement())
        return understand(lambda found: rows_of(found, query.entity), document)

    async def count(self, account: AccountRef, query: Query) -> Answered[int]:
        """How many records the conditions meet."""
        return understand(count_of, await self._ask(account, query.count().statement()))

    async def by_ids(self, account: AccountRef, entity: str, ids: Iterable[str]) -> Answered[Found]:
        """Any number of records, 1,000 a call, inactive ones too. Poisoned rows are isolated by halving.

        An id that is not in the answer is in `missing`: read it singly before it counts as deleted.
        """
        wanted = list(dict.fromkeys(ids))
        records: dict[str, Document] = {}
        unreadable: dict[str, LedgerbridgeError] = {}
        times: list[datetime] = []
        lots = [wanted[start : start + LARGEST_PAGE] for start in range(0, len(wanted), LARGEST_PAGE)]
        while lots:
            lot = lots.pop()
            query = Query(entity).where_in("Id", lot).whether_active_or_not()
            try:
                answered = await self.rows(account, query)
            except Permanent as error:
                lots += _halves(lot, error, unreadable)
                continue
            times.append(answered.time)
            records |= {row["Id"]: row for row in answered.value}
        missing = frozenset(wanted) - records.keys() - unreadable.keys()
        return Answered(Found(records, missing, unreadable), min(times, default=LONG_AGO))

    async def named(self, account: AccountRef, entity: str, name: str) -> Answered[list[Document]]:
        """Records of a name list with this name, whatever its case, inactive ones too.

        The name is DisplayName of customers, vendors and employees, Name of everything else. A deactivated record is
        stored as ``<name> (deleted)`` and is found by that name.
        """
        field = "DisplayName" if entity in {"Customer", "Vendor", "Employee"} else "Name"
        answered = await self.rows(account, Query(entity).named(field, name).whether_active_or_not())
        same = [row for row in answered.value if str(row.get(field, "")).strip().casefold() == name.strip().casefold()]
        return Answered(same, answered.time)

    async def pages(
        self, account: AccountRef, query: Query, since: datetime | None = None
    ) -> AsyncIterator[Answered[list[Document]]]:
        """Every record that meets the conditions, in pages of up to 1,000, oldest change first, none twice.

        Offsets skip rows under concurrent writes and ``ORDERBY Id`` may not be honoured, so pages advance by the last
        change seen; only rows of one and the same second are paged by offset. Poisoned rows are left out.
        """
        newest, start = since, 1
        at_newest: set[str] = set()
        while True:
            lot = query if newest is None else query.where("MetaData.LastUpdatedTime", ">=", stamp(newest))
            page = await self._page(account, lot.oldest_first(), start, LARGEST_PAGE)
            fresh = [row for row in page.rows if row["Id"] not in at_newest]
            if fresh:
                yield Answered(fresh, page.time or LONG_AGO)
            if page.length < LARGEST_PAGE:
                return
            last = max((last_updated(row) for row in page.rows), default=newest)
            if last == newest:
                start += LARGEST_PAGE
            else:
                newest, start, at_newest = last, 1, set()
            at_newest |= {row["Id"] for row in page.rows if last_updated(row) == last}

    async def _page(self, account: AccountRef, query: Query, start: int, size: int) -> "_Page":
        """Rows from `start`, a poisoned row left out: the page is halved until it stands alone."""
        try:
            answered = await self.rows(account, query.page(start, size))
        except Permanent as error:
            if error.code != "POISONED_ROW":
                raise
        else:
            understand(_check_order, answered.value)
            return _Page(answered.value, len(answered.value), answered.time)
        if size == 1:
            return _Page([], 1, None)
        half = size // 2
        first = await self._page(account, query, start, half)
        if first.length < half:
            return first
        rest = await self._page(account, query, start + half, size - half)
        times = [time for time in (first.time, rest.time) if time is not None]
        return _Page(first.rows + rest.rows, first.length + rest.length, min(times, default=None))

    async def _ask(self, account: AccountRef, statement: str) -> Document:
        fill = {"realm": account.external_id}
        if len(statement) <= LONGEST_IN_ADDRESS:
            call = Call("GET", _ROUTE, fill, [("query", statement), MINOR_VERSION])
        else:
            content = statement.encode()
            call = Call("POST", _ROUTE, fill, [MINOR_VERSION], content=content, content_type="application/text")
        document: Document = (await self._http.call(account, call)).document
        return document


@dataclass(frozen=True, slots=True)
class _Page:
    """`length` counts the poisoned rows too, so that a full page is known for one."""

    rows: list[Document]
    length: int
    time: datetime | None


def _halves(lot: Sequence[str], error: LedgerbridgeError, unreadable: dict[str, LedgerbridgeError]) -> list[list[str]]:
    """What to ask instead of a lot that a poisoned row has failed; another error is raised again."""
    if error.code != "POISONED_ROW":
        raise error
    if len(lot) == 1:
        unreadable[lot[0]] = error
        return []
    return [list(lot[: len(lot) // 2]), list(lot[len(lot) // 2 :])]


def _check_order(rows: Sequence[Document]) -> None:
    """Pages advance by the last change: rows in another order would hide some."""
    times = [last_updated(row) for row in rows]
    if times != sorted(times):
        raise ValueError("the rows are not in the order asked for")
