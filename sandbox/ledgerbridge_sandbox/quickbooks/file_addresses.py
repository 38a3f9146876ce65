"""Addresses under which a file can be fetched for a quarter of an hour without a token, as from Intuit's storage.

Each answer carries an address of its own, signed and dated when it leaves. It begins as the caller reached the sandbox:
by the host of the request, which need not be the one that the sandbox binds. So objects are kept with a placeholder.
"""

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import msgspec

from ledgerbridge_sandbox.quickbooks.company import Company

PREFIX = "/files/"
LIFE = timedelta(minutes=15)
_DATE = "%Y%m%dT%H%M%SZ"
_PLACEHOLDER = "sandbox-file:"
_MARK = _PLACEHOLDER.encode()
# Within a JSON text the quotation marks would be escaped, so that no caller can write this.
_IN_BODY = re.compile(rb'"((?:Thumbnail)?TempDownloadUri)":"sandbox-file:(\d+)"')
_SECRET = b"sandbox-files"


def placeholder(identifier: str) -> str:
    """What stands for the address while the object is kept."""
    return _PLACEHOLDER + identifier


def temporary_address(company: Company, origin: str, identifier: str) -> str:
    """The address of an attachment's file; `origin` is scheme and host as the caller knows them."""
    name = quote(str((company.get("Attachable", identifier) or {}).get("FileName") or "file"), safe="")
    date = company.now().astimezone(UTC).strftime(_DATE)
    seconds = int(LIFE.total_seconds())
    signature = _signature(company.realm, identifier, date)
    return (
        f"{origin}{PREFIX}{company.realm}/{identifier}/{name}"
        f"?X-Amz-Date={date}&X-Amz-Expires={seconds}&X-Amz-Signature={signature}"
    )


def with_addresses(company: Company, origin: str, body: bytes) -> bytes:
    """The answer with an address in the place of each placeholder."""
    if _MARK not in body:
        return body

    def addressed(found: re.Match[bytes]) -> bytes:
        address = temporary_address(company, origin, found[2].decode())
        return b'"%s":%s' % (found[1], msgspec.json.encode(address))

    return _IN_BODY.sub(addressed, body)


def is_open(company: Company, identifier: str, date: str, signature: str) -> bool:
    """Whether that signed address may still be used."""
    if not hmac.compare_digest(_signature(company.realm, identifier, date).encode(), signature.encode()):
        return False
    made = datetime.strptime(date, _DATE).replace(tzinfo=UTC)
    return company.now() < made + LIFE


def _signature(realm: str, identifier: str, date: str) -> str:
    return hmac.new(_SECRET, f"{realm}/{identifier}/{date}".encode(), hashlib.sha256).hexdigest()
