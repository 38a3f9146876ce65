"""Marks: nothing that is news is lost, nothing that is no news costs a read."""

import asyncio
from datetime import timedelta, timezone

import pytest
from ledgerbridge.errors import Paused, Permanent, Transient
from ledgerbridge.storage import Database
from ledgerbridge.sync.claims import settle
from ledgerbridge.sync.marks import Mark, derived, mark, mark_due, resume, retry
from ledgerbridge.sync.outcomes import excluded, failed, gone, in_sync
from ledgerbridge.sync.records import Priority

from .index import CONNECTION, KIND, TENANT, at, end, ids, made, put, row, someone_waits, take


async def settled(database: Database, subject_id: str, **fields: object) -> None:
    """A row that is in sync with what a side showed at a time."""
    await put(database, made(subject_id, quickbooks_id=f"Q-{subject_id}", hubspot_id=f"H-{subject_id}"))
    await end(database, await take(database), [in_sync(subject_id, **fields)])


async def test_two_keys_in_one_statement_are_marked_once(database: Database) -> None:
    """The prototype failed with "ON CONFLICT DO UPDATE command cannot affect row a second time"."""
    await settled(database, "a")
    notices = [
        made("a"),
        Mark(TENANT, CONNECTION, KIND, quickbooks_id="Q-a"),
        Mark(TENANT, None, KIND, hubspot_id="H-a"),
        made("b"),
        made("b"),
    ]
    assert await put(database, *notices) == 2
    found = await row(database, "a")
    assert found is not None
    assert found["marked"] == 2
    assert found["state"] == "pending"


async def test_two_markers_in_opposite_order_never_deadlock(database: Database) -> None:
    """The prototype deadlocked: here 20 pairs of transactions mark the same rows, given in opposite orders."""
    keys = [f"{number:03}" for number in range(200)]
    await put(database, *map(made, keys))
    for _ in range(20):
        await asyncio.gather(put(database, *map(made, keys)), put(database, *map(made, reversed(keys))))
    found = await row(database, "000")
    assert found is not None
    assert found["marked"] == 41


@pytest.mark.parametrize(
    ("seen", "told", "exact", "marks"),
    [
        ("10:00:05.5", "10:00:05.5", True, False),
        ("10:00:05.5", "10:00:05.501", True, True),
        ("10:00:05.5", "10:00:04.999", True, False),
        # A second may have ended after what we hold, although its number says the same or less.
        ("10:00:05.5", "10:00:05", False, True),
        ("10:00:05.999999", "10:00:05", False, False),
        ("10:00:05.5", "10:00:04", False, False),
        ("10:00:05.5", "10:00:06", False, True),
    ],
)
async def test_what_is_not_later_than_what_we_hold_is_no_news(
    database: Database, seen: str, told: str, exact: bool, marks: bool
) -> None:
    await settled(database, "a", seen_quickbooks=at(seen))
    notice = Mark(
        TENANT, CONNECTION, KIND, quickbooks_id="Q-a", side="quickbooks", changed_at=at(told), exact=exact, make=False
    )
    assert await put(database, notice) == int(marks)
    # The other side's time is compared with what we hold of the other side: nothing yet, so it is news.
    other = Mark(TENANT, None, KIND, hubspot_id="H-a", side="hubspot", changed_at=at(told), exact=exact)
    assert await put(database, other) == 1


@pytest.mark.parametrize("verb", ["deleted", "void", "merged"])
async def test_verbs_that_no_read_shows_always_mark_and_stay_until_seen(database: Database, verb: str) -> None:
    await settled(database, "a", seen_quickbooks=at("12:00:00"))
    told = {"side": "quickbooks", "changed_at": at("11:00:00"), "exact": True}
    merged = ("41", "42") if verb == "merged" else ()
    assert await put(
        database, Mark(TENANT, CONNECTION, KIND, quickbooks_id="Q-a", verb=verb, merged_ids=merged, **told)
    )
    lot = await take(database)
    hints = {"merged:41", "merged:42"} if merged else {verb}
    assert lot.records[0].hints == hints
    # A notice during the work, or a failure, keeps the hint.
    await put(database, made("a"))
    await end(database, lot)
    lot = await take(database)
    assert lot.records[0].hints == hints
    await end(database, lot, [failed("a", Permanent("NO_LINES"))])
    await put(database, made("a"))
    lot = await take(database)
    assert lot.records[0].hints == hints
    await end(database, lot)
    found = await row(database, "a")
    assert found is not None
    assert found["hints"] == []


async def test_a_missing_time_marks(database: Database) -> None:
    await settled(database, "a", seen_quickbooks=at("12:00:00"))
    assert await put(database, Mark(TENANT, CONNECTION, KIND, quickbooks_id="Q-a", side="quickbooks"))


async def test_notices_of_untracked_records_make_no_row(database: Database) -> None:
    notices = [
        Mark(TENANT, CONNECTION, KIND, quickbooks_id="99", side="quickbooks", verb="deleted"),
        Mark(TENANT, None, KIND, hubspot_id="99", side="hubspot"),
        Mark(TENANT, CONNECTION, KIND, "99"),
    ]
    assert await put(database, *notices) == 0
    async with database.engine() as tx:
        assert await tx.fetchval("select count(*) from records") == 0


