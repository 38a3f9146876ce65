"""What is written down about every exchange with a vendor: a log line, metrics, and whatever else listens.

An observer gets the route as a template (``/crm/objects/{version}/{type}/{id}``), never the ids of people, and never a
token, a body or a query. A trace is one more observer: `started_at` and `milliseconds` are all that a span needs.
"""

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from prometheus_client import Counter, Histogram


@dataclass(frozen=True, slots=True)
class Exchange:
    """One attempt of one call. `status` is None when no answer came; `outcome` is ``done`` or the error's code."""

    vendor: str
    account_id: int | None
    method: str
    route: str
    attempt: int
    status: int | None
    outcome: str
    milliseconds: float
    started_at: float
    """Seconds since 1970 of the machine's wall clock."""
    reference: str | None
    """``intuit_tid`` or HubSpot's correlation id."""
    lane: str


Observer = Callable[[Exchange], None]

_SECONDS = Histogram(
    "ledgerbridge_vendor_call_seconds",
    "How long the vendors' answers took",
    ("vendor", "method", "route", "outcome"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120),
)
_REPEATS = Counter("ledgerbridge_vendor_repeats_total", "Attempts after the first", ("vendor", "method", "route"))

_log = structlog.get_logger("ledgerbridge.vendors")


def log_exchange(exchange: Exchange) -> None:
    """One line for each attempt; refusals and lost answers as warnings."""
    write = _log.debug if exchange.outcome == "done" else _log.warning
    write(
        "vendor_call",
        vendor=exchange.vendor,
        account=exchange.account_id,
        method=exchange.method,
        route=exchange.route,
        attempt=exchange.attempt,
        status=exchange.status,
        outcome=exchange.outcome,
        milliseconds=round(exchange.milliseconds, 1),
        reference=exchange.reference,
        lane=exchange.lane,
    )


def count_exchange(exchange: Exchange) -> None:
    """Prometheus: time by route and outcome, and repeats."""
    _SECONDS.labels(exchange.vendor, exchange.method, exchange.route, exchange.outcome).observe(
        exchange.milliseconds / 1000
    )
    if exchange.attempt > 1:
        _REPEATS.labels(exchange.vendor, exchange.method, exchange.route).inc()


OBSERVERS: tuple[Observer, ...] = (log_exchange, count_exchange)
