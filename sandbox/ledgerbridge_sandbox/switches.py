"""Named settings of a vendor that can be turned at run time through the control door."""

from collections.abc import Callable
from typing import Any

_MOST = 10**9


class UnknownSwitchError(Exception):
    """A switch that does not exist, or a value of another kind than its default; the message says which."""


class Switches:
    """Settings with declared defaults; the vendor declares them, the control door shows and turns them."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}
        self._defaults: dict[str, Any] = {}
        self._checks: dict[str, Callable[[Any], None]] = {}

    def declare(self, **defaults: Any) -> None:
        """Name settings and their values at the start."""
        self._defaults.update(defaults)
        self._values.update(defaults)

    def check(self, name: str, check: Callable[[Any], None]) -> None:
        """Have every new value of a setting checked; `check` raises UnknownSwitchError."""
        self._checks[name] = check

    def restore(self) -> None:
        """Put every setting back to its value at the start."""
        self._values = dict(self._defaults)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def shown(self) -> dict[str, Any]:
        """All settings with their present values."""
        return dict(self._values)

    def turn(self, changes: dict[str, Any]) -> None:
        """Change settings; raises UnknownSwitchError and then changes none."""
        for name, value in changes.items():
            if name not in self._values:
                raise UnknownSwitchError(f"There is no setting {name}; there are {', '.join(sorted(self._values))}")
            present = self._values[name]
            same_kind = isinstance(value, bool) == isinstance(present, bool)
            numbers = isinstance(value, int | float) and isinstance(present, int | float)
            if not same_kind or not (numbers or isinstance(value, type(present))):
                raise UnknownSwitchError(f"{name} wants a value like {present!r}")
            if numbers and not 0 <= value <= _MOST:
                raise UnknownSwitchError(f"{name} wants a number from 0 to {_MOST}")
            if name in self._checks:
                self._checks[name](value)
        self._values.update(changes)
