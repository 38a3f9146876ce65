"""Refusals in HubSpot's words and shapes (hubspot.md 6)."""

from http import HTTPStatus
from typing import Any

import msgspec

SCOPES_PAGE = "https://developers.hubspot.com/scopes"


class RefusalError(Exception):
    """HubSpot refuses: `status` and the body without its correlationId, which the door adds."""

    def __init__(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        super().__init__(str(body.get("message", "")))
        self.status = status
        self.body = body
        self.headers = headers or {}


def refusal(status: int, category: str | None, message: str, **more: Any) -> RefusalError:
    """A refusal in the general shape."""
    body: dict[str, Any] = {"status": "error", "message": message}
    if category:
        body["category"] = category
    return RefusalError(status, {**body, **more})


def invalid(message: str, **more: Any) -> RefusalError:
    """400 VALIDATION_ERROR."""
    return refusal(HTTPStatus.BAD_REQUEST, "VALIDATION_ERROR", message, **more)


def not_found(message: str = "resource not found") -> RefusalError:
    """404, in the short shape of the documentation."""
    return RefusalError(HTTPStatus.NOT_FOUND, {"status": "error", "message": message, "category": "OBJECT_NOT_FOUND"})


def conflict(message: str, **more: Any) -> RefusalError:
    """409 CONFLICT."""
    return refusal(HTTPStatus.CONFLICT, "CONFLICT", message, **more)


def missing_scopes(wanted: list[str]) -> RefusalError:
    """403 MISSING_SCOPES (hubspot.md 2)."""
    return refusal(
        HTTPStatus.FORBIDDEN,
        "MISSING_SCOPES",
        "This app hasn't been granted all required scopes to make this call. "
        f"Read more about required scopes here: {SCOPES_PAGE}.",
        errors=[
            {
                "message": "One or more of the following scopes are required.",
                "context": {"requiredGranularScopes": wanted},
            }
        ],
        links={"scopes": SCOPES_PAGE},
    )


class Problem(msgspec.Struct, frozen=True):
    """One property value that HubSpot does not take."""

    name: str
    code: str
    message: str

    def as_json(self, portal: int) -> dict[str, Any]:
        """The entry of the JSON text inside the message."""
        return {
            "isValid": False,
            "message": self.message,
            "error": self.code,
            "name": self.name,
            "localizedErrorMessage": self.message,
            "portalId": portal,
        }


def invalid_properties(problems: list[Problem], portal: int) -> RefusalError:
    """400 whose message carries JSON text, and the same as `errors`."""
    text = msgspec.json.encode([problem.as_json(portal) for problem in problems]).decode()
    return invalid(
        f"Property values were not valid: {text}",
        errors=[
            {"message": problem.message, "code": problem.code, "context": {"propertyName": [problem.name]}}
            for problem in problems
        ],
    )
