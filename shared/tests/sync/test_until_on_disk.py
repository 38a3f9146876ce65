"""A commit that did not wait for the disk is there after `until_on_disk`."""

from ledgerbridge.storage import Database
from ledgerbridge.sync.marks import Mark, mark


async def test_what_was_marked_without_waiting_is_on_disk_afterwards(database: Database) -> None:
    one = Mark(1, 1, "invoice", "1", make=True)
    assert await mark(database.each, [one], wait_for_disk=False) == 1
    written = await database.each.fetchval("select pg_current_wal_insert_lsn()")
    await database.until_on_disk()
    assert await database.each.fetchval("select pg_current_wal_flush_lsn() >= $1::pg_lsn", written)
