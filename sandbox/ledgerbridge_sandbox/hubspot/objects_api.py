"""`/crm/objects`: single records, search, merge (hubspot.md 3, 5)."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from ledgerbridge_sandbox.hubspot import associations_api, batches
from ledgerbridge_sandbox.hubspot.errors import invalid, not_found
from ledgerbridge_sandbox.hubspot.exchange import Answer, Exchange, method_not_allowed
from ledgerbridge_sandbox.hubspot.object_types import CONTACT, ObjectType, object_type
from ledgerbridge_sandbox.hubspot.scopes import need, refuse_not_unique
from ledgerbridge_sandbox.hubspot.search import Search
from ledgerbridge_sandbox.hubspot.views import associations_shown, shown, shown_whole, with_history
from ledgerbridge_sandbox.records import Record

_MOST_A_PAGE = 100
_MOST_WITH_HISTORY = 50
LONGEST_SEARCH = 3000


def serve(exchange: Exchange) -> Answer:
    """Everything below `/crm/objects/{version}`."""
    steps = exchange.steps
    if not steps:
        raise not_found()
    kind = object_type(steps[0])
    match steps[1:]:
        case []:
            return _collection(exchange, kind)
        case ["batch", verb]:
            return batches.serve(exchange, kind, verb)
        case [verb] if exchange.method == "POST" and verb in _VERBS:
            return _VERBS[verb](exchange, kind)
        case [record_id]:
            return _single(exchange, kind, record_id)
        case [record_id, "associations", *rest]:
            return associations_api.of_record(exchange, kind, record_id, rest)
    raise not_found()


def _collection(exchange: Exchange, kind: ObjectType) -> Answer:
    if exchange.method == "POST":
        need(exchange, kind, "write")
        body = exchange.json()
        crm = exchange.crm()
        values, connections = crm.prepare(kind, _properties(body), body.get("associations") or [])
        record = crm.create(kind, values, connections)
        return Answer(HTTPStatus.CREATED, shown_whole(exchange.account, kind, record))
    if exchange.method == "GET":
        need(exchange, kind, "read")
        return Answer(HTTPStatus.OK, _page(exchange, kind))
    raise method_not_allowed()


def _properties(body: dict[str, Any]) -> dict[str, Any]:
    properties = body.get("properties")
    if not isinstance(properties, dict):
        raise invalid("Invalid input JSON: properties must be an object")
    return properties


def _page(exchange: Exchange, kind: ObjectType) -> dict[str, Any]:
    """Records by id, oldest first; `after` is the first id of the page that follows."""
    most = _MOST_WITH_HISTORY if exchange.listed("propertiesWithHistory") else _MOST_A_PAGE
    limit = exchange.number("limit", 10, most)
    stores = exchange.account.archived if exchange.flag("archived") else exchange.account.live
    store = stores[kind.type_id]
    after = exchange.after()
    ids = sorted(int(record_id) for record_id in store.ids() if int(record_id) >= after)[: limit + 1]
    records = [record for record_id in ids[:limit] if (record := store.get(str(record_id)))]
    page: dict[str, Any] = {"results": [_viewed(exchange, kind, record) for record in records]}
    if len(ids) > limit:
        page["paging"] = exchange.following(str(ids[limit]))
    return page


def _viewed(exchange: Exchange, kind: ObjectType, record: Record) -> dict[str, Any]:
    view = shown(exchange.account, kind, record, exchange.listed("properties") or None)
    with_history(exchange.account, kind, record, exchange.listed("propertiesWithHistory"), view)
    if ends := [object_type(name) for name in exchange.listed("associations")]:
        for end in ends:
            need(exchange, end, "read")
        found = associations_shown(exchange.account, kind, record["id"], ends)
        if found:
            view["associations"] = found
    return view


def _single(exchange: Exchange, kind: ObjectType, record_id: str) -> Answer:
    if exchange.method == "GET":
        need(exchange, kind, "read")
        return Answer(HTTPStatus.OK, _viewed(exchange, kind, _found(exchange, kind, record_id)))
    need(exchange, kind, "write")
    if exchange.method == "PATCH":
        record = _found(exchange, kind, record_id)
        given = _properties(exchange.json())
        record, changed = exchange.crm().update(kind, record["id"], given)
        names = [*given, *(name for name in record["p"] if name in changed)]
        return Answer(HTTPStatus.OK, shown(exchange.account, kind, record, names))
    if exchange.method == "DELETE":
        exchange.crm().archive(kind, record_id)
        return Answer(HTTPStatus.NO_CONTENT)
    raise method_not_allowed()


def _purge(exchange: Exchange, kind: ObjectType) -> Answer:
    """`POST /contacts/gdpr-delete`: by record id, or by address."""
    if kind.type_id != CONTACT:
        raise not_found()
    need(exchange, kind, "write")
    body = exchange.json()
    object_id, name = str(body.get("objectId") or ""), body.get("idProperty")
    if not object_id:
        raise invalid("Invalid input JSON: objectId is required")
    if name:
        refuse_not_unique(exchange, kind, str(name))
        object_id = exchange.account.find_unique(kind.type_id, str(name), object_id) or ""
    exchange.crm().purge(kind, object_id)
    return Answer(HTTPStatus.NO_CONTENT)


def _found(exchange: Exchange, kind: ObjectType, record_id: str) -> Record:
    """By record id, or by the unique property that `idProperty` names."""
    account = exchange.account
    name = exchange.one("idProperty")
    if name and name != "hs_object_id":
        refuse_not_unique(exchange, kind, name)
        record_id = account.find_unique(kind.type_id, name, record_id) or ""
    if exchange.flag("archived"):
        record = account.archived[kind.type_id].get(record_id)
    else:
        record = account.find(kind.type_id, record_id)
    if record is None:
        raise not_found()
    return record


def _search(exchange: Exchange, kind: ObjectType) -> Answer:
    need(exchange, kind, "read")
    if len(exchange.body) > LONGEST_SEARCH:
        raise invalid(f"The request body must not be longer than {LONGEST_SEARCH} characters")
    return Answer(HTTPStatus.OK, Search(exchange.account, kind, exchange.json()).answer())


def _merge(exchange: Exchange, kind: ObjectType) -> Answer:
    need(exchange, kind, "write")
    body = exchange.json()
    primary, other = body.get("primaryObjectId"), body.get("objectIdToMerge")
    if not primary or not other:
        raise invalid("Invalid input JSON: primaryObjectId and objectIdToMerge are required")
    record = exchange.crm().merge(kind, str(primary), str(other))
    return Answer(HTTPStatus.OK, shown_whole(exchange.account, kind, record))


_VERBS: dict[str, Callable[[Exchange, ObjectType], Answer]] = {
    "search": _search,
    "merge": _merge,
    "gdpr-delete": _purge,
}
