"""Which records are twins: one table for all services (design.md 4, Links).

Written in the transaction that settles the twin, by whichever service made it. The constraints of the table decide who
was first.
"""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from datetime import datetime

from ledgerbridge.storage import Transaction


@dataclass(frozen=True, slots=True)
class Link:
    """A HubSpot record and its twin in a company. `made_by` names a service or a person, `made_at` is business time."""

    tenant_id: int
    connection_id: int
    kind: str
    hubspot_id: str
    quickbooks_id: str
    made_by: str
    made_at: datetime


async def by_quickbooks(
    tx: Transaction, tenant_id: int, connection_id: int, kind: str, quickbooks_ids: Sequence[str]
) -> dict[str, Link]:
    """The links of these QuickBooks records, by QuickBooks id."""
    rows = await tx.fetch(_BY_QUICKBOOKS, tenant_id, connection_id, kind, list(quickbooks_ids))
    return {row["quickbooks_id"]: Link(**row) for row in rows}


async def by_hubspot(
    tx: Transaction, tenant_id: int, kind: str, hubspot_ids: Sequence[str], *, connection_id: int | None = None
) -> list[Link]:
    """The links of these HubSpot records, in one connection or in all of the tenant."""
    return [Link(**row) for row in await tx.fetch(_BY_HUBSPOT, tenant_id, kind, list(hubspot_ids), connection_id)]


async def join(tx: Transaction, links: Sequence[Link]) -> list[Link]:
    """Make these links and answer, in the same order, the one that stands in the place of each.

    That is another link where one of its two records has a twin already: compare before writing to the twin.
    """
    if not links:
        return []
    ordered = sorted(links, key=lambda link: (link.connection_id, link.kind, link.quickbooks_id))
    columns = list(zip(*map(astuple, ordered), strict=True))
    await tx.execute(_JOIN, *columns)
    rows = await tx.fetch(_STANDING, *zip(*map(astuple, links), strict=True))
    return [Link(**{field.name: row[field.name] for field in fields(Link)}) for row in rows]


async def leave(tx: Transaction, tenant_id: int, connection_id: int, kind: str, quickbooks_ids: Sequence[str]) -> int:
    """Unlink these QuickBooks records; answers how many links there were."""
    return len(await tx.fetch(_LEAVE, tenant_id, connection_id, kind, sorted(quickbooks_ids)))


_BY_QUICKBOOKS = """
select tenant_id, connection_id, kind, hubspot_id, quickbooks_id, made_by, made_at from links
where tenant_id = $1 and connection_id = $2 and kind = $3 and quickbooks_id = any ($4::text[])
"""

_BY_HUBSPOT = """
select tenant_id, connection_id, kind, hubspot_id, quickbooks_id, made_by, made_at from links
where tenant_id = $1 and kind = $2 and hubspot_id = any ($3::text[])
  and ($4::bigint is null or connection_id = $4)
order by connection_id, hubspot_id, quickbooks_id
"""

_JOIN = """
insert into links (tenant_id, connection_id, kind, hubspot_id, quickbooks_id, made_by, made_at)
select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
on conflict do nothing
"""

# The twin in QuickBooks decides; where the QuickBooks record is free, the HubSpot record has another twin.
_STANDING = """
select standing.* from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[],
                              $7::timestamptz[])
  with ordinality as given(tenant_id, connection_id, kind, hubspot_id, quickbooks_id, made_by, made_at, place)
cross join lateral (
  select l.* from links l
  where l.tenant_id = given.tenant_id and l.connection_id = given.connection_id and l.kind = given.kind
    and (l.quickbooks_id = given.quickbooks_id or l.hubspot_id = given.hubspot_id)
  order by l.quickbooks_id = given.quickbooks_id desc, l.made_at, l.quickbooks_id limit 1) standing
order by given.place
"""

_LEAVE = """
delete from links
where tenant_id = $1 and connection_id = $2 and kind = $3 and quickbooks_id = any ($4::text[]) returning 1
"""
