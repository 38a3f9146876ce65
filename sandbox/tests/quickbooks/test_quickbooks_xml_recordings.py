"""Recorded answers in XML, read and written again: the same elements, attributes and texts in the same order.

The recordings and the schema stay outside the project; skipped, visibly, where they are missing.
"""

import importlib.util
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from ledgerbridge_sandbox.quickbooks import finance_types
from ledgerbridge_sandbox.quickbooks.money import encode
from ledgerbridge_sandbox.quickbooks.xml_reading import read_object
from ledgerbridge_sandbox.quickbooks.xml_writing import as_xml

SANDBOX = Path(__file__).parents[2]
SPECS = next(
    (found for above in SANDBOX.parents if (found := above / "shared" / "specs" / "quickbooks").is_dir()),
    Path("specs"),
)
FIXTURES = SPECS / "samples" / "ruckus-quickbooks-ruby" / "fixtures"
ROOT = b"<IntuitResponse"
EXPLAINED = {
    "batch_response.xml": "elements put together by its authors, in no order of a schema",
    "company_currency_query.xml": "no XML: a tag is closed by another",
    "deleted_company_currency.xml": "before the schema of 2026: Name stands before Code",
    "deleted_employee.xml": "no XML: it ends before its elements do",
    "deleted_purchase_order.xml": "no XML: it ends before its elements do",
    "deposits.xml": "shortened by its authors: PrivateNote put first",
    "employees.xml": "two objects in the place of one",
    "fetch_company_currency_by_id.xml": "before the schema of 2026: Name stands before Code",
    "fetch_deposit_by_id.xml": "shortened by its authors: PrivateNote put first",
    "fetch_employee_by_id.xml": "no XML: it ends before its elements do",
    "fetch_sales_receipt_by_id.xml": "PrivateNote before CurrencyRef, unlike the schema and all later recordings",
    "purchase_create.xml": "no XML: it ends before its elements do",
    "sales_receipt_send.xml": "PrivateNote before CurrencyRef, unlike the schema and all later recordings",
    "sales_receipt_void_success_response.xml": "two objects in the place of one",
    "sales_receipts.xml": "PrivateNote before CurrencyRef, unlike the schema and all later recordings",
    "tax_agencies.xml": "no XML: a tag is closed by another",
    "tax_agency_entity.xml": "no XML: a tag is closed by another",
    "tax_service_entity.xml": "no XML: a tag is closed by another",
}
NAMES = sorted(path.name for path in FIXTURES.glob("*.xml") if ROOT in path.read_bytes()[:200])
pytestmark = pytest.mark.skipif(not FIXTURES.is_dir(), reason="the folder with recorded exchanges is missing")


def _canonical(node: ET.Element) -> Any:
    text = "" if len(node) else (node.text or "").strip()
    return node.tag, sorted(node.attrib.items()), text, [_canonical(child) for child in node]


def _same(body: bytes) -> bool:
    again = as_xml(encode(read_object("IntuitResponse", body)))
    parsed = [ET.fromstring(each) for each in (body, again)]  # noqa: S314 (recordings and the sandbox's own)
    return _canonical(parsed[0]) == _canonical(parsed[1])


@pytest.mark.parametrize("name", [name for name in NAMES if name not in EXPLAINED])
def test_a_recorded_answer_is_written_as_it_was(name: str) -> None:
    assert _same((FIXTURES / name).read_bytes())


def test_an_explained_recording_is_one_that_differs() -> None:
    for name in EXPLAINED:
        try:
            same = _same((FIXTURES / name).read_bytes())
        except Exception:  # noqa: BLE001 (whatever kept it from being read)
            same = False
        assert not same, name


def test_another_order_or_text_would_be_seen() -> None:
    body = (FIXTURES / "invoice_with_bundle_line_item.xml").read_bytes()
    assert _same(body)
    document_number = b"<DocNumber>1020</DocNumber>"
    assert not _same(body.replace(document_number, b"").replace(b"</TxnDate>", b"</TxnDate>" + document_number))


def test_the_types_are_those_of_the_published_schema(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = SANDBOX / "tools" / "schema_data.py"
    spec = importlib.util.spec_from_file_location("schema_data", script)
    assert spec is not None and spec.loader is not None  # noqa: PT018 (for the type checker)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "TARGET", tmp_path / "types")
    monkeypatch.setattr("sys.argv", [str(script), str(SPECS / "xsd" / "php-sdk")])
    module.main()
    kept = Path(finance_types.__file__).with_name("finance_v3.txt").read_text()
    assert (tmp_path / "types").read_text() == kept
