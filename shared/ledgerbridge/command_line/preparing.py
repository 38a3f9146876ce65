"""`ledgerbridge database prepare`, `ledgerbridge migrate`, `ledgerbridge topics create|check`.

`ledgerbridge up` does all of it by itself; these are for an installation on Kafka and PostgreSQL of yours.
"""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote, urlsplit

import typer

from ledgerbridge.command_line.surroundings import admin_dsn, broker, services
from ledgerbridge.embedded.private_files import write_private
from ledgerbridge.messaging import topics as kafka_topics
from ledgerbridge.service.description import topics_of
from ledgerbridge.storage import RoleNames, migrate, prepare
from ledgerbridge.storage.migrations import migrate_shared

database_commands = typer.Typer(no_args_is_help=True, help="The database of an installation.")
topics_commands = typer.Typer(no_args_is_help=True, help="The topics of an installation.")
APP, ENGINE = "LEDGERBRIDGE_DATABASE_APP", "LEDGERBRIDGE_DATABASE_ENGINE"


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    database_commands.callback()(lambda: None)
    app.add_typer(database_commands, name="database")
    app.command("migrate")(migrate_all)
    app.add_typer(topics_commands, name="topics")


@database_commands.command("prepare")
def prepare_database(
    write: Annotated[Path, typer.Option(help="folder for one file of settings per service, with passwords")],
) -> None:
    """Make or mend roles and schemas; write how each service logs in to FOLDER/<service>.env (mode 0600).

    Passwords in files of that folder are kept; without a file a role gets a new one.
    """
    files = {service.schema: write / f"{service.name}.env" for service in services()}
    known = {role: password for schema, file in files.items() for role, password in _passwords(schema, file).items()}
    roles = asyncio.run(prepare(admin_dsn(), list(files), passwords=known))
    write.mkdir(mode=0o700, parents=True, exist_ok=True)
    for schema, file in files.items():
        write_private(file, f"{APP}={roles[schema].app_dsn}\n{ENGINE}={roles[schema].engine_dsn}\n")
        typer.echo(str(file))


def _passwords(schema: str, file: Path) -> dict[str, str]:
    """The passwords of a schema's roles in a file written before."""
    if not file.exists():
        return {}
    names = RoleNames(schema)
    rows = dict(line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)
    found = {role: urlsplit(rows.get(name, "")).password for role, name in ((names.app, APP), (names.engine, ENGINE))}
    return {role: unquote(password) for role, password in found.items() if password}


def migrate_all() -> None:
    """Bring the tables of the shared schema and of every installed service up to date."""

    async def work() -> None:
        dsn = admin_dsn()
        _say("shared", await migrate_shared(dsn))
        for service in services():
            _say(service.name, await migrate(dsn, service.schema, service.migrations))

    asyncio.run(work())


def _say(name: str, applied: Iterable[str]) -> None:
    typer.echo(f"{name}: {', '.join(applied) or 'up to date'}")


@topics_commands.command("create")
def create_topics() -> None:
    """Make the topics that are missing; refuse one that has another number of partitions."""
    made = make_topics()
    typer.echo(f"Made {', '.join(made)}" if made else "Every topic is there")


def make_topics() -> list[str]:
    """Make what is missing of the topics of every installed service; answer the names made."""
    kafka = broker()
    wanted = topics_of(services())
    return asyncio.run(kafka_topics.create(kafka.servers, kafka.prefix, wanted, kafka.partitions, kafka.replicas))


@topics_commands.command("check")
def check_topics() -> None:
    """Say which topics are missing or have another number of partitions; status 1 where one does."""
    kafka = broker()
    wanted = topics_of(services())
    missing = asyncio.run(kafka_topics.missing(kafka.servers, kafka.prefix, wanted, kafka.partitions))
    if missing:
        typer.echo(f"Missing: {', '.join(missing)}. Make them with `ledgerbridge topics create`.", err=True)
        raise typer.Exit(1)
    typer.echo(f"Every topic is there ({len(wanted)}, {kafka.partitions} partitions each)")
