"""Claims and settles: a lease decides who may write, and only what was claimed is settled."""

import asyncio
import json
import uuid
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from ledgerbridge.errors import Paused, Permanent, ReconnectNeeded, Throttled, Transient
from ledgerbridge.storage import Database
from ledgerbridge.sync import claims, health, marks
from ledgerbridge.sync.claims import due_companies, release, settle
from ledgerbridge.sync.marks import Mark
from ledgerbridge.sync.outcomes import excluded, failed, gone, in_sync
from ledgerbridge.sync.records import Company, Priority

from .index import COMPANY, CONNECTION, KIND, TENANT, at, end, ids, made, put, row, someone_waits, take


async def test_a_notice_that_arrives_during_the_work_is_not_lost(database: Database) -> None:
    """The prototype settled what was marked at the end: the notice was swallowed."""
    await put(database, made("a"))
    lot = await take(database)
    await put(database, made("a"))
    assert await end(database, lot) == ["a"]
    found = await row(database, "a")
    assert found is not None
    assert (found["marked"], found["settled"], found["state"]) == (2, 1, "pending")
    assert ids(await take(database)) == ["a"]


async def test_the_echo_of_a_write_that_comes_before_the_write_is_settled_costs_nothing(database: Database) -> None:
    await put(database, made("a"))
    lot = await take(database)
    await put(database, made("a", side="hubspot", verb="touched", changed_at=at("10:00:05.1"), exact=True))
    await end(database, lot, [in_sync("a", seen_hubspot=at("10:00:05.1"))])
    found = await row(database, "a")
    assert found is not None
    assert (found["marked"], found["settled"], found["state"], found["hints"]) == (2, 2, "in_sync", [])


@pytest.mark.parametrize(
    "later",
    [
        {"side": "hubspot", "changed_at": at("10:00:05.2"), "exact": True},
        {"side": "hubspot", "changed_at": at("10:00:05"), "exact": False},
        {"side": "hubspot"},
        {"side": "hubspot", "verb": "merged", "changed_at": at("10:00:04"), "exact": True},
        {"side": "quickbooks", "changed_at": at("10:00:04"), "exact": True},
        {},
    ],
)
async def test_news_during_the_work_that_is_no_echo_is_not_lost(database: Database, later: dict[str, Any]) -> None:
    await put(database, made("a"))
    lot = await take(database)
    await put(database, made("a", side="hubspot", changed_at=at("10:00:05.1"), exact=True), made("a", **later))
    await end(database, lot, [in_sync("a", seen_hubspot=at("10:00:05.1"))])
    assert ids(await take(database)) == ["a"]


async def test_an_echo_beside_other_news_is_no_reason_to_doubt_what_was_written(database: Database) -> None:
    await put(database, made("a"))
    lot = await take(database)
    await put(database, made("a", side="hubspot", verb="touched", changed_at=at("10:00:05.1"), exact=True))
    await put(database, made("a"))
    await end(database, lot, [in_sync("a", seen_hubspot=at("10:00:05.1"))])
    (again,) = (await take(database)).records
    assert again.hints == frozenset()


async def test_a_failed_write_settles_no_echo(database: Database) -> None:
    await put(database, made("a"))
    lot = await take(database)
    await put(database, made("a", side="hubspot", changed_at=at("10:00:05.1"), exact=True))
    await end(database, lot, [excluded("a", rule="r", reason="r", remedy="r")])
    assert ids(await take(database)) == ["a"]


async def test_a_notice_that_commits_while_the_settle_waits_for_it_is_not_lost(database: Database) -> None:
    await put(database, made("a"))
    lot = await take(database)
    async with database.engine() as marking:
        await marking.execute("update records set marked = marked + 1 where subject_id = 'a'")
        settling = asyncio.create_task(end(database, lot))
        await someone_waits(database)
    assert await settling == ["a"]
    found = await row(database, "a")
    assert found is not None
    assert found["state"] == "pending"


async def test_a_row_that_is_worked_on_is_not_claimed_again_by_a_notice(database: Database) -> None:
    await put(database, made("a"))
    await take(database)
    await put(database, made("a", priority=Priority.PERSON))
    assert ids(await take(database)) == []


async def test_who_lost_the_lease_settles_nothing(database: Database) -> None:
    await put(database, made("a"), made("b"))
    late = await take(database, lease_seconds=0)
    now = await take(database)
    assert ids(now) == ["a", "b"]
    assert await end(database, late, [in_sync("a", quickbooks_id="stale"), gone("b")]) == []
    assert await end(database, now, [in_sync("a"), in_sync("b")]) == ["a", "b"]
    assert await end(database, now) == []
    found = await row(database, "a")
    assert found is not None
    assert found["quickbooks_id"] is None
    assert await row(database, "b") is not None


async def test_a_late_worker_whose_lease_nobody_took_still_holds(database: Database) -> None:
    await put(database, made("a"))
    late = await take(database, lease_seconds=0)
    assert await end(database, late) == ["a"]


