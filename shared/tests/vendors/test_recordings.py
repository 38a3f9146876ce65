"""What QuickBooks and its users recorded, read by our dialect; skipped where no recordings are beside the project."""

from pathlib import Path
from typing import Any

import pytest
from ledgerbridge.errors import LedgerbridgeError, Permanent, ReconnectNeeded, Refused, Throttled
from ledgerbridge.vendors.documents import read_document, write_document
from ledgerbridge.vendors.ports import Answer
from ledgerbridge.vendors.quickbooks.faults import QuickBooksDialect
from ledgerbridge.vendors.seam import TokenRefused

_FOUND = [one / "shared/specs/quickbooks/samples" for one in Path(__file__).resolve().parents]
SAMPLES = next((one for one in _FOUND if one.is_dir()), None)
pytestmark = pytest.mark.skipif(SAMPLES is None, reason="no recordings in ../shared/specs")

FAULTS = [
    ("minimul-qbo_api/json/error__401.json", 401, TokenRefused, "RECONNECT_NEEDED"),
    ("quoted/fault_401_3200_malformed_bearer.json", 401, TokenRefused, "RECONNECT_NEEDED"),
    ("quoted/fault_401_130_wrong_cluster.xml", 401, ReconnectNeeded, "RECONNECT_NEEDED"),
    ("minimul-qbo_api/json/error__validation.json", 400, Refused, "NAME_TAKEN"),
    ("minimul-qbo_api/json/error__400_json.json", 400, Refused, "VENDOR_REFUSED"),
    ("minimul-qbo_api/json/error__500.json", 400, Refused, "VENDOR_REFUSED"),
    ("Boulevard-ExQuickBooks/fixtures/item/create_item_error.json", 400, Refused, None),
    ("Boulevard-ExQuickBooks/fixtures/item/read_item_error.json", 400, Permanent, None),
    ("ruckus-quickbooks-ruby/fixtures/too_many_requests_error.xml", 429, Throttled, "VENDOR_THROTTLED"),
    ("ruckus-quickbooks-ruby/fixtures/throttle_exceeded_error.xml", 403, Throttled, "VENDOR_THROTTLED"),
    ("ruckus-quickbooks-ruby/fixtures/customer_duplicate_error.xml", 400, Refused, "NAME_TAKEN"),
    ("ruckus-quickbooks-ruby/fixtures/json/tax_service_error_dup.json", 400, Refused, "NAME_TAKEN"),
]


@pytest.mark.parametrize(("name", "status", "kind", "code"), FAULTS)
def test_a_recorded_fault(how: Any, name: str, status: int, kind: type[LedgerbridgeError], code: str | None) -> None:
    assert SAMPLES is not None
    answer = Answer(status, {}, _body((SAMPLES / name).read_bytes()))
    with pytest.raises(kind) as error:
        QuickBooksDialect().read(answer, "json", how.Account("quickbooks"))
    assert code in {None, error.value.code}
    assert "?" not in error.value.sentence


def _body(text: bytes) -> bytes:
    """Quoted samples wrap the body with their source, recordings are lists of exchanges."""
    try:
        document = read_document(text)
    except ValueError:
        return text
    if isinstance(document, list):
        return write_document(document[-1]["response_body"])
    return write_document(document["body"]) if "body" in document else text


def test_every_recorded_success_is_read_and_every_recorded_failure_is_an_error(how: Any) -> None:
    assert SAMPLES is not None
    read = 0
    for path in sorted((SAMPLES / "minimul-qbo_api/json").glob("*.json")):
        for exchange in read_document(path.read_bytes()):
            body, status = exchange.get("response_body"), int(exchange["status"])
            if not isinstance(body, dict):
                continue
            answer = Answer(status, {}, write_document(body))
            if status == 200:
                assert QuickBooksDialect().read(answer, "json", how.Account("quickbooks")) == body, path.name
            else:
                with pytest.raises(LedgerbridgeError):
                    QuickBooksDialect().read(answer, "json", how.Account("quickbooks"))
            read += 1
    assert read > 20
