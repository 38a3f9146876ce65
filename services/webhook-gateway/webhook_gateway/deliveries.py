"""One accepted delivery of a vendor."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from webhook_gateway.arrays import ReadArray


@dataclass(frozen=True)
class Receipt:
    """One accepted delivery: what came, when (business time), and what it tells."""

    vendor: Literal["hubspot", "quickbooks"]
    body: bytes
    received_at: datetime
    array: ReadArray
    traceparent: str | None = None
