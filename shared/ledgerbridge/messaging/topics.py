"""Topics are declared in code and made by a command; partitions are never changed in place (design.md 5)."""

import asyncio
from collections.abc import Collection, Iterable

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from ledgerbridge.contracts.topics import Topic

DAY_MILLISECONDS = 24 * 60 * 60 * 1000
TOMBSTONES_KEPT = 7 * DAY_MILLISECONDS
VISIBLE_SECONDS = 15.0
LARGEST_RECORD = 1024 * 1024
LARGEST_DEAD_LETTER = 2 * LARGEST_RECORD
"""Room for a record of the largest size with the headers that say why it is dead."""


class TopicRefusedError(Exception):
    """A topic exists with another number of partitions, or the broker refused to make it; the text says which."""


async def create(bootstrap: str, prefix: str, topics: Iterable[Topic], partitions: int, replicas: int = 1) -> list[str]:
    """Make the topics that are missing and answer their names.

    Raises TopicRefusedError where one exists with other partitions: events of one key would leave their order.
    """
    wanted = {prefix + topic.name: topic for topic in topics}
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="ledgerbridge-topics")
    await admin.start()
    try:
        existing = await _partitions(admin, wanted)
        _refuse_others(existing, partitions)
        missing = {name: topic for name, topic in wanted.items() if name not in existing}
        if missing:
            await _make(admin, missing, partitions, replicas)
            # Somebody else may have made one meanwhile, and a broker learns of new topics a moment later.
            _refuse_others(await _when_all_are_there(admin, wanted), partitions)
        return sorted(missing)
    finally:
        await admin.close()


async def missing(bootstrap: str, prefix: str, topics: Iterable[Topic], partitions: int) -> list[str]:
    """The names of topics that do not exist. Raises TopicRefusedError where one has other partitions."""
    wanted = [prefix + topic.name for topic in topics]
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="ledgerbridge-topics")
    await admin.start()
    try:
        existing = await _partitions(admin, wanted)
    finally:
        await admin.close()
    _refuse_others(existing, partitions)
    return sorted(set(wanted) - set(existing))


async def _partitions(admin: AIOKafkaAdminClient, names: Iterable[str]) -> dict[str, int]:
    described = await admin.describe_topics(list(names))
    return {topic["topic"]: len(topic["partitions"]) for topic in described if topic["error_code"] == 0}


async def _when_all_are_there(admin: AIOKafkaAdminClient, names: Collection[str]) -> dict[str, int]:
    async with asyncio.timeout(VISIBLE_SECONDS):
        while True:
            found = await _partitions(admin, names)
            if len(found) == len(names):
                return found
            await asyncio.sleep(0.05)


def _refuse_others(existing: dict[str, int], partitions: int) -> None:
    others = {name: count for name, count in existing.items() if count != partitions}
    if others:
        said = ", ".join(f"{name} has {count}" for name, count in sorted(others.items()))
        raise TopicRefusedError(
            f"{said} partitions instead of {partitions}; set the number to what exists, or move to topics with another "
            "prefix: partitions are never changed in place"
        )


async def _make(admin: AIOKafkaAdminClient, missing: dict[str, Topic], partitions: int, replicas: int) -> None:
    answer = await admin.create_topics(
        [NewTopic(name, partitions, replicas, topic_configs=_settings(topic)) for name, topic in missing.items()]
    )
    for name, code, *message in answer.topic_errors:
        if code not in (0, TopicAlreadyExistsError.errno):
            raise TopicRefusedError(f"{name}: {for_code(code).__name__} {message[0] if message else ''}".strip())


def _settings(topic: Topic) -> dict[str, str]:
    largest = LARGEST_DEAD_LETTER if topic.name.startswith("dead-letters.") else LARGEST_RECORD
    settings = {"max.message.bytes": str(largest)}
    if topic.kept is None:
        settings |= {"cleanup.policy": "compact", "delete.retention.ms": str(TOMBSTONES_KEPT)}
    else:
        settings |= {"cleanup.policy": "delete", "retention.ms": str(topic.kept.days * DAY_MILLISECONDS)}
    return settings
