import asyncio
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from ledgerbridge.accounts.callers import SCOPES, Callers
from ledgerbridge.accounts.rotation import rotate
from ledgerbridge.accounts.secrets import Sealer
from ledgerbridge.errors import Refused

from .conftest import KEY, Installation


def callers_of(installation: Installation, sealer: Sealer | None = None) -> Callers:
    return Callers(installation.database, sealer or installation.sealer, business=installation.clock)


async def test_a_client_calls_with_its_role_and_tenant(installation: Installation) -> None:
    tenant = (await installation.hubspot()).tenant_id
    issuer, verifier = callers_of(installation), callers_of(installation)
    client = await issuer.make_client(tenant, "ledger", "sales")
    caller = await verifier.verify(await issuer.issue_token(client.id, client.secret))
    assert (caller.id, caller.kind, caller.tenant, caller.name) == (client.id, "client", tenant, "ledger")
    assert caller.scopes == SCOPES["sales"]
    caller.require("invoices:create")
    with pytest.raises(Refused, match="invoices:send is missing"):
        caller.require("invoices:send")


async def test_roles_grow_and_everyone_reads_health(installation: Installation) -> None:
    assert SCOPES["viewer"] < SCOPES["sales"] < SCOPES["finance"] < SCOPES["administrator"]
    assert all("health:read" in scopes for scopes in SCOPES.values())


async def test_a_token_lives_five_minutes_of_business_time(installation: Installation) -> None:
    callers = callers_of(installation)
    token = await callers.issue_person_token(1, "ada", "Ada", "viewer")
    installation.clock.put(installation.clock.now() + timedelta(minutes=4, seconds=58))
    assert (await callers.verify(token)).kind == "person"
    installation.clock.put(installation.clock.now() + timedelta(seconds=3))
    with pytest.raises(Refused, match="no valid token"):
        await callers.verify(token)


async def test_all_who_come_first_at_once_are_known(installation: Installation) -> None:
    token = await callers_of(installation).issue_person_token(1, "ada", "Ada", "viewer")
    verifier = callers_of(installation)
    known = await asyncio.gather(*(verifier.verify(token) for _ in range(20)))
    assert {caller.id for caller in known} == {"ada"}


async def test_wrong_and_revoked_secrets_get_nothing(installation: Installation) -> None:
    tenant = (await installation.hubspot()).tenant_id
    callers = callers_of(installation)
    client = await callers.make_client(tenant, "ledger", "viewer")
    for client_id, secret in ((client.id, "wrong"), ("unknown", client.secret), (client.id, "")):
        with pytest.raises(Refused, match="no valid token"):
            await callers.issue_token(client_id, secret)
    await callers.revoke_client(tenant, client.id)
    with pytest.raises(Refused, match="no valid token"):
        await callers.issue_token(client.id, client.secret)


async def test_another_tenant_cannot_revoke_a_client(installation: Installation) -> None:
    first, second = await installation.hubspot("1"), await installation.hubspot("2")
    callers = callers_of(installation)
    client = await callers.make_client(first.tenant_id, "ledger", "viewer")
    with pytest.raises(Refused, match="was not found"):
        await callers.revoke_client(second.tenant_id, client.id)
    assert await callers.issue_token(client.id, client.secret)


async def test_forged_tokens_are_refused(installation: Installation) -> None:
    callers = callers_of(installation)
    good = await callers.issue_person_token(1, "ada", "Ada", "administrator")
    header, claims = jwt.get_unverified_header(good), jwt.decode(good, options={"verify_signature": False})
    stranger = Ed25519PrivateKey.generate()
    forged = [
        "",
        "x.y.z",
        good[:-4] + "AAAA",
        jwt.encode(claims, stranger, "EdDSA", {"kid": header["kid"]}),
        jwt.encode(claims, stranger, "EdDSA", {"kid": "unknown"}),
        jwt.encode(claims, None, "none", {"kid": header["kid"]}),
        jwt.encode(claims, "k" * 32, "HS256", {"kid": header["kid"]}),
    ]
    for token in forged:
        with pytest.raises(Refused, match="no valid token"):
            await callers.verify(token)
    own = await callers.sign(await callers.verify(good))
    assert (await callers.verify(own)).name == "Ada"


async def test_keys_are_renewed_and_sealed_anew_while_tokens_stay_good(installation: Installation) -> None:
    hubspot = await installation.hubspot()
    company = await installation.quickbooks(hubspot)
    callers = callers_of(installation)
    old = await callers.issue_person_token(1, "ada", "Ada", "viewer")
    installation.clock.put(installation.clock.now() + timedelta(seconds=1))
    await callers.renew_signing_key()
    fresh = await callers.issue_person_token(1, "ada", "Ada", "viewer")
    both = Sealer({"k2": bytes(32), "k1": KEY})
    assert await rotate(installation.database, both) == 5  # two signing keys, three tokens
    assert await rotate(installation.database, both) == 0
    later = callers_of(installation, Sealer({"k2": bytes(32)}))
    assert (await later.verify(old)).id == (await later.verify(fresh)).id == "ada"
    await later.issue_person_token(1, "ada", "Ada", "viewer")
    installation.grants._sealer = Sealer({"k2": bytes(32)})
    held = await installation.grants.read(company)
    assert held is not None
    assert (held.access_token, held.refresh_token, held.version) == ("access-0", "refresh-0", 1)
