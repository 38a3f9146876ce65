"""What stands behind the public door: signatures, receipts, callbacks, replays."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from fastapi import Request
from ledgerbridge.accounts.consents import Consents
from ledgerbridge.accounts.registry import Accounts
from ledgerbridge.service import trace_context
from ledgerbridge.service.clocks import BusinessClock
from ledgerbridge.storage import Database
from ledgerbridge.vendors.hubspot import signatures as hubspot_signatures
from ledgerbridge.vendors.quickbooks import signatures as quickbooks_signatures
from pydantic import SecretStr

from webhook_gateway import replay
from webhook_gateway.arrays import ReadArray
from webhook_gateway.deliveries import Receipt
from webhook_gateway.group_commit import GroupCommit
from webhook_gateway.settings import Settings

Vendor = Literal["hubspot", "quickbooks"]


@dataclass(frozen=True)
class Door:
    """The gateway's state, as its endpoints need it."""

    settings: Settings
    database: Database
    accounts: Accounts
    consents: Consents
    clock: BusinessClock
    receipts: GroupCommit[Receipt]

    def signed(self, vendor: Vendor, request: Request, body: bytes) -> bool:
        """Whether the raw bytes carry the vendor's signature, made with one of our secrets."""
        if vendor == "quickbooks":
            signature = request.headers.get("intuit-signature", "")
            verifiers = _secrets(self.settings.quickbooks_verifier)
            return quickbooks_signatures.verify(verifiers, body=body, signature=signature)
        return self._signed_by_hubspot(request, body, _secrets(self.settings.hubspot_app_secret))

    def _signed_by_hubspot(self, request: Request, body: bytes, secrets: list[str]) -> bool:
        """By v3 where HubSpot sent one; v1 alone comes from old apps and knows no time."""
        headers = request.headers
        signature = headers.get("x-hubspot-signature-v3")
        if signature is None:
            return headers.get("x-hubspot-signature-version", "v1") == "v1" and hubspot_signatures.verify_v1(
                secrets, body=body, signature=headers.get("x-hubspot-signature", "")
            )
        # The signed address is the public one: what a proxy or a forged Host header says takes no part.
        query = f"?{request.url.query}" if request.url.query else ""
        return hubspot_signatures.verify_v3(
            secrets,
            method=request.method,
            uri=f"{self.settings.public_base.rstrip('/')}{request.url.path}{query}",
            body=body,
            timestamp=headers.get("x-hubspot-request-timestamp", ""),
            signature=signature,
            now=self.clock.now(),
        )

    async def store(self, vendor: Vendor, body: bytes, array: ReadArray) -> None:
        """Return when the delivery is on disk."""
        await self.receipts.submit(Receipt(vendor, body, self.clock.now(), array, trace_context.current()))

    async def keep_callback(
        self, vendor: Vendor, state: str, code: str | None, realm: str | None, error: str | None
    ) -> bool:
        """Keep what a consent page sent back; False for a state that is unknown, used or expired."""
        return await self.consents.deliver(vendor, state, code=code, realm=realm, error=error)

    async def replay(self, tenant_id: int, since: datetime, until: datetime) -> replay.Replayed:
        """Tell again what a tenant was told in a window."""
        return await replay.replay(self.database, self.accounts, self.clock, tenant_id, since, until)


def _secrets(setting: SecretStr | None) -> list[str]:
    """The secrets of a setting; two are valid while one replaces the other."""
    return [] if setting is None else [part.strip() for part in setting.get_secret_value().split(",") if part.strip()]
