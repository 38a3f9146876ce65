"""From a deal, a quote, or a given buyer and lines to a draft that may be created; every refusal of product.md.

The wizard goes through it step by step, a command in one go (`command_preparing`); both end in `complete`, which runs
the same checks at the moment of creating.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ledgerbridge.accounts.registry import Account, Connection
from ledgerbridge.contracts.commands import OrderLine
from ledgerbridge.contracts.invoices import InvoiceLinks
from ledgerbridge.errors import Refused
from ledgerbridge.service.clocks import BusinessClock, today
from ledgerbridge.storage import Database
from ledgerbridge.sync import links as twins

from invoice_service.catalogue import store_company, store_customers, store_items
from invoice_service.catalogue.buyers import BuyerMatch, RecordKey, match_buyer
from invoice_service.catalogue.customers import CatalogueCustomer, NewCustomer, check_name_free, new_customer
from invoice_service.catalogue.filling import CatalogueFilling
from invoice_service.catalogue.items import CatalogueItem, matched_lines
from invoice_service.catalogue.taxes import CustomerTax, TaxRules
from invoice_service.drafts import reviews
from invoice_service.drafts.draft import Draft, Source
from invoice_service.drafts.eligible import check_eligible, filter_properties
from invoice_service.drafts.hubspot_reading import BuyerRecords, Deal, HubSpotReading, QuoteReading, fingerprint
from invoice_service.drafts.line_items import Recurring, invoice_lines
from invoice_service.drafts.order_discounts import fee_lines, order_discount
from invoice_service.drafts.reviews import Company, Reading
from invoice_service.invoices.recording import zone_of
from invoice_service.lines import InvoiceLine, OrderDiscount, subtotal


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceLines:
    """The lines of a deal or quote with items where one fits, and what they were read from."""

    source: Source
    lines: tuple[InvoiceLine, ...]
    discount: OrderDiscount | None = None
    quote: QuoteReading | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerFound:
    """Who the deal's buyer is in QuickBooks, and the HubSpot records that stand for it."""

    match: BuyerMatch
    records: BuyerRecords


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A draft that passed every check, with what the order needs beside it."""

    draft: Draft
    company: Company
    reading: Reading
    links: InvoiceLinks

    @property
    def terms_name(self) -> str:
        """The name of the terms that will be sent."""
        request = reviews.request_of(self.draft, self.company, self.reading, customer_id="", marker="")
        term = self.company.terms.get(request.term_id or "")
        return term.name if term else ""


class Preparing:
    """The steps, each usable alone."""

    def __init__(
        self, database: Database, hubspot: HubSpotReading, catalogue: CatalogueFilling, clock: BusinessClock
    ) -> None:
        """`catalogue` reads what is stale before it is matched against."""
        self.hubspot = hubspot
        self.catalogue = catalogue
        self._database = database
        self._clock = clock

    async def deal(self, account: Account, deal_id: str) -> Deal:
        """The deal, from the tenant's HubSpot account. Raises Refused NOT_FOUND."""
        return await self.hubspot.deal(account, deal_id)

    async def lines_of_deal(
        self, connection: Connection, deal: Deal, recurring: Recurring = Recurring.FIRST
    ) -> SourceLines:
        """From scratch: the deal's line items as lines (S-21). Raises Refused NO_LINES, LINES_INCOMPLETE, INVALID."""
        items = await self.hubspot.line_items(connection.hubspot, deal.line_item_ids)
        lines = invoice_lines(items, expected=deal.expected_lines, currency=deal.currency, recurring=recurring)
        source = Source(kind="scratch", fingerprint=fingerprint(deal, items))
        return SourceLines(source=source, lines=tuple(await self.with_items(connection, lines)))

    async def lines_of_quote(
        self,
        connection: Connection,
        deal: Deal,
        quote_id: str,
        recurring: Recurring = Recurring.FIRST,
        *,
        read: QuoteReading | None = None,
    ) -> SourceLines:
        """From a published quote that has not expired (S-17, S-20), with its discounts and fees.

        Raises Refused QUOTE_NOT_PUBLISHED, QUOTE_EXPIRED, and what `lines_of_deal` raises.
        """
        quote = read or await self.hubspot.quote(connection.hubspot, quote_id)
        reviews.check_source_quote(self.reading_of(connection, None, quote))
        items = await self.hubspot.line_items(connection.hubspot, quote.line_item_ids)
        currency = quote.currency or deal.currency
        if currency != deal.currency:
            raise Refused(
                "INVALID", field="quote_id", problem=f"the quote is in {currency}, the deal in {deal.currency}"
            )
        found = invoice_lines(items, expected=len(quote.line_item_ids), currency=currency, recurring=recurring)
        base = subtotal(found)
        discount = order_discount(quote.discounts, base, company="", allowed=True)
        fees = fee_lines(quote.fees, base - (discount.amount if discount else Decimal(0)))
        source = Source(kind="quote", quote_id=quote_id, fingerprint=fingerprint(deal, items))
        lines = await self.with_items(connection, [*found, *fees])
        return SourceLines(source=source, lines=tuple(lines), discount=discount, quote=quote)

    async def deal_fingerprint(self, account: Account, deal: Deal, quote: QuoteReading | None = None) -> str:
        """The deal as it is now, to tell whether it changed since the draft was made."""
        ids = quote.line_item_ids if quote else deal.line_item_ids
        return fingerprint(deal, await self.hubspot.line_items(account, ids))

    async def with_items(self, connection: Connection, lines: Sequence[InvoiceLine]) -> list[InvoiceLine]:
        """Lines with the QuickBooks item of their product's link, SKU or name, else the default item, else open."""
        await self.catalogue.refresh(connection, ["item"])
        products = {line.hubspot_product_id for line in lines if line.hubspot_product_id}
        default_id = connection.settings.default_item
        async with self._database.tenant(connection.tenant_id) as tx:
            joined = await twins.by_hubspot(
                tx, connection.tenant_id, "product", sorted(products), connection_id=connection.id
            )
            linked = {link.hubspot_id: link.quickbooks_id for link in joined}
            items = await store_items.items_for(
                tx,
                connection.id,
                [line.sku for line in lines],
                [line.product_name for line in lines],
                [*linked.values(), *([default_id] if default_id else [])],
            )
        default = next((item for item in items if item.quickbooks_id == default_id), None)
        return matched_lines(lines, items, linked, default)

    async def buyer_of_deal(self, connection: Connection, deal: Deal) -> BuyerFound:
        """The deal's buyer: by link, e-mail or name (product.md, Buyer). HubSpot is asked only where no link leads."""
        records = await self.hubspot.buyer_of_deal(connection.hubspot, deal)
        return await self.match_buyer(connection, records)

    async def match_buyer(self, connection: Connection, records: BuyerRecords) -> BuyerFound:
        """The customer of these HubSpot records."""
        await self.catalogue.refresh(connection, ["customer"])
        linked = await self._linked_customers(connection, records)
        found = await self._match(connection, records, linked)
        if found.customer is not None:
            return BuyerFound(match=found, records=records)
        described = await self.hubspot.with_properties(connection.hubspot, records, filter_properties(connection))
        return BuyerFound(match=await self._match(connection, described, linked), records=described)

    async def _linked_customers(self, connection: Connection, records: BuyerRecords) -> dict[RecordKey, str]:
        keys = [key for _reason, key in records.hints().links_in_order()]
        linked: dict[RecordKey, str] = {}
        async with self._database.tenant(connection.tenant_id) as tx:
            for kind in ("company", "contact"):
                ids = [record_id for of_kind, record_id in keys if of_kind == kind]
                if ids:
                    joined = await twins.by_hubspot(tx, connection.tenant_id, kind, ids, connection_id=connection.id)
                    linked |= {(kind, link.hubspot_id): link.quickbooks_id for link in joined}
        return linked

    async def _match(
        self, connection: Connection, records: BuyerRecords, linked: Mapping[RecordKey, str]
    ) -> BuyerMatch:
        hints = records.hints()
        async with self._database.tenant(connection.tenant_id) as tx:
            customers = await store_customers.customers_for(tx, connection.id, hints, linked.values())
        return match_buyer(hints, linked, customers)

    async def new_customer_for(self, connection: Connection, records: BuyerRecords, currency: str) -> NewCustomer:
        """A proposal from the HubSpot records (S-19, S-23). Raises Refused NOT_ELIGIBLE, NO_BUYER.

        `records` have been described (`match_buyer` does that where no customer was found).
        """
        self.check_eligible(connection, records)
        proposal = new_customer(records.company, records.contact, currency or None)
        if proposal.display_name == "?":
            raise Refused("NO_BUYER", field="buyer")
        record = ("company", records.company_id) if records.company_id else ("contact", records.person_id)
        return proposal.model_copy(update={"record_type": record[0], "record_id": record[1] or ""})

    def check_eligible(self, connection: Connection, records: BuyerRecords) -> None:
        """Refuse a buyer that a strict connection may not use (S-68, S-69)."""
        if connection.mode == "legacy":
            return
        if records.person_id is not None:
            check_eligible(connection, records.contact or {}, f"contact {records.person_id}")
        else:
            check_eligible(connection, records.company or {}, f"company {records.company_id or '?'}")

    async def check_name_free(self, connection: Connection, name: str) -> None:
        """Refuse a name that a customer, vendor or employee holds, inactive ones too (NAME_TAKEN)."""
        await self.catalogue.refresh(connection, ["customer", "vendor", "employee"])
        async with self._database.tenant(connection.tenant_id) as tx:
            check_name_free(name, await store_customers.holders_of(tx, connection.id, name))

    async def company(self, connection: Connection, draft: Draft) -> Company:
        """What the company and the connection's settings say about creating this draft."""
        zone = zone_of(connection)
        facts = await self.catalogue.company(connection)
        await self.catalogue.refresh(connection, ["term", "item"])
        chosen = connection.settings
        async with self._database.tenant(connection.tenant_id) as tx:
            terms = await store_company.terms(tx, connection.id)
            codes = await store_company.tax_codes(tx, connection.id)
            ids = [line.item_id for line in draft.lines if line.item_id]
            items = await store_items.items_by_ids(tx, connection.id, ids)
        return Company(
            name=facts.name,
            today=today(self._clock, zone),
            home_currency=facts.home_currency,
            rules=TaxRules(
                facts.tax_mode, codes, default_code=chosen.default_tax_code, group_code=facts.tax_group_code
            ),
            terms=terms,
            items=items,
            multicurrency=facts.multicurrency,
            custom_numbers=facts.custom_numbers,
            numbers_supplied=chosen.custom_numbers == "from_user",
            books_closed_until=facts.books_closed_until,
            discounts_allowed=facts.discounts_allowed,
            fill_bill_email=chosen.fill_recipient_address,
            default_term_id=chosen.default_terms or facts.default_term_id,
        )

    async def reading(self, connection: Connection, draft: Draft, *, deal_fingerprint: str = "") -> Reading:
        """What must be known of the draft's quote and customer now; the quote is read again."""
        customer = await self._customer_of(connection, draft)
        quote = None
        if draft.source is not None and draft.source.quote_id:
            quote = await self.hubspot.quote(connection.hubspot, draft.source.quote_id)
        return self.reading_of(connection, customer, quote, deal_fingerprint)

    def reading_of(
        self,
        connection: Connection,
        customer: CatalogueCustomer | None,
        quote: QuoteReading | None,
        deal_fingerprint: str = "",
    ) -> Reading:
        """The same from what was read already."""
        zone = str(connection.hubspot.facts.get("zone") or "UTC")
        return Reading(
            quote=quote.quote if quote else None,
            hubspot_today=today(self._clock, zone),
            hubspot_zone=zone,
            published=connection.settings.quote_statuses,
            customer_tax=customer.tax if customer else CustomerTax(has_address=True),
            customer_term_id=customer.term_id if customer else None,
            fingerprint=deal_fingerprint,
        )

    async def _customer_of(self, connection: Connection, draft: Draft) -> CatalogueCustomer | None:
        if draft.buyer.customer_id is None:
            return None
        return await self.customer(connection, draft.buyer.customer_id)

    async def customer(self, connection: Connection, customer_id: str) -> CatalogueCustomer:
        """A customer of the catalogue. Raises Refused NOT_FOUND, INVALID for an inactive one."""
        await self.catalogue.refresh(connection, ["customer"])
        async with self._database.tenant(connection.tenant_id) as tx:
            known = await store_customers.customers_by_ids(tx, connection.id, [customer_id])
        if customer_id not in known:
            raise Refused("NOT_FOUND", field="buyer.customer_id", what=f"QuickBooks customer {customer_id}")
        if not known[customer_id].active:
            raise Refused("INVALID", field="buyer.customer_id", problem=f"customer {customer_id} is inactive")
        return known[customer_id]

    async def complete(
        self, connection: Connection, draft: Draft, links: InvoiceLinks | None = None, *, reading: Reading | None = None
    ) -> Prepared:
        """The draft with everything that is needed to create it. Raises the first Refused in the order of the steps."""
        company = await self.company(connection, draft)
        reviews.check_numbering(draft, company)
        reading = reading or await self.reading(connection, draft)
        reviews.check(draft, company, reading)
        if draft.buyer.new is not None:
            await self.check_name_free(connection, draft.buyer.new.display_name)
        return Prepared(
            draft=draft, company=company, reading=reading, links=links or InvoiceLinks(deal_id=draft.deal_id)
        )

    async def items_for_order(self, connection: Connection, lines: Sequence[OrderLine]) -> dict[str, CatalogueItem]:
        """The items that given lines name, by id."""
        await self.catalogue.refresh(connection, ["item"])
        default = connection.settings.default_item
        wanted = {line.item_id for line in lines if line.item_id} | ({default} if default else set())
        async with self._database.tenant(connection.tenant_id) as tx:
            return await store_items.items_by_ids(tx, connection.id, wanted)

    async def named_terms(self, connection: Connection, written: str) -> str:
        """The id of terms given by id or name. Raises Refused INVALID."""
        await self.catalogue.refresh(connection, ["term"])
        async with self._database.tenant(connection.tenant_id) as tx:
            known = await store_company.terms(tx, connection.id)
        names = {one: term.name for one, term in known.items() if term.active}
        return _by_id_or_name(names, written, "terms")

    async def named_tax_codes(self, connection: Connection, written: Iterable[str]) -> dict[str, str]:
        """Ids of tax codes given by id or name. Raises Refused INVALID."""
        wanted = set(written)
        if not wanted:
            return {}
        async with self._database.tenant(connection.tenant_id) as tx:
            known = await store_company.tax_codes(tx, connection.id)
        names = {one: code.name for one, code in known.items() if code.active}
        return {one: _by_id_or_name(names, one, "tax_code") for one in wanted}


def _by_id_or_name(names: Mapping[str, str], written: str, field: str) -> str:
    if written in names:
        return written
    found = [one for one, name in names.items() if name.casefold() == written.strip().casefold()]
    if len(found) != 1:
        raise Refused("INVALID", field=field, problem=f"the company has no active {field.replace('_', ' ')} {written}")
    return found[0]
