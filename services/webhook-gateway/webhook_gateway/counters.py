"""The gateway's counters, as `ledgerbridge.service.metrics` describes them."""

from ledgerbridge.service import metrics

WEBHOOK_EVENTS = metrics.counter("ledgerbridge_webhook_events_total")
TOLD_SECONDS = metrics.histogram("ledgerbridge_webhook_told_seconds")
WEBHOOKS_REFUSED = metrics.counter("ledgerbridge_webhooks_refused_total")
SWEEPS = metrics.counter("ledgerbridge_sweeps_total")
