"""Tracking a record that is known already: an answer of ours, or a first reading, puts it into the index in sync.

So the notices of our own write find the row with the vendor's time of what we hold, and cost nothing.
"""

from collections.abc import Sequence

from ledgerbridge.storage import Transaction
from ledgerbridge.sync.outcomes import Outcome


async def track(tx: Transaction, tenant_id: int, connection_id: int, kind: str, known: Sequence[Outcome]) -> None:
    """Insert rows in sync, or renew what is held of rows that are there; a row that is pending stays pending."""
    if not known:
        return
    await tx.execute(
        _TRACK,
        tenant_id,
        connection_id,
        kind,
        [one.subject_id for one in known],
        [one.quickbooks_id for one in known],
        [one.hubspot_id for one in known],
        [one.due_at for one in known],
        [one.hash_quickbooks for one in known],
        [one.hash_hubspot for one in known],
        [one.seen_quickbooks for one in known],
        [one.seen_hubspot for one in known],
    )


_TRACK = """
insert into records as r (tenant_id, connection_id, kind, subject_id, quickbooks_id, hubspot_id, due_at,
  hash_quickbooks, hash_hubspot, seen_quickbooks, seen_hubspot, verdict)
select $1, $2, $3, k.*, 'in_sync'
from unnest($4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::bytea[], $9::bytea[], $10::timestamptz[],
            $11::timestamptz[]) as k(subject_id, quickbooks_id, hubspot_id, due_at, hash_quickbooks, hash_hubspot,
                                     seen_quickbooks, seen_hubspot)
order by subject_id
on conflict (subject_id, kind, connection_id, tenant_id) do update set
  quickbooks_id = coalesce(excluded.quickbooks_id, r.quickbooks_id),
  hubspot_id = coalesce(excluded.hubspot_id, r.hubspot_id),
  due_at = excluded.due_at,
  hash_quickbooks = coalesce(excluded.hash_quickbooks, r.hash_quickbooks),
  hash_hubspot = coalesce(excluded.hash_hubspot, r.hash_hubspot),
  seen_quickbooks = greatest(excluded.seen_quickbooks, r.seen_quickbooks),
  seen_hubspot = greatest(excluded.seen_hubspot, r.seen_hubspot)
"""
