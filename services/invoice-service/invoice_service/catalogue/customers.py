"""Customers of QuickBooks as the catalogue holds them, and new ones to be (quickbooks.md 8)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ledgerbridge.errors import Refused
from pydantic import BaseModel, ConfigDict, Field

from invoice_service.catalogue.taxes import CustomerTax
from invoice_service.quickbooks_values import Document, part, reference, text

MAX_EMAIL = 100
DELETED_SUFFIX = " (deleted)"
"""What QuickBooks hangs on the names of deactivated records."""

UNKNOWN_TAX = CustomerTax()
_ADDRESS_PARTS = ("Line1", "Line2", "City", "PostalCode", "CountrySubDivisionCode", "Country")


def emails_in(written: str) -> tuple[str, ...]:
    """Every address in a QuickBooks e-mail field, which may hold several apart by comma or semicolon; lower case."""
    found = (address.strip().casefold() for address in re.split(r"[,;]", written))
    return tuple(dict.fromkeys(address for address in found if "@" in address))


def normalised(name: str) -> str:
    """A name for comparing: case and spacing do not count. QuickBooks compares names without case."""
    return " ".join(name.casefold().split())


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueCustomer:
    """A customer as far as invoices need it. `nested`: a sub-customer or project."""

    quickbooks_id: str
    display_name: str
    company_name: str = ""
    email: str = ""
    currency: str = ""
    active: bool = True
    nested: bool = False
    tax: CustomerTax = UNKNOWN_TAX
    term_id: str | None = None

    @property
    def emails(self) -> tuple[str, ...]:
        """Its addresses, lower case."""
        return emails_in(self.email)


def read_customer(document: Document) -> CatalogueCustomer:
    """Read a Customer object of QuickBooks."""
    addresses = (part(document, "BillAddr"), part(document, "ShipAddr"))
    return CatalogueCustomer(
        quickbooks_id=text(document, "Id"),
        display_name=text(document, "DisplayName"),
        company_name=text(document, "CompanyName"),
        email=reference(document, "PrimaryEmailAddr", "Address"),
        currency=reference(document, "CurrencyRef"),
        active=document.get("Active") is not False,
        nested=bool(document.get("Job") or document.get("IsProject") or reference(document, "ParentRef")),
        tax=CustomerTax(
            taxable=document.get("Taxable") is not False,
            default_tax_code=reference(document, "DefaultTaxCodeRef") or None,
            has_address=any(text(address, name) for address in addresses for name in _ADDRESS_PARTS),
        ),
        term_id=reference(document, "SalesTermRef") or None,
    )


class Address(BaseModel):
    """A postal address; `region` is QuickBooks' CountrySubDivisionCode, e.g. ``CA``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line1: str = Field("", max_length=500)
    line2: str = Field("", max_length=500)
    city: str = Field("", max_length=255)
    region: str = Field("", max_length=255)
    postal_code: str = Field("", max_length=30)
    country: str = Field("", max_length=255)


class NewCustomer(BaseModel):
    """A customer to be created from a HubSpot record. Its currency can never change, so a person confirms it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    display_name: str = Field(min_length=1, max_length=500)
    company_name: str = Field("", max_length=100)
    given_name: str = Field("", max_length=100)
    family_name: str = Field("", max_length=100)
    email: str = Field("", max_length=MAX_EMAIL)
    phone: str = Field("", max_length=30)
    address: Address = Address()
    currency: str | None = Field(None, pattern="^[A-Z]{3}$")
    record_type: str = ""
    record_id: str = ""

    def check_names(self) -> None:
        """Refuse characters that QuickBooks forbids in names: colon, tab, line break. Raises Refused INVALID."""
        for field in ("display_name", "company_name", "given_name", "family_name"):
            if re.search(r"[:\t\r\n]", getattr(self, field)):
                problem = "must not contain a colon, a tab or a line break"
                raise Refused("INVALID", field=f"buyer.new.{field}", problem=problem)
        if not self.display_name.strip():
            raise Refused("INVALID", field="buyer.new.display_name", problem="must not be empty")


Properties = Mapping[str, str | None]


def new_customer(company: Properties | None, contact: Properties | None, currency: str | None = None) -> NewCustomer:
    """A proposal from HubSpot's company and contact: named by the company, else the person, else the address.

    Forbidden characters become spaces and too long texts are cut, since a person sees the proposal before it is used.
    """
    firm, person = company or {}, contact or {}
    source = firm if firm.get("address") or firm.get("city") else person
    names = (_fit(person, "firstname", 100), _fit(person, "lastname", 100))
    return NewCustomer(
        display_name=_fit(firm, "name", 500) or " ".join(filter(None, names)) or _fit(person, "email", 500) or "?",
        company_name=_fit(firm, "name", 100),
        given_name=names[0],
        family_name=names[1],
        email=_fit(person, "email", MAX_EMAIL),
        phone=_fit(person, "phone", 30) or _fit(firm, "phone", 30),
        address=Address(
            line1=_fit(source, "address", 500),
            line2=_fit(source, "address2", 500),
            city=_fit(source, "city", 255),
            region=_fit(source, "state", 255),
            postal_code=_fit(source, "zip", 30),
            country=_fit(source, "country", 255),
        ),
        currency=currency,
    )


def _fit(properties: Properties, name: str, length: int) -> str:
    return " ".join(re.sub(r"[:\t\r\n]", " ", properties.get(name) or "").split())[:length].strip()


@dataclass(frozen=True, slots=True)
class NameHolder:
    """A customer, vendor or employee that holds a name; the three share one name space."""

    kind: str
    quickbooks_id: str
    name: str
    active: bool = True

    @property
    def words(self) -> str:
        """As in a refusal: "inactive vendor Hill Paving (id 12)"."""
        return f"{'' if self.active else 'inactive '}{self.kind} {self.name} (id {self.quickbooks_id})"


def check_name_free(name: str, holders: Iterable[NameHolder]) -> None:
    """Refuse a name that somebody holds, inactive ones too (NAME_TAKEN)."""
    for holder in holders:
        plain = holder.name if holder.active else holder.name.removesuffix(DELETED_SUFFIX)
        if normalised(plain) == normalised(name):
            raise Refused("NAME_TAKEN", field="buyer.new.display_name", name=name, holder=holder.words)
