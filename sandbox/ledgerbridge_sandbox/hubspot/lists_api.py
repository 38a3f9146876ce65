"""`/crm/lists`: lists and their search (hubspot.md 13)."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from ledgerbridge_sandbox.hubspot import list_members_api
from ledgerbridge_sandbox.hubspot.errors import invalid, not_found
from ledgerbridge_sandbox.hubspot.exchange import NEWEST, Answer, Exchange, method_not_allowed
from ledgerbridge_sandbox.hubspot.lists import PROCESSING, RecordList
from ledgerbridge_sandbox.hubspot.object_types import object_type

_MOST_FOUND = 500
_USUALLY_FOUND = 20


def serve(exchange: Exchange) -> Answer:
    """Everything below `/crm/lists/{version}`."""
    reads = exchange.method == "GET" or exchange.steps[-1:] in (["search"], ["all"], ["read"])
    exchange.need("crm.lists.read" if reads else "crm.lists.write")
    lists = exchange.account.lists
    match exchange.method, exchange.steps:
        case "POST", []:
            made = _create(exchange, exchange.json())
            return Answer(HTTPStatus.OK, {"list": _shown(exchange, made, filters=True)})
        case "GET", []:
            found = [one for one in lists.living() if one.list_id in exchange.listed("listIds")]
            return Answer(HTTPStatus.OK, {"lists": [_shown(exchange, one) for one in found]})
        case "GET", ["object-type-id", type_name, "name", name]:
            named = lists.named(object_type(type_name).type_id, name)
            return Answer(HTTPStatus.OK, {"list": _shown(exchange, named)})
        case "POST", [verb] if verb in _FINDERS:
            return Answer(HTTPStatus.OK, _FINDERS[verb](exchange, exchange.json()))
        case _, [list_id, *rest]:
            return _below(exchange, list_id, rest)
    raise method_not_allowed()


def _below(exchange: Exchange, list_id: str, rest: list[str]) -> Answer:
    if list_id == "records":
        return list_members_api.of_records(exchange, rest)
    if rest[:1] == ["memberships"]:
        return list_members_api.of_list(exchange, exchange.account.lists.get(list_id), rest[1:])
    return _single(exchange, list_id, rest)


def _create(exchange: Exchange, body: dict[str, Any]) -> RecordList:
    for name in ("name", "objectTypeId", "processingType"):
        if not isinstance(body.get(name), str) or not body[name]:
            raise invalid(f"Invalid input JSON: required field {name} is missing")
    if body["processingType"] not in PROCESSING:
        raise invalid(f"{body['processingType']} was not one of the allowed options: {sorted(PROCESSING)}")
    if body["processingType"] == "DYNAMIC" and not body.get("filterBranch"):
        raise invalid("A DYNAMIC list needs a filterBranch")
    type_id = object_type(body["objectTypeId"]).type_id
    now = exchange.world.clock.now()
    return exchange.account.lists.create(body["name"], type_id, body["processingType"], now, body.get("filterBranch"))


def _single(exchange: Exchange, list_id: str, rest: list[str]) -> Answer:
    lists, now = exchange.account.lists, exchange.world.clock.now()
    match exchange.method, rest:
        case "GET", []:
            return Answer(HTTPStatus.OK, {"list": _shown(exchange, lists.get(list_id))})
        case "DELETE", []:
            lists.delete(list_id, now)
            return Answer(HTTPStatus.NO_CONTENT)
        case "PUT", ["restore"]:
            lists.restore(list_id, now)
            return Answer(HTTPStatus.NO_CONTENT)
        case "PUT", ["update-list-name"]:
            name = exchange.one("listName")
            found = lists.rename(list_id, name, now) if name else lists.get(list_id)
            return Answer(HTTPStatus.OK, {"updatedList": _shown(exchange, found)})
    raise not_found() if rest else method_not_allowed()


def _search(exchange: Exchange, body: dict[str, Any]) -> dict[str, Any]:
    """From 2026-09 on the caller must send `listIds` and `processingTypes`, be they empty (hubspot.md 1)."""
    if exchange.version == NEWEST and not all(isinstance(body.get(n), list) for n in ("listIds", "processingTypes")):
        raise invalid("Invalid input JSON: listIds and processingTypes are required")
    count, offset = _whole(body, "count", _USUALLY_FOUND), _whole(body, "offset", 0)
    if not 1 <= count <= _MOST_FOUND or offset < 0:
        raise invalid(f"count must be between 1 and {_MOST_FOUND}")
    found = [one for one in exchange.account.lists.living() if _fits(one, body)]
    page = found[offset : offset + count]
    return {
        "offset": offset + len(page),
        "hasMore": offset + len(page) < len(found),
        "lists": [_found(exchange, one, body.get("additionalProperties") or ()) for one in page],
        "total": len(found),
    }


def _fits(found: RecordList, body: dict[str, Any]) -> bool:
    ids, kinds = body.get("listIds") or (), body.get("processingTypes") or ()
    return (
        (not ids or found.list_id in map(str, ids))
        and (not kinds or found.shown["processingType"] in kinds)
        and (not body.get("objectTypeId") or found.type_id == object_type(str(body["objectTypeId"])).type_id)
        and str(body.get("query") or "").lower() in str(found.shown["name"]).lower()
    )


def _whole(body: dict[str, Any], name: str, default: int) -> int:
    value = body.get(name, default)
    if isinstance(value, str) and value.isdigit():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise invalid(f"Invalid input JSON: {name} must be an integer")
    return value


def _all(exchange: Exchange, body: dict[str, Any]) -> dict[str, Any]:
    """The cursor endpoint of 2026-09: `count`, `after` and the filters of a search; the answer's shape is a guess."""
    if exchange.version != NEWEST:
        raise not_found()
    count, after = _whole(body, "count", _USUALLY_FOUND), _whole(body, "after", 0)
    if not 1 <= count <= _MOST_FOUND:
        raise invalid(f"count must be between 1 and {_MOST_FOUND}")
    left = [one for one in exchange.account.lists.living() if int(one.list_id) > after and _fits(one, body)]
    additional = body.get("additionalProperties") or ()
    page: dict[str, Any] = {"lists": [_found(exchange, one, additional) for one in left[:count]]}
    if len(left) > count:
        page["paging"] = {"next": {"after": left[count - 1].list_id}}
    return page


def _shown(exchange: Exchange, found: RecordList, *, filters: bool = False) -> dict[str, Any]:
    shown = {**found.shown, "size": len(list_members_api.living(exchange, found))}
    if not (filters or exchange.flag("includeFilters")):
        shown.pop("filterBranch", None)
    return shown


def _found(exchange: Exchange, one: RecordList, additional: Iterable[str]) -> dict[str, Any]:
    shown = _shown(exchange, one)
    known = {"hs_list_size": str(shown.pop("size"))}
    return {
        **shown,
        "additionalProperties": {name: known[name] for name in ("hs_list_size", *additional) if name in known},
    }


_FINDERS: dict[str, Callable[[Exchange, dict[str, Any]], dict[str, Any]]] = {"search": _search, "all": _all}
