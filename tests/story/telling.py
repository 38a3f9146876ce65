"""How the story looks in a terminal: plain, aligned, one scene after the other."""

import sys
from collections.abc import Mapping

INDENT = "     "
LABEL = 10


class Telling:
    """Prints, and counts the checks."""

    def __init__(self) -> None:
        """Nothing was told yet."""
        self.scenes = 0
        self.held = 0
        self.failed: list[str] = []
        self._title = ""

    def line(self, text: str = "") -> None:
        """A line as it is."""
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    def progress(self, text: str) -> None:
        """A line of the preparations."""
        self.line(f"  {text}")

    def scene(self, title: str, what: str) -> None:
        """The headline of the next scene, and what happens in it."""
        self.scenes += 1
        self._title = title
        self.line()
        self.line(f"{self.scenes:>3}. {title}")
        self.line(f"{INDENT}{what}")

    def fact(self, label: str, text: str) -> None:
        """What was done or is held."""
        self.line(f"{INDENT}{label:<{LABEL}} {text}")

    def fields(self, label: str, values: Mapping[str, object]) -> None:
        """Named values in columns."""
        self.fact(label, "   ".join(f"{name} {value}" for name, value in values.items()))

    def check(self, sentence: str, *, holds: bool) -> None:
        """One check."""
        self.fact("ok" if holds else "FAILED", sentence)
        if holds:
            self.held += 1
        else:
            self.failed.append(f"{self._title}: {sentence}")

    def end(self) -> None:
        """What came of it all."""
        self.line()
        if self.failed:
            self.line(f"{len(self.failed)} of {self.held + len(self.failed)} checks failed:")
            for sentence in self.failed:
                self.line(f"  - {sentence}")
        else:
            self.line(f"All {self.held} checks of {self.scenes} scenes held.")
