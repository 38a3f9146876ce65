"""What a salesperson does to a record of any type."""

from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from ledgerbridge_sandbox.hubspot.accounts import Account
from ledgerbridge_sandbox.hubspot.association_types import AssociationType
from ledgerbridge_sandbox.hubspot.object_types import COMPANY, CONTACT, DEAL, NOTE, OBJECT_TYPES, TASK, ObjectType
from ledgerbridge_sandbox.hubspot.values import milliseconds_text
from ledgerbridge_sandbox.hubspot.views import living_ends
from ledgerbridge_sandbox.pages.entering import needed, word
from ledgerbridge_sandbox.pages.hubspot.fields import changed
from ledgerbridge_sandbox.pages.hubspot.record_page import deed, show_record
from ledgerbridge_sandbox.pages.hubspot.sales import Place, Sales, address, get, named, post
from ledgerbridge_sandbox.pages.hubspot.views import VIEWS
from ledgerbridge_sandbox.pages.rendering import Pages, to


def routes(pages: Pages) -> list[BaseRoute]:
    """A record of any type, and the forms on it."""
    sales = Sales(pages)
    one = "/{type}/{id}"

    async def show(request: Request) -> Response:
        return show_record(sales, request)

    return [
        get(one, show),
        post(one + "/edit", deed(sales, "edit", _edit)),
        post(one + "/archive", deed(sales, "archive", _archive)),
        post(one + "/restore", deed(sales, "restore", _restore)),
        post(one + "/merge", deed(sales, "merge", _merge)),
        post(one + "/associate/{end}", deed(sales, "associate-{end}", _associate)),
        post(one + "/disassociate/{end}/{other}", deed(sales, "associate-{end}", _disassociate)),
        post(one + "/note", deed(sales, "note", _note)),
        post(one + "/task", deed(sales, "task", _task)),
    ]


def association_for(account: Account, start: ObjectType, record_id: str, end: ObjectType) -> AssociationType:
    """The primary type for the first company of a contact or deal, else the unlabeled one."""
    if end.type_id == COMPANY and start.type_id in {CONTACT, DEAL} and not living_ends(account, start, record_id, end):
        return next(kind for kind in account.labels.between(start.type_id, end.type_id).values() if kind.primary)
    return account.labels.default(start, end)


def _edit(place: Place, form: FormData, _parts: Any) -> Response:
    """Store what differs from what the form showed."""
    kind = place.view.kind
    changes = changed(place.account, kind.type_id, place.view.fields, place.record["p"], form)
    place.crm.update(kind, place.id, changes)
    return to(place.address, "saved" if changes else "unchanged")


def _archive(place: Place, _form: FormData, _parts: Any) -> Response:
    place.crm.archive(place.view.kind, place.id)
    return to(address(place.account, place.view.kind.plural), "archived")


def _restore(place: Place, _form: FormData, _parts: Any) -> Response:
    place.crm.restore(place.view.kind, place.id)
    return to(place.address, "restored")


def _merge(place: Place, form: FormData, _parts: Any) -> Response:
    """Another record becomes part of this one."""
    other = named(place.account, place.view, word(form, "other"), "other")
    survivor = place.crm.merge(place.view.kind, place.id, other)
    return to(address(place.account, place.view.kind.plural, survivor["id"]), "merged")


def _associate(place: Place, form: FormData, parts: dict[str, Any]) -> Response:
    end = VIEWS[parts["end"]]
    other = named(place.account, end, word(form, "other"), "other")
    kind = association_for(place.account, place.view.kind, place.id, end.kind)
    place.crm.connect((kind,), place.id, other, replace=False)
    return to(place.address, "associated")


def _disassociate(place: Place, _form: FormData, parts: dict[str, Any]) -> Response:
    """Take all associations with the other record away."""
    place.crm.disconnect(place.view.kind, place.id, VIEWS[parts["end"]].kind, parts["other"])
    return to(place.address, "disassociated")


def _note(place: Place, form: FormData, _parts: Any) -> Response:
    said = {"hs_note_body": needed(form, "body", "The note"), "hs_timestamp": milliseconds_text(place.now)}
    _add(place, NOTE, said)
    return to(place.address, "note-added")


def _task(place: Place, form: FormData, _parts: Any) -> Response:
    said = {
        "hs_task_subject": needed(form, "subject", "The task"),
        "hs_timestamp": word(form, "due") or milliseconds_text(place.now),
        "hs_task_status": "NOT_STARTED",
    }
    _add(place, TASK, said)
    return to(place.address, "task-added")


def _add(place: Place, type_id: str, said: dict[str, str]) -> None:
    """Make a note or task on the record."""
    kind = OBJECT_TYPES[type_id]
    between = place.account.labels.default(kind, place.view.kind)
    tie = {"to": {"id": place.id}, "types": [{"associationTypeId": between.type_id}]}
    place.crm.create(kind, *place.crm.prepare(kind, said, [tie]))
