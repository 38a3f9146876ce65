"""Operations on stored drafts: what each step of the wizard does (S-15 to S-38).

A draft is read, changed without an open transaction (the vendors may be asked meanwhile), and stored only if nobody
else was faster. While an order of it runs nothing can be changed.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from ledgerbridge.accounts.callers import Caller
from ledgerbridge.accounts.registry import Connection
from ledgerbridge.errors import LedgerbridgeError, Refused
from ledgerbridge.service.clocks import BusinessClock
from ledgerbridge.storage import Database, Transaction

from invoice_service.catalogue import store_items
from invoice_service.catalogue.buyers import BuyerMatch, check_currency
from invoice_service.catalogue.customers import NewCustomer, new_customer
from invoice_service.drafts import models, reviews, store_drafts, views
from invoice_service.drafts.already_invoiced import DRAFT_COUNTS_FOR, Obstacle, obstacles
from invoice_service.drafts.draft import Draft, Source
from invoice_service.drafts.eligible import filter_properties
from invoice_service.drafts.hubspot_reading import BuyerRecords, Deal, fingerprint
from invoice_service.drafts.line_changes import changed_lines
from invoice_service.drafts.preparing import Preparing, SourceLines
from invoice_service.drafts.quotes import Quote, check_quote
from invoice_service.drafts.reviews import Company, Reading, StepState
from invoice_service.drafts.store_drafts import Place, StoredDraft
from invoice_service.invoices import store
from invoice_service.orders import store_orders
from invoice_service.orders.order import Order
from invoice_service.orders.ordering import Ordering
from invoice_service.tenants import Tenants

PAGE = 50
_TERMS = {
    "terms_id": "term_id",
    "invoice_date": "invoice_date",
    "due_date": "due_date",
    "message": "message",
    "number": "number",
    "email": "bill_email",
}
"""Fields of the door by the draft's own."""

