"""What the drafts' HTTP door takes. Amounts are decimal strings; every text has a limit."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from ledgerbridge.contracts.model import Amount, Money
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from invoice_service.lines import MAX_DESCRIPTION

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2199, 12, 31)
"""Invoice and due dates outside are slips of the pen."""


def _plain(value: str) -> str:
    if any(ord(letter) < 32 and letter not in "\n\r\t" for letter in value):  # noqa: PLR2004 - the first printable one
        raise ValueError("must not contain control characters")
    return value


def _day(value: date) -> date:
    if not FIRST_DAY <= value <= LAST_DAY:
        raise ValueError(f"must be between {FIRST_DAY} and {LAST_DAY}")
    return value


def _digits(before: int, after: int) -> Callable[[Decimal], Decimal]:
    def check(value: Decimal) -> Decimal:
        if value.adjusted() >= before or -int(value.as_tuple().exponent) > after:
            raise ValueError(f"at most {before} digits before the point and {after} after it")
        return value

    return check


Text = Annotated[str, AfterValidator(_plain)]
HubSpotId = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,20}$"), Field(examples=["51000001"])]
QuickBooksId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_.:-]{1,50}$"), Field(examples=["17"])]
ConnectionId = Annotated[int, Field(ge=1, lt=2**63)]
LineKey = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,60}$")]
Day = Annotated[date, AfterValidator(_day)]
Quantity = Annotated[Amount, AfterValidator(_digits(9, 6))]
Price = Annotated[Money, AfterValidator(_digits(10, 5))]
Cents = Annotated[Money, AfterValidator(_digits(13, 2))]


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class StartDraft(_Body):
    """Begin the draft of a deal's invoice, or go on with one's own."""

    deal_id: HubSpotId


class ChooseConnection(_Body):
    """The QuickBooks company (S-15)."""

    connection_id: ConnectionId


class ChooseSource(_Body):
    """From an existing quote, or from scratch (S-16).

    The source that the draft has already keeps what was entered, unless `again` asks to read the deal once more.
    """

    kind: Literal["quote", "scratch"]
    quote_id: HubSpotId | None = None
    again: bool = False

    @model_validator(mode="after")
    def _named(self) -> Self:
        if (self.kind == "quote") != (self.quote_id is not None):
            raise ValueError("name the quote with kind quote, and no quote with kind scratch")
        return self


class NewAddress(_Body):
    """A postal address; `region` is QuickBooks' CountrySubDivisionCode, e.g. `CA`."""

    line1: Annotated[Text, Field(max_length=500)] = ""
    line2: Annotated[Text, Field(max_length=500)] = ""
    city: Annotated[Text, Field(max_length=255)] = ""
    region: Annotated[Text, Field(max_length=255)] = ""
    postal_code: Annotated[Text, Field(max_length=30)] = ""
    country: Annotated[Text, Field(max_length=255)] = ""


class NewBuyer(_Body):
    """A customer to be made with the invoice. Its currency can never change afterwards; left out: the deal's."""

    display_name: Annotated[Text, Field(min_length=1, max_length=500)]
    company_name: Annotated[Text, Field(max_length=100)] = ""
    given_name: Annotated[Text, Field(max_length=100)] = ""
    family_name: Annotated[Text, Field(max_length=100)] = ""
    email: Annotated[Text, Field(max_length=100)] = ""
    phone: Annotated[Text, Field(max_length=30)] = ""
    address: NewAddress = NewAddress()
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None


class ChooseBuyer(_Body):
    """A customer picked (S-18, S-22), or a new one (S-19, S-23): exactly one of the two."""

    customer_id: QuickBooksId | None = None
    new: NewBuyer | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.customer_id is None) == (self.new is None):
            raise ValueError("give customer_id or new")
        return self


class LineInput(_Body):
    """A line. With the `key` of a line of the draft: what is given changes, the rest stays. Without: a line more.

    A new line takes the description and the price of its item where none is given. Quantity and unit price belong
    together; the amount alone makes a line without them.
    """

    key: LineKey | None = None
    item_id: QuickBooksId | None = None
    description: Annotated[Text, Field(max_length=MAX_DESCRIPTION)] | None = None
    quantity: Quantity | None = None
    unit_price: Price | None = None
    amount: Cents | None = None
    taxable: bool | None = Field(default=None, description="counts in the US; left out: as the item")
    tax_code_id: QuickBooksId | None = Field(default=None, description="counts outside the US (S-27 to S-29)")


class ChangeLines(_Body):
    """All lines in their order; a line left out is taken away."""

    lines: Annotated[list[LineInput], Field(max_length=500)]
    keep_discount: bool = Field(default=True, description="false takes the discount on the order away")


class ChangeTerms(_Body):
    """Terms, dates, message, number, address. What is left out stays; null follows the terms, the company, today."""

    terms_id: QuickBooksId | None = None
    invoice_date: Day | None = None
    due_date: Day | None = None
    message: Annotated[Text, Field(max_length=1000)] | None = None
    number: Annotated[Text, Field(min_length=1, max_length=21)] | None = None
    email: Annotated[Text, Field(max_length=500)] | None = None


class Create(_Body):
    """Create the invoice; `another` with a reason answers the question ALREADY_INVOICED."""

    another: bool = False
    reason: Annotated[Text, Field(min_length=1, max_length=1000)] | None = None

    @model_validator(mode="after")
    def _reasoned(self) -> Self:
        if self.another and not (self.reason and self.reason.strip()):
            raise ValueError("another needs a reason")
        return self
