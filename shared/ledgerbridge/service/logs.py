"""Structured logs to stdout, the standard library's routed through the same processors.

Nothing secret is logged on purpose; as a second net, values under telling names are masked.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

MASK = "***"
TELLING = re.compile(r"token|secret|password|authorization|signature|api_key|cookie", re.IGNORECASE)
SECRET = re.compile(
    r"(Bearer\s+|Basic\s+|\bpat-|\blbs_|postgres(?:ql)?://[^:/\s]+:|[?&](?:code|state|token)=)[^\s@&\"']+",
    re.IGNORECASE,
)


def mask(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask values whose name tells of a secret, and tokens, codes and passwords within any text, however deep."""
    for key, value in event.items():
        event[key] = _masked(key, value)
    return event


def _masked(key: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {inner: _masked(f"{key}.{inner}", one) for inner, one in value.items()}
    if TELLING.search(key):
        return MASK
    if isinstance(value, str):
        return SECRET.sub(rf"\1{MASK}", value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(key, one) for one in value]
    return value


def configure(service: str, *, form: str = "json", level: str = "info", out: TextIO | None = None) -> None:
    """Configure structlog and the standard library once, at the start of a process; `out` is stdout unless given."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        mask,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(out or sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processor=renderer,
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("uvicorn.access", "httpx", "httpcore", "aiokafka", "faststream"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(service=service)
