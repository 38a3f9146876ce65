"""The judge is Intuit's SDK for Java: each case of `java/*Cases.java` in the formats that it can speak.

Skipped, visibly, where Java, its compiler or Maven are not installed.
"""

from collections.abc import Iterator

import java_judge
import msgspec
import pytest
from doors import Doors
from java_judge import JavaJudge
from ledgerbridge_sandbox.quickbooks.xml_writing import as_xml

SDK, OAUTH = "ipp-v3-java-devkit (Java)", "oauth2-platform-api (Java)"
WAYS = ("json gzip apache", "xml plain apache", "xml deflate apache", "json plain url")
"""Format, compression and transport: each case runs in all of these."""
CASES = ("InvoiceCases", "LineCases", "ListCases", "ProtocolCases", "RefusalCases", "FileCases")
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


@pytest.mark.parametrize("judge", [SDK])
def test_a_wrong_claim_fails(java: JavaJudge, doors: Doors, judge: str) -> None:
    with pytest.raises(AssertionError, match="wanted Nobody, found Somebody"):
        java.hear(f"RedControl aCustomerOfAnotherName {WAYS[0]}")


TRUE = {
    "Id": "900",
    "SyncToken": "0",
    "domain": "QBO",
    "DocNumber": "1",
    "TxnDate": "2026-11-02",
    "DueDate": "2026-11-17",
    "CustomerRef": {"value": "1", "name": "Java & <Söhne>"},
    "CustomerMemo": {"value": "Danke & bis bald"},
    "TotalAmt": 100.5,
    "Balance": 100.5,
    "Line": [{"DetailType": "SalesItemLineDetail"}, {"DetailType": "SubTotalLineDetail"}],
    "MetaData": {"CreateTime": "2026-11-02T10:00:00-08:00"},
}
"""What the first call of the case takes for true; the second then finds no invoice 900."""


@pytest.mark.parametrize("judge", [SDK])
@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({}, "610"),
        ({"TotalAmt": None}, "wanted 100.50, found null"),
        ({"Balance": "much"}, "SerializationException"),
        ({"SyncToken": "1"}, "wanted 0, found 1"),
        ({"TxnDate": "yesterday"}, "found .* 9999"),
        ({"CustomerRef": "1"}, "SerializationException"),
        ({"Line": {}}, "SerializationException"),
        ({"MetaData": None}, "NullPointerException"),
    ],
    ids=["none", "no-total", "balance", "token", "date", "reference", "lines", "no-moments"],
)
def test_a_mutated_answer_is_noticed(
    java: JavaJudge, doors: Doors, judge: str, change: dict[str, object], complaint: str
) -> None:
    _answer_with(doors, {"Invoice": {**TRUE, **change}})
    with pytest.raises(AssertionError, match=complaint):
        java.hear(f"InvoiceCases anInvoiceIsMadeAndRead {WAYS[0]}")


@pytest.mark.parametrize("judge", [SDK])
@pytest.mark.parametrize(
    ("true", "false", "complaint"),
    [
        ("", "", "610"),
        ("finance/v3", "finance/v2", "SerializationException"),
        ("</Invoice>", "", "SerializationException"),
        ("<TotalAmt>", "<TotalAmount>", "SerializationException"),
        ("<CustomerMemo>Danke &amp; bis bald</CustomerMemo>", "", "NullPointerException"),
        ('name="Java &amp; &lt;Söhne&gt;"', "", "found null"),
    ],
    ids=["none", "namespace", "tag", "element", "memo", "name"],
)
def test_a_mutated_answer_in_xml_is_noticed(
    java: JavaJudge, doors: Doors, judge: str, true: str, false: str, complaint: str
) -> None:
    body = as_xml(msgspec.json.encode({"Invoice": TRUE, "time": "2026-11-02T10:00:00.000-08:00"})).decode()
    assert true in body
    _answer_with(doors, body.replace(true, false), "application/xml")
    with pytest.raises(AssertionError, match=complaint):
        java.hear(f"InvoiceCases anInvoiceIsMadeAndRead {WAYS[1]}")


def _answer_with(doors: Doors, body: object, content_type: str = "application/json") -> None:
    told = {"status": 200, "body": body, "content_type": content_type, "times": 1}
    doors.ask("POST", "/faults", {"vendor": "quickbooks", "path": "/invoice$", **told})
