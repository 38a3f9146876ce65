"""The judge is Intuit's SDK for Java: each case of `java/*Cases.java` in the formats that it can speak.

Skipped, visibly, where Java, its compiler or Maven are not installed.
"""

from collections.abc import Iterator

import java_judge
import pytest
from doors import Doors
from java_judge import JavaJudge

SDK, OAUTH = "ipp-v3-java-devkit (Java)", "oauth2-platform-api (Java)"
WAYS = ("json gzip url", "xml plain url", "json plain apache", "xml deflate apache")
"""Format, compression and transport: each case runs in all of these."""
CASES = ("InvoiceCases", "ListCases", "ProtocolCases", "RefusalCases", "FileCases")
EXPLAINED: dict[str, str] = {}
pytestmark = [
    pytest.mark.skipif(not java_judge.is_here(), reason="java, javac and mvn are not installed"),
    pytest.mark.timeout(600),
]


def _cases() -> Iterator[object]:
    for name in CASES:
        for case in java_judge.cases(name):
            for way in WAYS:
                yield pytest.param(SDK, f"{name} {case} {way}", id=f"{name}: {case} ({way})")
    for judge, name in ((SDK, "WebhookCases"), (OAUTH, "OAuthCases")):
        for case in java_judge.cases(name):
            yield pytest.param(judge, f"{name} {case} {WAYS[0]}", id=f"{name}: {case}")


@pytest.fixture(scope="module")
def java(ledgerbridge_sandbox_process: Doors, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JavaJudge]:
    door, target = ledgerbridge_sandbox_process, tmp_path_factory.mktemp("java")
    where = {"SANDBOX_QUICKBOOKS": door.quickbooks, "SANDBOX_CONTROL": door.control}
    with java_judge.running(java_judge.compiled(target), where, target / "log") as found:
        yield found


@pytest.mark.parametrize(("judge", "case"), list(_cases()))
def test_java(java: JavaJudge, doors: Doors, judge: str, case: str) -> None:
    java.hear(case)
