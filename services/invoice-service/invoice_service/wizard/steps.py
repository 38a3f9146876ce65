"""The steps of the wizard: what each makes of a draft (S-15 to S-34). Nothing is stored here.

The vendors may be asked; a draft comes in and the changed one goes out.
"""

from dataclasses import dataclass

from ledgerbridge.accounts.registry import Connection
from ledgerbridge.errors import Refused
from ledgerbridge.storage import Database

from invoice_service.catalogue import store_items
from invoice_service.catalogue.buyers import BuyerMatch, check_currency
from invoice_service.catalogue.customers import NewCustomer, new_customer
from invoice_service.drafts.draft import Draft, Source
from invoice_service.drafts.eligible import filter_properties
from invoice_service.drafts.hubspot_reading import BuyerRecords, Deal, fingerprint
from invoice_service.drafts.preparing import Preparing, SourceLines
from invoice_service.drafts.quotes import Quote, check_quote
from invoice_service.drafts.reviews import Company, Reading
from invoice_service.tenants import Tenants
from invoice_service.wizard import requests
from invoice_service.wizard.line_changes import changed_lines

_TERMS = {
    "terms_id": "term_id",
    "invoice_date": "invoice_date",
    "due_date": "due_date",
    "message": "message",
    "number": "number",
    "email": "bill_email",
}
"""Fields of the door by the draft's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyersFound:
    """Who may be meant, what a new customer would be made of, and why none may be made."""

    match: BuyerMatch
    proposal: NewCustomer | None
    refusal: Refused | None


class Steps:
    """The steps of one wizard, each usable alone."""

    def __init__(self, database: Database, tenants: Tenants, preparing: Preparing) -> None:
        """`preparing` reads deals and quotes and matches them with QuickBooks' records."""
        self._database = database
        self._tenants = tenants
        self._preparing = preparing

    async def connection(self, tenant: int, draft: Draft) -> Connection:
        """The company of the draft. Raises Refused INVALID where none is chosen yet, NOT_FOUND."""
        if draft.connection_id is None:
            raise Refused("INVALID", field="connection_id", problem="choose a QuickBooks company first")
        return await self._tenants.connection(tenant, draft.connection_id)

    async def on_connection(self, tenant: int, draft: Draft, connection_id: int) -> Draft:
        """On this company; what was matched in another one is matched again."""
        connection = await self._tenants.connection(tenant, connection_id)
        moved = draft.with_connection(connection_id)
        if moved is draft or draft.source is None:
            return moved
        lines = await self._preparing.with_items(connection, moved.lines)
        return await self._with_buyer(connection, moved.model_copy(update={"lines": tuple(lines)}))

    async def quotes(self, tenant: int, draft: Draft) -> list[tuple[Quote, Refused | None]]:
        """The deal's quotes, each with the refusal where it cannot be used (S-20)."""
        connection = await self.connection(tenant, draft)
        deal = await self._preparing.deal(connection.hubspot, draft.deal_id or "")
        found = await self._preparing.hubspot.quotes(connection.hubspot, deal.quote_ids)
        reading = self._preparing.reading_of(connection, None, None)
        return [(quote, _refusal_of(quote, currency, deal, reading)) for quote, currency in found]

    async def from_source(self, tenant: int, draft: Draft, given: requests.ChooseSource) -> Draft:
        """From a quote, or from scratch; lines and buyer are matched."""
        connection = await self.connection(tenant, draft)
        same = draft.source is not None and draft.source.quote_id == given.quote_id
        if same and not given.again:
            return draft
        deal = await self._preparing.deal(connection.hubspot, draft.deal_id or "")
        read = await self._source(connection, deal, given.quote_id)
        changed = draft.changed(source=read.source, lines=read.lines, discount=read.discount)
        return await self._with_buyer(connection, changed, deal)

    async def _source(self, connection: Connection, deal: Deal, quote_id: str | None) -> SourceLines:
        if quote_id is not None:
            if quote_id not in deal.quote_ids:
                raise Refused("NOT_FOUND", field="quote_id", what=f"Quote {quote_id} of the deal")
            return await self._preparing.lines_of_quote(connection, deal, quote_id)
        if deal.expected_lines == 0:
            # In the wizard a deal without lines is no refusal: items are added from QuickBooks (S-25).
            return SourceLines(source=Source(kind="scratch", fingerprint=fingerprint(deal, [])), lines=())
        return await self._preparing.lines_of_deal(connection, deal)

    async def _with_buyer(self, connection: Connection, draft: Draft, deal: Deal | None = None) -> Draft:
        if draft.buyer.how in ("picked", "new"):
            return draft
        deal = deal or await self._preparing.deal(connection.hubspot, draft.deal_id or "")
        found = await self._preparing.buyer_of_deal(connection, deal)
        matched = draft.with_match(found.match)
        return matched.model_copy(update={"version": draft.version})  # one change of the draft, not two

    async def buyers(self, tenant: int, draft: Draft) -> BuyersFound:
        """Who the deal's buyer may be, asked again now."""
        connection = await self.connection(tenant, draft)
        deal = await self._preparing.deal(connection.hubspot, draft.deal_id or "")
        found = await self._preparing.buyer_of_deal(connection, deal)
        records = await self._described(connection, found.records)
        refusal = self._not_eligible(connection, records)
        proposal = new_customer(records.company, records.contact, draft.currency or None)
        named = proposal.display_name != "?"
        return BuyersFound(match=found.match, proposal=proposal if named else None, refusal=refusal)

    async def _described(self, connection: Connection, records: BuyerRecords) -> BuyerRecords:
        if records.company is not None or records.contact is not None:
            return records
        asked = filter_properties(connection)
        return await self._preparing.hubspot.with_properties(connection.hubspot, records, asked)

    def _not_eligible(self, connection: Connection, records: BuyerRecords) -> Refused | None:
        try:
            self._preparing.check_eligible(connection, records)
        except Refused as refusal:
            return refusal
        return None

    async def with_customer(self, tenant: int, draft: Draft, customer_id: str) -> Draft:
        """With this customer (S-18, S-22). Raises Refused NOT_FOUND, INVALID, CURRENCY_MISMATCH."""
        connection = await self.connection(tenant, draft)
        customer = await self._preparing.customer(connection, customer_id)
        company = await self._preparing.company(connection, draft)
        check_currency(draft.currency, customer.display_name, customer.currency or company.home_currency)
        return draft.with_customer(customer)

    async def with_new_customer(self, tenant: int, draft: Draft, given: requests.NewBuyer) -> Draft:
        """With a customer to be made (S-19, S-23). Raises Refused NOT_ELIGIBLE, NAME_TAKEN, CURRENCY_MISMATCH."""
        connection = await self.connection(tenant, draft)
        deal = await self._preparing.deal(connection.hubspot, draft.deal_id or "")
        records = await self._preparing.hubspot.buyer_of_deal(connection.hubspot, deal)
        if connection.mode == "strict":
            records = await self._described(connection, records)
        self._preparing.check_eligible(connection, records)
        new = _as_new(given, records, draft.currency)
        company = await self._preparing.company(connection, draft)
        check_currency(draft.currency, new.display_name, _currency_of(new, company))
        changed = draft.with_new_customer(new)
        await self._preparing.check_name_free(connection, new.display_name)
        return changed

    async def with_lines(self, tenant: int, draft: Draft, given: requests.ChangeLines) -> Draft:
        """With these lines (S-25 to S-29)."""
        connection = await self.connection(tenant, draft)
        await self._preparing.catalogue.refresh(connection, ["item"])
        wanted = {line.item_id for line in given.lines if line.item_id}
        async with self._database.tenant(tenant) as tx:
            items = await store_items.items_by_ids(tx, connection.id, wanted)
        changed = draft.with_lines(changed_lines(draft.lines, given.lines, items))
        return changed if given.keep_discount else changed.model_copy(update={"discount": None})


