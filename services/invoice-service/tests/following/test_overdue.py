"""Overdue comes with the calendar, without any event from QuickBooks (S-46)."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from following_hands import UK, US, ZONES
from following_house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def until_midnight(house: House, realm: str, seconds_before: float = 0) -> None:
    """Move the clock to the end of the day in the company's zone, less so many seconds."""
    zone = ZoneInfo(ZONES[realm])
    tomorrow = (await house.sandbox.now()).astimezone(zone).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, time.min, zone).astimezone(UTC)
    await house.sandbox.ask("PUT", "/clock", {"now": (midnight - timedelta(seconds=seconds_before)).isoformat()})


@pytest.mark.statement("S-46", "rule")
async def test_overdue_when_the_day_after_the_due_date_begins_in_the_companys_zone(house: House) -> None:
    deal, _theirs, ours = await house.followed(due_in_days=0)
    await until_midnight(house, US, seconds_before=60)
    await house.quiet()
    assert (await house.deal(deal))["status"] == "waiting_to_be_sent"
    await until_midnight(house, US)
    await house.status(deal, "overdue")
    await house.quiet()
    (told,) = await house.events(ours, "invoice.status-changed")
    assert (told.data["new_stage"], told.data["cause"]) == ("overdue", "calendar")
    assert told.data["invoice"]["handed_over"] is False
    shown = await house.get(f"/invoices/{ours}")
    assert shown["beside"] == ["not sent"]
    assert [(one["new"], one["cause"]) for one in shown["history"]] == [
        ("waiting_to_be_sent", "baseline"),
        ("overdue", "calendar"),
    ]


@pytest.mark.statement("S-46", "rule")
async def test_the_british_day_ends_eight_hours_before_the_californian(house: House) -> None:
    await until_midnight(house, UK)
    deal = await house.salesperson().deal()
    british = await house.bookkeeper(UK).invoice(due_in_days=0)
    (ours,) = await house.add([british], realm=UK, deal_id=deal)
    californian_deal, _theirs, _ours = await house.followed(due_in_days=1)
    await until_midnight(house, UK)
    await house.stage(ours, "overdue")
    await house.quiet()
    assert (await house.deal(californian_deal))["status"] == "waiting_to_be_sent"


@pytest.mark.statement("S-46", "rule")
@pytest.mark.statement("S-76", "rule")
async def test_becoming_overdue_does_not_change_which_invoice_is_followed(house: House) -> None:
    deal, _theirs, ours = await house.followed("10.00", due_in_days=0)
    await house.sandbox.ask("POST", "/clock/advance", {"seconds": 2})
    newer = await house.bookkeeper().invoice("20.00", due_in_days=30)
    await house.add([newer], deal_id=deal)
    await until_midnight(house, US)
    await house.stage(ours, "overdue")
    await house.quiet()
    assert (await house.deal(deal))["status"] == "waiting_to_be_sent"


@pytest.mark.statement("S-46", "rule")
async def test_while_quickbooks_is_away_the_stage_follows_the_last_known_facts(house: House) -> None:
    deal, _theirs, ours = await house.followed(due_in_days=0)
    before = (await house.get(f"/invoices/{ours}"))["invoice"]["as_of"]
    await house.sandbox.ask("POST", "/faults", {"vendor": "quickbooks", "account": US, "status": 503})
    try:
        await until_midnight(house, US)
        kind = {"kind": "invoice", "reason_code": "VENDOR_UNAVAILABLE"}
        records: list[str] = []
        while ours not in records:  # the test's own limit of time is the deadline
            records = [one["subject_id"] for one in (await house.get("/records", params=kind))["records"]]
        assert (await house.deal(deal))["status"] == "waiting_to_be_sent"
        await house.sandbox.ask("POST", "/clock/advance", {"seconds": 15 * 60})
        await house.ask("POST", "/records/retry", json={"kind": "invoice", "subject_id": ours})
        await house.status(deal, "overdue", seconds=30)
        assert (await house.get(f"/invoices/{ours}"))["invoice"]["as_of"] == before
    finally:
        await house.sandbox.ask("DELETE", "/faults")
    await house.ask("POST", "/records/retry", json={"kind": "invoice"})
    await house.quiet()
    after = await house.get(f"/invoices/{ours}")
    assert (after["invoice"]["stage"], after["invoice"]["as_of"] > before) == ("overdue", True)
    assert len(await house.events(ours, "invoice.status-changed")) == 1


async def test_paid_in_time_is_never_overdue(house: House) -> None:
    deal, theirs, ours = await house.followed(due_in_days=0)
    _other_deal, _other, unpaid = await house.followed(due_in_days=0)
    await house.bookkeeper().act("invoice", theirs, "pay")
    await house.status(deal, "paid_in_full")
    await until_midnight(house, US)
    await house.stage(unpaid, "overdue")
    await house.quiet()
    assert (await house.get(f"/invoices/{ours}"))["invoice"]["stage"] == "paid_in_full"
