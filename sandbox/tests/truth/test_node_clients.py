"""The judges are clients for Node: each case of `node/*.test.js` runs in a process of its own against the sandbox.

Skipped, visibly, where node and npm are not installed.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from doors import Doors

FOLDER = Path(__file__).parent / "node"
JUDGES = {
    "node-quickbooks": "node-quickbooks (Node)",
    "intuit-oauth": "intuit-oauth (Node)",
    "hubspot-api-client": "@hubspot/api-client (Node)",
    "hubspot-api-client-setup": "@hubspot/api-client (Node)",
    "hubspot-api-client-protocol": "@hubspot/api-client (Node)",
}
CASES = [
    pytest.param(judge, f"{file}.test.js", name, id=f"{file}: {name}")
    for file, judge in JUDGES.items()
    for name in re.findall(r"^test\('([\w ]+)'", (FOLDER / f"{file}.test.js").read_text(), re.MULTILINE)
]
pytestmark = [
    pytest.mark.skipif(not (shutil.which("node") and shutil.which("npm")), reason="node and npm are not installed"),
    pytest.mark.timeout(300),
]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the folder with the clients that its lock file names."""
    folder = tmp_path_factory.mktemp("judges") / "node"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("node_modules"))
    command = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.mark.parametrize(("judge", "file", "name"), CASES)
def test_node(installed: Path, doors: Doors, judge: str, file: str, name: str) -> None:
    where = {
        "SANDBOX_HUBSPOT": doors.hubspot,
        "SANDBOX_QUICKBOOKS": doors.quickbooks,
        "SANDBOX_CONTROL": doors.control,
    }
    command = ("node", "--test-reporter=tap", f"--test-name-pattern=^{name}$", file)
    done = subprocess.run(
        command, cwd=installed, env=os.environ | where, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\n# pass 1\n" in done.stdout, done.stdout
