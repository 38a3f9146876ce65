import pytest

from bench.rows import Row
from tests.drills import quiet
from tests.drills.books import Books

pytestmark = [pytest.mark.drill, pytest.mark.timeout(240)]


def hold(rows: list[Row]) -> None:
    assert all(row.holds for row in rows), rows


def test_poison_message_makes_nobody_wait(books: Books) -> None:
    hold(quiet.poison(books))


def test_one_failing_record_of_a_lot_fails_alone(books: Books) -> None:
    hold(quiet.failing_record(books, 6))


def test_lost_doubled_and_disordered_webhooks_end_in_agreement(books: Books) -> None:
    hold(quiet.disorder(books, 8, 40))


def test_sweep_after_a_quiet_hour_reads_no_record(books: Books) -> None:
    hold(quiet.quiet_hour(books))
