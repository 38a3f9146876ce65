"""Every stage, reached by what people do in QuickBooks, told on Kafka and written to the deal (S-41 to S-51)."""

import pytest
from house import House

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.statement("S-41", "rule")
@pytest.mark.statement("S-42", "rule")
async def test_an_invoice_that_nobody_sent_waits_to_be_sent(house: House) -> None:
    deal, _theirs, ours = await house.followed()
    shown = await house.get(f"/invoices/{ours}")
    assert shown["invoice"]["stage"] == "waiting_to_be_sent"
    assert (await house.deal(deal))["status"] == "waiting_to_be_sent"
