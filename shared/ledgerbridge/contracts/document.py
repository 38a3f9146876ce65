"""Write `docs/events.md` from the contracts: `python -m ledgerbridge.contracts.document FILE [--check]`.

The words stand here, the tables come from the models, the examples from `docs/examples`.
"""

import sys
from pathlib import Path
from typing import Any

from ledgerbridge.contracts.generate import HEADERS, PREFIX, schema
from ledgerbridge.contracts.messages import BY_TOPIC, PRODUCERS
from ledgerbridge.contracts.model import Message
from ledgerbridge.contracts.topics import Topic

INTRODUCTION = """# Events and commands

Ledgerbridge speaks to the message bus in CloudEvents 1.0 (Kafka binding): the value is JSON, the attributes are headers
(binary mode). Commands may also come in structured mode (`content-type: application/cloudevents+json`).

This page is generated from the contracts (`python -m ledgerbridge.contracts.document docs/events.md`). Their machine
form is `shared/ledgerbridge/contracts/asyncapi.json` and `schemas/*.json` beside it.

Rules that hold for all messages:

- Amounts, quantities and rates are decimal strings (`"1250.00"`), never numbers; the currency stands beside them. Times
  carry an offset. Ids are strings.
- Messages may come more than once. An event's id stays the same, and `ce_sequence` counts the events of one topic and
  key from 1 without a gap: what is not higher than what you have seen is old. Notices (`…-changes`) carry no sequence.
- Messages may grow by fields: pass over what you do not know. Commands are read strictly: an unknown field is refused.
- A value is at most 512 kB; an invoice's last lines are left out beyond that (`lines_omitted`).
- An empty value on a compacted topic says that the key is gone.
- What cannot be read goes to `dead-letters.<service>` byte for byte, with headers `dead-letter-code`, `-reason`,
  `-topic`, `-partition`, `-offset` and `-at`.
"""

ASKING = """## Asking for an invoice

The answer comes on `command-results`: `CommandAccepted` or `CommandRefused`, then for an accepted one exactly one of
`CommandSucceeded` and `CommandFailed`. They name the command by its id (`command_id`). Sending the same command again
is harmless: its key is (tenant, source, `idempotency_key` or id), remembered for 90 days; the same key with other
content is refused with `IDEMPOTENCY_CONFLICT`. Codes are listed in [errors.md](errors.md).
"""


def page(examples: Path) -> str:
    """The whole page."""
    shell = (examples / "create_invoice.sh").read_text().partition("set -eu\n")[2]
    python = (examples / "create_invoice.py").read_text()
    asking = (
        f"{ASKING}\nWith kcat ([create_invoice.sh](examples/create_invoice.sh)):\n\n```sh\n{shell}```\n\n"
        f"In Python ([create_invoice.py](examples/create_invoice.py)):\n\n```python\n{python}```\n"
    )
    return "\n".join([INTRODUCTION, _topics(), _headers(), asking, *map(_section, BY_TOPIC)])


def _topics() -> str:
    rows = [
        f"| `{topic.name}` | {topic.content} | `{topic.key}` | {PRODUCERS[topic].name} | {_kept(topic)} |"
        for topic in BY_TOPIC
    ]
    head = f"## Topics\n\nNames are prefixed by a setting (default `{PREFIX}`).\n\n"
    return head + "\n".join(["| topic | content | key | written by | kept |", "|---|---|---|---|---|", *rows, ""])


def _kept(topic: Topic) -> str:
    return "newest of each key" if topic.kept is None else f"{topic.kept.days} days"


def _headers() -> str:
    rows = [f"| `{name}` | {said} | {'yes' if needed else ''} |" for name, (said, _rule, needed) in HEADERS.items()]
    return "## Headers\n\n" + "\n".join(["| header | meaning | required |", "|---|---|---|", *rows, ""])


def _section(topic: Topic) -> str:
    return "\n".join([f"## {topic.name}", "", *[_message(model) for model in BY_TOPIC[topic]]])


def _message(model: type[Message]) -> str:
    made = schema(model)
    needed = set(made.get("required", ()))
    rows = [
        f"| `{name}` | {_type(rule)} | {'yes' if name in needed else ''} | {rule.get('description', '')} |"
        for name, rule in made["properties"].items()
    ]
    text = " ".join((model.__doc__ or "").split())
    table = "\n".join(["| field | type | always | meaning |", "|---|---|---|---|", *rows])
    return f"### {model.__name__}\n\n`{model.type}`: {text}\n\n{table}\n"


def _type(rule: dict[str, Any]) -> str:
    if "anyOf" in rule:
        return " or ".join(dict.fromkeys(_type(one) for one in rule["anyOf"]))
    if "$ref" in rule:
        return str(rule["$ref"]).rpartition("/")[2]
    if "enum" in rule or "const" in rule:
        return ", ".join(f"`{value}`" for value in rule.get("enum", [rule.get("const")]))
    if rule.get("type") == "array":
        return f"list of {_type(rule.get('items', {}))}"
    exact = str(rule.get("pattern", "")).startswith("^-?[0-9]")
    return "decimal string" if exact else str(rule.get("format") or rule.get("type", "any"))


def main(arguments: list[str]) -> int:
    """Write the page, or compare it with `--check`."""
    target = Path(next(argument for argument in arguments if not argument.startswith("--")))
    text = page(target.parent / "examples")
    if "--check" in arguments:
        return 0 if target.exists() and target.read_text() == text else 1
    target.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
