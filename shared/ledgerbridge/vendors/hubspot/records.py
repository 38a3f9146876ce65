"""HubSpot's records: single reads and writes, search, and what an invoice needs of a deal (hubspot.md 3 to 5)."""

from collections.abc import Iterable, Mapping, Sequence

from ledgerbridge.vendors.calls import Call
from ledgerbridge.vendors.documents import Document
from ledgerbridge.vendors.hubspot.batches import Batches
from ledgerbridge.vendors.hubspot.models import (
    AssociationSpec,
    Batch,
    HubSpotRecord,
    NewRecord,
    Page,
    Search,
    record_of,
)
from ledgerbridge.vendors.hubspot.reading import page_of, understand
from ledgerbridge.vendors.ports import AccountRef
from ledgerbridge.vendors.seam import VendorHttp
from ledgerbridge.vendors.versions import Versions

DEAL_PROPERTIES = (
    "dealname",
    "pipeline",
    "dealstage",
    "amount",
    "deal_currency_code",
    "closedate",
    "description",
    "hubspot_owner_id",
    "hs_is_closed_won",
    "hs_is_closed_lost",
    "hs_num_of_associated_line_items",
    "hs_lastmodifieddate",
)
DEAL_ASSOCIATIONS = ("contacts", "companies", "line_items", "quotes")
LINE_ITEM_PROPERTIES = (
    "name",
    "description",
    "hs_sku",
    "hs_product_id",
    "quantity",
    "price",
    "discount",
    "hs_discount_percentage",
    "hs_total_discount",
    "hs_pre_discount_amount",
    "amount",
    "hs_tax_rate_group_id",
    "hs_line_item_currency_code",
    "recurringbillingfrequency",
    "hs_recurring_billing_period",
    "hs_recurring_billing_start_date",
    "hs_recurring_billing_number_of_payments",
    "hs_position_on_quote",
)


class Records:
    """Records of any object type (``contacts``, ``companies``, ``deals``, ``line_items``, ``quotes``, ``0-3``, …)."""

    def __init__(self, http: VendorHttp, versions: Versions) -> None:
        """Use the seam and a family of paths."""
        self._http = http
        self._all = versions.path("objects") + "/{type}"
        self._one = self._all + "/{id}"
        self._batches = Batches(http, self._all)

    async def get(
        self,
        account: AccountRef,
        object_type: str,
        record_id: str,
        properties: Sequence[str] = (),
        *,
        associations: Sequence[str] = (),
        id_property: str | None = None,
        archived: bool = False,
    ) -> HubSpotRecord:
        """One record; a merged-away id answers the survivor, by the survivor's id. Permanent ``GONE`` if not there."""
        query = [("archived", "true")] if archived else []
        query += [("properties", ",".join(properties))] if properties else []
        query += [("associations", ",".join(associations))] if associations else []
        query += [("idProperty", id_property)] if id_property else []
        fill = {"type": object_type, "id": record_id}
        answer = await self._http.call(account, Call("GET", self._one, fill, query))
        return understand(record_of, answer.document)

    async def deal_for_invoice(
        self, account: AccountRef, deal_id: str, extra_properties: Sequence[str] = ()
    ) -> HubSpotRecord:
        """A deal with its contacts, companies, line items and quotes, in one call."""
        properties = (*DEAL_PROPERTIES, *extra_properties)
        return await self.get(account, "deals", deal_id, properties, associations=DEAL_ASSOCIATIONS)

    async def line_items(self, account: AccountRef, ids: Iterable[str], extra_properties: Sequence[str] = ()) -> Batch:
        """Line items by id; compare `missing` with nothing before trusting the sum (hubspot.md 19, 12)."""
        return await self.read_many(account, "line_items", ids, (*LINE_ITEM_PROPERTIES, *extra_properties))

    async def read_many(
        self,
        account: AccountRef,
        object_type: str,
        ids: Iterable[str],
        properties: Sequence[str],
        *,
        id_property: str | None = None,
        archived: bool = False,
    ) -> Batch:
        """Any number of records, 100 a call, keyed by what was asked for; raises when a call fails as a whole."""
        return await self._batches.read(account, object_type, ids, properties, id_property, archived=archived)

    async def create(
        self,
        account: AccountRef,
        object_type: str,
        properties: Mapping[str, str],
        associations: Sequence[tuple[str, AssociationSpec]] = (),
    ) -> HubSpotRecord:
        """Create one. HubSpot has no idempotency key: a lost answer is Uncertain; look up before trying again."""
        document = NewRecord(properties, associations).document()
        call = Call("POST", self._all, {"type": object_type}, document=document, kind="write", effect=True)
        return understand(record_of, (await self._http.call(account, call)).document, effect=True)

    async def create_many(self, account: AccountRef, object_type: str, records: Mapping[str, NewRecord]) -> Batch:
        """Create any number, keyed by keys of the caller; what fails is in `failures`, Uncertain where not known."""
        return await self._batches.create(account, object_type, records)

    async def update(
        self, account: AccountRef, object_type: str, record_id: str, properties: Mapping[str, str]
    ) -> HubSpotRecord:
        """Set properties of one record (``""`` clears); a merged-away id reaches the survivor."""
        fill = {"type": object_type, "id": record_id}
        document: Document = {"properties": dict(properties)}
        call = Call("PATCH", self._one, fill, document=document, kind="write", effect=True, repeatable=True)
        return understand(record_of, (await self._http.call(account, call)).document, effect=True)

    async def update_many(
        self, account: AccountRef, object_type: str, changes: Mapping[str, Mapping[str, str]]
    ) -> Batch:
        """Set properties of any number of records by id; every id ends in records, failures or missing."""
        return await self._batches.update(account, object_type, changes)

    async def upsert_many(
        self, account: AccountRef, object_type: str, id_property: str, changes: Mapping[str, Mapping[str, str]]
    ) -> Batch:
        """Create or update by a unique property, keyed by its value; `new` says which."""
        return await self._batches.upsert(account, object_type, id_property, changes)

    async def archive(self, account: AccountRef, object_type: str, record_id: str) -> None:
        """Put a record into the recycle bin; archiving an archived one is no error."""
        fill = {"type": object_type, "id": record_id}
        call = Call("DELETE", self._one, fill, kind="write", expected="nothing", effect=True, repeatable=True)
        await self._http.call(account, call)

    async def archive_many(self, account: AccountRef, object_type: str, ids: Iterable[str]) -> None:
        """Archive any number, 100 a call."""
        await self._batches.archive(account, object_type, ids)

    async def search(self, account: AccountRef, object_type: str, search: Search) -> Page:
        """One page of a search. It lags behind writes: never decide by it whether a record exists (hubspot.md 5)."""
        route = self._all + "/search"
        call = Call("POST", route, {"type": object_type}, document=search.document(), kind="search")
        return understand(page_of, (await self._http.call(account, call)).document)

    async def list_page(
        self,
        account: AccountRef,
        object_type: str,
        properties: Sequence[str],
        *,
        associations: Sequence[str] = (),
        after: str | None = None,
        archived: bool = False,
    ) -> Page:
        """One page of 100 of all records; the way past search's ceiling of 10,000."""
        query = [("limit", "100"), ("properties", ",".join(properties)), ("archived", str(archived).lower())]
        query += [("associations", ",".join(associations))] if associations else []
        query += [("after", after)] if after is not None else []
        answer = await self._http.call(account, Call("GET", self._all, {"type": object_type}, query))
        return understand(page_of, answer.document)
