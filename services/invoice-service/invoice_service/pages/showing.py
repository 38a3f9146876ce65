"""An invoice as people see it: its stage with what stands beside it, and why it is not on its deal."""

from collections.abc import Mapping, Sequence

from invoice_service.deals.currency_rules import rule_to_show
from invoice_service.deals.properties import deal_properties
from invoice_service.invoices import store
from invoice_service.invoices.stages import Stage
from invoice_service.invoices.states import KnownInvoice, state_of
from invoice_service.invoices.store import StoredInvoice
from invoice_service.pages.models import InvoiceShown
from invoice_service.service_state import Service


def beside(known: KnownInvoice) -> list[str]:
    """What is shown beside the stage: what lowered the balance, and whether the customer ever got it."""
    parts = known.settlement
    amounts = (("paid", parts.paid), ("credited", parts.credited), ("deposit", parts.deposit))
    words = [f"{name} {amount:.2f}" for name, amount in amounts if amount]
    if known.standing.stage is Stage.OVERDUE and not known.handed_over:
        words.append("not sent")
    return words


async def shown(service: Service, tenant_id: int, invoices: Sequence[StoredInvoice]) -> list[InvoiceShown]:
    """Invoices for a list, in the same order."""
    skipped = await _skipped(service, tenant_id, invoices)
    return [
        InvoiceShown(
            invoice=state_of(one.known, service.settings.addresses),
            beside=beside(one.known),
            not_written=skipped.get(one.known.invoice_id),
        )
        for one in invoices
    ]


async def _skipped(service: Service, tenant_id: int, invoices: Sequence[StoredInvoice]) -> Mapping[str, str]:
    """Why invoices are not written to their deals, by invoice id."""
    deals = {one.known.links.deal_id for one in invoices if one.known.links.deal_id}
    async with service.database.tenant(tenant_id) as tx:
        linked = await store.of_deals(tx, sorted(deals))
    everything = [invoice for of_deal in linked.values() for invoice in of_deal]
    rule = await rule_to_show(service.accounts, tenant_id, service.vendors.hubspot, everything)
    return {
        invoice_id: reason
        for of_deal in linked.values()
        for invoice_id, reason in deal_properties(of_deal, rule).skipped.items()
    }
