"""The sandbox's control door: people, what the vendors really hold, journal, clock, faults."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

import httpx
import msgspec

US_PORTAL, UK_PORTAL = "24000001", "24000002"
US_REALM, UK_REALM, LEGACY_REALM = "9130350000000001", "9130350000000002", "9130350000000003"
Record = dict[str, Any]
SECONDS = 30.0


class RefusedByVendorError(Exception):
    """The vendor or the control door refused what a person did."""


class Sandbox:
    """The control door at one address."""

    def __init__(self, address: str) -> None:
        """Nothing is asked yet."""
        self.address = address
        self._http = httpx.Client(base_url=address, timeout=SECONDS, trust_env=False)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def ask(self, method: str, path: str, body: object | None = None, /, **query: str) -> Any:
        """The JSON answer, amounts as Decimal. Raises RefusedByVendorError."""
        content = None if body is None else msgspec.json.encode(body)
        answer = self._http.request(method, path, content=content, params=query or None)
        if answer.is_error:
            raise RefusedByVendorError(f"{method} {path}: {answer.status_code} {answer.text}")
        return decode(answer.content) if answer.content else None

    def bookkeeper(self, realm: str) -> "Bookkeeper":
        """A person who works in a QuickBooks company."""
        return Bookkeeper(self, realm)

    def salesperson(self, portal: str) -> "Salesperson":
        """A person who works in a HubSpot account."""
        return Salesperson(self, portal)

    def hubspot(self, portal: str, kind: str, record_id: str) -> Record:
        """What HubSpot really holds of a record, archived included."""
        return cast(Record, self.ask("GET", f"/hubspot/{portal}/objects/{kind}/{record_id}"))

    def all_hubspot(self, portal: str, kind: str) -> list[Record]:
        """What HubSpot really holds of a type."""
        return cast(list[Record], self.ask("GET", f"/hubspot/{portal}/objects/{kind}")["results"])

    def quickbooks(self, realm: str, entity: str, record_id: str) -> Record:
        """What QuickBooks really holds of a record; the stub of a deleted one."""
        return cast(Record, self.ask("GET", f"/quickbooks/{realm}/{entity}/{record_id}"))

    def all_quickbooks(self, realm: str, entity: str) -> list[Record]:
        """What QuickBooks really holds of an entity, deleted stubs included."""
        return cast(list[Record], self.ask("GET", f"/quickbooks/{realm}/{entity}"))

    def now(self) -> datetime:
        """Business time."""
        return datetime.fromisoformat(self.ask("GET", "/clock")["now"])

    def set_clock(self, moment: datetime) -> None:
        """Move business time; returns when every follower lives in it."""
        self.ask("PUT", "/clock", {"now": moment.isoformat()})

    def advance(self, seconds: float) -> None:
        """Move business time on."""
        self.ask("POST", "/clock/advance", {"seconds": seconds})

    def journal(self, **filters: str) -> list[Record]:
        """The calls that the vendors received."""
        return cast(list[Record], self.ask("GET", "/journal", None, **filters))

    def calls(self, **filters: str) -> int:
        """How many calls the vendors received."""
        return int(self.ask("GET", "/journal/count", None, **filters)["count"])

    def forget_journal(self) -> None:
        """Count from here."""
        self.ask("DELETE", "/journal")

    def fault(self, vendor: str, **rule: Any) -> str:
        """Put a fault in force and answer its id."""
        return str(self.ask("POST", "/faults", {"vendor": vendor, **rule})["id"])

    def clear_faults(self) -> None:
        """Take all faults away."""
        self.ask("DELETE", "/faults")

    def send_webhooks_to(self, vendor: str, url: str, **style: Any) -> None:
        """Where and how a vendor's webhooks go."""
        self.ask("PUT", f"/webhooks/{vendor}", {"url": url, **style})

    def settle_webhooks(self) -> None:
        """Wait until every webhook is delivered."""
        for vendor in ("hubspot", "quickbooks"):
            self.ask("POST", f"/webhooks/{vendor}/settle")


class Bookkeeper:
    """Acts in QuickBooks' pages."""

    def __init__(self, sandbox: Sandbox, realm: str) -> None:
        """Work in the company."""
        self._sandbox = sandbox
        self._desk = f"/people/bookkeeper/{realm}"

    def create(self, entity: str, record: Mapping[str, Any]) -> Record:
        """Create or update, as in the API."""
        return self._do(f"/{entity}", record)

    def act(self, invoice_id: str, act: str, **given: Any) -> Record:
        """send, print, void, delete, edit or pay an invoice."""
        return self._do(f"/invoice/{invoice_id}/{act}", given)

    def pay(self, invoice_id: str, amount: Decimal | str | None = None) -> Record:
        """Pay it (all that is open, or the amount); answers the payment."""
        return self.act(invoice_id, "pay", **({} if amount is None else {"amount": str(amount)}))

    def undo_payment(self, payment_id: str, act: str = "delete") -> Record:
        """delete, void or unapply a payment."""
        return self._do(f"/payment/{payment_id}/{act}", {})

    def prefer(self, **preferences: Any) -> None:
        """Change the company's preferences."""
        self._sandbox.ask("PATCH", f"{self._desk}/preferences", preferences)

    def _do(self, path: str, given: Mapping[str, Any]) -> Record:
        return cast(Record, self._sandbox.ask("POST", self._desk + path, dict(given)))


class Salesperson:
    """Acts in HubSpot's pages."""

    def __init__(self, sandbox: Sandbox, portal: str) -> None:
        """Work in the account."""
        self._sandbox = sandbox
        self._desk = f"/people/salesperson/{portal}"

    def create(self, kind: str, properties: Mapping[str, str], associations: Mapping[str, str] | None = None) -> str:
        """Make a record, joined to others (`{"companies": id}`); answers its id."""
        made = self._sandbox.ask("POST", f"{self._desk}/objects/{kind}", {"properties": dict(properties)})
        for other, record_id in (associations or {}).items():
            self.join(kind, made["id"], other, record_id)
        return str(made["id"])

    def change(self, kind: str, record_id: str, **properties: str) -> None:
        """Change properties."""
        self._sandbox.ask("PATCH", f"{self._desk}/objects/{kind}/{record_id}", {"properties": properties})

    def archive(self, kind: str, record_id: str) -> None:
        """Delete a record."""
        self._sandbox.ask("DELETE", f"{self._desk}/objects/{kind}/{record_id}")

    def restore(self, kind: str, record_id: str) -> None:
        """Restore a deleted record."""
        self._sandbox.ask("POST", f"{self._desk}/objects/{kind}/{record_id}/restore")

    def merge(self, kind: str, survivor: str, other: str) -> None:
        """Merge two records."""
        body = {"primaryObjectId": survivor, "objectIdToMerge": other}
        self._sandbox.ask("POST", f"{self._desk}/objects/{kind}/merge", body)

    def join(self, kind: str, record_id: str, other_kind: str, other_id: str, types: object | None = None) -> None:
        """Associate two records, by default with the default type."""
        path = f"{self._desk}/objects/{kind}/{record_id}/associations/{other_kind}/{other_id}"
        self._sandbox.ask("PUT", path, types)

    def publish(self, quote_id: str) -> None:
        """Publish a quote."""
        self._sandbox.ask("POST", f"{self._desk}/quotes/{quote_id}/publish")


def decode(raw: bytes) -> Any:
    """JSON with exact amounts."""
    return msgspec.json.Decoder(float_hook=Decimal).decode(raw)
