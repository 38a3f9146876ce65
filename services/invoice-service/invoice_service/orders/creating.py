"""Creating an invoice, step by step: prepare, customer, invoice (product.md, Creating is idempotent).

Before each call its exact bytes and its request id are stored. While nobody knows the outcome, only these bytes go out
again under this id. What the answer holds is recorded from the answer: nothing is read after it.
"""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import structlog
from ledgerbridge.contracts.commands import Buyer, CreateInvoice
from ledgerbridge.contracts.invoices import InvoiceCreated, InvoiceLinks, InvoiceState
from ledgerbridge.errors import Permanent, Uncertain
from ledgerbridge.service.clocks import BusinessClock
from ledgerbridge.storage import Database
from ledgerbridge.vendors.documents import read_document
from ledgerbridge.vendors.quickbooks.client import QuickBooks
from ledgerbridge.vendors.quickbooks.query import Query

from invoice_service.drafts import reviews
from invoice_service.drafts.draft import BuyerChoice, Draft
from invoice_service.drafts.payloads import invoice_bytes
from invoice_service.drafts.preparing import Prepared, Preparing
from invoice_service.invoices import recording
from invoice_service.invoices.facts import InvoiceFacts, read_invoice
from invoice_service.invoices.payments import Settlement
from invoice_service.invoices.request_ids import has_marker, marker_of
from invoice_service.invoices.stages import Stage, Standing
from invoice_service.invoices.states import KnownInvoice
from invoice_service.invoices.store_links import ObjectType, RecordLink
from invoice_service.orders import results as command_results
from invoice_service.orders import store_orders
from invoice_service.orders.customers import OrderCustomers
from invoice_service.orders.order import Attempt, OrderState, attempt_of
from invoice_service.orders.ordering import Ordering
from invoice_service.orders.preparing import CommandPreparing
from invoice_service.orders.runs import Finished, PersonNeeded, Run
from invoice_service.quickbooks_values import READ_MARGIN

log = structlog.get_logger(__name__)

EMAILED = "QuickBooks says that it e-mailed the invoice, although nobody asked for it."
NO_NUMBER = "QuickBooks gave the invoice no number."


