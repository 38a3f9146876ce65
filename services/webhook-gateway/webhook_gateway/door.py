"""What stands behind the public door: signatures, receipts, callbacks, replays."""

from dataclasses import dataclass, field
from datetime import datetime

from ledgerbridge.accounts.consents import Consents
from ledgerbridge.accounts.registry import Accounts
from ledgerbridge.service import trace_context
from ledgerbridge.service.clocks import BusinessClock
from ledgerbridge.storage import Database
from ledgerbridge.vendors.hubspot import signatures as hubspot_signatures
from ledgerbridge.vendors.quickbooks import signatures as quickbooks_signatures
from pydantic import SecretStr

from webhook_gateway import replay
from webhook_gateway.deliveries import Delivery, Vendor
from webhook_gateway.group_commit import GroupCommit
from webhook_gateway.settings import Settings

Headers = dict[bytes, bytes]
"""A request's headers as they came, by their names in lower case."""


@dataclass(frozen=True)
class Secrets:
    """What the vendors sign with."""

    hubspot: tuple[str, ...] = field(repr=False)
    quickbooks: tuple[str, ...] = field(repr=False)

    @classmethod
    def of(cls, settings: Settings) -> "Secrets":
        """As the settings say."""
        return cls(_parts(settings.hubspot_app_secret), _parts(settings.quickbooks_verifier))


@dataclass(frozen=True)
class Door:
    """The gateway's state, as its endpoints need it."""

    settings: Settings
    secrets: Secrets
    database: Database
    accounts: Accounts
    consents: Consents
    clock: BusinessClock
    deliveries: GroupCommit[Delivery]

    def signed(self, vendor: Vendor, headers: Headers, query: bytes, body: bytes) -> bool:
        """Whether the raw bytes carry the vendor's signature, made with one of our secrets."""
        if vendor == "quickbooks":
            signature = _text(headers, b"intuit-signature")
            return quickbooks_signatures.verify(self.secrets.quickbooks, body=body, signature=signature)
        return self._signed_by_hubspot(headers, query, body)

    def _signed_by_hubspot(self, headers: Headers, query: bytes, body: bytes) -> bool:
        """By v3 where HubSpot sent one; v1 alone comes from old apps and knows no time."""
        if b"x-hubspot-signature-v3" not in headers:
            version = headers.get(b"x-hubspot-signature-version", b"v1")
            signature = _text(headers, b"x-hubspot-signature")
            return version == b"v1" and hubspot_signatures.verify_v1(
                self.secrets.hubspot, body=body, signature=signature
            )
        # The signed address is the public one: what a proxy or a forged Host header says takes no part.
        asked = f"?{query.decode('latin-1')}" if query else ""
        return hubspot_signatures.verify_v3(
            self.secrets.hubspot,
            method="POST",
            uri=f"{self.settings.public_base.rstrip('/')}/webhooks/hubspot{asked}",
            body=body,
            timestamp=_text(headers, b"x-hubspot-request-timestamp"),
            signature=_text(headers, b"x-hubspot-signature-v3"),
            now=self.clock.now(),
        )

    async def keep(self, vendor: Vendor, body: bytes) -> None:
        """Return when the delivery is on disk."""
        await self.deliveries.submit(Delivery(vendor, body, self.clock.now(), trace_context.current()))

    async def keep_callback(
        self, vendor: Vendor, state: str, code: str | None, realm: str | None, error: str | None
    ) -> bool:
        """Keep what a consent page sent back; False for a state that is unknown, used or expired."""
        return await self.consents.deliver(vendor, state, code=code, realm=realm, error=error)

    async def replay(self, tenant_id: int, since: datetime, until: datetime) -> replay.Replayed:
        """Tell again what a tenant was told in a window."""
        return await replay.replay(self.database, self.accounts, self.clock, tenant_id, since, until)


def _text(headers: Headers, name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1")


def _parts(setting: SecretStr | None) -> tuple[str, ...]:
    """The secrets of a setting; two are valid while one replaces the other."""
    text = "" if setting is None else setting.get_secret_value()
    return tuple(part.strip() for part in text.split(",") if part.strip())
