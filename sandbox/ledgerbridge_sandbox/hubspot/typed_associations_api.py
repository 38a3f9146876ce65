"""
The associations paths of v3, where types go by name: `/crm/v3/associations/…`, `/crm/v3/objects/…/associations/…`.

They are gone from the dated family (hubspot.md 1). Shapes as the SDK for v3 has them.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from ledgerbridge_sandbox.hubspot.association_types import AssociationType
from ledgerbridge_sandbox.hubspot.batches import envelope
from ledgerbridge_sandbox.hubspot.errors import RefusalError, invalid, not_found
from ledgerbridge_sandbox.hubspot.exchange import Answer, Exchange, method_not_allowed
from ledgerbridge_sandbox.hubspot.object_types import ObjectType, object_type
from ledgerbridge_sandbox.hubspot.scopes import need
from ledgerbridge_sandbox.hubspot.views import living_ends, shown

_MOST_WRITTEN = 2000
_MOST_READ = 1000
_PAGE = 500


def serve(exchange: Exchange) -> Answer:
    """Below `/crm/v3/associations`."""
    match exchange.method, exchange.steps:
        case "GET", [from_name, to_name, "types"]:
            start, end = _pair(exchange, object_type(from_name), to_name, "read")
            kinds = exchange.account.labels.between(start.type_id, end.type_id).values()
            return Answer(HTTPStatus.OK, {"results": [{"id": str(k.type_id), "name": k.name} for k in kinds]})
        case "POST", [from_name, to_name, "batch", verb] if verb in _BATCHES:
            start, end = _pair(exchange, object_type(from_name), to_name, "read" if verb == "read" else "write")
            return _BATCHES[verb](exchange, start, end)
    raise not_found()


def of_record(exchange: Exchange, start: ObjectType, from_id: str, rest: list[str]) -> Answer:
    """Below `/crm/v3/objects/{type}/{id}/associations`."""
    match exchange.method, rest:
        case "GET", [name]:
            _, end = _pair(exchange, start, name, "read")
            living = exchange.crm().read(start, from_id)["id"]
            return Answer(HTTPStatus.OK, _ends(exchange, start, living, end))
        case "PUT", [name, to_id, type_name]:
            _, end = _pair(exchange, start, name, "write")
            exchange.crm().connect([_named(exchange, start, end, type_name)], from_id, to_id, replace=False)
            return Answer(HTTPStatus.OK, shown(exchange.account, start, exchange.crm().read(start, from_id)))
        case "DELETE", [name, to_id, type_name]:
            _, end = _pair(exchange, start, name, "write")
            kind = _named(exchange, start, end, type_name)
            exchange.crm().disconnect(start, from_id, end, to_id, {kind.type_id})
            return Answer(HTTPStatus.NO_CONTENT)
        case _, [_] | [_, _, _]:
            raise method_not_allowed()
    raise not_found()


def _pair(exchange: Exchange, start: ObjectType, name: str, verb: str) -> tuple[ObjectType, ObjectType]:
    end = object_type(name)
    need(exchange, start, verb)
    need(exchange, end, verb)
    return start, end


def _named(exchange: Exchange, start: ObjectType, end: ObjectType, name: Any) -> AssociationType:
    """A type by its name or its id."""
    for found in exchange.account.labels.between(start.type_id, end.type_id).values():
        if str(name) in {found.name, str(found.type_id)}:
            return found
    raise invalid(f"{name} is not a valid association type between {start.plural} and {end.plural}")


def _ends(exchange: Exchange, start: ObjectType, from_id: str, end: ObjectType) -> dict[str, Any]:
    between = exchange.account.labels.between(start.type_id, end.type_id)
    results = [
        {"id": to_id, "type": between[type_id].name}
        for to_id, type_ids in living_ends(exchange.account, start, from_id, end)
        for type_id in type_ids
    ]
    return {"results": results[:_PAGE]}


def _create(exchange: Exchange, start: ObjectType, end: ObjectType) -> Answer:
    """200, not the 201 of the published schema, since 2025-08-21 (hubspot.md 4)."""
    results: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    inputs = [(one, _end_id(one, "from"), _end_id(one, "to")) for one in exchange.inputs(_MOST_WRITTEN)]
    for one, from_id, to_id in inputs:
        try:
            kind = _named(exchange, start, end, one.get("type"))
            exchange.crm().connect([kind], from_id, to_id, replace=False)
            results.append({"from": {"id": from_id}, "to": {"id": to_id}, "type": kind.name})
        except RefusalError as refused:
            errors.append({**refused.body, "context": {"fromObjectId": [from_id], "toObjectId": [to_id]}})
    return envelope(exchange, results, errors, HTTPStatus.OK)


def _read(exchange: Exchange, start: ObjectType, end: ObjectType) -> Answer:
    results = []
    for one in exchange.inputs(_MOST_READ):
        from_id = str(one.get("id", ""))
        if ends := _ends(exchange, start, from_id, end)["results"]:
            results.append({"from": {"id": from_id}, "to": ends})
    return envelope(exchange, results, [], HTTPStatus.OK)


def _archive(exchange: Exchange, start: ObjectType, end: ObjectType) -> Answer:
    inputs = [
        (_end_id(one, "from"), _end_id(one, "to"), {_named(exchange, start, end, one.get("type")).type_id})
        for one in exchange.inputs(_MOST_WRITTEN)
    ]
    for from_id, to_id, only in inputs:
        exchange.crm().disconnect(start, from_id, end, to_id, only)
    return Answer(HTTPStatus.NO_CONTENT)


def _end_id(one: dict[str, Any], side: str) -> str:
    end = one.get(side)
    if not isinstance(end, dict) or not end.get("id"):
        raise invalid(f"Invalid input JSON: {side}.id is required")
    return str(end["id"])


_BATCHES: dict[str, Callable[[Exchange, ObjectType, ObjectType], Answer]] = {
    "create": _create,
    "read": _read,
    "archive": _archive,
}
