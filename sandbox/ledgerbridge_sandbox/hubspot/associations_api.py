"""Associations: below a record, in batches, and their labels (hubspot.md 7)."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from ledgerbridge_sandbox.hubspot import label_api, typed_associations_api
from ledgerbridge_sandbox.hubspot.associations import Edge
from ledgerbridge_sandbox.hubspot.batches import envelope
from ledgerbridge_sandbox.hubspot.errors import RefusalError, invalid, not_found
from ledgerbridge_sandbox.hubspot.exchange import Answer, Exchange, method_not_allowed, whole_number
from ledgerbridge_sandbox.hubspot.object_types import ObjectType, object_type
from ledgerbridge_sandbox.hubspot.scopes import need
from ledgerbridge_sandbox.hubspot.views import living_ends

_MOST_WRITTEN = 2000
_MOST_READ = 1000
_PAGE = 500


def of_record(exchange: Exchange, start: ObjectType, from_id: str, rest: list[str]) -> Answer:
    """`/crm/objects/{type}/{id}/associations/…`."""
    if exchange.version == "v3":
        return typed_associations_api.of_record(exchange, start, from_id, rest)
    match rest:
        case ["default", name, to_id] if exchange.method == "PUT":
            end = _pair(exchange, start, name, "write")
            return _put_default(exchange, start, from_id, end, to_id)
        case [name]:
            end = _pair(exchange, start, name, "read")
            return _listed(exchange, start, from_id, end)
        case [name, to_id] if exchange.method == "PUT":
            end = _pair(exchange, start, name, "write")
            return _put(exchange, start, from_id, end, to_id)
        case [name, to_id] if exchange.method == "DELETE":
            end = _pair(exchange, start, name, "write")
            exchange.crm().disconnect(start, from_id, end, to_id)
            return Answer(HTTPStatus.NO_CONTENT)
    raise not_found()


def serve(exchange: Exchange) -> Answer:
    """`/crm/associations/{from}/{to}/…`."""
    if exchange.version == "v3":
        return typed_associations_api.serve(exchange)
    match exchange.steps:
        case ["definitions", "configurations", *rest]:
            return label_api.configurations(exchange, rest)
        case [from_name, to_name, "labels", *rest]:
            return label_api.labels(exchange, object_type(from_name), object_type(to_name), rest)
        case [from_name, to_name, "batch", *verb]:
            start = object_type(from_name)
            handler = _BATCHES.get("/".join(verb))
            if handler is None:
                raise not_found()
            if exchange.method != "POST":
                raise method_not_allowed()
            end = _pair(exchange, start, to_name, "read" if verb == ["read"] else "write")
            return handler(exchange, start, end)
    raise not_found()


def _pair(exchange: Exchange, start: ObjectType, name: str, verb: str) -> ObjectType:
    """The other type; the token needs the scopes of both."""
    end = object_type(name)
    need(exchange, start, verb)
    need(exchange, end, verb)
    return end


def _put_default(exchange: Exchange, start: ObjectType, from_id: str, end: ObjectType, to_id: str) -> Answer:
    kind = exchange.account.labels.default(start, end)
    exchange.crm().connect([kind], from_id, to_id, replace=False)
    return envelope(exchange, _both_ways(Edge(kind, from_id, to_id)), [], HTTPStatus.OK)


def _both_ways(edge: Edge) -> list[dict[str, Any]]:
    return [
        {
            "from": {"id": way.from_id},
            "to": {"id": way.to_id},
            "associationSpec": {"associationCategory": way.kind.category, "associationTypeId": way.kind.type_id},
        }
        for way in (edge, edge.reversed())
    ]


def _put(exchange: Exchange, start: ObjectType, from_id: str, end: ObjectType, to_id: str) -> Answer:
    """The named types replace those that the pair had."""
    specs = exchange.json_value()
    if not isinstance(specs, list):
        raise invalid("Invalid input JSON on line 1, column 1: a list of association types is expected")
    types = exchange.account.labels.named(start, end, specs)
    exchange.crm().connect(types, from_id, to_id, replace=True)
    return Answer(HTTPStatus.CREATED, _created(start, from_id, end, to_id, [t.label for t in types if t.label]))


def _created(start: ObjectType, from_id: str, end: ObjectType, to_id: str, labels: list[str]) -> dict[str, Any]:
    return {
        "fromObjectTypeId": start.type_id,
        "fromObjectId": int(from_id),
        "toObjectTypeId": end.type_id,
        "toObjectId": int(to_id),
        "labels": labels,
    }


def _listed(exchange: Exchange, start: ObjectType, from_id: str, end: ObjectType) -> Answer:
    if exchange.method != "GET":
        raise method_not_allowed()
    living = exchange.account.surviving(start.type_id, from_id)
    if living not in exchange.account.live[start.type_id]:
        raise not_found()
    limit = exchange.number("limit", _PAGE, _PAGE)
    return Answer(HTTPStatus.OK, _ends(exchange, start, living, end, after=exchange.one("after"), limit=limit))


def _ends(
    exchange: Exchange, start: ObjectType, from_id: str, end: ObjectType, *, after: str, limit: int = _PAGE
) -> dict[str, Any]:
    offset = whole_number(after) or 0
    between = exchange.account.labels.between(start.type_id, end.type_id)
    ends = living_ends(exchange.account, start, from_id, end)
    found: dict[str, Any] = {
        "results": [
            {
                "toObjectId": int(to_id),
                "associationTypes": [
                    {"category": between[type_id].category, "typeId": type_id, "label": between[type_id].label}
                    for type_id in type_ids
                ],
            }
            for to_id, type_ids in ends[offset : offset + limit]
        ]
    }
    if offset + limit < len(ends):
        found["paging"] = exchange.following(str(offset + limit))
    return found


def _read_batch(exchange: Exchange, start: ObjectType, end: ObjectType) -> Answer:
    """A record without associations is left out and told as an error entry (hubspot.md 20.6: a guess)."""
    results, without = [], []
    for one in exchange.inputs(_MOST_READ):
        from_id = str(one.get("id", ""))
        found = _ends(exchange, start, from_id, end, after=str(one.get("after") or ""))
        if not found["results"]:
            without.append(from_id)
            continue
        ends = {"from": {"id": from_id}, "to": found["results"]}
        results.append(ends | ({"paging": found["paging"]} if "paging" in found else {}))
    errors = [_without(start, end, from_id) for from_id in without]
    return envelope(exchange, results, errors, HTTPStatus.OK)


def _without(start: ObjectType, end: ObjectType, from_id: str) -> dict[str, Any]:
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No {end.singular} is associated with {start.singular} {from_id}.",
        "context": {"fromObjectId": [from_id], "fromObjectType": [start.singular], "toObjectType": [end.singular]},
    }


def _create_batch(exchange: Exchange, start: ObjectType, end: ObjectType) -> Answer:
    def connect(one: dict[str, Any], from_id: str, to_id: str) -> list[dict[str, Any]]:
        types = exchange.account.labels.named(start, end, one.get("types") or [])
        exchange.crm().connect(types, from_id, to_id, replace=False)
        return [_created(start, from_id, end, to_id, [t.label for t in types if t.label])]

    return _each(exchange, connect, HTTPStatus.CREATED)


def _associate_default(exchange: Exchange, start: ObjectType, end: ObjectType) -> Answer:
    kind = exchange.account.labels.default(start, end)

    def connect(_one: dict[str, Any], from_id: str, to_id: str) -> list[dict[str, Any]]:
        exchange.crm().connect([kind], from_id, to_id, replace=False)
        return _both_ways(Edge(kind, from_id, to_id))

    return _each(exchange, connect, HTTPStatus.OK)


def _each(
    exchange: Exchange, connect: Callable[[dict[str, Any], str, str], list[dict[str, Any]]], status: int
) -> Answer:
    results: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    inputs = [(one, _end_id(one.get("from")), _end_id(one.get("to"))) for one in exchange.inputs(_MOST_WRITTEN)]
    for one, from_id, to_id in inputs:
        try:
            results.extend(connect(one, from_id, to_id))
        except RefusalError as refused:
            context = {"fromObjectId": [from_id], "toObjectId": [to_id]}
            errors.append({**refused.body, "context": context})
    return envelope(exchange, results, errors, status)


def _end_id(end: Any) -> str:
    if not isinstance(end, dict) or not end.get("id"):
        raise invalid("Invalid input JSON: from.id and to.id are required")
    return str(end["id"])


def _ends_in(one: dict[str, Any]) -> list[Any]:
    """One end, or a list of them."""
    ends = one.get("to")
    return ends if isinstance(ends, list) else [ends]


def _archive_batch(exchange: Exchange, start: ObjectType, end: ObjectType) -> Answer:
    pairs = [(_end_id(one.get("from")), _end_id(to)) for one in exchange.inputs(_MOST_WRITTEN) for to in _ends_in(one)]
    for from_id, to_id in pairs:
        exchange.crm().disconnect(start, from_id, end, to_id)
    return Answer(HTTPStatus.NO_CONTENT)


def _archive_labels(exchange: Exchange, start: ObjectType, end: ObjectType) -> Answer:
    inputs = [
        (
            _end_id(one.get("from")),
            _end_id(one.get("to")),
            {kind.type_id for kind in exchange.account.labels.named(start, end, one.get("types") or [])},
        )
        for one in exchange.inputs(_MOST_WRITTEN)
    ]
    for from_id, to_id, only in inputs:
        exchange.crm().disconnect(start, from_id, end, to_id, only)
    return Answer(HTTPStatus.NO_CONTENT)


_BATCHES: dict[str, Callable[[Exchange, ObjectType, ObjectType], Answer]] = {
    "read": _read_batch,
    "create": _create_batch,
    "associate/default": _associate_default,
    "archive": _archive_batch,
    "labels/archive": _archive_labels,
}
