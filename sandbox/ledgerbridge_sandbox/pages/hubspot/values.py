"""A property's value as a person reads it."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from ledgerbridge_sandbox.hubspot.accounts import Account
from ledgerbridge_sandbox.hubspot.object_types import DEAL, INVOICE, QUOTE
from ledgerbridge_sandbox.pages.chips import Chip
from ledgerbridge_sandbox.pages.wording import NOTHING, day, figure, moment
from ledgerbridge_sandbox.records import Record

_QUOTE_CHIPS = {
    "DRAFT": Chip("draft", "Draft", "waiting", "waiting"),
    "PENDING_APPROVAL": Chip("pending", "Pending approval", "partial", "half"),
    "REJECTED": Chip("rejected", "Rejected", "voided", "ban"),
    "APPROVED": Chip("published", "Approved", "paid", "check"),
    "APPROVAL_NOT_NEEDED": Chip("published", "Published", "paid", "check"),
    "ACCEPTED": Chip("published", "Accepted", "paid", "check"),
}
_INVOICE_CHIPS = {
    "draft": Chip("draft", "Draft", "waiting", "waiting"),
    "open": Chip("open", "Open", "sent", "send"),
    "paid": Chip("paid", "Paid", "paid", "check"),
    "voided": Chip("voided", "Voided", "voided", "ban"),
}
_EXPIRED = Chip("expired", "Expired", "overdue", "late")


def chip_of(account: Account, type_id: str, record: Record, now: datetime) -> Chip | None:
    """The state of a deal, quote or invoice; None of others."""
    values = record["p"]
    if type_id == DEAL:
        return _deal_chip(account, values)
    if type_id == QUOTE:
        chip = _QUOTE_CHIPS.get(values.get("hs_status", "DRAFT"), _QUOTE_CHIPS["DRAFT"])
        expires = values.get("hs_expiration_date")
        past = bool(expires) and date.fromisoformat(expires) < now.astimezone(account.zone).date()
        return _EXPIRED if past and chip.key == "published" else chip
    return _INVOICE_CHIPS.get(values.get("hs_invoice_status", "draft")) if type_id == INVOICE else None


def _deal_chip(account: Account, values: Mapping[str, str]) -> Chip:
    stage = next((each for _, each in stages(account) if each["id"] == values.get("dealstage")), None)
    if stage is None:
        return Chip("unknown", values.get("dealstage") or "No stage", "waiting", "waiting")
    if stage["metadata"].get("isClosed") != "true":
        return Chip("open", stage["label"], "sent", "waiting")
    won = float(stage["metadata"].get("probability") or 0) > 0
    return Chip("won" if won else "lost", stage["label"], "paid" if won else "gone", "check" if won else "ban")


def stages(account: Account) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Every stage with its pipeline, in their order."""
    for pipeline in account.pipelines.live:
        for stage in pipeline["stages"]:
            yield pipeline, stage


def stage_choices(account: Account) -> list[tuple[str, str]]:
    """Every stage to choose from, as `pipeline:stage`."""
    return [(f"{p['id']}:{stage['id']}", f"{p['label']}: {stage['label']}") for p, stage in stages(account)]


def owners(account: Account) -> list[tuple[str, str]]:
    """Who can own a record: id and name."""
    return [(each["id"], f"{each['firstName']} {each['lastName']}") for each in account.owners if not each["archived"]]


def readable(account: Account, definition: Mapping[str, Any], value: str) -> Any:
    """A value in words: labels of options, names of owners and stages, days and moments in the account's zone."""
    labels = _labels(account, definition)
    if value == "" or value in labels:
        return labels.get(value, NOTHING)
    match definition["type"]:
        case "date":
            return day(value)
        case "datetime":
            return moment(value, account.zone)
        case "number" if not definition["name"].endswith("id"):
            return figure(value)
    return value


def _labels(account: Account, definition: Mapping[str, Any]) -> Mapping[str, str]:
    """The words for each value that a property can have."""
    if definition["name"] == "pipeline":
        return {each["id"]: each["label"] for each in account.pipelines.live}
    if definition["name"] == "dealstage":
        return {stage["id"]: stage["label"] for _, stage in stages(account)}
    if definition.get("referencedObjectType") == "OWNER":
        return {each["id"]: f"{each['firstName']} {each['lastName']}" for each in account.owners}
    return {option["value"]: option["label"] for option in definition["options"]}
