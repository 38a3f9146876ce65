"""Writing the properties of deals (S-47 to S-51): the worker of the kind `deal-properties`, their only writer.

A subject is a deal. It is marked by whatever settles, links or unlinks one of its invoices, and by HubSpot's notices of
merges, deletions, restorations and of somebody else's change of our properties (`touched`).
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import msgspec
from ledgerbridge.accounts.registry import Account, Accounts
from ledgerbridge.errors import LedgerbridgeError, Permanent
from ledgerbridge.service.clocks import BusinessClock
from ledgerbridge.storage import Database, Transaction
from ledgerbridge.sync import outcomes
from ledgerbridge.sync.claims import Claimed, Lot
from ledgerbridge.sync.outcomes import Outcome
from ledgerbridge.vendors.hubspot.client import HubSpot
from ledgerbridge.vendors.hubspot.models import HubSpotRecord
from ledgerbridge.vendors.manner import calling

from invoice_service.addresses import Addresses
from invoice_service.deals.currency_rules import rule_for, tenant_account
from invoice_service.deals.properties import NUMBERS, WRITTEN, deal_properties
from invoice_service.invoices import moving, store
from invoice_service.invoices.recording import DEAL_PROPERTIES as KIND
from invoice_service.lanes import lane

__all__ = ["KIND", "DealFollowing"]

DEALS = "deals"


@dataclass(frozen=True)
class Merged:
    """A deal that was merged into another one."""

    survivor: str


class DealFollowing:
    """Processes and finishes lots of deals of one tenant."""

    def __init__(
        self, database: Database, accounts: Accounts, hubspot: HubSpot, clock: BusinessClock, addresses: Addresses
    ) -> None:
        """Write through this client."""
        self._database = database
        self._accounts = accounts
        self._hubspot = hubspot
        self._clock = clock
        self._addresses = addresses

    async def process(self, lot: Lot) -> list[Outcome]:
        """Bring the deals' properties to what their invoices say, 100 deals a call; equal ones cost nothing."""
        account = await tenant_account(self._accounts, lot.tenant_id)
        merged = {one.subject_id: survivor for one in lot.records if (survivor := _survivor(one))}
        alive = [one for one in lot.records if one.subject_id not in merged]
        with calling(lane=lane(lot)):
            wanted = await self._wanted(lot.tenant_id, account, [one.subject_id for one in alive])
            held = await self._touched(account, [one for one in alive if "touched" in one.hints])
            due = {one.subject_id: one for one in alive if _must_write(one, wanted[one.subject_id], held)}
            written = await self._write(account, {deal_id: wanted[deal_id] for deal_id in due}, due)
        reached = [outcomes.gone(deal_id, facts=Merged(survivor)) for deal_id, survivor in merged.items()]
        reached += [
            written.get(one.subject_id) or _kept(one, wanted[one.subject_id], held.get(one.subject_id)) for one in alive
        ]
        return reached

    async def finish(self, tx: Transaction, lot: Lot, held: Sequence[Outcome]) -> None:
        """Links of merged deals follow the survivor."""
        for outcome in held:
            if isinstance(outcome.facts, Merged):
                await moving.deal_merged(
                    tx, lot.tenant_id, outcome.subject_id, outcome.facts.survivor, self._clock.now(), self._addresses
                )

    async def _wanted(self, tenant_id: int, account: Account, deal_ids: Sequence[str]) -> dict[str, dict[str, str]]:
        """What each deal shall hold."""
        async with self._database.tenant(tenant_id) as tx:
            linked = await store.of_deals(tx, deal_ids)
        everything = [invoice for invoices in linked.values() for invoice in invoices]
        rule = await rule_for(self._accounts, account, self._hubspot, everything)
        return {deal_id: deal_properties(invoices, rule).values for deal_id, invoices in linked.items()}

    async def _touched(self, account: Account, records: Sequence[Claimed]) -> dict[str, HubSpotRecord]:
        """What the deals hold that somebody else may have written to."""
        if not records:
            return {}
        batch = await self._hubspot.records.read_many(account, DEALS, [one.subject_id for one in records], WRITTEN)
        return dict(batch.records)

    async def _write(
        self, account: Account, values: Mapping[str, Mapping[str, str]], records: Mapping[str, Claimed]
    ) -> dict[str, Outcome]:
        """Write, and answer the outcomes by deal."""
        if not values:
            return {}
        batch = await self._hubspot.records.update_many(account, DEALS, values)
        reached = {
            deal_id: outcomes.in_sync(
                deal_id, hubspot_id=deal_id, hash_hubspot=digest(values[deal_id]), seen_hubspot=record.updated_at
            )
            for deal_id, record in batch.records.items()
        }
        for deal_id, error in batch.failures.items():
            reached[deal_id] = (
                await self._missing(account, records[deal_id])
                if error.code == "GONE"
                else outcomes.failed(deal_id, error, attempts=records[deal_id].attempts)
            )
        for deal_id in batch.missing:
            reached[deal_id] = await self._missing(account, records[deal_id])
        return reached

    async def _missing(self, account: Account, record: Claimed) -> Outcome:
        """A deal that HubSpot left out: merged away (links follow), or deleted (links are kept and shown)."""
        try:
            found = await self._hubspot.records.get(account, DEALS, record.subject_id)
        except Permanent as error:
            if error.code == "GONE":
                return _deleted(record)
            return outcomes.failed(record.subject_id, error, attempts=record.attempts)
        except LedgerbridgeError as error:
            return outcomes.failed(record.subject_id, error, attempts=record.attempts)
        if found.id != record.subject_id:
            return outcomes.gone(record.subject_id, facts=Merged(found.id))
        again = Permanent("STALE", what=f"Deal {record.subject_id}")
        return outcomes.failed(record.subject_id, again, attempts=record.attempts)


def digest(values: Mapping[str, str]) -> bytes:
    """Sixteen bytes over what a deal was given."""
    return hashlib.blake2b(msgspec.json.encode(dict(values), order="sorted"), digest_size=16).digest()


def _survivor(record: Claimed) -> str | None:
    """The deal into which this one was merged, where a notice told it."""
    return next((hint.removeprefix("merged:") for hint in sorted(record.hints) if hint.startswith("merged:")), None)


def _must_write(record: Claimed, values: Mapping[str, str], held: Mapping[str, HubSpotRecord]) -> bool:
    if record.subject_id in held:
        there = held[record.subject_id].properties
        return any(not _same(name, there.get(name), value) for name, value in values.items())
    return record.hash_hubspot != digest(values)


def _same(name: str, there: str | None, wanted: str) -> bool:
    """HubSpot writes numbers in its own way: 100, 100.0 and 100.00 are equal."""
    if name in NUMBERS and there and wanted:
        return Decimal(there) == Decimal(wanted)
    return (there or "") == wanted


def _kept(record: Claimed, values: Mapping[str, str], found: HubSpotRecord | None) -> Outcome:
    """Nothing had to be written."""
    return outcomes.in_sync(
        record.subject_id,
        hubspot_id=record.subject_id,
        hash_hubspot=digest(values),
        seen_hubspot=found.updated_at if found else None,
    )


def _deleted(record: Claimed) -> Outcome:
    return outcomes.excluded(
        record.subject_id,
        rule="deal_deleted",
        reason="The deal was deleted in HubSpot; its invoices stay linked and are shown.",
        remedy="Restore the deal in HubSpot, then its properties are written again.",
    )
