"""The page of one record: its properties and everything that stands beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from ledgerbridge_sandbox.hubspot.object_types import (
    COMPANY,
    CONTACT,
    DEAL,
    INVOICE,
    LINE_ITEM,
    NOTE,
    OBJECT_TYPES,
    QUOTE,
    QUOTE_TEMPLATE,
    TASK,
)
from ledgerbridge_sandbox.hubspot.views import living_ends, value_of
from ledgerbridge_sandbox.pages.chips import Chip
from ledgerbridge_sandbox.pages.entering import entered
from ledgerbridge_sandbox.pages.hubspot.fields import fields_of
from ledgerbridge_sandbox.pages.hubspot.sales import Act, Handler, Place, Sales, suggested
from ledgerbridge_sandbox.pages.hubspot.values import chip_of, readable, stage_choices
from ledgerbridge_sandbox.pages.hubspot.views import OF_TYPE, VIEWS, View
from ledgerbridge_sandbox.pages.rendering import Refusal
from ledgerbridge_sandbox.records import Record

OWN_PREFIX = "ledgerbridge_"
"""The properties of the application under test, which have a section of their own."""
_WITH_LINES = frozenset({DEAL, QUOTE, INVOICE})
_WITH_NOTES = frozenset({DEAL, CONTACT, COMPANY})


@dataclass(frozen=True)
class Beside:
    """Associated records of one type: (record, name, labels, chip); and records to suggest for another."""

    view: View
    rows: list[tuple[Record, str, str, Chip | None]]
    suggestions: list[tuple[str, str]]


def deed(sales: Sales, form: str, act: Act, of: str = "") -> Handler:
    """
    A handler that does `act` to the record of the address.

    `form` may name parts of the address; `of` is the type where the address does not name it.
    """

    async def handler(request: Request) -> Response:
        if of:
            request.path_params["type"] = of
        place = sales.place(request)
        if "end" in request.path_params:
            sales.view(request, "end")

        def work(given: FormData) -> Response:
            return act(place, given, request.path_params)

        def show(request: Request, refusal: Refusal | None = None) -> Response:
            return show_record(sales, request, refusal)

        return await entered(request, form.format(**request.path_params), work, show)

    return handler


def show_record(sales: Sales, request: Request, refusal: Refusal | None = None) -> Response:
    """The page."""
    place = sales.place(request)
    account, view, record = place.account, place.view, place.record
    properties = list(_properties(place))
    return sales.show(
        request,
        "record.html",
        view.kind.plural,
        refusal,
        view=view,
        record=record,
        at=place.address,
        name=view.name(record),
        code=record["p"].get(view.currency) or account.currency,
        chip_shown=chip_of(account, view.kind.type_id, record, place.now),
        archived="a" in record,
        properties=[each for each in properties if not each[0].startswith(OWN_PREFIX)],
        own=[each for each in properties if each[0].startswith(OWN_PREFIX)],
        fields=fields_of(account, view.kind.type_id, view.fields, record["p"]),
        beside=[_beside(place, OF_TYPE[end]) for end in view.ends],
        others=suggested(account, view) if view.kind.mergeable else [],
        lines=_records(place, LINE_ITEM) if view.kind.type_id in _WITH_LINES else None,
        notes=_records(place, NOTE) if view.kind.type_id in _WITH_NOTES else None,
        tasks=_records(place, TASK) if view.kind.type_id in _WITH_NOTES else [],
        **(_of_deal(place) if view.kind.type_id == DEAL else {}),
    )


def _of_deal(place: Place) -> dict[str, Any]:
    """What a deal has besides: where it can go, its quotes, what a line or a quote can be made of."""
    account = place.account
    templates = account.live[QUOTE_TEMPLATE]
    contacts = _records(place, CONTACT)
    return {
        "stage_choices": stage_choices(account),
        "stage": f"{place.record['p'].get('pipeline')}:{place.record['p'].get('dealstage')}",
        "quotes": [(quote, chip_of(account, QUOTE, quote, place.now)) for quote in _records(place, QUOTE)],
        "products": suggested(account, VIEWS["products"]),
        "templates": [(each, (templates.get(each) or {"p": {}})["p"].get("hs_name", each)) for each in templates.ids()],
        "contacts": [(contact["id"], VIEWS["contacts"].name(contact)) for contact in contacts],
        "in_a_month": place.now.astimezone(account.zone).date() + timedelta(days=30),
        "frequencies": fields_of(account, LINE_ITEM, ("recurringbillingfrequency",), {})[0].options,
    }


def _properties(place: Place) -> Iterator[tuple[str, str, Any]]:
    """Name, label and value of every filled property; the application's own also where they are empty."""
    kind = place.view.kind
    for name, definition in place.account.properties[kind.type_id].definitions.items():
        value = value_of(place.account, kind, place.record, name)
        if value or name.startswith(OWN_PREFIX):
            yield name, definition["label"], readable(place.account, definition, value or "")


def _records(place: Place, type_id: str) -> list[Record]:
    """The associated records of a type, by their position where they have one, else as they were associated."""
    ends = living_ends(place.account, place.view.kind, place.id, OBJECT_TYPES[type_id])
    found = [record for each, _ in ends if (record := place.account.live[type_id].get(each))]
    return sorted(found, key=lambda record: float(record["p"].get("hs_position_on_quote") or 0))


def _beside(place: Place, end: View) -> Beside:
    account, kind = place.account, place.view.kind
    between = account.labels.between(kind.type_id, end.kind.type_id)
    rows = []
    for other_id, type_ids in living_ends(account, kind, place.id, end.kind):
        other = account.live[end.kind.type_id].get(other_id)
        if other is not None:
            labels = ", ".join(label for each in type_ids if (label := between[each].label))
            rows.append((other, end.name(other), labels, chip_of(account, end.kind.type_id, other, place.now)))
    return Beside(end, rows, suggested(account, end))
