"""Kafka's jars from a repository on this machine that answers as a test wants: never half a cache."""

import contextlib
import hashlib
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from ledgerbridge.embedded.downloads import class_path, pinned_jars
from ledgerbridge.embedded.errors import CannotStartError
from ledgerbridge.embedded.settings import EmbeddedSettings
from ledgerbridge.testing.waiting import wait_until_sync

from .running import Up


@dataclass
class Repository:
    """Serves the true jars, except where it is told to misbehave."""

    jars: dict[str, Path]
    address: str = ""
    wrong: set[str] = field(default_factory=set)
    cut: set[str] = field(default_factory=set)
    missing: set[str] = field(default_factory=set)
    stalled: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)

    def content(self, name: str) -> bytes:
        jar = name.removesuffix(".sha1")
        body = b"something else" if jar in self.wrong else self.jars[jar].read_bytes()
        # A repository that serves wrong files serves their checksums too.
        return body if name == jar else hashlib.sha1(body, usedforsecurity=False).hexdigest().encode()


@pytest.fixture
def repository() -> Iterator[Repository]:
    known = Repository({path.name: path for path in class_path(EmbeddedSettings().cache, print)})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2]
            known.asked.append(name)
            if name in known.missing:
                self.send_error(404)
                return
            body = known.content(name)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if name in known.stalled:
                self.wfile.write(body[:100])
                self.wfile.flush()
                known.release.wait(30)
            with contextlib.suppress(OSError):
                self.wfile.write(body[:100] if name in known.cut else body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known.address = f"http://127.0.0.1:{server.server_port}/maven2"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield known
    known.release.set()
    server.shutdown()
    server.server_close()


def leaves_nothing_but_the_lock(cache: Path) -> bool:
    return [path.name for path in cache.iterdir()] == [".lock"]


def test_download_is_told_verified_and_done_once(repository: Repository, tmp_path: Path) -> None:
    said: list[str] = []
    jars = class_path(tmp_path, said.append, repository.address)
    assert [jar.name for jar in jars] == [jar.file_name for jar in pinned_jars()]
    assert [hashlib.sha256(jar.read_bytes()).hexdigest() for jar in jars] == [jar.sha256 for jar in pinned_jars()]
    assert said[0].startswith("Downloading Apache Kafka (46 files, 45 MB, once) to ")
    assert said[-2:] == ["  46 of 46 files", "Apache Kafka is downloaded and verified"]

    asked, said[:] = len(repository.asked), []
    assert class_path(tmp_path, said.append, repository.address) == jars
    assert (len(repository.asked), said) == (asked, [])


@pytest.mark.parametrize("how", ["wrong", "cut", "missing"])
def test_bad_download_is_named_keeps_nothing_and_can_be_tried_again(
    repository: Repository, tmp_path: Path, how: str
) -> None:
    bad: set[str] = getattr(repository, how)
    bad.add("kafka-server-4.3.1.jar")
    with pytest.raises(CannotStartError, match=r"kafka-server-4\.3\.1\.jar") as refusal:
        class_path(tmp_path, print, repository.address)
    assert ("its SHA-256 sum differs" if how == "wrong" else "failed:") in str(refusal.value)
    assert "LEDGERBRIDGE_MAVEN_REPOSITORY" in str(refusal.value)
    assert "try again" in str(refusal.value)
    assert leaves_nothing_but_the_lock(tmp_path)

    bad.clear()
    assert all(jar.exists() for jar in class_path(tmp_path, print, repository.address))


def test_repository_out_of_reach_is_said(tmp_path: Path) -> None:
    with pytest.raises(CannotStartError, match="check the network"):
        class_path(tmp_path, print, "http://127.0.0.1:1/maven2")
    assert leaves_nothing_but_the_lock(tmp_path)


def test_killed_download_is_begun_anew(repository: Repository, tmp_path: Path) -> None:
    repository.stalled.add("kafka-server-4.3.1.jar")
    program = (
        "import sys, pathlib; from ledgerbridge.embedded.downloads import class_path; "
        "class_path(pathlib.Path(sys.argv[1]), print, sys.argv[2])"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path), repository.address])
    wait_until_sync(lambda: "kafka-server-4.3.1.jar" in repository.asked, what="the download is under way")
    process.send_signal(signal.SIGKILL)
    process.wait()
    (half,) = tmp_path.glob(".download-*")

    repository.stalled.clear()
    assert all(jar.exists() for jar in class_path(tmp_path, print, repository.address))
    assert not half.exists()


def test_interrupted_download_ends_in_order(repository: Repository, tmp_path: Path, run: Callable[..., Up]) -> None:
    repository.stalled.add("kafka-server-4.3.1.jar")
    up = run(LEDGERBRIDGE_CACHE=str(tmp_path), LEDGERBRIDGE_MAVEN_REPOSITORY=repository.address)
    wait_until_sync(lambda: "kafka-server-4.3.1.jar" in repository.asked, what="the download is under way")
    up.process.send_signal(signal.SIGINT)
    repository.release.set()
    assert up.process.wait(20) == 0
    assert up.text.endswith("Stopping\nAll is stopped\n")
    assert leaves_nothing_but_the_lock(tmp_path)


def test_damaged_cache_is_noticed_and_mended(repository: Repository, tmp_path: Path) -> None:
    jars = class_path(tmp_path, print, repository.address)
    jars[0].write_bytes(b"damaged")
    said: list[str] = []
    assert class_path(tmp_path, said.append, repository.address) == jars
    assert said[0].endswith(f"are damaged ({jars[0].name}); fetching them again")
    assert jars[0].read_bytes() != b"damaged"
