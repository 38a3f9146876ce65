"""Credit memos: the list, a new one, and one that is applied to invoices."""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from ledgerbridge_sandbox.pages.entering import needed, word
from ledgerbridge_sandbox.pages.listing import holds, leaf_of
from ledgerbridge_sandbox.pages.quickbooks.books import Books, address, called, deed, get, post, suggested
from ledgerbridge_sandbox.pages.quickbooks.documents import SALES, rows_of, settlements_of, totals_of
from ledgerbridge_sandbox.pages.quickbooks.invoice_form import tax_choices
from ledgerbridge_sandbox.pages.rendering import Pages, Refusal, to
from ledgerbridge_sandbox.pages.wording import figure
from ledgerbridge_sandbox.quickbooks.desk_payments import apply_credit
from ledgerbridge_sandbox.quickbooks.engine import submit
from ledgerbridge_sandbox.quickbooks.money import Record
from ledgerbridge_sandbox.quickbooks.schema import KINDS


def routes(pages: Pages) -> list[BaseRoute]:
    """List, new credit memo, credit memo, and the forms on it."""
    desk = CreditDesk(Books(pages))
    one, books, show = "/creditmemos/{id}", desk.books, desk.show_one
    return [
        get("/creditmemos", desk.show_list),
        get("/creditmemos/new", desk.open_new),
        post("/creditmemos/new", desk.create),
        get(one, desk.show),
        post(one + "/apply", desk.apply),
        post(one + "/void", deed(books, "CreditMemo", "void", show, done="credit-voided")),
        post(one + "/delete", deed(books, "CreditMemo", "delete", show, done="credit-deleted")),
    ]


class CreditDesk:
    """The handlers."""

    def __init__(self, books: Books) -> None:
        self.books = books

    async def show_list(self, request: Request) -> Response:
        """Newest change first."""
        shelf = self.books.company(request).shelves["CreditMemo"]
        text = request.query_params.get("q", "").strip()

        def fits(memo: Record) -> bool:
            return holds(text, memo.get("DocNumber"), memo["CustomerRef"].get("name"))

        leaf = leaf_of(request, shelf.newest(), shelf.get, fits if text else None)
        return self.books.show(request, "creditmemos.html", "creditmemos", leaf=leaf, asked={"q": text})

    async def open_new(self, request: Request) -> Response:
        """An empty form."""
        return self._show_new(request)

    def _show_new(self, request: Request, refusal: Refusal | None = None) -> Response:
        company = self.books.company(request)
        return self.books.show(
            request,
            "creditmemo_new.html",
            "creditmemos",
            refusal,
            customers=suggested(company, "Customer", lambda each: each["CurrencyRef"]["value"]),
            items=suggested(company, "Item", lambda each: figure(each.get("UnitPrice"))),
            codes=tax_choices(company),
        )

    async def create(self, request: Request) -> Response:
        """A credit memo of one line."""
        company = self.books.company(request)

        def work(form: FormData) -> Response:
            customer = called(company, "Customer", word(form, "customer"), "customer")
            item = called(company, "Item", word(form, "item"), "product or service")
            detail: Record = {"ItemRef": {"value": item["Id"]}}
            if word(form, "code"):
                detail["TaxCodeRef"] = {"value": word(form, "code")}
            line = {"DetailType": SALES, "Amount": needed(form, "amount", "Amount"), SALES: detail}
            given: Record = {"CustomerRef": {"value": customer["Id"]}, "Line": [line]}
            if company.multicurrency:
                given["CurrencyRef"] = {"value": customer["CurrencyRef"]["value"]}
            if word(form, "memo"):
                given["CustomerMemo"] = {"value": word(form, "memo")}
            made = submit(company, KINDS["CreditMemo"], given)
            return to(address(company, "creditmemos", made["Id"]), "credit-created")

        return await self.books.act(request, "credit", work, self._show_new)

    async def show(self, request: Request) -> Response:
        """One credit memo."""
        return self.show_one(request)

    def show_one(self, request: Request, refusal: Refusal | None = None) -> Response:
        """The credit memo's page."""
        company, memo = self.books.company(request), self.books.object(request, "CreditMemo")
        return self.books.show(
            request,
            "creditmemo.html",
            "creditmemos",
            refusal,
            memo=memo,
            code=memo["CurrencyRef"]["value"],
            lines=list(rows_of(company, memo)),
            **totals_of(company, memo),
            settlements=settlements_of(company, "CreditMemo", memo),
        )

    async def apply(self, request: Request) -> Response:
        """Give an invoice so much of what is left."""
        company, memo = self.books.company(request), self.books.object(request, "CreditMemo")

        def work(form: FormData) -> Response:
            invoice = called(company, "Invoice", word(form, "invoice"), "invoice")
            apply_credit(company, memo["Id"], invoice["Id"], needed(form, "amount", "Amount"))
            return to(address(company, "creditmemos", memo["Id"]), "credit-applied")

        return await self.books.act(request, "apply", work, self.show_one)
