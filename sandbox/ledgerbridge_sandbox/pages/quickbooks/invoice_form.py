"""Creating and editing an invoice: one form, in which every line is a row."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from ledgerbridge_sandbox.pages.entering import ticked, word
from ledgerbridge_sandbox.pages.quickbooks.books import Books, address, called, edited, get, post, suggested
from ledgerbridge_sandbox.pages.quickbooks.documents import SALES, SUBTOTAL
from ledgerbridge_sandbox.pages.rendering import Pages, Refusal, to
from ledgerbridge_sandbox.pages.wording import figure, plain
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.engine import submit
from ledgerbridge_sandbox.quickbooks.money import Record, cents, number
from ledgerbridge_sandbox.quickbooks.references import identifier_of
from ledgerbridge_sandbox.quickbooks.sale_lines import SHIPPING
from ledgerbridge_sandbox.quickbooks.schema import KINDS
from ledgerbridge_sandbox.quickbooks.taxes import TaxMode, tax_mode

_ROWS_AT_FIRST, _ROWS_MORE = 3, 3
_MOST_ROWS = 200
_US_CODES = [("TAX", "Taxable"), ("NON", "Not taxable")]
_WAYS = [("TaxExcluded", "Exclusive of tax"), ("TaxInclusive", "Inclusive of tax"), ("NotApplicable", "Out of scope")]


def routes(pages: Pages) -> list[BaseRoute]:
    """The form for a new invoice and for one that is there."""
    desk = InvoiceForms(Books(pages))
    return [
        get("/invoices/new", desk.open_new),
        post("/invoices/new", desk.create),
        get("/invoices/{id}/edit", desk.open_edit),
        post("/invoices/{id}/edit", desk.change),
    ]


class InvoiceForms:
    """The handlers."""

    def __init__(self, books: Books) -> None:
        self._books = books

    async def open_new(self, request: Request) -> Response:
        """An empty form."""
        return self._show_new(request)

    def _show_new(self, request: Request, refusal: Refusal | None = None) -> Response:
        return self._show(request, refusal, None)

    async def create(self, request: Request) -> Response:
        """Make the invoice."""
        company = self._books.company(request)

        def work(form: FormData) -> Response:
            if word(form, "more"):
                return self._show_new(request, _longer(form))
            customer = called(company, "Customer", word(form, "customer"), "customer")
            given = {
                **_said(company, form),
                "CustomerRef": {"value": customer["Id"]},
                "Line": list(_new_lines(company, form)),
            }
            if company.multicurrency:
                given["CurrencyRef"] = {"value": customer["CurrencyRef"]["value"]}
            if not given.get("BillEmail") and customer.get("PrimaryEmailAddr"):
                given["BillEmail"] = customer["PrimaryEmailAddr"]
            made = submit(
                company, KINDS["Invoice"], {name: value for name, value in given.items() if value is not None}
            )
            return to(address(company, "invoices", made["Id"]), "invoice-created")

        return await self._books.act(request, "invoice", work, self._show_new)

    async def open_edit(self, request: Request) -> Response:
        """The form with what the invoice holds."""
        return self._show_edit(request)

    def _show_edit(self, request: Request, refusal: Refusal | None = None) -> Response:
        return self._show(request, refusal, self._books.object(request, "Invoice"))

    async def change(self, request: Request) -> Response:
        """Store what was changed, as the person saw the invoice."""
        company, invoice = self._books.company(request), self._books.object(request, "Invoice")

        def work(form: FormData) -> Response:
            if word(form, "more"):
                return self._show_edit(request, _longer(form))
            lines = [*_kept_lines(invoice, form), *_new_lines(company, form)]
            said = {
                name: value for name, value in _said(company, form).items() if value is not None or invoice.get(name)
            }
            stored = edited(company, "Invoice", invoice, word(form, "token"), {**said, "Line": lines})
            done = "unchanged" if stored["SyncToken"] == invoice["SyncToken"] else "saved"
            return to(address(company, "invoices", invoice["Id"]), done)

        return await self._books.act(request, "invoice", work, self._show_edit)

    def _show(self, request: Request, refusal: Refusal | None, invoice: Record | None) -> Response:
        company, mode = self._books.company(request), tax_mode(self._books.company(request))
        rows = _rows_in(refusal.entered) if refusal else _ROWS_AT_FIRST if invoice is None else 1
        return self._books.show(
            request,
            "invoice_form.html",
            "invoices",
            refusal,
            invoice=invoice or {},
            wanted=request.query_params.get("customer", ""),
            rows=rows,
            editable=[line for line in (invoice or {}).get("Line", ()) if _is_sale(line)],
            others=[line for line in (invoice or {}).get("Line", ()) if not _is_sale(line) and SUBTOTAL not in line],
            customers=suggested(company, "Customer", lambda each: each["CurrencyRef"]["value"])
            if invoice is None
            else [],
            items=suggested(company, "Item", lambda each: figure(each.get("UnitPrice"))),
            terms=list(_named(company, "Term")),
            codes=tax_choices(company),
            whole_codes=list(_named(company, "TaxCode")) if mode is TaxMode.LEGACY else [],
            ways=_WAYS if mode is TaxMode.CODES else [],
            own_numbers=bool(company.preferences("SalesFormsPrefs").get("CustomTxnNumbers")),
            plain=plain,
        )


def tax_choices(company: Company) -> list[tuple[str, str]]:
    """What a line can say of its tax."""
    return _US_CODES if company.profile.country == "US" else list(_named(company, "TaxCode"))


def _longer(form: FormData) -> Refusal:
    """The same form with more rows: nothing was refused, and nothing is lost."""
    rows = _rows_in(form) + _ROWS_MORE
    return Refusal(
        "invoice", (), "", FormData([*((k, v) for k, v in form.multi_items() if k != "rows"), ("rows", str(rows))]), 200
    )


def _rows_in(form: FormData) -> int:
    """How many empty rows the form had."""
    told = word(form, "rows")
    return min(int(told), _MOST_ROWS) if told.isascii() and told.isdigit() else _ROWS_AT_FIRST


def _named(company: Company, entity: str) -> Iterator[tuple[str, str]]:
    for identifier in company.shelves[entity].ids():
        record = company.get(entity, identifier)
        if record is not None and record.get("Active") is not False:
            yield identifier, record["Name"]


def _is_sale(line: Record) -> bool:
    """A line whose quantity and price are edited here: not shipping, bundles, words and discounts."""
    return line["DetailType"] == SALES and identifier_of(line[SALES].get("ItemRef")) != SHIPPING


def _said(company: Company, form: FormData) -> dict[str, Any]:
    """What the form says of the whole invoice; None clears."""
    said: dict[str, Any] = {
        "TxnDate": word(form, "date") or None,
        "DueDate": word(form, "due") or None,
        "SalesTermRef": _reference(form, "term"),
        "BillEmail": {"Address": word(form, "email")} if word(form, "email") else None,
        "CustomerMemo": {"value": word(form, "memo")} if word(form, "memo") else None,
        "PrivateNote": word(form, "note") or None,
    }
    if company.preferences("SalesFormsPrefs").get("CustomTxnNumbers"):
        said["DocNumber"] = word(form, "number") or None
    if word(form, "way"):
        said["GlobalTaxCalculation"] = word(form, "way")
    if word(form, "code"):
        said["TxnTaxDetail"] = {"TxnTaxCodeRef": {"value": word(form, "code")}}
    return said


def _reference(form: FormData, field: str) -> Record | None:
    return {"value": word(form, field)} if word(form, field) else None


def _kept_lines(invoice: Record, form: FormData) -> Iterator[Record]:
    """The stored lines, with their new quantities and prices, without those that are to go."""
    for line in invoice["Line"]:
        if not _is_sale(line):
            yield line
        elif not ticked(form, f"gone-{line['Id']}"):
            yield _repriced(
                line,
                word(form, f"quantity-{line['Id']}"),
                word(form, f"price-{line['Id']}"),
                word(form, f"tax-{line['Id']}"),
            )


def _repriced(line: Record, quantity: str, price: str, code: str) -> Record:
    detail = line[SALES]
    same = (plain(detail.get("Qty")), plain(detail.get("UnitPrice"))) == (quantity, price)
    changed = {**detail, "TaxCodeRef": {"value": code}} if code else dict(detail)
    if same:
        return {**line, SALES: changed}
    changed |= {"Qty": quantity or None, "UnitPrice": price or None}
    changed.pop("TaxInclusiveAmt", None)
    return {**line, SALES: changed, "Amount": _product(quantity or "1", price or "0")}


def _new_lines(company: Company, form: FormData) -> Iterator[Record]:
    """The rows in which an item is named."""
    for at in range(_rows_in(form)):
        name = word(form, f"item-new{at}")
        if not name:
            continue
        item = called(company, "Item", name, "product or service")
        quantity, price = (
            word(form, f"quantity-new{at}") or "1",
            word(form, f"price-new{at}") or str(item.get("UnitPrice", 0)),
        )
        detail: Record = {"ItemRef": {"value": item["Id"]}, "Qty": quantity, "UnitPrice": price}
        if word(form, f"tax-new{at}"):
            detail["TaxCodeRef"] = {"value": word(form, f"tax-new{at}")}
        words = word(form, f"words-new{at}") or item.get("Description")
        line: Record = {"DetailType": SALES, "Amount": _product(quantity, price), SALES: detail}
        yield {**line, "Description": words} if words else line


def _product(quantity: str, price: str) -> Decimal:
    return cents(number(quantity, "Qty") * number(price, "UnitPrice"))
