"""Which permissions our apps need at the vendors, what is missing, and what else their owners must set."""

from collections.abc import Mapping

from ledgerbridge.accounts.registry import Account
from ledgerbridge.errors import Paused
from ledgerbridge.vendors.hubspot.definitions import Definitions

HUBSPOT_SCOPES: tuple[str, ...] = (
    "oauth",
    "crm.objects.companies.read",
    "crm.objects.contacts.read",
    "crm.objects.deals.read",
    "crm.objects.deals.write",
    "crm.objects.line_items.read",
    "crm.objects.owners.read",
    "crm.objects.products.read",
    "crm.objects.quotes.read",
    "crm.schemas.deals.read",
    "crm.schemas.deals.write",
)
QUICKBOOKS_SCOPES: tuple[str, ...] = ("com.intuit.quickbooks.accounting",)
REQUIRED_SCOPES: Mapping[str, frozenset[str]] = {
    "hubspot": frozenset(HUBSPOT_SCOPES),
    "quickbooks": frozenset(QUICKBOOKS_SCOPES),
}
_PROBED_TYPES = ("deals", "contacts", "companies", "line_items", "products", "quotes")
QUICKBOOKS_ENTITIES = ("Customer", "Item", "Invoice", "Payment", "CreditMemo", "Preferences", "Term", "TaxAgency")


def missing_scopes(vendor: str, granted: tuple[str, ...]) -> tuple[str, ...]:
    """The required permissions that a grant lacks; none where the vendor did not say what it holds."""
    return tuple(sorted(REQUIRED_SCOPES[vendor] - set(granted))) if granted else ()


async def probe(definitions: Definitions, account: Account) -> tuple[str, ...]:
    """What a static token lacks: it does not say what it may, so each object type is asked for its properties.

    Permissions to write records show themselves at the first write only (a guess: HubSpot offers no dry run).
    """
    missing: set[str] = set()
    for object_type in _PROBED_TYPES:
        try:
            await definitions.list_all(account, object_type)
        except Paused as refused:
            missing.update(str(refused.details.get("scopes", object_type)).split(", "))
    return tuple(sorted(missing))


def app_needs(public_base: str) -> tuple[str, ...]:
    """What the owner of each vendor's app must set there, in sentences (design.md 3, Connecting)."""
    base = public_base.rstrip("/")
    needs = [
        f"HubSpot app: redirect address {base}/oauth/hubspot/callback",
        f"HubSpot app: scopes {', '.join(HUBSPOT_SCOPES)}",
        f"HubSpot app: webhook address {base}/webhooks/hubspot",
        f"Intuit app: redirect address {base}/oauth/quickbooks/callback, exactly so",
        (
            f"Intuit app: webhook address {base}/webhooks/quickbooks, in the format CloudEvents, "
            f"entities {', '.join(QUICKBOOKS_ENTITIES)}"
        ),
        (
            "Intuit app: for production keys the App Assessment Questionnaire, and addresses for host, launch, "
            "disconnect and reconnect"
        ),
    ]
    if not base.startswith("https://"):
        needs.append(
            f"Intuit's production keys accept only a public https address, not {base}: use one, or connect with --paste"
        )
    return tuple(needs)
