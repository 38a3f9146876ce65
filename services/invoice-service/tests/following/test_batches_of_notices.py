"""In a large batch of notices none is passed over, and what cannot be read harms no other."""

import uuid

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from following_hands import DOLLARS, US
from following_house import House
from ledgerbridge.contracts.envelope import Envelope
from ledgerbridge.contracts.notices import RecordChanged
from ledgerbridge.contracts.topics import QUICKBOOKS_CHANGES, dead_letters

pytestmark = pytest.mark.asyncio(loop_scope="session")

NOTICES = 385


async def test_all_of_a_large_batch_is_heard_and_what_is_unreadable_is_buried(house: House) -> None:
    places = [0, 124, 125, 257, NOTICES - 1]
    followed = {place: await house.followed() for place in places}
    buried = await _dead_letters(house)
    url = (await house.sandbox.ask("GET", "/webhooks/quickbooks"))["url"]
    await house.sandbox.ask("PUT", "/webhooks/quickbooks", {"url": ""})  # nothing but this batch tells of it
    try:
        for _deal, theirs, _ours in followed.values():
            await house.bookkeeper().act("invoice", theirs, "void")
        notices = [_notice(house, f"unknown-{number}") for number in range(NOTICES)]
        for place, (_deal, theirs, _ours) in followed.items():
            notices[place] = _notice(house, theirs)
        notices[5] = notices[130] = (b"not json", notices[5][1])
        await _publish(house, notices)
        for deal, _theirs, _ours in followed.values():
            await house.status(deal, "voided")
    finally:
        await house.sandbox.ask("PUT", "/webhooks/quickbooks", {"url": url})
    await house.quiet()
    assert await _dead_letters(house) == buried + 2


def _notice(house: House, record_id: str) -> tuple[bytes, list[tuple[str, bytes]]]:
    told = RecordChanged(
        vendor="quickbooks", account=US, object_type="invoice", record_id=record_id, verb="changed", found_by="webhook"
    )
    tenant, connection = house.tenants[DOLLARS], house.connections[US]
    envelope = Envelope(str(uuid.uuid4()), "test", RecordChanged.type, tenant=tenant, connection=connection)
    return told.encode(), envelope.to_headers()


async def _publish(house: House, notices: list[tuple[bytes, list[tuple[str, bytes]]]]) -> None:
    """All at once, so that they are read in one batch or few."""
    async with AIOKafkaProducer(bootstrap_servers=house.kafka, max_batch_size=1_000_000, linger_ms=200) as producer:
        topic = house.prefix + QUICKBOOKS_CHANGES.name
        sent = [await producer.send(topic, value, key=b"k", headers=headers) for value, headers in notices]
        for one in sent:
            await one


async def _dead_letters(house: House) -> int:
    """How many there are."""
    place = TopicPartition(house.prefix + dead_letters("invoice-service").name, 0)
    async with AIOKafkaConsumer(bootstrap_servers=house.kafka) as consumer:
        return int((await consumer.end_offsets([place]))[place])
