"""Turns of companies, with a passed clock."""

from ledgerbridge.sync.claims import DueCompany
from ledgerbridge.sync.pacing import Pacing
from ledgerbridge.sync.records import Company, Priority

A, B, C = (Company(1, number) for number in (1, 2, 3))


def due(*companies: Company, priority: Priority = Priority.LIVE) -> list[DueCompany]:
    return [DueCompany(company, priority) for company in companies]


def paced(rounds: int = 8, rounds_of_company: int = 2) -> Pacing:
    return Pacing(gap_seconds=0.12, rounds=rounds, rounds_of_company=rounds_of_company)


def test_an_idle_company_starts_at_once_and_then_a_gap_apart() -> None:
    pacing = paced()
    assert pacing.turns(due(A), 100.0).now == [A]
    pacing.start(A, 100.0)
    pacing.end(A)
    turns = pacing.turns(due(A), 100.05)
    assert turns.now == []
    assert turns.next_in is not None
    assert abs(turns.next_in - 0.07) < 1e-9
    assert pacing.turns(due(A), 100.13).now == [A]
    # Another company does not wait for it.
    assert pacing.turns(due(A, B), 100.05).now == [B]


def test_a_busy_company_leaves_room_and_who_waited_longest_is_next() -> None:
    pacing = paced(rounds=2, rounds_of_company=1)
    pacing.start(A, 100.0)
    assert pacing.turns(due(A, B, C), 101.0).now == [B]
    pacing.start(B, 101.0)
    assert pacing.turns(due(A, B, C), 102.0).now == []
    pacing.end(A)
    pacing.end(B)
    pacing.start(C, 102.0)
    assert pacing.turns(due(A, B, C), 103.0).now == [A]


def test_every_company_gets_its_turn_beside_a_flood() -> None:
    pacing = paced(rounds=1)
    served: list[Company] = []
    for turn in range(9):
        now = 100.0 + turn
        (company,) = pacing.turns(due(A, B, C), now).now
        pacing.start(company, now)
        pacing.end(company)
        served.append(company)
    assert served == [A, B, C] * 3


def test_a_person_goes_before_live_work_and_that_before_a_backfill() -> None:
    pacing = paced(rounds=2)
    waiting = due(A, priority=Priority.BACKFILL) + due(B) + due(C, priority=Priority.PERSON)
    assert pacing.turns(waiting, 100.0).now == [C, B]


def test_what_was_long_ago_is_forgotten() -> None:
    pacing = paced()
    for number in range(1000):
        company = Company(1, number)
        pacing.start(company, float(number))
        pacing.end(company)
    pacing.turns([], 1e6)
    assert not pacing._started
    assert pacing.running == 0
