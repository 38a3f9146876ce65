"""Red control: a consumer whose offsets are committed on a timer loses what it had in hand when it is killed.

    python -m tests.drills.automatic_commits SERVERS TOPIC GROUP FILE automatic|after SOME

handles each record (a line in FILE). After SOME of a batch it stands still as one whose work is slow, says so in
FILE.midway and waits to be killed; with 0 it goes through to the end of the topic, which FILE.end tells.
"""

import asyncio
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from ledgerbridge.testing.waiting import wait_until, wait_until_sync

from tests.drills.standing import DrillHouse

KILLS = 3
SOME = 5
BATCH = 40
TIMER_MILLISECONDS = 50
QUIET_SECONDS = 60.0


def lost_when_killed(house: DrillHouse) -> tuple[int, int]:
    """How many of the notices on Kafka each of the two consumers never handles, though both are started again."""
    with tempfile.TemporaryDirectory(prefix="ledgerbridge-drill-") as folder:
        return _lost(house, Path(folder), "automatic"), _lost(house, Path(folder), "after")


def _lost(house: DrillHouse, folder: Path, manner: str) -> int:
    handled, midway, end = folder / manner, folder / f"{manner}.midway", folder / f"{manner}.end"
    topic, group = f"{house.running.topic_prefix}quickbooks-changes", f"drill-{uuid.uuid4()}"
    command = (sys.executable, "-m", __name__, house.running.kafka, topic, group, str(handled), manner)
    for _kill in range(KILLS):
        _run_until((*command, str(SOME)), lambda: midway.exists() or end.exists(), "the middle of a batch")
        midway.unlink(missing_ok=True)
        end.unlink(missing_ok=True)
    _run_until((*command, "0"), end.exists, "the end of the topic")
    done = set(handled.read_text().split())
    ends = [line.split(":") for line in end.read_text().split()]
    return sum(f"{number}:{offset}" not in done for number, after in ends for offset in range(int(after)))


def _run_until(command: tuple[str, ...], reached: Callable[[], bool], what: str) -> None:
    """Start the consumer and kill it as soon as it is so far; one that ended by itself fails the drill."""
    with subprocess.Popen(command) as process:
        try:
            wait_until_sync(lambda: reached() or process.poll() is not None, QUIET_SECONDS, what)
            assert process.poll() is None, f"the consumer ended with status {process.returncode}"
        finally:
            process.kill()


async def consume(servers: str, topic: str, group: str, file: str, manner: str, some: str) -> None:
    """Handle records until killed."""
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
            batch = await consumer.getmany(timeout_ms=500, max_records=BATCH)
            records = [record for records in batch.values() for record in records]
            now, in_hand = (records[: int(some)], records[int(some) :]) if int(some) else (records, [])
            handled.writelines(f"{record.partition}:{record.offset}\n" for record in now)
            handled.flush()
            if in_hand:
                await _stand_still(consumer, in_hand[-1], Path(f"{file}.midway"), automatic=automatic)
            if records and not automatic:
                await consumer.commit()
            if not records:
                await _say_end(consumer, Path(f"{file}.end"))


async def _stand_still(consumer: AIOKafkaConsumer, last: ConsumerRecord, file: Path, *, automatic: bool) -> None:
    """Keep records in hand for longer than the timer's interval, until killed."""
    place = TopicPartition(last.topic, last.partition)

    async def timer_has_fired() -> bool:
        return bool((await consumer.committed(place) or 0) > last.offset)

    if automatic:
        await wait_until(timer_has_fired, QUIET_SECONDS)
    file.touch()  # noqa: ASYNC240 - takes microseconds
    await asyncio.Event().wait()


async def _say_end(consumer: AIOKafkaConsumer, file: Path) -> None:
    """Write the end of each partition once all is read."""
    ends = await consumer.end_offsets(list(consumer.assignment()))
    if all([await consumer.position(place) >= end for place, end in ends.items()]):
        draft = file.with_suffix(".draft")
        draft.write_text("\n".join(f"{place.partition}:{end}" for place, end in ends.items()))
        draft.replace(file)


if __name__ == "__main__":
    asyncio.run(consume(*sys.argv[1:]))
