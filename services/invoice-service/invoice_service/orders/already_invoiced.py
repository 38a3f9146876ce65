"""One deal, one invoice, unless meant (product.md): what stands in the way of another invoice for a deal.

The wizard shows it and asks; a command is refused unless it says `another` with a reason. Check and order are one
transaction under `store_orders.lock_deal`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from ledgerbridge.errors import Refused

from invoice_service.drafts.draft import Draft
from invoice_service.invoices.linked import LinkedInvoice
from invoice_service.invoices.stages import is_live
from invoice_service.orders.order import Order

DRAFT_COUNTS_FOR = timedelta(hours=24)
"""A draft that nobody changed for so long stands in nobody's way."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A live invoice, an unsettled order or a fresh draft of the deal; `words` as in a refusal."""

    kind: Literal["invoice", "order", "draft"]
    id: str
    words: str


def obstacles(
    invoices: Iterable[LinkedInvoice], orders: Iterable[Order], drafts: Iterable[Draft], *, own_draft_id: str | None
) -> list[Obstacle]:
    """What the deal already has, through any quote, company or door; one's own draft does not count.

    `drafts` are those changed within `DRAFT_COUNTS_FOR`; attach, send and void orders make no invoice.
    """
    live = [Obstacle("invoice", each.invoice_id, _invoice(each)) for each in invoices if is_live(each.stage)]
    running = [
        Obstacle("order", str(each.order_id), "an invoice being created")
        for each in orders
        if each.kind == "create" and not each.state.settled
    ]
    others = [
        Obstacle("draft", each.draft_id, "a draft changed within a day")
        for each in drafts
        if each.draft_id != own_draft_id and each.order_id is None
    ]
    return [*live, *running, *others]


def _invoice(invoice: LinkedInvoice) -> str:
    name = f"invoice {invoice.number}" if invoice.number else "an invoice without a number"
    return f"{name} ({invoice.currency} {invoice.total:f})"


def check_first(found: Sequence[Obstacle], *, another_reason: str | None) -> None:
    """Refuse another invoice for the deal (ALREADY_INVOICED) unless a reason is given."""
    if found and not (another_reason or "").strip():
        existing = ", ".join(each.words for each in found)
        raise Refused("ALREADY_INVOICED", field="another", existing=existing, invoice_id=found[0].id)
