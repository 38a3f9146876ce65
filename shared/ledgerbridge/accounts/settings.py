"""The settings of a connection: every choice of product.md that the invoices' part walks, with its default.

Stored as jsonb with defaults left out, so that a default that changes with a version reaches those who never chose.
"""

from typing import Annotated, Any, Literal, get_args
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Mode = Literal["legacy", "strict"]
Language = Literal["en", "pl"]
QuoteStatus = Literal[
    "DRAFT", "APPROVAL_NOT_NEEDED", "PENDING_APPROVAL", "PENDING_BUYER_ACTION", "APPROVED", "ACCEPTED", "REJECTED"
]
LANGUAGES: tuple[str, ...] = get_args(Language)


def _known_zone(zone: str) -> str:
    if zone not in available_timezones():
        raise ValueError("no such time zone; use a name such as America/New_York")
    return zone


Zone = Annotated[str, AfterValidator(_known_zone)]
QuickBooksId = Annotated[str, Field(min_length=1, max_length=50)]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Condition(_Settings):
    """One condition of a filter, on a property of the side where the sync starts."""

    property: str = Field(min_length=1, max_length=200)
    operator: Literal["equals", "differs", "contains", "one_of", "known", "unknown", "above", "below"]
    value: str | tuple[str, ...] | None = None


class ContactSync(_Settings):
    """What decides whether a contact is eligible on a strict connection (product.md, Mode of a connection)."""

    on: bool = False
    direction: Literal["quickbooks_to_hubspot", "hubspot_to_quickbooks", "both"] = "quickbooks_to_hubspot"
    matching: Literal["email", "email_then_name", "none"] = "email"
    customer_becomes: Literal["contact", "company", "contact_and_company"] = "contact"
    hubspot_filter: tuple[Condition, ...] = ()


class ConnectionSettings(_Settings):
    """One connection's settings. Times in milliseconds where the name says so."""

    mode: Mode = "legacy"
    quote_statuses: tuple[QuoteStatus, ...] = ("APPROVAL_NOT_NEEDED", "APPROVED", "ACCEPTED")
    """Which HubSpot quote statuses count as published (S-20)."""
    fill_recipient_address: bool = True
    """Whether a created invoice carries the recipient's e-mail address."""
    default_terms: QuickBooksId | None = None
    """The QuickBooks term used where the customer has none; None: the company's default."""
    default_item: QuickBooksId | None = None
    """The QuickBooks item of a line whose product has none; None: such a line is refused (NO_ITEM)."""
    default_tax_code: QuickBooksId | None = None
    """The QuickBooks tax code of a line whose item has none; None: refused outside the US (NO_TAX_CODE)."""
    custom_numbers: Literal["refuse", "from_user"] = "refuse"
    """What happens while QuickBooks' custom transaction numbers are on: refuse (S-52), or the user gives the number."""
    currency_rule: Literal["skip", "convert"] = "skip"
    """An invoice in another currency than HubSpot's company currency: not written to the deal (S-56), or converted."""
    labels_language: Language = "en"
    """The language of labels and remarks that are written into the vendors."""
    zone: Zone | None = None
    """The company's time zone where QuickBooks does not tell it; it goes before QuickBooks' own."""
    printed_counts_as_handed_over: bool = True
    tax_rounding: Literal["per_code", "per_line"] = "per_code"
    """How the review expects QuickBooks to round tax (a guess: QuickBooks does not document it)."""
    invoice_sync: bool = False
    """Whether QuickBooks-born invoices are shown in HubSpot before they are added (S-54, S-101)."""
    round_gap_milliseconds: int = Field(default=120, ge=0, le=60_000)
    """The least time between the starts of two rounds of reading of the company (design.md 4, reading rule)."""
    contacts: ContactSync = ContactSync()

    @classmethod
    def read(cls, stored: dict[str, Any]) -> "ConnectionSettings":
        """Read what is stored; a setting that this version does not know is passed over."""
        return cls.model_validate(stored, extra="ignore")

    def stored(self) -> dict[str, Any]:
        """What is written: the choices that differ from the defaults."""
        return self.model_dump(mode="json", exclude_defaults=True)

    def changed(self, **choices: Any) -> "ConnectionSettings":
        """These settings with other choices, checked. Raises pydantic's ValidationError."""
        return ConnectionSettings.model_validate({**self.model_dump(), **choices})

    def differences(self, new: "ConnectionSettings") -> dict[str, dict[str, Any]]:
        """Each setting that differs, as ``{"old": …, "new": …}``."""
        before, after = self.model_dump(mode="json"), new.model_dump(mode="json")
        return {name: {"old": before[name], "new": after[name]} for name in after if before[name] != after[name]}