async def test_a_notice_finds_the_row_made_under_another_id(database: Database) -> None:
    """An invoice of our own order has our id; a notice that would make it under another finds it."""
    await settled(database, "ours")
    assert await put(database, made("derived", quickbooks_id="Q-ours")) == 1
    assert ids(await take(database)) == ["ours"]


async def test_hubspot_notices_reach_every_connection(database: Database) -> None:
    for connection in (1, 2):
        await put(database, Mark(TENANT, connection, "contact", f"c{connection}", hubspot_id="501", make=True))
    await put(database, Mark(TENANT + 1, 3, "contact", "c3", hubspot_id="501", make=True))
    assert await put(database, Mark(TENANT, None, "contact", hubspot_id="501", side="hubspot")) == 2
    assert await put(database, Mark(TENANT, 2, "contact", hubspot_id="501", side="hubspot")) == 1


async def test_business_time_marks(database: Database) -> None:
    await settled(database, "a", due_at=at("10:00:00"))
    await settled(database, "b", due_at=at("11:00:00"))
    async with database.engine() as tx:
        assert await mark_due(tx, KIND, at("09:59:59")) == 0
        assert await mark_due(tx, KIND, at("10:00:00")) == 1
        assert await mark_due(tx, KIND, at("10:00:00")) == 0
    lot = await take(database)
    assert ids(lot) == ["a"]
    await end(database, lot, [in_sync("a", due_at=at("12:00:00"))])
    async with database.engine() as tx:
        assert await mark_due(tx, KIND, at("12:00:00")) == 2


async def test_a_person_does_not_wait_for_a_back_off(database: Database) -> None:
    await put(database, made("a"))
    await end(database, await take(database), [failed("a", Transient("VENDOR_UNAVAILABLE", cause="refused"))])
    await put(database, made("a"))
    assert ids(await take(database)) == []
    await put(database, made("a", priority=Priority.PERSON))
    assert ids(await take(database)) == ["a"]


async def test_the_most_urgent_and_then_the_oldest_go_first(database: Database) -> None:
    for subject, priority in (("d", 2), ("c", 1), ("b", 1), ("a", 0)):
        await put(database, made(subject, priority=Priority(priority)))
    await put(database, made("d", priority=Priority.BACKFILL), made("c", priority=Priority.BACKFILL))
    assert ids(await take(database, limit=1)) == ["a"]
    assert sorted(ids(await take(database, limit=2))) == ["b", "c"]
    assert ids(await take(database)) == ["d"]


async def test_resume_wakes_what_waits_and_retry_what_failed(database: Database) -> None:
    await put(database, *(made(subject) for subject in "abcd"))
    await end(
        database,
        await take(database),
        [
            failed("a", Paused("SUBSCRIPTION_LAPSED", account="1", status="suspended")),
            failed("b", Permanent("NO_LINES")),
            failed("c", Permanent("NO_ITEM", line=1, name="x")),
            excluded("d", rule="several_match", reason="Two contacts match.", remedy="Choose one."),
        ],
    )
    assert ids(await take(database)) == []
    async with database.tenant(TENANT) as tx:
        assert await resume(tx, TENANT, CONNECTION + 1) == 0
        assert await resume(tx, TENANT, CONNECTION) == 1
    assert ids(await take(database)) == ["a"]
    async with database.tenant(TENANT) as tx:
        assert await retry(tx, TENANT, reason_code="NO_LINES") == 1
    assert ids(await take(database)) == ["b"]
    async with database.tenant(TENANT) as tx:
        assert await retry(tx, TENANT, kind=KIND, connection_id=CONNECTION, subject_id="d") == 1
    lot = await take(database)
    assert lot.priority == Priority.PERSON
    assert ids(lot) == ["d"]


async def test_a_mark_of_a_row_that_is_being_removed_makes_it_anew(database: Database) -> None:
    await put(database, made("a"))
    lot = await take(database)
    async with database.tenant(TENANT) as tx:
        await settle(tx, lot, [gone("a")])
        marking = asyncio.create_task(put(database, made("a")))
        await someone_waits(database)
    assert await marking == 1
    assert ids(await take(database)) == ["a"]


async def test_derived_subjects_are_marked_with_what_settles(database: Database) -> None:
    async with database.tenant(TENANT) as tx:
        assert await mark(tx, derived("deal-properties", TENANT, ["1", "2", "1"])) == 2


async def test_a_tenant_marks_only_its_own_rows(database: Database) -> None:
    await put(database, Mark(TENANT + 1, CONNECTION, KIND, "theirs", quickbooks_id="5", make=True))
    async with database.tenant(TENANT) as tx:
        assert await mark(tx, [Mark(TENANT + 1, CONNECTION, KIND, quickbooks_id="5")]) == 0
    with pytest.raises(Exception, match="row-level security"):
        async with database.tenant(TENANT) as tx:
            await mark(tx, [Mark(TENANT + 1, CONNECTION, KIND, "new", make=True)])


async def test_a_second_is_counted_to_its_end_in_any_zone(database: Database) -> None:
    await settled(database, "a", seen_quickbooks=at("10:00:05.5"))
    told = at("10:00:05").astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert await put(database, Mark(TENANT, CONNECTION, KIND, quickbooks_id="Q-a", side="quickbooks", changed_at=told))
