"""How each type of record stands on the pages: its name, the columns of its list, the fields that a person edits."""

from collections.abc import Mapping
from dataclasses import dataclass

from ledgerbridge_sandbox.hubspot.object_types import (
    COMPANY,
    CONTACT,
    DEAL,
    INVOICE,
    OBJECT_TYPES,
    PRODUCT,
    QUOTE,
    ObjectType,
)
from ledgerbridge_sandbox.records import Record

_ADDRESS = ("address", "city", "state", "zip", "country")


@dataclass(frozen=True)
class View:
    """
    One type of records.

    `columns` are (label, property, form), form one of text, money, day, chip, owner. `naming` are the properties that
    make the record's name, the first that is filled. `ends` are the types whose records stand beside it.
    """

    kind: ObjectType
    words: str
    columns: tuple[tuple[str, str, str], ...]
    fields: tuple[str, ...]
    naming: tuple[str, ...]
    ends: tuple[str, ...] = ()
    currency: str = ""
    made_here: bool = True

    def name(self, record: Record) -> str:
        """What the record is called."""
        values = record["p"]
        if self.kind.type_id == CONTACT:
            person = " ".join(part for part in (values.get("firstname"), values.get("lastname")) if part)
            return person or str(values.get("email") or f"contact {record['id']}")
        return next((values[name] for name in self.naming if values.get(name)), f"{self.kind.singular} {record['id']}")


VIEWS: Mapping[str, View] = {
    view.kind.plural: view
    for view in (
        View(
            OBJECT_TYPES[DEAL],
            "Deals",
            (
                ("Stage", "dealstage", "chip"),
                ("Amount", "amount", "money"),
                ("Close date", "closedate", "day"),
                ("Owner", "hubspot_owner_id", "owner"),
            ),
            ("dealname", "amount", "deal_currency_code", "closedate", "hubspot_owner_id", "dealtype", "description"),
            ("dealname",),
            (CONTACT, COMPANY, INVOICE),
            "deal_currency_code",
        ),
        View(
            OBJECT_TYPES[CONTACT],
            "Contacts",
            (("E-mail", "email", "text"), ("Phone", "phone", "text"), ("Company", "company", "text")),
            ("firstname", "lastname", "email", "phone", "jobtitle", "company", *_ADDRESS, "hubspot_owner_id"),
            ("email",),
            (COMPANY, DEAL, INVOICE),
        ),
        View(
            OBJECT_TYPES[COMPANY],
            "Companies",
            (("Domain", "domain", "text"), ("City", "city", "text"), ("Phone", "phone", "text")),
            ("name", "domain", "phone", "website", *_ADDRESS, "hubspot_owner_id", "description"),
            ("name", "domain"),
            (CONTACT, DEAL, INVOICE),
        ),
        View(
            OBJECT_TYPES[PRODUCT],
            "Products",
            (
                ("SKU", "hs_sku", "text"),
                ("Billing", "recurringbillingfrequency", "text"),
                ("Unit price", "price", "money"),
            ),
            ("name", "hs_sku", "price", "recurringbillingfrequency", "description"),
            ("name",),
        ),
        View(
            OBJECT_TYPES[QUOTE],
            "Quotes",
            (
                ("Status", "hs_status", "chip"),
                ("Number", "hs_quote_number", "text"),
                ("Expires", "hs_expiration_date", "day"),
                ("Amount", "hs_quote_amount", "money"),
            ),
            ("hs_title", "hs_expiration_date", "hs_terms", "hs_comments"),
            ("hs_title",),
            (DEAL, CONTACT, COMPANY),
            "hs_currency",
            made_here=False,
        ),
        View(
            OBJECT_TYPES[INVOICE],
            "Invoices",
            (
                ("Status", "hs_invoice_status", "chip"),
                ("Due", "hs_due_date", "day"),
                ("Billed", "hs_amount_billed", "money"),
                ("Balance", "hs_balance_due", "money"),
            ),
            ("hs_title", "hs_due_date", "hs_comments"),
            ("hs_number", "hs_title"),
            (DEAL, CONTACT, COMPANY),
            "hs_currency",
            made_here=False,
        ),
    )
}
OF_TYPE: Mapping[str, View] = {view.kind.type_id: view for view in VIEWS.values()}
