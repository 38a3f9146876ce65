"""The form for a new record: a deal, a contact, a company or a product."""

from http import HTTPStatus
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from ledgerbridge_sandbox.hubspot.accounts import Account
from ledgerbridge_sandbox.hubspot.object_types import DEAL, ObjectType
from ledgerbridge_sandbox.pages.entering import entered, word
from ledgerbridge_sandbox.pages.hubspot.fields import fields_of
from ledgerbridge_sandbox.pages.hubspot.records import association_for
from ledgerbridge_sandbox.pages.hubspot.sales import Sales, address, get, named, post, suggested
from ledgerbridge_sandbox.pages.hubspot.values import stage_choices
from ledgerbridge_sandbox.pages.hubspot.views import VIEWS, View
from ledgerbridge_sandbox.pages.rendering import Pages, Refusal, to

_BESIDE_DEAL = ("companies", "contacts")


def routes(pages: Pages) -> list[BaseRoute]:
    """The form and where it is sent."""
    desk = NewRecords(Sales(pages))
    return [get("/{type}/new", desk.open), post("/{type}/new", desk.create)]


class NewRecords:
    """The handlers."""

    def __init__(self, sales: Sales) -> None:
        self._sales = sales

    async def open(self, request: Request) -> Response:
        """An empty form."""
        return self._show(request)

    def _view(self, request: Request) -> View:
        view = self._sales.view(request)
        if not view.made_here:
            raise HTTPException(HTTPStatus.NOT_FOUND, f"{view.words} are not made here.")
        return view

    def _show(self, request: Request, refusal: Refusal | None = None) -> Response:
        account, view = self._sales.account(request), self._view(request)
        first = {"deal_currency_code": account.currency}
        deal = view.kind.type_id == DEAL
        return self._sales.show(
            request,
            "new.html",
            view.kind.plural,
            refusal,
            view=view,
            fields=fields_of(account, view.kind.type_id, view.fields, first),
            stages=stage_choices(account) if deal else [],
            beside=[(VIEWS[end], suggested(account, VIEWS[end])) for end in _BESIDE_DEAL] if deal else [],
        )

    async def create(self, request: Request) -> Response:
        """Make the record, with what stands beside a new deal."""
        account, view = self._sales.account(request), self._view(request)

        def work(form: FormData) -> Response:
            said = {name: word(form, name) for name in view.fields if word(form, name)}
            ties = []
            if view.kind.type_id == DEAL:
                said["pipeline"], _, said["dealstage"] = word(form, "stage").partition(":")
                ties = list(_ties(account, view.kind, form))
            crm = self._sales.crm(account)
            record = crm.create(view.kind, *crm.prepare(view.kind, said, ties))
            return to(address(account, view.kind.plural, record["id"]), "created")

        return await entered(request, "new", work, self._show)


def _ties(account: Account, kind: ObjectType, form: FormData) -> list[dict[str, Any]]:
    """Associations of the new record with the company and the contact that the form names."""
    ties = []
    for end in _BESIDE_DEAL:
        if word(form, end):
            other, between = (
                named(account, VIEWS[end], word(form, end), end),
                association_for(account, kind, "", VIEWS[end].kind),
            )
            ties.append({"to": {"id": other}, "types": [{"associationTypeId": between.type_id}]})
    return ties
