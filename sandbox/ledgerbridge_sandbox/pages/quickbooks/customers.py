"""Customers: the list, one with its invoices and payments, and what a bookkeeper does to it."""

from collections.abc import Iterator, Mapping
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from ledgerbridge_sandbox.pages.entering import word
from ledgerbridge_sandbox.pages.listing import holds, leaf_of
from ledgerbridge_sandbox.pages.quickbooks.books import Books, address, called, deed, edited, get, post
from ledgerbridge_sandbox.pages.quickbooks.stages import stage_of
from ledgerbridge_sandbox.pages.rendering import Pages, Refusal, to
from ledgerbridge_sandbox.quickbooks.columns import name_key
from ledgerbridge_sandbox.quickbooks.company import CURRENCY_NAMES, Company
from ledgerbridge_sandbox.quickbooks.engine import merge_customers, submit
from ledgerbridge_sandbox.quickbooks.money import Record
from ledgerbridge_sandbox.quickbooks.schema import KINDS

_SHOWN = 10
_PLAIN = ("DisplayName", "CompanyName", "GivenName", "FamilyName")
_ADDRESS = {
    "line": "Line1",
    "city": "City",
    "region": "CountrySubDivisionCode",
    "postal": "PostalCode",
    "country": "Country",
}


def routes(pages: Pages) -> list[BaseRoute]:
    """List, new customer, customer, and the forms on it."""
    desk = CustomerDesk(Books(pages))
    one, books, show = "/customers/{id}", desk.books, desk.show_one
    return [
        get("/customers", desk.show_list),
        get("/customers/new", desk.open_new),
        post("/customers/new", desk.create),
        get(one, desk.show),
        post(one + "/edit", desk.edit),
        post(one + "/merge", desk.merge),
        post(one + "/deactivate", deed(books, "Customer", "deactivate", show, done="deactivated")),
        post(one + "/activate", deed(books, "Customer", "activate", show, done="activated")),
    ]


class CustomerDesk:
    """The handlers."""

    def __init__(self, books: Books) -> None:
        self.books = books

    async def show_list(self, request: Request) -> Response:
        """Newest change first; inactive ones only when asked for."""
        company = self.books.company(request)
        shelf = company.shelves["Customer"]
        text, every = request.query_params.get("q", "").strip(), "inactive" in request.query_params

        def fits(customer: Record) -> bool:
            mail = (customer.get("PrimaryEmailAddr") or {}).get("Address")
            return (every or customer.get("Active") is not False) and (
                not text or holds(text, customer["FullyQualifiedName"], customer.get("CompanyName"), mail)
            )

        exact = shelf.find("DisplayName", name_key(text)) if text else []
        leaf = leaf_of(request, exact or shelf.newest(), shelf.get, fits)
        return self.books.show(request, "customers.html", "customers", leaf=leaf, asked={"q": text, "inactive": every})

    async def open_new(self, request: Request) -> Response:
        """An empty form."""
        return self._show_new(request)

    def _show_new(self, request: Request, refusal: Refusal | None = None) -> Response:
        company = self.books.company(request)
        currencies = list(CURRENCY_NAMES.items()) if company.multicurrency else []
        return self.books.show(
            request, "customer_new.html", "customers", refusal, currencies=currencies, shown=_fields({})
        )

    async def create(self, request: Request) -> Response:
        """Make the customer."""
        company = self.books.company(request)

        def work(form: FormData) -> Response:
            given = _said(form, {})
            if word(form, "currency"):
                given["CurrencyRef"] = {"value": word(form, "currency")}
            made = submit(company, KINDS["Customer"], {name: value for name, value in given.items() if value})
            return to(address(company, "customers", made["Id"]), "created")

        return await self.books.act(request, "customer", work, self._show_new)

    async def show(self, request: Request) -> Response:
        """One customer."""
        return self.show_one(request)

    def show_one(self, request: Request, refusal: Refusal | None = None) -> Response:
        """The customer's page."""
        company, customer = self.books.company(request), self.books.object(request, "Customer")
        today = company.today()
        invoices = [(invoice, stage_of(invoice, today)) for invoice in _latest(company, "Invoice", customer["Id"])]
        return self.books.show(
            request,
            "customer.html",
            "customers",
            refusal,
            customer=customer,
            shown=_fields(customer),
            invoices=invoices,
            payments=list(_latest(company, "Payment", customer["Id"])),
            memos=list(_latest(company, "CreditMemo", customer["Id"])),
        )

    async def edit(self, request: Request) -> Response:
        """Rename, and change what else the form shows."""
        company, customer = self.books.company(request), self.books.object(request, "Customer")

        def work(form: FormData) -> Response:
            changes = {name: value for name, value in _said(form, customer).items() if value or customer.get(name)}
            edited(company, "Customer", customer, word(form, "token"), changes)
            return to(address(company, "customers", customer["Id"]), "saved")

        return await self.books.act(request, "customer", work, self.show_one)

    async def merge(self, request: Request) -> Response:
        """Make the customer part of another, which keeps its name."""
        company, customer = self.books.company(request), self.books.object(request, "Customer")

        def work(form: FormData) -> Response:
            winner = called(company, "Customer", word(form, "into"), "customer", "into")
            merge_customers(company, winner["Id"], customer["Id"])
            return to(address(company, "customers", winner["Id"]), "merged")

        return await self.books.act(request, "merge", work, self.show_one)


def _latest(company: Company, entity: str, customer: str) -> Iterator[Record]:
    """The customer's transactions of that kind, the latest change first."""
    shelf = company.shelves[entity]
    found = sorted(shelf.find("CustomerRef", customer), key=shelf.changed_at, reverse=True)
    return (record for identifier in found[:_SHOWN] if (record := shelf.get(identifier)))


def _fields(customer: Mapping[str, Any]) -> dict[str, str]:
    """What stands in the form's fields."""
    shown = {name: customer.get(name) or "" for name in _PLAIN}
    shown["email"] = (customer.get("PrimaryEmailAddr") or {}).get("Address") or ""
    shown["phone"] = (customer.get("PrimaryPhone") or {}).get("FreeFormNumber") or ""
    home = customer.get("BillAddr") or {}
    return shown | {field: home.get(name) or "" for field, name in _ADDRESS.items()}


def _said(form: FormData, customer: Mapping[str, Any]) -> Record:
    """What the form says, as QuickBooks' properties; None clears. An address is told only where it changed."""
    said: Record = {name: word(form, name) or None for name in _PLAIN}
    for field, name, inner in (("email", "PrimaryEmailAddr", "Address"), ("phone", "PrimaryPhone", "FreeFormNumber")):
        said[name] = {inner: word(form, field)} if word(form, field) else None
    home = {name: word(form, field) for field, name in _ADDRESS.items() if word(form, field)}
    before = _fields(customer)
    if any(word(form, field) != before[field] for field in _ADDRESS):
        said["BillAddr"] = home or None
    return said
