"""The association types that HubSpot defines (hubspot.md 7). A direction's id tells from which type to which."""

from dataclasses import dataclass

from ledgerbridge_sandbox.hubspot.object_types import (
    COMPANY,
    CONTACT,
    DEAL,
    DISCOUNT,
    FEE,
    INVOICE,
    LINE_ITEM,
    NOTE,
    PAYMENT,
    QUOTE,
    QUOTE_TEMPLATE,
    TASK,
    TAX,
)

HUBSPOT_DEFINED, USER_DEFINED = "HUBSPOT_DEFINED", "USER_DEFINED"


@dataclass(frozen=True, slots=True)
class AssociationType:
    """One type in one direction. `name` is what reads of objects show, `label` what the associations API shows."""

    type_id: int
    from_type: str
    to_type: str
    name: str
    label: str | None
    reverse: int
    reverse_name: str
    reverse_label: str | None
    default: bool = False
    primary: bool = False
    category: str = HUBSPOT_DEFINED

    def turned(self) -> "AssociationType":
        """The same type in the other direction."""
        return AssociationType(
            self.reverse,
            self.to_type,
            self.from_type,
            self.reverse_name,
            self.reverse_label,
            self.type_id,
            self.name,
            self.label,
            self.default,
            self.primary,
            self.category,
        )


_TABLE = (
    # from, to, id, reverse, name there, name back, label, kind: d default, p primary, l labelled
    (CONTACT, COMPANY, 279, 280, "contact_to_company_unlabeled", "company_to_contact_unlabeled", None, "d"),
    (CONTACT, COMPANY, 1, 2, "contact_to_company", "company_to_contact", "Primary", "p"),
    (CONTACT, COMPANY, 931, 930, "billing_contact", "billing_contact", "Billing contact", "l"),
    (DEAL, CONTACT, 3, 4, "deal_to_contact", "contact_to_deal", None, "d"),
    (DEAL, COMPANY, 341, 342, "deal_to_company_unlabeled", "company_to_deal_unlabeled", None, "d"),
    (DEAL, COMPANY, 5, 6, "deal_to_company", "company_to_deal", "Primary", "p"),
    (DEAL, LINE_ITEM, 19, 20, "deal_to_line_item", "line_item_to_deal", None, "d"),
    (DEAL, DEAL, 451, 451, "deal_to_deal", "deal_to_deal", None, "d"),
    (CONTACT, CONTACT, 449, 449, "contact_to_contact", "contact_to_contact", None, "d"),
    (COMPANY, COMPANY, 450, 450, "company_to_company", "company_to_company", None, "d"),
    (COMPANY, COMPANY, 13, 14, "parent_to_child_company", "child_to_parent_company", "Child Company", "l"),
    (NOTE, CONTACT, 202, 201, "note_to_contact", "contact_to_note", None, "d"),
    (NOTE, COMPANY, 190, 189, "note_to_company", "company_to_note", None, "d"),
    (NOTE, DEAL, 214, 213, "note_to_deal", "deal_to_note", None, "d"),
    (TASK, CONTACT, 204, 203, "task_to_contact", "contact_to_task", None, "d"),
    (TASK, COMPANY, 192, 191, "task_to_company", "company_to_task", None, "d"),
    (TASK, DEAL, 216, 215, "task_to_deal", "deal_to_task", None, "d"),
    (TASK, QUOTE, 218, 217, "task_to_quote", "quote_to_task", None, "d"),
    (QUOTE, LINE_ITEM, 67, 68, "quote_to_line_item", "line_item_to_quote", None, "d"),
    (QUOTE, DEAL, 64, 63, "quote_to_deal", "deal_to_quote", None, "d"),
    (QUOTE, CONTACT, 69, 70, "quote_to_contact", "contact_to_quote", None, "d"),
    (QUOTE, CONTACT, 702, 703, "contact_signer", "contact_signer", "Signer", "l"),
    (QUOTE, CONTACT, 1226, 1227, "billing_contact", "billing_contact", "Billing contact", "l"),
    (QUOTE, COMPANY, 71, 72, "quote_to_company", "company_to_quote", None, "d"),
    (QUOTE, COMPANY, 1334, 1335, "billing_company", "billing_company", "Billing company", "l"),
    (QUOTE, QUOTE_TEMPLATE, 286, 285, "quote_to_quote_template", "quote_template_to_quote", None, "d"),
    (QUOTE, DISCOUNT, 362, 361, "quote_to_discount", "discount_to_quote", None, "d"),
    (QUOTE, FEE, 364, 363, "quote_to_fee", "fee_to_quote", None, "d"),
    (QUOTE, TAX, 366, 365, "quote_to_tax", "tax_to_quote", None, "d"),
    (QUOTE, INVOICE, 408, 407, "quote_to_invoice", "invoice_to_quote", None, "d"),
    (INVOICE, CONTACT, 177, 178, "invoice_to_contact", "contact_to_invoice", None, "d"),
    (INVOICE, COMPANY, 179, 180, "invoice_to_company", "company_to_invoice", None, "d"),
    (INVOICE, DEAL, 175, 176, "invoice_to_deal", "deal_to_invoice", None, "d"),
    (INVOICE, LINE_ITEM, 409, 410, "invoice_to_line_item", "line_item_to_invoice", None, "d"),
    (INVOICE, DISCOUNT, 411, 412, "invoice_to_discount", "discount_to_invoice", None, "d"),
    (INVOICE, FEE, 413, 414, "invoice_to_fee", "fee_to_invoice", None, "d"),
    (INVOICE, TAX, 415, 416, "invoice_to_tax", "tax_to_invoice", None, "d"),
    (INVOICE, PAYMENT, 541, 542, "invoice_to_commerce_payment", "commerce_payment_to_invoice", None, "d"),
    (PAYMENT, CONTACT, 387, 388, "commerce_payment_to_contact", "contact_to_commerce_payment", None, "d"),
    (PAYMENT, COMPANY, 389, 390, "commerce_payment_to_company", "company_to_commerce_payment", None, "d"),
    (PAYMENT, DEAL, 391, 392, "commerce_payment_to_deal", "deal_to_commerce_payment", None, "d"),
    (PAYMENT, LINE_ITEM, 395, 396, "commerce_payment_to_line_item", "line_item_to_commerce_payment", None, "d"),
    (PAYMENT, QUOTE, 397, 398, "commerce_payment_to_quote", "quote_to_commerce_payment", None, "d"),
)


def _both_directions() -> dict[tuple[str, str], dict[int, AssociationType]]:
    found: dict[tuple[str, str], dict[int, AssociationType]] = {}
    for one, other, there, back, name, name_back, label, kind in _TABLE:
        default, primary = kind == "d", kind == "p"
        way = AssociationType(there, one, other, name, label, back, name_back, label, default, primary)
        for found_type in (way, way.turned()):
            found.setdefault((found_type.from_type, found_type.to_type), {})[found_type.type_id] = found_type
    return found


ASSOCIATION_TYPES = _both_directions()


def types_between(from_type: str, to_type: str) -> dict[int, AssociationType]:
    """The types from one object type to another by id; {} where HubSpot defines none."""
    return ASSOCIATION_TYPES.get((from_type, to_type), {})


def default_type(from_type: str, to_type: str) -> AssociationType | None:
    """The unlabeled type."""
    return next((found for found in types_between(from_type, to_type).values() if found.default), None)
