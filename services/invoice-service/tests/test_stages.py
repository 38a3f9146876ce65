"""The stage over its whole input space, against an oracle written as a table; days across zones and clock changes."""

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from invoice_service.invoices.stages import Stage, overdue_from, standing

TODAY = date(2026, 11, 23)
ANY = "*"

# Each row: deleted, voided, amounts, due, handed over -> stage. The first row that fits is the answer.
ORACLE = [
    ("yes", ANY, ANY, ANY, ANY, "deleted"),
    ("no", "yes", ANY, ANY, ANY, "voided"),
    ("no", "no", "nothing billed", ANY, ANY, "paid_in_full"),
    ("no", "no", "settled", ANY, ANY, "paid_in_full"),
    ("no", "no", "overpaid", ANY, ANY, "paid_in_full"),
    ("no", "no", "open", "past", ANY, "overdue"),
    ("no", "no", "partly", "past", ANY, "overdue"),
    ("no", "no", "partly", "today", ANY, "partial_payment"),
    ("no", "no", "partly", "future", ANY, "partial_payment"),
    ("no", "no", "partly", "none", ANY, "partial_payment"),
    ("no", "no", "open", "today", "yes", "sent_to_customer"),
    ("no", "no", "open", "future", "yes", "sent_to_customer"),
    ("no", "no", "open", "none", "yes", "sent_to_customer"),
    ("no", "no", "open", "today", "no", "waiting_to_be_sent"),
    ("no", "no", "open", "future", "no", "waiting_to_be_sent"),
    ("no", "no", "open", "none", "no", "waiting_to_be_sent"),
]
# What time alone can still change: only these, and only with a due date.
BECOMES_OVERDUE = {"waiting_to_be_sent", "sent_to_customer", "partial_payment"}

AMOUNTS = {
    "nothing billed": ("0", "0"),
    "settled": ("120.00", "0"),
    "overpaid": ("120.00", "-0.01"),
    "open": ("120.00", "120.00"),
    "partly": ("120.00", "0.01"),
}
DUES = {"past": TODAY - timedelta(1), "today": TODAY, "future": TODAY + timedelta(40), "none": None}
YES_NO = ("yes", "no")


@dataclass
class Facts:
    deleted: bool
    voided: bool
    total: Decimal
    balance: Decimal
    due_date: date | None


def oracle(*case: str) -> str:
    return next(
        row[-1] for row in ORACLE if all(ANY in (rule, case[i]) or rule == case[i] for i, rule in enumerate(row[:-1]))
    )


@pytest.mark.statement("S-41", "rule")
@pytest.mark.statement("S-46", "rule")
@pytest.mark.statement("B-10", "rule")
@pytest.mark.parametrize("case", list(itertools.product(YES_NO, YES_NO, AMOUNTS, DUES, YES_NO)), ids="-".join)
def test_the_stage_is_what_the_table_says(case: tuple[str, ...]) -> None:
    deleted, voided, amounts, due, sent = case
    total, balance = map(Decimal, AMOUNTS[amounts])
    facts = Facts(deleted == "yes", voided == "yes", total, balance, DUES[due])

    found = standing(facts, handed_over=sent == "yes", today=TODAY, zone="America/Los_Angeles")

    assert found.stage == oracle(*case)
    assert (found.changes_at is not None) == (oracle(*case) in BECOMES_OVERDUE and due != "none")


@pytest.mark.statement("S-42", "rule")
@pytest.mark.statement("S-43", "rule")
@pytest.mark.statement("S-44", "rule")
def test_every_stage_is_reached_by_the_table() -> None:
    assert {row[-1] for row in ORACLE} == set(Stage)


ZONES = sorted(zone for zone in available_timezones() if zone not in ("localtime", "Factory"))


@pytest.mark.statement("S-46", "rule")
@given(zone=st.sampled_from(ZONES), due=st.dates(date(2000, 1, 1), date(2036, 12, 31)))
@example(zone="America/Los_Angeles", due=date(2026, 3, 7))  # the next day has 23 hours
@example(zone="America/Los_Angeles", due=date(2026, 10, 31))  # the next day has 25 hours
@example(zone="Asia/Beirut", due=date(2026, 3, 28))  # the next day has no midnight
@example(zone="America/Havana", due=date(2026, 10, 31))  # the next day has two midnights
@example(zone="Pacific/Kiritimati", due=date(2026, 12, 31))  # 14 hours ahead of UTC
@example(zone="Pacific/Apia", due=date(2011, 12, 29))  # the next day did not exist
def test_overdue_begins_with_the_first_instant_of_the_next_day(zone: str, due: date) -> None:
    begins = overdue_from(due, zone)

    assert begins is not None
    assert begins.tzinfo is UTC
    local = ZoneInfo(zone)
    assert begins.astimezone(local).date() > due
    assert (begins - timedelta(microseconds=1)).astimezone(local).date() <= due


def test_the_stage_turns_exactly_when_it_said_it_would() -> None:
    facts = Facts(False, False, Decimal(5), Decimal(5), date(2026, 11, 23))
    zone = "Pacific/Auckland"
    before = standing(facts, handed_over=True, today=date(2026, 11, 23), zone=zone)
    assert before.changes_at == datetime(2026, 11, 23, 11, 0, tzinfo=UTC)

    day = before.changes_at.astimezone(ZoneInfo(zone)).date()
    after = standing(facts, handed_over=True, today=day, zone=zone)
    assert (after.stage, after.changes_at) == (Stage.OVERDUE, None)


def test_the_last_day_of_the_calendar_never_ends() -> None:
    assert overdue_from(date.max, "Pacific/Kiritimati") is None
