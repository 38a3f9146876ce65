"""What bookkeepers do in QuickBooks' pages (sandbox/control-door.md)."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ledgerbridge_sandbox.control import RefusedError
from ledgerbridge_sandbox.quickbooks.bundles import make_bundle
from ledgerbridge_sandbox.quickbooks.companies import QuickBooks
from ledgerbridge_sandbox.quickbooks.desk_acts import ACTS
from ledgerbridge_sandbox.quickbooks.desk_answers import company_meant, done, given_in, kind_meant, told
from ledgerbridge_sandbox.quickbooks.desk_company import (
    PREFERENCES,
    define_custom_fields,
    make_tax_group,
    set_preferences,
    set_subscription,
)
from ledgerbridge_sandbox.quickbooks.desk_invoices import charge_on_statement
from ledgerbridge_sandbox.quickbooks.desk_payments import credit, pay
from ledgerbridge_sandbox.quickbooks.engine import merge_customers, submit
from ledgerbridge_sandbox.quickbooks.money import encode
from ledgerbridge_sandbox.quickbooks.oauth_pages import OAuthPages
from ledgerbridge_sandbox.quickbooks.office import Office
from ledgerbridge_sandbox.quickbooks.schema import KINDS
from ledgerbridge_sandbox.world import World


def routes(world: World) -> list[BaseRoute]:
    """The routes on the control door."""
    return [*Desk(world).routes(), *Office(world).routes()]


def authorize(world: World, realm: str, url: str) -> str:
    """Consent as a person would to the app that the authorize address names; raises ValueError with the reason."""
    return OAuthPages(world.quickbooks).authorize(realm, url)


class Desk:
    """The bookkeeper's handlers."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[BaseRoute]:
        """All of them."""
        desk = "/people/bookkeeper/{realm}"
        return [
            Route(f"{desk}/preferences", self.change_preferences, methods=["PATCH"]),
            Route(f"{desk}/customfields", self.define_custom_fields, methods=["PATCH"]),
            Route(f"{desk}/subscription", self.change_subscription, methods=["PATCH"]),
            Route(f"{desk}/customer/merge", self.merge, methods=["POST"]),
            Route(f"{desk}/payment", self.pay_several, methods=["POST"]),
            Route(f"{desk}/creditmemo", self.credit, methods=["POST"]),
            Route(f"{desk}/taxcode/group", self.tax_group, methods=["POST"]),
            Route(f"{desk}/invoice/statementcharge", self.charge, methods=["POST"]),
            Route(f"{desk}/item/bundle", self.bundle, methods=["POST"]),
            Route(f"{desk}/{{entity}}/{{id}}/poison", self.poison, methods=["POST"]),
            Route(f"{desk}/{{entity}}/{{id}}/{{act}}", self.act, methods=["POST"]),
            Route(f"{desk}/{{entity}}", self.submit, methods=["POST"]),
        ]

    @property
    def _quickbooks(self) -> QuickBooks:
        found: QuickBooks = self._world.quickbooks
        return found

    async def submit(self, request: Request) -> Response:
        """Create or update, body and `operation` as in the API."""
        company, kind, given = company_meant(self._quickbooks, request), kind_meant(request), await given_in(request)
        operation = request.query_params.get("operation", "")
        return done(lambda: submit(company, kind, given, operation))

    async def act(self, request: Request) -> Response:
        """send, print, void, delete, edit, pay, undo, unapply, rename, deactivate, activate on one object."""
        company, kind, given = company_meant(self._quickbooks, request), kind_meant(request), await given_in(request)
        identifier, act = request.path_params["id"], request.path_params["act"]
        if act not in ACTS:
            raise RefusedError(HTTPStatus.NOT_FOUND, f"A bookkeeper cannot {act}")
        return done(lambda: ACTS[act](company, kind, identifier, given))

    async def pay_several(self, request: Request) -> Response:
        """`{"invoices": {"12": "10.00"}, "total"?, "customer"?, "date"?}`: one payment for several invoices."""
        company, given = company_meant(self._quickbooks, request), await given_in(request)
        if "invoices" not in given:
            return done(lambda: submit(company, KINDS["Payment"], given))
        return done(lambda: pay(company, given["invoices"], given))

    async def credit(self, request: Request) -> Response:
        """`{"invoice": "12", "amount": "5.00"}`: a credit memo over the amount, applied to the invoice."""
        company, given = company_meant(self._quickbooks, request), await given_in(request)
        if "invoice" not in given:
            return done(lambda: submit(company, KINDS["CreditMemo"], given))
        return done(lambda: credit(company, str(given["invoice"]), given.get("amount")))

    async def bundle(self, request: Request) -> Response:
        """`{"Name", "ItemGroupDetail": {"ItemGroupLine": [{"ItemRef": {"value"}, "Qty"}]}}`: a new bundle."""
        company, given = company_meant(self._quickbooks, request), await given_in(request)
        return done(lambda: make_bundle(company, given))

    async def charge(self, request: Request) -> Response:
        """`{"customer": "1", "amount": "75.00"}`: an invoice that a statement's charge became, without a sales line."""
        company, given = company_meant(self._quickbooks, request), await given_in(request)
        return done(lambda: charge_on_statement(company, given))

    async def tax_group(self, request: Request) -> Response:
        """`{"Name", "TaxRateDetail": [{"TaxRateRef": {"value"}, "TaxTypeApplicable"?}]}`: a new tax code."""
        company, given = company_meant(self._quickbooks, request), await given_in(request)
        return done(lambda: make_tax_group(company, given))

    async def merge(self, request: Request) -> Response:
        """`{"winner": "1", "loser": "2"}`."""
        company, given = company_meant(self._quickbooks, request), await given_in(request)
        return done(lambda: merge_customers(company, str(given.get("winner")), str(given.get("loser"))))

    async def change_preferences(self, request: Request) -> Response:
        """Settings by their bare names; null takes one away."""
        company, given = company_meant(self._quickbooks, request), await given_in(request)
        unknown = [name for name in given if name not in PREFERENCES]
        if unknown:
            raise RefusedError(HTTPStatus.BAD_REQUEST, f"Unknown preferences: {', '.join(unknown)}")
        return done(lambda: set_preferences(company, given))

    async def define_custom_fields(self, request: Request) -> Response:
        """`{"1": "Crew #", "2": null}`: the custom fields of sales forms, three at most."""
        company, given = company_meant(self._quickbooks, request), await given_in(request)
        return done(lambda: define_custom_fields(company, given))

    async def change_subscription(self, request: Request) -> Response:
        """`{"status": "SUSPENDED"}`: writes are refused with 6190 until it is SUBSCRIBED again."""
        company, given = company_meant(self._quickbooks, request), await given_in(request)
        return done(lambda: set_subscription(company, str(given.get("status", "SUBSCRIBED"))))

    async def poison(self, request: Request) -> Response:
        """From now on every page of a query that holds the object fails with 4002; `{"cured": true}` ends that."""
        company, key = company_meant(self._quickbooks, request), (kind_meant(request).name, request.path_params["id"])
        if (await given_in(request)).get("cured"):
            company.poisoned.discard(key)
        else:
            company.poisoned.add(key)
        return told(encode({}))