async def test_two_workers_share_the_queue_without_waiting(database: Database) -> None:
    await put(database, *(made(f"{number:03}") for number in range(100)))
    async with database.engine() as first, database.engine() as second:
        some = await claims.claim(first, KIND, COMPANY, lease=uuid.uuid4(), limit=60, lease_seconds=60)
        others = await claims.claim(second, KIND, COMPANY, lease=uuid.uuid4(), limit=60, lease_seconds=60)
    assert len(some.records) == 60
    assert len(others.records) == 40
    assert not set(ids(some)) & set(ids(others))


async def test_what_an_outcome_says_is_kept(database: Database) -> None:
    await put(database, made("a"))
    told = in_sync(
        "a",
        quickbooks_id="145",
        hubspot_id="501",
        hash_quickbooks=b"q",
        hash_hubspot=b"h",
        seen_quickbooks=at("10:00:00"),
        seen_hubspot=at("11:00:00.123"),
        due_at=at("12:00:00"),
    )
    await end(database, await take(database), [told])
    await put(database, Mark(TENANT, CONNECTION, KIND, quickbooks_id="145"))
    lot = await take(database)
    (record,) = lot.records
    assert (record.quickbooks_id, record.hubspot_id, record.hash_quickbooks, record.hash_hubspot) == (
        "145",
        "501",
        b"q",
        b"h",
    )
    assert (record.seen_quickbooks, record.seen_hubspot) == (at("10:00:00"), at("11:00:00.123"))
    # What an outcome leaves out stays, but the due time is always the last word.
    await end(database, lot, [in_sync("a", seen_quickbooks=at("09:00:00"))])
    found = await row(database, "a")
    assert found is not None
    assert found["hash_quickbooks"] == b"q"
    assert found["seen_quickbooks"] == at("09:00:00")
    assert found["due_at"] is None


@pytest.mark.parametrize(
    ("error", "state", "attempts", "again"),
    [
        (Permanent("NO_LINES"), "failed", 1, None),
        (Transient("VENDOR_UNAVAILABLE", vendor="HubSpot", cause="503"), "failed", 1, (1.5, 2.0)),
        (Throttled("VENDOR_THROTTLED", retry_after=7.5, vendor="HubSpot"), "failed", 1, (7.5, 7.5)),
        (Paused("BUDGET_USED", owner="x", until="tomorrow"), "waiting", 0, (60, 60)),
        (ReconnectNeeded("RECONNECT_NEEDED", vendor="HubSpot", account="1", cause="revoked"), "waiting", 0, (60, 60)),
        (ValueError("secret"), "failed", 1, (1.5, 2.0)),
    ],
)
async def test_each_error_waits_for_what_can_cure_it(
    database: Database, error: Exception, state: str, attempts: int, again: tuple[float, float] | None
) -> None:
    await put(database, made("a"))
    await end(database, await take(database), [failed("a", error)])
    found = await row(database, "a")
    assert found is not None
    assert (found["state"], found["attempts"]) == (state, attempts)
    assert found["failed_since"] is not None
    assert found["reason"]
    assert found["remedy"]
    assert "secret" not in found["reason"]
    if again is None:
        assert found["ready_at"] is None
    else:
        wait = (found["ready_at"] - found["failed_since"]).total_seconds()
        assert again[0] <= wait <= again[1]
    assert ids(await take(database)) == []
    # Health says so; the next success ends it.
    async with database.tenant(TENANT) as tx:
        (condition,) = await health.conditions(tx, TENANT)
    assert (condition.subject_id, condition.state, condition.next_try) == ("a", state, found["ready_at"])
    await put(database, made("a", priority=Priority.PERSON))
    await end(database, await take(database))
    async with database.tenant(TENANT) as tx:
        assert await health.conditions(tx, TENANT) == []
        assert [(count.state, count.records) for count in await health.counts(tx, TENANT)] == [("in_sync", 1)]


def test_back_off_doubles_to_its_bound() -> None:
    waits = [failed("a", ValueError(), attempts=attempts).again_seconds for attempts in (0, 1, 2, 20, 10**6)]
    for wait, bound in zip(waits, (2, 4, 8, 300, 300), strict=True):
        assert wait is not None
        assert 0.75 * bound <= wait <= bound


async def test_health_counts_and_pages(database: Database) -> None:
    await put(database, *(made(f"{number}") for number in range(5)), made("x"), made("y"))
    lot = await take(database)
    await end(
        database,
        lot,
        [
            *(failed(f"{number}", Permanent("NO_LINES")) for number in range(5)),
            excluded("x", rule="filter", reason="The filter.", remedy="Change it."),
        ],
    )
    async with database.tenant(TENANT) as tx:
        counted = {(one.state, one.reason_code): one.records for one in await health.counts(tx, TENANT)}
        assert counted == {("failed", "NO_LINES"): 5, ("excluded", "filter"): 1, ("pending", None): 1}
        page = await health.conditions(tx, TENANT, state="failed", reason_code="NO_LINES", limit=3)
        last = page[-1]
        rest = await health.conditions(
            tx, TENANT, state="failed", after=(last.connection_id, last.kind, last.subject_id), kind=KIND
        )
        assert [one.subject_id for one in page + rest] == list("01234")
        one = await health.condition(tx, TENANT, CONNECTION, KIND, "x")
        assert one is not None
        assert (one.state, one.reason) == ("excluded", "The filter.")
        assert await health.condition(tx, TENANT, CONNECTION, KIND, "unknown") is None


