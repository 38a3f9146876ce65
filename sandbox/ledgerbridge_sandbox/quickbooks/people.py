"""What people do in QuickBooks' pages, and what QuickBooks really holds (sandbox/control-door.md)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ledgerbridge_sandbox.control import RefusedError
from ledgerbridge_sandbox.quickbooks.bundles import make_bundle
from ledgerbridge_sandbox.quickbooks.companies import QuickBooks
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.desk_company import (
    PREFERENCES,
    define_custom_fields,
    make_tax_group,
    set_preferences,
    set_subscription,
)
from ledgerbridge_sandbox.quickbooks.desk_payments import credit, pay, pay_one, undo_payment
from ledgerbridge_sandbox.quickbooks.engine import existing, merge_customers, send, submit
from ledgerbridge_sandbox.quickbooks.faults import Fault
from ledgerbridge_sandbox.quickbooks.kinds import Kind
from ledgerbridge_sandbox.quickbooks.money import Record, decode_record, encode
from ledgerbridge_sandbox.quickbooks.oauth_pages import OAuthPages
from ledgerbridge_sandbox.quickbooks.schema import KINDS, kind_called
from ledgerbridge_sandbox.world import World


def routes(world: World) -> list[BaseRoute]:
    """The routes on the control door."""
    return Desk(world).routes()


def authorize(world: World, realm: str, url: str) -> str:
    """Consent as a person would to the app that the authorize address names; raises ValueError with the reason."""
    return OAuthPages(world.quickbooks).authorize(realm, url)


class Desk:
    """The bookkeeper's and the administrator's handlers."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[BaseRoute]:
        """All of them."""
        desk, admin = "/people/bookkeeper/{realm}", "/people/administrator/quickbooks/{realm}"
        return [
            Route(f"{desk}/preferences", self.change_preferences, methods=["PATCH"]),
            Route(f"{desk}/customfields", self.define_custom_fields, methods=["PATCH"]),
            Route(f"{desk}/subscription", self.change_subscription, methods=["PATCH"]),
            Route(f"{desk}/customer/merge", self.merge, methods=["POST"]),
            Route(f"{desk}/payment", self.pay_several, methods=["POST"]),
            Route(f"{desk}/creditmemo", self.credit, methods=["POST"]),
            Route(f"{desk}/taxcode/group", self.tax_group, methods=["POST"]),
            Route(f"{desk}/item/bundle", self.bundle, methods=["POST"]),
            Route(f"{desk}/{{entity}}/{{id}}/poison", self.poison, methods=["POST"]),
            Route(f"{desk}/{{entity}}/{{id}}/{{act}}", self.act, methods=["POST"]),
            Route(f"{desk}/{{entity}}", self.submit, methods=["POST"]),
            Route(f"{admin}/revoke", self.revoke, methods=["POST"]),
            Route(f"{admin}/expire", self.expire, methods=["POST"]),
            Route(f"{admin}/rights", self.set_rights, methods=["PUT"]),
            Route("/quickbooks/metering", self.show_metering, methods=["GET"]),
            Route("/quickbooks/metering", self.put_metering, methods=["PUT"]),
            Route("/quickbooks/metering", self.forget_metering, methods=["DELETE"]),
            Route("/quickbooks/{realm}/{entity}", self.show_all, methods=["GET"]),
            Route("/quickbooks/{realm}/{entity}/{id}", self.show, methods=["GET"]),
        ]

    @property
    def _quickbooks(self) -> QuickBooks:
        found: QuickBooks = self._world.quickbooks
        return found

    def _company(self, request: Request) -> Company:
        company = self._quickbooks.companies.get(request.path_params["realm"])
        if company is None:
            raise RefusedError(HTTPStatus.NOT_FOUND, "There is no such company")
        return company

    @staticmethod
    def _kind(request: Request) -> Kind:
        kind = kind_called(request.path_params["entity"])
        if kind is None:
            raise RefusedError(HTTPStatus.NOT_FOUND, "QuickBooks has no such kind of object here")
        return kind

    async def submit(self, request: Request) -> Response:
        """Create or update, body and `operation` as in the API."""
        company, kind, given = self._company(request), self._kind(request), await _given(request)
        operation = request.query_params.get("operation", "")
        return _done(lambda: submit(company, kind, given, operation))

    async def act(self, request: Request) -> Response:
        """send, print, void, delete, edit, pay, undo, unapply, rename, deactivate, activate on one object."""
        company, kind, given = self._company(request), self._kind(request), await _given(request)
        identifier, act = request.path_params["id"], request.path_params["act"]
        if act not in ACTS:
            raise RefusedError(HTTPStatus.NOT_FOUND, f"A bookkeeper cannot {act}")
        return _done(lambda: ACTS[act](company, kind, identifier, given))

    async def pay_several(self, request: Request) -> Response:
        """`{"invoices": {"12": "10.00"}, "total"?, "customer"?, "date"?}`: one payment for several invoices."""
        company, given = self._company(request), await _given(request)
        if "invoices" not in given:
            return _done(lambda: submit(company, KINDS["Payment"], given))
        return _done(lambda: pay(company, given["invoices"], given))

    async def credit(self, request: Request) -> Response:
        """`{"invoice": "12", "amount": "5.00"}`: a credit memo over the amount, applied to the invoice."""
        company, given = self._company(request), await _given(request)
        if "invoice" not in given:
            return _done(lambda: submit(company, KINDS["CreditMemo"], given))
        return _done(lambda: credit(company, str(given["invoice"]), given.get("amount")))

    async def bundle(self, request: Request) -> Response:
        """`{"Name", "ItemGroupDetail": {"ItemGroupLine": [{"ItemRef": {"value"}, "Qty"}]}}`: a new bundle."""
        company, given = self._company(request), await _given(request)
        return _done(lambda: make_bundle(company, given))

    async def tax_group(self, request: Request) -> Response:
        """`{"Name", "TaxRateDetail": [{"TaxRateRef": {"value"}, "TaxTypeApplicable"?}]}`: a new tax code."""
        company, given = self._company(request), await _given(request)
        return _done(lambda: make_tax_group(company, given))

    async def merge(self, request: Request) -> Response:
        """`{"winner": "1", "loser": "2"}`."""
        company, given = self._company(request), await _given(request)
        return _done(lambda: merge_customers(company, str(given.get("winner")), str(given.get("loser"))))

    async def change_preferences(self, request: Request) -> Response:
        """Settings by their bare names; null takes one away."""
        company, given = self._company(request), await _given(request)
        unknown = [name for name in given if name not in PREFERENCES]
        if unknown:
            raise RefusedError(HTTPStatus.BAD_REQUEST, f"Unknown preferences: {', '.join(unknown)}")
        return _done(lambda: set_preferences(company, given))

    async def define_custom_fields(self, request: Request) -> Response:
        """`{"1": "Crew #", "2": null}`: the custom fields of sales forms, three at most."""
        company, given = self._company(request), await _given(request)
        return _done(lambda: define_custom_fields(company, given))

    async def change_subscription(self, request: Request) -> Response:
        """`{"status": "SUSPENDED"}`: writes are refused with 6190 until it is SUBSCRIBED again."""
        company, given = self._company(request), await _given(request)
        return _done(lambda: set_subscription(company, str(given.get("status", "SUBSCRIBED"))))

    async def poison(self, request: Request) -> Response:
        """From now on every page of a query that holds the object fails with 4002; `{"cured": true}` ends that."""
        company, key = self._company(request), (self._kind(request).name, request.path_params["id"])
        if (await _given(request)).get("cured"):
            company.poisoned.discard(key)
        else:
            company.poisoned.add(key)
        return _json(encode({}))

    async def revoke(self, request: Request) -> Response:
        """A person disconnects the app inside QuickBooks: no call tells the app."""
        self._quickbooks.grants.revoke_realm(self._company(request).realm)
        return _json(encode({}))

    async def expire(self, request: Request) -> Response:
        """Every access token of the company is expired now."""
        self._quickbooks.grants.expire_realm(self._company(request).realm)
        return _json(encode({}))

    async def set_rights(self, request: Request) -> Response:
        """`{"administrator": false}`: the person who connected the app is no administrator of the company any more."""
        there = (await _given(request)).get("administrator") is not False
        self._quickbooks.grants.set_rights(self._company(request).realm, there=there)
        return _json(encode({}))

    async def show_metering(self, _request: Request) -> Response:
        """How many calls were counted: metered reads of this month, mails of today."""
        return _json(encode(self._quickbooks.meter.shown()))

    async def put_metering(self, request: Request) -> Response:
        """`{"9130350000000001": 499999}`: let these companies have read so much this month."""
        for realm, reads in (await _given(request)).items():
            if realm not in self._quickbooks.companies or not isinstance(reads, int):
                raise RefusedError(HTTPStatus.BAD_REQUEST, "Companies and whole numbers, please")
            self._quickbooks.meter.put(realm, reads)
        return await self.show_metering(request)

    async def forget_metering(self, request: Request) -> Response:
        """All counters begin at nothing."""
        self._quickbooks.meter.forget()
        return await self.show_metering(request)

    async def show_all(self, request: Request) -> Response:
        """Every object of the kind, deleted ones as their stubs."""
        company, kind = self._company(request), self._kind(request)
        shelf = company.shelves[kind.name]
        bodies = [shelf.body(identifier) for identifier in shelf.ids()]
        stubs = [encode(_stub(identifier)) for entity, identifier in company.deleted if entity == kind.name]
        return _json(b"[%s]" % b",".join(bodies + stubs))

    async def show(self, request: Request) -> Response:
        """One object, or the stub of a deleted one."""
        company, kind, identifier = self._company(request), self._kind(request), request.path_params["id"]
        if identifier in company.shelves[kind.name]:
            return _json(company.shelves[kind.name].body(identifier))
        if (kind.name, identifier) in company.deleted:
            return _json(encode(_stub(identifier)))
        raise RefusedError(HTTPStatus.NOT_FOUND, f"There is no {kind.name} {identifier}")


