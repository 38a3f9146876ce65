"""Quotes: made of a deal's line items, published, taken back to draft."""

from collections.abc import Iterator
from typing import Any

from starlette.datastructures import FormData
from starlette.responses import Response
from starlette.routing import BaseRoute

from ledgerbridge_sandbox.hubspot.object_types import (
    CONTACT,
    DEAL,
    LINE_ITEM,
    OBJECT_TYPES,
    QUOTE,
    QUOTE_TEMPLATE,
    ObjectType,
)
from ledgerbridge_sandbox.hubspot.views import living_ends
from ledgerbridge_sandbox.pages.entering import word
from ledgerbridge_sandbox.pages.hubspot.deals import LINE
from ledgerbridge_sandbox.pages.hubspot.record_page import deed
from ledgerbridge_sandbox.pages.hubspot.sales import Act, Place, Sales, address, post
from ledgerbridge_sandbox.pages.rendering import Pages, to

_QUOTE = OBJECT_TYPES[QUOTE]


def routes(pages: Pages) -> list[BaseRoute]:
    """The form on a deal and the buttons on a quote."""
    sales, one = Sales(pages), "/quotes/{id}"
    return [
        post("/deals/{id}/quote", deed(sales, "quote", _create, "deals")),
        post(one + "/publish", deed(sales, "publish", _becoming("APPROVAL_NOT_NEEDED", "quote-published"), "quotes")),
        post(one + "/draft", deed(sales, "draft", _becoming("DRAFT", "quote-draft"), "quotes")),
    ]


def _becoming(status: str, done: str) -> Act:
    def act(place: Place, _form: FormData, _parts: Any) -> Response:
        place.crm.update(_QUOTE, place.id, {"hs_status": status})
        return to(place.address, done)

    return act


def _create(place: Place, form: FormData, _parts: Any) -> Response:
    """A draft with line items of its own: those of the deal, as they are now. What is refused makes none of them."""
    said = {name: word(form, name) for name in ("hs_title", "hs_expiration_date", "hs_terms") if word(form, name)}
    said |= {"hs_status": "DRAFT", "hs_currency": place.record["p"].get("deal_currency_code", place.account.currency)}
    ties = [_tie(place, OBJECT_TYPES[DEAL], place.id)]
    for field, type_id in (("template", QUOTE_TEMPLATE), ("contact", CONTACT)):
        if word(form, field):
            ties.append(_tie(place, OBJECT_TYPES[type_id], word(form, field)))
    place.crm.prepare(_QUOTE, said, ties)
    lines = [place.crm.create(LINE, *place.crm.prepare(LINE, values, [])) for values in _copies(place)]
    ties += [_tie(place, LINE, line["id"]) for line in lines]
    quote = place.crm.create(_QUOTE, *place.crm.prepare(_QUOTE, said, ties))
    return to(address(place.account, "quotes", quote["id"]), "quote-created")


def _tie(place: Place, end: ObjectType, other: str) -> dict[str, Any]:
    between = place.account.labels.default(_QUOTE, end)
    return {"to": {"id": other}, "types": [{"associationTypeId": between.type_id}]}


def _copies(place: Place) -> Iterator[dict[str, str]]:
    """What can be written of each of the deal's line items."""
    definitions = place.account.properties[LINE_ITEM].definitions
    for line_id, _ in living_ends(place.account, place.view.kind, place.id, LINE):
        values = (place.account.live[LINE_ITEM].get(line_id) or {"p": {}})["p"]
        yield {
            name: value
            for name, value in values.items()
            if name in definitions and not definitions[name]["modificationMetadata"]["readOnlyValue"]
        }
