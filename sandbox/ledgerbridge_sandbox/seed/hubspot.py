"""HubSpot's believable beginning: both accounts with owners, pipelines, products, companies, people, deals, quotes.

Nothing is random. Times lie before the sandbox's first moment, in ascending order. The awkward cases are in
`hubspot_deals.py`, where each is named.
"""

from datetime import timedelta
from typing import Any

from ledgerbridge_sandbox.hubspot.accounts import Account
from ledgerbridge_sandbox.hubspot.object_types import QUOTE_TEMPLATE
from ledgerbridge_sandbox.seed.cast import COMPANIES, PEOPLE, UK_PORTAL, US_PORTAL, CastCompany, CastPerson
from ledgerbridge_sandbox.seed.hubspot_deals import plant_deals, plant_quotes
from ledgerbridge_sandbox.seed.hubspot_products import products_of
from ledgerbridge_sandbox.seed.planter import Planter
from ledgerbridge_sandbox.world import World

_OWNERS = {
    US_PORTAL: ("Marisol Vega", "Theo Lindgren", "Dana Whitcomb", "Priscilla Boone"),
    UK_PORTAL: ("Eleanor Marsh", "Idris Bevan", "Nuala Byrne", "Piotr Zieliński"),
}
_STAGES = (
    ("appointmentscheduled", "Appointment Scheduled", "false", "0.2"),
    ("qualifiedtobuy", "Qualified To Buy", "false", "0.4"),
    ("presentationscheduled", "Presentation Scheduled", "false", "0.6"),
    ("decisionmakerboughtin", "Decision Maker Bought-In", "false", "0.8"),
    ("contractsent", "Contract Sent", "false", "0.9"),
    ("closedwon", "Closed Won", "true", "1.0"),
    ("closedlost", "Closed Lost", "true", "0.0"),
)
_RENEWAL_STAGES = (
    ("1051201", "Renewal due", "false", "0.5"),
    ("1051202", "Renewed", "true", "1.0"),
    ("1051203", "Lapsed", "true", "0.0"),
)
_LONG_AGO = "2024-01-08T09:00:00.000Z"
_COUNTRIES = {"USA": "United States", "GBR": "United Kingdom", "DEU": "Germany", "FRA": "France", "POL": "Poland"}


def plant(world: World) -> None:
    """Fill both accounts and put their static tokens in force."""
    us = Account(US_PORTAL, name="Larkspur Supply", currency="USD", additional=("EUR", "GBP"), zone="America/New_York")
    uk = Account(UK_PORTAL, name="Larkspur Supply UK", currency="GBP", additional=("EUR", "USD"), zone="Europe/London")
    world.hubspot.accounts = {us.portal: us, uk.portal: uk}
    world.hubspot.grants.add_static("pat-na1-sandbox-1", us.portal)
    world.hubspot.grants.add_static("pat-eu1-sandbox-2", uk.portal)
    planter = Planter(world, world.clock.now() - timedelta(days=200))
    for account in (us, uk):
        _plant_settings(account)
        template = planter.make(account, QUOTE_TEMPLATE, {"hs_name": "Larkspur standard quote", "hs_active": "true"})
        products = {row["hs_sku"]: planter.make(account, "0-7", row) for row in products_of(account.portal)}
        companies = _plant_companies(planter, account)
        people = _plant_people(planter, account, companies)
        deals = plant_deals(planter, account, products, companies, people)
        plant_quotes(planter, account, template, products, deals)


def _plant_settings(account: Account) -> None:
    account.owners = [_owner(account, at, name) for at, name in enumerate(_OWNERS[account.portal])]
    sales, renewals = ("default", "Sales Pipeline", 0, _STAGES), ("1051200", "Renewals", 1, _RENEWAL_STAGES)
    account.pipelines.live = [_pipeline(*sales), _pipeline(*renewals)]
    rates = {"USD": (("EUR", 1.0842), ("GBP", 1.2715)), "GBP": (("EUR", 0.8612), ("USD", 0.7864))}
    account.rates = [_rate(account, at, *pair) for at, pair in enumerate(rates[account.currency], 1)]


