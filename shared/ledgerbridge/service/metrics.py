"""Every metric of every service: name, kind, labels, what it means and what to do about it (docs/metrics.md).

Counters and histograms live in the process and are made here by name, once. Gauges are read when somebody asks for
/metrics (`ledgerbridge.service.gauges`). This module imports no other room, so that any room may count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from prometheus_client import Counter, Histogram

Kind = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True)
class Metric:
    """One metric. `remedy` says what a person does when it shows trouble."""

    name: str
    kind: Kind
    labels: Sequence[str]
    meaning: str
    remedy: str


_METRICS = (
    Metric(
        "ledgerbridge_vendor_call_seconds",
        "histogram",
        ("vendor", "method", "route", "outcome"),
        "Seconds until a vendor's answer, by route and outcome (`done` or an error's code)",
        "Outcomes other than `done`: look the code up in errors.md. Slow: the vendor's status page.",
    ),
    Metric(
        "ledgerbridge_vendor_repeats_total",
        "counter",
        ("vendor", "method", "route"),
        "Attempts after the first of a call",
        "A steady rise means that the vendor answers badly; nothing is lost while it is tried again.",
    ),
    Metric(
        "ledgerbridge_webhook_events_total",
        "counter",
        ("vendor", "outcome"),
        "Webhook events: `accepted`, `doubled`, `unknown_account`, `malformed`",
        "`malformed`: read the dead letters. `unknown_account`: connect the account, or remove the app there.",
    ),
    Metric(
        "ledgerbridge_webhook_told_seconds",
        "histogram",
        (),
        "Seconds from accepting a webhook to its notices in the outbox: of each lot that is told, its oldest",
        "High for long: the gateway has too little CPU, or the database is slow. Nothing is lost meanwhile.",
    ),
    Metric(
        "ledgerbridge_webhooks_refused_total",
        "counter",
        ("vendor", "reason"),
        "Deliveries refused: `bad_signature`, `too_large`, `busy`",
        "`bad_signature`: compare the app's secret with the settings. `busy`: the database is away or too slow.",
    ),
    Metric(
        "ledgerbridge_sweeps_total",
        "counter",
        ("vendor", "outcome"),
        "Sweeps for changes that no webhook told: `done`, `failed`, `full_scan`",
        "`failed`: the log names account and code. `full_scan`: changes too old to ask for; all is read again.",
    ),
    Metric(
        "ledgerbridge_part_failures_total",
        "counter",
        ("part",),
        "Parts of a service that ended unexpectedly and were started again",
        "Read the log at `part.failed` and report it.",
    ),
    Metric(
        "ledgerbridge_database_answers",
        "gauge",
        (),
        "1 where the database answered this question, else 0; the gauges read from it are then missing",
        "Bring the database back; everything resumes by itself.",
    ),
    Metric(
        "ledgerbridge_part_stands_still",
        "gauge",
        ("part",),
        "1 where work has waited for a part for more than a minute without progress (/livez then answers 503)",
        "Restart the service; the supervisor or the orchestrator does it by /livez.",
    ),
    Metric(
        "ledgerbridge_relay_leads",
        "gauge",
        (),
        "1 in the one process of a service that publishes its outbox",
        "No process at 1: is the broker away, or does an old process still hold the lock?",
    ),
    Metric("ledgerbridge_relay_published_total", "counter", (), "Records published by this process", "None is needed."),
    Metric(
        "ledgerbridge_outbox_waiting",
        "gauge",
        (),
        "Records of the outbox that are not published yet; counted to 10,000",
        "Rising: the broker is away, or a topic is missing (`ledgerbridge topics create`).",
    ),
    Metric(
        "ledgerbridge_outbox_oldest_seconds",
        "gauge",
        (),
        "Age of the oldest record that is not published; 0 where none waits",
        "As for `ledgerbridge_outbox_waiting`.",
    ),
    Metric(
        "ledgerbridge_outbox_set_aside",
        "gauge",
        (),
        "Records that the broker refuses for ever; their aggregate waits with them",
        "The table outbox_set_aside holds the reason of each; mend the cause, then release it.",
    ),
    Metric(
        "ledgerbridge_consumer_handled_total",
        "counter",
        ("topic",),
        "Records of a topic that this process handled",
        "None is needed.",
    ),
    Metric(
        "ledgerbridge_consumer_paused",
        "gauge",
        ("topic",),
        "1 while a consumer waits for the database or the broker",
        "Bring what is away back; the consumer resumes by itself.",
    ),
    Metric(
        "ledgerbridge_consumer_lag",
        "gauge",
        ("topic",),
        "Records behind the offsets that the group has committed, of this process's last look",
        "Rising: the database is slow, or a batch fails (the log says `consumer.failed`).",
    ),
    Metric(
        "ledgerbridge_records_due",
        "gauge",
        ("kind",),
        "Records of the index that may be worked on now; counted to 10,000",
        "Rising: a vendor is slow or throttles, or the worker stands still.",
    ),
    Metric(
        "ledgerbridge_records_oldest_due_seconds",
        "gauge",
        ("kind",),
        "How long the oldest of them has waited",
        "As for `ledgerbridge_records_due`.",
    ),
    Metric(
        "ledgerbridge_records",
        "gauge",
        ("kind", "state"),
        "Records that are not in sync, by state: `pending`, `failed`, `waiting`, `excluded`",
        "`failed`: `ledgerbridge records list` names reason and remedy. `waiting`: an account cannot take changes.",
    ),
)

METRICS: Mapping[str, Metric] = {metric.name: metric for metric in _METRICS}
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120)


def counter(name: str) -> Counter:
    """The counter of this name, registered with the process. Raises KeyError for one that is not listed."""
    metric = METRICS[name]
    return Counter(metric.name, metric.meaning, metric.labels)


def histogram(name: str) -> Histogram:
    """The histogram of this name, in seconds. Raises KeyError for one that is not listed."""
    metric = METRICS[name]
    return Histogram(metric.name, metric.meaning, metric.labels, buckets=SECONDS)
