"""Where a running installation can be reached: for the command line's other commands, for demonstrations and drills."""

import json
from pathlib import Path

from pydantic import BaseModel, Field

from ledgerbridge.embedded.private_files import write_private

CLIENT_FILE = "client.json"
"""In the data folder: the clients with which this machine's commands call the services."""


class Running(BaseModel):
    """What `ledgerbridge up` tells other processes of the same user; it holds passwords."""

    kafka: str
    topic_prefix: str
    partitions: int
    replicas: int
    admin_dsn: str = Field(repr=False)
    addresses: dict[str, str]
    """`http://…` of every service by its name, and of `sandbox`, `sandbox-hubspot`, `sandbox-quickbooks`."""
    environment: dict[str, dict[str, str]] = Field(repr=False)
    """The settings of every service, by its name, as it got them."""


def _file(home: Path) -> Path:
    return home / "running.json"


def running_installation(home: Path) -> Running | None:
    """The installation whose data are in the folder, or None where it is not up."""
    try:
        return Running.model_validate_json(_file(home).read_text())
    except FileNotFoundError:
        return None


def announce(home: Path, running: Running) -> None:
    """Write it, readable by this user alone."""
    write_private(_file(home), json.dumps(running.model_dump(), indent=1))


def withdraw(home: Path) -> None:
    """The installation is up no more."""
    _file(home).unlink(missing_ok=True)
