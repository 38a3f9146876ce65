"""The parts that follow what happens: consumers of notices, and the workers of invoices, payments and deals."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from ledgerbridge.accounts.opening import VendorAccess
from ledgerbridge.contracts.topics import HUBSPOT_CHANGES, QUICKBOOKS_CHANGES
from ledgerbridge.messaging.consumption import Consumption
from ledgerbridge.service import Part
from ledgerbridge.service.runner import Context
from ledgerbridge.sync.bells import Bell
from ledgerbridge.sync.workers import Worker, WorkerSettings

from invoice_service.consumers import Notices
from invoice_service.deals.following import KIND as DEAL_PROPERTIES
from invoice_service.deals.following import DealFollowing
from invoice_service.following.account_following import AccountFollowing
from invoice_service.following.invoice_following import InvoiceFollowing
from invoice_service.following.payment_following import KIND as PAYMENT
from invoice_service.following.payment_following import PaymentFollowing
from invoice_service.following.unknown_invoices import KIND as UNKNOWN_INVOICE
from invoice_service.following.unknown_invoices import UnknownInvoices
from invoice_service.invoices.recording import INVOICE
from invoice_service.settings import Settings
from invoice_service.telling import SERVICE

GROUP = SERVICE
STOP_SHARE = timedelta(seconds=2)


def workers(context: Context[Settings], vendors: VendorAccess, bell: Bell) -> list[Part]:
    """The workers of the kinds that vendors' changes move."""
    database, accounts, clock = context.database, context.accounts, context.business_clock
    invoices = InvoiceFollowing(database, accounts, vendors.quickbooks, clock, context.settings.addresses)
    payments = PaymentFollowing(database, accounts, vendors.quickbooks)
    unknown = UnknownInvoices(database, accounts, vendors.quickbooks)
    deals = DealFollowing(database, accounts, vendors.hubspot, clock, context.settings.addresses)
    # The gap of rounds is there to read QuickBooks together; deals are written at most 100 a call.
    reading = WorkerSettings(
        gap_seconds=context.settings.round_gap.total_seconds(), stop_seconds=STOP_SHARE.total_seconds()
    )
    writing = replace(reading, lot_size=100)
    return [
        AccountFollowing(database, accounts),
        Worker(database, bell, INVOICE, invoices.process, finish=invoices.finish, business=clock, settings=reading),
        Worker(database, bell, PAYMENT, payments.process, finish=payments.finish, business=clock, settings=reading),
        Worker(
            database, bell, UNKNOWN_INVOICE, unknown.process, finish=unknown.finish, business=clock, settings=reading
        ),
        Worker(database, bell, DEAL_PROPERTIES, deals.process, finish=deals.finish, business=clock, settings=writing),
    ]


def consumptions(context: Context[Settings]) -> Sequence[Consumption]:
    """The topics of notices."""
    notices = Notices(context.database)
    return [
        Consumption(QUICKBOOKS_CHANGES, GROUP, notices.from_quickbooks, database=context.database, service=SERVICE),
        Consumption(HUBSPOT_CHANGES, GROUP, notices.from_hubspot, database=context.database, service=SERVICE),
    ]