def _stub(identifier: str) -> Record:
    return {"domain": "QBO", "status": "Deleted", "Id": identifier}


def _json(body: bytes, status: int = HTTPStatus.OK) -> Response:
    return Response(body, status, media_type="application/json")


async def _given(request: Request) -> Record:
    raw = await request.body()
    try:
        return decode_record(raw) if raw else {}
    except Fault as fault:
        raise RefusedError(HTTPStatus.BAD_REQUEST, str(fault)) from fault


def _done(work: Any) -> Response:
    try:
        return _json(encode(work()))
    except Fault as fault:
        return _json(msgspec.json.encode({"Fault": fault.document()}), fault.status)


def _versioned(company: Company, kind: Kind, identifier: str) -> Record:
    return {"Id": identifier, "SyncToken": existing(company, kind, identifier)["SyncToken"]}


def _edit(company: Company, kind: Kind, identifier: str, fields: Mapping[str, Any]) -> Record:
    return submit(company, kind, {**fields, **_versioned(company, kind, identifier), "sparse": True})


def _operate(operation: str) -> Any:
    def act(company: Company, kind: Kind, identifier: str, _given: Mapping[str, Any]) -> Record:
        return submit(company, kind, _versioned(company, kind, identifier), operation)

    return act


def _send(company: Company, kind: Kind, identifier: str, given: Mapping[str, Any]) -> Record:
    return send(company, kind, identifier, given.get("to"))


