"""The HubSpot account that mirrors the company: its buyers as contacts and companies, and deals over what they buy."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from ledgerbridge_sandbox.generate.buyers import Buyer
from ledgerbridge_sandbox.generate.plan import HISTORY
from ledgerbridge_sandbox.hubspot.accounts import Account
from ledgerbridge_sandbox.seed.cast import US_PORTAL
from ledgerbridge_sandbox.seed.hubspot_products import products_of
from ledgerbridge_sandbox.seed.planter import Planter
from ledgerbridge_sandbox.world import World

_CONTACT_TO_COMPANY, _DEAL_TO_CONTACT, _DEAL_TO_COMPANY, _LINE_TO_DEAL = 1, 3, 5, 20
_STAGES = (
    "appointmentscheduled",
    "qualifiedtobuy",
    "contractsent",
    "closedwon",
    "closedwon",
    "closedwon",
    "closedlost",
)
_THEMES = ("Store refit", "Annual support", "New office", "Warehouse extension", "Spring order", "Workshop series")
_QUANTITIES = ("1", "2", "4", "10", "0.5", "12.125")


def plant_mirror(world: World, account: Account, buyers: Sequence[Buyer], deals: int, chance: Random) -> None:
    """Fill the account, evenly over the time before the world's present moment."""
    records = 40 + 2 * len(buyers) + 3 * deals
    start: datetime = world.clock.now() - HISTORY
    planter = Planter(world, start, apart=max(HISTORY / (records + 1), timedelta(milliseconds=1)))
    products = [planter.make(account, "0-7", row) for row in products_of(US_PORTAL)]
    ends = [_plant_buyer(planter, account, buyer) for buyer in buyers]
    for number in range(deals):
        at = chance.randrange(len(buyers))
        _plant_deal(planter, account, buyers[at], ends[at], products, number, chance)


def _plant_buyer(planter: Planter, account: Account, buyer: Buyer) -> list[tuple[int, str]]:
    """Contact and company; answers how a deal of theirs is associated."""
    place = {"address": buyer.street, "city": buyer.city, "state": buyer.region, "zip": buyer.postal_code}
    place |= {"country": "United States", "phone": buyer.phone}
    found: list[tuple[int, str]] = []
    joined: list[tuple[int, str]] = []
    person = {"firstname": buyer.given, "lastname": buyer.family, **place}
    if buyer.business:
        house = {"name": buyer.business, "domain": buyer.domain, "lifecyclestage": "customer", **place}
        company = planter.make(account, "0-2", house)
        found.append((_DEAL_TO_COMPANY, company))
        joined.append((_CONTACT_TO_COMPANY, company))
        person["company"] = buyer.business
    if buyer.mail:
        person["email"] = buyer.mail
    found.append((_DEAL_TO_CONTACT, planter.make(account, "0-1", person, joined)))
    return found


def _plant_deal(
    planter: Planter,
    account: Account,
    buyer: Buyer,
    ends: list[tuple[int, str]],
    products: Sequence[str],
    number: int,
    chance: Random,
) -> None:
    owner = account.owners[number % (len(account.owners) - 1)]["id"]
    closing = (planter.moment + timedelta(days=45)).strftime("%Y-%m-%dT12:00:00.000Z")
    deal = {"dealname": f"{buyer.name}: {chance.choice(_THEMES)}", "dealstage": chance.choice(_STAGES)}
    deal_id = planter.make(account, "0-3", {**deal, "hubspot_owner_id": owner, "closedate": closing}, ends)
    for at in range(1 + chance.randrange(3)):
        line = {"hs_product_id": chance.choice(products), "quantity": chance.choice(_QUANTITIES)}
        planter.make(account, "0-8", {**line, "hs_position_on_quote": str(at)}, [(_LINE_TO_DEAL, deal_id)])
