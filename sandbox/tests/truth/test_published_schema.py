"""The judge is the schema that Intuit publishes (types, enumerations, lengths, order), by Java's own validator.

Every answer in XML is held against it. Skipped, visibly, where Java or the schema are missing.
"""

import base64
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from doors import Doors
from ledgerbridge_sandbox.quickbooks.schema import KINDS

JUDGE = "Intuit's schema of 2026 (Java)"
HERE = Path(__file__).parent
SPECS = next(
    (found for above in HERE.parents if (found := above / "shared" / "specs" / "quickbooks").is_dir()), Path("specs")
)
SCHEMA = SPECS / "xsd" / "php-sdk" / "IntuitRestServiceDef.xsd"
pytestmark = [
    pytest.mark.skipif(not SCHEMA.is_file(), reason="the folder with the published schema is missing"),
    pytest.mark.skipif(not shutil.which("javac"), reason="java and javac are not installed"),
    pytest.mark.timeout(300),
]
Valid = Callable[[bytes], str]
"""`valid`, or what is wrong with a document."""


@pytest.fixture(scope="module")
def verdict() -> Iterator[Valid]:
    command = ("java", str(HERE / "java" / "PublishedSchema.java"), str(SCHEMA))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        told, heard = process.stdin, process.stdout
        assert told is not None
        assert heard is not None

        def of(document: bytes) -> str:
            told.write(base64.b64encode(document).decode() + "\n")
            told.flush()
            return heard.readline().strip()

        yield of
        told.close()


