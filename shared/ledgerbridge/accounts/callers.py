"""Who may call us: clients with a long-lived secret, and five-minute tokens that every service verifies by itself.

Tokens are JWTs signed with Ed25519. The keys are in the shared schema, the private ones sealed; a service verifies
with the public ones that it keeps in memory.
"""

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, get_args

import asyncpg
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledgerbridge.accounts.secrets import Place, Sealer
from ledgerbridge.errors import Refused
from ledgerbridge.service.clocks import BusinessClock, MachineClock, SystemMachineClock
from ledgerbridge.storage import Database, Transaction

TOKEN_LIFE = timedelta(minutes=5)
KEYS_FRESH_SECONDS = 1.0
ISSUER = AUDIENCE = "ledgerbridge"
ALGORITHM = "EdDSA"
SECRET_PREFIX = "lbs_"  # noqa: S105 - so that secret scanners know ours

Role = Literal["viewer", "sales", "finance", "administrator"]
_VIEWER = frozenset({"records:read", "health:read"})
_SALES = _VIEWER | {"drafts:write", "invoices:create", "links:write"}
_FINANCE = _SALES | {"invoices:send", "invoices:void", "work:retry"}
SCOPES: Mapping[Role, frozenset[str]] = {
    "viewer": _VIEWER,
    "sales": _SALES,
    "finance": _FINANCE,
    "administrator": _FINANCE | {"accounts:connect", "settings:write", "clients:write"},
}
"""What each role may do (product.md, People)."""


@dataclass(frozen=True)
class Caller:
    """Who asks: a person or a client, of one tenant."""

    id: str
    kind: Literal["person", "client"]
    tenant: int
    role: Role
    scopes: frozenset[str]
    name: str

    def require(self, scope: str) -> None:
        """Raise Refused (FORBIDDEN) where the caller lacks the scope."""
        if scope not in self.scopes:
            raise Refused("FORBIDDEN", scope=scope)


@dataclass(frozen=True)
class NewClient:
    """A client just made. The secret is shown once and kept nowhere."""

    id: str
    secret: str

    def __repr__(self) -> str:
        """Name the client only."""
        return f"NewClient({self.id!r})"


