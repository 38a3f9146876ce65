"""`/crm/properties`: definitions and groups (hubspot.md 9)."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from ledgerbridge_sandbox.hubspot.batches import envelope
from ledgerbridge_sandbox.hubspot.errors import RefusalError, invalid, not_found
from ledgerbridge_sandbox.hubspot.exchange import NEWEST, Answer, Exchange, method_not_allowed
from ledgerbridge_sandbox.hubspot.object_types import object_type
from ledgerbridge_sandbox.hubspot.properties import PropertyRegistry, missing_property
from ledgerbridge_sandbox.hubspot.scopes import need_schema
from ledgerbridge_sandbox.hubspot.values import milliseconds_text

_MOST_INPUTS = 100


def serve(exchange: Exchange) -> Answer:
    """Everything below `/crm/properties/{version}`."""
    if not exchange.steps:
        raise not_found()
    kind = object_type(exchange.steps[0])
    reads = exchange.method == "GET" or exchange.steps[1:] == ["batch", "read"]
    need_schema(exchange, kind, "read" if reads else "write")
    registry = exchange.account.properties[kind.type_id]
    match exchange.steps[1:]:
        case []:
            return _collection(exchange, registry)
        case ["groups"]:
            return _groups(exchange, registry)
        case ["groups", name]:
            return _group(exchange, registry, name)
        case ["batch", verb] if exchange.method == "POST" and verb in _BATCHES:
            return _BATCHES[verb](exchange, registry)
        case [name]:
            return _single(exchange, registry, name)
    raise not_found()


def _stamp(exchange: Exchange) -> str:
    return milliseconds_text(exchange.world.clock.now())


def _collection(exchange: Exchange, registry: PropertyRegistry) -> Answer:
    if exchange.method == "POST":
        return Answer(HTTPStatus.CREATED, _create(exchange, registry, exchange.json()))
    if exchange.method != "GET":
        raise method_not_allowed()
    sensitivity, names = exchange.one("dataSensitivity", "non_sensitive"), exchange.listed("properties")
    found = [
        definition
        for definition in _shelf(exchange, registry).values()
        if definition["dataSensitivity"] == sensitivity and (not names or definition["name"] in names)
    ]
    return Answer(HTTPStatus.OK, {"results": found})


def _shelf(exchange: Exchange, registry: PropertyRegistry) -> dict[str, Any]:
    return registry.archived if exchange.flag("archived") else registry.definitions


def _create(exchange: Exchange, registry: PropertyRegistry, wanted: dict[str, Any]) -> dict[str, Any]:
    taken = bool(exchange.world.settings["hubspot"]["calculation_equation"])
    return registry.create(wanted, _stamp(exchange), formulas_taken=taken, orders_required=exchange.version == NEWEST)


def _single(exchange: Exchange, registry: PropertyRegistry, name: str) -> Answer:
    if exchange.method == "GET":
        found = _shelf(exchange, registry).get(name)
        if found is None:
            raise missing_property(name)
        return Answer(HTTPStatus.OK, found)
    if exchange.method == "PATCH":
        return Answer(HTTPStatus.OK, registry.change(name, exchange.json(), _stamp(exchange)))
    if exchange.method == "DELETE":
        registry.archive(name, _stamp(exchange))
        return Answer(HTTPStatus.NO_CONTENT)
    raise method_not_allowed()


def _groups(exchange: Exchange, registry: PropertyRegistry) -> Answer:
    if exchange.method == "POST":
        return Answer(HTTPStatus.CREATED, registry.create_group(exchange.json()))
    if exchange.method != "GET":
        raise method_not_allowed()
    return Answer(HTTPStatus.OK, {"results": list(registry.groups.values())})


def _group(exchange: Exchange, registry: PropertyRegistry, name: str) -> Answer:
    present = registry.groups.get(name)
    if present is None:
        raise not_found(f"Property group {name} does not exist")
    if exchange.method == "PATCH":
        body = exchange.json()
        registry.groups[name] = {**present, **{key: body[key] for key in ("label", "displayOrder") if key in body}}
    elif exchange.method == "DELETE":
        if any(found["groupName"] == name for found in registry.definitions.values()):
            raise invalid(f"Property group {name} still has properties")
        del registry.groups[name]
        return Answer(HTTPStatus.NO_CONTENT)
    elif exchange.method != "GET":
        raise method_not_allowed()
    return Answer(HTTPStatus.OK, registry.groups[name])


def _batch_create(exchange: Exchange, registry: PropertyRegistry) -> Answer:
    """Each for itself; a name that exists becomes an error entry with category CONFLICT (guess)."""
    return _each(exchange, lambda one: _create(exchange, registry, one), HTTPStatus.CREATED)


def _batch_read(exchange: Exchange, registry: PropertyRegistry) -> Answer:
    shelf = registry.archived if exchange.json().get("archived") is True else registry.definitions

    def read(one: dict[str, Any]) -> dict[str, Any]:
        name = str(one.get("name"))
        if name not in shelf:
            raise missing_property(name)
        return dict(shelf[name])

    return _each(exchange, read, HTTPStatus.OK)


def _batch_archive(exchange: Exchange, registry: PropertyRegistry) -> Answer:
    names = [name for one in exchange.inputs(_MOST_INPUTS) if (name := str(one.get("name"))) in registry.definitions]
    for name in names:
        registry.refuse_archive(name)
    for name in dict.fromkeys(names):
        registry.archive(name, _stamp(exchange))
    return Answer(HTTPStatus.NO_CONTENT)


def _each(exchange: Exchange, work: Callable[[dict[str, Any]], dict[str, Any]], status: int) -> Answer:
    results, errors = [], []
    for one in exchange.inputs(_MOST_INPUTS):
        try:
            results.append(work(one))
        except RefusalError as refused:
            errors.append({**refused.body, "context": {"name": [str(one.get("name"))]}})
    return envelope(exchange, results, errors, status)


_BATCHES: dict[str, Callable[[Exchange, PropertyRegistry], Answer]] = {
    "create": _batch_create,
    "read": _batch_read,
    "archive": _batch_archive,
}
