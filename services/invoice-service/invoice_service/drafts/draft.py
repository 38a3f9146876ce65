"""A draft: the document that the wizard builds step by step inside Ledgerbridge, and what may be done to it.

Pure state: every operation answers a new draft with the next version. Going back keeps what was entered (S-37); only
what belongs to another company goes when another connection is chosen. While an order runs, the draft is locked.
A command is carried out through a draft too, so that wizard and bus obey the same rules.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Literal, Self

from ledgerbridge.errors import Refused
from pydantic import BaseModel, ConfigDict, Field

from invoice_service.catalogue.buyers import BuyerMatch, Certainty, Reason
from invoice_service.catalogue.customers import CatalogueCustomer, NewCustomer
from invoice_service.lines import MAX_DESCRIPTION, InvoiceLine, OrderDiscount

Step = Literal["connection", "source", "buyer", "lines", "terms", "message", "review"]
STEPS: tuple[Step, ...] = ("connection", "source", "buyer", "lines", "terms", "message", "review")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Part):
    """From an existing quote or from scratch (S-16). `fingerprint` tells whether the deal changed since it was read."""

    kind: Literal["quote", "scratch"]
    quote_id: str | None = None
    fingerprint: str = ""


class Candidate(_Part):
    """A customer that may be meant."""

    customer_id: str
    name: str
    email: str = ""
    currency: str = ""


class BuyerChoice(_Part):
    """The customer found, picked or to be made; with how it was found and how sure that is."""

    customer_id: str | None = None
    name: str = ""
    currency: str = ""
    email: str = ""
    how: Reason | Literal["picked", "new"] = "none"
    certainty: Certainty = "none"
    candidates: tuple[Candidate, ...] = ()
    new: NewCustomer | None = None

    @property
    def settled(self) -> bool:
        """Whether somebody is chosen."""
        return self.customer_id is not None or self.new is not None


class LineEdit(_Part):
    """What a person changes on a line; a field left out stays as it is."""

    item_id: str | None = None
    item_name: str | None = None
    description: str | None = Field(None, max_length=MAX_DESCRIPTION)
    quantity: Decimal | None = Field(None, max_digits=15, decimal_places=6)
    unit_price: Decimal | None = Field(None, max_digits=15, decimal_places=5)
    amount: Decimal | None = Field(None, max_digits=15, decimal_places=2)
    taxable: bool | None = None
    tax_code_id: str | None = None


class Draft(_Part):
    """The whole draft. `due_date` is set only where a person chose one; else it follows the terms.

    `currency` is the deal's. `another_reason` answers the question about an invoice that the deal already has.
    """

    draft_id: str
    version: int = 1
    deal_id: str | None = None
    deal_name: str = ""
    currency: str = ""
    connection_id: int | None = None
    source: Source | None = None
    buyer: BuyerChoice = BuyerChoice()
    lines: tuple[InvoiceLine, ...] = ()
    discount: OrderDiscount | None = None
    term_id: str | None = None
    invoice_date: date | None = None
    due_date: date | None = None
    message: str = Field("", max_length=1000)
    bill_email: str | None = Field(None, max_length=500)
    number: str | None = Field(None, max_length=21)
    another_reason: str | None = None
    order_id: str | None = None

    def to_document(self) -> dict[str, Any]:
        """The draft as JSON for the database; amounts are strings, exact."""
        return self.model_dump(mode="json")

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """The draft that `to_document` wrote."""
        return cls.model_validate(document)

    def changed(self, **fields: Any) -> Self:
        """The next version. Raises Refused DRAFT_LOCKED while an order of the draft is unsettled."""
        if self.order_id is not None:
            raise Refused("DRAFT_LOCKED", field="draft")
        return self.model_copy(update={**fields, "version": self.version + 1})

    def with_connection(self, connection_id: int) -> Self:
        """On this company. What belongs to another company goes: customer, items, tax codes, terms."""
        if connection_id == self.connection_id:
            return self
        return self.changed(
            connection_id=connection_id,
            buyer=BuyerChoice(new=self.buyer.new, how="new" if self.buyer.new else "none"),
            lines=tuple(_without_company(line) for line in self.lines),
            term_id=None,
        )

    def with_source(self, source: Source, lines: Sequence[InvoiceLine], discount: OrderDiscount | None) -> Self:
        """From this quote or from scratch, with the lines it has; the same source again keeps what was entered."""
        if self.source is not None and (self.source.kind, self.source.quote_id) == (source.kind, source.quote_id):
            return self
        return self.changed(source=source, lines=tuple(lines), discount=discount)

    def with_match(self, match: BuyerMatch) -> Self:
        """With what the matching found; a choice that a person made stays."""
        return self if self.buyer.how in ("picked", "new") else self.changed(buyer=choice_of(match))

    def with_customer(self, customer: CatalogueCustomer) -> Self:
        """With a customer that a person picked (S-18, S-22)."""
        return self.changed(buyer=_chosen(customer, "picked", "certain"))

    def with_new_customer(self, new: NewCustomer) -> Self:
        """With a customer to be made (S-19, S-23)."""
        new.check_names()
        choice = BuyerChoice(name=new.display_name, currency=new.currency or "", email=new.email, how="new", new=new)
        return self.changed(buyer=choice)

    def with_lines(self, lines: Sequence[InvoiceLine]) -> Self:
        """With these lines, in this order. Raises Refused INVALID for a key that occurs twice."""
        if len({line.key for line in lines}) < len(lines):
            raise Refused("INVALID", field="lines", problem="every line needs a key of its own")
        return self.changed(lines=tuple(lines))

    def with_line_added(self, line: InvoiceLine) -> Self:
        """With one more line at the end (S-25)."""
        return self.with_lines((*self.lines, line))

    def without_line(self, key: str) -> Self:
        """Without this line."""
        self.line(key)
        return self.with_lines([line for line in self.lines if line.key != key])

    def with_line_edited(self, key: str, edit: LineEdit) -> Self:
        """With one line changed; its amount is quantity x price again unless the amount alone is given."""
        edited = edited_line(self.line(key), edit)
        return self.with_lines([edited if line.key == key else line for line in self.lines])

    def with_tax_codes(self, codes: Mapping[str, str]) -> Self:
        """With tax codes by line key (S-28, S-29)."""
        for key in codes:
            self.line(key)
        lines = [line.model_copy(update={"tax_code_id": codes.get(line.key, line.tax_code_id)}) for line in self.lines]
        return self.with_lines(lines)

    def line(self, key: str) -> InvoiceLine:
        """The line of this key. Raises Refused NOT_FOUND."""
        for line in self.lines:
            if line.key == key:
                return line
        raise Refused("NOT_FOUND", field=f"lines.{key}", what=f"line {key}")

    def locked(self, order_id: str) -> Self:
        """Locked by an order."""
        return self.changed(order_id=order_id)

    def unlocked(self) -> Self:
        """Open again after its order was settled."""
        return self.model_copy(update={"order_id": None, "version": self.version + 1})


def choice_of(match: BuyerMatch) -> BuyerChoice:
    """A match as the wizard shows it: the customer with how and how sure, or the candidates to pick from."""
    if match.customer is not None:
        return _chosen(match.customer, match.reason, match.certainty)
    candidates = tuple(
        Candidate(customer_id=each.quickbooks_id, name=each.display_name, email=each.email, currency=each.currency)
        for each in match.candidates
    )
    return BuyerChoice(how=match.reason, certainty=match.certainty, candidates=candidates)


def _chosen(customer: CatalogueCustomer, how: Reason | Literal["picked"], certainty: Certainty) -> BuyerChoice:
    return BuyerChoice(
        customer_id=customer.quickbooks_id,
        name=customer.display_name,
        currency=customer.currency,
        email=customer.email,
        how=how,
        certainty=certainty,
    )


def edited_line(line: InvoiceLine, edit: LineEdit) -> InvoiceLine:
    """The line with a person's changes. Raises Refused INVALID where only one of quantity and price is known."""
    given = edit.model_dump(exclude_unset=True)
    texts = {name: value for name, value in given.items() if name not in ("quantity", "unit_price", "amount")}
    changed = line.model_copy(update=texts)
    if "amount" in given and edit.amount is not None:
        return changed.model_copy(update={"quantity": None, "unit_price": None, "amount": edit.amount})
    if not {"quantity", "unit_price"} & given.keys():
        return changed
    quantity = line.quantity if edit.quantity is None else edit.quantity
    price = line.unit_price if edit.unit_price is None else edit.unit_price
    if quantity is None or price is None:
        problem = "give quantity and unit price together, or the amount alone"
        raise Refused("INVALID", field=f"lines.{line.key}.unit_price", problem=problem)
    priced = InvoiceLine.priced(line.key, quantity, price)
    return changed.model_copy(
        update={"quantity": priced.quantity, "unit_price": priced.unit_price, "amount": priced.amount}
    )


def _without_company(line: InvoiceLine) -> InvoiceLine:
    return line.model_copy(
        update={"item_id": None, "item_name": "", "taxable": None, "tax_code_id": None, "matched_by": ""}
    )
