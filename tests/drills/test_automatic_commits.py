import pytest

from tests.drills import consuming

pytestmark = [pytest.mark.drill, pytest.mark.timeout(180)]


async def test_killed_consumer_loses_nothing_and_with_automatic_commits_it_does(
    kafka_server: str, postgres_server: str
) -> None:
    rows = await consuming.both(kafka_server, postgres_server, 3)
    assert all(row.holds for row in rows), rows
