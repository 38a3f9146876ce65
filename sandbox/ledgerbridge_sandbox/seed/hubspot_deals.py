"""Deals with their line items, and quotes in all states; every awkward case on purpose is named beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from ledgerbridge_sandbox.hubspot.accounts import Account
from ledgerbridge_sandbox.seed.cast import COMPANIES, PEOPLE, US_PORTAL
from ledgerbridge_sandbox.seed.planter import Planter

Ids = Mapping[str, str]

_DEAL_TO_CONTACT, _DEAL_TO_PRIMARY_COMPANY, _LINE_TO_DEAL = 3, 5, 20
_QUOTE_TO_LINE, _QUOTE_TO_DEAL, _QUOTE_TO_CONTACT, _QUOTE_TO_TEMPLATE = 67, 64, 69, 286
_THEMES = ("Store refit", "Annual support", "New office", "Warehouse extension", "Spring order", "Workshop series")
_STAGES = (
    "appointmentscheduled",
    "qualifiedtobuy",
    "presentationscheduled",
    "decisionmakerboughtin",
    "contractsent",
    "closedwon",
    "closedwon",
    "closedlost",
)
_RENEWAL = 12
"""Of every thirteen deals, the one that stands in the second pipeline."""
_DEALS = {True: 38, False: 14}
"""Ordinary deals in the American account and in the British one; the awkward ones come on top."""


@dataclass(frozen=True)
class _Line:
    """A line of a deal: SKU, quantity, and what differs from the product."""

    sku: str
    quantity: str
    other: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Deal:
    """A planted deal and who stands on it."""

    id: str
    name: str
    contact: str | None
    lines: tuple[_Line, ...]


_PATTERNS: tuple[tuple[_Line, ...], ...] = (
    (_Line("SVC-100", "8"), _Line("SVC-140", "1")),
    (_Line("PRD-210", "4"), _Line("PRD-220", "12"), _Line("SVC-110", "6")),
    (_Line("PRD-230", "12.125"),),  # A quantity with three decimals.
    (_Line("PRD-270", "10", (("discount", "29.90"),)), _Line("SVC-140", "1")),  # A discount per unit.
    (_Line("PRD-260", "6", (("hs_discount_percentage", "12.5"),)), _Line("PRD-240", "3")),
    (_Line("SVC-120", "1"),),  # A recurring line.
    (_Line("SVC-130", "2"), _Line("SVC-100", "3.5"), _Line("PRD-300", "24")),
)
# The awkward ones: name | company, or nothing | contacts | lines | what is special.
_AWKWARD_US: tuple[tuple[str, str | None, tuple[str, ...], tuple[_Line, ...], Mapping[str, str]], ...] = (
    ("Two contacts and a company", "northwind-outfitters", ("sam-whitfield", "priya-raman"), _PATTERNS[0], {}),
    ("Free trial (zero total)", "lumenandlark", (), (_Line("SVC-190", "1"), _Line("PRD-290", "0")), {}),
    ("No line items yet", "harborview", (), (), {"amount": "1500.00"}),
    ('Ånderson\'s "Café" \u2013 naïve résumé ☕', "cafelumiere", (), _PATTERNS[4], {}),
    ("In euros", "ironbridge", (), _PATTERNS[0], {"deal_currency_code": "EUR"}),
    ("Retired article", "pinecrestvet", (), (_Line("PRD-900", "2"), _Line("PRD-450", "1")), {}),
    ("Private customer, no company", None, ("jane-doe",), _PATTERNS[3], {}),
)
_AWKWARD_UK = (("EU machine order", "mueller-praezision", (), _PATTERNS[1], {"deal_currency_code": "EUR"}),)


def plant_deals(planter: Planter, account: Account, products: Ids, companies: Ids, people: Ids) -> list[Deal]:
    """All deals of one account; the awkward ones first."""
    american = account.portal == US_PORTAL
    found = [
        _plant(
            planter,
            account,
            name,
            lines,
            other,
            company=companies.get(company or ""),
            contacts=[people[key] for key in keys],
            products=products,
        )
        for name, company, keys, lines, other in (_AWKWARD_US if american else _AWKWARD_UK)
    ]
    houses = [company for company in COMPANIES if company.portal == account.portal]
    for at in range(_DEALS[american]):
        house = houses[at % len(houses)]
        staff = [people[person.key] for person in PEOPLE if person.company == house.key][:1]
        name = f"{house.name}: {_THEMES[at % len(_THEMES)]}"
        other = {"dealstage": _STAGES[at % len(_STAGES)]}
        if at % 13 == _RENEWAL:
            other = {"pipeline": "1051200", "dealstage": "1051201"}
        lines = _PATTERNS[at % len(_PATTERNS)]
        found.append(
            _plant(
                planter,
                account,
                name,
                lines,
                other,
                company=companies[house.key],
                contacts=staff,
                products=products,
            )
        )
    return found


def _plant(
    planter: Planter,
    account: Account,
    name: str,
    lines: tuple[_Line, ...],
    other: Mapping[str, str],
    *,
    company: str | None,
    contacts: Sequence[str],
    products: Ids,
) -> Deal:
    owner = account.owners[len(name) % 3]["id"]
    closing = (planter.moment + timedelta(days=45)).strftime("%Y-%m-%dT12:00:00.000Z")
    properties = {"dealname": name, "dealstage": "contractsent", "hubspot_owner_id": owner, "closedate": closing}
    ends = [(_DEAL_TO_CONTACT, contact) for contact in contacts]
    if company:
        ends.append((_DEAL_TO_PRIMARY_COMPANY, company))
    deal_id = planter.make(account, "0-3", properties | dict(other), ends)
    for at, line in enumerate(lines):
        planter.make(account, "0-8", _line(line, at, products), [(_LINE_TO_DEAL, deal_id)])
    return Deal(deal_id, name, contacts[0] if contacts else None, lines)


def _line(line: _Line, at: int, products: Ids) -> dict[str, str]:
    """A line of a product, or of a name alone where the account does not sell it."""
    found = {"quantity": line.quantity, "hs_position_on_quote": str(at), **dict(line.other)}
    if line.sku in products:
        return found | {"hs_product_id": products[line.sku]}
    return found | {"name": f"Special order {line.sku}", "price": "99.00"}


# What a quote becomes after it was made; days until it expires.
_QUOTES_US: tuple[tuple[str, Mapping[str, str], int], ...] = (
    ("Published", {"hs_status": "APPROVAL_NOT_NEEDED"}, 30),
    ("Published, several lines", {"hs_status": "APPROVAL_NOT_NEEDED"}, 60),
    ("Published and expired", {"hs_status": "APPROVAL_NOT_NEEDED"}, -3),
    ("Expires today", {"hs_status": "APPROVAL_NOT_NEEDED"}, 0),
    ("Approved", {"hs_status": "APPROVED"}, 30),
    ("Draft", {"hs_status": "DRAFT"}, 30),
    ("Waiting for approval", {"hs_status": "PENDING_APPROVAL"}, 30),
    ("Rejected", {"hs_status": "REJECTED"}, 30),
    ("Accepted, then expired", {"hs_status": "ACCEPTED", "hs_template_type": "CPQ_QUOTE"}, -10),
    ("Minimal, no status", {}, 30),
)
_QUOTES_UK = (
    ("Published", {"hs_status": "APPROVAL_NOT_NEEDED"}, 30),
    ("Draft", {"hs_status": "DRAFT"}, 30),
)


def plant_quotes(planter: Planter, account: Account, template: str, products: Ids, deals: Sequence[Deal]) -> None:
    """Quotes with line items of their own, on deals that have a contact and lines."""
    today = planter.world.clock.now().astimezone(account.zone).date()
    possible = [deal for deal in deals if deal.contact and deal.lines]
    rows = _QUOTES_US if account.portal == US_PORTAL else _QUOTES_UK
    for deal, (title, becomes, days) in zip(possible, rows, strict=False):
        lines = [planter.make(account, "0-8", _line(line, at, products)) for at, line in enumerate(deal.lines)]
        ends = [(_QUOTE_TO_LINE, line) for line in lines]
        ends += [(_QUOTE_TO_DEAL, deal.id), (_QUOTE_TO_TEMPLATE, template), (_QUOTE_TO_CONTACT, deal.contact or "")]
        properties = {
            "hs_title": f"{deal.name} ({title.lower()})",
            "hs_expiration_date": (today + timedelta(days=days)).isoformat(),
            "hs_currency": account.currency,
            "hs_language": "en",
            "hs_sender_company_name": account.name,
        }
        planter.make(account, "0-14", properties | dict(becomes), ends)
