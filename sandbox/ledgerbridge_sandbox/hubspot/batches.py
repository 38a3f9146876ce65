"""`/crm/objects/…/batch/…`: up to 100 inputs, partial failures as 207 (hubspot.md 4)."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from ledgerbridge_sandbox.hubspot import scopes
from ledgerbridge_sandbox.hubspot.errors import RefusalError, invalid, not_found
from ledgerbridge_sandbox.hubspot.exchange import Answer, Exchange, method_not_allowed
from ledgerbridge_sandbox.hubspot.object_types import ObjectType
from ledgerbridge_sandbox.hubspot.values import milliseconds_text
from ledgerbridge_sandbox.hubspot.views import shown, shown_whole, with_history

MOST_INPUTS = 100

Input = dict[str, Any]


def serve(exchange: Exchange, kind: ObjectType, verb: str) -> Answer:
    """One batch call."""
    handler = _VERBS.get(verb)
    if handler is None:
        raise not_found()
    if exchange.method != "POST":
        raise method_not_allowed()
    scopes.need(exchange, kind, "read" if verb == "read" else "write")
    return handler(exchange, kind, exchange.inputs(MOST_INPUTS))


def envelope(exchange: Exchange, results: list[Any], errors: list[dict[str, Any]], status: int) -> Answer:
    """The envelope of all batches: 207 if there are errors; the status inside is COMPLETE nevertheless."""
    moment = milliseconds_text(exchange.world.clock.now())
    content: dict[str, Any] = {
        "status": "COMPLETE",
        "results": results,
        "requestedAt": moment,
        "startedAt": moment,
        "completedAt": moment,
    }
    if not errors:
        return Answer(status, content)
    return Answer(HTTPStatus.MULTI_STATUS, {**content, "numErrors": len(errors), "errors": errors})


def _read(exchange: Exchange, kind: ObjectType, inputs: list[Input]) -> Answer:
    body = exchange.json()
    name = body.get("idProperty") or ""
    if name and name != "hs_object_id":
        scopes.refuse_not_unique(exchange, kind, name)
    store = (exchange.account.archived if exchange.flag("archived") else exchange.account.live)[kind.type_id]
    results, missing = [], []
    for wanted in dict.fromkeys(str(one.get("id", "")) for one in inputs):
        by_name = name and name != "hs_object_id"
        record_id = exchange.account.find_unique(kind.type_id, name, wanted) if by_name else wanted
        record = store.get(record_id or "")
        if record is None:
            missing.append(wanted)
        else:
            view = shown(exchange.account, kind, record, body.get("properties") or None)
            with_history(exchange.account, kind, record, body.get("propertiesWithHistory") or (), view)
            results.append(view)
    return envelope(exchange, results, [_missing(kind, missing)] if missing else [], HTTPStatus.OK)


def _missing(kind: ObjectType, ids: list[str], traces: list[str] | None = None) -> dict[str, Any]:
    context: dict[str, list[str]] = {"ids": ids}
    if traces:
        context["objectWriteTraceId"] = traces
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": f"Could not get some {kind.upper} objects, they may be deleted or not exist. "
        "Check that ids are valid.",
        "context": context,
    }


def _create(exchange: Exchange, kind: ObjectType, inputs: list[Input]) -> Answer:
    """All or nothing, unless every input carries a trace id of its own."""
    traces = [one.get("objectWriteTraceId") for one in inputs]
    traced = all(traces) and len(set(traces)) == len(traces)
    crm = exchange.crm()
    results: list[Any] = []
    errors: list[dict[str, Any]] = []

    def make(one: Input) -> None:
        values, connections = crm.prepare(kind, _properties(one), one.get("associations") or [])
        record = crm.create(kind, values, connections)
        results.append(_traced(shown_whole(exchange.account, kind, record), one))

    if traced:
        for one in inputs:
            _collect(errors, one, make)
    else:
        _refuse_repeated_unique(exchange, kind, inputs)
        prepared = [crm.prepare(kind, _properties(one), one.get("associations") or []) for one in inputs]
        for values, connections in prepared:
            results.append(shown_whole(exchange.account, kind, crm.create(kind, values, connections)))
    return envelope(exchange, results, errors, HTTPStatus.CREATED)


def _refuse_repeated_unique(exchange: Exchange, kind: ObjectType, inputs: list[Input]) -> None:
    """Two inputs with one unique value cannot both be made."""
    for name in exchange.account.properties[kind.type_id].unique_names:
        values = [str(one.get("properties", {}).get(name) or "").lower() for one in inputs]
        filled = [value for value in values if value]
        if len(set(filled)) < len(filled):
            raise invalid(f"Duplicate values for unique property {name} found in batch input")


def _update(exchange: Exchange, kind: ObjectType, inputs: list[Input]) -> Answer:
    """Merged-away ids are left out without an error (hubspot.md 3)."""
    crm = exchange.crm()
    results: list[Any] = []
    errors: list[dict[str, Any]] = []
    _refuse_repeated_ids(inputs)

    def change(one: Input) -> None:
        record_id = _addressed(exchange, kind, one)
        if (kind.type_id, record_id) in exchange.account.merged:
            return
        if record_id not in exchange.account.live[kind.type_id]:
            traces = [str(one["objectWriteTraceId"])] if one.get("objectWriteTraceId") else None
            errors.append(_missing(kind, [str(one.get("id"))], traces))
            return
        record, changed = crm.update(kind, record_id, _properties(one))
        names = [*_properties(one), *(name for name in record["p"] if name in changed)]
        results.append(_traced(shown(exchange.account, kind, record, names), one))

    if all(one.get("objectWriteTraceId") for one in inputs):
        for one in inputs:
            _collect(errors, one, change)
    else:
        _check_updates(exchange, kind, inputs)
        for one in inputs:
            change(one)
    return envelope(exchange, results, errors, HTTPStatus.OK)


def _check_updates(exchange: Exchange, kind: ObjectType, inputs: list[Input]) -> None:
    """Without trace ids one wrong input refuses them all, before any is done (guess: as for creates)."""
    for one in inputs:
        record = exchange.account.live[kind.type_id].get(_addressed(exchange, kind, one))
        properties = _properties(one)
        if record is not None:
            exchange.crm().changes(kind, record, properties)
    _refuse_repeated_unique(exchange, kind, inputs)


def _upsert(exchange: Exchange, kind: ObjectType, inputs: list[Input]) -> Answer:
    crm = exchange.crm()
    results: list[Any] = []
    errors: list[dict[str, Any]] = []
    _refuse_repeated_ids(inputs)

    def put(one: Input) -> None:
        name = one.get("idProperty") or ""
        if not name:
            raise invalid("idProperty is required for upsert")
        scopes.refuse_not_unique(exchange, kind, name)
        properties = {name: one.get("id"), **_properties(one)}
        holder = exchange.account.find_unique(kind.type_id, name, str(one.get("id")))
        if holder is not None:
            # An additional address leads to the contact, and does not become its first.
            changes = {key: value for key, value in properties.items() if key != name or name != "email"}
            record, _ = crm.update(kind, holder, changes)
        else:
            values, connections = crm.prepare(kind, properties, one.get("associations") or [])
            record = crm.create(kind, values, connections)
        view = shown_whole(exchange.account, kind, record)
        results.append(_traced({**view, "new": holder is None}, one))

    for one in inputs:
        _collect(errors, one, put)
    return envelope(exchange, results, errors, HTTPStatus.OK)


def _archive(exchange: Exchange, kind: ObjectType, inputs: list[Input]) -> Answer:
    crm = exchange.crm()
    ids = [str(one.get("id", "")) for one in inputs]
    for record_id in ids:
        crm.refuse_archive(kind, record_id)
    for record_id in ids:
        crm.archive(kind, record_id)
    return Answer(HTTPStatus.NO_CONTENT)


def _collect(errors: list[dict[str, Any]], one: Input, work: Callable[[Input], None]) -> None:
    """Do the work of one input; a refusal becomes its entry in `errors`."""
    try:
        work(one)
    except RefusalError as refused:
        trace = one.get("objectWriteTraceId")
        context = {"objectWriteTraceId": [trace]} if trace else {"ids": [str(one.get("id", ""))]}
        told = {key: value for key, value in refused.body.items() if key in {"status", "category", "message", "errors"}}
        errors.append({**told, "context": context})


def _properties(one: Input) -> dict[str, Any]:
    properties = one.get("properties")
    if not isinstance(properties, dict):
        raise invalid("Invalid input JSON: every input needs properties")
    return properties


def _traced(view: dict[str, Any], one: Input) -> dict[str, Any]:
    trace = one.get("objectWriteTraceId")
    return {**view, "objectWriteTraceId": trace} if trace else view


def _addressed(exchange: Exchange, kind: ObjectType, one: Input) -> str:
    name = one.get("idProperty") or ""
    if not name:
        return str(one.get("id", ""))
    if name == "email":  # Good for upserts and reads only (hubspot.md 4).
        raise scopes.not_unique(exchange, kind, name)
    scopes.refuse_not_unique(exchange, kind, name)
    return exchange.account.find_unique(kind.type_id, name, str(one.get("id"))) or ""


def _refuse_repeated_ids(inputs: list[Input]) -> None:
    ids = [(one.get("idProperty"), str(one.get("id"))) for one in inputs]
    if len(set(ids)) < len(ids):
        raise invalid("Duplicate IDs found in batch input")


_VERBS: dict[str, Callable[[Exchange, ObjectType, list[Input]], Answer]] = {
    "read": _read,
    "create": _create,
    "update": _update,
    "upsert": _upsert,
    "archive": _archive,
}
