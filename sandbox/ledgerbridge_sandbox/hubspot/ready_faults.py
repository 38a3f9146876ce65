"""Answers of HubSpot ready to be ordered by name at the control door (hubspot.md 6 and 16).

The words and categories of 423 and 477 are guesses; the codes, and Retry-After of the latter, are documented.
"""

from typing import Any

from ledgerbridge_sandbox.fault_effects import GATEWAY, Ready, page

_TRACE = "0d6a3d6c-7e3f-4f0e-9b1e-5b8a3f6f2c11"


def _error(status: int, message: str, **more: object) -> dict[str, Any]:
    return {"status": status, "body": {"status": "error", "message": message, "correlationId": _TRACE, **more}}


def _limit(message: str, policy: str, **more: object) -> dict[str, Any]:
    told = {"errorType": "RATE_LIMIT", "policyName": policy, **more, "category": "RATE_LIMITS"}
    return _error(429, f"You have reached your {message} limit.", **told)


READY_FAULTS: Ready = {
    **GATEWAY,
    "ten_secondly": _limit(
        "ten_secondly_rolling",
        "TEN_SECONDLY_ROLLING",
        groupName="publicapi:private_app-api-calls-ten-secondly:sandbox",
    ),
    "secondly": _limit("secondly", "SECONDLY"),
    "daily": _limit("daily", "DAILY"),
    "locked": _error(423, "The records are locked by other changes. Try again in 2 seconds.", category="LOCKED"),
    "moving": {
        **_error(477, "The account is being moved to another data center.", category="MIGRATION"),
        "headers": {"Retry-After": "60"},
    },
    "expired_token": _error(
        401, "The OAuth token used to make this call expired 12 second(s) ago.", category="EXPIRED_AUTHENTICATION"
    ),
    "internal_error": _error(500, "internal error"),
    "web_server_down": page(521, "Web server is down"),
    "connection_timed_out": page(522, "Connection timed out"),
    "unreachable": page(523, "Origin is unreachable"),
    "no_answer_in_time": page(524, "A timeout occurred"),
    "handshake_failed": page(525, "SSL handshake failed"),
    "invalid_certificate": page(526, "Invalid SSL certificate"),
    "page_under_200": page(200, "We will be right back"),
    "gateway_timeout_after_the_work": {**page(504, "Gateway Time-out"), "lose_answer": True},
}
