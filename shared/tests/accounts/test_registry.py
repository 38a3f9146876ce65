import asyncio
from contextlib import suppress

import pytest
from ledgerbridge.accounts.joining import join, request_onboarding
from ledgerbridge.accounts.registry import Accounts
from ledgerbridge.accounts.settings import ConnectionSettings
from ledgerbridge.errors import Refused
from ledgerbridge.testing.waiting import wait_until
from pydantic import ValidationError

from .conftest import Installation


async def test_an_account_is_found_by_our_id_and_by_the_vendors(installation: Installation) -> None:
    hubspot = await installation.hubspot()
    company = await installation.quickbooks(hubspot)
    assert hubspot.tenant_id == hubspot.id
    assert company.tenant_id == hubspot.id
    assert await installation.accounts.account(company.id) == company
    assert await installation.accounts.by_external("quickbooks", "9130350000000001") == company
    assert await installation.accounts.by_external("hubspot", "9130350000000001") is None
    with pytest.raises(Refused, match="Account 999 was not found"):
        await installation.accounts.account(999)


async def test_connecting_again_keeps_the_account_and_asks_for_onboarding(installation: Installation) -> None:
    hubspot = await installation.hubspot()
    company = await installation.quickbooks(hubspot)
    now = installation.clock.now()
    first = await join(
        installation.database, installation.accounts, hubspot, company, actor="ada", now=now, choices={"mode": "strict"}
    )
    await installation.accounts.note_state(company, "reconnect_needed", "RECONNECT_NEEDED", {"cause": "gone"})
    again = await installation.quickbooks(hubspot)
    assert (again.id, again.state) == (company.id, "connected")
    second = await join(installation.database, installation.accounts, hubspot, again, actor="ada", now=now)
    assert (second.id, second.mode) == (first.id, "strict")
    assert second.onboard_requested == first.onboard_requested + 1
    await request_onboarding(installation.database, installation.accounts, second)
    third = await installation.accounts.connection(first.id)
    assert third.onboard_requested == first.onboard_requested + 2


async def test_a_company_belongs_to_one_hubspot_account(installation: Installation) -> None:
    first, second = await installation.hubspot("24000001"), await installation.hubspot("24000002")
    company = await installation.quickbooks(first)
    with pytest.raises(Refused, match="belongs to another HubSpot account"):
        await installation.quickbooks(second)
    assert await installation.accounts.account(company.id) == company


async def test_two_connects_at_once_make_one_account(installation: Installation) -> None:
    made = await asyncio.gather(*(installation.hubspot() for _ in range(4)))
    assert len({account.id for account in made}) == 1
    assert len(await installation.accounts.accounts()) == 1


async def test_changed_settings_keep_their_history(installation: Installation) -> None:
    hubspot = await installation.hubspot()
    connection = await join(
        installation.database,
        installation.accounts,
        hubspot,
        await installation.quickbooks(hubspot),
        actor="ada",
        now=installation.clock.now(),
    )
    assert connection.settings == ConnectionSettings()
    assert connection.zone == "America/Los_Angeles"
    choices = {"mode": "strict", "default_item": "12", "zone": "Europe/Warsaw"}
    changed = await installation.accounts.change_settings(connection.id, "ada", choices)
    assert (changed.mode, changed.settings.default_item, changed.zone) == ("strict", "12", "Europe/Warsaw")
    await installation.accounts.change_settings(connection.id, "bob", {"mode": "strict"})  # nothing new: no entry
    await installation.accounts.change_settings(connection.id, "bob", {"default_item": None})
    assert [(entry["actor"], entry["changes"]) for entry in await installation.accounts.history(connection.id)] == [
        ("bob", {"default_item": {"old": "12", "new": None}}),
        (
            "ada",
            {
                "mode": {"old": "legacy", "new": "strict"},
                "default_item": {"old": None, "new": "12"},
                "zone": {"old": None, "new": "Europe/Warsaw"},
            },
        ),
    ]


@pytest.mark.parametrize(
    "choices",
    [
        {"mode": "lenient"},
        {"zone": "Mars/Olympus"},
        {"unknown": 1},
        {"quote_statuses": ["SIGNED"]},
        {"default_item": ""},
    ],
)
async def test_an_impossible_setting_is_refused_and_changes_nothing(
    installation: Installation, choices: dict[str, object]
) -> None:
    hubspot = await installation.hubspot()
    company = await installation.quickbooks(hubspot)
    now = installation.clock.now()
    connection = await join(installation.database, installation.accounts, hubspot, company, actor="ada", now=now)
    with pytest.raises(ValidationError):
        await installation.accounts.change_settings(connection.id, "ada", choices)
    assert (await installation.accounts.connection(connection.id)).settings == ConnectionSettings()
    assert await installation.accounts.history(connection.id) == []


def test_only_choices_are_stored_and_unknown_ones_passed_over() -> None:
    chosen = ConnectionSettings(mode="strict", quote_statuses=("APPROVED",))
    assert chosen.stored() == {"mode": "strict", "quote_statuses": ["APPROVED"]}
    assert ConnectionSettings.read({**chosen.stored(), "of_a_later_version": True}) == chosen


async def test_another_process_hears_of_a_change_at_once(installation: Installation) -> None:
    """The machine clock of the listener stands still: without NOTIFY it would never read again."""
    hubspot = await installation.hubspot()
    listener = Accounts(installation.database, machine=StandingClock())
    listening = asyncio.create_task(listener.run())
    try:
        await wait_until(lambda: _is_listening(installation))
        assert (await listener.account(hubspot.id)).state == "connected"
        await installation.accounts.note_state(hubspot, "permission_missing", "MISSING_SCOPE", {"scopes": "x"})
        await wait_until(lambda: _has_state(listener, hubspot.id, "permission_missing"))
        # its connection is cut: it listens again, and what happened meanwhile is read
        await _cut_listeners(installation)
        await installation.accounts.note_state(hubspot, "connected")
        await wait_until(lambda: _has_state(listener, hubspot.id, "connected"))
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening


class StandingClock:
    def monotonic(self) -> float:
        return 1.0


async def _has_state(accounts: Accounts, account_id: int, state: str) -> bool:
    return (await accounts.account(account_id)).state == state


async def _is_listening(installation: Installation) -> bool:
    async with installation.database.engine() as tx:
        return bool(await tx.fetchval("select true from pg_stat_activity where query ilike 'listen %'"))


async def _cut_listeners(installation: Installation) -> None:
    async with installation.database.engine() as tx:
        await tx.execute(
            """select pg_terminate_backend(pid) from pg_stat_activity
               where usename = current_user and application_name like '%probe accounts'"""
        )