class Creating:
    """The executor of the kind `create`."""

    def __init__(
        self,
        database: Database,
        quickbooks: QuickBooks,
        preparing: Preparing,
        ordering: Ordering,
        clock: BusinessClock,
    ) -> None:
        """`ordering` checks the deal where it becomes known only now."""
        self._database = database
        self._quickbooks = quickbooks
        self._preparing = preparing
        self._ordering = ordering
        self._clock = clock
        self._customers = OrderCustomers(database, quickbooks, clock)

    async def execute(self, run: Run) -> Finished:
        """Go on where the order stands. Raises what `order_runs.Executor` says."""
        attempt, customer_attempt = await self._attempts(run)
        if run.told and attempt is not None and (seen := await self._look_for_marked(run, attempt)) is not None:
            return seen
        if run.order.state is OrderState.CONFIRM:
            raise self._confirm(run)
        if run.order.state is OrderState.DOUBTFUL:
            raise self._doubtful(run)
        settled_with = run.order.content.get("settled_with")
        if attempt is not None and settled_with is not None:
            return await self._settled_by_person(run, attempt, settled_with)
        if attempt is None:
            attempt = await self._make_attempt(run, customer_attempt)
        elif attempt.must_look_first(self._clock.now()) or self._must_confirm(run):
            found = await self._look(run, attempt)
            if found is None:
                raise self._confirm(run)
            return found
        return await self._call(run, attempt)

    async def _attempts(self, run: Run) -> tuple[Attempt | None, Attempt | None]:
        """The open attempt of this generation, and a customer's attempt of which nobody knows the outcome."""
        order = run.order
        async with self._database.tenant(run.tenant_id) as tx:
            made = await store_orders.attempts_of(tx, order.order_id)
        of_invoice = [one for one in made if one.step == "invoice" and one.generation == order.generation]
        of_customer = [one for one in made if one.step == "customer" and one.unknown]
        return (of_invoice[0] if of_invoice else None), (of_customer[-1] if of_customer else None)

    def _must_confirm(self, run: Run) -> bool:
        return run.order.must_confirm_date(self._clock.now(), recording.zone_of(run.connection))

    def _confirm(self, run: Run) -> PersonNeeded:
        since = run.order.ordered_at.date().isoformat()
        run.order = replace(run.order, state=OrderState.CONFIRM)
        return PersonNeeded(Permanent("DATE_CONFIRMATION", field="invoice_date", since=since))

    async def _make_attempt(self, run: Run, customer_attempt: Attempt | None) -> Attempt:
        """Prepare, make the customer where it is new, and store the exact bytes of the create."""
        if self._must_confirm(run):
            raise self._confirm(run)
        if customer_attempt is not None:
            await self._customers.repeat(run, customer_attempt)
        prepared = await self._prepare(run)
        await self._check_deal(run, prepared)
        customer_id = prepared.draft.buyer.customer_id
        if customer_id is None:
            assert prepared.draft.buyer.new is not None  # the check of the buyer saw to it
            customer_id = await self._customers.make(
                run, prepared.draft.buyer.new, multicurrency=prepared.company.multicurrency
            )
        return await self._store_attempt(run, prepared, customer_id)

    async def _prepare(self, run: Run) -> Prepared:
        order, connection = run.order, run.connection
        on = order.content.get("invoice_date")
        if "draft" in order.content:
            draft = Draft.from_document(order.content["draft"])
            if order.customer_id:
                buyer = BuyerChoice(customer_id=order.customer_id, name=draft.buyer.name, how="picked")
                draft = draft.model_copy(update={"buyer": buyer.model_copy(update=_money_and_mail(draft.buyer))})
            if on:
                draft = draft.model_copy(update={"invoice_date": date.fromisoformat(on)})
            return await self._preparing.complete(connection, draft, await self._links_of(run, draft))
        command = CreateInvoice.model_validate(order.content["command"])
        if order.customer_id:
            command = command.model_copy(update={"buyer": Buyer(customer_id=order.customer_id)})
        if on:
            command = command.model_copy(update={"invoice_date": date.fromisoformat(on)})
        return await CommandPreparing(self._preparing, connection, command).prepare(str(order.order_id))

    async def _links_of(self, run: Run, draft: Draft) -> InvoiceLinks:
        """The records that the wizard's invoice joins: the deal, and its buyer company and contact."""
        if draft.deal_id is None:
            return InvoiceLinks()
        account = run.connection.hubspot
        records = await self._preparing.hubspot.buyer_of_deal(
            account, await self._preparing.deal(account, draft.deal_id)
        )
        return InvoiceLinks(
            deal_id=draft.deal_id,
            contact_ids=(records.person_id,) if records.person_id else (),
            company_ids=(records.company_id,) if records.company_id else (),
        )

    async def _check_deal(self, run: Run, prepared: Prepared) -> None:
        """One deal, one invoice: again where the deal became known only now, or where it is a new try."""
        order, deal_id = run.order, prepared.draft.deal_id
        if deal_id is None or (order.deal_id == deal_id and order.generation == 1):
            return
        run.order = replace(order, deal_id=deal_id)
        async with self._database.tenant(run.tenant_id) as tx:
            await store_orders.lock_deal(tx, run.tenant_id, deal_id)
            await self._ordering.check_first(
                tx,
                deal_id,
                another_reason=prepared.draft.another_reason,
                now=self._clock.now(),
                own_draft_id=str(order.draft_id) if order.draft_id else None,
                own_order_id=order.order_id,
            )
            await store_orders.save(tx, run.tenant_id, [run.order])

    async def _store_attempt(self, run: Run, prepared: Prepared, customer_id: str) -> Attempt:
        draft, company, reading = prepared.draft, prepared.company, prepared.reading
        marker = marker_of(str(run.order.order_id))
        request = reviews.request_of(draft, company, reading, customer_id=customer_id, marker=marker)
        totals = reviews.review_of(draft, company, reading).totals
        attempt = attempt_of(
            run.order,
            "invoice",
            invoice_bytes(request),
            self._clock.now(),
            expected_total=totals.total,
            expected_tax=totals.tax,
        )
        kept = {
            "links": prepared.links.model_dump(mode="json"),
            "terms": prepared.terms_name,
            "home_currency": company.home_currency,
            "date": request.invoice_date.isoformat(),
        }
        order = run.order.at("invoice", customer_id=customer_id)
        run.order = replace(order, content={**order.content, "prepared": kept})
        async with self._database.tenant(run.tenant_id) as tx:
            await store_orders.save(tx, run.tenant_id, [run.order])
            return await store_orders.save_attempt(tx, run.tenant_id, attempt)

    async def _call(self, run: Run, attempt: Attempt) -> Finished:
        document = read_document(attempt.payload)
        try:
            answered = await self._quickbooks.writes.create(
                run.connection.quickbooks, "Invoice", document, attempt.request_id
            )
        except Uncertain:
            run.order = replace(run.order, state=OrderState.UNCERTAIN)
            async with self._database.tenant(run.tenant_id) as tx:
                await store_orders.save(tx, run.tenant_id, [run.order])
            raise
        except Permanent as error:
            now = self._clock.now()
            refused = replace(attempt, outcome="refused", answered_at=now, code=error.code, reason=error.sentence)
            return Finished(order=run.order.failed(error, now), attempt=refused, error=error)
        return self._created(run, attempt, read_invoice(answered.value), answered.time)

    def _created(self, run: Run, attempt: Attempt, facts: InvoiceFacts, seen: datetime) -> Finished:
        """The invoice exists: what the answer holds is all that is needed."""
        now, order = self._clock.now(), run.order
        kept = order.content["prepared"]
        known = KnownInvoice(
            invoice_id=str(order.invoice_id),
            connection=order.connection_id,
            realm=order.realm,
            origin="created",
            facts=facts,
            standing=Standing(Stage.WAITING_TO_BE_SENT, None),
            handed_over=False,
            settlement=Settlement(),
            as_of=seen,
            home_currency=kept["home_currency"],
            terms=kept["terms"],
            tax_variance=_tax_variance(attempt, facts),
            warnings=_warnings(attempt, facts),
        )
        if facts.emailed:
            log.error("order.emailed_by_quickbooks", order=str(order.order_id), quickbooks_id=facts.quickbooks_id)
        fresh = recording.fresh(run.connection, known, facts, now, seen, stored=None)
        asker = command_results.asker_of(order)

        def tells(state: InvoiceState) -> list[InvoiceCreated]:
            command_id = asker.command_id if asker else None
            return [InvoiceCreated(invoice=state, order_id=str(order.order_id), command_id=command_id)]

        joins = _joins(order.invoice_id, InvoiceLinks.model_validate(kept["links"]), order.actor, now)
        return Finished(
            order=order.done(facts.quickbooks_id, now),
            fresh=replace(fresh, order_id=order.order_id, joins=joins, tells=tells),
            attempt=replace(attempt, outcome="done", answered_at=now),
        )

    async def _look_for_marked(self, run: Run, attempt: Attempt) -> Finished | None:
        """The one invoice that bears the order's mark settles it; None where there is none. Copies need a person."""
        found, seen = await self._alike(run)
        marked = [one for one in found if has_marker(one.private_note, str(run.order.order_id))]
        if len(marked) > 1:
            raise self._doubtful(run)
        return self._created(run, attempt, marked[0], seen) if marked else None

    async def _look(self, run: Run, attempt: Attempt) -> Finished | None:
        """Whether QuickBooks did it after all: by customer, date, marker and total. In doubt a person says.

        None where it did not.
        """
        found, seen = await self._alike(run)
        marked = [one for one in found if has_marker(one.private_note, str(run.order.order_id))]
        alike = [one for one in found if attempt.expected_total is not None and one.total == attempt.expected_total]
        if len(marked) == 1 and attempt.expected_total in (None, marked[0].total):
            return self._created(run, attempt, marked[0], seen)
        if marked or alike:
            raise self._doubtful(run)
        return None

    async def _alike(self, run: Run) -> tuple[list[InvoiceFacts], datetime]:
        """The invoices of the order's customer and date, and from when on a change of them is news."""
        query = Query("Invoice").where("CustomerRef", "=", run.order.customer_id or "")
        query = query.where("TxnDate", "=", run.order.content["prepared"]["date"])
        answered = await self._quickbooks.queries.rows(run.connection.quickbooks, query)
        return [read_invoice(row) for row in answered.value], answered.time - READ_MARGIN

    def _doubtful(self, run: Run) -> PersonNeeded:
        run.order = replace(run.order, state=OrderState.DOUBTFUL)
        return PersonNeeded(Permanent("OUTCOME_UNKNOWN"))

    async def _settled_by_person(self, run: Run, attempt: Attempt, quickbooks_id: str) -> Finished:
        """A person says that this invoice is the order's. Raises Permanent GONE where it is not there."""
        answered = await self._quickbooks.read(run.connection.quickbooks, "Invoice", quickbooks_id)
        return self._created(run, attempt, read_invoice(answered.value), answered.time - READ_MARGIN)


