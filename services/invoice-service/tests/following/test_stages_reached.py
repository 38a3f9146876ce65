"""Every stage, reached by what people do in QuickBooks, told on Kafka and written to the deal (S-41 to S-51)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from following_hands import UK, US
from following_house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def told_stages(house: House, invoice_id: str) -> list[tuple[str, str, str]]:
    """Each change of stage that was told: old, new, cause."""
    await house.quiet()
    changes = [one.data for one in await house.events(invoice_id, "invoice.status-changed")]
    return [(one["old_stage"], one["new_stage"], one["cause"]) for one in changes]


@pytest.mark.statement("S-41", "rule")
@pytest.mark.statement("S-42", "rule")
async def test_an_invoice_that_nobody_sent_waits_to_be_sent(house: House) -> None:
    deal, _theirs, ours = await house.followed()
    shown = await house.get(f"/invoices/{ours}")
    assert (shown["invoice"]["stage"], shown["invoice"]["handed_over"]) == ("waiting_to_be_sent", False)
    assert (await house.deal(deal))["status"] == "waiting_to_be_sent"


@pytest.mark.statement("S-43", "rule")
async def test_sent_from_quickbooks(house: House) -> None:
    deal, theirs, ours = await house.followed(BillEmail={"Address": "buyer@example.com"})
    await house.bookkeeper().act("invoice", theirs, "send")
    await house.status(deal, "sent_to_customer")
    assert await told_stages(house, ours) == [("waiting_to_be_sent", "sent_to_customer", "fact")]


@pytest.mark.statement("S-43", "rule")
async def test_printed_counts_as_handed_over(house: House) -> None:
    deal, theirs, _ours = await house.followed()
    await house.bookkeeper().act("invoice", theirs, "print")
    await house.status(deal, "sent_to_customer")


@pytest.mark.statement("S-44", "rule")
@pytest.mark.statement("S-45", "rule")
async def test_partly_paid_then_paid_in_full(house: House) -> None:
    deal, theirs, ours = await house.followed("100.00")
    await house.bookkeeper().act("invoice", theirs, "pay", amount="40.00")
    await house.status(deal, "partial_payment")
    await house.quiet()
    shown = await house.get(f"/invoices/{ours}")
    assert shown["beside"] == ["paid 40.00"]
    assert (Decimal(shown["invoice"]["balance"]), Decimal(shown["invoice"]["paid"])) == (60, 40)
    await house.bookkeeper().act("invoice", theirs, "pay")
    await house.status(deal, "paid_in_full")
    assert await told_stages(house, ours) == [
        ("waiting_to_be_sent", "partial_payment", "fact"),
        ("partial_payment", "paid_in_full", "fact"),
    ]


@pytest.mark.statement("S-44", "rule")
async def test_credit_and_deposit_lower_the_balance_beside_payments(house: House) -> None:
    _deal, theirs, ours = await house.followed("100.00")
    bookkeeper = house.bookkeeper()
    await bookkeeper.act("invoice", theirs, "pay", amount="10.00")
    await bookkeeper.credit(theirs, "20.00")
    await bookkeeper.act("invoice", theirs, "edit", Deposit="30.00")
    await house.quiet()
    shown = await house.get(f"/invoices/{ours}")
    assert shown["invoice"]["stage"] == "partial_payment"
    assert shown["beside"] == ["paid 10.00", "credited 20.00", "deposit 30.00"]
    assert Decimal(shown["invoice"]["balance"]) == 40


async def test_a_payment_undone_takes_the_stage_back(house: House) -> None:
    deal, theirs, _ours = await house.followed("100.00")
    payment = await house.bookkeeper().pay({theirs: "100.00"})
    await house.status(deal, "paid_in_full")
    await house.bookkeeper().act("payment", payment, "delete")
    await house.status(deal, "waiting_to_be_sent")


@pytest.mark.statement("B-10", "rule")
async def test_void_is_not_delete(house: House) -> None:
    voided_deal, voided, ours_voided = await house.followed("100.00")
    deleted_deal, deleted, ours_deleted = await house.followed("100.00")
    await house.bookkeeper().act("invoice", voided, "void")
    await house.bookkeeper().act("invoice", deleted, "delete")
    after_void = await house.status(voided_deal, "voided")
    after_delete = await house.status(deleted_deal, "deleted")
    assert Decimal(after_void["amount"]) == Decimal(after_delete["amount"]) == 0
    assert after_void["number"]
    assert after_delete["number"]
    assert await told_stages(house, ours_voided) == [("waiting_to_be_sent", "voided", "fact")]
    assert await told_stages(house, ours_deleted) == [("waiting_to_be_sent", "deleted", "fact")]


@pytest.mark.statement("B-10", "rule")
async def test_a_total_edited_to_nothing_is_paid_not_voided(house: House) -> None:
    deal, theirs, _ours = await house.followed("100.00")
    held = await house.sandbox.company(US, "invoice", theirs)
    line = {**held["Line"][0], "Amount": "0"}
    await house.bookkeeper().act("invoice", theirs, "edit", Line=[line])
    await house.status(deal, "paid_in_full")


@pytest.mark.statement("S-47", "rule")
@pytest.mark.statement("S-48", "rule")
@pytest.mark.statement("S-49", "rule")
async def test_amount_recipient_and_number_are_written(house: House) -> None:
    deal, theirs, _ours = await house.followed("1234.50")
    really = await house.sandbox.company(US, "invoice", theirs)
    held = await house.deal(deal)
    assert Decimal(held["amount"]) == Decimal("1234.50")
    assert held["recipient"] == really["CustomerRef"]["name"]
    assert held["number"] == really["DocNumber"]


@pytest.mark.statement("S-50", "rule")
@pytest.mark.statement("S-51", "rule")
@pytest.mark.statement("S-74", "rule")
async def test_status_and_due_date_are_written_and_follow_changes(house: House) -> None:
    deal, theirs, _ours = await house.followed("100.00", due_in_days=30)
    today = await house.sandbox.today(US)
    assert (await house.deal(deal))["due"] == (today + timedelta(days=30)).isoformat()
    later = (today + timedelta(days=45)).isoformat()
    await house.bookkeeper().act("invoice", theirs, "edit", DueDate=later)
    await house.quiet()
    held = await house.deal(deal)
    assert (held["due"], held["status"]) == (later, "waiting_to_be_sent")
    assert set(held) == {"amount", "recipient", "number", "status", "due"}


async def test_an_invoice_of_the_uk_company_tells_its_tax_and_currency(house: House) -> None:
    _deal, _theirs, ours = await house.followed("100.00", realm=UK)
    invoice = (await house.get(f"/invoices/{ours}"))["invoice"]
    assert (invoice["currency"], invoice["quickbooks_company"]) == ("GBP", UK)
