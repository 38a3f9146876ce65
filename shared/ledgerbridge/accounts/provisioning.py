"""Our property group and deal properties in HubSpot: made when connecting, mended by ``connect --check``.

Names and contents: design.md 10 and product.md, Deal properties. `ledgerbridge_open` is a calculated property made from
the record id; where HubSpot refuses that (a guess that it may), it is a plain text property that we write.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ledgerbridge.accounts.registry import Account
from ledgerbridge.accounts.settings import Language
from ledgerbridge.errors import Permanent
from ledgerbridge.vendors.hubspot.definitions import Definitions
from ledgerbridge.vendors.hubspot.models import PropertyDefinition

GROUP = "ledgerbridge"
OPEN = "ledgerbridge_open"
DEALS = "deals"
CALCULATED = "calculation_equation"

OpenProperty = Literal["calculated", "written"]

# name: type, field type, and the label in each language. The last four say from what a converted amount comes (S-56).
_PROPERTIES: Mapping[str, tuple[str, str, Mapping[Language, str]]] = {
    "ledgerbridge_invoiced_amount": ("number", "number", {"en": "Invoiced amount", "pl": "Kwota zafakturowana"}),
    "ledgerbridge_invoice_recipient": ("string", "text", {"en": "Invoice recipient", "pl": "Odbiorca faktury"}),
    "ledgerbridge_invoice_number": ("string", "text", {"en": "Invoice number", "pl": "Numer faktury"}),
    "ledgerbridge_invoice_status": ("enumeration", "select", {"en": "Invoice status", "pl": "Status faktury"}),
    "ledgerbridge_invoice_due_date": ("date", "date", {"en": "Invoice due date", "pl": "Termin płatności faktury"}),
    "ledgerbridge_invoice_original_amount": (
        "number",
        "number",
        {"en": "Invoice amount in its own currency", "pl": "Kwota faktury w jej walucie"},
    ),
    "ledgerbridge_invoice_original_currency": ("string", "text", {"en": "Invoice currency", "pl": "Waluta faktury"}),
    "ledgerbridge_invoice_exchange_rate": (
        "number",
        "number",
        {"en": "Invoice exchange rate", "pl": "Kurs waluty faktury"},
    ),
    "ledgerbridge_invoice_exchange_rate_source": (
        "string",
        "text",
        {"en": "Source of the invoice exchange rate", "pl": "Źródło kursu waluty faktury"},
    ),
}
_IN_COMPANY_CURRENCY = frozenset({"ledgerbridge_invoiced_amount"})
"""Numbers that HubSpot shows with the company currency's symbol."""
STAGE_LABELS: Mapping[str, Mapping[Language, str]] = {
    "waiting_to_be_sent": {"en": "Waiting to be sent", "pl": "Oczekiwanie na wysłanie"},
    "sent_to_customer": {"en": "Sent to customer", "pl": "Wysłano do klienta"},
    "partial_payment": {"en": "Partial payment", "pl": "Częściowa płatność"},
    "paid_in_full": {"en": "Paid in full", "pl": "Opłacono w całości"},
    "overdue": {"en": "Overdue", "pl": "Przeterminowana"},
    "voided": {"en": "Voided", "pl": "Anulowana"},
    "deleted": {"en": "Deleted", "pl": "Usunięta"},
}
_OPEN_LABEL: Mapping[Language, str] = {"en": "Open in Ledgerbridge", "pl": "Otwórz w Ledgerbridge"}


@dataclass(frozen=True)
class Provisioned:
    """What was done in HubSpot, and how `ledgerbridge_open` gets its value."""

    open_property: OpenProperty
    made: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()


async def provision(definitions: Definitions, account: Account, language: Language, pages_base: str) -> Provisioned:
    """Make what is missing and mend labels; what is right is not touched. Raises Paused (MISSING_SCOPE).

    `pages_base` is the address of the pages that show a deal's invoices.
    """
    if not await definitions.group_exists(account, DEALS, GROUP):
        await definitions.create_group(account, DEALS, GROUP, "Ledgerbridge")
    existing = await definitions.list_all(account, DEALS)
    made, mended = [], []
    for definition in _definitions(language):
        name = str(definition["name"])
        if name not in existing:
            await definitions.create(account, DEALS, definition)
            made.append(name)
        elif changes := _changes(existing[name], definition):
            await definitions.update(account, DEALS, name, changes)
            mended.append(name)
    address = f"{pages_base.rstrip('/')}/deals/"
    open_property = await _provision_open(definitions, account, language, address, existing.get(OPEN))
    if OPEN not in existing:
        made.append(OPEN)
    return Provisioned(open_property, tuple(made), tuple(mended))


async def _provision_open(
    definitions: Definitions, account: Account, language: Language, address: str, there: PropertyDefinition | None
) -> OpenProperty:
    formula = f'concatenate("{address}", string(hs_object_id), "?account={account.external_id}")'
    if there is not None:
        if there.field_type != CALCULATED:
            return "written"
        if there.document.get("calculationFormula") != formula:
            await definitions.update(account, DEALS, OPEN, {"calculationFormula": formula})
        return "calculated"
    plain = {"groupName": GROUP, "name": OPEN, "label": _OPEN_LABEL[language], "type": "string", "fieldType": "text"}
    try:
        calculated = {**plain, "fieldType": CALCULATED, "calculationFormula": formula}
        await definitions.create(account, DEALS, calculated)
    except Permanent:
        await definitions.create(account, DEALS, plain)
        return "written"
    return "calculated"


def _definitions(language: Language) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name, (kind, field_type, labels) in _PROPERTIES.items():
        definition = {
            "groupName": GROUP,
            "name": name,
            "label": labels[language],
            "type": kind,
            "fieldType": field_type,
        }
        if kind == "enumeration":
            definition["options"] = _options(language)  # type: ignore[assignment]
        if name in _IN_COMPANY_CURRENCY:
            definition |= {"numberDisplayHint": "currency", "showCurrencySymbol": True}  # type: ignore[dict-item]
        found.append(definition)
    return found


def _options(language: Language) -> list[dict[str, Any]]:
    return [
        {"value": value, "label": labels[language], "displayOrder": order, "hidden": False}
        for order, (value, labels) in enumerate(STAGE_LABELS.items())
    ]


def _changes(there: PropertyDefinition, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """What of an existing definition must be mended: label, group and options; never name or type."""
    changes: dict[str, Any] = {}
    if there.label != wanted["label"]:
        changes["label"] = wanted["label"]
    if there.group_name != GROUP:
        changes["groupName"] = GROUP
    options = wanted.get("options", ())
    if options and set(there.options) != {(one["value"], one["label"]) for one in options}:
        changes["options"] = options
    return changes
