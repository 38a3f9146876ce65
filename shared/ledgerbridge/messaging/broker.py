"""The one place that makes a FastStream broker, with every option that matters set (libraries.md 1.2).

What the defaults would do: commit before the work is done, skip what was there before the group, make topics.
"""

from faststream.kafka import KafkaBroker

STOP_SECONDS = 8.0


def open_broker(bootstrap: str, client_id: str) -> KafkaBroker:
    """A broker that consumes only; nothing is connected before it is started. We publish through the outbox."""
    return KafkaBroker(
        bootstrap,
        client_id=client_id,
        allow_auto_create_topics=False,
        consumer_only=True,
        graceful_timeout=STOP_SECONDS,
        apply_types=False,
        logger=None,
    )
