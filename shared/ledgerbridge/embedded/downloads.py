"""Kafka's jars: fetched once from a Maven repository, verified before every use.

`kafka_jars.txt` pins coordinates and SHA-256 sums. A download goes to a temporary folder, is verified as a whole and
then renamed: the cache holds a complete set or none.
"""

import fcntl
import hashlib
import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import requests
from jgo.config import GlobalSettings
from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import MavenContext, PythonResolver

from ledgerbridge.embedded.errors import CannotStartError

Report = Callable[[str], None]

DOWNLOADS_AT_ONCE = 4
STALL_SECONDS = 20
REPOSITORY_SETTING = "LEDGERBRIDGE_MAVEN_REPOSITORY"


@dataclass(frozen=True)
class Jar:
    """One pinned file of the class path."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """Its name in the repository and in the cache."""
        return f"{self.artifact}-{self.version}.jar"


def pinned_jars() -> list[Jar]:
    """The committed list."""
    text = (resources.files("ledgerbridge.embedded") / "kafka_jars.txt").read_text()
    rows = [line.replace(":", " ").split() for line in text.splitlines() if line and not line.startswith("#")]
    return [Jar(group, artifact, version, sha256) for sha256, group, artifact, version in rows]


def class_path(cache: Path, report: Report, repository: str | None = None) -> list[Path]:
    """The verified jars in the cache, downloaded first where they are missing.

    `repository` is the address of a mirror to use in the place of Maven Central.
    `report` takes a line for a person now and then. Raises CannotStartError where the download fails or is not what
    was pinned; nothing half is left behind, and the next call tries again.
    """
    jars = pinned_jars()
    folder = cache / f"kafka-{_fingerprint(jars)}"
    with _alone(cache):
        if folder.exists() and (wrong := _wrong_files(folder, jars)):
            report(f"Kafka's files in {folder} are damaged ({wrong[0]}); fetching them again")
            shutil.rmtree(folder)
        if not folder.exists():
            _download(jars, folder, report, repository)
    return [folder / jar.file_name for jar in jars]


def _fingerprint(jars: list[Jar]) -> str:
    return hashlib.sha256("".join(jar.sha256 for jar in jars).encode()).hexdigest()[:12]


@contextmanager
def _alone(cache: Path) -> Iterator[None]:
    """One process at a time works in the cache; the lock ends with the process that holds it."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for leftover in cache.glob(".download-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        yield


def _wrong_files(folder: Path, jars: list[Jar]) -> list[str]:
    return [jar.file_name for jar in jars if not _is_right(folder / jar.file_name, jar.sha256)]


def _is_right(path: Path, sha256: str) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return False


def _download(jars: list[Jar], folder: Path, report: Report, repository: str | None) -> None:
    report(f"Downloading Apache Kafka ({len(jars)} files, 45 MB, once) to {folder}")
    temporary = Path(tempfile.mkdtemp(prefix=".download-", dir=folder.parent))
    try:
        _fetch_all(jars, temporary, report, repository)
        if wrong := _wrong_files(temporary / "jars", jars):
            raise CannotStartError(
                f"the download of {', '.join(wrong)} is not the file that this version of Ledgerbridge was made with "
                "(its SHA-256 sum differs); nothing was kept. Check the repository or proxy in use "
                f"({REPOSITORY_SETTING}) and try again"
            )
        (temporary / "jars").rename(folder)
        report("Apache Kafka is downloaded and verified")
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _fetch_all(jars: list[Jar], temporary: Path, report: Report, repository: str | None) -> None:
    context = _maven(temporary / "repository", repository)
    (temporary / "jars").mkdir()
    pool = ThreadPoolExecutor(DOWNLOADS_AT_ONCE)
    waiting = {pool.submit(_fetch, context, jar, temporary / "jars"): jar for jar in jars}
    try:
        for count, done in enumerate(as_completed(waiting), start=1):
            _settle(done, waiting[done])
            if count % 10 == 0 or count == len(jars):
                report(f"  {count} of {len(jars)} files")
    finally:
        # Upon a failure or an interruption: not one file more than those under way.
        pool.shutdown(cancel_futures=True)


def _settle(done: "Future[None]", jar: Jar) -> None:
    try:
        done.result()
    except (requests.RequestException, RuntimeError, OSError) as failure:
        raise CannotStartError(
            f"the download of {jar.file_name} for Apache Kafka failed: {failure}. Nothing was kept; "
            f"check the network, or name a mirror of Maven Central in {REPOSITORY_SETTING}, and try again"
        ) from failure


def _fetch(context: MavenContext, jar: Jar, target: Path) -> None:
    artifact = context.project(jar.group, jar.artifact).at_version(jar.version).artifact()
    fetched = context.resolver.download(artifact)
    if fetched is None:
        raise RuntimeError("the repository has no such file")
    fetched.rename(target / jar.file_name)


def _maven(cache: Path, repository: str | None) -> MavenContext:
    """Resolve Maven Central as jgo does, in a cache of our own; the user's Maven cache is not touched."""
    logging.getLogger("jgo").setLevel(logging.ERROR)
    repositories = {"central": MAVEN_CENTRAL_URL, **GlobalSettings.load().repositories}
    if repository:
        repositories = {"central": repository.rstrip("/")}
    return MavenContext(resolver=PythonResolver(), repo_cache=cache, remote_repos=repositories, timeout=STALL_SECONDS)
