"""Payments received: the list, and one with what it pays."""

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from ledgerbridge_sandbox.pages.entering import needed, word
from ledgerbridge_sandbox.pages.listing import holds, leaf_of
from ledgerbridge_sandbox.pages.quickbooks.books import Books, address, called, deed, get, post
from ledgerbridge_sandbox.pages.rendering import Pages, Refusal, to
from ledgerbridge_sandbox.quickbooks.desk_payments import apply_payment
from ledgerbridge_sandbox.quickbooks.money import Record
from ledgerbridge_sandbox.quickbooks.posting import payment_lines


def routes(pages: Pages) -> list[BaseRoute]:
    """List, payment, and the forms on it."""
    desk = PaymentDesk(Books(pages))
    one, books, show = "/payments/{id}", desk.books, desk.show_one
    return [
        get("/payments", desk.show_list),
        get(one, desk.show),
        post(one + "/apply", desk.apply),
        post(one + "/unapply", deed(books, "Payment", "unapply", show, done="payment-unapplied")),
        post(one + "/void", deed(books, "Payment", "void", show, done="payment-voided")),
        post(one + "/delete", deed(books, "Payment", "delete", show, done="payment-deleted")),
    ]


class PaymentDesk:
    """The handlers."""

    def __init__(self, books: Books) -> None:
        self.books = books

    async def show_list(self, request: Request) -> Response:
        """Newest change first."""
        shelf = self.books.company(request).shelves["Payment"]
        text = request.query_params.get("q", "").strip()

        def fits(payment: Record) -> bool:
            return holds(text, payment.get("PaymentRefNum"), payment["CustomerRef"].get("name"))

        leaf = leaf_of(request, shelf.newest(), shelf.get, fits if text else None)
        return self.books.show(request, "payments.html", "payments", leaf=leaf, asked={"q": text})

    async def show(self, request: Request) -> Response:
        """One payment."""
        return self.show_one(request)

    def show_one(self, request: Request, refusal: Refusal | None = None) -> Response:
        """The payment's page."""
        company, payment = self.books.company(request), self.books.object(request, "Payment")
        paid = [
            (entity, form, line["Amount"])
            for entity in ("Invoice", "CreditMemo")
            for line, identifier in payment_lines(payment, entity)
            if (form := company.get(entity, identifier))
        ]
        return self.books.show(request, "payment.html", "payments", refusal, payment=payment, paid=paid)

    async def apply(self, request: Request) -> Response:
        """Give an invoice so much of what is unapplied."""
        company, payment = self.books.company(request), self.books.object(request, "Payment")

        def work(form: FormData) -> Response:
            invoice = called(company, "Invoice", word(form, "invoice"), "invoice")
            apply_payment(company, payment["Id"], invoice["Id"], needed(form, "amount", "Amount"))
            return to(address(company, "payments", payment["Id"]), "payment-applied")

        return await self.books.act(request, "apply", work, self.show_one)
