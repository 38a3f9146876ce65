"""Sending and voiding by order: an uncertain send is settled by reading, a void re-reads before it repeats."""

from dataclasses import replace
from datetime import datetime

import msgspec
from ledgerbridge.errors import LedgerbridgeError, Permanent, Refused, Uncertain
from ledgerbridge.service.clocks import BusinessClock
from ledgerbridge.storage import Database
from ledgerbridge.vendors.documents import Document, read_document
from ledgerbridge.vendors.quickbooks.answers import Answered
from ledgerbridge.vendors.quickbooks.client import QuickBooks

from invoice_service.catalogue.filling import CatalogueFilling
from invoice_service.drafts.payloads import ALL_ONLINE_PAYMENT, online_payment_bytes, void_bytes
from invoice_service.invoices import recording, store
from invoice_service.invoices.facts import InvoiceFacts, read_invoice, with_earlier
from invoice_service.invoices.request_ids import Step
from invoice_service.invoices.store import StoredInvoice
from invoice_service.orders import store_orders
from invoice_service.orders.order import Attempt, OrderState, attempt_of
from invoice_service.orders.runs import Finished, PersonNeeded, Run
from invoice_service.quickbooks_values import READ_MARGIN

NOT_SENT = "NOT_SENT"
"""Stands at an attempt whose call certainly did not reach QuickBooks' books: it may go out again."""
STALE_TRIES = 3


