"""Intuit's SDK for Java in a process of its own, which hears one case after another."""

import base64
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

FOLDER = Path(__file__).parent / "java"
TOOLS = ("java", "javac", "mvn")
PATIENCE_SECONDS = 300


def is_here() -> bool:
    """Whether Java, its compiler and Maven are installed."""
    return all(shutil.which(tool) for tool in TOOLS)


def cases(name: str) -> list[str]:
    """The cases that a class of the folder holds, in its order."""
    return re.findall(r"static void (\w+)\(Books ", (FOLDER / f"{name}.java").read_text())


def class_path(target: Path) -> str:
    """The SDK's jars in Maven's cache, fetched where they are missing: those that `jars.txt` names and no others."""
    listed = target / "class-path"
    _run("mvn", "-B", "-q", "-f", str(FOLDER / "pom.xml"), "dependency:build-classpath", f"-Dmdep.outputFile={listed}")
    jars = listed.read_text().strip().split(os.pathsep)
    found = {hashlib.sha256(Path(jar).read_bytes()).hexdigest() for jar in jars}
    pinned = {line.split()[0] for line in (FOLDER / "jars.txt").read_text().splitlines() if not line.startswith("#")}
    assert found == pinned, f"not what is pinned: {sorted(found ^ pinned)}"
    return os.pathsep.join(jars)


def compiled(target: Path) -> str:
    """The class path of the compiled judge."""
    jars = class_path(target)
    sources = [str(path) for path in sorted(FOLDER.glob("*.java"))]
    _run("javac", "-nowarn", "-encoding", "UTF-8", "-d", str(target), "-cp", jars, *sources)
    return os.pathsep.join((str(target), jars))


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr


class JavaJudge:
    """The running process; what it logs goes to `log`."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self._process = process
        self._log = log

    def hear(self, case: str) -> None:
        """Raises AssertionError with Java's trace where the case `class method format compression transport` fails."""
        told, heard = self._process.stdin, self._process.stdout
        assert told is not None
        assert heard is not None
        verdict = _exchanged(told, heard, case)
        assert verdict, f"the judge is gone: {self._log.read_text()[-4000:]}"
        trace = verdict.removeprefix("failed ").strip()
        assert verdict.strip() == "passed", base64.b64decode(trace).decode()


def _exchanged(told: IO[str], heard: IO[str], case: str) -> str:
    told.write(case + "\n")
    told.flush()
    return heard.readline()


@contextmanager
def running(path: str, where: dict[str, str], log: Path) -> Iterator[JavaJudge]:
    """The judge, until the block ends."""
    command = ("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dfile.encoding=UTF-8", "-cp", path, "Judge")
    with log.open("w") as errors:
        process = subprocess.Popen(
            command,
            env=os.environ | where,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            encoding="utf-8",
        )
        try:
            yield JavaJudge(process, log)
        finally:
            process.terminate()
            process.wait()
