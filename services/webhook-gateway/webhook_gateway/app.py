"""Wires webhook-gateway."""

from collections.abc import Sequence

from ledgerbridge.accounts.consents import Consents
from ledgerbridge.contracts.topics import HUBSPOT_CHANGES, QUICKBOOKS_CHANGES
from ledgerbridge.messaging.relay import Relay
from ledgerbridge.service import ServiceDescription
from ledgerbridge.service.retention import Retention
from ledgerbridge.service.runner import Context, run
from ledgerbridge.service.vendor_access import open_vendors
from ledgerbridge.storage import MigrationSet

from webhook_gateway import api, deliveries, receipts_api
from webhook_gateway.deliveries import Delivery
from webhook_gateway.door import Door, Secrets
from webhook_gateway.group_commit import GroupCommit
from webhook_gateway.notices import DEAD_LETTERS
from webhook_gateway.receipts import Receipts
from webhook_gateway.retention import ReceiptChores
from webhook_gateway.settings import Settings
from webhook_gateway.sweeper import Sweeper
from webhook_gateway.sweeps import Sweeps
from webhook_gateway.teller import Teller
from webhook_gateway.webhooks import WebhookFront

SERVICE = ServiceDescription(
    name="webhook-gateway",
    package="webhook_gateway",
    port=8081,
    migrations=(MigrationSet("ledgerbridge.messaging"), MigrationSet("webhook_gateway")),
    topics=(HUBSPOT_CHANGES, QUICKBOOKS_CHANGES, DEAD_LETTERS),
    front=WebhookFront,
)
RELAY_LOT = 50
"""Small lots: while the relay builds one, no webhook is answered."""
ROUTERS = (api.router, receipts_api.router)


async def compose(context: Context[Settings]) -> Door:
    """The door and the parts behind it."""
    settings, database, accounts, clock = (
        context.settings,
        context.database,
        context.accounts,
        context.business_clock,
    )
    vendors = open_vendors(context)
    chores = ReceiptChores(clock, settings)

    async def keep(lot: Sequence[Delivery]) -> None:
        await deliveries.keep(database.each, lot)
        teller.wake()

    group = GroupCommit(keep)
    teller = Teller(database, Receipts(accounts), clock, lambda: group.submitted)
    context.parts += [
        Retention(database, settings, chores.make_partitions, chores.drop_receipts, chores.forget_keys),
        Relay(database, settings.kafka, settings.topic_prefix, lot=RELAY_LOT),
        Sweeper(database, accounts, Sweeps(vendors.hubspot, vendors.quickbooks), clock, settings),
        group,
        teller,
    ]
    return Door(
        settings=settings,
        secrets=Secrets.of(settings),
        database=database,
        accounts=accounts,
        consents=Consents(database, context.sealer, clock),
        clock=clock,
        deliveries=group,
    )


def main() -> None:
    """Run webhook-gateway."""
    run(SERVICE, Settings, compose, ROUTERS)
