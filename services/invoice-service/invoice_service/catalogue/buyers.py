"""Who is invoiced: HubSpot's deal finds its QuickBooks customer (product.md, Buyer).

In order: the recorded link of the deal's primary company, of its billing contact, of its primary or only contact;
exact e-mail; exact DisplayName or CompanyName. Several hits are never chosen from. Sub-customers and projects are
found by a link alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ledgerbridge.errors import Refused

from invoice_service.catalogue.customers import CatalogueCustomer, emails_in, normalised

Reason = Literal["company_link", "billing_contact_link", "contact_link", "email", "name", "none"]
Certainty = Literal["certain", "likely", "several", "none"]
RecordKey = tuple[str, str]
"""``("company", id)`` or ``("contact", id)``."""


@dataclass(frozen=True, slots=True)
class Associated:
    """A HubSpot record on the deal, with the labels of its association in lower case."""

    record_id: str
    labels: frozenset[str] = frozenset()
    primary: bool = False


def primary_or_only(records: Sequence[Associated]) -> str | None:
    """The id of the primary record, else of the only one, else None."""
    primary = [record for record in records if record.primary]
    chosen = primary or list(records)
    return chosen[0].record_id if len(chosen) == 1 else None


def billing_contact(records: Sequence[Associated]) -> str | None:
    """The id of the one contact labelled as billing contact. Guess: any label with "billing" in it counts."""
    labelled = [record for record in records if any("billing" in label for label in record.labels)]
    return labelled[0].record_id if len(labelled) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerHints:
    """What HubSpot says about the buyer; addresses as written, several apart by comma or semicolon."""

    company_id: str | None = None
    billing_contact_id: str | None = None
    contact_id: str | None = None
    emails: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def addresses(self) -> frozenset[str]:
        """All addresses, lower case."""
        return frozenset(address for written in self.emails for address in emails_in(written))

    def links_in_order(self) -> list[tuple[Reason, RecordKey]]:
        """The records whose recorded links are asked, in order."""
        keys: list[tuple[Reason, str, str | None]] = [
            ("company_link", "company", self.company_id),
            ("billing_contact_link", "contact", self.billing_contact_id),
            ("contact_link", "contact", self.contact_id),
        ]
        return [(reason, (kind, record_id)) for reason, kind, record_id in keys if record_id]


@dataclass(frozen=True, slots=True)
class BuyerMatch:
    """The customer found, why and how sure; or the several that fit."""

    customer: CatalogueCustomer | None
    reason: Reason
    certainty: Certainty
    candidates: tuple[CatalogueCustomer, ...] = ()


def match_buyer(
    hints: BuyerHints, links: Mapping[RecordKey, str], customers: Sequence[CatalogueCustomer]
) -> BuyerMatch:
    """The customer among those that a search by link, address and name gave. `links` leads to customer ids."""
    by_id = {customer.quickbooks_id: customer for customer in customers if customer.active}
    for reason, key in hints.links_in_order():
        if key in links and links[key] in by_id:
            return BuyerMatch(by_id[links[key]], reason, "certain")
    searches: list[tuple[Reason, Callable[[CatalogueCustomer], bool]]] = [
        ("email", lambda customer: not hints.addresses.isdisjoint(customer.emails)),
        ("name", lambda customer: _named(customer, hints.names)),
    ]
    for reason, fits in searches:
        found = [customer for customer in by_id.values() if not customer.nested and fits(customer)]
        if found:
            return _one(found, reason)
    return BuyerMatch(None, "none", "none")


def _named(customer: CatalogueCustomer, names: Sequence[str]) -> bool:
    wanted = {normalised(name) for name in names if name.strip()}
    return not wanted.isdisjoint({normalised(customer.display_name), normalised(customer.company_name)})


def _one(found: list[CatalogueCustomer], reason: Reason) -> BuyerMatch:
    if len(found) > 1:
        return BuyerMatch(None, reason, "several", tuple(sorted(found, key=lambda each: each.display_name)))
    return BuyerMatch(found[0], reason, "likely")


def refuse_several(match: BuyerMatch, buyer: str) -> None:
    """For a command: several hits are a refusal (AMBIGUOUS_CUSTOMER); in the wizard they are a list to pick from."""
    if match.certainty == "several":
        candidates = ", ".join(f"{each.display_name} (id {each.quickbooks_id})" for each in match.candidates)
        raise Refused("AMBIGUOUS_CUSTOMER", field="buyer", buyer=buyer, candidates=candidates)


def check_currency(deal_currency: str, customer: str, customer_currency: str) -> None:
    """Refuse a customer of another currency (CURRENCY_MISMATCH): prices are never converted silently."""
    if customer_currency != deal_currency:
        raise Refused(
            "CURRENCY_MISMATCH",
            field="buyer",
            customer=customer,
            deal_currency=deal_currency,
            customer_currency=customer_currency,
        )
