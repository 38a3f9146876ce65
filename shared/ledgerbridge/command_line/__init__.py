"""The command `ledgerbridge`.

Each module of this package registers its commands; a service adds its own through the entry points
`ledgerbridge.commands`, each of which loads to a `typer.Typer` that becomes a group of that name.
"""

from importlib.metadata import entry_points

import typer

from ledgerbridge.command_line import up


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
    for module in (up,):
        module.register(app)
    for entry in sorted(entry_points(group="ledgerbridge.commands"), key=lambda one: one.name):
        app.add_typer(entry.load(), name=entry.name)
    return app


def main() -> None:
    """Run the command that the arguments name."""
    build()()
