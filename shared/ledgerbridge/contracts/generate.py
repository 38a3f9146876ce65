"""Write the committed contracts from the models: `python -m ledgerbridge.contracts.generate [--check]`.

`schemas/<type>.json` (JSON Schema 2020-12, as the messages are written) and `asyncapi.json` (AsyncAPI 3.0). With
`--check` nothing is written; status 1 and the names where a file differs.
"""

import json
import sys
from pathlib import Path
from typing import Any

from ledgerbridge.contracts.messages import BY_TOPIC, BY_TYPE, PRODUCERS
from ledgerbridge.contracts.model import Command, Message
from ledgerbridge.contracts.topics import Topic

HERE = Path(__file__).parent
PREFIX = "ledgerbridge."
HEADERS: dict[str, tuple[str, dict[str, Any], bool]] = {
    "ce_specversion": ("the version of CloudEvents", {"const": "1.0"}, True),
    "ce_id": ("unique together with the source", {"type": "string", "minLength": 1}, True),
    "ce_source": ("who says it", {"type": "string", "minLength": 1}, True),
    "ce_type": ("which of the messages this is", {"type": "string"}, True),
    "ce_subject": ("what it is about", {"type": "string"}, False),
    "ce_time": ("when it happened, RFC 3339", {"type": "string", "format": "date-time"}, False),
    "ce_dataschema": ("the name of the JSON Schema", {"type": "string"}, False),
    "ce_sequence": (
        "counts the events of one topic and key from 1, no gap",
        {"type": "string", "pattern": "^[0-9]+$"},
        False,
    ),
    "ce_correlationid": ("what belongs together", {"type": "string"}, False),
    "ce_causationid": ("the id of the event or request that caused this one", {"type": "string"}, False),
    "ce_actor": ("the person or program behind it", {"type": "string"}, False),
    "ce_tenant": ("the tenant", {"type": "string", "pattern": "^[0-9]+$"}, False),
    "ce_connection": ("the connection", {"type": "string", "pattern": "^[0-9]+$"}, False),
    "ce_traceparent": ("W3C trace context", {"type": "string"}, False),
}


def schema(model: type[Message]) -> dict[str, Any]:
    """A message's JSON Schema. What we write may grow by a field, so only commands refuse unknown ones."""
    if issubclass(model, Command):
        made = model.model_json_schema(mode="validation")
    else:
        made = model.model_json_schema(mode="serialization")
        _let_grow(made)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": model.dataschema(),
        **made,
    }


def _let_grow(part: Any) -> None:
    if isinstance(part, dict):
        if part.get("additionalProperties") is False:
            del part["additionalProperties"]
        for value in part.values():
            _let_grow(value)
    elif isinstance(part, list):
        for value in part:
            _let_grow(value)


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3.0 document: every topic with its messages, from the view of Ledgerbridge."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Ledgerbridge on Kafka",
            "version": "1.0.0",
            "description": "CloudEvents 1.0, Kafka binding, binary mode. See docs/events.md.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in BY_TOPIC},
        "operations": {_operation(topic): _action(topic) for topic in BY_TOPIC},
        "components": {"messages": {model.type: _message(model) for model in BY_TYPE.values()}},
    }


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": PREFIX + topic.name,
        "title": topic.content,
        "description": f"Key `{topic.key}`; {_kept(topic)}. Written by {PRODUCERS[topic].name}.",
        "messages": {model.type: {"$ref": f"#/components/messages/{model.type}"} for model in BY_TOPIC[topic]},
        "bindings": {"kafka": {"topic": PREFIX + topic.name, "bindingVersion": "0.5.0"}},
    }


def _kept(topic: Topic) -> str:
    return "compacted" if topic.kept is None else f"kept {topic.kept.days} days"


def _operation(topic: Topic) -> str:
    return f"{'receive' if PRODUCERS[topic].open else 'send'}-{topic.name}"


def _action(topic: Topic) -> dict[str, Any]:
    return {
        "action": "receive" if PRODUCERS[topic].open else "send",
        "channel": {"$ref": f"#/channels/{topic.name}"},
        "summary": topic.content,
    }


def _message(model: type[Message]) -> dict[str, Any]:
    properties = {name: {"description": said, **rule} for name, (said, rule, _needed) in HEADERS.items()}
    properties["ce_type"] = {"description": HEADERS["ce_type"][0], "const": model.type}
    return {
        "name": model.type,
        "title": model.__name__,
        "summary": summary(model),
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "properties": properties,
            "required": [name for name, (_said, _rule, needed) in HEADERS.items() if needed],
        },
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {"$ref": f"schemas/{model.type}.json"},
        },
    }


def summary(model: type[Message]) -> str:
    """The first sentence of the model's documentation."""
    return (model.__doc__ or "").strip().split("\n", 1)[0]


def documents() -> dict[Path, str]:
    """Every generated file with its text."""
    files = {HERE / "schemas" / f"{name}.json": schema(model) for name, model in sorted(BY_TYPE.items())}
    files[HERE / "asyncapi.json"] = asyncapi()
    return {path: json.dumps(made, indent=1, ensure_ascii=False) + "\n" for path, made in files.items()}


def differing() -> list[str]:
    """The names of committed files that differ from what the models say, or that no model stands behind."""
    wanted = documents()
    stale = [path.name for path in (HERE / "schemas").glob("*.json") if path not in wanted]
    changed = [path.name for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    return sorted(stale + changed)


def main(arguments: list[str]) -> int:
    """Write, or compare with `--check`."""
    if "--check" in arguments:
        names = differing()
        sys.stdout.write("".join(f"{name} differs; run python -m ledgerbridge.contracts.generate\n" for name in names))
        return 1 if names else 0
    (HERE / "schemas").mkdir(exist_ok=True)
    for path in (HERE / "schemas").glob("*.json"):
        path.unlink()
    for path, text in documents().items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
