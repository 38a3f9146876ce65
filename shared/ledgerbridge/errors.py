"""Every way in which Ledgerbridge says no, split by what the caller can do.

    LedgerbridgeError
    ├── Permanent          the data, a business rule or the configuration must change; trying again is useless
    │   └── Refused        a rule of Ledgerbridge or a vendor said no to a person or a command
    ├── Transient          trying again later can help (network, 5xx, a lock)
    │   ├── Throttled      the vendor's limit, or our share of it, is used; `retry_after` seconds
    │   └── Uncertain      the vendor may have done the work; only the identical request may be repeated
    ├── ReconnectNeeded    the grant is gone; a person must connect again
    └── Paused             nothing is wrong with the request: subscription lapsed, budget used, permission missing

Every error has a code from `ledgerbridge.catalogue`, which holds its sentence and its remedy.
"""

from typing import Any

from ledgerbridge.catalogue import CATALOGUE, Entry


class LedgerbridgeError(Exception):
    """Says what is wrong (`sentence`), what to do (`remedy`) and where (`field`, `details`)."""

    def __init__(self, code: str, *, field: str | None = None, **details: Any) -> None:
        """Take the code's sentence and remedy from the catalogue; `details` fill their placeholders."""
        entry: Entry = CATALOGUE[code]
        self.code = code
        self.field = field
        self.details = details
        filled = details if field is None else {"field": field, **details}
        self.sentence = entry.say(filled)
        self.remedy = entry.advise(filled)
        super().__init__(f"{code}: {self.sentence}")


class Permanent(LedgerbridgeError):
    """The data, a business rule or the configuration must change first."""


class Refused(Permanent):
    """A rule said no to what a person or a command asked for."""


class Transient(LedgerbridgeError):
    """Trying again later can help."""


class Throttled(Transient):
    """A limit is reached. `retry_after` is in seconds of machine time."""

    def __init__(self, code: str, *, retry_after: float, **details: Any) -> None:
        """Remember how long to wait."""
        super().__init__(code, **details)
        self.retry_after = retry_after


class Uncertain(Transient):
    """The vendor may or may not have done the work: the answer was lost."""


class ReconnectNeeded(LedgerbridgeError):
    """The account's grant is gone; what waits resumes after a person has connected again."""


class Paused(LedgerbridgeError):
    """The account cannot take this now (subscription, budget, permission); what waits resumes by itself."""
