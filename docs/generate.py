"""Write the generated pages and contracts: `python docs/generate.py`, or `--check` to compare them."""

import importlib
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import typer
from ledgerbridge.catalogue import CATALOGUE
from ledgerbridge.command_line import build
from ledgerbridge.contracts import document, generate
from ledgerbridge.embedded.settings import EmbeddedSettings
from ledgerbridge.service import ServiceSettings, installed_services
from ledgerbridge.service.metrics import METRICS
from pydantic_settings import BaseSettings

DOCS = Path(__file__).parent


def errors_page() -> str:
    """Every code with its sentence and its remedy."""
    rows = [f"| `{entry.code}` | {entry.sentence} | {entry.remedy} |" for entry in CATALOGUE.values()]
    return "\n".join(
        [
            "# Errors and refusals",
            "",
            "Generated from `ledgerbridge.catalogue`. Words in braces are filled in when it happens.",
            "",
            "| code | what is wrong | what to do |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def settings_page() -> str:
    """Every setting of every service, from the settings classes."""
    sections = [_settings_table("Every service", ServiceSettings, set())]
    shared = set(ServiceSettings.model_fields)
    for service in installed_services():
        own = importlib.import_module(f"{service.package}.settings").Settings
        if set(own.model_fields) - shared:
            sections.append(_settings_table(service.name, own, shared))
    sections.append(_settings_table("`ledgerbridge up`", EmbeddedSettings, shared - {"kafka"}))
    head = "# Settings\n\nGenerated from the settings classes. All are read from the environment.\n"
    return "\n".join([head, *sections])


def _settings_table(title: str, settings: type[BaseSettings], without: set[str]) -> str:
    lines = [f"## {title}", "", "| variable | default | meaning |", "|---|---|---|"]
    for name, field in settings.model_fields.items():
        if name in without:
            continue
        default = "required" if field.is_required() else f"`{field.default}`"
        if field.default_factory:
            default = "see meaning"
        lines.append(f"| `LEDGERBRIDGE_{name.upper()}` | {default} | {field.description or ''} |")
    return "\n".join([*lines, ""])


def commands_page() -> str:
    """Every command of `ledgerbridge` with its options, from the command line itself."""
    lines = [
        "# Commands",
        "",
        (
            "Generated from `ledgerbridge.command_line`. Beside a running `ledgerbridge up` the commands find it by "
            "themselves; else the settings of docs/settings.md name database, Kafka and services, "
            "`LEDGERBRIDGE_<SERVICE>_URL` a service's address, `LEDGERBRIDGE_CLIENT` and `LEDGERBRIDGE_CLIENT_SECRET` "
            "the client in whose name they ask. An error is a sentence on stderr and status 1."
        ),
    ]
    return "\n".join([*lines, *_commands(typer.main.get_command(build()), "ledgerbridge"), ""])


def _commands(command: Any, name: str) -> list[str]:
    inner = getattr(command, "commands", {})
    options = [one for one in command.params if one.param_type_name == "option" and one.name != "help"]
    lines = []
    if not inner or options:
        said = " ".join((command.help or "").split())
        lines += ["", f"## `{name}`", "", said]
        lines += ["", "| option | meaning |", "|---|---|"] if options else []
        lines += [f"| `{', '.join(one.opts)}` | {one.help or ''} |" for one in options]
    for own, one in sorted(inner.items()):
        lines += _commands(one, f"{name} {own}")
    return lines


def metrics_page() -> str:
    """Every metric with its labels, its meaning and its remedy."""
    rows = [
        f"| `{one.name}` | {one.kind} | {_codes(one.labels)} | {one.meaning} | {one.remedy} |"
        for one in METRICS.values()
    ]
    return "\n".join(
        [
            "# Metrics",
            "",
            "Generated from `ledgerbridge.service.metrics`. Every service answers `/metrics` in Prometheus' text form;",
            "each has those of the rooms that it uses. Gauges are read when `/metrics` is asked.",
            "",
            "| metric | kind | labels | meaning | what to do |",
            "|---|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _codes(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


PAGES = {
    "commands.md": commands_page,
    "errors.md": errors_page,
    "metrics.md": metrics_page,
    "settings.md": settings_page,
}


def main() -> int:
    """Write pages and contracts, or compare them with `--check`; answers the exit status."""
    contracts = generate.main(sys.argv[1:]) | document.main([str(DOCS / "events.md"), *sys.argv[1:]])
    stale = [name for name, page in PAGES.items() if not _same(DOCS / name, page())]
    if "--check" in sys.argv:
        for name in stale:
            sys.stderr.write(f"docs/{name} is out of date: run `make docs`\n")
        return 1 if stale or contracts else 0
    for name in stale:
        (DOCS / name).write_text(PAGES[name]())
    return 0


def _same(path: Path, text: str) -> bool:
    return path.exists() and path.read_text() == text


if __name__ == "__main__":
    sys.exit(main())
