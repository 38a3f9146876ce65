"""The list of invoices, and one invoice with what a bookkeeper does to it."""

from collections.abc import Iterable
from datetime import date, timedelta
from http import HTTPStatus
from itertools import islice

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from ledgerbridge_sandbox.pages.chips import Chip
from ledgerbridge_sandbox.pages.entering import needed, word
from ledgerbridge_sandbox.pages.listing import address as list_address
from ledgerbridge_sandbox.pages.listing import holds, leaf_of
from ledgerbridge_sandbox.pages.quickbooks.books import Books, address, deed, get, post
from ledgerbridge_sandbox.pages.quickbooks.documents import rows_of, settlements_of, totals_of
from ledgerbridge_sandbox.pages.quickbooks.stages import STAGES, fact_of, stage_of
from ledgerbridge_sandbox.pages.rendering import Pages, Refusal, to
from ledgerbridge_sandbox.quickbooks.columns import name_key
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.desk_payments import credit, pay, undo_payment
from ledgerbridge_sandbox.quickbooks.money import Record
from ledgerbridge_sandbox.quickbooks.pdf import form_pdf
from ledgerbridge_sandbox.quickbooks.schema import KINDS

_HISTORY = 50


def routes(pages: Pages) -> list[BaseRoute]:
    """List, invoice, PDF, and the forms on an invoice."""
    desk = InvoiceDesk(Books(pages))
    one = "/invoices/{id}"
    books, show = desk.books, desk.show_one
    return [
        get("", desk.lead_in),
        get("/invoices", desk.show_list),
        get(one, desk.show),
        get(one + "/pdf", desk.pdf),
        post(one + "/send", deed(books, "Invoice", "send", show, done="invoice-sent", fields={"to": "to"})),
        post(one + "/void", deed(books, "Invoice", "void", show, done="invoice-voided")),
        post(one + "/delete", deed(books, "Invoice", "delete", show, done="invoice-deleted")),
        post(one + "/pay", desk.pay),
        post(one + "/credit", desk.credit),
        post(one + "/undo", desk.undo),
    ]


class InvoiceDesk:
    """The handlers."""

    def __init__(self, books: Books) -> None:
        self.books = books

    async def lead_in(self, request: Request) -> Response:
        """A company's address means its invoices."""
        return RedirectResponse(address(self.books.company(request), "invoices"), HTTPStatus.SEE_OTHER)

    async def show_list(self, request: Request) -> Response:
        """Newest change first; filters by stage, customer and what number or customer's name hold."""
        company, today = self.books.company(request), self.books.company(request).today()
        stage, text = (request.query_params.get(name, "").strip() for name in ("stage", "q"))
        customer = request.query_params.get("customer", "")

        def fits(invoice: Record) -> bool:
            return (not stage or stage_of(invoice, today).key == stage) and (
                not text or holds(text, invoice.get("DocNumber"), invoice["CustomerRef"].get("name"))
            )

        leaf = leaf_of(
            request,
            _candidates(company, text, customer),
            company.shelves["Invoice"].get,
            fits if stage or text else None,
        )
        return self.books.show(
            request,
            "invoices.html",
            "invoices",
            leaf=leaf,
            rows=[(invoice, *_staged(invoice, stage_of(invoice, today))) for invoice in leaf.rows],
            views=_views(request, stage),
            asked={"stage": stage, "q": text, "customer": customer},
            customer=company.get("Customer", customer) if customer else None,
        )

    async def show(self, request: Request) -> Response:
        """One invoice."""
        return self.show_one(request)

    def show_one(self, request: Request, refusal: Refusal | None = None) -> Response:
        """The invoice's page."""
        company, invoice = self.books.company(request), self.books.object(request, "Invoice")
        stage = stage_of(invoice, company.today())
        return self.books.show(
            request,
            "invoice.html",
            "invoices",
            refusal,
            invoice=invoice,
            code=invoice["CurrencyRef"]["value"],
            stage=stage,
            fact=fact_of(invoice, stage),
            lines=list(rows_of(company, invoice)),
            **totals_of(company, invoice),
            settlements=settlements_of(company, "Invoice", invoice),
            history=list(islice(company.trail.of("Invoice", invoice["Id"]), _HISTORY)),
            day_after=date.fromisoformat(invoice["DueDate"]) + timedelta(days=1),
        )

    async def pdf(self, request: Request) -> Response:
        """The PDF that QuickBooks would send."""
        company, invoice = self.books.company(request), self.books.object(request, "Invoice")
        body = form_pdf(company, KINDS["Invoice"], invoice)
        return Response(body, media_type="application/pdf", headers={"content-disposition": "inline"})

    async def pay(self, request: Request) -> Response:
        """Receive a payment; more than is open stays unapplied."""
        company, invoice = self.books.company(request), self.books.object(request, "Invoice")

        def work(form: FormData) -> Response:
            given = {name: word(form, name) for name in ("date", "number")}
            pay(company, {invoice["Id"]: needed(form, "amount", "Amount received")}, given)
            return to(address(company, "invoices", invoice["Id"]), "payment-received")

        return await self.books.act(request, "pay", work, self.show_one)

    async def credit(self, request: Request) -> Response:
        """A credit memo over the amount, applied at once."""
        company, invoice = self.books.company(request), self.books.object(request, "Invoice")

        def work(form: FormData) -> Response:
            credit(company, invoice["Id"], needed(form, "amount", "Amount credited"))
            return to(address(company, "invoices", invoice["Id"]), "credit-applied")

        return await self.books.act(request, "credit", work, self.show_one)

    async def undo(self, request: Request) -> Response:
        """Take the payment that the form names off this invoice."""
        company, invoice = self.books.company(request), self.books.object(request, "Invoice")

        def work(form: FormData) -> Response:
            undo_payment(company, KINDS["Payment"], word(form, "payment"), {"invoice": invoice["Id"]})
            return to(address(company, "invoices", invoice["Id"]), "payment-undone")

        return await self.books.act(request, "undo", work, self.show_one)


def _candidates(company: Company, text: str, customer: str) -> Iterable[str]:
    """Ids to look at, newest change first; a number that is there is found without looking at others."""
    shelf = company.shelves["Invoice"]
    if customer:
        return sorted(shelf.find("CustomerRef", customer), key=shelf.changed_at, reverse=True)
    return shelf.find("DocNumber", name_key(text)) or shelf.newest() if text else shelf.newest()


def _staged(invoice: Record, stage: Chip) -> tuple[Chip, str]:
    return stage, fact_of(invoice, stage)


def _views(request: Request, stage: str) -> list[tuple[str, str, bool]]:
    all_of_them = ("All", list_address(request, stage="", page=""), not stage)
    views = [
        (each.words, list_address(request, stage=each.key, page=""), each.key == stage) for each in STAGES.values()
    ]
    return [all_of_them, *views]
