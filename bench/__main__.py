"""`python -m bench [NAME …]`: measure, print, keep. `make bench` runs all, each in a process of its own."""

import asyncio
import importlib
import subprocess
import sys

import uvloop

from bench import rows
from bench.servers import servers

NAMES = ("pipeline", "marking", "webhook_door", "memory", "calls", "latency", "up", "sandbox")
WHOLE_HOUSE = {"memory", "calls", "latency", "up"}
"""These start `ledgerbridge up`, with its own broker and database: no others may run beside it."""
WITHOUT_SERVERS = {"sandbox"}


def main(names: list[str]) -> int:
    """Run what is named, else all; status 1 where a goal is missed."""
    if len(names) == 1:
        return _measure(names[0])
    missed = 0
    for name in names or NAMES:
        missed |= subprocess.run((sys.executable, "-m", "bench", name), check=False).returncode
    print(f"Kept in {rows.RESULTS}")
    return missed


def _measure(name: str) -> int:
    module = importlib.import_module(f"bench.{name}")
    print(f"{name} (repeat with: .venv/bin/python -m bench {name})", flush=True)
    if name in WHOLE_HOUSE | WITHOUT_SERVERS:
        figures: list[rows.Row] = module.measure()
    else:
        with servers() as found, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            figures = runner.run(module.measure(found))
    rows.show(figures)
    rows.keep(figures)
    return int(any(row.holds is False for row in figures))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
