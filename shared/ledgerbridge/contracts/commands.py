"""What may be asked of invoice-service on `invoice-commands`, by any producer.

The tenant is named by the attribute `tenant` or by `hubspot_account` in the data. A command's key is its source with
`idempotency_key`, else with its CloudEvents id, and is kept 90 days (product.md, Commands).
"""

from datetime import date
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from ledgerbridge.contracts.model import Amount, Command, Currency, Id, Part, Text

Name = Annotated[Text, StringConstraints(min_length=1, max_length=500)]
Message1000 = Annotated[Text, StringConstraints(max_length=1000)]
"""QuickBooks' CustomerMemo takes 1,000 characters (quickbooks.md)."""


class Addressed(Command):
    """Who is meant: the HubSpot account where no tenant is named, the company where there are several."""

    hubspot_account: Annotated[Id | None, Field(description="portal id; needed without the attribute tenant")] = None
    connection: Annotated[int | None, Field(ge=1, lt=2**63)] = None
    quickbooks_company: Annotated[Id | None, Field(description="realm id; may stand for connection")] = None
    idempotency_key: Annotated[Id | None, Field(description="default: the CloudEvents id")] = None


class NewCustomer(Part):
    """A customer to be created in QuickBooks; its currency can never change afterwards."""

    display_name: Annotated[Name, StringConstraints(max_length=500)]
    company_name: Name | None = None
    given_name: Name | None = None
    family_name: Name | None = None
    email: Name | None = None
    currency: Currency | None = None


class Buyer(Part):
    """Who is invoiced: exactly one of these. A contact or company stands for its linked or matching customer."""

    customer_id: Annotated[Id | None, Field(description="QuickBooks customer")] = None
    contact_id: Annotated[Id | None, Field(description="HubSpot contact")] = None
    company_id: Annotated[Id | None, Field(description="HubSpot company")] = None
    new: NewCustomer | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(field is not None for field in (self.customer_id, self.contact_id, self.company_id, self.new)) != 1:
            raise ValueError("name exactly one of customer_id, contact_id, company_id and new")
        return self


class OrderLine(Part):
    """A line: an item (QuickBooks id) or a product (HubSpot id), quantity and net unit price (default: the item's)."""

    item_id: Id | None = None
    product_id: Id | None = None
    description: Annotated[Text | None, Field(max_length=4000)] = None
    quantity: Amount
    unit_price: Amount | None = None
    tax_code: Annotated[Id | None, Field(description="QuickBooks tax code, id or name")] = None
    service_date: date | None = None

    @model_validator(mode="after")
    def _what(self) -> Self:
        if self.item_id is not None and self.product_id is not None:
            raise ValueError("name an item or a product, not both")
        return self


class CreateInvoice(Addressed):
    """Create an invoice from a deal, from a quote, or from a buyer and lines given here.

    `buyer` and `lines` override what the deal or quote says. `another` is needed where the deal already has a live
    invoice, and then needs `reason`. `tax_codes` maps a HubSpot line item's id to a tax code. What is left out comes
    from the item, the customer, the connection, the company, in this order.
    """

    type: ClassVar[str] = "ledgerbridge.invoice.create.v1"

    deal_id: Id | None = None
    quote_id: Id | None = None
    buyer: Buyer | None = None
    lines: Annotated[list[OrderLine] | None, Field(min_length=1, max_length=1000)] = None
    recurring: Literal["first", "term", "exclude"] = "first"
    another: bool = False
    reason: Message1000 | None = None
    currency: Currency | None = None
    terms: Annotated[Id | None, Field(description="QuickBooks terms, id or name")] = None
    invoice_date: date | None = None
    due_date: date | None = None
    message: Message1000 | None = None
    number: Annotated[Text | None, Field(min_length=1, max_length=21)] = None
    email: Name | None = None
    tax_codes: dict[Id, Id] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if self.deal_id is None and self.quote_id is None and (self.buyer is None or self.lines is None):
            raise ValueError("name a deal or a quote, or give buyer and lines")
        if self.another and not (self.reason and self.reason.strip()):
            raise ValueError("another needs a reason")
        if self.invoice_date and self.due_date and self.due_date < self.invoice_date:
            raise ValueError("due_date lies before invoice_date")
        return self


class AttachInvoice(Addressed):
    """Add an existing QuickBooks invoice to HubSpot records; `move` takes it from another deal."""

    type: ClassVar[str] = "ledgerbridge.invoice.attach.v1"

    quickbooks_id: Id | None = None
    number: Name | None = None
    deal_id: Id | None = None
    contact_ids: Annotated[tuple[Id, ...], Field(max_length=100)] = ()
    company_ids: Annotated[tuple[Id, ...], Field(max_length=100)] = ()
    move: bool = False

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.quickbooks_id is None) == (self.number is None):
            raise ValueError("name the invoice by quickbooks_id or by number")
        if not (self.deal_id or self.contact_ids or self.company_ids):
            raise ValueError("name a deal, a contact or a company")
        return self


class OfInvoice(Addressed):
    """A command about one known invoice: by our id, or by QuickBooks' id in its company."""

    invoice_id: Id | None = None
    quickbooks_id: Id | None = None

    @model_validator(mode="after")
    def _named(self) -> Self:
        if (self.invoice_id is None) == (self.quickbooks_id is None):
            raise ValueError("name the invoice by invoice_id or by quickbooks_id")
        return self


class SendInvoice(OfInvoice):
    """Let QuickBooks mail the invoice to `to`, else to the address on it."""

    type: ClassVar[str] = "ledgerbridge.invoice.send.v1"

    to: Annotated[Text | None, Field(min_length=3, max_length=100)] = None


class VoidInvoice(OfInvoice):
    """Void the invoice in QuickBooks; it keeps its number, its amounts become zero."""

    type: ClassVar[str] = "ledgerbridge.invoice.void.v1"

    reason: Message1000 | None = None
