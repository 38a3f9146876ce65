"""HubSpot's request signatures as the sender computes them (hubspot.md 10)."""

import base64
import hashlib
import hmac

_DECODED = {f"%{ord(mark):02X}": mark for mark in ":/?@!$'()*,;"}


def v1(secret: str, body: bytes) -> str:
    """Hex SHA-256 of secret and body: webhooks."""
    return hashlib.sha256(secret.encode() + body).hexdigest()


def v2(secret: str, method: str, uri: str, body: bytes) -> str:
    """Hex SHA-256 of secret, method, URI and body: workflow actions, cards, hubspot.fetch."""
    return hashlib.sha256(f"{secret}{method}{uri}".encode() + body).hexdigest()


def v3(secret: str, method: str, uri: str, body: bytes, timestamp: int) -> str:
    """Base64 HMAC-SHA256 of method, URI, body and timestamp (milliseconds)."""
    signed = f"{method}{_decoded(uri)}".encode() + body + str(timestamp).encode()
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


def _decoded(uri: str) -> str:
    """Only twelve escapes are decoded in the signed URI."""
    for escape, mark in _DECODED.items():
        uri = uri.replace(escape, mark).replace(escape.lower(), mark)
    return uri