def _owner(account: Account, at: int, name: str) -> dict[str, Any]:
    first, last = name.split(" ")
    archived = at == len(_OWNERS[account.portal]) - 1
    user = account.portal * 10 + at
    return {
        "id": str(41_629_700 + account.portal % 10 * 10 + at),
        "email": f"{first.lower()}.{last.lower()}@larkspur.example".translate(str.maketrans("ńł", "nl")),
        "type": "PERSON",
        "firstName": first,
        "lastName": last,
        "userId": None if archived else user,
        "userIdIncludingInactive": user,
        "createdAt": _LONG_AGO,
        "updatedAt": _LONG_AGO,
        "archived": archived,
        "teams": [{"id": "1", "name": "Sales", "primary": True}],
    }


def _pipeline(
    pipeline_id: str, label: str, order: int, stages: tuple[tuple[str, str, str, str], ...]
) -> dict[str, Any]:
    stamps = {"archived": False, "createdAt": _LONG_AGO, "updatedAt": _LONG_AGO}
    return {
        "id": pipeline_id,
        "label": label,
        "displayOrder": order,
        **stamps,
        "stages": [
            {
                "id": stage_id,
                "label": stage,
                "displayOrder": at,
                "metadata": {"isClosed": closed, "probability": probability},
                **stamps,
                "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
            }
            for at, (stage_id, stage, closed, probability) in enumerate(stages)
        ],
    }


def _rate(account: Account, at: int, currency: str, rate: float) -> dict[str, Any]:
    return {
        "id": str(at),
        "fromCurrencyCode": currency,
        "toCurrencyCode": account.currency,
        "conversionRate": rate,
        "effectiveAt": _LONG_AGO,
        "visibleInUI": True,
        "createdAt": _LONG_AGO,
        "updatedAt": _LONG_AGO,
    }


def _plant_companies(planter: Planter, account: Account) -> dict[str, str]:
    """Ids by the cast's keys."""
    cast = [company for company in COMPANIES if company.portal == account.portal]
    return {company.key: planter.make(account, "0-2", _company(account, company)) for company in cast}


def _company(account: Account, company: CastCompany) -> dict[str, str]:
    owner = account.owners[len(company.name) % 3]["id"]
    found = {"name": company.name, "domain": company.domain, "phone": company.phone, "hubspot_owner_id": owner}
    if company.address:
        found |= {
            "address": company.address.line,
            "city": company.address.city,
            "state": company.address.region,
            "zip": company.address.postal_code,
            "country": _COUNTRIES.get(company.address.country, company.address.country),
        }
    return found | {"lifecyclestage": "customer" if company.realms else "opportunity"}


def _plant_people(planter: Planter, account: Account, companies: dict[str, str]) -> dict[str, str]:
    """Ids by the cast's keys; a person of a company has it as the primary one."""
    found: dict[str, str] = {}
    houses = {company.key: company for company in COMPANIES}
    for person in PEOPLE:
        if person.portal != account.portal:
            continue
        house = houses.get(person.company or "")
        found[person.key] = planter.make(account, "0-1", _person(person, house))
        if house:
            planter.join(account, "0-1", found[person.key], companies[house.key], 1)
    return found


def _person(person: CastPerson, house: CastCompany | None) -> dict[str, str]:
    found = {"firstname": person.first, "lastname": person.last, "phone": person.phone, "jobtitle": person.title}
    found |= {"email": person.email or "", "company": house.name if house else ""}
    if person.key == "sam-whitfield":
        # The same addresses stand comma-separated in one e-mail field of QuickBooks.
        found["hs_additional_emails"] = "billing@cascadebuilders.example"
    if person.address:
        found |= {
            "address": person.address.line,
            "city": person.address.city,
            "state": person.address.region,
            "zip": person.address.postal_code,
            "country": _COUNTRIES.get(person.address.country, person.address.country),
        }
    return {name: value for name, value in found.items() if value}
