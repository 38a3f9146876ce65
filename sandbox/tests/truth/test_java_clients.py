"""The judge is Intuit's SDK for Java: each case of `java/*Cases.java` in the formats that it can speak.

Skipped, visibly, where Java, its compiler or Maven are not installed.
"""

from collections.abc import Iterator

import java_judge
import pytest
from doors import Doors
from java_judge import JavaJudge

SDK, OAUTH = "ipp-v3-java-devkit (Java)", "oauth2-platform-api (Java)"
WAYS = ("json gzip apache", "xml plain apache", "xml deflate apache", "json plain url")
"""Format, compression and transport: each case runs in all of these."""
CASES = ("InvoiceCases", "ListCases", "ProtocolCases", "RefusalCases", "FileCases")
_NO_STATUS = "over java.net the SDK keeps no status line and stumbles over every answer that is no IntuitResponse"
EXPLAINED = {
    "aTaxCodeIsMade (xml": "the tax service speaks JSON only (ruckus/quickbooks-ruby#257); the SDK follows its setting",
    "aTaxCodeIsMade (json plain url": _NO_STATUS,
    "anInvoiceIsPrinted (json plain url": _NO_STATUS,
    "aFileIsUploadedAndFetched (json plain url": _NO_STATUS,
    "whatBreaksWithoutWords (json plain url": _NO_STATUS,
    "severalFilesAtOnce (json plain url": "several files go by Apache's client always, which forgets an address's port",
    "severalFilesAtOnce (xml deflate": "each file is packed by itself; of deflate streams the first is read (guess)",
    "aFaultOfValidationIsAnException": "raised for the type Validation; QuickBooks sends ValidationFault (recorded)",
    "eventsOfADeliveryAreRead": "the SDK reads the format only that was retired on 2026-07-31",
}
"""Cases that cannot pass, by how their names begin, and why."""
pytestmark = [
    pytest.mark.skipif(not java_judge.is_here(), reason="java, javac and mvn are not installed"),
    pytest.mark.timeout(600),
]


def _cases() -> Iterator[object]:
    for name in CASES:
        for case in java_judge.cases(name):
            yield from (_case(SDK, name, case, way) for way in WAYS)
    for judge, name in ((SDK, "WebhookCases"), (SDK, "ExplainedCases"), (OAUTH, "OAuthCases")):
        yield from (_case(judge, name, case, WAYS[0]) for case in java_judge.cases(name))


def _case(judge: str, name: str, case: str, way: str) -> object:
    told = f"{case} ({way})"
    reasons = [reason for start, reason in EXPLAINED.items() if told.startswith(start)]
    marks = [pytest.mark.xfail(strict=True, reason=reason) for reason in reasons]
    return pytest.param(judge, f"{name} {case} {way}", id=f"{name}: {told}", marks=marks)


@pytest.fixture(scope="module")
def java(ledgerbridge_sandbox_process: Doors, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JavaJudge]:
    door, target = ledgerbridge_sandbox_process, tmp_path_factory.mktemp("java")
    where = {"SANDBOX_QUICKBOOKS": door.quickbooks, "SANDBOX_CONTROL": door.control}
    with java_judge.running(java_judge.compiled(target), where, target / "log") as found:
        yield found


@pytest.mark.parametrize(("judge", "case"), list(_cases()))
def test_java(java: JavaJudge, doors: Doors, judge: str, case: str) -> None:
    java.hear(case)
