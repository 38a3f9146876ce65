"""A small real PDF of a sales form, one page of readable text."""

import textwrap
from collections.abc import Iterable, Iterator

from ledgerbridge_sandbox.quickbooks.bundle_lines import every_line
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.kinds import Kind
from ledgerbridge_sandbox.quickbooks.money import Record

_WIDTH = 90
_TITLES = {
    "Invoice": "INVOICE",
    "CreditMemo": "CREDIT MEMO",
    "Estimate": "ESTIMATE",
    "SalesReceipt": "SALES RECEIPT",
    "RefundReceipt": "REFUND RECEIPT",
}


def form_pdf(company: Company, kind: Kind, record: Record) -> bytes:
    """The form as a PDF 1.4 file."""
    return _document(list(_lines(company, kind, record)))


def _lines(company: Company, kind: Kind, record: Record) -> Iterator[str]:
    code = record["CurrencyRef"]["value"]
    yield company.profile.name
    yield f"{_TITLES[kind.name]} {record.get('DocNumber') or ''}"
    yield f"To: {record.get('CustomerRef', {}).get('name', '')}"
    yield f"Date: {record['TxnDate']}   Due: {record.get('DueDate', '')}"
    for line in every_line(record["Line"]):
        item = line.get("SalesItemLineDetail", {}).get("ItemRef", {}).get("name", "")
        if item or line.get("Description"):
            yield f"{item}  {line.get('Description', '')}  {line.get('Amount', '')} {code}"
    yield f"Tax: {record['TxnTaxDetail']['TotalTax']} {code}"
    yield f"Total: {record['TotalAmt']} {code}"
    if "Balance" in record:
        yield f"Balance due: {record['Balance']} {code}"
    yield str((record.get("CustomerMemo") or {}).get("value") or "")


def _document(lines: Iterable[str]) -> bytes:
    wrapped = [part for line in lines for part in textwrap.wrap(line, _WIDTH) or [""]]
    text = b" T* ".join(b"(%s) Tj" % _escaped(line) for line in wrapped)
    stream = b"BT /F1 11 Tf 14 TL 50 780 Td %s ET" % text
    resources = b"<< /Font << /F1 5 0 R >> >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources %s >>" % resources,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    body, places = bytearray(b"%PDF-1.4\n"), []
    for number, each in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    start = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    body += b"".join(b"%010d 00000 n \n" % place for place in places)
    body += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(body)


def _escaped(text: str) -> bytes:
    encoded = text.encode("cp1252", "replace")
    return encoded.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
