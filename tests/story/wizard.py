"""The wizard's HTTP door, walked as a salesperson does: company, source, customer, lines, terms, review, create."""

from collections.abc import Mapping
from typing import Any

from tests.house.services import Answered, ServiceHands


class RefusedError(Exception):
    """The service said no; the text is its own sentence."""


class Wizard:
    """One draft."""

    def __init__(self, service: ServiceHands, deal: str) -> None:
        """Start the draft of a deal."""
        self._service = service
        self.draft: dict[str, Any] = _good(service.ask("POST", "/drafts", {"deal_id": deal}))
        self._path = f"/drafts/{self.draft['draft_id']}"

    def put(self, step: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Do one step: connection, source, buyer, lines or terms."""
        self.draft = _good(self._service.ask("PUT", f"{self._path}/{step}", dict(given)))
        return self.draft

    def get(self, what: str) -> dict[str, Any]:
        """quotes, buyers or review."""
        found: dict[str, Any] = _good(self._service.ask("GET", f"{self._path}/{what}"))
        return found

    def create(self) -> Answered:
        """Create the invoice; 201 with it, 202 while it is not yet known."""
        answer = self._service.ask("POST", f"{self._path}/create", {})
        _good(answer)
        return answer

    @property
    def problems(self) -> str:
        """What is still wrong with the draft, in the service's own words."""
        return "; ".join(problem["sentence"] for problem in self.draft["problems"])


def _good(answer: Answered) -> Any:
    if answer.status >= 300:
        told = answer.data if isinstance(answer.data, dict) else {}
        raise RefusedError(f"{answer.status} {told.get('sentence', answer.data)}")
    return answer.data
