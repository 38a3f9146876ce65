"""A sales form as its customer gets it: a real PDF with addresses, lines and sums, on as many pages as it needs."""

import textwrap
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from ledgerbridge_sandbox.quickbooks.bundle_lines import every_line
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.kinds import Kind
from ledgerbridge_sandbox.quickbooks.money import Record, number_in
from ledgerbridge_sandbox.quickbooks.pdf_file import Page, document

_LETTER, _A4 = (612, 792), (595, 842)
_LEFT, _RIGHT, _BOTTOM, _LEADING = 50, 545, 60, 14
_COUNT, _PRICE = 390, 465
"""Where the columns of quantities and prices end; amounts end at the right edge."""
_TEXT_LETTERS, _MEMO_LETTERS = 52, 90
_TITLES = {
    "Invoice": "INVOICE",
    "CreditMemo": "CREDIT MEMO",
    "Estimate": "ESTIMATE",
    "SalesReceipt": "SALES RECEIPT",
    "RefundReceipt": "REFUND RECEIPT",
}
_DATES = {"Date": "TxnDate", "Due": "DueDate", "Expires": "ExpirationDate", "Ship date": "ShipDate"}
_DISCOUNT, _SALE, _SUBTOTAL = "DiscountLineDetail", "SalesItemLineDetail", "SubTotalLineDetail"
_CHARGES = {"SHIPPING_ITEM_ID": "Shipping", "GRATUITY_ITEM_ID": "Gratuity"}


def form_pdf(company: Company, kind: Kind, record: Record) -> bytes:
    """The form as a PDF file."""
    size = _LETTER if company.profile.country == "US" else _A4
    title = f"{_TITLES[kind.name]} {record.get('DocNumber') or ''}".strip()
    printed = _Print(size[1], title)
    printed.head(company, record)
    for line in every_line(record["Line"]):
        if line["DetailType"] not in {_DISCOUNT, _SUBTOTAL} and _charge(line) is None:
            printed.line(line)
    printed.sums(list(_sums(record)))
    for part in textwrap.wrap(str((record.get("CustomerMemo") or {}).get("value") or ""), _MEMO_LETTERS):
        printed.text(part)
    printed.number_pages()
    return document(printed.pages, size, f"{company.profile.name}: {title}")


def _charge(line: Mapping[str, Any]) -> str | None:
    return _CHARGES.get((line.get(_SALE) or {}).get("ItemRef", {}).get("value"))


def _money(value: Decimal) -> str:
    return f"{value:,.2f}"


def _sums(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What stands below the lines: names and amounts."""
    code = record["CurrencyRef"]["value"]
    for line in record["Line"]:
        name = {_SUBTOTAL: "Subtotal", _DISCOUNT: "Discount"}.get(line["DetailType"]) or _charge(line)
        if name:
            yield name, _money(-number_in(line, "Amount") if name == "Discount" else number_in(line, "Amount"))
    yield "Tax", _money(number_in(record.get("TxnTaxDetail") or {}, "TotalTax"))
    yield f"Total {code}", _money(number_in(record, "TotalAmt"))
    if "Balance" in record:
        paid = number_in(record, "TotalAmt") - number_in(record, "Balance")
        if paid:
            yield "Paid", _money(paid)
        yield f"Balance due {code}", _money(number_in(record, "Balance"))


class _Print:
    """Pages that fill from above; `_y` is where the next row stands."""

    def __init__(self, height: int, title: str) -> None:
        self.pages: list[Page] = []
        self._height = height
        self._title = title
        self._turn()

    def _turn(self) -> None:
        self.pages.append(Page())
        self._y = float(self._height - 60)
        if len(self.pages) > 1:
            self._page.write(_LEFT, self._y, f"{self._title}, continued", bold=True)
            self._advance(2)

    @property
    def _page(self) -> Page:
        return self.pages[-1]

    def _advance(self, rows: float = 1) -> None:
        self._y -= rows * _LEADING
        if self._y < _BOTTOM:
            self._turn()

    def text(self, text: str, *, size: float = 10, bold: bool = False) -> None:
        """One row from the left edge."""
        self._page.write(_LEFT, self._y, text, size=size, bold=bold)
        self._advance()

    def head(self, company: Company, record: Mapping[str, Any]) -> None:
        """Who sends what to whom and when, and the names of the columns."""
        self._page.write(_RIGHT, self._y, self._title, size=16, bold=True, right=True)
        self.text(company.profile.name, size=14, bold=True)
        info = company.get("CompanyInfo", "1") or {}
        for part in _address(info.get("CompanyAddr") or {}):
            self.text(part)
        self._advance()
        top = self._y
        for name, field in _DATES.items():
            if record.get(field):
                self._page.write(_RIGHT, self._y, f"{name}: {record[field]}", right=True)
                self._advance()
        below, self._y = self._y, top
        self.text(f"To: {(record.get('CustomerRef') or {}).get('name', '')}", bold=True)
        for part in _address(record.get("BillAddr") or {}):
            self.text(part)
        self._y = min(self._y, below)
        self._advance()
        self._columns()

    def _columns(self) -> None:
        self._page.write(_LEFT, self._y, "Description", bold=True)
        for place, name in ((_COUNT, "Quantity"), (_PRICE, "Rate"), (_RIGHT, "Amount")):
            self._page.write(place, self._y, name, bold=True, right=True)
        self._page.rule(_LEFT, _RIGHT, self._y - 4)
        self._advance(1.5)

    def line(self, line: Mapping[str, Any]) -> None:
        """Name and words of the line, wrapped; its figures beside the first row."""
        detail = line.get(_SALE) or line.get("GroupLineDetail") or {}
        item = (detail.get("ItemRef") or detail.get("GroupItemRef") or {}).get("name", "")
        told = " - ".join(part for part in (item, str(line.get("Description") or "")) if part)
        first, *others = textwrap.wrap(told, _TEXT_LETTERS) or [""]
        for place, value in ((_COUNT, detail.get("Qty")), (_PRICE, detail.get("UnitPrice"))):
            if value is not None:
                self._page.write(place, self._y, f"{Decimal(value):f}", right=True)
        if "Amount" in line:
            self._page.write(_RIGHT, self._y, _money(number_in(line, "Amount")), right=True)
        for part in (first, *others):
            self.text(part)

    def sums(self, rows: list[tuple[str, str]]) -> None:
        """What stands below the lines, on one page."""
        if self._y - (len(rows) + 2) * _LEADING < _BOTTOM:
            self._turn()
        self._page.rule(_COUNT - 60, _RIGHT, self._y + 8)
        for name, value in rows:
            bold = name.startswith(("Total", "Balance"))
            self._page.write(_COUNT - 60, self._y, name, bold=bold)
            self._page.write(_RIGHT, self._y, value, bold=bold, right=True)
            self._advance()
        self._advance()

    def number_pages(self) -> None:
        """At the foot of each."""
        for at, page in enumerate(self.pages, start=1):
            page.write(_RIGHT, 36, f"Page {at} of {len(self.pages)}", size=8, right=True)


def _address(address: Mapping[str, Any]) -> Iterator[str]:
    for name in ("Line1", "Line2", "Line3", "Line4", "Line5"):
        if address.get(name):
            yield str(address[name])
    names = ("City", "CountrySubDivisionCode", "PostalCode", "Country")
    place = " ".join(str(address[name]) for name in names if address.get(name))
    if place:
        yield place
