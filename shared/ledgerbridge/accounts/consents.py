"""OAuth consents: the one-time state that goes out, and the code that comes back for who asked (design.md 3).

The gateway's callback only stores what the browser brought (`deliver`); the code is exchanged by who asked, who picks
it up once (`pick_up`). In the table stand a digest of the state and the sealed answer.
"""

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from ledgerbridge.accounts.registry import Vendor
from ledgerbridge.accounts.secrets import Place, Sealer
from ledgerbridge.errors import Refused
from ledgerbridge.service.clocks import BusinessClock
from ledgerbridge.storage import Database

CONSENT_LIFE = timedelta(minutes=15)


@dataclass(frozen=True)
class Consent:
    """What came back: a code (and QuickBooks' realm id), or the vendor's refusal."""

    redirect_uri: str
    code: str | None = field(repr=False)
    realm: str | None = None
    error: str | None = None


class Consents:
    """The consents of all who connect."""

    def __init__(self, database: Database, sealer: Sealer, business: BusinessClock) -> None:
        """Keep states in this database."""
        self._database = database
        self._sealer = sealer
        self._business = business

    async def ask(self, vendor: Vendor, redirect_uri: str, asked_by: str, tenant_id: int | None = None) -> str:
        """Make a state for a consent page; its answer is for `asked_by` alone and waits for `CONSENT_LIFE`."""
        state = secrets.token_urlsafe(32)
        now = self._business.now()
        async with self._database.engine() as tx:
            await tx.execute("delete from oauth_states where expires_at < $1", now - CONSENT_LIFE)
            await tx.execute(
                """insert into oauth_states (id, tenant_id, vendor, asked_by, redirect_uri, expires_at)
                   values ($1, $2, $3, $4, $5, $6)""",
                _digest(state),
                tenant_id,
                vendor,
                asked_by,
                redirect_uri,
                now + CONSENT_LIFE,
            )
        return state

    async def deliver(
        self,
        vendor: str,
        state: str,
        *,
        code: str | None = None,
        realm: str | None = None,
        error: str | None = None,
    ) -> bool:
        """Store what a browser brought; False for a state that is unknown, used, expired or another vendor's."""
        row_id = _digest(state)
        answer = json.dumps({"code": code, "realm": realm, "error": error})
        async with self._database.engine() as tx:
            status = await tx.execute(
                """update oauth_states set answer = $3, answered_at = $4
                   where id = $1 and vendor = $2 and answered_at is null and expires_at > $4""",
                row_id,
                vendor,
                self._sealer.seal(answer, answer_place(row_id)),
                self._business.now(),
            )
        return status == "UPDATE 1"

    async def deliver_address(self, vendor: str, address: str) -> bool:
        """Store what a pasted redirect address holds (``connect --paste``). Raises Refused (INVALID)."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address.strip()).query).items()}
        if not query.get("state"):
            raise Refused("INVALID", field="address", problem="must be the whole address, with code and state")
        return await self.deliver(
            vendor, query["state"], code=query.get("code"), realm=query.get("realmId"), error=query.get("error")
        )

    async def pick_up(self, state: str, asked_by: str) -> Consent | None:
        """The answer, once, for who asked; None while there is none. Raises Refused (NOT_FOUND) where none can come."""
        row_id = _digest(state)
        now = self._business.now()
        async with self._database.engine() as tx:
            row = await tx.fetchrow(
                """select asked_by, redirect_uri, answer, taken_at, expires_at
                   from oauth_states where id = $1 for update""",
                row_id,
            )
            if (
                row is None
                or row["taken_at"] is not None
                or row["expires_at"] <= now
                or not hmac.compare_digest(row["asked_by"].encode(), asked_by.encode())
            ):
                raise Refused("NOT_FOUND", what="This request for consent")
            if row["answer"] is None:
                return None
            await tx.execute("update oauth_states set answer = null, taken_at = $2 where id = $1", row_id, now)
        return Consent(
            redirect_uri=row["redirect_uri"], **json.loads(self._sealer.open(row["answer"], answer_place(row_id)))
        )


def answer_place(row_id: str) -> Place:
    """Where a state's answer is stored."""
    return Place("oauth_states", "answer", row_id)


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
