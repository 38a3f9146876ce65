"""A short round of every drill, in one house of their own."""

import importlib
import logging
import os
import random
from collections.abc import Iterator

import pytest

from tests.drills.__main__ import NAMES
from tests.drills.rows import short_scale, show
from tests.drills.standing import DrillHouse, standing_house

pytestmark = [pytest.mark.drill, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def broken_house() -> Iterator[DrillHouse]:
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    with standing_house() as house:
        yield house


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_lost(broken_house: DrillHouse, name: str) -> None:
    seed = int(os.environ.get("LEDGERBRIDGE_DRILL_SEED") or random.randrange(1_000_000))
    rows = importlib.import_module(f"tests.drills.{name}").drill(broken_house, short_scale(seed))
    print(f"Seed {seed}")  # shown where it fails
    show(rows)
    assert [row for row in rows if not row.holds] == []
