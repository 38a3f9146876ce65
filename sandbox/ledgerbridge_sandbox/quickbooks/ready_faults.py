"""Answers of QuickBooks that no call of its own brings about, ready to be ordered by name at the control door.

The bodies of wrong_cluster and system_failure are recorded, those of the gateway's pages are a guess: only that they
are HTML is known (quickbooks.md 2 and 13).
"""

from collections.abc import Mapping
from typing import Any

_XML = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><IntuitResponse '
    'xmlns="http://schema.intuit.com/finance/v3" time="2026-11-23T02:00:00.000-08:00"><Fault type="{kind}">'
    '<Error code="{code}"><Message>{message}</Message><Detail>{detail}</Detail></Error></Fault></IntuitResponse>'
)
_PAGE = "<html>\n<head><title>{words}</title></head>\n<body>\n<center><h1>{words}</h1></center>\n</body>\n</html>\n"


def _xml(status: int, kind: str, code: str, message: str, detail: str) -> dict[str, Any]:
    body = _XML.format(kind=kind, code=code, message=message, detail=detail)
    return {"status": status, "content_type": "application/xml", "body": body}


def _page(status: int, words: str) -> dict[str, Any]:
    return {"status": status, "content_type": "text/html", "body": _PAGE.format(words=f"{status} {words}")}


READY_FAULTS: Mapping[str, Mapping[str, Any]] = {
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
    "bad_gateway": _page(502, "Bad Gateway"),
    "unavailable": _page(503, "Service Temporarily Unavailable"),
    # Requests are cut at 120 s; whether their work is done nobody tells. Here it is.
    "cut_at_120_seconds": {**_page(504, "Gateway Time-out"), "lose_answer": True},
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
