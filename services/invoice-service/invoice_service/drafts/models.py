"""What the drafts' HTTP door takes and gives. Amounts are decimal strings; every text has a limit."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal, Self

from ledgerbridge.contracts.model import Amount
from ledgerbridge.service.problems import Problem
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from invoice_service.catalogue.buyers import Certainty, Reason
from invoice_service.drafts.draft import Step
from invoice_service.drafts.lines import MAX_DESCRIPTION

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
Price = Annotated[Amount, AfterValidator(_digits(10, 5))]
Cents = Annotated[Amount, AfterValidator(_digits(13, 2))]


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


class CustomerAnswer(BaseModel):
    """A QuickBooks customer to choose."""

    customer_id: str
    name: str
    email: str = ""
    currency: str = ""


class SourceAnswer(BaseModel):
    """Where the lines come from."""

    kind: Literal["quote", "scratch"]
    quote_id: str | None = None


class BuyerAnswer(BaseModel):
    """Who is invoiced: how the customer was found and how sure that is; candidates where several fit."""

    customer_id: str | None
    name: str
    email: str
    currency: str
    how: Reason | Literal["picked", "new"]
    certainty: Certainty
    candidates: list[CustomerAnswer]
    new: NewBuyer | None


class LineAnswer(BaseModel):
    """A line as it stands, and how its item was found (`link`, `sku`, `name`, `default`, `picked`, or not at all)."""

    key: str
    item_id: str | None
    item_name: str
    description: str
    quantity: Amount | None
    unit_price: Amount | None
    amount: Amount
    taxable: bool | None
    tax_code_id: str | None
    period: str
    product_name: str
    matched_by: str


class DiscountAnswer(BaseModel):
    """A discount on the whole order."""

    percent: Amount | None
    amount: Amount
    label: str


class TermsAnswer(BaseModel):
    """What a person chose; null where terms and dates follow the customer, the company and today."""

    terms_id: str | None
    invoice_date: date | None
    due_date: date | None
    message: str
    number: str | None
    email: str | None


class StepAnswer(BaseModel):
    """A step of the wizard, done or with the first thing that is wrong with it."""

    step: Step
    state: Literal["done", "problem"]
    problem: Problem | None = None


class Existing(BaseModel):
    """What the deal already has."""

    kind: Literal["invoice", "order", "draft"]
    id: str
    words: str


class Question(BaseModel):
    """What a person must decide: `ALREADY_INVOICED` with what there is, `AMBIGUOUS_CUSTOMER` with the candidates."""

    code: Literal["ALREADY_INVOICED", "AMBIGUOUS_CUSTOMER"]
    sentence: str
    remedy: str
    existing: list[Existing] = Field(default_factory=list)
    candidates: list[CustomerAnswer] = Field(default_factory=list)


class DealAnswer(BaseModel):
    """The HubSpot deal."""

    deal_id: str
    name: str
    currency: str


class DraftSummary(BaseModel):
    """A draft in a list."""

    draft_id: str
    version: int
    owner: str
    created_at: datetime
    changed_at: datetime
    deal: DealAnswer
    connection_id: int | None
    buyer_name: str
    lines: int
    subtotal: Amount
    locked: bool


class DraftAnswer(BaseModel):
    """A draft: all that was entered, what each step still needs, and what a person must decide.

    `step` is the first step with a problem, else `review`. `locked`: an order of it is running or made the invoice
    `invoice_id`; nothing can be changed then.
    """

    draft_id: str
    version: int
    owner: str
    created_at: datetime
    changed_at: datetime
    resumed: bool = False
    locked: bool
    order_id: str | None
    order_state: str | None
    invoice_id: str | None
    deal: DealAnswer
    connection_id: int | None
    source: SourceAnswer | None
    buyer: BuyerAnswer
    lines: list[LineAnswer]
    discount: DiscountAnswer | None
    terms: TermsAnswer
    step: Step
    steps: list[StepAnswer]
    problems: list[Problem]
    questions: list[Question]


class DraftPage(BaseModel):
    """A page of drafts; `after` is where the next begins."""

    drafts: list[DraftSummary]
    after: str | None


class QuoteAnswer(BaseModel):
    """A quote of the deal: usable, or the refusal (S-20)."""

    quote_id: str
    title: str
    status: str
    expires_on: date | None
    usable: bool
    problem: Problem | None = None


class Quotes(BaseModel):
    """The quotes of the deal."""

    quotes: list[QuoteAnswer]


class Buyers(BaseModel):
    """Who may be meant, how that was found and how sure it is; and what a new customer would be made of.

    `cannot_create` says why no customer can be made on this connection (strict mode).
    """

    how: Reason
    certainty: Certainty
    customers: list[CustomerAnswer]
    proposal: NewBuyer | None
    cannot_create: Problem | None


class TaxRateAnswer(BaseModel):
    """A rate of a tax code, in per cent."""

    name: str
    percent: Amount


class TaxCodeAnswer(BaseModel):
    """A tax code with its rates (S-28)."""

    tax_code_id: str
    name: str
    description: str
    rates: list[TaxRateAnswer]


class ReviewLine(BaseModel):
    """A line as it will be sent."""

    key: str
    item_id: str
    item_name: str
    description: str
    quantity: Amount | None
    unit_price: Amount | None
    amount: Amount
    tax_code: str | None = Field(description="the code's name; in the US TAX or NON")
    tax_percent: Amount | None


class TaxAnswer(BaseModel):
    """The tax of one rate."""

    name: str
    percent: Amount
    net: Amount
    tax: Amount


class Review(BaseModel):
    """Every amount of the invoice to be, to the cent (S-36).

    `computed_by` is `quickbooks` where QuickBooks alone computes the tax; tax and total are null then. `certainty` is
    `exact`, `expected` (QuickBooks' rounding is a guess here), or `by_quickbooks`.
    """

    draft_id: str
    version: int
    deal: DealAnswer
    company: str
    buyer: BuyerAnswer
    currency: str
    lines: list[ReviewLine]
    prices_contain_tax: bool
    subtotal: Amount
    discount: Amount
    taxes: list[TaxAnswer]
    tax: Amount | None
    total: Amount | None
    computed_by: Literal["ledgerbridge", "quickbooks"]
    certainty: Literal["exact", "expected", "by_quickbooks"]
    terms: str | None
    invoice_date: date
    due_date: date | None
    message: str
    number: str | None
    email: str
    warnings: list[str]
    note: str
    questions: list[Question]
