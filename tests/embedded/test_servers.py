"""The broker and the database on their own: first start, restart with data kept, taken ports, kill -9."""

import asyncio
from pathlib import Path

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from ledgerbridge.embedded.downloads import class_path
from ledgerbridge.embedded.errors import CannotStartError
from ledgerbridge.embedded.kafka import kafka_program
from ledgerbridge.embedded.ports import free_ports
from ledgerbridge.embedded.postgres import admin_dsn, postgres_program
from ledgerbridge.embedded.programs import Program, start, start_and_wait
from ledgerbridge.embedded.settings import EmbeddedSettings


def broker(folder: Path) -> Program:
    port, controller_port = free_ports(2)
    jars = class_path(EmbeddedSettings().cache, print)
    return kafka_program(folder / "kafka", port=port, controller_port=controller_port, jars=jars)


def database(folder: Path) -> Program:
    (port,) = free_ports(1)
    return postgres_program(folder / "postgres", port=port)


async def topics(port: int, make: str | None = None) -> list[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=f"127.0.0.1:{port}")
    await admin.start()
    try:
        if make:
            await admin.create_topics([NewTopic(make, 3, 1)])
        return list(await admin.list_topics())
    finally:
        await admin.close()


async def query(dsn: str, statement: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def test_killed_broker_keeps_its_topics_and_starts_on_other_ports(folder: Path) -> None:
    first = start_and_wait(broker(folder))
    try:
        asyncio.run(topics(first.program.port, make="kept"))
    finally:
        first.kill()
    second = start_and_wait(broker(folder))
    try:
        assert second.program.port != first.program.port
        assert asyncio.run(topics(second.program.port)) == ["kept"]
    finally:
        second.stop()
    assert second.exit_status == 143


def test_killed_database_keeps_its_rows(folder: Path) -> None:
    first = start_and_wait(database(folder))
    try:
        asyncio.run(query(admin_dsn(folder / "postgres", first.program.port), "create table kept as select 42 as n"))
    finally:
        first.kill()
    second = start_and_wait(database(folder))
    try:
        assert asyncio.run(query(admin_dsn(folder / "postgres", second.program.port), "select n from kept")) == 42
    finally:
        second.stop()
    assert second.exit_status == 0


def test_database_lets_nobody_in_without_the_password(folder: Path) -> None:
    server = start_and_wait(database(folder))
    try:
        password_file = folder / "postgres" / "superuser-password"
        assert password_file.stat().st_mode & 0o777 == 0o600
        with pytest.raises(asyncpg.InvalidPasswordError):
            asyncio.run(query(f"postgresql://postgres:wrong@127.0.0.1:{server.program.port}/postgres", "select 1"))
    finally:
        server.stop()


def test_taken_port_is_named_with_its_holder_and_setting(folder: Path) -> None:
    first = start_and_wait(database(folder))
    try:
        second = postgres_program(folder / "another", port=first.program.port)
        with pytest.raises(CannotStartError) as refusal:
            start(second)
    finally:
        first.stop()
    assert f"port {second.port} for postgres is taken by postgres (pid {first.process.pid})" in str(refusal.value)
    assert "LEDGERBRIDGE_DATABASE_PORT" in str(refusal.value)


def test_server_that_ends_at_once_says_why(folder: Path) -> None:
    (port,) = free_ports(1)
    with pytest.raises(CannotStartError, match="ended at once with status 1") as e:
        start_and_wait(postgres_program(folder / "postgres", port=port, options={"no_such_setting": "1"}))
    assert str(folder / "postgres" / "postgres.log") in str(e.value)
    assert "unrecognized configuration parameter" in str(e.value)
