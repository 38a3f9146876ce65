"""Settings that must be refused, and logs that must not tell."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import Any

import pytest
import structlog
from ledgerbridge.service import ServiceSettings, logs
from pydantic import ValidationError

GIVEN = {"database_app": "postgresql://a:pw@h/d", "database_engine": "postgresql://e:pw@h/d", "kafka": "h:9092"}
GIVEN |= {"secret_key": "k:AAAA"}


@pytest.mark.parametrize(
    ("vendors", "clock"),
    [
        ({}, "http://127.0.0.1:8090"),
        ({"hubspot_api": "http://127.0.0.1:8091"}, "http://127.0.0.1:8090"),
        ({"quickbooks_api": "http://localhost:8092"}, "http://127.0.0.1:8090"),
        ({"hubspot_api": "http://sandbox:8091", "quickbooks_api": "http://other:8092"}, "http://sandbox:8090"),
        ({"hubspot_api": "http://127.0.0.1.evil.example", "quickbooks_api": "http://::1"}, "http://127.0.0.1:8090"),
    ],
)
def test_a_movable_clock_beside_a_real_vendor_is_refused(vendors: dict[str, str], clock: str) -> None:
    with pytest.raises(ValidationError, match="sandbox_clock"):
        ServiceSettings(**GIVEN, **vendors, sandbox_clock=clock)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "sandbox", "[::1]"])
def test_the_sandboxs_clock_beside_the_sandboxs_vendors_is_taken(host: str) -> None:
    vendors = {"hubspot_api": f"http://{host}:8091", "quickbooks_api": f"http://{host}:8092"}
    assert ServiceSettings(**GIVEN, **vendors, sandbox_clock=f"http://{host}:8090").sandbox_clock


def test_missing_secrets_are_named_and_given_ones_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEDGERBRIDGE_DATABASE_APP", "postgresql://a:very-secret@h/d")
    with pytest.raises(ValidationError) as refused:
        ServiceSettings()
    assert {one["loc"][0] for one in refused.value.errors()} == {"database_engine", "kafka", "secret_key"}
    shown = repr(ServiceSettings(**GIVEN, hubspot_app_secret="very-secret"))
    assert "very-secret" not in shown
    assert "pw@" not in shown


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    with redirect_stdout(stream):
        logs.configure("probe", level="debug")
    try:
        yield stream
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
        structlog.contextvars.clear_contextvars()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_both_kinds_of_loggers_write_one_json_line_each(written: io.StringIO) -> None:
    structlog.get_logger("ours").info("something.happened", number=7)
    logging.getLogger("theirs").warning("their %s", "words")
    ours, theirs = lines(written)
    assert (ours["event"], ours["number"], ours["level"], ours["service"]) == ("something.happened", 7, "info", "probe")
    assert (theirs["event"], theirs["level"], theirs["service"]) == ("their words", "warning", "probe")


@pytest.mark.parametrize(
    "told",
    [
        {"access_token": "CANARY"},
        {"headers": {"Authorization": "Bearer CANARY"}},
        {"detail": ["Bearer CANARY"]},
        {"cause": "connect to postgresql://me:CANARY@db:5432/x failed"},
        {"cause": "key pat-na1-CANARY was refused"},
        {"cause": "authorization: bearer CANARY"},
        {"client_secret": "CANARY", "nested": {"refresh_token": "CANARY"}},
        {"cause": "client lbs_CANARY"},
        {"address": "/oauth/quickbooks/callback?code=CANARY&state=CANARY"},
    ],
)
def test_what_tells_of_a_secret_is_masked(written: io.StringIO, told: dict[str, Any]) -> None:
    structlog.get_logger("ours").warning("something", **told)
    assert "CANARY" not in written.getvalue()
    assert logs.MASK in written.getvalue()


def test_a_secret_in_an_exception_is_masked(written: io.StringIO) -> None:
    def fail() -> None:
        raise RuntimeError("Bearer CANARY")

    try:
        fail()
    except RuntimeError:
        structlog.get_logger("ours").exception("failed")
        logging.getLogger("theirs").exception("failed with Bearer CANARY")
    assert "RuntimeError" in written.getvalue()
    assert "CANARY" not in written.getvalue()
