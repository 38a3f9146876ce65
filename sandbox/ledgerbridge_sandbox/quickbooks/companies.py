"""QuickBooks's state."""

from typing import Any


class QuickBooks:
    """QuickBooks as a whole."""

    def snapshot(self) -> object:
        """The whole state."""
        return None

    def restore(self, state: Any) -> None:
        """Take an earlier state."""
