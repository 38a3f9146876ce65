"""The container image, on a real engine: skipped where none answers or its base image cannot be had."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[3]
BASE = "python:3.13-slim"
IMAGE = "ledgerbridge-sandbox:test"
pytestmark = pytest.mark.timeout(600)


def docker(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["docker", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def running(*arguments: str) -> str:
    done = docker(*arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def image() -> str:
    if shutil.which("docker") is None or docker("info").returncode != 0:
        pytest.skip("no container engine answers")
    if docker("image", "inspect", BASE).returncode != 0 and docker("pull", BASE).returncode != 0:
        pytest.skip(f"the base image {BASE} cannot be had here")
    running("build", "--file", "sandbox/Dockerfile", "--tag", IMAGE, ".")
    return IMAGE


@pytest.fixture
def container(image: str) -> Iterator[str]:
    name = running("run", "--detach", "--publish", "127.0.0.1::8090", "--publish", "127.0.0.1::8092", image)
    yield name
    docker("rm", "--force", name)


def healthy(container: str) -> bool:
    return running("inspect", "--format", "{{.State.Health.Status}}", container) == "healthy"


def test_a_container_becomes_healthy_answers_and_is_nobody_special(container: str) -> None:
    deadline = time.monotonic() + 60
    while not healthy(container):
        assert time.monotonic() < deadline, docker("logs", container).stderr
    control, quickbooks = (running("port", container, port).splitlines()[0] for port in ("8090", "8092"))
    assert httpx.get(f"http://{control}/health").json()["status"] == "open"
    answer = httpx.get(
        f"http://{quickbooks}/v3/company/9130350000000001/customer/1",
        headers={"authorization": "Bearer sandbox-quickbooks-access-1", "accept": "application/json"},
    )
    assert answer.json()["Customer"]["Id"] == "1"
    assert running("exec", container, "id", "-u") == "10001"
