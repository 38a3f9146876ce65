"""Is a request really from HubSpot? Versions 1 and 3 of its signature, on the raw bytes (hubspot.md 10).

Pure functions: the secrets (two during a rotation) and the moment come from the caller. Whatever is malformed is
refused, never an exception: the door is public.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from datetime import datetime

WINDOW_MILLISECONDS = 5 * 60 * 1000
_DECODED = re.compile("%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.IGNORECASE)
_LONGEST_TIMESTAMP = 16


def verify_v3(
    secrets: Iterable[str], *, method: str, uri: str, body: bytes, timestamp: str, signature: str, now: datetime
) -> bool:
    """Whether one of the secrets made this ``X-HubSpot-Signature-v3``.

    `uri` is the full public address as HubSpot called it (scheme, host and query), `timestamp` the header in epoch
    milliseconds, `now` business time. More than five minutes off, in either direction, is refused.
    """
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _LONGEST_TIMESTAMP):
        return False
    if abs(now.timestamp() * 1000 - int(timestamp)) > WINDOW_MILLISECONDS:
        return False
    return any(_same(signature, sign_v3(secret, method, uri, body, timestamp)) for secret in secrets)


def verify_v1(secrets: Iterable[str], *, body: bytes, signature: str) -> bool:
    """Whether one of the secrets made this ``X-HubSpot-Signature`` of version v1; it knows no time."""
    return any(_same(signature, sign_v1(secret, body)) for secret in secrets)


def sign_v3(secret: str, method: str, uri: str, body: bytes, timestamp: str) -> str:
    """Base64 of HMAC-SHA256(secret, method + decoded URI + body + timestamp)."""
    message = method.upper().encode() + decode_uri(uri).encode("utf-8", "replace") + body + timestamp.encode()
    return base64.b64encode(hmac.digest(secret.encode(), message, hashlib.sha256)).decode()


def sign_v1(secret: str, body: bytes) -> str:
    """Hexadecimal SHA-256 of secret and body."""
    return hashlib.sha256(secret.encode() + body).hexdigest()


def decode_uri(uri: str) -> str:
    """HubSpot's own decoding: twelve escapes become their signs, every other one stays as it is."""
    return _DECODED.sub(lambda found: chr(int(found[0][1:], 16)), uri)


def _same(given: str, right: str) -> bool:
    # compare_digest refuses text beyond ASCII with an exception; bytes it always compares.
    return hmac.compare_digest(given.encode("utf-8", "replace"), right.encode())
