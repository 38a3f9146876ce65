"""Bundles on sales forms: the lines that one becomes, and all lines of a form (quickbooks.md 5)."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.money import Record, amount, number_in, quantity
from ledgerbridge_sandbox.quickbooks.references import named, referred

GROUP = "GroupLineDetail"


def expanded(company: Company, bundle: Record, count: Decimal) -> Iterator[Record]:
    """The lines that QuickBooks makes of a sold bundle: each part times `count`, at the part's own price."""
    for part in bundle["ItemGroupDetail"]["ItemGroupLine"]:
        item = referred(company, "Item", part["ItemRef"])
        pieces, price = number_in(part, "Qty") * count, number_in(item, "UnitPrice")
        detail: Record = {"ItemRef": named("Item", item), "Qty": quantity(pieces), "UnitPrice": quantity(price)}
        if item.get("SalesTaxCodeRef"):
            detail["TaxCodeRef"] = item["SalesTaxCodeRef"]
        yield {
            **({"Description": item["Description"]} if item.get("Description") else {}),
            "Amount": amount(company.cents(pieces * price)),
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": detail,
        }


def every_line(lines: Iterable[Record]) -> Iterator[Record]:
    """The lines of a form with those inside its bundles."""
    for line in lines:
        yield line
        yield from (line.get(GROUP) or {}).get("Line") or ()
