"""What stands behind the public door: signatures, receipts, callbacks, replays."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from fastapi import Request
from ledgerbridge.accounts.consents import Consents
from ledgerbridge.accounts.registry import Accounts
from ledgerbridge.service.access import Access
from ledgerbridge.service.clocks import BusinessClock
from ledgerbridge.storage import Database
from ledgerbridge.vendors.hubspot import signatures as hubspot_signatures
from ledgerbridge.vendors.quickbooks import signatures as quickbooks_signatures

from webhook_gateway import replay
from webhook_gateway.arrays import ReadArray
from webhook_gateway.group_commit import GroupCommit
from webhook_gateway.receipts import Receipt
from webhook_gateway.settings import Settings

Vendor = Literal["hubspot", "quickbooks"]


@dataclass(frozen=True)
class Door:
    """The gateway's state, as its endpoints need it."""

    settings: Settings
    database: Database
    accounts: Accounts
    consents: Consents
    access: Access
    clock: BusinessClock
    receipts: GroupCommit[Receipt]

    def signed(self, vendor: Vendor, request: Request, body: bytes) -> bool:
        """Whether the raw bytes carry the vendor's signature, made with one of our secrets."""
        settings = self.settings
        if vendor == "quickbooks":
            secrets = _secrets(settings.quickbooks_verifier)
            return quickbooks_signatures.fits(body, request.headers.get("intuit-signature"), secrets)
        # The signed address is the public one: what a proxy or a forged Host header says takes no part.
        query = f"?{request.url.query}" if request.url.query else ""
        address = f"{settings.public_base.rstrip('/')}{request.url.path}{query}"
        return hubspot_signatures.fits(
            request.method, address, body, request.headers, _secrets(settings.hubspot_app_secret), self.clock.now()
        )

    async def store(self, vendor: Vendor, body: bytes, array: ReadArray) -> None:
        """Return when the delivery is on disk."""
        await self.receipts.submit(Receipt(vendor, body, self.clock.now(), array))

    async def keep_callback(
        self, vendor: Vendor, state: str, code: str | None, realm: str | None, error: str | None
    ) -> bool:
        """Keep what a consent page sent back; False for a state that is unknown, used or expired."""
        return await self.consents.deliver(vendor, state, code=code, realm=realm, error=error)

    async def replay(self, since: datetime, until: datetime) -> replay.Replayed:
        """Tell again what was told in a window."""
        return await replay.replay(self.database, self.accounts, self.clock, since, until)


def _secrets(setting: object) -> list[str]:
    """The secrets of a setting; two are valid while one replaces the other."""
    get = getattr(setting, "get_secret_value", None)
    return [part.strip() for part in get().split(",") if part.strip()] if get else []
