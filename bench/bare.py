"""What every bare ASGI door of the benchmarks does: read the body, check QuickBooks' signature."""

import hashlib
import hmac
from base64 import b64decode
from typing import Any


async def body_of(receive: Any) -> bytes:
    """The whole body."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


def signed(scope: dict[str, Any], body: bytes, verifier: bytes) -> bool:
    """Whether the body carries the signature."""
    signature = dict(scope["headers"]).get(b"intuit-signature", b"")
    return hmac.compare_digest(hmac.digest(verifier, body, hashlib.sha256), b64decode(signature))
