"""Is a webhook really from Intuit? Its signature on the raw bytes (quickbooks.md 11). A pure function."""

import base64
import hashlib
import hmac
from collections.abc import Iterable


def verify(verifiers: Iterable[str], *, body: bytes, signature: str) -> bool:
    """Whether one of the verifier tokens (two during a rotation) made this ``intuit-signature``; never raises."""
    given = signature.encode("utf-8", "replace")
    return any(hmac.compare_digest(given, sign(verifier, body).encode()) for verifier in verifiers)


def sign(verifier: str, body: bytes) -> str:
    """Base64 of HMAC-SHA256(verifier token, raw body)."""
    return base64.b64encode(hmac.digest(verifier.encode(), body, hashlib.sha256)).decode()
