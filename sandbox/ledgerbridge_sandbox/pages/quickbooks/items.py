"""Products and services: the list, and one with its price."""

from collections.abc import Iterator

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from ledgerbridge_sandbox.pages.entering import word
from ledgerbridge_sandbox.pages.listing import holds, leaf_of
from ledgerbridge_sandbox.pages.quickbooks.books import Books, address, deed, edited, get, post
from ledgerbridge_sandbox.pages.rendering import Pages, Refusal, to
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.engine import submit
from ledgerbridge_sandbox.quickbooks.money import Record
from ledgerbridge_sandbox.quickbooks.schema import KINDS

_FIELDS = ("Name", "Sku", "UnitPrice", "Description")
_TYPES = [("Service", "Service"), ("NonInventory", "Product, stock not tracked")]


def routes(pages: Pages) -> list[BaseRoute]:
    """List, new item, item, and the forms on it."""
    desk = ItemDesk(Books(pages))
    one, books, show = "/items/{id}", desk.books, desk.show_one
    return [
        get("/items", desk.show_list),
        get("/items/new", desk.open_new),
        post("/items/new", desk.create),
        get(one, desk.show),
        post(one + "/edit", desk.edit),
        post(one + "/deactivate", deed(books, "Item", "deactivate", show, done="deactivated")),
        post(one + "/activate", deed(books, "Item", "activate", show, done="activated")),
    ]


class ItemDesk:
    """The handlers."""

    def __init__(self, books: Books) -> None:
        self.books = books

    async def show_list(self, request: Request) -> Response:
        """Newest change first; inactive ones only when asked for."""
        shelf = self.books.company(request).shelves["Item"]
        text, every = request.query_params.get("q", "").strip(), "inactive" in request.query_params

        def fits(item: Record) -> bool:
            return (every or item.get("Active") is not False) and (
                not text or holds(text, item["FullyQualifiedName"], item.get("Sku"))
            )

        leaf = leaf_of(request, shelf.newest(), shelf.get, fits)
        return self.books.show(request, "items.html", "items", leaf=leaf, asked={"q": text, "inactive": every})

    async def open_new(self, request: Request) -> Response:
        """An empty form."""
        return self._show_new(request)

    def _show_new(self, request: Request, refusal: Refusal | None = None) -> Response:
        accounts = list(_income_accounts(self.books.company(request)))
        return self.books.show(request, "item_new.html", "items", refusal, accounts=accounts, types=_TYPES)

    async def create(self, request: Request) -> Response:
        """Make the item."""
        company = self.books.company(request)

        def work(form: FormData) -> Response:
            given = {name: word(form, name) for name in (*_FIELDS, "Type") if word(form, name)}
            account = {"IncomeAccountRef": {"value": word(form, "account")}} if word(form, "account") else {}
            made = submit(company, KINDS["Item"], given | account)
            return to(address(company, "items", made["Id"]), "created")

        return await self.books.act(request, "item", work, self._show_new)

    async def show(self, request: Request) -> Response:
        """One item."""
        return self.show_one(request)

    def show_one(self, request: Request, refusal: Refusal | None = None) -> Response:
        """The item's page."""
        return self.books.show(request, "item.html", "items", refusal, item=self.books.object(request, "Item"))

    async def edit(self, request: Request) -> Response:
        """Change name, number, price and description."""
        company, item = self.books.company(request), self.books.object(request, "Item")

        def work(form: FormData) -> Response:
            changes = {name: word(form, name) or None for name in _FIELDS if word(form, name) or item.get(name)}
            edited(company, "Item", item, word(form, "token"), changes)
            return to(address(company, "items", item["Id"]), "saved")

        return await self.books.act(request, "item", work, self.show_one)


def _income_accounts(company: Company) -> Iterator[tuple[str, str]]:
    shelf = company.shelves["Account"]
    for identifier in shelf.ids():
        account = shelf.get(identifier)
        if account is not None and account["AccountType"] == "Income":
            yield identifier, account["FullyQualifiedName"]
