"""The generated pages and contracts are those that the code generates."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from ledgerbridge.service.metrics import METRICS
from prometheus_client import REGISTRY
from webhook_gateway import counters

ROOT = Path(__file__).parent.parent


def test_the_committed_pages_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, "docs/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_page_that_differs_is_named(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs", tmp_path, dirs_exist_ok=True)
    (tmp_path / "metrics.md").write_text("something else")
    done = subprocess.run(
        [sys.executable, str(tmp_path / "generate.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, "docs/metrics.md is out of date: run `make docs`\n")


def test_every_metric_of_ours_is_listed_with_its_labels() -> None:
    assert counters.SWEEPS
    ours = [one for one in REGISTRY.collect() if one.name.startswith("ledgerbridge_")]
    listed = {name.removesuffix("_total"): metric for name, metric in METRICS.items()}
    assert {one.name for one in ours} <= listed.keys()
    assert {listed[one.name].kind for one in ours} == {"counter", "histogram"}


def test_metrics_are_made_only_from_the_list() -> None:
    sources = [*ROOT.glob("shared/ledgerbridge/**/*.py"), *ROOT.glob("services/*/*_*/**/*.py")]
    making = re.compile(r"\b(Counter|Gauge|Histogram|Summary)\(\s*[\"']")
    assert [str(one) for one in sources if making.search(one.read_text())] == []
