"""Commands on `invoice-commands`: validated, stored as orders, told accepted or refused; never carried out here."""

from collections.abc import Mapping, Sequence

from ledgerbridge.accounts.registry import Accounts
from ledgerbridge.contracts.commands import Addressed, AttachInvoice, CreateInvoice, SendInvoice, VoidInvoice
from ledgerbridge.contracts.model import Message
from ledgerbridge.errors import LedgerbridgeError, Refused
from ledgerbridge.messaging import dead_letters, inbox, outbox
from ledgerbridge.messaging.dead_letters import Unreadable
from ledgerbridge.messaging.reading import read_or_bury
from ledgerbridge.messaging.received import Received, Told
from ledgerbridge.service.clocks import BusinessClock
from ledgerbridge.storage import Database, Transaction
from ledgerbridge.sync.records import Priority

from invoice_service.orders import results as command_results
from invoice_service.orders.ordering import Asking, Ordering
from invoice_service.orders.results import Asker
from invoice_service.telling import SERVICE

CONSUMER = "invoice-commands"
KNOWN: Mapping[str, type[Message]] = {one.type: one for one in (CreateInvoice, AttachInvoice, SendInvoice, VoidInvoice)}
LONGEST_ID = 200
"""Ids in results are at most so long; a command that could not be answered is a dead letter."""


class Commands:
    """Handles batches of commands."""

    def __init__(self, database: Database, accounts: Accounts, ordering: Ordering, clock: BusinessClock) -> None:
        """Store through `ordering`."""
        self._database = database
        self._accounts = accounts
        self._ordering = ordering
        self._clock = clock

    async def handle(self, records: Sequence[Received]) -> None:
        """Store each readable command in a transaction of its own: one that is refused harms no other."""
        async with self._database.engine() as tx:
            told = await read_or_bury(tx, SERVICE, records, KNOWN)
            readable = [(one, tenant_id) for one in told if (tenant_id := await self._tenant(tx, one)) is not None]
        for one, tenant_id in readable:
            await self._take(one, tenant_id)

    async def _tenant(self, tx: Transaction, told: Told) -> int | None:
        """Whose command it is; one that names nobody, or somebody unknown, is a dead letter."""
        command, named = told.message, told.envelope.tenant
        problem = "the command has no data"
        if isinstance(command, Addressed):
            account = None
            if command.hubspot_account is not None:
                account = await self._accounts.by_external("hubspot", command.hubspot_account)
            known = {one.tenant_id for one in await self._accounts.connections()}
            meant = account.tenant_id if account else None if command.hubspot_account else named
            if meant in known and named in (0, meant) and len(told.envelope.id) <= LONGEST_ID:
                return meant
            problem = "the command names no HubSpot account that is connected here"
        await dead_letters.put(tx, SERVICE, [Unreadable(told.record, "UNREADABLE", problem)])
        return None

    async def _take(self, told: Told, tenant_id: int) -> None:
        """Store one command; a redelivered one is known by its source and id."""
        command = told.message
        assert isinstance(command, Addressed)
        asking = _asking(told, command, tenant_id)
        try:
            connection = await self._ordering.connection(tenant_id, command)
            async with self._database.tenant(tenant_id) as tx:
                if await inbox.first_time(tx, CONSUMER, [told.envelope.identity], tenant=tenant_id):
                    await self._ordering.order_in(tx, asking, command, connection)
        except Refused as error:
            await self._refuse(told, asking, error)

    async def _refuse(self, told: Told, asking: Asking, error: LedgerbridgeError) -> None:
        assert asking.asker is not None
        async with self._database.tenant(asking.tenant_id) as tx:
            if await inbox.first_time(tx, CONSUMER, [told.envelope.identity], tenant=asking.tenant_id):
                now = self._clock.now()
                connection_id = told.envelope.connection
                event = command_results.refused(asking.tenant_id, connection_id, asking.asker, error, now)
                await outbox.put(tx, [event])


def _asking(told: Told, command: Addressed, tenant_id: int) -> Asking:
    envelope = told.envelope
    key = command.idempotency_key or envelope.id
    asker = Asker(
        command_id=envelope.id,
        source=envelope.source,
        type=envelope.type,
        key=key,
        correlation_id=envelope.correlation_id,
    )
    return Asking(
        tenant_id=tenant_id,
        actor=envelope.actor or envelope.source or "invoice-commands",
        source=envelope.source,
        key=key,
        command_id=envelope.id,
        priority=Priority.LIVE,
        asker=asker,
    )
