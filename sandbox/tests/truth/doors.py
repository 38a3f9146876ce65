"""Where a running sandbox is, and its control door for synchronous judges."""

from dataclasses import dataclass

import httpx

PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Doors:
    """Where a running sandbox is."""

    hubspot: str
    quickbooks: str
    control: str

    def ask(self, method: str, path: str, content: object = None) -> httpx.Response:
        """Call the control door."""
        answer = httpx.request(method, self.control + path, json=content, timeout=PATIENCE_SECONDS)
        answer.raise_for_status()
        return answer
