"""Who consented: id_token, its key and the user's facts, for apps that ask for `openid` (quickbooks.md 1).

The key is published here like all of the sandbox's secrets. Guess: the facts' names beyond `sub`, and that a scope that
was not granted leaves its facts out.
"""

import base64
import hashlib
from collections.abc import Collection
from datetime import datetime
from typing import Any

import msgspec

ISSUER = "https://oauth.platform.intuit.com/op/v1"
SCOPES = ("openid", "profile", "email", "phone", "address")
ID_TOKEN_SECONDS = 3600
_KEY_ID = "ledgerbridge-sandbox"
_EXPONENT = 65_537
_MODULUS = int(
    "947c1a87c66e63c7589845d9a19d69841606ac0d36064238d8fc5e29deb94c3513645e7e3876602635cc0a11f0b8ef9d"
    "029661603d106e4b65a5471806efd6df6d0155e257e3aabf066731e2ec374dabeb666703a3fb046b6822499702050377"
    "df4057c83c18bfb5db570291039e8be5a7026486851869836289532973932ecfcb8711e6f215f1837463b314b62eed32"
    "a5130aef3ab470634da2b043c7f1c6eb8901d1bc195d71f661468bacf77daf8886aa1dc0f901f0000829b6fe09080708"
    "09634c95ed39721196e23d7ff603d21a47c672b5fed33d9ee6d92ac6e16ae35cd1cd542179532bdfdc62adbc0e3bd037"
    "d89538eec6593e4edb6788a1d37e9cef",
    16,
)
_PRIVATE = int(
    "1e53b8b179986b5db85d258b1d44c2dbdd09d0d343f1044e8b17047e85c48fe99943db3ee976580e05d7de48aac38301"
    "2d199cdae4adf9f1015a400a8ac42abd688ca8c7798f00fd5227fa9af0071da09b0c47c7091388640d994f317e129b12"
    "3d316d9c7295d57625ce0032b12c0d43c3182c83032528cbd270dce0eeffa5443109abc10d9d0cf7bf85ff3a42ad748a"
    "6ed0a3122676f19d6e94a461e789872d7b62389b5c7a9a98fa1a050c13ccabb77b8acef51a20afac269c7e2a8ba7633e"
    "88c00399ca95d265d2278b2f72a3b435853785a3c550b02fa39b6ec72be20d3cad39d56da618f22b2d74bc95392b89c2"
    "aa33762c0e6f4fb2f3893f492ce2fb65",
    16,
)
_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")
"""What stands before the digest in a signature by RSA and SHA-256 (RFC 8017, 9.2)."""
_FACTS: dict[str, dict[str, Any]] = {
    "profile": {"givenName": "Robin", "familyName": "Castellano"},
    "email": {"email": "robin@larkspur.example", "emailVerified": True},
    "phone": {"phoneNumber": "+1 555 0100", "phoneNumberVerified": False},
    "address": {
        "address": {
            "streetAddress": "1 Lark Street",
            "locality": "Portland",
            "region": "OR",
            "postalCode": "97201",
            "country": "US",
        }
    },
}


def subject(realm: str) -> str:
    """The id of the person who consented for that company."""
    return hashlib.sha256(f"person of {realm}".encode()).hexdigest()[:32]


def user_facts(realm: str, scopes: Collection[str]) -> dict[str, Any]:
    """What userinfo tells of that person, as far as the scopes allow."""
    told = {"sub": subject(realm)}
    for scope, facts in _FACTS.items():
        told |= facts if scope in scopes else {}
    return told


def key_set() -> dict[str, Any]:
    """The public half of the key (RFC 7517)."""
    size = (_MODULUS.bit_length() + 7) // 8
    numbers = {"n": _coded(_MODULUS.to_bytes(size, "big")), "e": _coded(_EXPONENT.to_bytes(3, "big"))}
    return {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": _KEY_ID, **numbers}]}


def id_token(app: str, realm: str, now: datetime) -> str:
    """A signed statement of who consented."""
    at = int(now.timestamp())
    claims = {
        "sub": subject(realm),
        "aud": [app],
        "realmid": realm,
        "auth_time": at,
        "iss": ISSUER,
        "exp": at + ID_TOKEN_SECONDS,
        "iat": at,
    }
    head = {"kid": _KEY_ID, "alg": "RS256"}
    signed = ".".join(_coded(msgspec.json.encode(part)) for part in (head, claims))
    return f"{signed}.{_coded(_signature(signed.encode()))}"


def _signature(signed: bytes) -> bytes:
    size = (_MODULUS.bit_length() + 7) // 8
    digest = _SHA256 + hashlib.sha256(signed).digest()
    padded = b"\x00\x01" + b"\xff" * (size - len(digest) - 3) + b"\x00" + digest
    return pow(int.from_bytes(padded, "big"), _PRIVATE, _MODULUS).to_bytes(size, "big")


def _coded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
