"""The part of a vendor's interface that a call belongs to: kinds of records, or what else the first steps name."""

import re

_VERSION = re.compile(r"v\d|20\d\d-\d\d")
_KINDS = {"0-1": "contacts", "0-2": "companies", "0-3": "deals", "contact": "contacts", "deal": "deals"}
_QUICKBOOKS_ROOT = ["v3", "company"]


def area(path: str) -> str:
    """Such as `contacts`, `associations`, `currencies` of HubSpot, or `invoice`, `query`, `oauth` of QuickBooks."""
    steps = [step for step in path.split("/") if step]
    if steps[:2] == _QUICKBOOKS_ROOT:
        return steps[3] if len(steps) > 3 else "company"
    names = [step for step in steps if not _VERSION.fullmatch(step)]
    match names:
        case ["crm", "objects", _, _, "associations", *_]:
            return "associations"
        case ["crm", "objects", kind, *_]:
            return _KINDS.get(kind, kind)
        case ["crm" | "settings", name, *_]:
            return name
        case ["oauth2" | "oauth" | "connect" | "op" | "openid_connect" | ".well-known", *_]:
            return "oauth"
    return names[0] if names else "nothing"
