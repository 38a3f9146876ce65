"""Webhooks lost, doubled, disordered: equal after the next sweep; and what a sweep costs after a quiet hour."""

import itertools
import random
from collections import Counter
from collections.abc import Sequence

from ledgerbridge.testing.waiting import wait_until_sync

from tests.drills.counting import work_waiting
from tests.drills.desks import Desks, Followed
from tests.drills.rows import Row, Scale, none_of
from tests.drills.standing import DrillHouse
from tests.house import US_PORTAL, US_REALM
from tests.house.house import CONNECTIONS, HUBSPOT_TOKENS
from tests.house.sandbox import Record

SHARE = 0.05
CERTAIN = 3
"""Invoices that change while every webhook is lost."""
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
    # Records apart: a webhook of an earlier change, or what is still to be done for it, would show a lost one too.
    certain, others = followed[:CERTAIN], followed[CERTAIN:]
    house.sandbox.settle_webhooks()
    wait_until_sync(lambda: _still(house), SECONDS, "nothing is left to be told of the new invoices")
    before = _counts(house)
    _fail_some(house, desks, others, chance, scale.changes)
    differing, sweeps = _lose(desks, certain, others[0])
    counts = _counts(house) - before
    both = counts["dropped"] > CERTAIN and counts["doubled"] > 0
    house.sandbox.advance(SWEEP_SECONDS)
    told = f"{counts['dropped']} lost, {counts['doubled']} doubled, {counts['sent']} sent, all shuffled"
    return [
        Row(
            "deals that differ before the sweep, their only webhooks lost",
            f"{len(differing)} of {CERTAIN}; {sweeps} CDC calls meanwhile",
            f"{CERTAIN}; 0",
            (len(differing), sweeps) == (CERTAIN, 0),
        ),
        Row("webhooks meanwhile", told, "some lost, some doubled", both),
        none_of(
            "deals that differ after the next sweep",
            desks.agree(followed, SECONDS),
            of=f"{len(followed)} after {scale.changes} changes",
        ),
        *_quiet_sweep(house),
    ]


def _fail_some(
    house: DrillHouse, desks: Desks, followed: Sequence[Followed], chance: random.Random, changes: int
) -> None:
    """So many changes at both vendors, or more: some of their webhooks are lost, some doubled, all shuffled."""
    before = _counts(house)
    _style(house, drop=SHARE, duplicate=SHARE, shuffle=True)
    person = house.sandbox.salesperson(US_PORTAL)
    for number in itertools.count():
        if number >= changes and {"dropped", "doubled"} <= (_counts(house) - before).keys():
            break
        one = chance.choice(followed)
        if chance.random() < 0.2:
            person.change("deals", one.deal, ledgerbridge_invoice_number=f"spoilt {chance.random()}")
        else:
            desks.change(one.quickbooks_id)
    house.sandbox.settle_webhooks()
    _style(house, drop=0, duplicate=0, shuffle=False)


def _lose(desks: Desks, certain: Sequence[Followed], later: Followed) -> tuple[list[str], int]:
    """Change invoices whose webhooks are lost: the deals that differ while a later change is shown, and the sweeps.

    A sweep that comes meanwhile finds the changes: then they are made once more. The next one is minutes away.
    """
    house, differing, sweeps = desks.house, list[str](), 0
    for _attempt in range(2):
        sweeps_before = _sweeps(house)
        _style(house, drop=1.0)
        for one in certain:
            desks.postpone(one)
        _style(house, drop=0)
        desks.postpone(later)
        assert not desks.agree([later], SECONDS), "a webhook that was not lost has no effect"
        differing, sweeps = desks.differing(certain), _sweeps(house) - sweeps_before
        if not sweeps:
            break
    return differing, sweeps


def _sweeps(house: DrillHouse) -> int:
    return house.sandbox.calls(path=f"/v3/company/{US_REALM}/cdc")


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
    """Whether every company and every HubSpot account has answered; one refused for its old token is asked again."""
    calls = [call for call in house.sandbox.journal() if call["status"] == 200]
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
