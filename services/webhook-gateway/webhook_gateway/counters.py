"""The gateway's metrics."""

from prometheus_client import Counter

WEBHOOK_EVENTS = Counter(
    "ledgerbridge_webhook_events_total",
    "Webhook events by vendor and outcome: accepted, doubled, unknown_account, malformed",
    ["vendor", "outcome"],
)
WEBHOOKS_REFUSED = Counter(
    "ledgerbridge_webhooks_refused_total",
    "Deliveries refused by vendor and reason: bad_signature, too_large, busy",
    ["vendor", "reason"],
)
SWEEPS = Counter(
    "ledgerbridge_sweeps_total", "Sweeps by vendor and outcome: done, failed, full_scan", ["vendor", "outcome"]
)
