"""What is told of money: per payment and invoice, with why it was taken back (product.md, Payments)."""

from decimal import Decimal

import pytest
from following_house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def kinds(house: House, invoice_id: str) -> list[str]:
    """The kinds of the events about money, in order."""
    await house.quiet()
    return [one.kind for one in await house.events(invoice_id) if one.kind.split(".")[0] in {"payment", "credit"}]


async def reversal(house: House, invoice_id: str) -> str:
    await house.quiet()
    (told,) = await house.events(invoice_id, "payment.reversed")
    assert Decimal(told.data["applied"]) == 100
    return str(told.data["why"])


async def paid(house: House) -> tuple[str, str, str]:
    """An invoice of 100 paid in full: QuickBooks' id, ours, the payment's."""
    _deal, theirs, ours = await house.followed("100.00")
    payment = await house.bookkeeper().pay({theirs: "100.00"})
    assert await kinds(house, ours) == ["payment.received"]
    return theirs, ours, payment


async def test_a_payment_is_told_once_however_often_the_invoice_changes(house: House) -> None:
    _deal, theirs, ours = await house.followed("100.00")
    payment = await house.bookkeeper().pay({theirs: "40.00"})
    await house.quiet()
    await house.bookkeeper().act("invoice", theirs, "edit", PrivateNote="a word")
    await house.quiet()
    (told,) = await house.events(ours, "payment.received")
    assert told.data["payment_id"] == payment
    assert Decimal(told.data["applied"]) == Decimal(told.data["payment_total"]) == 40
    shown = await house.get(f"/invoices/{ours}")
    assert [(one["payment_id"], Decimal(one["received"])) for one in shown["payments"]] == [(payment, 40)]


async def test_one_payment_over_three_invoices_is_told_for_each(house: House) -> None:
    bookkeeper, deal = house.bookkeeper(), await house.salesperson().deal()
    theirs = [await bookkeeper.invoice("100.00") for _ in range(3)]
    ours = await house.add(theirs, deal_id=deal)
    payment = await bookkeeper.pay(dict(zip(theirs, ("100.00", "50.00", "25.00"), strict=True)))
    await house.quiet()
    by_theirs = dict(zip(theirs, ours, strict=True))
    for quickbooks_id, applied in zip(theirs, ("100.00", "50.00", "25.00"), strict=True):
        (told,) = await house.events(by_theirs[quickbooks_id], "payment.received")
        assert (told.data["payment_id"], Decimal(told.data["applied"])) == (payment, Decimal(applied))
        assert Decimal(told.data["payment_total"]) == 175
        others = {one["quickbooks_id"]: one["invoice_id"] for one in told.data["other_invoices"]}
        assert others == {one: by_theirs[one] for one in theirs if one != quickbooks_id}


async def test_a_credit_memo_is_credit_never_a_payment(house: House) -> None:
    _deal, theirs, ours = await house.followed("100.00")
    memo = await house.bookkeeper().credit(theirs, "30.00")
    assert await kinds(house, ours) == ["credit.applied"]
    (told,) = await house.events(ours, "credit.applied")
    assert (Decimal(told.data["applied"]), told.data["credit_memo_id"]) == (30, memo)


async def test_a_deposit_raises_nothing(house: House) -> None:
    _deal, theirs, ours = await house.followed("100.00")
    await house.bookkeeper().act("invoice", theirs, "edit", Deposit="30.00")
    assert await kinds(house, ours) == []
    assert (await house.get(f"/invoices/{ours}"))["beside"] == ["deposit 30.00"]


@pytest.mark.parametrize(("act", "why"), [("delete", "deleted"), ("void", "voided"), ("unapply", "unapplied")])
async def test_a_payment_taken_back_says_why(house: House, act: str, why: str) -> None:
    _theirs, ours, payment = await paid(house)
    await house.bookkeeper().act("payment", payment, act)
    assert await reversal(house, ours) == why


@pytest.mark.statement("B-10", "rule")
@pytest.mark.parametrize(("act", "why"), [("void", "invoice_voided"), ("delete", "invoice_deleted")])
async def test_money_of_an_invoice_that_is_gone_is_not_undone(house: House, act: str, why: str) -> None:
    theirs, ours, _payment = await paid(house)
    await house.bookkeeper().act("invoice", theirs, act)
    assert await reversal(house, ours) == why


async def test_webhooks_of_invoice_and_payment_together_tell_a_payment_once(house: House) -> None:
    await house.sandbox.ask("PUT", "/settings/quickbooks", {"tell_indirect_changes": True})
    try:
        _theirs, ours, payment = await paid(house)
        await house.bookkeeper().act("payment", payment, "delete")
        assert await kinds(house, ours) == ["payment.received", "payment.reversed"]
        assert await reversal(house, ours) == "deleted"
    finally:
        await house.sandbox.ask("PUT", "/settings/quickbooks", {"tell_indirect_changes": False})


async def test_a_payment_moved_to_another_invoice_is_reversed_there_and_received_here(house: House) -> None:
    bookkeeper = house.bookkeeper()
    _theirs, first, payment = await paid(house)
    _deal, other, second = await house.followed("100.00")
    line = {"Amount": "100.00", "LinkedTxn": [{"TxnId": other, "TxnType": "Invoice"}]}
    await bookkeeper.act("payment", payment, "edit", Line=[line])
    assert await kinds(house, first) == ["payment.received", "payment.reversed"]
    assert await kinds(house, second) == ["payment.received"]
