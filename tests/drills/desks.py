"""The people's part: deals, invoices on them, changes, and whether the deals show what QuickBooks holds."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from ledgerbridge.testing.waiting import wait_until_sync

from tests.drills.standing import DrillHouse
from tests.house import US_PORTAL, US_REALM
from tests.house.sandbox import Record
from tests.story.deals import Line, Sales

COMPANY = "Cascade Builders"
ZONE = ZoneInfo("America/Los_Angeles")
SKU = "SVC-100"


@dataclass(frozen=True)
class Followed:
    """An invoice and the deal that shows it."""

    quickbooks_id: str
    deal: str


class Desks:
    """One salesperson and one bookkeeper of the US company."""

    def __init__(self, house: DrillHouse, chance: random.Random) -> None:
        """Know customer and item by QuickBooks' ids."""
        self.house = house
        self.sales = Sales(house, US_PORTAL)
        self._chance = chance
        self._bookkeeper = house.sandbox.bookkeeper(US_REALM)
        self._customer = self._id("customer", "DisplayName", COMPANY)
        self._postponed = 0
        self._item = self._id("item", "Sku", SKU)

    def _id(self, entity: str, name: str, value: str) -> str:
        rows = self.house.sandbox.all_quickbooks(US_REALM, entity)
        return next(str(one["Id"]) for one in rows if one.get(name) == value)

    def deal(self, name: str) -> str:
        """A new deal with one line."""
        return self.sales.deal(name, COMPANY, [Line(SKU, "1")])

    def born(self) -> str:
        """An invoice made by the bookkeeper, due in a year; answers its id."""
        return str(self._bookkeeper.create("invoice", self.plain_invoice())["Id"])

    def plain_invoice(self) -> Record:
        """The body of a new invoice, due in a year."""
        detail = {"ItemRef": {"value": self._item}, "Qty": 2, "UnitPrice": 5000, "TaxCodeRef": {"value": "NON"}}
        line = {"DetailType": "SalesItemLineDetail", "Amount": 10000, "SalesItemLineDetail": detail}
        customer = {"CustomerRef": {"value": self._customer}, "Line": [line], "EmailStatus": "NotSet"}
        return {**customer, "DueDate": self._due(365)}

    def _due(self, days: int) -> str:
        return (self.house.sandbox.now().date() + timedelta(days=days)).isoformat()

    def followed(self, count: int) -> list[Followed]:
        """So many invoices, each added to a deal of its own, as their deals show already."""
        found = [Followed(self.born(), self.deal(f"Drill: followed {number}")) for number in range(count)]
        connection = self.house.connections[US_REALM]
        for one in found:
            body = {"connection_id": connection, "quickbooks_ids": [one.quickbooks_id], "deal_id": one.deal}
            answer = self.house.invoices().ask("POST", "/links", body)
            assert answer.status == 201, answer.data
        self.agree(found, 60)
        return found

    def change(self, invoice_id: str) -> None:
        """One change that the deal must show: a payment, a sending or another due date."""
        what = self._chance.random()
        if what < 0.4:
            self._bookkeeper.pay(invoice_id, str(self._chance.randint(1, 20)))
        elif what < 0.5:
            self._bookkeeper.act(invoice_id, "send", to="ap@cascadebuilders.example")
        else:
            self._bookkeeper.act(invoice_id, "edit", DueDate=self._due(self._chance.randint(30, 900)))

    def postpone(self, followed: Followed) -> None:
        """Move the due date to one that it has not had."""
        self._postponed += 1
        self._bookkeeper.act(followed.quickbooks_id, "edit", DueDate=self._due(1000 + self._postponed))

    def differing(self, followed: Sequence[Followed]) -> list[str]:
        """The deals that do not show what QuickBooks really holds."""
        invoices = {str(one["Id"]): one for one in self.house.sandbox.all_quickbooks(US_REALM, "invoice")}
        deals = {str(one["id"]): one for one in self.house.sandbox.all_hubspot(US_PORTAL, "deals")}
        today = self.house.sandbox.now().astimezone(ZONE).date()
        return [
            one.deal
            for one in followed
            if not _shows(deals[one.deal]["properties"], _wanted(invoices[one.quickbooks_id], today))
        ]

    def agree(self, followed: Sequence[Followed], seconds: float) -> list[str]:
        """Wait until all deals show it; answers those that do not in the end."""
        try:
            wait_until_sync(lambda: not self.differing(followed), seconds, "all deals show what QuickBooks holds")
        except AssertionError:
            return self.differing(followed)
        return []


def _wanted(invoice: Record, today: date) -> Mapping[str, str]:
    """The properties by QuickBooks' facts, written apart from the product's own function."""
    if invoice.get("status") == "Deleted":
        return {"invoice_status": "deleted"}
    total, balance = Decimal(str(invoice["TotalAmt"])), Decimal(str(invoice["Balance"]))
    if total == 0 and str(invoice.get("PrivateNote", "")).startswith("Voided"):
        stage = "voided"
    elif balance == 0:
        stage = "paid_in_full"
    elif date.fromisoformat(invoice["DueDate"]) < today:
        stage = "overdue"
    elif balance < total:
        stage = "partial_payment"
    else:
        stage = "sent_to_customer" if invoice.get("EmailStatus") == "EmailSent" else "waiting_to_be_sent"
    return {
        "invoiced_amount": str(total),
        "invoice_recipient": invoice["CustomerRef"]["name"],
        "invoice_number": invoice["DocNumber"],
        "invoice_status": stage,
        "invoice_due_date": invoice["DueDate"],
    }


def _shows(properties: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    held = {name: properties.get(f"ledgerbridge_{name}") or "" for name in wanted}
    if "invoiced_amount" in wanted and Decimal(held["invoiced_amount"] or -1) != Decimal(wanted["invoiced_amount"]):
        return False
    return all(held[name] == value for name, value in wanted.items() if name != "invoiced_amount")
