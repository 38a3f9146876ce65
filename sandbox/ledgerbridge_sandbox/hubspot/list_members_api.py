"""`/crm/lists/…/memberships`: who stands in a list, and in which lists a record stands (hubspot.md 13)."""

from http import HTTPStatus
from typing import Any

from ledgerbridge_sandbox.hubspot.batches import envelope
from ledgerbridge_sandbox.hubspot.errors import invalid, not_found
from ledgerbridge_sandbox.hubspot.exchange import Answer, Exchange, method_not_allowed
from ledgerbridge_sandbox.hubspot.lists import RecordList
from ledgerbridge_sandbox.hubspot.object_types import object_type
from ledgerbridge_sandbox.hubspot.values import milliseconds_text

_USUAL_PAGE = 100
_MOST_A_PAGE = 250
_MOST_INPUTS = 1000
"""Of the batch that reads memberships: a guess."""


def living(exchange: Exchange, found: RecordList) -> dict[str, str]:
    """The members that are not archived, with the moments at which they joined."""
    live = exchange.account.live[found.type_id]
    return {one: stamp for one, stamp in found.members.items() if one in live}


def of_list(exchange: Exchange, found: RecordList, rest: list[str]) -> Answer:
    """Below `/{listId}/memberships`."""
    match exchange.method, rest:
        case "GET", []:
            return Answer(HTTPStatus.OK, _page(exchange, found, by_joining=False))
        case "GET", ["join-order"]:
            return Answer(HTTPStatus.OK, _page(exchange, found, by_joining=True))
        case "DELETE", []:
            found.refuse_dynamic()
            found.members.clear()
            return Answer(HTTPStatus.NO_CONTENT)
        case "PUT", verb:
            return _changed(exchange, found, verb)
    raise not_found() if rest else method_not_allowed()


def _changed(exchange: Exchange, found: RecordList, verb: list[str]) -> Answer:
    match verb:
        case ["add"]:
            return _write(exchange, found, _ids(exchange.json_value()), [])
        case ["remove"]:
            return _write(exchange, found, [], _ids(exchange.json_value()))
        case ["add-and-remove"]:
            body = exchange.json()
            return _write(exchange, found, _ids(body.get("recordIdsToAdd")), _ids(body.get("recordIdsToRemove")))
        case ["add-from", source]:
            _add_from(exchange, found, exchange.account.lists.get(source))
            return Answer(HTTPStatus.NO_CONTENT)
    raise not_found()


def of_records(exchange: Exchange, rest: list[str]) -> Answer:
    """Below `/records`."""
    match exchange.method, rest:
        case "GET", [type_name, record_id, "memberships"]:
            results = _memberships(exchange, object_type(type_name).type_id, record_id)
            return Answer(HTTPStatus.OK, {"results": results, "total": len(results)})
        case "POST", ["memberships", "batch", "read"] if exchange.version != "v3":
            return _read_batch(exchange)
    raise not_found()


def _ids(given: Any) -> list[str]:
    """A bare array of record ids; raises 400."""
    if not isinstance(given, list) or not all(isinstance(one, str | int) for one in given):
        raise invalid("Invalid input JSON on line 1, column 1: a list of record ids is expected")
    return [str(one) for one in given]


def _write(exchange: Exchange, found: RecordList, to_add: list[str], to_remove: list[str]) -> Answer:
    found.refuse_dynamic()
    live = exchange.account.live[found.type_id]
    missing = [one for one in dict.fromkeys([*to_add, *to_remove]) if one not in live]
    added = found.add([one for one in to_add if one in live], milliseconds_text(exchange.world.clock.now()))
    removed = found.remove(to_remove)
    content = {"recordsIdsAdded": added, "recordIdsRemoved": removed, "recordIdsMissing": missing}
    return Answer(HTTPStatus.OK, content)


def _add_from(exchange: Exchange, found: RecordList, source: RecordList) -> None:
    found.refuse_dynamic()
    if found.type_id != source.type_id:
        raise invalid("Both lists must hold records of the same object type")
    found.add(living(exchange, source), milliseconds_text(exchange.world.clock.now()))


def _page(exchange: Exchange, found: RecordList, *, by_joining: bool) -> dict[str, Any]:
    """Members by id, or in the order of joining; `after` is the last record of the page before."""
    limit = exchange.number("limit", _USUAL_PAGE, _MOST_A_PAGE)
    members = living(exchange, found)
    order = list(members) if by_joining else sorted(members, key=int)
    start = order.index(exchange.one("after")) + 1 if exchange.one("after") in order else 0
    shown = order[start : start + limit]
    page: dict[str, Any] = {
        "results": [{"recordId": one, "membershipTimestamp": members[one]} for one in shown],
        "total": len(order),
    }
    if start + limit < len(order):
        page["paging"] = exchange.following(shown[-1])
    return page


def _memberships(exchange: Exchange, type_id: str, record_id: str) -> list[dict[str, Any]]:
    if record_id not in exchange.account.live[type_id]:
        raise not_found()
    return [
        {
            "listId": found.list_id,
            "listVersion": found.shown["listVersion"],
            "firstAddedTimestamp": found.members[record_id],
            "lastAddedTimestamp": found.members[record_id],
            "isPublicList": True,
        }
        for found in exchange.account.lists.living()
        if found.type_id == type_id and record_id in found.members
    ]


def _read_batch(exchange: Exchange) -> Answer:
    results = []
    for one in exchange.inputs(_MOST_INPUTS):
        type_id, record_id = object_type(str(one.get("objectTypeId"))).type_id, str(one.get("recordId"))
        memberships = _memberships(exchange, type_id, record_id)
        results.append({"objectTypeId": type_id, "recordId": record_id, "recordListMemberships": memberships})
    return envelope(exchange, results, [], HTTPStatus.OK)
