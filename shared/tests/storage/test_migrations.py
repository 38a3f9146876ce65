import asyncio

import asyncpg
import pytest
from ledgerbridge.storage import MigrationRefusedError
from ledgerbridge.storage.migrations import migrate_shared
from ledgerbridge.testing.service_databases import ServiceDatabase, service_database


async def prefix_of(house: ServiceDatabase, statement: str = "select 1") -> str:
    connection = await asyncpg.connect(house.admin_dsn)
    await connection.execute(statement)
    prefix = await connection.fetchval("select role_prefix from shared.installation")
    await connection.close()
    return str(prefix)


async def test_what_is_applied_is_not_applied_again_even_by_several_at_once(postgres_server: str) -> None:
    async with service_database(postgres_server, "probe", ()) as house:
        prefix = await prefix_of(house)
        applied = await asyncio.gather(*(migrate_shared(house.admin_dsn, prefix=prefix) for _ in range(3)))
        assert applied == [[], [], []]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("update shared.migrations set checksum = 'x' where number = 2", "0002_accounts.sql was edited"),
        ("insert into shared.migrations values ('storage', 9999, '9999_later.sql', 'x')", "not part of this version"),
    ],
)
async def test_an_edited_or_unknown_migration_is_refused(postgres_server: str, change: str, words: str) -> None:
    async with service_database(postgres_server, "probe", ()) as house:
        prefix = await prefix_of(house, change)
        with pytest.raises(MigrationRefusedError, match=words):
            await migrate_shared(house.admin_dsn, prefix=prefix)
