"""One deal, one invoice, unless meant."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from invoice_service.drafts.draft import Draft
from invoice_service.invoices.linked import LinkedInvoice
from invoice_service.invoices.stages import Stage, is_live
from invoice_service.orders.already_invoiced import check_first, obstacles
from invoice_service.orders.order import Kind, Order, OrderState
from ledgerbridge.errors import Refused

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def invoice(stage: Stage, currency: str = "USD") -> LinkedInvoice:
    return LinkedInvoice(
        invoice_id="i1",
        stage=stage,
        currency=currency,
        total=Decimal("9.50"),
        recipient="Amy",
        number="1037",
        due_date=None,
        invoice_date=None,
        changed_at=NOW,
        created_at=NOW,
    )


def order(kind: Kind = "create", state: OrderState = OrderState.UNCERTAIN) -> Order:
    return Order(
        order_id=UUID(int=1),
        connection_id=7,
        realm="1",
        kind=kind,
        invoice_id=UUID(int=2),
        actor="person:1",
        content={},
        ordered_at=NOW,
        state=state,
    )


@pytest.mark.parametrize("stage", list(Stage))
def test_a_live_invoice_in_any_currency_is_in_the_way(stage: Stage) -> None:
    found = obstacles([invoice(stage, "EUR")], [], [], own_draft_id=None)
    assert bool(found) == is_live(stage)


def test_orders_and_other_drafts_are_in_the_way() -> None:
    drafts = [Draft(draft_id="mine"), Draft(draft_id="other"), Draft(draft_id="ordered", order_id="o")]
    found = obstacles([], [order(), order(state=OrderState.DONE), order("send")], drafts, own_draft_id="mine")
    assert [(each.kind, each.id) for each in found] == [("order", str(UUID(int=1))), ("draft", "other")]


def test_a_command_is_refused_unless_another_is_meant_with_a_reason() -> None:
    found = obstacles([invoice(Stage.OVERDUE)], [], [], own_draft_id=None)
    with pytest.raises(Refused, match="ALREADY_INVOICED") as refusal:
        check_first(found, another_reason=" ")
    assert "invoice 1037 (USD 9.50)" in refusal.value.sentence
    check_first(found, another_reason="second delivery")
    check_first([], another_reason=None)
