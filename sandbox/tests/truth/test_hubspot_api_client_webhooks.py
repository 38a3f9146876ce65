"""The judge is hubspot-api-client: whether webhooks are signed as its own validator wants it, and what they tell."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from doors import Doors
from hubspot import HubSpot
from hubspot.exceptions import InvalidSignatureTimestampError
from hubspot.utils.signature import Signature
from hubspot_kinds import KINDS
from hubspot_portal import Records
from hubspot_receiver import Receiver, receiving

JUDGE = "hubspot-api-client (Python)"
SECRET = "sandbox-hubspot-secret"
DEAL = next(kind for kind in KINDS if kind.name == "deals")


@pytest.fixture
def receiver(doors: Doors) -> Iterator[Receiver]:
    with receiving() as found:
        doors.ask("PUT", "/webhooks/hubspot", {"url": found.url})
        yield found


def delivered(doors: Doors, receiver: Receiver) -> list[tuple[dict[str, str], str]]:
    doors.ask("POST", "/webhooks/hubspot/settle", {})
    assert receiver.got
    return receiver.got


def valid(headers: dict[str, str], body: str, version: str, **other: str) -> bool:
    given = {
        "signature": headers["x-hubspot-signature-v3" if version == "v3" else "x-hubspot-signature"],
        "client_secret": SECRET,
        "request_body": body,
        "signature_version": version,
        "timestamp": headers["x-hubspot-request-timestamp"],
    }
    return Signature.is_valid(**{**given, **other})


@pytest.mark.parametrize("version", ["v1", "v3"])
def test_deliveries_bear_valid_signatures_and_forged_ones_do_not(
    doors: Doors, portal: HubSpot, receiver: Receiver, version: str
) -> None:
    deals = Records(portal, DEAL)
    made = deals.make({**DEAL.given(), "dealname": "Ünïcode & “quotes”, 50 % off"})
    deals.change(made.id, DEAL.change)
    for headers, body in delivered(doors, receiver):
        assert headers["x-hubspot-signature-version"] == "v1"
        assert valid(headers, body, version, http_uri=receiver.url)
        assert not valid(headers, body.replace(made.id, "1"), version, http_uri=receiver.url)
        assert not valid(headers, body, version, http_uri=receiver.url, client_secret="another")
        if version == "v3":
            assert not valid(headers, body, version, http_uri=receiver.url + "?x=1")
            assert not valid(headers, body, version, http_uri=receiver.url, http_method="PUT")


def test_an_old_delivery_is_refused_by_its_timestamp(doors: Doors, portal: HubSpot, receiver: Receiver) -> None:
    doors.ask("PUT", "/clock", {"now": (datetime.now(UTC) - timedelta(minutes=6)).isoformat()})
    Records(portal, DEAL).make(DEAL.given())
    headers, body = delivered(doors, receiver)[0]
    with pytest.raises(InvalidSignatureTimestampError):
        valid(headers, body, "v3", http_uri=receiver.url)


def test_events_tell_what_the_client_did(doors: Doors, portal: HubSpot, receiver: Receiver) -> None:
    deals = Records(portal, DEAL)
    made = deals.make(DEAL.given())
    deals.change(made.id, {"dealstage": "closedwon"})
    deals.basic.archive(made.id)
    events = [event for _, body in delivered(doors, receiver) for event in json.loads(body)]
    mine = [event for event in events if event.get("objectId") == int(made.id)]
    assert {event["subscriptionType"] for event in mine} == {
        "object.creation",
        "object.propertyChange",
        "object.deletion",
    }
    assert {(event["portalId"], event["changeSource"], event["objectTypeId"]) for event in mine} == {
        (24000001, "INTEGRATION", "0-3")
    }
    stages = [event["propertyValue"] for event in mine if event.get("propertyName") == "dealstage"]
    assert "closedwon" in stages  # deliveries may overtake one another
