"""The secrets of one installation, made once and kept in its data folder (mode 0600)."""

import base64
import json
import secrets
from pathlib import Path
from typing import Any

from ledgerbridge.embedded.private_files import write_private

ENCRYPTION_KEY_BYTES = 32


class InstallationSecrets:
    """Passwords of the database's roles and the key for secrets at rest."""

    def __init__(self, home: Path) -> None:
        """Read what was made before."""
        self._path = home / "secrets.json"
        known: dict[str, Any] = json.loads(self._path.read_text()) if self._path.exists() else {}
        self.passwords: dict[str, str] = known.get("passwords", {})
        self.secret_key: str = known.get("secret_key") or _new_key()

    def password(self, role: str) -> str:
        """The role's password, made where it has none."""
        return self.passwords.setdefault(role, secrets.token_urlsafe(24))

    def save(self) -> None:
        """Write all of them; whoever reads the file sees the old ones or the new ones."""
        write_private(self._path, json.dumps({"passwords": self.passwords, "secret_key": self.secret_key}, indent=1))


def _new_key() -> str:
    return "1:" + base64.b64encode(secrets.token_bytes(ENCRYPTION_KEY_BYTES)).decode()
