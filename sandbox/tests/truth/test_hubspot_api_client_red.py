"""Red controls: an answer that is not HubSpot's makes hubspot-api-client, or what watches over it, fail."""

import json
from typing import Any

import pytest
from doors import Doors
from hubspot import HubSpot
from hubspot.crm.deals import ApiException

JUDGE = "hubspot-api-client (Python)"


@pytest.fixture
def true(portal: HubSpot) -> dict[str, Any]:
    """The page that HubSpot answers."""
    return json.loads(portal.crm.deals.basic_api.get_page(limit=1, _preload_content=False).data)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"id": None}, "Invalid value for `id`"),
        ({"properties": None}, "Invalid value for `properties`"),
        ({"createdAt": None}, "Invalid value for `created_at`"),
        ({"createdAt": "yesterday"}, "Failed to parse"),
        ({"id": 5}, r"\.id: sent 5, read '5'"),
        ({"archived": "false"}, r"\.archived: sent 'false', read True"),
        ({"properties": {"amount": 12}}, r"\.properties\.amount: sent 12, read '12'"),
        ({"colour": "red"}, r"\.colour: sent 'red', read None"),
    ],
    ids=["no-id", "no-properties", "no-moment", "moment", "number", "truth", "value", "unknown"],
)
def test_a_mutated_answer_is_noticed(
    doors: Doors, portal: HubSpot, true: dict[str, Any], change: dict[str, Any], complaint: str
) -> None:
    body = {"results": [{**true["results"][0], **change}]}
    doors.ask("POST", "/faults", {"vendor": "hubspot", "times": 1, "status": 200, "body": body})
    with pytest.raises((ValueError, AssertionError, ApiException), match=complaint):
        portal.crm.deals.basic_api.get_page(limit=1)


def test_the_true_answer_is_taken(doors: Doors, portal: HubSpot, true: dict[str, Any]) -> None:
    doors.ask("POST", "/faults", {"vendor": "hubspot", "times": 1, "status": 200, "body": true})
    assert portal.crm.deals.basic_api.get_page(limit=1).results[0].id == true["results"][0]["id"]
