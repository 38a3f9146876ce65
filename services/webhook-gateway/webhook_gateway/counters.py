"""The gateway's counters, as `ledgerbridge.service.metrics` describes them."""

from ledgerbridge.service import metrics

WEBHOOK_EVENTS = metrics.counter("ledgerbridge_webhook_events_total")
WEBHOOKS_REFUSED = metrics.counter("ledgerbridge_webhooks_refused_total")
SWEEPS = metrics.counter("ledgerbridge_sweeps_total")
