"""`ledgerbridge up`."""

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("up")(up)


def up(
    sandbox: Annotated[bool, typer.Option("--sandbox", help="Start the simulated vendors too.")] = False,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="SERVICE", help="Start only this service (repeatable).")
    ] = None,
) -> None:
    """Start the product on this machine and keep it running until Ctrl-C.

    Brings its own Kafka and PostgreSQL unless LEDGERBRIDGE_KAFKA and LEDGERBRIDGE_DATABASE name yours. All data stay
    in LEDGERBRIDGE_HOME.
    """
    # Here and not above: the embedded runtime is an optional extra that the other commands do not need.
    from ledgerbridge.embedded.errors import CannotStartError  # noqa: PLC0415
    from ledgerbridge.embedded.settings import EmbeddedSettings  # noqa: PLC0415
    from ledgerbridge.embedded.up import run_up  # noqa: PLC0415

    try:
        run_up(EmbeddedSettings(), _say, sandbox=sandbox, only=only)
    except CannotStartError as refusal:
        typer.echo(f"Cannot start: {refusal}", err=True)
        raise typer.Exit(1) from refusal


def _say(line: str) -> None:
    typer.echo(line)
