"""What a benchmark says: rows with a goal, printed and kept in `build/bench.json`."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).parents[1] / "build" / "bench.json"


@dataclass(frozen=True)
class Row:
    """One figure. `holds` is None where it is reported beside another and has no goal of its own."""

    name: str
    value: str
    goal: str = ""
    holds: bool | None = None


@dataclass(frozen=True)
class Compared:
    """Rates (or times) of two things, measured in turns: round by round the machine was the same for both."""

    ours: Sequence[float]
    theirs: Sequence[float]

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios."""
        return statistics.median(self.ratios)

    @property
    def ratios(self) -> list[float]:
        return [ours / theirs for ours, theirs in zip(self.ours, self.theirs, strict=True)]

    def said(self, unit: str) -> str:
        """The ratio, its spread, and both medians."""
        low, high = min(self.ratios), max(self.ratios)
        ours, theirs = statistics.median(self.ours), statistics.median(self.theirs)
        return (
            f"{self.ratio:.2f} ({low:.2f} to {high:.2f} in {len(self.ours)} rounds; "
            f"{ours:,.0f} against {theirs:,.0f} {unit})"
        )


def keep(rows: Sequence[Row], *, path: Path = RESULTS) -> None:
    """Write rows into the file of results, in place of older ones of the same name."""
    path.parent.mkdir(exist_ok=True)
    found = {row["name"]: row for row in (json.loads(path.read_text()) if path.exists() else [])}
    found.update({row.name: asdict(row) for row in rows})
    path.write_text(json.dumps(list(found.values()), indent=1, ensure_ascii=False) + "\n")


def show(rows: Sequence[Row]) -> None:
    """Print rows for a person."""
    for row in rows:
        verdict = {True: "holds", False: "FALLS SHORT", None: ""}[row.holds]
        print(f"  {row.name}\n      {row.value}" + (f"   goal {row.goal}: {verdict}" if row.goal else ""), flush=True)
