"""The package in somebody else's project: built, installed alone into a fresh environment, used as its README says."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SANDBOX = Path(__file__).parents[2]
pytestmark = pytest.mark.timeout(300)


def uv(*arguments: object) -> None:
    command = [str(Path(sys.executable).with_name("uv")), *map(str, arguments), "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has nothing of this repository but the sandbox's wheel."""
    project = tmp_path_factory.mktemp("elsewhere")
    source = shutil.copytree(SANDBOX, project / "source", ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
    uv("build", "--wheel", "--out-dir", project, source)
    shutil.rmtree(source)
    (wheel,) = project.glob("*.whl")
    uv("venv", "--python", sys.executable, project / "env")
    uv("pip", "install", "--python", project / "env", f"ledgerbridge-sandbox @ {wheel.as_uri()}", "pytest")
    return project


def run(project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    program = str(project / "env" / "bin" / command[0])
    return subprocess.run([program, *command[1:]], cwd=project, capture_output=True, text=True, check=False)


def test_the_readmes_example_passes_there(elsewhere: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?def test_.*?)```", (SANDBOX / "README.md").read_text(), re.DOTALL)
    (elsewhere / "test_example.py").write_text(example)
    done = run(elsewhere, "pytest", "-q", "test_example.py")
    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_the_pages_are_there(elsewhere: Path) -> None:
    script = (
        "import httpx\n"
        "from ledgerbridge_sandbox.doors import started\n"
        "with started() as doors:\n"
        "    for path in ('/pages/hubspot/24000001/deals', '/pages/static/pages.css', '/pages/static/pages.js'):\n"
        "        httpx.get(doors.control + path).raise_for_status()\n"
    )
    done = run(elsewhere, "python", "-c", script)
    assert done.returncode == 0, done.stderr


def test_the_command_is_there_and_nothing_of_the_product(elsewhere: Path) -> None:
    assert "HubSpot and QuickBooks Online" in run(elsewhere, "ledgerbridge-sandbox", "--help").stdout
    done = run(elsewhere, "python", "-c", "import ledgerbridge_sandbox.app, ledgerbridge")
    assert "No module named 'ledgerbridge'" in done.stderr