class Shop:
    """A company that is spoken to in JSON and answers in XML, each answer held against the schema."""

    def __init__(self, doors: Doors, verdict: Valid, number: int) -> None:
        self._valid = verdict
        self._doors = doors
        self.realm = f"913035000000000{number}"
        headers = {"authorization": f"Bearer sandbox-quickbooks-access-{number}", "accept": "application/xml"}
        self.api = httpx.Client(base_url=f"{doors.quickbooks}/v3/company/{self.realm}", headers=headers)

    def call(self, method: str, path: str, given: Any = None, status: int = 200, **parameters: str) -> str:
        """The answer, which is valid and has that status."""
        content = None if given is None else json.dumps(given)
        answer = self.api.request(method, path, content=content, params=parameters)
        assert (self._valid(answer.content), answer.status_code) == ("valid", status), answer.text
        return answer.text

    def write(self, entity: str, given: Any, **parameters: str) -> Any:
        """The object as JSON has it, written once in each form."""
        self.call("POST", f"/{entity.lower()}", given, requestid=f"schema-{entity}-{hash(str(given))}", **parameters)
        parameters["requestid"] = f"schema-{entity}-{hash(str(given))}"
        json_headers = {"accept": "application/json"}
        answer = self.api.post(f"/{entity.lower()}", json=given, params=parameters, headers=json_headers)
        return answer.json()[entity]

    def desk(self, path: str, given: Any, method: str = "POST") -> Any:
        """What the bookkeeper does."""
        return self._doors.ask(method, f"/people/bookkeeper/{self.realm}/{path}", given).json()

    def form(self, entity: str, *lines: Any, **more: Any) -> Any:
        """A form of a sale for the first customer."""
        return self.write(entity, {"CustomerRef": {"value": "1"}, "Line": [self.line("100"), *lines], **more})

    def line(self, amount: str, code: str = "NON", **more: Any) -> Any:
        """A line of the first service."""
        found = self.api.get(
            "/query",
            params={"query": "select * from Item where Type = 'Service'"},
            headers={"accept": "application/json"},
        )
        detail = {"ItemRef": {"value": found.json()["QueryResponse"]["Item"][0]["Id"]}, "TaxCodeRef": {"value": code}}
        return {"Amount": amount, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": {**detail, **more}}


@pytest.fixture
def shop(doors: Doors, verdict: Valid) -> Shop:
    return Shop(doors, verdict, 1)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_lists_of_every_kind(doors: Doors, verdict: Valid, number: int) -> None:
    asked = Shop(doors, verdict, number)
    for kind in KINDS:
        asked.call("GET", "/query", query=f"select * from {kind} maxresults 1000")  # noqa: S608
    asked.call("GET", "/query", query="select count(*) from Invoice")
    asked.call("GET", "/preferences")
    asked.call("GET", f"/companyinfo/{asked.realm}")


def test_forms_with_all_kinds_of_lines(shop: Shop) -> None:
    shop.desk("preferences", {"AllowShipping": True, "AllowGratuity": True, "AllowDeposit": True}, "PATCH")
    shop.desk("customfields", {"1": "Crew #", "2": "Site"}, "PATCH")
    shop.call("GET", "/preferences")
    item = shop.line("1")["SalesItemLineDetail"]["ItemRef"]
    bundle = shop.desk(
        "item/bundle", {"Name": "Set", "ItemGroupDetail": {"ItemGroupLine": [{"ItemRef": item, "Qty": 2}]}}
    )
    shop.call("GET", f"/item/{bundle['Id']}")
    lines = [
        shop.line("100", "TAX", Qty=3, UnitPrice=33.333333333, ServiceDate="2026-11-02"),
        {"DetailType": "DescriptionOnly", "Description": "As agreed", "DescriptionLineDetail": {}},
        {"DetailType": "GroupLineDetail", "GroupLineDetail": {"GroupItemRef": {"value": bundle["Id"]}, "Quantity": 2}},
        {"DetailType": "DiscountLineDetail", "DiscountLineDetail": {"PercentBased": True, "DiscountPercent": 5}},
    ]
    address = {"Line1": "1 Main St", "City": "Oakland", "CountrySubDivisionCode": "CA", "PostalCode": "94612"}
    fields = [{"DefinitionId": number, "StringValue": "Seven"} for number in "12"]
    mail = {"BillEmail": {"Address": "a@b.example"}, "CustomerMemo": {"value": "Thanks"}}
    made = shop.form("Invoice", *lines, ShipAddr=address, CustomField=fields, **mail)
    shop.call("POST", f"/invoice/{made['Id']}/send")
    for kind in ("Estimate", "CreditMemo", "SalesReceipt"):
        shop.form(kind, CustomField=fields)


@pytest.mark.xfail(strict=True, reason="recorded without any value where it has no text; the schema wants one")
def test_a_custom_field_without_a_text(shop: Shop) -> None:
    shop.desk("customfields", {"1": "Crew #"}, "PATCH")
    shop.form("Invoice")


def test_money_voids_and_deletions(shop: Shop) -> None:
    made = shop.form("Invoice")
    memo = shop.form("CreditMemo")
    links = [{"TxnId": made["Id"], "TxnType": "Invoice"}], [{"TxnId": memo["Id"], "TxnType": "CreditMemo"}]
    applied = [{"Amount": 40, "LinkedTxn": link} for link in links]
    customer = {"CustomerRef": {"value": "1"}}
    shop.write("Payment", {**customer, "TotalAmt": 0, "Line": applied})
    paid = shop.write("Payment", {**customer, "TotalAmt": 70, "Line": [{"Amount": 60, "LinkedTxn": links[0]}]})
    shop.call("GET", f"/invoice/{made['Id']}")
    shop.write("Payment", {"Id": paid["Id"], "SyncToken": "0", "sparse": True}, include="void", operation="update")
    estimate = shop.form("Estimate")
    bill = shop.form("Invoice", LinkedTxn=[{"TxnId": estimate["Id"], "TxnType": "Estimate"}])
    shop.call("GET", f"/estimate/{estimate['Id']}")
    shop.write("Invoice", {"Id": bill["Id"], "SyncToken": bill["SyncToken"]}, operation="void")
    shop.call("POST", "/invoice", {"Id": bill["Id"], "SyncToken": str(int(bill["SyncToken"]) + 1)}, operation="delete")
    shop.call("GET", "/cdc", entities="Invoice,Payment,Customer,Estimate", changedSince="2026-01-01")


def test_batches_with_faults_queries_and_changes(shop: Shop) -> None:
    items = [
        {"bId": "a", "operation": "create", "Customer": {"DisplayName": "Batched"}},
        {"bId": "b", "operation": "create", "Customer": {}},
        {"bId": "c", "Query": "select * from Term"},
        {"bId": "d", "CDCQuery": {"Entities": "Customer", "ChangedSince": "2026-01-01"}},
    ]
    shop.call("POST", "/batch", {"BatchItemRequest": items})


def test_files(shop: Shop) -> None:
    shop.write("Attachable", {"Note": "Called", "AttachableRef": [{"EntityRef": {"type": "Customer", "value": "1"}}]})
    files = {"file_content_0": ("terms.txt", b"Thirty days", "text/plain"), "file_content_1": ("", b"", "text/plain")}
    answer = shop.api.post("/upload", files=files)
    assert shop._valid(answer.content) == "valid", answer.text
    shop.call("GET", "/query", query="select * from Attachable")


def test_refusals(doors: Doors, verdict: Valid, shop: Shop) -> None:
    shop.call("GET", "/customer/99999", status=400)
    shop.call("POST", "/customer", {"Colour": "red"}, status=400)
    shop.call("GET", "/query", query="selekt", status=400)
    shop.call("GET", "/nothing", status=400)
    doors.ask("PUT", "/limits/quickbooks", {"on": True, "realm_per_minute": 0})
    shop.call("GET", "/customer/1", status=429)
    shop.api.headers["authorization"] = "Bearer nonsense"
    shop.call("GET", "/customer/1", status=401)
    shop.api.headers["authorization"] = "Bearer sandbox-quickbooks-access-2"
    shop.call("GET", "/customer/1", status=403)


@pytest.mark.parametrize(
    ("true", "false", "complaint"),
    [
        ("<SyncToken>", "<Token>", "element is expected|Invalid content"),
        ("<Active>true", "<Active>perhaps", "not a valid value for 'boolean'"),
        ("<Balance>", "<Balance>x", "not a valid value for 'decimal'"),
        (
            "<PreferredDeliveryMethod>",
            "<PrintOnCheckName>a</PrintOnCheckName><PreferredDeliveryMethod>",
            "Invalid content",
        ),
        ('sparse="false"', 'sparse="no"', "not a valid value for 'boolean'"),
    ],
    ids=["name", "truth", "number", "order", "attribute"],
)
def test_a_mutated_answer_is_noticed(shop: Shop, verdict: Valid, true: str, false: str, complaint: str) -> None:
    """Red control."""
    answer = shop.call("GET", "/customer/1")
    assert true in answer
    with pytest.raises(AssertionError, match=complaint):
        assert verdict(answer.replace(true, false).encode()) == "valid"
