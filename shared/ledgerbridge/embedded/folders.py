"""Where the embedded runtime keeps its data and its downloads."""

import os
from collections.abc import Mapping
from pathlib import Path


def data_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """`LEDGERBRIDGE_HOME`, by default `ledgerbridge` in the user's data folder. Its contents survive restarts."""
    if given := environment.get("LEDGERBRIDGE_HOME"):
        return Path(given).expanduser().absolute()
    return _user_folder(environment, "XDG_DATA_HOME", ".local/share") / "ledgerbridge"


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """`LEDGERBRIDGE_CACHE`, by default `ledgerbridge` in the user's cache folder. It may be deleted at any time."""
    if given := environment.get("LEDGERBRIDGE_CACHE"):
        return Path(given).expanduser().absolute()
    return _user_folder(environment, "XDG_CACHE_HOME", ".cache") / "ledgerbridge"


def _user_folder(environment: Mapping[str, str], variable: str, default: str) -> Path:
    given = environment.get(variable)
    return Path(given) if given else Path.home() / default
