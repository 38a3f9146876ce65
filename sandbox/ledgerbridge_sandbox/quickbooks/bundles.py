"""Bundles: items of type Group, which people make in QuickBooks' pages (quickbooks.md 9)."""

from collections.abc import Mapping
from typing import Any

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.lists import prepare_item
from ledgerbridge_sandbox.quickbooks.money import Record, number, quantity
from ledgerbridge_sandbox.quickbooks.references import named, referred
from ledgerbridge_sandbox.quickbooks.schema import KINDS
from ledgerbridge_sandbox.quickbooks.shapes import check_properties


def make_bundle(company: Company, given: Mapping[str, Any]) -> Record:
    """A person's new bundle: Name, Description, and what it holds under ItemGroupDetail. The API makes none."""
    kind = KINDS["Item"]
    check_properties(kind, given)
    parts = (given.get("ItemGroupDetail") or {}).get("ItemGroupLine") or ()
    if not parts:
        raise faults.required("ItemGroupDetail.ItemGroupLine")
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise faults.malformed("ItemGroupDetail.ItemGroupLine")
    held = [_part(company, part) for part in parts]
    record = {name: given[name] for name in ("Name", "Sku", "Description") if given.get(name)}
    record = {**record, "Type": "Group", "PrintGroupedItems": given.get("PrintGroupedItems") is True}
    prepared = prepare_item(company, record, {"Type": "Group"}, given)
    prepared["ItemGroupDetail"] = {"ItemGroupLine": held}
    found = {"domain": "QBO", "sparse": False, "Id": company.following(kind.family), **prepared}
    return company.keep(kind, found, "created")


def _part(company: Company, given: Mapping[str, Any]) -> Record:
    item = referred(company, "Item", given.get("ItemRef"))
    if item["Type"] in {"Group", "Category"}:
        raise faults.business("A bundle holds products and services only.")
    return {
        "ItemRef": {**named("Item", item), "type": item["Type"]},
        "Qty": quantity(number(given.get("Qty", 1), "Qty")),
    }
