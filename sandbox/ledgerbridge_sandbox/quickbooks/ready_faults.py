"""Answers of QuickBooks that no call of its own brings about, ready to be ordered by name at the control door.

The bodies of wrong_cluster and system_failure are recorded, those of the gateway's pages are a guess: only that they
are HTML is known (quickbooks.md 2 and 13).
"""

from typing import Any

from ledgerbridge_sandbox.fault_effects import GATEWAY, Ready, page
from ledgerbridge_sandbox.quickbooks.faults import gateway

_XML = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><IntuitResponse '
    'xmlns="http://schema.intuit.com/finance/v3" time="2026-11-23T02:00:00.000-08:00"><Fault type="{kind}">'
    '<Error code="{code}"><Message>{message}</Message><Detail>{detail}</Detail></Error></Fault></IntuitResponse>'
)
_THROTTLED = {
    "Message": "message=ThrottleExceeded; errorCode=003001; statusCode=429",
    "Detail": "The request limit was reached.  Try again later",
    "code": "3001",
}


def _xml(status: int, kind: str, code: str, message: str, detail: str) -> dict[str, Any]:
    body = _XML.format(kind=kind, code=code, message=message, detail=detail)
    return {"status": status, "content_type": "application/xml", "body": body}


def _gateway(status: int, code: str, detail: str | None) -> dict[str, Any]:
    """As the gateway answers; its moment is that of the seed."""
    headers = {"www-authenticate": 'Bearer realm="Intuit", error="invalid_token"'} if code == "3200" else {}
    return {"status": status, "headers": headers, "body": gateway(code, detail, 1_795_428_000_000)}


READY_FAULTS: Ready = {
    **GATEWAY,
    "throttled": {"status": 429, "body": {"Fault": {"Error": [_THROTTLED], "type": "SERVICE"}}},
    "throttled_under_200": {"status": 200, "body": {"Fault": {"Error": [_THROTTLED], "type": "SERVICE"}}},
    "expired_token": _gateway(401, "3200", "Token expired: invalid_token"),
    "disconnected": _gateway(403, "3100", None),
    "wrong_cluster": _xml(
        401,
        "AuthenticationFault",
        "130",
        "Accessing Wrong Cluster",
        "WrongClusterError: -11017-You have accessed the wrong server.  You will now be redirected. , statusCode: 401",
    ),
    "system_failure": _xml(
        500,
        "SystemFault",
        "10000",
        "An application error has occurred while processing your request",
        "System Failure Error: The service is unable to process the request.",
    ),
    # Requests are cut at 120 s; whether their work is done nobody tells. Here it is.
    "cut_at_120_seconds": {**page(504, "Gateway Time-out"), "lose_answer": True},
    "fault_under_200": {
        "status": 200,
        "body": {
            "Fault": {
                "Error": [
                    {
                        "Message": "An application error has occurred while processing your request",
                        "Detail": "System Failure Error: The service is unable to process the request.",
                        "code": "10000",
                        "element": "",
                    }
                ],
                "type": "SystemFault",
            },
            "time": "2026-11-23T02:00:00.000-08:00",
        },
    },
}
