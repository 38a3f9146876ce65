"""What is written down about every exchange with a vendor: a log line, metrics, and whatever else listens.

An observer gets the route as a template (``/crm/objects/{version}/{type}/{id}``), never the ids of people, and never a
token, a body or a query. A trace is one more observer: `started_at` and `milliseconds` are all that a span needs.
"""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from ledgerbridge.service import metrics, trace_context


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

_SECONDS = metrics.histogram("ledgerbridge_vendor_call_seconds")
_REPEATS = metrics.counter("ledgerbridge_vendor_repeats_total")

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


def trace_exchange(exchange: Exchange) -> None:
    """A span below the current one; nothing while traces are off."""
    trace_context.past_span(
        f"{exchange.vendor} {exchange.method} {exchange.route}",
        {
            "ledgerbridge.vendor": exchange.vendor,
            "ledgerbridge.account": exchange.account_id or 0,
            "ledgerbridge.outcome": exchange.outcome,
            "ledgerbridge.lane": exchange.lane,
            "http.request.method": exchange.method,
            "http.response.status_code": exchange.status or 0,
            "http.request.resend_count": exchange.attempt - 1,
        },
        exchange.started_at,
        exchange.started_at + exchange.milliseconds / 1000,
        failed=exchange.outcome != "done",
    )


OBSERVERS: tuple[Observer, ...] = (log_exchange, count_exchange, trace_exchange)
