"""What the storage behind a temporary address answers: the file, or its refusal in XML."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl

from ledgerbridge_sandbox.quickbooks.calls import Answer
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.file_addresses import PREFIX, is_open

_DENIED = b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
_UNTYPED = "application/octet-stream"
_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(; ?[\w.+=\"-]+)*", re.ASCII)
"""What may stand in a header; an application can write anything into ContentType."""


def answer_download(companies: Mapping[str, Company], path: str, query: str) -> Answer:
    """The file for as long as its address lives; 403 after that, and for an address that nobody gave."""
    realm, _, rest = path.removeprefix(PREFIX).partition("/")
    identifier = rest.partition("/")[0]
    given = dict(parse_qsl(query))
    company = companies.get(realm)
    content = company.files.get(identifier) if company else None
    if company is None or content is None or not _may(company, identifier, given):
        return Answer(HTTPStatus.FORBIDDEN, _DENIED, "application/xml")
    found = company.get("Attachable", identifier) or {}
    told = str(found.get("ContentType") or "")
    return Answer(HTTPStatus.OK, content, told if _TYPE.fullmatch(told) else _UNTYPED)


def _may(company: Company, identifier: str, given: Mapping[str, str]) -> bool:
    return is_open(company, identifier, given.get("X-Amz-Date", ""), given.get("X-Amz-Signature", ""))
