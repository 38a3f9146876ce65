"""Webhooks lost, doubled, disordered: equal after the next sweep; and what a sweep costs after a quiet hour."""

import random
from collections import Counter

from ledgerbridge.testing.waiting import wait_until_sync

from tests.drills.counting import work_waiting
from tests.drills.desks import Desks
from tests.drills.rows import Row, Scale, none_of
from tests.drills.standing import DrillHouse
from tests.house import US_PORTAL
from tests.house.house import CONNECTIONS, HUBSPOT_TOKENS
from tests.house.sandbox import Record

SHARE = 0.05
CERTAIN = 3
"""Changes whose webhooks are certainly lost."""
SWEEP_SECONDS = 16 * 60
QUIET_SECONDS = 60 * 60
SECONDS = 90.0
VENDORS = ("hubspot", "quickbooks")
SEARCHED_TYPES = 1
"""The gateway's setting `sweep_hubspot_types` names deals alone."""


def drill(house: DrillHouse, scale: Scale) -> list[Row]:
    """Changes at both vendors while their webhooks fail; then the clock moves on and the sweeps do the rest."""
    chance = random.Random(scale.seed)
    desks = Desks(house, chance)
    followed = desks.followed(10 if scale.short else 30)
    before = _counts(house)
    _style(house, drop=SHARE, duplicate=SHARE, shuffle=True)
    person = house.sandbox.salesperson(US_PORTAL)
    for _ in range(scale.changes):
        one = chance.choice(followed)
        if chance.random() < 0.2:
            person.change("deals", one.deal, ledgerbridge_invoice_number=f"spoilt {chance.random()}")
        else:
            desks.change(one.quickbooks_id)
    # Later webhooks of a record heal earlier losses; these are the last ones, and only a sweep can find them.
    _style(house, drop=1.0)
    for one in followed[:CERTAIN]:
        desks.postpone(one)
    house.sandbox.settle_webhooks()
    _style(house, drop=0, duplicate=0, shuffle=False)
    differing = desks.agree(followed, 3)
    counts = _counts(house) - before
    house.sandbox.advance(SWEEP_SECONDS)
    told = f"{counts['dropped']} lost, {counts['doubled']} doubled, {counts['sent']} sent, all shuffled"
    return [
        Row("deals that differ before the sweep", str(len(differing)), f"{CERTAIN} or more", len(differing) >= CERTAIN),
        Row("webhooks meanwhile", told, "some lost, some doubled", counts["dropped"] > 0 < counts["doubled"]),
        none_of(
            "deals that differ after the next sweep",
            desks.agree(followed, SECONDS),
            of=f"{len(followed)} after {scale.changes} changes",
        ),
        *_quiet_sweep(house),
    ]


def _quiet_sweep(house: DrillHouse) -> list[Row]:
    """First sweeps that find the rest, then an hour in which nothing happens, then the sweep that is counted.

    The first hour ends the access tokens of which nobody told when they expire: their renewal is no cost of sweeps.
    """
    for seconds in (QUIET_SECONDS, SWEEP_SECONDS):
        house.sandbox.forget_journal()
        house.sandbox.advance(seconds)
        wait_until_sync(lambda: _swept(house), SECONDS, "the sweep before the quiet hour")
        wait_until_sync(lambda: _still(house), SECONDS, "all is quiet")
    house.sandbox.forget_journal()
    house.sandbox.advance(QUIET_SECONDS)
    wait_until_sync(lambda: _swept(house), SECONDS, "the sweep after the quiet hour")
    wait_until_sync(lambda: _still(house), SECONDS, "all is quiet")
    calls = house.sandbox.journal()
    cdc = Counter(call["account"] for call in calls if _is_cdc(call))
    searches = Counter((call["account"], call["path"]) for call in calls if _is_search(call))
    others = [f"{call['method']} {call['path']}" for call in calls if not _is_cdc(call) and not _is_search(call)]
    others = [one for one in others if "oauth" not in one]
    return [
        Row(
            "CDC calls of a sweep after a quiet hour, by company",
            f"{dict(cdc)}",
            f"1 for each of {len(CONNECTIONS)}",
            list(cdc.values()) == [1] * len(CONNECTIONS),
        ),
        Row(
            "searches of a sweep after a quiet hour",
            f"{dict(searches)}",
            f"1 for each of {len(HUBSPOT_TOKENS)} accounts",
            list(searches.values()) == [1] * len(HUBSPOT_TOKENS) * SEARCHED_TYPES,
        ),
        none_of("other calls of a sweep after a quiet hour", others),
    ]


def _swept(house: DrillHouse) -> bool:
    """Whether every company and every HubSpot account was asked."""
    calls = house.sandbox.journal()
    companies = {call["account"] for call in calls if _is_cdc(call)}
    accounts = {call["account"] for call in calls if _is_search(call)}
    return len(companies) == len(CONNECTIONS) and len(accounts) == len(HUBSPOT_TOKENS)


def _still(house: DrillHouse) -> bool:
    """Whether everything marked is settled and every notice is published: nothing more will be read."""
    return not work_waiting(house)


def _is_cdc(call: Record) -> bool:
    return bool(call["path"].endswith("/cdc"))


def _is_search(call: Record) -> bool:
    return bool(call["path"].endswith("/search"))


def _style(house: DrillHouse, **style: object) -> None:
    for vendor in VENDORS:
        house.sandbox.ask("PUT", f"/webhooks/{vendor}", style)


def _counts(house: DrillHouse) -> Counter[str]:
    total: Counter[str] = Counter()
    for vendor in VENDORS:
        told = house.sandbox.ask("GET", f"/webhooks/{vendor}")
        total.update({name: int(told[name]) for name in ("sent", "dropped", "doubled")})
    return total
