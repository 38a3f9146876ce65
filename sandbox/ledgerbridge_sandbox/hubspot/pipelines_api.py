"""`/crm/pipelines`: pipelines, stages, audits (hubspot.md 8; paths and shapes also of the SDKs)."""

from http import HTTPStatus
from typing import Any

from ledgerbridge_sandbox.hubspot.errors import invalid, not_found
from ledgerbridge_sandbox.hubspot.exchange import Answer, Exchange, method_not_allowed
from ledgerbridge_sandbox.hubspot.object_types import DEAL, object_type
from ledgerbridge_sandbox.hubspot.values import milliseconds_text


def serve(exchange: Exchange) -> Answer:
    """Everything below `/crm/pipelines/{version}`: only deals have pipelines here."""
    if not exchange.steps:
        raise not_found()
    kind, rest = object_type(exchange.steps[0]), exchange.steps[1:]
    if exchange.method == "GET":
        exchange.need(f"crm.objects.{kind.scope}.read", f"crm.schemas.{kind.scope}.read")
    else:
        exchange.need(f"crm.schemas.{kind.scope}.write")
    if kind.type_id != DEAL:
        if exchange.method == "GET" and not rest:
            return Answer(HTTPStatus.OK, {"results": []})
        raise not_found(f"{kind.upper} has no pipelines")
    match rest:
        case []:
            return _collection(exchange)
        case [pipeline_id, *below]:
            return _below(exchange, pipeline_id, below)
    raise not_found()


def _stamp(exchange: Exchange) -> str:
    return milliseconds_text(exchange.world.clock.now())


def _collection(exchange: Exchange) -> Answer:
    pipelines = exchange.account.pipelines
    if exchange.method == "GET":
        return Answer(HTTPStatus.OK, {"results": pipelines.live})
    if exchange.method != "POST":
        raise method_not_allowed()
    made = pipelines.create(exchange.json(), _stamp(exchange))
    _note(exchange, "CREATE", made["id"])
    return Answer(HTTPStatus.CREATED, made)


def _below(exchange: Exchange, pipeline_id: str, below: list[str]) -> Answer:
    match below:
        case []:
            return _pipeline(exchange, pipeline_id)
        case ["stages"]:
            return _stages(exchange, pipeline_id)
        case ["stages", stage_id]:
            return _stage(exchange, pipeline_id, stage_id)
        case ["audit"]:
            exchange.account.pipelines.get(pipeline_id)
            return _audit(exchange, pipeline_id)
        case ["stages", stage_id, "audit"]:
            exchange.account.pipelines.stage(pipeline_id, stage_id)
            return _audit(exchange, stage_id)
    raise not_found()


def _pipeline(exchange: Exchange, pipeline_id: str) -> Answer:
    pipelines, stamp = exchange.account.pipelines, _stamp(exchange)
    if exchange.method == "GET":
        return Answer(HTTPStatus.OK, pipelines.get(pipeline_id))
    if exchange.method == "DELETE":
        checks = ("validateReferencesBeforeDelete", "validateDealStageUsagesBeforeDelete")
        if any(exchange.flag(name) for name in checks):
            _refuse_used(exchange, [stage["id"] for stage in pipelines.get(pipeline_id)["stages"]])
        pipelines.archive(pipeline_id, stamp)
        _note(exchange, "DELETE", pipeline_id)
        return Answer(HTTPStatus.NO_CONTENT)
    if exchange.method == "PATCH":
        changed = pipelines.change(pipeline_id, exchange.json(), stamp)
    elif exchange.method == "PUT":
        changed = _replaced(exchange, pipeline_id)
    else:
        raise method_not_allowed()
    _note(exchange, "UPDATE", pipeline_id)
    return Answer(HTTPStatus.OK, changed)


def _replaced(exchange: Exchange, pipeline_id: str) -> dict[str, Any]:
    body, before = exchange.json(), exchange.account.pipelines.get(pipeline_id)
    kept = {one.get("stageId") for one in body.get("stages") or () if isinstance(one, dict)}
    _refuse_used(exchange, [stage["id"] for stage in before["stages"] if stage["id"] not in kept])
    changed = exchange.account.pipelines.replace(pipeline_id, body, _stamp(exchange))
    for stage in changed["stages"]:
        _recalculate(exchange, stage["id"])
    return changed


def _stages(exchange: Exchange, pipeline_id: str) -> Answer:
    pipelines = exchange.account.pipelines
    if exchange.method == "GET":
        return Answer(HTTPStatus.OK, {"results": pipelines.get(pipeline_id)["stages"]})
    if exchange.method != "POST":
        raise method_not_allowed()
    made = pipelines.add_stage(pipeline_id, exchange.json(), _stamp(exchange))
    _note(exchange, "CREATE", made["id"])
    return Answer(HTTPStatus.CREATED, made)


def _stage(exchange: Exchange, pipeline_id: str, stage_id: str) -> Answer:
    pipelines = exchange.account.pipelines
    present = pipelines.stage(pipeline_id, stage_id)
    if exchange.method == "GET":
        return Answer(HTTPStatus.OK, present)
    if exchange.method == "DELETE":
        _refuse_used(exchange, [stage_id])
        pipelines.archive_stage(pipeline_id, stage_id, _stamp(exchange))
        _note(exchange, "DELETE", stage_id)
        return Answer(HTTPStatus.NO_CONTENT)
    if exchange.method not in {"PATCH", "PUT"}:
        raise method_not_allowed()
    body = exchange.json()
    if exchange.method == "PUT" and not {"label", "displayOrder", "metadata"} <= body.keys():
        raise invalid("Invalid input JSON: label, displayOrder and metadata are required")
    changed = pipelines.change_stage(pipeline_id, stage_id, body, _stamp(exchange))
    _recalculate(exchange, stage_id)
    _note(exchange, "UPDATE", stage_id)
    return Answer(HTTPStatus.OK, changed)


def _deals_in(exchange: Exchange, stage_ids: list[str]) -> list[str]:
    return [deal["id"] for deal in exchange.account.live[DEAL].all() if deal["p"].get("dealstage") in stage_ids]


def _refuse_used(exchange: Exchange, stage_ids: list[str]) -> None:
    """400 with the documented subCategory; message and context are a guess."""
    if deals := _deals_in(exchange, stage_ids):
        raise invalid(
            f"Cannot delete stages that are in use: {', '.join(stage_ids)}",
            subCategory="PipelineError.STAGE_ID_IN_USE",
            context={"stageId": stage_ids, "objectIds": deals},
        )


def _recalculate(exchange: Exchange, stage_id: str) -> None:
    """Probability and closing of the deals in a stage follow its metadata."""
    for deal_id in _deals_in(exchange, [stage_id]):
        exchange.crm().refresh(object_type(DEAL), deal_id)


def _note(exchange: Exchange, action: str, identifier: str) -> None:
    exchange.account.pipelines.note(action, identifier, exchange.account.portal, _stamp(exchange))


def _audit(exchange: Exchange, identifier: str) -> Answer:
    if exchange.method != "GET":
        raise method_not_allowed()
    found = [entry for entry in exchange.account.pipelines.audit if entry["identifier"] == identifier]
    return Answer(HTTPStatus.OK, {"results": found[::-1]})