class Sending:
    """The executors of the kinds `send` and `void`."""

    def __init__(
        self, database: Database, quickbooks: QuickBooks, catalogue: CatalogueFilling, clock: BusinessClock
    ) -> None:
        """Call through this client; the catalogue knows the company's preferences."""
        self._database = database
        self._quickbooks = quickbooks
        self._catalogue = catalogue
        self._clock = clock

    async def send(self, run: Run) -> Finished:
        """Let QuickBooks mail the invoice. A lost answer is settled by reading: a new delivery time means sent."""
        stored = await self._stored(run)
        attempt = await self._attempt(run, "send")
        if attempt is not None and run.order.content.get("settled_with"):
            current = await self._read(run, stored)
            return self._done(run, stored, attempt, read_invoice(current.value), current.time - READ_MARGIN)
        if attempt is not None and attempt.unknown and attempt.code != NOT_SENT:
            return await self._settle_by_reading(run, stored, attempt)
        await self._allow_online_payment(run, stored)
        to = run.order.content["command"].get("to")
        attempt = await self._store(run, "send", msgspec.json.encode({"to": to}))
        try:
            answered = await self._quickbooks.writes.send(
                run.connection.quickbooks, stored.known.facts.quickbooks_id, attempt.request_id, to=to
            )
        except Uncertain:
            await self._uncertain(run)
            raise
        except Permanent as error:
            return self._refused(run, attempt, error)
        except LedgerbridgeError:
            await self._note_not_sent(run, attempt)
            raise
        return self._done(run, stored, attempt, read_invoice(answered.value), answered.time)

    async def _allow_online_payment(self, run: Run, stored: StoredInvoice) -> None:
        """Created without online payment, sent by us: from now on as the company's Preferences have it.

        What a person allowed in QuickBooks meanwhile stays as it is. Reading first tells what a lost answer did.
        """
        if stored.known.origin != "created" or not (await self._catalogue.company(run.connection)).online_payment:
            return
        for _try in range(STALE_TRIES):
            current = (await self._read(run, stored)).value
            if any(current.get(flag) is True for flag in ALL_ONLINE_PAYMENT):
                return
            if await self._attempt(run, "online") is not None:  # it did nothing, and its SyncToken may be old
                run.order = replace(run.order, generation=run.order.generation + 1)
            facts = read_invoice(current)
            attempt = await self._store(run, "online", online_payment_bytes(facts.quickbooks_id, facts.sync_token))
            try:
                await self._quickbooks.writes.update(
                    run.connection.quickbooks, "Invoice", read_document(attempt.payload), attempt.request_id
                )
            except Uncertain:
                await self._uncertain(run)
                raise
            except Permanent as error:
                if error.code == "STALE":
                    continue
                raise
            await self._settle(run, replace(attempt, outcome="done", answered_at=self._clock.now()))
            return
        raise Refused("STALE", what="The invoice")

    async def void(self, run: Run) -> Finished:
        """Void the invoice as it is now; an invoice that is void already is done."""
        stored = await self._stored(run)
        for _try in range(STALE_TRIES):
            current = await self._read(run, stored)
            facts = read_invoice(current.value)
            attempt = await self._attempt(run, "void")
            if facts.voided:
                return self._done(run, stored, attempt, facts, current.time - READ_MARGIN)
            if attempt is not None:  # what went out before did nothing, and its SyncToken may be old
                run.order = replace(run.order, generation=run.order.generation + 1)
            attempt = await self._store(run, "void", void_bytes(facts.quickbooks_id, facts.sync_token))
            try:
                answered = await self._quickbooks.writes.void(
                    run.connection.quickbooks, "Invoice", facts.quickbooks_id, facts.sync_token, attempt.request_id
                )
            except Uncertain:
                await self._uncertain(run)
                raise
            except Permanent as error:
                if error.code == "STALE":
                    continue
                return self._refused(run, attempt, error)
            voided = replace(read_invoice(answered.value), voided_by_notice=True)
            return self._done(run, stored, attempt, voided, answered.time)
        raise Refused("STALE", what="The invoice")

    async def _stored(self, run: Run) -> StoredInvoice:
        invoice_id = str(run.order.invoice_id)
        async with self._database.tenant(run.tenant_id) as tx:
            return (await store.by_ids(tx, [invoice_id]))[invoice_id]

    async def _attempt(self, run: Run, step: Step) -> Attempt | None:
        async with self._database.tenant(run.tenant_id) as tx:
            made = await store_orders.attempts_of(tx, run.order.order_id)
        return next((one for one in made if one.step == step and one.generation == run.order.generation), None)

    async def _store(self, run: Run, step: Step, payload: bytes) -> Attempt:
        attempt = attempt_of(run.order, step, payload, self._clock.now())
        run.order = run.order.at(step)
        async with self._database.tenant(run.tenant_id) as tx:
            await store_orders.save(tx, run.tenant_id, [run.order])
            kept = await store_orders.save_attempt(tx, run.tenant_id, attempt)
            if kept.code == NOT_SENT:  # from here on nobody knows again
                kept = replace(kept, code=None, reason=None)
                await store_orders.settle_attempt(tx, kept)
        return kept

    async def _read(self, run: Run, stored: StoredInvoice) -> Answered[Document]:
        facts = stored.known.facts
        try:
            return await self._quickbooks.read(run.connection.quickbooks, "Invoice", facts.quickbooks_id)
        except Permanent as error:
            if error.code != "GONE":
                raise
            number = facts.number or facts.quickbooks_id
            verb = "sent" if run.order.kind == "send" else "voided"
            raise Refused("INVOICE_STATE", number=number, stage="deleted", verb=verb) from None

    async def _settle_by_reading(self, run: Run, stored: StoredInvoice, attempt: Attempt) -> Finished:
        current = await self._read(run, stored)
        facts = read_invoice(current.value)
        # QuickBooks' times are precise to the second: the second of the attempt counts as not before it.
        if facts.delivered_at is not None and facts.delivered_at >= attempt.started_at.replace(microsecond=0):
            return self._done(run, stored, attempt, facts, current.time - READ_MARGIN)
        run.order = replace(run.order, state=OrderState.DOUBTFUL)
        raise PersonNeeded(Permanent("OUTCOME_UNKNOWN"))

    async def _uncertain(self, run: Run) -> None:
        run.order = replace(run.order, state=OrderState.UNCERTAIN)
        async with self._database.tenant(run.tenant_id) as tx:
            await store_orders.save(tx, run.tenant_id, [run.order])

    async def _note_not_sent(self, run: Run, attempt: Attempt) -> None:
        await self._settle(run, replace(attempt, code=NOT_SENT))

    async def _settle(self, run: Run, attempt: Attempt) -> None:
        async with self._database.tenant(run.tenant_id) as tx:
            await store_orders.settle_attempt(tx, attempt)

    def _refused(self, run: Run, attempt: Attempt, error: Permanent) -> Finished:
        now = self._clock.now()
        refused = replace(attempt, outcome="refused", answered_at=now, code=error.code, reason=error.sentence)
        return Finished(order=run.order.failed(error, now), attempt=refused, error=error)

    def _done(
        self, run: Run, stored: StoredInvoice, attempt: Attempt | None, facts: InvoiceFacts, seen: datetime
    ) -> Finished:
        now = self._clock.now()
        facts = with_earlier(facts, stored.known.facts)
        return Finished(
            order=run.order.done(facts.quickbooks_id, now),
            fresh=recording.fresh(run.connection, stored.known, facts, now, seen, stored=stored),
            attempt=replace(attempt, outcome="done", answered_at=now) if attempt else None,
        )
