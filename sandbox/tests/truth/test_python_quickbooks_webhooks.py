"""python-quickbooks judges webhooks: its own check of the signature, on deliveries that the sandbox makes."""

from collections.abc import Iterator

import pytest
from doors import Doors
from hubspot_receiver import Receiver, receiving
from quickbooks_books import Books

JUDGE = "python-quickbooks"
KEY = "sandbox-verifier"
ANOTHERS_KEY = "another-verifier"


@pytest.fixture
def key() -> str:
    """The verifier that the receiver holds for its own."""
    return KEY


@pytest.fixture
def receiver(doors: Doors, books: Books, key: str) -> Iterator[Receiver]:
    """Answers 401 to a delivery that python-quickbooks does not hold for genuine."""

    def genuine(headers: dict[str, str], body: str) -> bool:
        return books.client.validate_webhook_signature(body, headers["intuit-signature"], key)

    with receiving(genuine) as found:
        doors.ask("PUT", "/webhooks/quickbooks", {"url": found.url})
        yield found


def _last_status(doors: Doors) -> int:
    doors.ask("POST", "/webhooks/quickbooks/settle")
    return doors.ask("GET", "/webhooks/quickbooks/deliveries").json()[-1]["status"]


def test_a_delivery_is_genuine(doors: Doors, books: Books, receiver: Receiver) -> None:
    books.customer("Töld")
    assert _last_status(doors) == 204
    headers, body = receiver.got[0]
    assert "qbo.customer.created.v1" in body
    check = books.client.validate_webhook_signature
    signature = headers["intuit-signature"]
    assert check(body, signature, KEY)
    assert not check(body.replace("created", "deleted"), signature, KEY)
    assert not check(body, "x" + signature[1:], KEY)
    assert not check(body, signature, ANOTHERS_KEY)


@pytest.mark.parametrize("key", [ANOTHERS_KEY])
def test_a_delivery_of_anothers_key_is_refused(doors: Doors, books: Books, receiver: Receiver) -> None:
    doors.ask("PUT", "/webhooks/quickbooks", {"url": receiver.url, "retry_seconds": []})
    books.customer("Forged")
    assert _last_status(doors) == 401
