"""The examples for another producer, run as they stand in docs/examples."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from ledgerbridge.contracts.commands import CreateInvoice
from ledgerbridge.contracts.messages import BY_TYPE
from ledgerbridge.contracts.topics import INVOICE_COMMANDS
from ledgerbridge.messaging.received import Received, read_message

from .bus import Bus, header

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"


def check(received: Received) -> None:
    told = read_message(received, BY_TYPE)
    assert told.message == CreateInvoice(hubspot_account="24000001", deal_id="9001", idempotency_key="order-9001")
    assert told.envelope.source == "my-shop"
    assert len(told.envelope.id) == 36
    assert received.key == b"24000001:9001"


async def test_ten_lines_of_python_ask_for_an_invoice(bus: Bus) -> None:
    await bus.create(INVOICE_COMMANDS)
    script = str(EXAMPLES / "create_invoice.py")
    process = await asyncio.create_subprocess_exec(
        sys.executable, script, bus.bootstrap, bus.prefix, "24000001", "9001"
    )
    assert await process.wait() == 0
    [record] = await bus.read(INVOICE_COMMANDS, 1)
    assert header(record, "ce_specversion") == "1.0"
    check(Received(record.topic, 0, 0, record.key, record.headers, record.value, 0))


def test_the_line_for_kcat_gives_it_the_same_record(tmp_path: Path) -> None:
    """kcat itself is not needed: a stand-in of the same name writes down what it was given."""
    stand_in = tmp_path / "kcat"
    stand_in.write_text('#!/bin/sh\nfor word in "$@"; do echo "$word"; done > "$SEEN.arguments"\ncat > "$SEEN.input"\n')
    stand_in.chmod(0o755)
    seen = str(tmp_path / "seen")
    script = str(EXAMPLES / "create_invoice.sh")
    environment = os.environ | {"SEEN": seen, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run(["sh", script, "localhost:9092", "ledgerbridge.", "24000001", "9001"], check=True, env=environment)
    arguments = Path(f"{seen}.arguments").read_text().splitlines()
    assert arguments[arguments.index("-t") + 1] == "ledgerbridge.invoice-commands"
    assert arguments[arguments.index("-K") + 1] == "|"
    pairs = [arguments[at + 1].split("=", 1) for at, word in enumerate(arguments) if word == "-H"]
    key, _, value = Path(f"{seen}.input").read_text().partition("|")
    headers = [(name, text.encode()) for name, text in pairs]
    check(Received("t", 0, 0, key.encode(), headers, value.encode(), 0))
