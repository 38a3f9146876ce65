"""`client.json` in the data folder: the client with which this machine's commands call the services, per account."""

import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path

from ledgerbridge.command_line.surroundings import NotFoundError
from ledgerbridge.embedded.private_files import write_private
from ledgerbridge.embedded.running import CLIENT_FILE


@dataclass(frozen=True)
class KnownClient:
    """A client's id and secret."""

    id: str
    secret: str

    def __repr__(self) -> str:
        """Name the client only."""
        return f"KnownClient({self.id!r})"


class ClientFile:
    """The clients by HubSpot account id; the file is readable by this user alone."""

    def __init__(self, home: Path) -> None:
        """Use the folder; it need not exist yet."""
        self.path = home / CLIENT_FILE

    def known(self) -> dict[str, KnownClient]:
        """Every client in the file."""
        if not self.path.exists():
            return {}
        return {account: KnownClient(**row) for account, row in json.loads(self.path.read_text()).items()}

    def keep(self, account: str, client: KnownClient) -> None:
        """Add or replace an account's client."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            rows = {known: vars(one) for known, one in {**self.known(), account: client}.items()}
            write_private(self.path, json.dumps(rows, indent=1))

    def choose(self, account: str | None) -> KnownClient:
        """The environment's client, else the account's, else the only one. Raises NotFoundError."""
        identity, secret = os.environ.get("LEDGERBRIDGE_CLIENT"), os.environ.get("LEDGERBRIDGE_CLIENT_SECRET")
        if identity and secret:
            return KnownClient(identity, secret)
        known = self.known()
        if account is None and len(known) == 1:
            return next(iter(known.values()))
        if account in known:
            return known[account]
        if account is None and known:
            raise NotFoundError(f"Which account? Give --account, one of {', '.join(sorted(known))}.")
        raise NotFoundError(
            f"{self.path} knows no client{f' of account {account}' if account else ''}: connect the account, "
            "or set LEDGERBRIDGE_CLIENT and LEDGERBRIDGE_CLIENT_SECRET (`ledgerbridge clients add`)."
        )
