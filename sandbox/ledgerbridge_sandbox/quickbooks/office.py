"""QuickBooks seen from behind: administrators, Intuit itself, what is counted and what is really held."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from ledgerbridge_sandbox.control import RefusedError
from ledgerbridge_sandbox.quickbooks.companies import QuickBooks
from ledgerbridge_sandbox.quickbooks.desk_answers import company_meant, done, given_in, kind_meant, told
from ledgerbridge_sandbox.quickbooks.desk_invoices import fill_back
from ledgerbridge_sandbox.quickbooks.money import Record, encode
from ledgerbridge_sandbox.world import World


class Office:
    """Handlers of what no bookkeeper does (sandbox/control-door.md)."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[BaseRoute]:
        """All of them."""
        admin = "/people/administrator/quickbooks/{realm}"
        return [
            Route(f"{admin}/revoke", self.revoke, methods=["POST"]),
            Route(f"{admin}/expire", self.expire, methods=["POST"]),
            Route(f"{admin}/rights", self.set_rights, methods=["PUT"]),
            Route("/people/intuit/{realm}/backfill", self.fill_back, methods=["POST"]),
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

    async def revoke(self, request: Request) -> Response:
        """A person disconnects the app inside QuickBooks: no call tells the app."""
        self._quickbooks.grants.revoke_realm(company_meant(self._quickbooks, request).realm)
        return told(encode({}))

    async def expire(self, request: Request) -> Response:
        """Every access token of the company is expired now."""
        self._quickbooks.grants.expire_realm(company_meant(self._quickbooks, request).realm)
        return told(encode({}))

    async def set_rights(self, request: Request) -> Response:
        """`{"administrator": false}`: the person who connected the app is no administrator of the company any more."""
        there = (await given_in(request)).get("administrator") is not False
        self._quickbooks.grants.set_rights(company_meant(self._quickbooks, request).realm, there=there)
        return told(encode({}))

    async def fill_back(self, request: Request) -> Response:
        """Intuit gives every invoice a property that it did not have: times move, SyncTokens do not."""
        company = company_meant(self._quickbooks, request)
        return done(lambda: fill_back(company))

    async def show_metering(self, _request: Request) -> Response:
        """How many calls were counted: metered reads of this month, mails of today."""
        return told(encode(self._quickbooks.meter.shown()))

    async def put_metering(self, request: Request) -> Response:
        """`{"9130350000000001": 499999}`: let these companies have read so much this month."""
        for realm, reads in (await given_in(request)).items():
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
        company, kind = company_meant(self._quickbooks, request), kind_meant(request)
        shelf = company.shelves[kind.name]
        bodies = [shelf.body(identifier) for identifier in shelf.ids()]
        stubs = [encode(_stub(identifier)) for entity, identifier in company.deleted if entity == kind.name]
        return told(b"[%s]" % b",".join(bodies + stubs))

    async def show(self, request: Request) -> Response:
        """One object, or the stub of a deleted one."""
        company, kind, identifier = (
            company_meant(self._quickbooks, request),
            kind_meant(request),
            request.path_params["id"],
        )
        if identifier in company.shelves[kind.name]:
            return told(company.shelves[kind.name].body(identifier))
        if (kind.name, identifier) in company.deleted:
            return told(encode(_stub(identifier)))
        raise RefusedError(HTTPStatus.NOT_FOUND, f"There is no {kind.name} {identifier}")


def _stub(identifier: str) -> Record:
    return {"domain": "QBO", "status": "Deleted", "Id": identifier}
