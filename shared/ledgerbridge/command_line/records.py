"""`ledgerbridge records`: what the record index of a service knows, and trying again what failed."""

from typing import Annotated

import typer

from ledgerbridge.command_line.asking import Asking

records_commands = typer.Typer(no_args_is_help=True, help="Every synced record: in sync, pending, failed, excluded.")

AService = Annotated[str, typer.Option(help="whose records")]
AnAccount = Annotated[str | None, typer.Option(help="HubSpot account whose client asks, if there are several")]
INVOICE_SERVICE = "invoice-service"


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(records_commands, name="records")


@records_commands.command("counts")
def counts(service: AService = INVOICE_SERVICE, account: AnAccount = None) -> None:
    """How many records there are of each kind in each state."""
    for row in Asking(service, account).ask("GET", "/records/counts"):
        typer.echo(f"{row['kind']:<20} {row['state']:<10} {row['count']:>8}")


@records_commands.command("list")
def list_records(
    state: Annotated[str | None, typer.Option(help="pending, failed, excluded or in_sync")] = None,
    kind: Annotated[str | None, typer.Option(help="such as invoice, payment, deal-properties, order")] = None,
    service: AService = INVOICE_SERVICE,
    account: AnAccount = None,
) -> None:
    """The records, with reason and remedy of those that failed or are excluded."""
    asking, after = Asking(service, account), None
    while True:
        page = asking.ask("GET", "/records", state=state, kind=kind, after=after)
        for row in page["results"]:
            typer.echo(f"{row['kind']:<16} {row['subject_id']:<38} {row['state']:<10} {row.get('reason') or ''}")
            if row.get("remedy"):
                typer.echo(f"{'':<16} {row['remedy']}")
        after = page.get("after")
        if after is None:
            return


@records_commands.command("retry")
def retry(
    kind: Annotated[str, typer.Option(help="kind of the records")],
    key: Annotated[list[str] | None, typer.Option(help="own id of a record (repeatable)")] = None,
    reason_code: Annotated[str | None, typer.Option(help="all that failed with this code")] = None,
    service: AService = INVOICE_SERVICE,
    account: AnAccount = None,
) -> None:
    """Try failed records again: those named, or all with one cause."""
    body = {"kind": kind, "keys": key} if key else {"kind": kind, "reason_code": reason_code}
    done = Asking(service, account).ask("POST", "/records/retry", body)
    typer.echo(f"Records tried again: {done['retried']}")
