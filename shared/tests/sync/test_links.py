"""Links: one twin each, whoever comes first, whichever service it is."""

import asyncio
from dataclasses import replace

import asyncpg
import pytest
from ledgerbridge.storage import Database
from ledgerbridge.sync import links
from ledgerbridge.sync.links import Link

from .index import CONNECTION, TENANT, at

ANNA = Link(TENANT, CONNECTION, "contact", "501", "58", "contact-sync", at("10:00:00"))


async def join(database: Database, *given: Link) -> list[Link]:
    async with database.tenant(TENANT) as tx:
        return await links.join(tx, given)


async def test_who_is_linked_already_stays_linked(database: Database) -> None:
    assert await join(database, ANNA) == [ANNA]
    again = replace(ANNA, made_by="invoice-service", made_at=at("11:00:00"))
    other_contact = replace(ANNA, hubspot_id="502")
    other_customer = replace(ANNA, quickbooks_id="59")
    free = replace(ANNA, hubspot_id="503", quickbooks_id="60")
    assert await join(database, again, free, other_contact, other_customer) == [ANNA, free, ANNA, ANNA]


async def test_a_customer_has_a_contact_and_a_company_and_a_contact_customers_of_several_companies(
    database: Database,
) -> None:
    company = replace(ANNA, kind="company", hubspot_id="900")
    elsewhere = replace(ANNA, connection_id=CONNECTION + 1, quickbooks_id="7")
    assert await join(database, ANNA, company, elsewhere) == [ANNA, company, elsewhere]
    async with database.tenant(TENANT) as tx:
        assert await links.by_hubspot(tx, TENANT, "contact", ["501"]) == [ANNA, elsewhere]
        assert await links.by_hubspot(tx, TENANT, "contact", ["501"], connection_id=CONNECTION) == [ANNA]
        assert await links.by_quickbooks(tx, TENANT, CONNECTION, "company", ["58", "59"]) == {"58": company}


async def test_two_services_that_link_at_once_agree(database: Database) -> None:
    """Opposite orders and both kinds of conflict, in transactions that overlap."""
    numbers = range(50)
    ours = [replace(ANNA, hubspot_id=f"H{n}", quickbooks_id=f"Q{n}", made_by="ours") for n in numbers]
    theirs = [replace(ANNA, hubspot_id=f"H{n}", quickbooks_id=f"Q{n}", made_by="theirs") for n in reversed(numbers)]
    standing = await asyncio.gather(join(database, *ours), join(database, *theirs))
    assert standing[0] == list(reversed(standing[1]))


async def test_an_invoice_of_hubspot_may_have_several_twins_but_never_two_in_hubspot(database: Database) -> None:
    deal = replace(ANNA, kind="invoice")
    second = replace(deal, quickbooks_id="59")
    assert await join(database, deal, second) == [deal, second]
    assert await join(database, replace(deal, hubspot_id="777")) == [deal]


async def test_leaving_frees_both(database: Database) -> None:
    await join(database, ANNA)
    async with database.tenant(TENANT) as tx:
        assert await links.leave(tx, TENANT, CONNECTION, "contact", ["58", "59"]) == 1
    moved = replace(ANNA, quickbooks_id="59")
    assert await join(database, moved) == [moved]


async def test_links_of_another_tenant_are_out_of_reach(database: Database) -> None:
    theirs = replace(ANNA, tenant_id=TENANT + 1)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await join(database, theirs)
    async with database.tenant(TENANT + 1) as tx:
        await links.join(tx, [theirs])
    async with database.tenant(TENANT) as tx:
        assert await links.by_hubspot(tx, TENANT + 1, "contact", ["501"]) == []
        assert await links.join(tx, []) == []
