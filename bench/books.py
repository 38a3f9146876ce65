"""Invoices under a drill: made, joined to deals, changed, and compared between the two vendors."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ledgerbridge.testing.waiting import wait_until_sync

from bench.household import BreakableHouse
from tests.house import US_PORTAL, US_REALM
from tests.story.deals import Line, Sales

CREATE = "ledgerbridge.invoice.create.v1"
COMPANY = "Redwood Dental Group"


@dataclass(frozen=True)
class Kept:
    """An invoice and the deal that shows it."""

    invoice: str
    deal: str


@dataclass
class Books:
    """What a drill has made and changed in the US company."""

    house: BreakableHouse
    kept: list[Kept] = field(default_factory=list)
    commands: dict[str, str] = field(default_factory=dict)
    """Accepted commands: id to deal."""

    def __post_init__(self) -> None:
        self.sales = Sales(self.house, US_PORTAL)
        self.bookkeeper = self.house.sandbox.bookkeeper(US_REALM)
        sandbox = self.house.sandbox
        self._customer = _named(sandbox.all_quickbooks(US_REALM, "customer"), "DisplayName", COMPANY)
        self._item = _named(sandbox.all_quickbooks(US_REALM, "item"), "Sku", "SVC-100")

    def add(self, count: int) -> list[Kept]:
        """Invoices made by the bookkeeper and joined to new deals; their deals agree at the end."""
        made = [self._add() for _ in range(count)]
        self.kept += made
        self.wait_until_equal(made, 60 + count)
        return made

    def _add(self) -> Kept:
        deal = self.sales.deal("Drill", COMPANY, [])
        invoice = self.invoice("500")
        body = {
            "connection_id": self.house.connections[US_REALM],
            "quickbooks_ids": [invoice],
            "deal_id": deal,
        }
        answer = self.house.invoices().ask("POST", "/links", body)
        assert answer.status == 201, answer.data
        return Kept(invoice, deal)

    def invoice(self, amount: str) -> str:
        """An invoice that the bookkeeper makes; answers its id."""
        due = self.house.sandbox.now().replace(year=self.house.sandbox.now().year + 1).date().isoformat()
        detail = {"ItemRef": {"value": self._item}, "TaxCodeRef": {"value": "NON"}}
        line = {"DetailType": "SalesItemLineDetail", "Amount": int(amount), "SalesItemLineDetail": detail}
        record = {"CustomerRef": {"value": self._customer}, "Line": [line], "DueDate": due, "EmailStatus": "NotSet"}
        return str(self.bookkeeper.create("invoice", record)["Id"])

    def company(self, name: str) -> None:
        """A company in HubSpot that QuickBooks does not know yet."""
        self.sales.know_company(name, self.house.sandbox.salesperson(US_PORTAL).create("companies", {"name": name}))

    def order(self, deal: str | None = None) -> str:
        """Send a CreateInvoice command for a new deal; answers the command's id once the broker has accepted it."""
        deal = deal or self.deal_to_invoice()
        data = {"hubspot_account": US_PORTAL, "quickbooks_company": US_REALM, "deal_id": deal}
        command = self.house.bus.send("invoice-commands", f"{US_PORTAL}:{deal}", CREATE, data)
        self.commands[command] = deal
        return command

    def deal_to_invoice(self) -> str:
        return self.sales.deal("Drill: ordered", COMPANY, [Line("PRD-260", "2")])

    def pay(self, one: Kept, amount: str = "1") -> None:
        """The bookkeeper books a payment."""
        self.bookkeeper.pay(one.invoice, amount)

    def unequal(self, kept: list[Kept] | None = None) -> dict[str, str]:
        """Deals that do not show what QuickBooks holds, with both sides."""
        sandbox, found = self.house.sandbox, {}
        invoices = {str(one["Id"]): one for one in sandbox.all_quickbooks(US_REALM, "invoice")}
        deals = {str(one["id"]): one["properties"] for one in sandbox.all_hubspot(US_PORTAL, "deals")}
        for one in self.kept if kept is None else kept:
            wanted = _wanted(invoices[one.invoice])
            shown = {name: deals[one.deal].get(f"ledgerbridge_{name}") or None for name in wanted}
            amount = shown["invoiced_amount"]
            if {**shown, "invoiced_amount": amount and Decimal(amount)} != wanted:
                found[one.deal] = f"{shown} instead of {wanted}"
        return found

    def wait_until_equal(self, kept: list[Kept] | None = None, seconds: float = 60) -> None:
        """Until every deal shows what QuickBooks holds."""
        try:
            wait_until_sync(lambda: not self.unequal(kept), seconds, "deals equal to QuickBooks")
        except AssertionError as late:
            raise AssertionError(f"{late}; {self.unequal(kept)}") from None

    def results(self) -> dict[str, list[Any]]:
        """What became of the commands, by their ids."""
        found: dict[str, list[Any]] = {command: [] for command in self.commands}
        for seen in self.house.bus.seen("command-results"):
            if seen.data["command_id"] in found:
                found[seen.data["command_id"]].append(seen)
        return found

    def succeeded(self) -> dict[str, str]:
        """The QuickBooks id of each command that succeeded."""
        return {
            command: seen.data["quickbooks_id"]
            for command, results in self.results().items()
            for seen in results
            if seen.type == "command.succeeded"
        }

    def wait_until_done(self, seconds: float = 90) -> None:
        """Until every command succeeded; their invoices are kept from then on."""
        try:
            wait_until_sync(lambda: len(self.succeeded()) == len(self.commands), seconds, "all commands succeeded")
        except AssertionError as late:
            missing = self.commands.keys() - self.succeeded().keys()
            said = {one: [(seen.type, seen.data.get("code")) for seen in self.results()[one]] for one in missing}
            raise AssertionError(f"{late}: {len(missing)} of {len(self.commands)} did not: {said}") from None
        known = {one.deal for one in self.kept}
        made = [Kept(invoice, self.commands[command]) for command, invoice in self.succeeded().items()]
        self.kept += [one for one in made if one.deal not in known]

    def invoices(self) -> int:
        """How many invoices the company really has."""
        return len(self.house.sandbox.all_quickbooks(US_REALM, "invoice"))


def _named(records: list[dict[str, Any]], name: str, value: str) -> str:
    return str(next(one["Id"] for one in records if one.get(name) == value))


def _wanted(truth: Mapping[str, Any]) -> dict[str, Any]:
    total, balance = Decimal(truth["TotalAmt"]), Decimal(truth["Balance"])
    sent = truth["EmailStatus"] == "EmailSent"
    stage = (
        "paid_in_full"
        if balance == 0
        else "partial_payment"
        if balance < total
        else "sent_to_customer"
        if sent
        else "waiting_to_be_sent"
    )
    return {"invoiced_amount": total, "invoice_status": stage, "invoice_number": truth["DocNumber"]}
