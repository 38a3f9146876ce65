"""Everything that the sandbox holds: clock, journal, faults, both vendors, their webhooks, snapshots."""

import hashlib
import io
import pickle
import random
import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from ledgerbridge_sandbox import snapshot_files
from ledgerbridge_sandbox.clock import SandboxClock
from ledgerbridge_sandbox.fault_effects import Ready
from ledgerbridge_sandbox.faults import FaultRules
from ledgerbridge_sandbox.journal import Journal
from ledgerbridge_sandbox.snapshot_files import UnfitSnapshotError
from ledgerbridge_sandbox.switches import Switches
from ledgerbridge_sandbox.webhooks import WebhookSender, WebhookStyle

VENDORS = ("hubspot", "quickbooks")
WorldState = tuple[dict[str, Any], datetime, int]


class VendorState(Protocol):
    """What the world asks of a vendor."""

    def snapshot(self) -> object:
        """The whole state as an object that no later change reaches."""

    def restore(self, state: Any) -> None:
        """Take the state of an earlier snapshot, which stays usable."""


class Ids:
    """Increasing numbers for records that need no other meaning; part of every snapshot."""

    def __init__(self, first: int = 1) -> None:
        self.following = first

    def take(self) -> int:
        """The next number."""
        taken = self.following
        self.following += 1
        return taken


class UnknownSnapshotError(Exception):
    """There is no snapshot of that name."""


class World:
    """One sandbox. `random` is seeded: the same calls in the same order have the same luck."""

    def __init__(self, start: datetime | None = None, luck: int = 1) -> None:
        self.clock = SandboxClock(start)
        self.journal = Journal()
        self.random = random.Random(luck)  # noqa: S311 - luck, not secrecy
        self.ready_faults: dict[str, Ready] = {}
        """What each vendor has at hand to be answered, by name."""
        self.faults = FaultRules(self.random, self.ready_faults)
        self.ids = Ids()
        self.limits = {vendor: Switches() for vendor in VENDORS}
        self.settings = {vendor: Switches() for vendor in VENDORS}
        self.addresses: dict[str, str] = {}
        """The doors' own addresses by vendor, and `control`; known once they are open."""
        self.states: dict[str, Any] = {}
        self.webhooks: dict[str, WebhookSender] = {}
        self.counts: list[Callable[[], None]] = []
        """What empties each count of calls: windows, days, months."""
        self._snapshots: dict[str, WorldState] = {}
        self._styles: dict[str, WebhookStyle] = {}

    @property
    def hubspot(self) -> Any:
        """HubSpot's state (`hubspot.accounts.HubSpot`)."""
        return self.states["hubspot"]

    @property
    def quickbooks(self) -> Any:
        """QuickBooks' state (`quickbooks.companies.QuickBooks`)."""
        return self.states["quickbooks"]

    def trace_id(self) -> str:
        """A random UUID by the world's own luck, as a vendor's support asks for one."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def join(self, vendor: str, state: VendorState, sender: WebhookSender) -> None:
        """Take in a vendor's state and its webhook sender."""
        self.states[vendor] = state
        self.webhooks[vendor] = sender
        self._styles[vendor] = sender.style

    def snapshot(self, name: str) -> None:
        """Keep the whole state of both vendors and the clock's time under `name`."""
        self._snapshots[name] = self.state()

    def state(self) -> WorldState:
        """The states of both vendors, the clock's time and the following id."""
        states = {vendor: state.snapshot() for vendor, state in self.states.items()}
        return states, self.clock.now(), self.ids.following

    def save(self, name: str, path: Path) -> None:
        """Write a snapshot into a file; raises UnknownSnapshotError and OSError."""
        if name not in self._snapshots:
            raise UnknownSnapshotError(name)
        snapshot_files.write(path, self._snapshots[name])

    def load(self, path: Path) -> None:
        """Be as the snapshot in that file says, its clock too. Raises UnfitSnapshotError."""
        try:
            states, moment, following = snapshot_files.read(path)
            for vendor in VENDORS:
                self.states[vendor].restore(states[vendor])
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise UnfitSnapshotError(
                f"{path} was written by another version of the sandbox ({error!r}): generate it anew."
            ) from error
        self.ids.following = following
        self.clock.move_to(moment)

    def reset(self, name: str, *, clock: bool = True) -> None:
        """
        Go back to a snapshot; raises UnknownSnapshotError.

        Webhooks not yet delivered are forgotten; faults, the journal and where webhooks go stay as they are.
        """
        if name not in self._snapshots:
            raise UnknownSnapshotError(name)
        states, moment, following = self._snapshots[name]
        for sender in self.webhooks.values():
            sender.forget_waiting()
        for vendor, state in states.items():
            self.states[vendor].restore(state)
        self.ids.following = following
        if clock:
            self.clock.move_to(moment)

    def fingerprint(self) -> dict[str, str]:
        """A digest of all that each vendor holds: the same digest, nothing changed."""
        return {vendor: _digest(state.snapshot()) for vendor, state in self.states.items()}

    def forget_orders(self) -> None:
        """Take back what was ordered by the control door: faults, limits, settings, webhooks, rate; count anew."""
        self.faults.clear()
        self.journal.forget()
        for forget in self.counts:
            forget()
        self.clock.move_to(self.clock.now(), frozen=False, rate=self.clock.usual_rate)
        for vendor in VENDORS:
            self.limits[vendor].restore()
            self.settings[vendor].restore()
            self.webhooks[vendor].style = self._styles[vendor]


def _digest(state: object) -> str:
    written = io.BytesIO()
    pickler = pickle.Pickler(written)
    pickler.fast = True  # Without its memory equal states are equal bytes, whichever objects they share.
    pickler.dump(state)
    return hashlib.sha256(written.getbuffer()).hexdigest()