class Callers:
    """Makes clients, gives tokens for their secrets, and verifies tokens."""

    def __init__(
        self, database: Database, sealer: Sealer, *, business: BusinessClock, machine: MachineClock | None = None
    ) -> None:
        """Keep the keys' home; token expiry runs on business time."""
        self._database = database
        self._sealer = sealer
        self._business = business
        self._machine = machine or SystemMachineClock()
        self._public: dict[str, Ed25519PublicKey] = {}
        self._private: tuple[str, Ed25519PrivateKey] | None = None
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def make_client(self, tenant_id: int, name: str, role: Role) -> NewClient:
        """Make a client of a tenant and answer its secret. Raises Refused (INVALID) for an unknown role."""
        if role not in SCOPES:
            raise Refused("INVALID", field="role", problem=f"must be one of {', '.join(get_args(Role))}")
        client = NewClient(secrets.token_hex(8), SECRET_PREFIX + secrets.token_urlsafe(32))
        async with self._database.tenant(tenant_id) as tx:
            await tx.execute(
                """insert into clients (id, tenant_id, name, role, secret_digest, made_at)
                   values ($1, $2, $3, $4, $5, $6)""",
                client.id,
                tenant_id,
                name,
                role,
                _digest(client.secret),
                self._business.now(),
            )
        return client

    async def revoke_client(self, tenant_id: int, client_id: str) -> None:
        """Give the client no token from now on; those it has end within five minutes. Raises Refused (NOT_FOUND)."""
        async with self._database.tenant(tenant_id) as tx:
            status = await tx.execute(
                "update clients set revoked_at = coalesce(revoked_at, $2) where id = $1",
                client_id,
                self._business.now(),
            )
        if status != "UPDATE 1":
            raise Refused("NOT_FOUND", what=f"Client {client_id}")

    async def issue_token(self, client_id: str, secret: str) -> str:
        """A five-minute token for the client's secret. Raises Refused (UNAUTHENTICATED)."""
        async with self._database.engine() as tx:
            row = await tx.fetchrow(
                "select tenant_id, name, role, secret_digest from clients where id = $1 and revoked_at is null",
                client_id,
            )
        known = row["secret_digest"] if row else bytes(32)
        if not hmac.compare_digest(known, _digest(secret)) or row is None:
            raise Refused("UNAUTHENTICATED")
        return await self.sign(_caller(client_id, "client", row["tenant_id"], row["role"], row["name"]))

    async def issue_person_token(self, tenant_id: int, person_id: str, name: str, role: Role) -> str:
        """A five-minute token for a person whom the console has signed in."""
        return await self.sign(_caller(person_id, "person", tenant_id, role, name))

    async def sign(self, caller: Caller) -> str:
        """A signed token that says who calls."""
        key_id, key = await self._signing_key()
        now = self._business.now()
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": int(now.timestamp()),
            "exp": int((now + TOKEN_LIFE).timestamp()),
            "sub": caller.id,
            "kind": caller.kind,
            "tenant": caller.tenant,
            "role": caller.role,
            "scopes": sorted(caller.scopes),
            "name": caller.name,
        }
        return jwt.encode(claims, key, algorithm=ALGORITHM, headers={"kid": key_id})

    async def verify(self, token: str) -> Caller:
        """Who calls, by a token of ours that has not expired. Raises Refused (UNAUTHENTICATED)."""
        try:
            key_id = str(jwt.get_unverified_header(token).get("kid"))
            claims = jwt.decode(
                token,
                await self._public_key(key_id),
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                options={"verify_exp": False, "verify_iat": False, "require": ["exp", "sub", "tenant", "role"]},
            )
            return self._caller_of(claims)
        except (jwt.PyJWTError, KeyError, TypeError, ValueError):
            raise Refused("UNAUTHENTICATED") from None

    async def renew_signing_key(self) -> str:
        """Make a new signing key and answer its id; tokens signed with the old one stay good until they expire."""
        async with self._database.engine() as tx:
            key_id = await self._make_key(tx)
        self._private = None
        return key_id

    def _caller_of(self, claims: Mapping[str, Any]) -> Caller:
        # PyJWT looks at the machine's clock, but expiry is business time.
        now = self._business.now().timestamp()
        if not int(claims["exp"]) - TOKEN_LIFE.total_seconds() * 2 <= now < int(claims["exp"]):
            raise ValueError("expired or not yet valid")
        if claims["kind"] not in ("person", "client") or claims["role"] not in SCOPES:
            raise ValueError("unknown kind or role")
        return Caller(
            id=str(claims["sub"]),
            kind=claims["kind"],
            tenant=int(claims["tenant"]),
            role=claims["role"],
            scopes=frozenset(map(str, claims["scopes"])),
            name=str(claims["name"]),
        )

    async def _public_key(self, key_id: str) -> Ed25519PublicKey:
        if key_id not in self._public:
            async with self._reading:  # who comes while the keys are read waits for them
                if key_id not in self._public and self._machine.monotonic() - self._read_at >= KEYS_FRESH_SECONDS:
                    self._public = await self._read_public_keys()
                    self._read_at = self._machine.monotonic()  # a flood of unknown keys asks the database once
        return self._public[key_id]

    async def _read_public_keys(self) -> dict[str, Ed25519PublicKey]:
        async with self._database.engine() as tx:
            rows = await tx.fetch("select id, public_key from signing_keys")
        return {row["id"]: Ed25519PublicKey.from_public_bytes(row["public_key"]) for row in rows}

    async def _signing_key(self) -> tuple[str, Ed25519PrivateKey]:
        if self._private is None:
            async with self._database.engine() as tx:
                row = await self._newest_key(tx)
                if row is None:
                    await tx.execute("select pg_advisory_xact_lock(hashtext('ledgerbridge signing key'))")
                    row = await self._newest_key(tx)
                if row is None:
                    await self._make_key(tx)
                    row = await self._newest_key(tx)
            assert row is not None
            opened = self._sealer.open(row["private_key"], private_key_place(row["id"]))
            self._private = (row["id"], Ed25519PrivateKey.from_private_bytes(bytes.fromhex(opened)))
        return self._private

    async def _newest_key(self, tx: Transaction) -> asyncpg.Record | None:
        return await tx.fetchrow("select id, private_key from signing_keys order by made_at desc, id desc limit 1")

    async def _make_key(self, tx: Transaction) -> str:
        key_id, key = secrets.token_hex(8), Ed25519PrivateKey.generate()
        await tx.execute(
            "insert into signing_keys (id, public_key, private_key, made_at) values ($1, $2, $3, $4)",
            key_id,
            key.public_key().public_bytes_raw(),
            self._sealer.seal(key.private_bytes_raw().hex(), private_key_place(key_id)),
            self._business.now(),
        )
        return key_id


def private_key_place(key_id: str) -> Place:
    """Where a signing key's private part is stored."""
    return Place("signing_keys", "private_key", key_id)


def _caller(caller_id: str, kind: Literal["person", "client"], tenant: int, role: Role, name: str) -> Caller:
    return Caller(caller_id, kind, tenant, role, SCOPES[role], name)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
