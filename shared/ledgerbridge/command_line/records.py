"""`ledgerbridge records`: what the record index of a service knows, and trying again what failed."""

from typing import Annotated

import typer

from ledgerbridge.command_line.asking import Asking, client_of

records_commands = typer.Typer(no_args_is_help=True, help="Every synced record: in sync, pending, failed, excluded.")

AService = Annotated[str, typer.Option(help="whose records")]
AnAccount = Annotated[str | None, typer.Option(help="HubSpot account whose client asks, if there are several")]
INVOICE_SERVICE = "invoice-service"


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(records_commands, name="records")


@records_commands.command("counts")
def counts(service: AService = INVOICE_SERVICE, account: AnAccount = None) -> None:
    """How many records there are of each kind, in each state, for each reason."""
    for row in Asking(service, client_of(account)).ask("GET", "/records/counts"):
        reason = row["reason_code"] or ""
        typer.echo(
            f"connection {row['connection_id']:<5} {row['kind']:<18} {row['state']:<10} {row['records']:>8} {reason}"
        )


@records_commands.command("list")
def list_records(
    state: Annotated[str | None, typer.Option(help="failed, waiting or excluded")] = None,
    kind: Annotated[str | None, typer.Option(help="such as invoice, payment, deal-properties, order")] = None,
    service: AService = INVOICE_SERVICE,
    account: AnAccount = None,
) -> None:
    """The records that are not in sync, with reason and remedy."""
    asking, after = Asking(service, client_of(account)), None
    while True:
        page = asking.ask("GET", "/records", state=state, kind=kind, after=after)
        for row in page["records"]:
            typer.echo(f"{row['kind']:<18} {row['subject_id']:<38} {row['state']:<10} {row['reason'] or ''}")
            if row["remedy"]:
                typer.echo(f"{'':<18} {row['remedy']}")
        after = page["after"]
        if after is None:
            return


@records_commands.command("retry")
def retry(
    kind: Annotated[str | None, typer.Option(help="kind of the records")] = None,
    record: Annotated[str | None, typer.Option(help="own id of one record")] = None,
    reason_code: Annotated[str | None, typer.Option(help="all that failed with this code")] = None,
    connection: Annotated[int | None, typer.Option(help="all of this connection")] = None,
    service: AService = INVOICE_SERVICE,
    account: AnAccount = None,
) -> None:
    """Try records again now: one, or all of a kind, a reason, a connection."""
    named = {"kind": kind, "subject_id": record, "reason_code": reason_code, "connection_id": connection}
    body = {name: value for name, value in named.items() if value is not None}
    done = Asking(service, client_of(account)).ask("POST", "/records/retry", body)
    typer.echo(f"Records tried again: {done['records']}")
