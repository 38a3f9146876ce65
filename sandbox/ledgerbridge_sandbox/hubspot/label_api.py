"""`/crm/associations/…`: labels, and limits of associations (hubspot.md 7; paths and shapes also of the SDKs)."""

from http import HTTPStatus
from typing import Any

from ledgerbridge_sandbox.hubspot.association_types import AssociationType
from ledgerbridge_sandbox.hubspot.batches import envelope
from ledgerbridge_sandbox.hubspot.errors import RefusalError, invalid, not_found
from ledgerbridge_sandbox.hubspot.exchange import Answer, Exchange, method_not_allowed
from ledgerbridge_sandbox.hubspot.labels import read_spec
from ledgerbridge_sandbox.hubspot.object_types import ObjectType, object_type
from ledgerbridge_sandbox.hubspot.scopes import need

_MOST_INPUTS = 100


def labels(exchange: Exchange, start: ObjectType, end: ObjectType, rest: list[str]) -> Answer:
    """Below `/{from}/{to}/labels`."""
    verb = "read" if exchange.method == "GET" else "write"
    need(exchange, start, verb)
    need(exchange, end, verb)
    known = exchange.account.labels
    match exchange.method, rest:
        case "GET", []:
            return _results([_spec(found) for found in known.between(start.type_id, end.type_id).values()])
        case "POST", []:
            body = exchange.json()
            name, label = _text(body, "name"), _text(body, "label")
            made = known.define(start, end, name, label, str(body.get("inverseLabel") or ""))
            return _results([_spec(found) for found in made])
        case "PUT", []:
            body = exchange.json()
            type_id, _ = read_spec(body)
            known.change(start, end, type_id, _text(body, "label"), str(body.get("inverseLabel") or ""))
            return Answer(HTTPStatus.NO_CONTENT)
        case "DELETE", [text] if text.isdigit():
            gone = known.remove(start, end, int(text))
            exchange.account.associations.drop_type(gone)
            return Answer(HTTPStatus.NO_CONTENT)
    raise not_found() if rest else method_not_allowed()


def configurations(exchange: Exchange, rest: list[str]) -> Answer:
    """Below `/definitions/configurations`: how many others a record may be associated with."""
    known = exchange.account.labels
    match exchange.method, rest:
        case "GET", ["all"]:
            exchange.need(*(f"crm.objects.{name}.read" for name in ("contacts", "companies", "deals")))
            return _results([_configured(kind, most) for kind, most in known.limited()])
        case "GET", [from_name, to_name]:
            start, end = _pair(exchange, from_name, to_name, "read")
            kinds = known.between(start.type_id, end.type_id).values()
            return _results([_configured(kind, most) for kind in kinds if (most := known.limit(kind))])
        case "POST", [from_name, to_name, "batch", verb] if verb in _STATUS:
            start, end = _pair(exchange, from_name, to_name, "write")
            return _configure(exchange, start, end, verb)
    raise not_found()


_STATUS = {"create": HTTPStatus.CREATED, "update": HTTPStatus.OK, "purge": HTTPStatus.NO_CONTENT}


def _pair(exchange: Exchange, from_name: str, to_name: str, verb: str) -> tuple[ObjectType, ObjectType]:
    start, end = object_type(from_name), object_type(to_name)
    need(exchange, start, verb)
    need(exchange, end, verb)
    return start, end


def _configure(exchange: Exchange, start: ObjectType, end: ObjectType, verb: str) -> Answer:
    results: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for one in exchange.inputs(_MOST_INPUTS):
        try:
            kind = exchange.account.labels.named(start, end, [one | {"associationTypeId": one.get("typeId")}])[0]
            most = None if verb == "purge" else _most(one)
            exchange.account.labels.set_limit(kind, most)
            results.append(_configured(kind, most, labelled=verb == "create"))
        except RefusalError as refused:
            errors.append({**refused.body, "context": {"typeId": [str(one.get("typeId"))]}})
    if verb == "purge" and not errors:
        return Answer(HTTPStatus.NO_CONTENT)
    return envelope(exchange, results, errors, _STATUS[verb])


def _most(one: dict[str, Any]) -> int:
    most = one.get("maxToObjectIds")
    if not isinstance(most, int) or isinstance(most, bool):
        raise invalid("Invalid input JSON: maxToObjectIds must be an integer")
    return most


def _results(results: list[dict[str, Any]]) -> Answer:
    return Answer(HTTPStatus.OK, {"results": results})


def _spec(kind: AssociationType) -> dict[str, Any]:
    return {"category": kind.category, "typeId": kind.type_id, "label": kind.label}


def _configured(kind: AssociationType, most: int | None, *, labelled: bool = True) -> dict[str, Any]:
    """A limit as it is told; an update's answer leaves the label out (as in the SDKs)."""
    found = {**_spec(kind), "userEnforcedMaxToObjectIds": most}
    return found if labelled else {name: value for name, value in found.items() if name != "label"}


def _text(body: dict[str, Any], name: str) -> str:
    if not isinstance(body.get(name), str) or not body[name]:
        raise invalid(f"Invalid input JSON: required field {name} is missing")
    return str(body[name])
