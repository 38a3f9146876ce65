"""What a salesperson does to a deal alone: its stage and its line items."""

from http import HTTPStatus
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute

from ledgerbridge_sandbox.hubspot.object_types import LINE_ITEM, OBJECT_TYPES
from ledgerbridge_sandbox.pages.entering import needed, word
from ledgerbridge_sandbox.pages.hubspot.record_page import deed
from ledgerbridge_sandbox.pages.hubspot.sales import Place, Sales, named, post
from ledgerbridge_sandbox.pages.hubspot.views import VIEWS
from ledgerbridge_sandbox.pages.rendering import Pages, to

_SAID_OF_LINE = ("quantity", "price", "hs_discount_percentage")
LINE = OBJECT_TYPES[LINE_ITEM]


def routes(pages: Pages) -> list[BaseRoute]:
    """The forms on a deal."""
    sales, one = Sales(pages), "/deals/{id}"
    return [
        post(one + "/stage", deed(sales, "stage", _move, "deals")),
        post(one + "/lines", deed(sales, "line", _add_line, "deals")),
        post(one + "/lines/{line}/save", deed(sales, "line-{line}", _save_line, "deals")),
        post(one + "/lines/{line}/remove", deed(sales, "line-{line}", _remove_line, "deals")),
    ]


def _move(place: Place, form: FormData, _parts: Any) -> Response:
    """To another stage, in whichever pipeline it stands."""
    pipeline, _, stage = needed(form, "stage", "The stage").partition(":")
    place.crm.update(place.view.kind, place.id, {"pipeline": pipeline, "dealstage": stage})
    return to(place.address, "moved")


def _add_line(place: Place, form: FormData, _parts: Any) -> Response:
    """Of a product, whose values it takes over, or of a name and a price alone."""
    said = {
        name: word(form, name) for name in ("name", "recurringbillingfrequency", *_SAID_OF_LINE) if word(form, name)
    }
    if word(form, "product"):
        said["hs_product_id"] = named(place.account, VIEWS["products"], word(form, "product"), "product")
    elif "name" not in said:
        said["name"] = needed(form, "name", "Choose a product or write a name: the name")
    said.setdefault("quantity", "1")
    said["hs_position_on_quote"] = str(len(place.account.associations.of(place.view.kind.type_id, place.id, LINE_ITEM)))
    between = place.account.labels.default(LINE, place.view.kind)
    tie = {"to": {"id": place.id}, "types": [{"associationTypeId": between.type_id}]}
    place.crm.create(LINE, *place.crm.prepare(LINE, said, [tie]))
    return to(place.address, "line-added")


def _save_line(place: Place, form: FormData, parts: dict[str, Any]) -> Response:
    """Quantity, price and discount."""
    line = _line_of(place, parts)
    place.crm.update(LINE, line, {name: word(form, name) for name in _SAID_OF_LINE})
    return to(place.address, "line-saved")


def _remove_line(place: Place, _form: FormData, parts: dict[str, Any]) -> Response:
    place.crm.archive(LINE, _line_of(place, parts))
    return to(place.address, "line-removed")


def _line_of(place: Place, parts: dict[str, Any]) -> str:
    """The line's id, if it stands on the deal and is not in the recycle bin."""
    line = str(parts["line"])
    on_deal = place.account.associations.of(place.view.kind.type_id, place.id, LINE_ITEM)
    if line not in on_deal or line not in place.account.live[LINE_ITEM]:
        raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such line item on the deal.")
    return line
