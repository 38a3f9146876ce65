"""The salesperson's part: deals, line items and quotes made in HubSpot's pages, and what HubSpot holds of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.house import House

PRIMARY_COMPANY = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 5}]
PREFIX = "ledgerbridge_"
FIVE = ("invoiced_amount", "invoice_recipient", "invoice_number", "invoice_status", "invoice_due_date")


@dataclass(frozen=True)
class Line:
    """A line of a deal: the product's SKU and the quantity."""

    sku: str
    quantity: str
    other: tuple[tuple[str, str], ...] = ()


class Sales:
    """A salesperson of one HubSpot account."""

    def __init__(self, house: House, portal: str) -> None:
        """Know the account's companies and products by what people call them."""
        self.portal = portal
        self._sandbox = house.sandbox
        self._person = house.sandbox.salesperson(portal)
        self.companies = self._ids("companies", "name")
        self._products = self._ids("products", "hs_sku")

    def _ids(self, kind: str, name: str) -> dict[str, str]:
        return {one["properties"].get(name) or "": one["id"] for one in self._sandbox.all_hubspot(self.portal, kind)}

    def know_company(self, name: str, company: str) -> None:
        """A company that was made meanwhile, by its id."""
        self.companies[name] = company

    def deal(self, name: str, company: str, lines: Sequence[Line]) -> str:
        """A new deal with its primary company and lines; answers its id."""
        deal = self._person.create("deals", {"dealname": name, "dealstage": "contractsent"})
        self._person.join("deals", deal, "companies", self.companies[company], PRIMARY_COMPANY)
        self._add_lines("deals", deal, lines)
        return deal

    def quote(self, title: str, deal: str, lines: Sequence[Line], expires: str) -> str:
        """A quote of the deal, published; `expires` is its last day. Answers its id."""
        properties = {"hs_title": title, "hs_expiration_date": expires, "hs_language": "en"}
        template = self._sandbox.all_hubspot(self.portal, "quote_template")[0]["id"]
        quote = self._person.create("quotes", properties, {"deals": deal, "quote_template": template})
        self._add_lines("quotes", quote, lines)
        self._person.publish(quote)
        return quote

    def _add_lines(self, kind: str, record: str, lines: Sequence[Line]) -> None:
        for place, line in enumerate(lines):
            product = {"hs_product_id": self._products[line.sku], "quantity": line.quantity}
            position = {"hs_position_on_quote": str(place), **dict(line.other)}
            made = self._person.create("line_items", product | position)
            self._person.join(kind, record, "line_items", made)

    def held(self, deal: str) -> Mapping[str, str | None]:
        """The five properties as HubSpot holds them, by their names without prefix; None where there is no value."""
        properties: dict[str, Any] = self._sandbox.hubspot(self.portal, "deals", deal)["properties"]
        return {name: properties.get(PREFIX + name) or None for name in FIVE}
