"""The judge is what others recorded: every exchange is done again, and must be answered as it was recorded.

A recording that is not done again says why, in `exchanges/*.toml`: it is of a feature outside the surface, of another
age, or was shortened or made up by hand.
"""

import pytest
from doors import Doors
from likeness import is_free, mutations
from recordings import recordings
from replaying import Replay, Row, replay, table
from reproduction import Scene
from specs_folder import needed

RECORDINGS = "recorded exchanges (QuickBooks)"
LEAST_SHARE = 0.85
TABLE = table()
REPLAYED = [pytest.param(row, id=name) for name, row in TABLE.items() if row.how]
DONE: dict[str, Replay] = {}
"""What this process has done again already."""
pytestmark = needed


def done(doors: Doors, row: Row) -> Replay:
    if row.name not in DONE:
        DONE[row.name] = replay(row, Scene(doors))
    return DONE[row.name]


@pytest.mark.parametrize(("judge", "exchange"), [pytest.param(RECORDINGS, row, id=name) for name, row in TABLE.items()])
def test_exchange(doors: Doors, judge: str, exchange: Row) -> None:
    if exchange.why:
        pytest.xfail(exchange.why)
    found = done(doors, exchange).differences()
    assert not found, "\n".join(str(each) for each in found)


@pytest.mark.parametrize("row", REPLAYED)
def test_what_is_dropped_or_of_another_type_is_noticed(doors: Doors, row: Row) -> None:
    found = done(doors, row)
    spoilt = {
        (path, what): answer
        for path, what, answer in mutations(found.recorded, found.said, row.allowed)
        if not is_free(path, what, row.allowed)
    }
    unnoticed = [f"{path} {what}" for (path, what), answer in spoilt.items() if not found.differences(answer)]
    assert spoilt or isinstance(found.recorded, str | list)
    assert not unnoticed


def test_a_property_that_nobody_recorded_is_noticed(doors: Doors) -> None:
    doors.ask("PUT", "/settings/quickbooks", {"schema_drift": True})
    found = replay(TABLE["minimul/get__id.json#0"], Scene(doors)).differences()
    assert [(each.path, each.what) for each in found] == [("Customer.SandboxUnknownField", "extra")]


def test_every_recording_has_its_row() -> None:
    assert set(recordings()) == set(TABLE)


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in TABLE.items()])
def test_a_row_says_how_or_why_not(row: Row) -> None:
    assert bool(row.how) != bool(row.why)
    assert not row.why or row.why.split(":")[0] in {"outside", "age", "shortened"}


def test_the_share_of_those_in_scope_is_large() -> None:
    within = [row for row in TABLE.values() if not row.outside]
    assert sum(bool(row.how) for row in within) / len(within) >= LEAST_SHARE
