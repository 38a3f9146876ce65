"""The commands where no `ledgerbridge up` runs: on a database and a Kafka that the environment names, or on nothing."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from ledgerbridge.storage import RoleNames

Done = subprocess.CompletedProcess[str]
Command = Callable[..., Done]


@pytest.fixture
def command(tmp_path: Path) -> Command:
    others = {name: value for name, value in os.environ.items() if not name.startswith("LEDGERBRIDGE_")}

    def run(*arguments: str, **environment: str) -> Done:
        return subprocess.run(
            [sys.executable, "-m", "ledgerbridge.command_line", *arguments],
            env={**others, "LEDGERBRIDGE_HOME": str(tmp_path / "home"), **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("connect", "--check"), "start `ledgerbridge up`, or set LEDGERBRIDGE_DATABASE_APP"),
        (("migrate",), "No database: set LEDGERBRIDGE_DATABASE, or start `ledgerbridge up`"),
        (("topics", "check"), "No Kafka: set LEDGERBRIDGE_KAFKA, or start `ledgerbridge up`"),
        (("records", "counts"), "knows no client: connect the account, or set LEDGERBRIDGE_CLIENT"),
        (("receipts", "replay", "--since", "noon", "--until", "2026-01-01"), "--since 'noon' is no moment"),
    ],
)
def test_what_is_missing_is_said_in_one_sentence(command: Command, arguments: tuple[str, ...], words: str) -> None:
    done = command(*arguments)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_servers_that_do_not_answer_are_named(command: Command) -> None:
    database = command("migrate", LEDGERBRIDGE_DATABASE="postgresql://nobody:hidden@127.0.0.1:1/none")
    assert (database.returncode, database.stdout) == (1, "")
    assert database.stderr.startswith("The database does not answer or refuses: ")
    assert "hidden" not in database.stderr
    kafka = command("topics", "check", LEDGERBRIDGE_KAFKA="127.0.0.1:1")
    assert (kafka.returncode, kafka.stdout) == (1, "")
    assert "Traceback" not in kafka.stderr
    client = {"LEDGERBRIDGE_CLIENT": "one", "LEDGERBRIDGE_CLIENT_SECRET": "hidden"}
    service = command("records", "counts", LEDGERBRIDGE_INVOICE_SERVICE_URL="http://127.0.0.1:1", **client)
    assert service.returncode == 1
    assert service.stderr.startswith("invoice-service does not answer at http://127.0.0.1:1")


async def test_prepare_writes_logins_that_work_and_keeps_their_passwords(
    command: Command, fresh_database: str, tmp_path: Path
) -> None:
    given, folder = {"LEDGERBRIDGE_DATABASE": fresh_database}, tmp_path / "logins"
    first = command("database", "prepare", "--write", str(folder), **given)
    assert first.returncode == 0, first.stderr
    file = folder / "webhook-gateway.env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_text()
    assert not any(line.split(":")[2].split("@")[0] in first.stdout for line in before.splitlines())

    migrated = command("migrate", **given)
    assert migrated.returncode == 0, migrated.stderr
    assert "webhook-gateway: messaging/0001_outbox.sql" in migrated.stdout
    assert "webhook-gateway: up to date" in command("migrate", **given).stdout

    assert command("database", "prepare", "--write", str(folder), **given).returncode == 0
    assert file.read_text() == before
    app = dict(line.split("=", 1) for line in before.splitlines())["LEDGERBRIDGE_DATABASE_APP"]
    connection = await asyncpg.connect(app)
    try:
        assert await connection.fetchval("select current_user") == RoleNames("webhook_gateway").app
    finally:
        await connection.close()


def test_topics_are_made_once_and_other_partitions_are_refused(
    command: Command, kafka_server: str, topic_prefix: str
) -> None:
    given = {"LEDGERBRIDGE_KAFKA": kafka_server, "LEDGERBRIDGE_TOPIC_PREFIX": topic_prefix}
    missing = command("topics", "check", LEDGERBRIDGE_TOPIC_PARTITIONS="2", **given)
    assert missing.returncode == 1
    assert f"{topic_prefix}invoices" in missing.stderr
    assert f"{topic_prefix}invoices" in command("topics", "create", LEDGERBRIDGE_TOPIC_PARTITIONS="2", **given).stdout
    assert command("topics", "create", LEDGERBRIDGE_TOPIC_PARTITIONS="2", **given).stdout == "Every topic is there\n"
    other = command("topics", "check", LEDGERBRIDGE_TOPIC_PARTITIONS="3", **given)
    assert other.returncode == 1
    assert "partitions are never changed in place" in other.stderr