def with_terms(draft: Draft, given: requests.ChangeTerms) -> Draft:
    """With these terms, dates and texts (S-31 to S-34). Raises Refused INVALID."""
    fields = {_TERMS[name]: value for name, value in given.model_dump().items() if name in given.model_fields_set}
    if "message" in fields:
        fields["message"] = fields["message"] or ""
    changed = draft.changed(**fields)
    if changed.invoice_date and changed.due_date and changed.due_date < changed.invoice_date:
        problem = f"{changed.due_date} is before the invoice date {changed.invoice_date}"
        raise Refused("INVALID", field="due_date", problem=problem)
    return changed


def _refusal_of(quote: Quote, currency: str, deal: Deal, reading: Reading) -> Refused | None:
    try:
        assert reading.hubspot_today is not None  # `reading_of` always says
        check_quote(quote, today=reading.hubspot_today, zone=reading.hubspot_zone, published=reading.published)
        if currency and currency != deal.currency:
            raise Refused(
                "INVALID", field="quote_id", problem=f"the quote is in {currency}, the deal in {deal.currency}"
            )
    except Refused as refusal:
        return refusal
    return None


def _as_new(given: requests.NewBuyer, records: BuyerRecords, currency: str) -> NewCustomer:
    record = ("company", records.company_id) if records.company_id else ("contact", records.person_id)
    said = given.model_dump() | {"currency": given.currency or currency or None}
    return NewCustomer.model_validate(
        {**said, "record_type": record[0] if record[1] else "", "record_id": record[1] or ""}
    )


def _currency_of(new: NewCustomer, company: Company) -> str:
    return (new.currency or "") if company.multicurrency else company.home_currency
