"""`ledgerbridge-sandbox generate`: the seed's companies and accounts, and a large one of each, in a snapshot's file."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from ledgerbridge_sandbox.generate.books import Books, GeneratedCompany
from ledgerbridge_sandbox.generate.buyers import Buyer, buyer
from ledgerbridge_sandbox.generate.plan import Plan
from ledgerbridge_sandbox.generate.sales import plant_mirror
from ledgerbridge_sandbox.hubspot import api as hubspot_api
from ledgerbridge_sandbox.hubspot.accounts import Account
from ledgerbridge_sandbox.quickbooks import api as quickbooks_api
from ledgerbridge_sandbox.quickbooks.company import Company, indexes_of
from ledgerbridge_sandbox.quickbooks.names import NAME_KINDS
from ledgerbridge_sandbox.quickbooks.schema import KINDS
from ledgerbridge_sandbox.quickbooks.shelf import Shelf
from ledgerbridge_sandbox.seed.cast import US_AUTOMATED_REALM, US_PORTAL
from ledgerbridge_sandbox.snapshot_files import Rows, write
from ledgerbridge_sandbox.world import World

PORTAL, HUBSPOT_TOKEN = 24000003, "pat-na1-sandbox-3"
REALM, ACCESS, REFRESH = "9130350000000004", "sandbox-quickbooks-access-4", "sandbox-quickbooks-refresh-4"
NAME = "Larkspur Wholesale Inc."
_FIRST_NUMBER = 1000
_BUYERS_A_DEAL = 4


def generate(path: Path, *, customers: int, invoices: int, seed: int, start: datetime | None = None) -> None:
    """
    Write a snapshot with a company and an account of that size, its clock at `start` (now).

    The same sizes, seed and start give the same records. Raises OSError, and ValueError for sizes that cannot be.
    """
    if customers < 1 or invoices < 0:
        raise ValueError("There must be a customer, and no fewer than no invoices.")
    world = World(start, seed)
    world.clock.move_to(start or world.clock.now(), frozen=True)
    hubspot_api.build(world)
    quickbooks_api.build(world)
    chance = Random(seed)  # noqa: S311 - luck, not secrecy
    buyers = [buyer(number, chance) for number in range(customers)]
    _open_account(world, buyers, chance)
    plan = Plan(customers, invoices, chance, world.clock.now())
    books, company = _open_company(world, plan, buyers, chance)
    write(path, _state(world, books, company, plan))


def _open_account(world: World, buyers: list[Buyer], chance: Random) -> None:
    like: Account = world.hubspot.accounts[US_PORTAL]
    account = Account(PORTAL, **{**like.facts, "name": NAME})
    account.pipelines.recover(like.pipelines.snapshot())
    account.owners, account.rates = list(like.owners), list(like.rates)
    world.hubspot.accounts[PORTAL] = account
    world.hubspot.grants.add_static(HUBSPOT_TOKEN, PORTAL)
    plant_mirror(world, account, buyers, len(buyers) // _BUYERS_A_DEAL, chance)


def _open_company(world: World, plan: Plan, buyers: list[Buyer], chance: Random) -> tuple[Books, GeneratedCompany]:
    """A company with the lists of the seed's American one."""
    like: Company = world.quickbooks.companies[US_AUTOMATED_REALM]
    profile = replace(like.profile, realm=REALM, name=NAME)
    company = GeneratedCompany(profile, world.clock, world.settings["quickbooks"], lambda _company, _change: None)
    world.quickbooks.companies[REALM] = company
    company.restore(like.snapshot())
    for kind in KINDS.values():
        if kind.transaction or kind.name in {*NAME_KINDS, "Attachable"}:
            company.shelves[kind.name] = Shelf(indexes_of(kind.name))
    company.replays, company.stubs, company.deleted, company.files = {}, [], {}, {}
    for sequence in ("Txn", "Names", "Addresses"):
        company.sequences.pop(sequence, None)
    company.sequences["DocNumber"] = company.sequences["EstimateNumber"] = _FIRST_NUMBER
    _rename(company)
    world.quickbooks.grants.seed(REALM, ACCESS, REFRESH)
    return Books(company, plan, buyers, chance), company


def _rename(company: GeneratedCompany) -> None:
    shelf = company.shelves["CompanyInfo"]
    info = shelf.get("1") or {}
    shelf.put("1", {**info, "CompanyName": NAME, "LegalName": NAME}, shelf.changed_at("1"))


def _state(world: World, books: Books, company: GeneratedCompany, plan: Plan) -> Any:
    """What a world's snapshot holds; the large kinds are rows that are made while they are written."""
    company.sequences["DocNumber"] = _FIRST_NUMBER + len(plan)
    company.sequences["Txn"] = plan.transactions
    states, moment, following = world.state()
    company.sequences["DocNumber"] = _FIRST_NUMBER
    _, companies = states["quickbooks"]
    shelves = companies[REALM][1][0]
    shelves |= {"Invoice": Rows(books.invoices()), "Payment": Rows(books.payments())}
    shelves |= {"Customer": Rows(books.customers())}
    return {"quickbooks": states["quickbooks"], "hubspot": states["hubspot"]}, moment, following
