"""Topics are made once, and never with other partitions."""

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from ledgerbridge.contracts.topics import INVOICE_STATES, INVOICES, TOPICS
from ledgerbridge.messaging import topics

from .bus import Bus


async def test_topics_are_made_once_with_their_retention(bus: Bus) -> None:
    made = await topics.create(bus.bootstrap, bus.prefix, TOPICS, 3)
    assert made == sorted(bus.prefix + topic.name for topic in TOPICS)
    assert await topics.create(bus.bootstrap, bus.prefix, TOPICS, 3) == []
    admin = AIOKafkaAdminClient(bootstrap_servers=bus.bootstrap)
    await admin.start()
    names = [bus.prefix + topic.name for topic in (INVOICES, INVOICE_STATES)]
    answers = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name) for name in names])
    await admin.close()
    found = {
        resource[3]: {entry[0]: entry[1] for entry in resource[4]}
        for answer in answers
        for resource in answer.resources
    }
    assert found[names[0]]["cleanup.policy"] == "delete"
    assert found[names[0]]["retention.ms"] == str(30 * 24 * 3600 * 1000)
    assert found[names[1]]["cleanup.policy"] == "compact"


async def test_another_number_of_partitions_is_refused(bus: Bus) -> None:
    await bus.create(INVOICES, partitions=3)
    with pytest.raises(topics.TopicRefusedError, match="invoices has 3 partitions instead of 12"):
        await topics.create(bus.bootstrap, bus.prefix, TOPICS, 12)


async def test_what_the_broker_refuses_is_said(bus: Bus) -> None:
    with pytest.raises(topics.TopicRefusedError, match="InvalidReplicationFactor"):
        await topics.create(bus.bootstrap, bus.prefix, [INVOICES], 3, replicas=9)
