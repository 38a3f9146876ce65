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


def hear(installed: Path, doors: Doors, file: str, name: str) -> None:
    """Raises AssertionError with what Node tells where the case fails."""
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


@pytest.mark.parametrize(("judge", "file", "name"), CASES)
def test_node(installed: Path, doors: Doors, judge: str, file: str, name: str) -> None:
    hear(installed, doors, file, name)


@pytest.mark.parametrize("judge", ["node-quickbooks (Node)"])
def test_a_wrong_claim_fails(installed: Path, doors: Doors, judge: str) -> None:
    with pytest.raises(AssertionError, match="not ok 1 - a customer of another name"):
        hear(installed, doors, "red-control.test.js", "a customer of another name")


@pytest.mark.parametrize("judge", ["node-quickbooks (Node)"])
@pytest.mark.parametrize("change", [{"SyncToken": "7"}, {"CompanyName": None}], ids=["token", "name"])
def test_a_mutated_answer_is_noticed(installed: Path, doors: Doors, judge: str, change: dict[str, str | None]) -> None:
    body = {"Customer": {"Id": "1", "SyncToken": "1", "CompanyName": "Node", **change}}
    rule = {"vendor": "quickbooks", "path": "/customer$", "status": 200, "body": body}
    doors.ask("POST", "/faults", rule)
    with pytest.raises(AssertionError, match="not ok 1 - a customer is made changed found and counted"):
        hear(installed, doors, "node-quickbooks.test.js", "a customer is made changed found and counted")
