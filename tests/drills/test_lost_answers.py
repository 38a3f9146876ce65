import pytest

from bench.rows import Row
from tests.drills import answers
from tests.drills.books import Books

pytestmark = [pytest.mark.drill, pytest.mark.timeout(240)]


def hold(rows: list[Row]) -> None:
    assert all(row.holds is not False for row in rows), rows


def test_lost_answers_make_no_invoice_twice(books: Books) -> None:
    hold(answers.lost_answers(books, 20))


def test_red_control_without_request_ids_there_are_duplicates(books: Books) -> None:
    hold(answers.without_request_ids(books, 3))


def test_lost_answer_to_a_send_sends_nothing_twice(books: Books) -> None:
    hold(answers.sent_again(books, 3))
