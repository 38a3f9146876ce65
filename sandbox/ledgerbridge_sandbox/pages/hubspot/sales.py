"""An account's pages: which account, which record, and the frame that all its pages have."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from itertools import islice
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ledgerbridge_sandbox.hubspot.accounts import Account
from ledgerbridge_sandbox.hubspot.crm import Crm
from ledgerbridge_sandbox.hubspot.events import SALESPERSON
from ledgerbridge_sandbox.hubspot.portal_paths import PORTAL
from ledgerbridge_sandbox.pages.entering import EntryError
from ledgerbridge_sandbox.pages.hubspot.views import VIEWS, View
from ledgerbridge_sandbox.pages.rendering import ROOT, Pages, Refusal
from ledgerbridge_sandbox.records import Record

BASE = f"/hubspot/{PORTAL}"
_SUGGESTED = 200
_LOOKED_AT = 50_000

Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Place:
    """Where a salesperson stands: a record of an account, and the engine with the salesperson at it."""

    account: Account
    view: View
    record: Record
    crm: Crm
    now: datetime

    @property
    def id(self) -> str:
        return str(self.record["id"])

    @property
    def address(self) -> str:
        """The record's page."""
        return address(self.account, self.view.kind.plural, self.id)


Act = Callable[[Place, FormData, dict[str, Any]], Response]
"""Does what a form on a record asks; the last are the parts of its address. Raises the vendor's refusals."""


class Sales:
    """What the pages of HubSpot share."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages

    def account(self, request: Request) -> Account:
        """The account of the address."""
        found: Account | None = self.pages.world.hubspot.accounts.get(request.path_params["portal"])
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such account.")
        return found

    def view(self, request: Request, part: str = "type") -> View:
        """The type of records that a part of the address names."""
        found = VIEWS.get(request.path_params[part])
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, "There are no such records.")
        return found

    def place(self, request: Request) -> Place:
        """The record of the address, also one in the recycle bin."""
        account, view, identifier = self.account(request), self.view(request), request.path_params["id"]
        type_id = view.kind.type_id
        found = account.find(type_id, identifier) or account.archived[type_id].get(identifier)
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such record.")
        return Place(account, view, found, self.crm(account), self.pages.world.clock.now())

    def crm(self, account: Account) -> Crm:
        """The engine, with the salesperson at it."""
        world = self.pages.world
        account.index_lag.tick(world.clock.now(), world.settings["hubspot"]["search_lag_seconds"])
        return Crm(world, account, SALESPERSON)

    def show(
        self, request: Request, template: str, tab: str, refusal: Refusal | None = None, **context: Any
    ) -> Response:
        """A page of the account."""
        account = self.account(request)
        base = address(account)
        tabs = [(view.words, f"{base}/{name}", name == tab) for name, view in VIEWS.items()]
        return self.pages.show(
            request, f"hubspot/{template}", refusal, account=account, base=base, tabs=tabs, **context
        )


def address(account: Account, *parts: str) -> str:
    """The address of an account's page."""
    return "/".join((f"{ROOT}/hubspot/{account.portal}", *parts))


def suggested(account: Account, view: View) -> list[tuple[str, str]]:
    """Records to suggest in a field, as `Name (id)` with what else is known of them: those that changed last."""
    store = account.live[view.kind.type_id]
    records = [record for each in islice(store.ids_by_change(), _SUGGESTED) if (record := store.get(each))]
    return sorted(
        (f"{view.name(each)} ({each['id']})", each["p"].get("email") or each["p"].get("hs_sku") or "")
        for each in records
    )


def named(account: Account, view: View, text: str, field: str) -> str:
    """The id of the record that `Name (id)`, an id, e-mail address, SKU or name means; else EntryError for `field`."""
    store = account.live[view.kind.type_id]
    inside = text.rpartition("(")[2].removesuffix(")").strip()
    for identifier in (text, inside):
        if identifier in store:
            return identifier
    holder = account.find_unique(view.kind.type_id, "email", text) if "@" in text else None
    if holder is not None:
        return holder
    wanted = text.casefold()
    for identifier in islice(store.ids_by_change(), _LOOKED_AT if text else 0):
        record = store.get(identifier)
        if record is not None and wanted in {view.name(record).casefold(), record["p"].get("hs_sku", "").casefold()}:
            return identifier
    noun = view.kind.singular.replace("_", " ")
    raise EntryError(f"There is no {noun} called “{text}”." if text else f"Choose the {noun}.", field)


def get(path: str, handler: Handler) -> Route:
    """A page."""
    return Route(BASE + path, handler, methods=["GET"])


def post(path: str, handler: Handler) -> Route:
    """Where a form is sent."""
    return Route(BASE + path, handler, methods=["POST"])
