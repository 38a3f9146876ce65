"""What an invoice needs from HubSpot: a deal in one call, its line items in one, buyers and quotes where asked for."""

import asyncio
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import msgspec
from ledgerbridge.accounts.registry import Account
from ledgerbridge.errors import Permanent, Refused
from ledgerbridge.vendors.hubspot.associations import DEAL_TO_PRIMARY_COMPANY
from ledgerbridge.vendors.hubspot.client import HubSpot
from ledgerbridge.vendors.hubspot.models import Association, Batch, HubSpotRecord

from invoice_service.catalogue.buyers import Associated, BuyerHints, billing_contact, primary_or_only
from invoice_service.drafts.line_items import LineItem
from invoice_service.drafts.order_discounts import OrderAdjustment
from invoice_service.drafts.quotes import Quote, read_quote

Properties = Mapping[str, str | None]

COMPANY_PROPERTIES = ("name", "domain", "phone", "address", "address2", "city", "state", "zip", "country")
CONTACT_PROPERTIES = ("email", "firstname", "lastname", "phone", "address", "city", "state", "zip", "country")
PRICING_PROPERTIES = ("hs_pricing_model", "hs_effective_unit_price")
QUOTE_PROPERTIES = (
    "hs_title",
    "hs_status",
    "hs_expiration_date",
    "hs_currency",
    "hs_esign_date",
    "hs_payment_date",
    "hs_payment_status",
    "hs_esign_num_signers_completed",
    "hs_esign_num_signers_required",
)
QUOTE_ASSOCIATIONS = ("line_items", "deals", "contacts", "companies")
ADJUSTMENTS = ("discounts", "fees")
_ADJUSTMENT_PROPERTIES = ("hs_label", "hs_type", "hs_value", "hs_sort_order")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A deal with the ids around it. `expected_lines` is how many line items HubSpot counts."""

    deal_id: str
    name: str
    currency: str
    company_ids: tuple[str, ...] = ()
    contact_ids: tuple[str, ...] = ()
    quote_ids: tuple[str, ...] = ()
    line_item_ids: tuple[str, ...] = ()
    expected_lines: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteReading:
    """A quote with its own line items, discounts and fees; `deal_id` where it belongs to exactly one deal."""

    quote: Quote
    currency: str
    deal_id: str | None
    line_item_ids: tuple[str, ...]
    discounts: tuple[OrderAdjustment, ...] = ()
    fees: tuple[OrderAdjustment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerRecords:
    """The HubSpot records that may be the buyer; the properties are None until somebody needs them."""

    company_id: str | None = None
    billing_contact_id: str | None = None
    contact_id: str | None = None
    company: Properties | None = None
    contact: Properties | None = None

    @property
    def person_id(self) -> str | None:
        """The contact who stands for the buyer."""
        return self.billing_contact_id or self.contact_id

    def hints(self) -> BuyerHints:
        """What the matching goes by."""
        company, contact = self.company or {}, self.contact or {}
        person = " ".join(filter(None, (contact.get("firstname"), contact.get("lastname"))))
        return BuyerHints(
            company_id=self.company_id,
            billing_contact_id=self.billing_contact_id,
            contact_id=self.contact_id,
            emails=tuple(filter(None, (contact.get("email"),))),
            names=tuple(filter(None, (company.get("name"), person))),
        )


class HubSpotReading:
    """Reads for drafts and orders; every method takes the HubSpot account first."""

    def __init__(self, hubspot: HubSpot) -> None:
        """Read through this client."""
        self._hubspot = hubspot
        self._without_adjustments: set[int] = set()

    async def deal(self, account: Account, deal_id: str) -> Deal:
        """A deal in one call. Raises Refused NOT_FOUND."""
        record = await self._one(account, "deals", deal_id, f"deal {deal_id}")
        line_items = record.associations.get("line_items", ())
        if not record.associations_complete:
            found = await self._hubspot.associations.read_many(account, "deals", "line_items", [record.id])
            line_items = tuple(one.id for one in found[record.id])
        return Deal(
            deal_id=record.id,
            name=record.properties.get("dealname") or record.id,
            currency=record.properties.get("deal_currency_code") or str(account.facts.get("currency") or ""),
            company_ids=record.associations.get("companies", ()),
            contact_ids=record.associations.get("contacts", ()),
            quote_ids=record.associations.get("quotes", ()),
            line_item_ids=line_items,
            expected_lines=max(len(line_items), _count(record.properties.get("hs_num_of_associated_line_items"))),
        )

    async def quote(self, account: Account, quote_id: str) -> QuoteReading:
        """A quote with what is on it. Raises Refused NOT_FOUND."""
        record = await self._one(account, "quotes", quote_id, f"quote {quote_id}")
        deals = record.associations.get("deals", ())
        return QuoteReading(
            quote=read_quote(record.id, record.properties),
            currency=record.properties.get("hs_currency") or "",
            deal_id=deals[0] if len(deals) == 1 else None,
            line_item_ids=record.associations.get("line_items", ()),
            discounts=await self._adjustments(account, "discounts", record),
            fees=await self._adjustments(account, "fees", record),
        )

    async def quotes(self, account: Account, quote_ids: Iterable[str]) -> list[tuple[Quote, str]]:
        """Quotes in bulk with their currencies, for choosing among them (S-16)."""
        batch = await self._hubspot.records.read_many(account, "quotes", quote_ids, QUOTE_PROPERTIES)
        return [(read_quote(one.id, one.properties), one.properties.get("hs_currency") or "") for one in _all(batch)]

    async def line_items(self, account: Account, ids: Sequence[str]) -> list[LineItem]:
        """Line items in bulk; fewer than asked for where HubSpot did not give all."""
        if not ids:
            return []
        batch = await self._hubspot.records.line_items(account, ids, PRICING_PROPERTIES)
        return [LineItem(one.id, one.properties) for one in _all(batch)]

    async def products(self, account: Account, ids: Iterable[str], currency: str) -> dict[str, Properties]:
        """Products in bulk by id, with the price in a currency."""
        names = ("name", "description", "hs_sku", "price", f"hs_price_{currency.lower()}")
        batch = await self._hubspot.records.read_many(account, "products", ids, names)
        return {one: record.properties for one, record in batch.records.items()}

    async def buyer_of_deal(self, account: Account, deal: Deal) -> BuyerRecords:
        """Whose deal it is, by ids. Associations are asked for only where there are several of a kind."""
        company_id, contacts = primary_or_only([Associated(one) for one in deal.company_ids]), list[Associated]()
        if len(deal.company_ids) > 1:
            found = await self._associated(account, deal.deal_id, "companies")
            primary = [Associated(one.id, primary=one.is_of(DEAL_TO_PRIMARY_COMPANY)) for one in found]
            company_id = primary_or_only(primary)
        if len(deal.contact_ids) > 1:
            contacts = await self._contacts_with_labels(account, deal.deal_id)
        else:
            contacts = [Associated(one) for one in deal.contact_ids]
        return BuyerRecords(
            company_id=company_id,
            billing_contact_id=billing_contact(contacts),
            contact_id=primary_or_only(contacts),
        )

    async def with_properties(
        self, account: Account, buyer: BuyerRecords, extra_properties: Iterable[str] = ()
    ) -> BuyerRecords:
        """The buyer's company and contact as HubSpot describes them, read side by side."""
        extra = tuple(extra_properties)
        company, contact = await asyncio.gather(
            self._properties(account, "companies", buyer.company_id, COMPANY_PROPERTIES + extra),
            self._properties(account, "contacts", buyer.person_id, CONTACT_PROPERTIES + extra),
        )
        return BuyerRecords(
            company_id=buyer.company_id,
            billing_contact_id=buyer.billing_contact_id,
            contact_id=buyer.contact_id,
            company=company,
            contact=contact,
        )

    async def _properties(
        self, account: Account, object_type: str, record_id: str | None, properties: Sequence[str]
    ) -> Properties | None:
        if record_id is None:
            return None
        try:
            return (await self._hubspot.records.get(account, object_type, record_id, properties)).properties
        except Permanent as error:
            if error.code != "GONE":
                raise
            raise Refused("NOT_FOUND", what=f"{object_type} {record_id}") from None

    async def _one(self, account: Account, object_type: str, record_id: str, what: str) -> HubSpotRecord:
        try:
            if object_type == "deals":
                return await self._hubspot.records.deal_for_invoice(account, record_id)
            return await self._quote_record(account, record_id)
        except Permanent as error:
            if error.code != "GONE":
                raise
            raise Refused("NOT_FOUND", field=f"{object_type[:-1]}_id", what=what) from None

    async def _quote_record(self, account: Account, quote_id: str) -> HubSpotRecord:
        """A quote with its associations; guess: an account without order discounts and fees refuses to name them."""
        extra = () if account.id in self._without_adjustments else ADJUSTMENTS
        associations = (*QUOTE_ASSOCIATIONS, *extra)
        try:
            return await self._hubspot.records.get(
                account, "quotes", quote_id, QUOTE_PROPERTIES, associations=associations
            )
        except Permanent as error:
            if error.code != "VENDOR_REFUSED" or not extra:
                raise
        plain = await self._hubspot.records.get(
            account, "quotes", quote_id, QUOTE_PROPERTIES, associations=QUOTE_ASSOCIATIONS
        )
        self._without_adjustments.add(account.id)
        return plain

    async def _associated(self, account: Account, deal_id: str, to_type: str) -> tuple[Association, ...]:
        return (await self._hubspot.associations.read_many(account, "deals", to_type, [deal_id]))[deal_id]

    async def _contacts_with_labels(self, account: Account, deal_id: str) -> list[Associated]:
        found = await self._associated(account, deal_id, "contacts")
        labels: Mapping[int, str | None] = {}
        if any(kind.category != "HUBSPOT_DEFINED" for one in found for kind in one.types):
            labels = await self._hubspot.associations.labels(account, "deals", "contacts")
        return [
            Associated(one.id, frozenset((labels.get(kind.type_id) or "").lower() for kind in one.types) - {""})
            for one in found
        ]

    async def _adjustments(
        self, account: Account, object_type: str, record: HubSpotRecord
    ) -> tuple[OrderAdjustment, ...]:
        ids = record.associations.get(object_type, ())
        if not ids:
            return ()
        batch = await self._hubspot.records.read_many(account, object_type, ids, _ADJUSTMENT_PROPERTIES)
        if batch.missing:
            raise Refused("LINES_INCOMPLETE", field=object_type, read=len(batch.records), expected=len(ids))
        return tuple(_adjustment(one) for one in _all(batch))


