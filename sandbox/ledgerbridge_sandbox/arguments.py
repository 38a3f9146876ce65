"""What the command `ledgerbridge-sandbox` understands."""

import argparse
import os
from datetime import datetime
from pathlib import Path

from ledgerbridge_sandbox.clock import checked_rate

HUBSPOT_PORT = 8091
QUICKBOOKS_PORT = 8092
CONTROL_PORT = 8090


def arguments() -> argparse.Namespace:
    """What was written on the command line, or stands in the environment."""

    def port(name: str, default: int) -> int:
        return int(os.environ.get(f"LEDGERBRIDGE_SANDBOX_{name}_PORT", default))

    def webhooks(name: str) -> str:
        return os.environ.get(f"LEDGERBRIDGE_SANDBOX_{name}_WEBHOOKS", "")

    parser = argparse.ArgumentParser("ledgerbridge-sandbox", description="HubSpot and QuickBooks Online, simulated")
    parser.add_argument("--host", default=os.environ.get("LEDGERBRIDGE_SANDBOX_HOST", "127.0.0.1"))
    parser.add_argument("--hubspot-port", type=int, default=port("HUBSPOT", HUBSPOT_PORT), help="0 takes a free port")
    parser.add_argument("--quickbooks-port", type=int, default=port("QUICKBOOKS", QUICKBOOKS_PORT))
    parser.add_argument("--control-port", type=int, default=port("CONTROL", CONTROL_PORT))
    parser.add_argument("--hubspot-webhooks", default=webhooks("HUBSPOT"), help="address that HubSpot's webhooks go to")
    parser.add_argument("--quickbooks-webhooks", default=webhooks("QUICKBOOKS"))
    parser.add_argument("--start", type=datetime.fromisoformat, help="the sandbox's first moment; default: now")
    parser.add_argument("--snapshot", type=Path, metavar="FILE", help="begin as this file says, not with the seed")
    parser.add_argument("--rate", type=_rate, default=1.0, help="seconds that pass in a second; 1440: a day a minute")
    parser.add_argument("--seed", type=int, default=1, help="of all luck: with the same calls the same answers")
    parser.add_argument("--print-json", action="store_true", help="print the addresses as one JSON line")
    generate = parser.add_subparsers(dest="command").add_parser("generate", help="write a large company as a snapshot")
    generate.add_argument("--customers", type=int, required=True)
    generate.add_argument("--invoices", type=int, required=True)
    generate.add_argument("--seed", type=int, default=1, help="of all that is made up")
    generate.add_argument("--start", type=datetime.fromisoformat, help="the snapshot's moment; default: now")
    generate.add_argument("--out", type=Path, required=True, metavar="FILE")
    return parser.parse_args()


def _rate(text: str) -> float:
    """Raises ValueError, which argparse tells."""
    return checked_rate(float(text))