async def test_gone_removes_the_row_unless_it_was_marked_meanwhile(database: Database) -> None:
    await put(database, made("a"), made("b"))
    lot = await take(database)
    await put(database, made("b"))
    assert await end(database, lot, [gone("a"), gone("b")]) == ["a", "b"]
    assert await row(database, "a") is None
    assert ids(await take(database)) == ["b"]


async def test_release_gives_back_without_an_attempt(database: Database) -> None:
    await put(database, made("a"))
    lot = await take(database)
    async with database.engine() as tx:
        await release(tx, KIND, COMPANY, lot.lease)
    again = await take(database)
    assert again.records[0].attempts == 0
    assert await end(database, lot) == []
    assert await end(database, again) == ["a"]


async def test_facts_and_settle_share_a_transaction(database: Database) -> None:
    await put(database, made("a"))
    lot = await take(database)

    async def fails() -> None:
        async with database.tenant(TENANT) as tx:
            assert await settle(tx, lot, [in_sync("a")])
            raise LookupError("facts")

    with pytest.raises(LookupError, match="facts"):
        await fails()
    assert await end(database, lot) == ["a"]


async def test_the_database_itself_refuses_a_pending_row_that_nobody_would_claim(database: Database) -> None:
    await put(database, made("a"))
    for statement in ("update records set ready_at = null", "update records set settled = 1, claimed = 1"):
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.engine() as tx:
                await tx.execute(statement)


async def test_companies_with_due_records_are_found(database: Database) -> None:
    for tenant, connection in ((1, 5), (1, 6), (2, 0), (3, 9)):
        await put(database, *(Mark(tenant, connection, KIND, f"{number}", make=True) for number in range(3)))
    await put(database, Mark(1, 6, KIND, "0", priority=Priority.PERSON), Mark(4, 1, "other", "0", make=True))
    await take(database, company=Company(3, 9))
    async with database.engine() as tx:
        due = [(*one.company, one.priority) for one in await due_companies(tx, KIND)]
    assert due == [(1, 5, 1), (1, 6, 0), (2, 0, 1)]


@pytest_asyncio.fixture(params=["as made", "analyzed"])
async def crowded(request: pytest.FixtureRequest, database: Database, administrator: str) -> Database:
    """100,000 records in sync of ten companies, and of one of them 20,000 that wait for a back-off and 50 due."""
    async with database.engine() as tx:
        await tx.execute(
            """insert into records (tenant_id, connection_id, kind, subject_id, quickbooks_id, hubspot_id, verdict,
                                    marked, claimed, settled)
               select $1, n % 10, 'invoice', n::text, 'Q' || n, 'H' || n, 'in_sync', 1, 1, 1
               from generate_series(1, 100000) n""",
            TENANT,
        )
        await tx.execute(
            """insert into records (tenant_id, connection_id, kind, subject_id, marked, ready_at)
               select $1, 7, 'invoice', 'f' || n, 1, clock_timestamp() + interval '1 hour'
               from generate_series(1, 20000) n""",
            TENANT,
        )
    await put(database, *(made(f"due{number}") for number in range(50)))
    if request.param == "analyzed":
        connection = await asyncpg.connect(administrator)
        await connection.execute("analyze invoice_service.records")
        await connection.close()
    return database


async def test_claims_and_lookups_use_their_indexes(crowded: Database) -> None:
    """Blocks touched, not plans by name: a backlog or a full index must not be walked through."""
    notices = [Mark(TENANT, CONNECTION, KIND, quickbooks_id=f"Q{number}7") for number in range(100)]
    notices += [Mark(TENANT, None, KIND, hubspot_id=f"H{number}7", side="hubspot") for number in range(100)]
    notices += [made(f"{number}7") for number in range(100)]
    columns = list(zip(*notices, strict=True))
    columns[-1] = (None,) * len(notices)
    for statement, arguments, blocks in (
        (claims._DUE_COMPANIES, (KIND,), 100),
        (claims._CLAIM, (KIND, *COMPANY, 500, uuid.uuid4(), 60.0), 1500),
        (marks._MARK_DUE, (KIND, at("10:00:00"), 1000), 100),
        (marks._MARK, (*columns, True), 10000),
    ):
        async with crowded.engine() as tx:
            answer = await tx.fetchval("explain (analyze, buffers, format json) " + statement, *arguments)
        plan = json.loads(answer)[0]["Plan"]
        assert not _scans_the_table(plan), statement
        assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] < blocks, statement


def _scans_the_table(plan: dict[str, Any]) -> bool:
    here = plan["Node Type"] == "Seq Scan" and plan["Relation Name"] == "records"
    return here or any(_scans_the_table(child) for child in plan.get("Plans", ()))