def _print(company: Company, kind: Kind, identifier: str, _given: Mapping[str, Any]) -> Record:
    return _edit(company, kind, identifier, {"PrintStatus": "PrintComplete"})


def _unapply(company: Company, kind: Kind, identifier: str, _given: Mapping[str, Any]) -> Record:
    return _edit(company, kind, identifier, {"Line": []})


def _deactivate(company: Company, kind: Kind, identifier: str, _given: Mapping[str, Any]) -> Record:
    return _edit(company, kind, identifier, {"Active": False})


def _activate(company: Company, kind: Kind, identifier: str, _given: Mapping[str, Any]) -> Record:
    return _edit(company, kind, identifier, {"Active": True})


def _rename(company: Company, kind: Kind, identifier: str, given: Mapping[str, Any]) -> Record:
    field = "Name" if "Name" in kind.known else "DisplayName"
    return _edit(company, kind, identifier, {field: given.get("name")})


ACTS = {
    "send": _send,
    "print": _print,
    "void": _operate("void"),
    "delete": _operate("delete"),
    "edit": _edit,
    "pay": pay_one,
    "undo": undo_payment,
    "unapply": _unapply,
    "deactivate": _deactivate,
    "activate": _activate,
    "rename": _rename,
}
"""What a bookkeeper does to one object: from (company, kind, id, fields) to the object."""
