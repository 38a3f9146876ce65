"""What invoice-service hears on Kafka: notices become marks, in one transaction a batch (design.md 4)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import get_args

from ledgerbridge.contracts.notices import RecordChanged
from ledgerbridge.messaging import dead_letters
from ledgerbridge.messaging.reading import read_all
from ledgerbridge.messaging.received import Received, Told
from ledgerbridge.storage import Database
from ledgerbridge.sync.marks import Mark, mark

from invoice_service.catalogue import store_company, store_stale
from invoice_service.catalogue.store_stale import Stale
from invoice_service.deals.properties import WRITTEN
from invoice_service.following import unknown_invoices
from invoice_service.invoices.recording import DEAL_PROPERTIES, INVOICE, PAYMENT
from invoice_service.telling import SERVICE

KNOWN = {RecordChanged.type: RecordChanged}
STALE_KINDS: Mapping[str, Stale] = {kind: kind for kind in get_args(Stale)}
COMPANY_KINDS = frozenset({"preferences", "companyinfo"})
OURS = frozenset(WRITTEN)
Moments = dict[str, datetime | None]


class Notices:
    """Handles batches of notices of both vendors."""

    def __init__(self, database: Database) -> None:
        """Mark in this database."""
        self._database = database

    async def from_quickbooks(self, records: Sequence[Received]) -> None:
        """Invoices and payments are marked; reference data are only called stale."""
        told = await self._mark(records, _quickbooks_marks)
        unknown = await unknown_invoices.unknown(self._database.each, told)
        await unknown_invoices.note(self._database, unknown)
        await self._call_stale(told)
        await self._database.until_on_disk()

    async def from_hubspot(self, records: Sequence[Received]) -> None:
        """Deals with invoices are marked where their properties may have to be written again."""
        await self._mark(records, _hubspot_marks)
        await self._database.until_on_disk()

    async def _mark(self, records: Sequence[Received], marks_of: Callable[[Told], list[Mark]]) -> list[Told]:
        """Mark what a batch names: one statement, unless something has to be buried in the same transaction.

        The workers begin before the marks are on disk; the batch is done only after they are.
        """
        told, unreadable = read_all(records, KNOWN)
        marks = [one for each in told for one in marks_of(each)]
        if not unreadable:
            await mark(self._database.each, marks, wait_for_disk=False)
            return told
        async with self._database.engine() as tx:
            await mark(tx, marks)
            await dead_letters.put(tx, SERVICE, unreadable)
        return told

    async def _call_stale(self, told: Iterable[Told]) -> None:
        stale: dict[tuple[int, int], dict[str, Moments]] = defaultdict(lambda: defaultdict(dict))
        for one in told:
            notice, envelope = one.message, one.envelope
            if not isinstance(notice, RecordChanged) or envelope.connection is None:
                continue
            if notice.object_type in STALE_KINDS.keys() | COMPANY_KINDS:
                _remember(stale[envelope.tenant, envelope.connection][notice.object_type], notice)
        for (tenant_id, connection_id), kinds in sorted(stale.items(), key=lambda item: item[0]):
            await self._call_stale_of(tenant_id, connection_id, kinds)

    async def _call_stale_of(self, tenant_id: int, connection_id: int, kinds: Mapping[str, Moments]) -> None:
        async with self._database.tenant(tenant_id) as tx:
            for kind in sorted(kinds):
                if kind in COMPANY_KINDS:
                    await store_company.mark_company_stale(tx, connection_id)
                else:
                    await store_stale.mark_stale(tx, tenant_id, connection_id, STALE_KINDS[kind], kinds[kind])


def _remember(moments: Moments, notice: RecordChanged) -> None:
    """The latest time told of each record; None (unknown) outlasts any. A time of a second counts as its end."""
    moment = notice.changed_at
    if moment is not None and not notice.exact:
        moment = moment.replace(microsecond=999_999)
    if notice.verb in {"deleted", "merged"}:
        moment = None
    known = moments.get(notice.record_id, moment)
    moments[notice.record_id] = None if known is None or moment is None else max(known, moment)
    moments.update(dict.fromkeys(notice.merged_ids))


def _quickbooks_marks(told: Told) -> list[Mark]:
    notice, envelope = told.message, told.envelope
    if not isinstance(notice, RecordChanged) or envelope.connection is None:
        return []
    if notice.object_type not in {INVOICE, PAYMENT}:
        return []
    # An invoice that nobody tracks makes no row; a payment's invoices are known only after it was read.
    payment = notice.object_type == PAYMENT
    return [
        Mark(
            tenant_id=envelope.tenant,
            connection_id=envelope.connection,
            kind=notice.object_type,
            subject_id=notice.record_id if payment else None,
            quickbooks_id=notice.record_id,
            side="quickbooks",
            verb=notice.verb,
            changed_at=notice.changed_at,
            exact=notice.exact,
            make=payment,
        )
    ]


def _hubspot_marks(told: Told) -> list[Mark]:
    notice, tenant_id = told.message, told.envelope.tenant
    if not isinstance(notice, RecordChanged) or notice.object_type != "deal":
        return []
    if notice.verb == "merged":
        # The lost deal's subject is told where its links shall go.
        return [_deal_mark(tenant_id, lost, notice, "merged", (notice.record_id,)) for lost in notice.merged_ids]
    ours = not notice.properties or bool(OURS & set(notice.properties))
    if notice.verb in {"changed", "restored"} and ours:
        return [_deal_mark(tenant_id, notice.record_id, notice, "touched")]
    return []


def _deal_mark(
    tenant_id: int, deal_id: str, notice: RecordChanged, verb: str, merged_ids: tuple[str, ...] = ()
) -> Mark:
    return Mark(
        tenant_id=tenant_id,
        connection_id=0,
        kind=DEAL_PROPERTIES,
        subject_id=deal_id,
        side="hubspot",
        verb=verb,
        changed_at=None if notice.verb == "restored" else notice.changed_at,
        exact=notice.exact,
        merged_ids=merged_ids,
    )
