"""Secrets at rest: AES-256-GCM, the key's id inside the ciphertext, bound to the place where it is stored.

A sealed value opens only in its own table, column and row, so that two rows' ciphertexts cannot be swapped. Several
keys may be known: the first seals, all open. `rotate` (accounts/rotation.py) seals everything with the first.
"""

import base64
import binascii
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
KEY_ID_LENGTH = 63
_FORMAT = 1


class UnreadableSecretError(Exception):
    """A sealed value does not open: its key is not configured, or it was moved or altered. Names the place only."""


@dataclass(frozen=True)
class Place:
    """Where a sealed value is stored."""

    table: str
    column: str
    row: str

    def __str__(self) -> str:
        """Name the place for a person."""
        return f"{self.table}.{self.column} of row {self.row}"


class Sealer:
    """Seals and opens values with the installation's keys."""

    def __init__(self, keys: Mapping[str, bytes], *, random: Callable[[int], bytes] = os.urandom) -> None:
        """Take keys by id, the sealing one first. Raises ValueError for a key that is not 32 bytes long."""
        if not keys:
            raise ValueError("at least one secret key is needed")
        for name, key in keys.items():
            if not name.isascii() or not 0 < len(name) <= KEY_ID_LENGTH or len(key) != KEY_BYTES:
                raise ValueError(f"secret key {name!r} must have a short ASCII id and {KEY_BYTES} bytes")
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self._first = next(iter(keys))
        self._random = random

    @classmethod
    def from_setting(cls, setting: str) -> "Sealer":
        """Read `id:base64,id:base64`, or one base64 key without an id. Raises ValueError that shows no key."""
        keys: dict[str, bytes] = {}
        for part in setting.split(","):
            name, _, encoded = part.strip().rpartition(":")
            try:
                key = base64.b64decode(encoded, altchars=b"-_" if set("-_") & set(encoded) else None, validate=True)
            except binascii.Error:
                raise ValueError(f"secret key {name or 'without an id'} is not base64") from None
            if name in keys or (not name and keys):
                raise ValueError(f"two secret keys have the id {name!r}")
            keys[name or "first"] = key
        return cls(keys)

    def __repr__(self) -> str:
        """Name the keys' ids, never the keys."""
        return f"Sealer({list(self._ciphers)})"

    def seal(self, text: str, place: Place) -> bytes:
        """Encrypt a text for this place with the first key."""
        head = _head(self._first)
        nonce = self._random(NONCE_BYTES)
        return head + nonce + self._ciphers[self._first].encrypt(nonce, text.encode(), _bind(head, place))

    def open(self, sealed: bytes, place: Place) -> str:
        """Decrypt what was sealed for this place. Raises UnreadableSecretError."""
        key_id = self.key_of(sealed, place)
        if key_id not in self._ciphers:
            raise UnreadableSecretError(f"the secret key {key_id!r} of {place} is not configured")
        head = _head(key_id)
        nonce, body = sealed[len(head) : len(head) + NONCE_BYTES], sealed[len(head) + NONCE_BYTES :]
        try:
            return self._ciphers[key_id].decrypt(nonce, body, _bind(head, place)).decode()
        except (InvalidTag, ValueError):
            raise UnreadableSecretError(f"{place} was moved, altered or sealed with another key") from None

    def is_current(self, sealed: bytes, place: Place) -> bool:
        """Whether the value is sealed with the first key."""
        return self.key_of(sealed, place) == self._first

    @staticmethod
    def key_of(sealed: bytes, place: Place) -> str:
        """The id of the key that sealed the value. Raises UnreadableSecretError where it is no sealed value."""
        if len(sealed) < 2 or sealed[0] != _FORMAT or len(sealed) < 2 + sealed[1] + NONCE_BYTES:  # noqa: PLR2004
            raise UnreadableSecretError(f"{place} holds no sealed value")
        return sealed[2 : 2 + sealed[1]].decode("ascii", "replace")


def _head(key_id: str) -> bytes:
    return bytes((_FORMAT, len(key_id))) + key_id.encode("ascii")


def _bind(head: bytes, place: Place) -> bytes:
    parts = (place.table, place.column, place.row)
    return head + b"".join(len(part.encode()).to_bytes(2, "big") + part.encode() for part in parts)
