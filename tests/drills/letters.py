"""The dead letters of all services."""

import asyncio

from aiokafka import AIOKafkaConsumer, TopicPartition

from tests.drills.standing import SERVICES, DrillHouse


def dead_letters(house: DrillHouse) -> list[bytes]:
    """The values of all dead letters of all services."""
    return asyncio.run(_dead_letters(house.running.kafka, house.running.topic_prefix))


async def _dead_letters(servers: str, prefix: str) -> list[bytes]:
    consumer = AIOKafkaConsumer(bootstrap_servers=servers, auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    try:
        topics = [f"{prefix}dead-letters.{service}" for service in SERVICES]
        await consumer._client.set_topics(topics)
        places = [TopicPartition(topic, number) for topic in topics for number in consumer.partitions_for_topic(topic)]
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found: list[bytes] = []
        while any([await consumer.position(place) < ends[place] for place in places]):
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += [record.value or b"" for record in records]
        return found
    finally:
        await consumer.stop()