def _adjustment(record: HubSpotRecord) -> OrderAdjustment:
    said = record.properties
    try:
        value = Decimal(said.get("hs_value") or "")
    except InvalidOperation:
        problem = "the discount or fee has no value"
        raise Refused("INVALID", field=f"adjustments.{record.id}.hs_value", problem=problem) from None
    return OrderAdjustment(
        record.id,
        said.get("hs_label") or "",
        said.get("hs_type") == "PERCENT",
        value,
        _count(said.get("hs_sort_order")),
    )


def _all(batch: Batch) -> list[HubSpotRecord]:
    for failure in batch.failures.values():
        raise failure
    return list(batch.records.values())


def _count(written: str | None) -> int:
    whole = (written or "").partition(".")[0]
    return int(whole) if whole.isdecimal() else 0


def fingerprint(deal: Deal, items: Iterable[LineItem]) -> str:
    """Changes when what an invoice takes from the deal changes; our own deal properties are no part of it."""
    lines = sorted(
        (one.hubspot_id, sorted((name, text or "") for name, text in one.properties.items())) for one in items
    )
    content = [deal.name, deal.currency, sorted(deal.company_ids), sorted(deal.contact_ids), lines]
    return hashlib.sha256(msgspec.json.encode(content)).hexdigest()[:32]
