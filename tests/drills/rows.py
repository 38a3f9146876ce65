"""What a drill says: rows with a goal, printed and kept in `build/drills.json`; and how hard it tries."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).parents[2] / "build" / "drills.json"


@dataclass(frozen=True)
class Row:
    """One finding."""

    name: str
    value: str
    goal: str
    holds: bool


@dataclass(frozen=True)
class Scale:
    """How much of everything. `seed` makes what is random repeatable."""

    short: bool
    seed: int
    kills: int
    lost_answers: int
    away_seconds: float
    paused_seconds: float
    """Longer than a consumer group's session; in full also longer than an idle transaction may last."""
    healthy: int
    """Messages beside each poison one."""
    changes: int
    """Changes whose webhooks are lost, doubled and shuffled."""


def short_scale(seed: int) -> Scale:
    """A short round, for `make test`."""
    return Scale(
        short=True, seed=seed, kills=4, lost_answers=15, away_seconds=4, paused_seconds=20, healthy=99, changes=60
    )


def full_scale(seed: int) -> Scale:
    """What the figures ask for."""
    return Scale(
        short=False, seed=seed, kills=30, lost_answers=300, away_seconds=30, paused_seconds=75, healthy=99, changes=600
    )


def none_of(name: str, found: Sequence[object], of: str = "") -> Row:
    """A row that holds where nothing was found; it shows the first findings."""
    shown = ", ".join(str(one) for one in found[:5])
    value = f"{len(found)}{f' of {of}' if of else ''}{f': {shown}' if found else ''}"
    return Row(name, value, "0", not found)


def show(rows: Sequence[Row]) -> None:
    """Print rows for a person."""
    for row in rows:
        verdict = "holds" if row.holds else "FALLS SHORT"
        print(f"  {row.name}\n      {row.value}   goal {row.goal}: {verdict}", flush=True)


def keep(rows: Sequence[Row], *, path: Path = RESULTS) -> None:
    """Write rows into the file of results, in place of older ones of the same name."""
    path.parent.mkdir(exist_ok=True)
    found = {row["name"]: row for row in (json.loads(path.read_text()) if path.exists() else [])}
    found.update({row.name: asdict(row) for row in rows})
    path.write_text(json.dumps(list(found.values()), indent=1, ensure_ascii=False) + "\n")
