"""Which QuickBooks item a line is: by the product's link, by SKU, by name; several hits are never chosen from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ledgerbridge.errors import Refused

from invoice_service.lines import InvoiceLine, name_of

SELLABLE = frozenset({"Service", "Inventory", "NonInventory"})


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    """An item of QuickBooks (quickbooks.md 9). `sales_tax_code` is set outside the US, `taxable` counts in the US."""

    quickbooks_id: str
    name: str
    full_name: str = ""
    sku: str = ""
    kind: str = "Service"
    active: bool = True
    taxable: bool = False
    sales_tax_code: str | None = None
    unit_price: Decimal | None = None
    description: str = ""


@dataclass(frozen=True, slots=True)
class ItemMatch:
    """The one item found and how, or the several that fit."""

    item: CatalogueItem | None
    by: str
    candidates: tuple[CatalogueItem, ...] = ()


def match_item(line: InvoiceLine, items: Iterable[CatalogueItem], linked_id: str | None = None) -> ItemMatch:
    """The item of a line among those that a search of the catalogue gave; `linked_id` is its product's twin."""
    usable = [item for item in items if item.kind in SELLABLE]
    linked = [item for item in usable if linked_id and item.quickbooks_id == linked_id]
    if linked:
        return ItemMatch(linked[0], "link")
    active = [item for item in usable if item.active]
    by_sku = [item for item in active if line.sku and _same(item.sku, line.sku)]
    if by_sku:
        return _one(by_sku, "sku")
    name = line.product_name
    return _one([item for item in active if name and (_same(item.name, name) or _same(item.full_name, name))], "name")


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()


def _one(found: list[CatalogueItem], by: str) -> ItemMatch:
    return ItemMatch(found[0], by) if len(found) == 1 else ItemMatch(None, by if found else "", tuple(found))


def with_item(line: InvoiceLine, item: CatalogueItem, by: str) -> InvoiceLine:
    """The line on this item, taking the item's taxability and sales tax code where the line has none."""
    return line.model_copy(
        update={
            "item_id": item.quickbooks_id,
            "item_name": item.full_name or item.name,
            "description": line.description or item.description,
            "taxable": item.taxable if line.taxable is None else line.taxable,
            "tax_code_id": line.tax_code_id or item.sales_tax_code,
            "matched_by": by,
        }
    )


def matched_lines(
    lines: Sequence[InvoiceLine],
    items: Sequence[CatalogueItem],
    links: Mapping[str, str],
    default: CatalogueItem | None = None,
) -> list[InvoiceLine]:
    """Every line with its item where one fits or a default is set; the others stay open for a person to choose.

    `links` leads from HubSpot product ids to item ids. A command then refuses what is open by `lines.check_lines`.
    """
    matched = []
    for line in lines:
        match = match_item(line, items, links.get(line.hubspot_product_id or ""))
        item, by = (match.item, match.by) if match.item else (default, "default")
        matched.append(with_item(line, item, by) if item else line)
    return matched


def check_items_active(lines: Sequence[InvoiceLine], items: Mapping[str, CatalogueItem]) -> None:
    """Refuse a line whose item is inactive (ITEM_INACTIVE) or not there (NO_ITEM)."""
    for number, line in enumerate(lines, start=1):
        field = f"lines.{line.key}.item_id"
        item = items.get(line.item_id or "")
        if item is None:
            raise Refused("NO_ITEM", field=field, line=number, name=name_of(line))
        if not item.active:
            raise Refused("ITEM_INACTIVE", field=field, name=item.name)
