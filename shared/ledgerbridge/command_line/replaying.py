"""`ledgerbridge receipts replay` and `ledgerbridge rebuild`: telling again what was told."""

import asyncio
from datetime import UTC, datetime
from getpass import getuser
from typing import Annotated

import asyncpg
import typer

from ledgerbridge.command_line.accounts import open_desk
from ledgerbridge.command_line.asking import Asking, client_of
from ledgerbridge.command_line.preparing import make_topics
from ledgerbridge.command_line.surroundings import (
    NotFoundError,
    admin_dsn,
    broker,
    pages_base,
    service_settings,
    services,
)
from ledgerbridge.contracts.topics import INVOICE_COMMANDS
from ledgerbridge.messaging import outbox
from ledgerbridge.storage import RoleNames

receipts_commands = typer.Typer(no_args_is_help=True, help="Webhooks as they were received.")

Moment = Annotated[str, typer.Option(help="a moment like 2026-11-23T10:00:00+00:00, UTC where no offset is given")]
AnAccount = Annotated[str | None, typer.Option(help="HubSpot account whose client asks, if there are several")]


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    receipts_commands.callback()(lambda: None)
    app.add_typer(receipts_commands, name="receipts")
    app.command("rebuild")(rebuild)


@receipts_commands.command("replay")
def replay(since: Moment, until: Moment, account: AnAccount = None) -> None:
    """Tell again what the vendors told with since <= received < until; harmless to repeat."""
    body = {"since": _moment("since", since).isoformat(), "until": _moment("until", until).isoformat()}
    _replay(Asking("webhook-gateway", client_of(account)), body)


def rebuild(since: Moment) -> None:
    """After the broker was wiped: make the topics, publish again what was published since, replay the receipts.

    Consumers see some things twice, which harms none of them: ids and sequence numbers are the same as before.
    """
    start, now = _moment("since", since), datetime.now(UTC)
    tokens = asyncio.run(_tokens())
    made = make_topics()
    typer.echo(f"Topics made: {', '.join(made) or 'none were missing'}")
    for name, count in asyncio.run(_republish(start)).items():
        typer.echo(f"{name}: {count} records of the outbox will be published again")
    for account, token in tokens.items():
        typer.echo(f"HubSpot account {account}: ", nl=False)
        _replay(Asking("webhook-gateway", token), {"since": start.isoformat(), "until": _far(now)})
    typer.echo(
        f"Not in our keeping: commands on {broker().prefix}{INVOICE_COMMANDS.name} that no service had read. Producers "
        f"resend those that they sent from {start.isoformat()} to {now.isoformat(timespec='seconds')} and that have no "
        "result on command-results; a command that is resent with its own key is done once."
    )


def _far(now: datetime) -> str:
    """Receipts are dated by business time, which may be ahead of this machine's in a sandbox."""
    return now.replace(year=now.year + 5, month=1, day=1).isoformat()


def _replay(asking: Asking, window: dict[str, str]) -> None:
    done = asking.ask("POST", "/receipts/replay", window)
    typer.echo(f"receipts read: {done['receipts']}; notices told again: {done['notices']}")


async def _tokens() -> dict[str, str]:
    """A token for every HubSpot account: who may rebuild the installation acts for all of them."""
    async with open_desk(service_settings(), pages_base()) as desk:
        return {
            account.external_id: await desk.callers.issue_person_token(
                account.tenant_id, "operator", getuser(), "finance"
            )
            for account in await desk.accounts.accounts()
            if account.vendor == "hubspot"
        }


async def _republish(since: datetime) -> dict[str, int]:
    """Let every service's relay publish its outbox again; how many records, by service."""
    connection = await asyncpg.connect(admin_dsn())
    try:
        counts = {}
        for service in services():
            async with connection.transaction():
                await connection.execute(f'set local role "{RoleNames(service.schema).engine}"')
                await connection.execute(f'set local search_path = "{service.schema}"')
                counts[service.name] = await outbox.republish(connection, since)
        return counts
    finally:
        await connection.close()


def _moment(option: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise NotFoundError(f"--{option} {text!r} is no moment; write one like 2026-11-23T10:00:00+00:00.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
