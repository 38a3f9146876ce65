"""The fixtures that other tests stand on."""

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from ledgerbridge.testing.databases import database_exists, drop_database, make_database, temporary_database
from ledgerbridge.testing.waiting import wait_until, wait_until_sync


async def test_broker_takes_and_gives_records(kafka_server: str, topic_prefix: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_server)
    await admin.start()
    await admin.create_topics([NewTopic(f"{topic_prefix}records", 3, 1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=kafka_server, enable_idempotence=True) as producer:
        await producer.send_and_wait(f"{topic_prefix}records", b"value", key=b"key")
    async with AIOKafkaConsumer(
        f"{topic_prefix}records",
        bootstrap_servers=kafka_server,
        group_id=f"{topic_prefix}group",
        auto_offset_reset="earliest",
    ) as consumer:
        record = await consumer.getone()
    assert (record.key, record.value) == (b"key", b"value")


async def test_database_of_a_test_is_empty_and_gone_afterwards(postgres_server: str) -> None:
    async with temporary_database(postgres_server) as dsn:
        connection = await asyncpg.connect(dsn)
        name = await connection.fetchval("select current_database()")
        assert await connection.fetchval("select count(*) from pg_tables where schemaname = 'public'") == 0
        # The connection stays open: dropping throws it out.
    assert not await database_exists(postgres_server, name)
    await wait_until(connection.is_closed, what="the forgotten connection is thrown out")


async def test_database_is_cloned_from_a_template(postgres_server: str, topic_prefix: str) -> None:
    template = topic_prefix.replace("-", "_").rstrip(".")
    connection = await asyncpg.connect(await make_database(postgres_server, template))
    await connection.execute("create table seeded as select 7 as n")
    await connection.close()
    try:
        async with temporary_database(postgres_server, template=template) as dsn:
            copy = await asyncpg.connect(dsn)
            assert await copy.fetchval("select n from seeded") == 7
            await copy.close()
    finally:
        await drop_database(postgres_server, template)


async def test_fresh_database_is_of_the_sessions_server(fresh_database: str, postgres_server: str) -> None:
    assert fresh_database.rpartition("/")[0] == postgres_server.rpartition("/")[0]


async def test_database_name_that_is_no_identifier_is_refused(postgres_server: str) -> None:
    with pytest.raises(ValueError, match="no plain database name"):
        await make_database(postgres_server, 'x"; drop database postgres; --')


async def test_waiting_returns_the_true_answer_of_plain_and_async_conditions() -> None:
    answers = iter([0, 0, 5])

    async def later() -> int:
        return next(answers)

    assert await wait_until(later) == 5
    assert await wait_until(lambda: "yes") == "yes"


async def test_waiting_fails_with_what_and_the_last_answer() -> None:
    with pytest.raises(AssertionError, match=r"not within 0\.05 s: the moon is full; the last answer was 0"):
        await wait_until(lambda: 0, seconds=0.05, what="the moon is full")
    with pytest.raises(AssertionError, match="the last answer was None"):
        wait_until_sync(lambda: None, seconds=0.05)
