"""Operations on stored drafts, one a step of the wizard (S-15 to S-38); `steps` says what each makes of a draft.

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

from invoice_service.drafts import reviews
from invoice_service.drafts.draft import Draft, Source
from invoice_service.drafts.hubspot_reading import Deal
from invoice_service.drafts.preparing import Preparing
from invoice_service.drafts.quotes import Quote
from invoice_service.drafts.reviews import Reading, StepState
from invoice_service.invoices import store
from invoice_service.orders import store_orders
from invoice_service.orders.already_invoiced import DRAFT_COUNTS_FOR, Obstacle, obstacles
from invoice_service.orders.order import Order
from invoice_service.orders.ordering import Ordering
from invoice_service.tenants import Tenants
from invoice_service.wizard import answers, requests, store_drafts, views
from invoice_service.wizard.steps import BuyersFound, Steps, with_terms
from invoice_service.wizard.store_drafts import Place, StoredDraft

PAGE = 50
Change = Callable[[Draft], Awaitable[Draft]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A draft with what each step still needs and what a person must decide."""

    stored: StoredDraft
    steps: Sequence[StepState]
    questions: Sequence[answers.Question]
    trouble: LedgerbridgeError | None = None
    """Why the steps could not be looked at: a vendor is away, or the company must be connected again."""
    resumed: bool = False


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
        self._steps = Steps(database, tenants, preparing)
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
        """On this company."""
        return await self._change(
            tenant, draft_id, version, lambda draft: self._steps.on_connection(tenant, draft, connection_id)
        )

    async def quotes(self, tenant: int, draft_id: UUID) -> list[tuple[Quote, Refused | None]]:
        """The deal's quotes, each with the refusal where it cannot be used."""
        return await self._steps.quotes(tenant, (await self._stored(tenant, draft_id)).draft)

    async def choose_source(
        self, tenant: int, draft_id: UUID, version: int | None, given: requests.ChooseSource
    ) -> Shown:
        """From a quote, or from scratch."""
        return await self._change(
            tenant, draft_id, version, lambda draft: self._steps.from_source(tenant, draft, given)
        )

    async def buyers(self, tenant: int, draft_id: UUID) -> BuyersFound:
        """Who the deal's buyer may be, asked again now."""
        return await self._steps.buyers(tenant, (await self._stored(tenant, draft_id)).draft)

    async def pick_customer(self, tenant: int, draft_id: UUID, version: int | None, customer_id: str) -> Shown:
        """With this customer."""
        return await self._change(
            tenant, draft_id, version, lambda draft: self._steps.with_customer(tenant, draft, customer_id)
        )

    async def describe_customer(
        self, tenant: int, draft_id: UUID, version: int | None, given: requests.NewBuyer
    ) -> Shown:
        """With a customer to be made."""
        return await self._change(
            tenant, draft_id, version, lambda draft: self._steps.with_new_customer(tenant, draft, given)
        )

    async def change_lines(
        self, tenant: int, draft_id: UUID, version: int | None, given: requests.ChangeLines
    ) -> Shown:
        """With these lines."""
        return await self._change(tenant, draft_id, version, lambda draft: self._steps.with_lines(tenant, draft, given))

    async def change_terms(
        self, tenant: int, draft_id: UUID, version: int | None, given: requests.ChangeTerms
    ) -> Shown:
        """With these terms, dates and texts."""

        async def change(draft: Draft) -> Draft:
            return with_terms(draft, given)

        return await self._change(tenant, draft_id, version, change)

    async def review(self, tenant: int, draft_id: UUID) -> answers.Review:
        """The invoice as it will be. Raises the first Refused in the order of the steps."""
        draft = (await self._stored(tenant, draft_id)).draft
        connection = await self._steps.connection(tenant, draft)
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
        connection = await self._steps.connection(tenant, draft)
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

    async def _shown(self, tenant: int, stored: StoredDraft) -> Shown:
        draft = stored.draft
        questions = views.questions_of(draft, await self._obstacles(tenant, draft))
        try:
            steps = await self._states(tenant, draft)
        except LedgerbridgeError as error:
            return Shown(stored=stored, steps=(), questions=questions, trouble=error)
        return Shown(stored=stored, steps=steps, questions=questions)

    async def _states(self, tenant: int, draft: Draft) -> list[StepState]:
        """What each step needs, from the catalogue alone: the quote is looked at when it is chosen and reviewed."""
        connection = await self._steps.connection(tenant, draft)
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
