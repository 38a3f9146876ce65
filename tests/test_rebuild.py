"""The broker's data are gone: one command fills it again from the outboxes and the receipts."""

import shutil

import pytest
from ledgerbridge.testing.waiting import wait_until_sync

from tests.house import US_PORTAL, US_REALM, House, open_house
from tests.story.deals import Line, Sales

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
Told = set[tuple[str, str, str, int | None]]


def _told(house: House) -> Told:
    """What was published beside the notices' doubles: topic, key, id and number of each record."""
    topics = {"invoices", "command-results", "quickbooks-changes"}
    seen = [one for one in house.bus.seen() if one.topic in topics]
    return {(one.topic, one.key, one.headers["ce_id"], one.sequence) for one in seen}


def test_wiped_broker_is_filled_again_with_the_same_events() -> None:
    with open_house() as house:
        deal = Sales(house, US_PORTAL).deal("To be wiped", "Redwood Dental Group", [Line("PRD-260", "2")])
        data = {"hubspot_account": US_PORTAL, "quickbooks_company": US_REALM, "deal_id": deal}
        house.bus.send("invoice-commands", f"{US_PORTAL}:{deal}", "ledgerbridge.invoice.create.v1", data)
        done = house.bus.wait_for("command-results", lambda seen: seen.type == "command.succeeded", 30)
        house.sandbox.bookkeeper(US_REALM).pay(done.data["quickbooks_id"], "10")
        house.bus.wait_for(
            "invoices", lambda seen: seen.type == "invoice.status-changed", 30, what="the payment's stage"
        )
        before = _told(house)
        assert len({topic for topic, *_rest in before}) == 3

        house.close()
        assert house.installation.stop() == 0
        shutil.rmtree(house.installation.home / "kafka")
        again = House(house.installation, house.installation.start())
        try:
            assert not {one for one in _told(again) if one[0] != "quickbooks-changes"}
            said = house.installation.command("rebuild", "--since", "2020-01-01").stdout
            assert "that no service had read. Producers resend those that they sent from 2020-01-01T00:00" in said
            wait_until_sync(lambda: before <= _told(again), 30, "every event and notice is there again")
            created = [one for one in again.bus.seen("invoices") if one.type == "invoice.created"]
            assert [one.data["invoice"]["quickbooks_id"] for one in created] == [done.data["quickbooks_id"]]
        finally:
            again.close()
