"""Red control: a consumer whose offsets are committed on a timer loses what it had in hand when it is killed.

    python -m tests.drills.automatic_commits SERVERS TOPIC GROUP FILE automatic|after

handles each record (a few milliseconds of work, then a line in FILE) until it is killed.
"""

import asyncio
import subprocess
import sys
import tempfile
import uuid
from functools import partial
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition
from ledgerbridge.testing.waiting import wait_until_sync

from tests.drills.standing import DrillHouse

KILLS = 3
TIMER_MILLISECONDS = 50
WORK_SECONDS = 0.004
QUIET_SECONDS = 60.0


def lost_when_killed(house: DrillHouse, notices: int) -> tuple[int, int]:
    """How many of the notices on Kafka each of the two consumers never handles, though both are started again."""
    with tempfile.TemporaryDirectory(prefix="ledgerbridge-drill-") as folder:
        return _lost(house, notices, Path(folder), "automatic"), _lost(house, notices, Path(folder), "after")


def _lost(house: DrillHouse, notices: int, folder: Path, manner: str) -> int:
    handled = folder / manner
    handled.touch()
    topic, group = f"{house.running.topic_prefix}quickbooks-changes", f"drill-{uuid.uuid4()}"
    command = (sys.executable, "-m", __name__, house.running.kafka, topic, group, str(handled), manner)
    for number in range(KILLS):
        goal = notices * (number + 1) // (KILLS + 2)
        with subprocess.Popen(command) as process:
            wait_until_sync(partial(_has_lines, handled, goal), QUIET_SECONDS, "so much is handled")
            process.kill()
    with subprocess.Popen(command) as process:
        wait_until_sync((folder / f"{manner}.end").exists, QUIET_SECONDS, "the end of the topic")
        process.kill()
    done = set(handled.read_text().split())
    ends = [line.split(":") for line in (folder / f"{manner}.end").read_text().split()]
    return sum(f"{number}:{offset}" not in done for number, end in ends for offset in range(int(end)))


def _has_lines(file: Path, count: int) -> bool:
    return len(set(file.read_text().split())) >= count


async def consume(servers: str, topic: str, group: str, file: str, manner: str) -> None:
    """Handle records until killed; a file with `.end` says that there are no more."""
    automatic = manner == "automatic"
    consumer = AIOKafkaConsumer(
        bootstrap_servers=servers,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=automatic,
        auto_commit_interval_ms=TIMER_MILLISECONDS,
    )
    await consumer.start()
    await consumer._client.set_topics([topic])
    # Not by subscription: a group waits six seconds and more for each member that was killed.
    consumer.assign([TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()])
    with Path(file).open("a") as handled:  # noqa: ASYNC230 - a line is written in microseconds
        while True:
            batch = await consumer.getmany(timeout_ms=500, max_records=200)
            for record in (one for records in batch.values() for one in records):
                await asyncio.sleep(WORK_SECONDS)
                handled.write(f"{record.partition}:{record.offset}\n")
                handled.flush()
            if batch and not automatic:
                await consumer.commit()
            if not batch:
                await _say_end(consumer, Path(f"{file}.end"))


async def _say_end(consumer: AIOKafkaConsumer, file: Path) -> None:
    """Write the end of each partition once all is read."""
    ends = await consumer.end_offsets(list(consumer.assignment()))
    if all([await consumer.position(place) >= end for place, end in ends.items()]):
        draft = file.with_suffix(".draft")
        draft.write_text("\n".join(f"{place.partition}:{end}" for place, end in ends.items()))
        draft.replace(file)


if __name__ == "__main__":
    asyncio.run(consume(*sys.argv[1:]))
