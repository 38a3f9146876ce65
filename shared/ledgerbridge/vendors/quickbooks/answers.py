"""What QuickBooks answers, with QuickBooks' own time of it (quickbooks.md 2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from ledgerbridge.errors import LedgerbridgeError
from ledgerbridge.vendors.documents import Document

Value = TypeVar("Value")
LONG_AGO = datetime.min.replace(tzinfo=UTC)
"""The time of an answer that has none: earlier than everything, so that every notice counts as news."""


@dataclass(frozen=True, slots=True)
class Answered(Generic[Value]):
    """A value and the envelope's `time`, aware, in UTC; of several answers the earliest."""

    value: Value
    time: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """Records by id. `missing` were not in the answer; `unreadable` QuickBooks cannot serialise (4002)."""

    records: Mapping[str, Document] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    unreadable: Mapping[str, LedgerbridgeError] = field(default_factory=dict)


CDC_LARGEST = 1000


@dataclass(frozen=True, slots=True)
class Changes:
    """What CDC told, by entity; stubs of deleted transactions are among them (`is_deleted`)."""

    by_entity: Mapping[str, tuple[Document, ...]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many objects came."""
        return sum(len(found) for found in self.by_entity.values())

    @property
    def truncated(self) -> bool:
        """Whether there may be more: CDC has no pages and stops at 1,000 objects over all entities."""
        return self.count >= CDC_LARGEST


@dataclass(frozen=True, slots=True)
class CompanyInfo:
    """A company's own facts. `subscription` is TRIAL, SUBSCRIBED, RESTRICTED, …; `zone` an IANA name, where told."""

    name: str
    legal_name: str
    country: str
    zone: str | None
    subscription: str | None
    email: str | None
    document: Document = field(repr=False)

    @property
    def writable(self) -> bool:
        """Whether the subscription lets anything be written (quickbooks.md 9)."""
        return self.subscription not in {"RESTRICTED", "SUSPENDED", "EXPIRED", "CANCELLED"}


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a company has switched on. `partner_tax`: True automated tax, False not set up, None legacy or none."""

    custom_transaction_numbers: bool
    allow_discount: bool
    allow_deposit: bool
    default_terms: str | None
    home_currency: str
    multicurrency: bool
    using_sales_tax: bool
    partner_tax: bool | None
    tax_group_code: str | None
    book_close_date: date | None
    online_payment: bool
    document: Document = field(repr=False)


@dataclass(frozen=True, slots=True)
class ExchangeRate:
    """Home units for one unit of `source`."""

    source: str
    target: str
    rate: Decimal
    as_of: date


def time_of(document: Any) -> datetime:
    """The envelope's time, in UTC; `LONG_AGO` where it has none. QuickBooks writes Pacific offsets."""
    text = document.get("time") if isinstance(document, dict) else None
    try:
        return parse_time(text)
    except (TypeError, ValueError):
        return LONG_AGO


def parse_time(text: Any) -> datetime:
    """A QuickBooks time stamp with offset, in UTC; raises TypeError or ValueError."""
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError("a time without an offset")
    return parsed.astimezone(UTC)


def last_updated(document: Mapping[str, Any]) -> datetime:
    """When QuickBooks last touched a record; raises where it does not say."""
    return parse_time(document["MetaData"]["LastUpdatedTime"])


def is_deleted(document: Mapping[str, Any]) -> bool:
    """Whether this is the stub of a deleted transaction."""
    return document.get("status") == "Deleted"


def company_of(document: Document) -> CompanyInfo:
    """Read a CompanyInfo."""
    facts = {one.get("Name"): one.get("Value") for one in document.get("NameValue") or ()}
    return CompanyInfo(
        name=document["CompanyName"],
        legal_name=document.get("LegalName") or document["CompanyName"],
        country=document.get("Country") or "",
        zone=document.get("DefaultTimeZone"),
        subscription=facts.get("SubscriptionStatus"),
        email=(document.get("Email") or {}).get("Address"),
        document=document,
    )


def preferences_of(document: Document) -> Preferences:
    """Read the Preferences; what is absent is off."""
    sales = document.get("SalesFormsPrefs") or {}
    currency = document.get("CurrencyPrefs") or {}
    tax = document.get("TaxPrefs") or {}
    closed = (document.get("AccountingInfoPrefs") or {}).get("BookCloseDate")
    return Preferences(
        custom_transaction_numbers=bool(sales.get("CustomTxnNumbers", False)),
        allow_discount=bool(sales.get("AllowDiscount", False)),
        allow_deposit=bool(sales.get("AllowDeposit", False)),
        default_terms=_reference(sales.get("DefaultTerms")),
        home_currency=currency["HomeCurrency"]["value"],
        multicurrency=bool(currency.get("MultiCurrencyEnabled", False)),
        using_sales_tax=bool(tax.get("UsingSalesTax", False)),
        partner_tax=tax.get("PartnerTaxEnabled"),
        tax_group_code=_reference(tax.get("TaxGroupCodeRef")),
        book_close_date=parse_date(closed) if closed else None,
        online_payment=bool(sales.get("ETransactionPaymentEnabled", False)),
        document=document,
    )


def rate_of(document: Document) -> ExchangeRate:
    """Read an ExchangeRate."""
    return ExchangeRate(
        source=document["SourceCurrencyCode"],
        target=document["TargetCurrencyCode"],
        rate=Decimal(document["Rate"]),
        as_of=parse_date(document["AsOfDate"]),
    )


def parse_date(text: str) -> date:
    """A calendar date, which may be suffixed with an offset (quickbooks.md 14)."""
    return date.fromisoformat(text[:10])


def _reference(value: Any) -> str | None:
    return str(value["value"]) if isinstance(value, dict) and value.get("value") else None