def _money_and_mail(buyer: BuyerChoice) -> dict[str, str]:
    return {"currency": buyer.currency, "email": buyer.email}


def _tax_variance(attempt: Attempt, facts: InvoiceFacts) -> Decimal | None:
    """QuickBooks' tax less the review's; None where they agree, or where QuickBooks alone computes it."""
    if attempt.expected_tax is None or attempt.expected_tax == facts.tax:
        return None
    return facts.tax - attempt.expected_tax


def _warnings(attempt: Attempt, facts: InvoiceFacts) -> tuple[str, ...]:
    warnings = [EMAILED] if facts.emailed else []
    if not facts.number:
        warnings.append(NO_NUMBER)
    if attempt.expected_total is not None and attempt.expected_total != facts.total:
        warnings.append(f"The total is {facts.total}, the review said {attempt.expected_total}.")
    return tuple(warnings)


def _joins(invoice_id: UUID, links: InvoiceLinks, actor: str, now: datetime) -> tuple[RecordLink, ...]:
    deals: list[tuple[ObjectType, str]] = [("deal", links.deal_id)] if links.deal_id else []
    contacts: list[tuple[ObjectType, str]] = [("contact", one) for one in links.contact_ids]
    companies: list[tuple[ObjectType, str]] = [("company", one) for one in links.company_ids]
    return tuple(
        RecordLink(str(invoice_id), kind, record, "created", actor, now)
        for kind, record in [*deals, *contacts, *companies]
    )
