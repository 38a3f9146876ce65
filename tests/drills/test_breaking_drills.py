import pytest

from bench.rows import Row
from tests.drills import breaking
from tests.drills.books import Books

pytestmark = [pytest.mark.drill, pytest.mark.timeout(300)]


def hold(rows: list[Row]) -> None:
    assert all(row.holds is not False for row in rows), rows


def test_killed_processes_lose_and_double_nothing(books: Books) -> None:
    hold(breaking.kills(books, 3))


@pytest.mark.parametrize("name", ["postgres", "kafka"])
def test_server_away_for_a_while_costs_nothing(books: Books, name: str) -> None:
    hold(breaking.away(books, name, 5))


def test_wiped_broker_is_rebuilt_by_one_command(books: Books) -> None:
    hold(breaking.wiped(books))
