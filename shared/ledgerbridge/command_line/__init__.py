"""The command `ledgerbridge`.

Each module of this package registers its commands; a service adds its own through the entry points
`ledgerbridge.commands`, each of which loads to a `typer.Typer` that becomes a group of that name.
"""

import sys
from importlib.metadata import entry_points

import typer
from aiokafka.errors import KafkaError

from ledgerbridge.command_line import accounts, preparing, records, replaying, up
from ledgerbridge.command_line.asking import AskingFailedError
from ledgerbridge.command_line.surroundings import NotFoundError
from ledgerbridge.errors import LedgerbridgeError
from ledgerbridge.messaging.topics import TopicRefusedError
from ledgerbridge.service import logs
from ledgerbridge.storage import MigrationRefusedError
from ledgerbridge.storage.outages import DATABASE_ERRORS

REFUSALS = (AskingFailedError, NotFoundError, TopicRefusedError, MigrationRefusedError)
"""Errors whose text is all that a person needs."""


def build() -> typer.Typer:
    """All commands that are installed here."""
    app = typer.Typer(
        name="ledgerbridge",
        help="Joins HubSpot with QuickBooks Online, on your own machines.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    # A callback keeps a single command from becoming the whole program.
    app.callback()(lambda: None)
    for module in (up, accounts, preparing, replaying, records):
        module.register(app)
    for entry in sorted(entry_points(group="ledgerbridge.commands"), key=lambda one: one.name):
        app.add_typer(entry.load(), name=entry.name)
    return app


def main() -> None:
    """Run the command that the arguments name; an error is one sentence on stderr and status 1."""
    # A command says what it did in its own words; the log is for what went wrong beside that.
    logs.configure("command-line", form="console", level="error", out=sys.stderr)
    try:
        build()()
    except LedgerbridgeError as error:
        _refuse(f"{error.sentence} {error.remedy}")
    except REFUSALS as error:
        _refuse(str(error))
    except KafkaError as error:
        _refuse(f"Kafka does not answer: {error}")
    except DATABASE_ERRORS as error:
        _refuse(f"The database does not answer or refuses: {error}")


def _refuse(sentence: str) -> None:
    typer.echo(sentence.strip(), err=True)
    sys.exit(1)