Change = Callable[[Draft], Awaitable[Draft]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A draft with what each step still needs and what a person must decide."""

    stored: StoredDraft
    steps: Sequence[StepState]
    questions: Sequence[models.Question]
    trouble: LedgerbridgeError | None = None
    """Why the steps could not be looked at: a vendor is away, or the company must be connected again."""
    resumed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyersFound:
    """Who may be meant, what a new customer would be made of, and why none may be made."""

    match: BuyerMatch
    proposal: NewCustomer | None
    refusal: Refused | None


class Drafting:
    """The desk where drafts are worked on."""

    def __init__(
        self,
        database: Database,
        tenants: Tenants,
        preparing: Preparing,
        ordering: Ordering,
        clock: BusinessClock,
    ) -> None:
        """`preparing` reads deals and quotes and matches them with QuickBooks' records; `ordering` takes creates."""
        self._database = database
        self._tenants = tenants
        self._preparing = preparing
        self._ordering = ordering
        self._clock = clock

    async def start(self, caller: Caller, deal_id: str) -> Shown:
        """A new draft for a deal, or the person's unfinished one. Raises Refused NOT_FOUND."""
        async with self._database.tenant(caller.tenant) as tx:
            known = await store_drafts.unfinished(tx, deal_id, caller.id)
        if known is not None:
            return replace(await self._shown(caller.tenant, known), resumed=True)
        deal = await self._preparing.deal(await self._tenants.hubspot(caller.tenant), deal_id)
        stored, resumed = await self._begin(caller, deal)
        return replace(await self._shown(caller.tenant, stored), resumed=resumed)

    async def _begin(self, caller: Caller, deal: Deal) -> tuple[StoredDraft, bool]:
        connections, now = await self._tenants.connections(caller.tenant), self._clock.now()
        draft = Draft(
            draft_id=str(uuid4()),
            deal_id=deal.deal_id,
            deal_name=deal.name[:500],
            currency=deal.currency,
            connection_id=connections[0].id if len(connections) == 1 else None,
        )
        async with self._database.tenant(caller.tenant) as tx:
            await store_orders.lock_deal(tx, caller.tenant, deal.deal_id)
            # The deal's id may be that of a merged one, and another tab may have been faster.
            known = await store_drafts.unfinished(tx, deal.deal_id, caller.id)
            if known is not None:
                return known, True
            await store_orders.save_draft(tx, caller.tenant, draft, caller.id, now)
        return StoredDraft(draft=draft, owner=caller.id, created_at=now, changed_at=now), False

    async def listed(
        self, caller: Caller, deal_id: str | None, *, mine: bool, after: Place | None
    ) -> tuple[list[StoredDraft], Place | None]:
        """A page of unfinished drafts, and where the next begins."""
        owner = caller.id if mine else None
        async with self._database.tenant(caller.tenant) as tx:
            found = await store_drafts.page(tx, deal_id=deal_id, owner=owner, after=after, limit=PAGE + 1)
        if len(found) <= PAGE:
            return found, None
        last = found[PAGE - 1]
        return found[:PAGE], Place(last.changed_at, UUID(last.draft.draft_id))

    async def opened(self, tenant: int, draft_id: UUID) -> Shown:
        """A draft, as it was left. Raises Refused NOT_FOUND."""
        return await self._shown(tenant, await self._stored(tenant, draft_id))

    async def discard(self, tenant: int, draft_id: UUID, version: int | None) -> None:
        """Put a draft away. Raises Refused NOT_FOUND, STALE, DRAFT_LOCKED."""
        stored = await self._open_for_change(tenant, draft_id, version)
        async with self._database.tenant(tenant) as tx:
            if not await store_drafts.discard(tx, draft_id, stored.draft.version):
                raise Refused("STALE", field="version", what="The draft")

    async def choose_connection(self, tenant: int, draft_id: UUID, version: int | None, connection_id: int) -> Shown:
        """On this company; what was matched in another one is matched again."""
        connection = await self._tenants.connection(tenant, connection_id)

        async def change(draft: Draft) -> Draft:
            moved = draft.with_connection(connection_id)
            if moved is draft or draft.source is None:
                return moved
            lines = await self._preparing.with_items(connection, moved.lines)
            return await self._with_buyer(connection, moved.model_copy(update={"lines": tuple(lines)}))

        return await self._change(tenant, draft_id, version, change)

    async def quotes(self, tenant: int, draft_id: UUID) -> list[tuple[Quote, Refused | None]]:
        """The deal's quotes, each with the refusal where it cannot be used (S-20)."""
        draft = (await self._stored(tenant, draft_id)).draft
        connection = await self._connection(tenant, draft)
        deal = await self._preparing.deal(connection.hubspot, draft.deal_id or "")
        found = await self._preparing.hubspot.quotes(connection.hubspot, deal.quote_ids)
        reading = self._preparing.reading_of(connection, None, None)
        return [(quote, _refusal_of(quote, currency, deal, reading)) for quote, currency in found]

    async def choose_source(
        self, tenant: int, draft_id: UUID, version: int | None, given: models.ChooseSource
    ) -> Shown:
        """From a quote, or from scratch; lines and buyer are matched."""

        async def change(draft: Draft) -> Draft:
            connection = await self._connection(tenant, draft)
            same = draft.source is not None and draft.source.quote_id == given.quote_id
            if same and not given.again:
                return draft
            deal = await self._preparing.deal(connection.hubspot, draft.deal_id or "")
            read = await self._source(connection, deal, given.quote_id)
            changed = draft.changed(source=read.source, lines=read.lines, discount=read.discount)
            return await self._with_buyer(connection, changed, deal)

        return await self._change(tenant, draft_id, version, change)

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

    async def buyers(self, tenant: int, draft_id: UUID) -> BuyersFound:
        """Who the deal's buyer may be, asked again now."""
        draft = (await self._stored(tenant, draft_id)).draft
        connection = await self._connection(tenant, draft)
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

    async def pick_customer(self, tenant: int, draft_id: UUID, version: int | None, customer_id: str) -> Shown:
        """With this customer (S-18, S-22). Raises Refused NOT_FOUND, INVALID, CURRENCY_MISMATCH."""

        async def change(draft: Draft) -> Draft:
            connection = await self._connection(tenant, draft)
            customer = await self._preparing.customer(connection, customer_id)
            company = await self._preparing.company(connection, draft)
            check_currency(draft.currency, customer.display_name, customer.currency or company.home_currency)
            return draft.with_customer(customer)

        return await self._change(tenant, draft_id, version, change)

    async def describe_customer(
        self, tenant: int, draft_id: UUID, version: int | None, given: models.NewBuyer
    ) -> Shown:
        """With a customer to be made (S-19, S-23). Raises Refused NOT_ELIGIBLE, NAME_TAKEN, CURRENCY_MISMATCH."""

        async def change(draft: Draft) -> Draft:
            connection = await self._connection(tenant, draft)
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

        return await self._change(tenant, draft_id, version, change)

    async def change_lines(self, tenant: int, draft_id: UUID, version: int | None, given: models.ChangeLines) -> Shown:
        """With these lines (S-25 to S-29)."""

        async def change(draft: Draft) -> Draft:
            connection = await self._connection(tenant, draft)
            await self._preparing.catalogue.refresh(connection, ["item"])
            wanted = {line.item_id for line in given.lines if line.item_id}
            async with self._database.tenant(tenant) as tx:
                items = await store_items.items_by_ids(tx, connection.id, wanted)
            changed = draft.with_lines(changed_lines(draft.lines, given.lines, items))
            return changed if given.keep_discount else changed.model_copy(update={"discount": None})

        return await self._change(tenant, draft_id, version, change)

    async def change_terms(self, tenant: int, draft_id: UUID, version: int | None, given: models.ChangeTerms) -> Shown:
        """With these terms, dates and texts (S-31 to S-34)."""

        async def change(draft: Draft) -> Draft:
            fields = {
                _TERMS[name]: value for name, value in given.model_dump().items() if name in given.model_fields_set
            }
            if "message" in fields:
                fields["message"] = fields["message"] or ""
            changed = draft.changed(**fields)
            if changed.invoice_date and changed.due_date and changed.due_date < changed.invoice_date:
                problem = f"{changed.due_date} is before the invoice date {changed.invoice_date}"
                raise Refused("INVALID", field="due_date", problem=problem)
            return changed

        return await self._change(tenant, draft_id, version, change)

    async def review(self, tenant: int, draft_id: UUID) -> models.Review:
        """The invoice as it will be. Raises the first Refused in the order of the steps."""
        draft = (await self._stored(tenant, draft_id)).draft
        connection = await self._connection(tenant, draft)
        reading = await self._reading(connection, draft)
        prepared = await self._preparing.complete(connection, draft, reading=reading)
        found = reviews.review_of(draft, prepared.company, reading)
        questions = views.questions_of(draft, await self._obstacles(tenant, draft))
        return views.review_answer(draft, prepared.company, reading, found, questions)

    async def create(self, caller: Caller, draft_id: UUID, version: int | None, another_reason: str | None) -> Order:
        """The order that makes the invoice: a new one, the one that runs, or the one that made it already.

        Raises Refused: NOT_FOUND, STALE, ALREADY_INVOICED, and what the checks of the review refuse.
        """
        async with self._database.tenant(caller.tenant) as tx:
            earlier = await store_drafts.order_of(tx, draft_id)
            stored = await store_drafts.find(tx, draft_id) if earlier is None else None
        if earlier is not None:
            return earlier
        if stored is None:
            raise Refused("NOT_FOUND", field="draft_id", what=f"Draft {draft_id}")
        if version is not None and version != stored.draft.version:
            raise Refused("STALE", field="version", what="The draft")
        await self._check(caller.tenant, stored.draft)
        return await self._ordering.order_draft(caller.tenant, draft_id, caller.name, another_reason)

    async def _check(self, tenant: int, draft: Draft) -> None:
        """Refuse at once what the worker would refuse too: the draft stays open then."""
        connection = await self._connection(tenant, draft)
        await self._preparing.complete(connection, draft)

    async def _reading(self, connection: Connection, draft: Draft) -> Reading:
        """Deal, quote and customer as they are now."""
        preparing, source = self._preparing, draft.source
        deal = await preparing.deal(connection.hubspot, draft.deal_id or "")
        quote = (
            await preparing.hubspot.quote(connection.hubspot, source.quote_id) if source and source.quote_id else None
        )
        customer_id = draft.buyer.customer_id
        customer = await preparing.customer(connection, customer_id) if customer_id else None
        now = await preparing.deal_fingerprint(connection.hubspot, deal, quote)
        return preparing.reading_of(connection, customer, quote, now)

    async def _stored(self, tenant: int, draft_id: UUID) -> StoredDraft:
        async with self._database.tenant(tenant) as tx:
            stored = await store_drafts.find(tx, draft_id)
        if stored is None:
            raise Refused("NOT_FOUND", field="draft_id", what=f"Draft {draft_id}")
        return stored

    async def _open_for_change(self, tenant: int, draft_id: UUID, version: int | None) -> StoredDraft:
        stored = await self._stored(tenant, draft_id)
        if stored.draft.order_id is not None:
            raise Refused("DRAFT_LOCKED", field="draft")
        if version is not None and version != stored.draft.version:
            raise Refused("STALE", field="version", what="The draft")
        return stored

    async def _change(self, tenant: int, draft_id: UUID, version: int | None, change: Change) -> Shown:
        stored = await self._open_for_change(tenant, draft_id, version)
        before, after = stored.draft, await change(stored.draft)
        if after.version != before.version:
            now = self._clock.now()
            async with self._database.tenant(tenant) as tx:
                await store_orders.save_draft(tx, tenant, after, stored.owner, now, read_version=before.version)
            stored = replace(stored, draft=after, changed_at=now)
        return await self._shown(tenant, stored)

    async def _connection(self, tenant: int, draft: Draft) -> Connection:
        if draft.connection_id is None:
            raise Refused("INVALID", field="connection_id", problem="choose a QuickBooks company first")
        return await self._tenants.connection(tenant, draft.connection_id)

    async def _shown(self, tenant: int, stored: StoredDraft) -> Shown:
        draft = stored.draft
        questions = views.questions_of(draft, await self._obstacles(tenant, draft))
        try:
            steps = await self._steps(tenant, draft)
        except LedgerbridgeError as error:
            return Shown(stored=stored, steps=(), questions=questions, trouble=error)
        return Shown(stored=stored, steps=steps, questions=questions)

    async def _steps(self, tenant: int, draft: Draft) -> list[StepState]:
        """What each step needs, from the catalogue alone: the quote is looked at when it is chosen and reviewed."""
        connection = await self._connection(tenant, draft)
        company = await self._preparing.company(connection, draft)
        customer, refusal = None, None
        if draft.buyer.customer_id is not None:
            try:
                customer = await self._preparing.customer(connection, draft.buyer.customer_id)
            except Refused as error:
                refusal = error
        reading = self._preparing.reading_of(connection, customer, None)
        as_checked = draft.source and Source(kind="scratch")
        states = reviews.steps(draft.model_copy(update={"source": as_checked}), company, reading)
        if refusal is None:
            return states
        return [StepState("buyer", "problem", refusal) if each.step == "buyer" else each for each in states]

    async def _obstacles(self, tenant: int, draft: Draft) -> list[Obstacle]:
        if draft.deal_id is None:
            return []
        async with self._database.tenant(tenant) as tx:
            return await self.obstacles(tx, draft)

    async def obstacles(self, tx: Transaction, draft: Draft) -> list[Obstacle]:
        """What stands in the way of another invoice for the draft's deal."""
        deal_id = draft.deal_id or ""
        since = self._clock.now() - DRAFT_COUNTS_FOR
        return obstacles(
            (await store.of_deals(tx, [deal_id]))[deal_id],
            await store_orders.unsettled_of_deal(tx, deal_id),
            await store_orders.drafts_of_deal(tx, deal_id, since),
            own_draft_id=draft.draft_id,
        )


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


def _as_new(given: models.NewBuyer, records: BuyerRecords, currency: str) -> NewCustomer:
    record = ("company", records.company_id) if records.company_id else ("contact", records.person_id)
    said = given.model_dump() | {"currency": given.currency or currency or None}
    return NewCustomer.model_validate(
        {**said, "record_type": record[0] if record[1] else "", "record_id": record[1] or ""}
    )


def _currency_of(new: NewCustomer, company: Company) -> str:
    return (new.currency or "") if company.multicurrency else company.home_currency
