"""HubSpot's object types: names, ids, aliases, scopes (hubspot.md 1, 2, 5)."""

from dataclasses import dataclass

from ledgerbridge_sandbox.hubspot.errors import RefusalError, invalid

CONTACT, COMPANY, DEAL, PRODUCT, LINE_ITEM, QUOTE = "0-1", "0-2", "0-3", "0-7", "0-8", "0-14"
NOTE, TASK, QUOTE_TEMPLATE, INVOICE, PAYMENT = "0-46", "0-27", "0-64", "0-53", "0-101"
DISCOUNT, FEE, TAX = "0-84", "0-85", "0-86"


@dataclass(frozen=True)
class ObjectType:
    """One type of records. `default_properties` are returned when a call asks for none."""

    type_id: str
    plural: str
    singular: str
    scope: str
    default_properties: tuple[str, ...]
    query_properties: tuple[str, ...] = ()
    created_property: str = "createdate"
    modified_property: str = "hs_lastmodifieddate"
    required: tuple[str, ...] = ()
    mergeable: bool = False

    @property
    def association_key(self) -> str:
        """The key under which a read shows associated records of this type: `line items`, with a space."""
        return self.plural.replace("_", " ")

    @property
    def upper(self) -> str:
        """The name as error messages write it."""
        return self.singular.upper()


_STAMPS = ("createdate", "hs_lastmodifieddate", "hs_object_id")

OBJECT_TYPES = {
    found.type_id: found
    for found in (
        ObjectType(
            CONTACT,
            "contacts",
            "contact",
            "contacts",
            ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"),
            ("firstname", "lastname", "email", "phone", "hs_additional_emails", "mobilephone", "company"),
            modified_property="lastmodifieddate",
            mergeable=True,
        ),
        ObjectType(
            COMPANY,
            "companies",
            "company",
            "companies",
            ("name", "domain", *_STAMPS),
            ("website", "phone", "name", "domain"),
            mergeable=True,
        ),
        ObjectType(
            DEAL,
            "deals",
            "deal",
            "deals",
            ("dealname", "amount", "closedate", "pipeline", "dealstage", *_STAMPS),
            ("dealname", "pipeline", "dealstage", "description", "dealtype"),
            required=("dealname", "dealstage"),
            mergeable=True,
        ),
        ObjectType(
            PRODUCT,
            "products",
            "product",
            "products",
            ("name", "description", "price", *_STAMPS),
            ("name", "description", "price", "hs_sku"),
            required=("name",),
        ),
        ObjectType(
            LINE_ITEM,
            "line_items",
            "line_item",
            "line_items",
            ("quantity", "amount", "price", *_STAMPS),
            mergeable=True,
        ),
        ObjectType(
            QUOTE,
            "quotes",
            "quote",
            "quotes",
            (
                "hs_expiration_date",
                "hs_public_url_key",
                "hs_status",
                "hs_title",
                "hs_createdate",
                "hs_lastmodifieddate",
                "hs_object_id",
            ),
            ("hs_title", "hs_quote_number", "hs_public_url_key"),
            created_property="hs_createdate",
            required=("hs_title", "hs_expiration_date"),
        ),
        ObjectType(
            NOTE,
            "notes",
            "note",
            "contacts",
            ("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
            ("hs_note_body",),
            created_property="hs_createdate",
            required=("hs_timestamp",),
        ),
        ObjectType(
            TASK,
            "tasks",
            "task",
            "contacts",
            ("hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
            ("hs_task_subject", "hs_task_body"),
            created_property="hs_createdate",
            required=("hs_timestamp",),
        ),
        ObjectType(
            QUOTE_TEMPLATE,
            "quote_template",
            "quote_template",
            "quotes",
            ("hs_name", "hs_active", "hs_createdate", "hs_lastmodifieddate", "hs_object_id"),
            created_property="hs_createdate",
        ),
        ObjectType(INVOICE, "invoices", "invoice", "invoices", _STAMPS, required=("hs_currency",)),
        ObjectType(
            PAYMENT,
            "commerce_payments",
            "commerce_payment",
            "commercepayments",
            _STAMPS,
            required=("hs_initial_amount", "hs_initiated_date"),
        ),
        # Discounts, fees and taxes of a whole quote; they are covered by the line items' scope (hubspot.md 2, 8).
        ObjectType(DISCOUNT, "discounts", "discount", "line_items", _STAMPS),
        ObjectType(FEE, "fees", "fee", "line_items", _STAMPS),
        ObjectType(TAX, "taxes", "tax", "line_items", _STAMPS),
    )
}

_BY_NAME = {
    name: found for found in OBJECT_TYPES.values() for name in (found.type_id, found.plural, found.singular)
} | {
    "lineitems": OBJECT_TYPES[LINE_ITEM],
    "quote_templates": OBJECT_TYPES[QUOTE_TEMPLATE],
    "payments": OBJECT_TYPES[PAYMENT],
}


def object_type(name: str) -> ObjectType:
    """The type of a name, alias or id; raises HubSpot's refusal of an unknown one."""
    found = _BY_NAME.get(name) or _BY_NAME.get(name.lower())
    if found is None:
        raise unknown_type(name)
    return found


def unknown_type(name: str) -> RefusalError:
    """400 in the recorded words."""
    return invalid(f"Unable to infer object type from: {name}")
