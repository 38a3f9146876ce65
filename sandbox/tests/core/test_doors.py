"""A sandbox for other people's tests: the process, the fixture, and that each test finds it as just opened."""

import re
from collections.abc import Iterator

import httpx
import pytest
from ledgerbridge_sandbox.doors import Doors, started

US = {"authorization": "Bearer sandbox-quickbooks-access-1"}
COMPANY = "/v3/company/9130350000000001"


def company_name(doors: Doors) -> str:
    answer = httpx.get(f"{doors.quickbooks}{COMPANY}/companyinfo/1", headers={**US, "accept": "application/json"})
    return answer.raise_for_status().json()["CompanyInfo"]["CompanyName"]


def test_a_started_sandbox_answers_and_is_gone_afterwards() -> None:
    with started("--start", "2026-11-23T10:00:00+00:00") as doors:
        assert doors.ask("GET", "/clock").json()["now"].startswith("2026-11-23T10:00:")
        assert company_name(doors)
    with pytest.raises(httpx.ConnectError):
        doors.ask("GET", "/health")


def test_a_sandbox_that_cannot_open_says_so() -> None:
    with pytest.raises(RuntimeError, match="did not open"), started("--no-such-argument"):
        pass


def answer_of(doors: Doors, vendor: str) -> int:
    if vendor == "hubspot":
        token = {"authorization": "Bearer pat-na1-sandbox-1"}
        return httpx.get(f"{doors.hubspot}/crm/v3/objects/deals", headers=token).status_code
    return httpx.get(f"{doors.quickbooks}{COMPANY}/companyinfo/1", headers=US).status_code


@pytest.fixture
def disturbed(ledgerbridge_sandbox_process: Doors) -> Iterator[Doors]:
    """A sandbox in which a careless test left everything behind."""
    doors = ledgerbridge_sandbox_process
    doors.advance(86_400)
    doors.send_webhooks_to("hubspot", "http://127.0.0.1:9/nowhere")
    doors.ask("POST", "/faults", {"vendor": "quickbooks", "status": 503})
    doors.ask("PUT", "/limits/hubspot", {"burst": 1})
    doors.ask("PUT", "/settings/hubspot", {"merge_new_id": True})
    doors.ask("POST", "/people/bookkeeper/9130350000000001/customer", {"DisplayName": "Left behind"})
    yield doors
    doors.reset()


def test_each_test_finds_the_sandbox_as_just_opened(disturbed: Doors, request: pytest.FixtureRequest) -> None:
    day_later = disturbed.ask("GET", "/clock").json()["now"]
    doors: Doors = request.getfixturevalue("ledgerbridge_sandbox")
    assert doors.ask("GET", "/clock").json()["now"] < day_later
    assert doors.ask("GET", "/journal/count").json() == {"count": 0}
    assert company_name(doors)
    assert doors.ask("GET", "/webhooks/hubspot").json()["url"] == ""
    assert doors.ask("GET", "/webhooks/hubspot").json()["timeout_seconds"] == 5.0
    assert doors.ask("GET", "/limits/hubspot").json()["burst"] == 190
    assert doors.ask("GET", "/settings/hubspot").json()["merge_new_id"] is False
    customers = doors.ask("GET", "/quickbooks/9130350000000001/customer").text
    assert not re.search("Left behind", customers)


def test_calls_are_counted_anew(ledgerbridge_sandbox_process: Doors) -> None:
    doors = ledgerbridge_sandbox_process
    for vendor, one in (("hubspot", {"burst": 1}), ("quickbooks", {"realm_per_minute": 1})):
        for _ in range(2):
            doors.reset()
            doors.ask("PUT", f"/limits/{vendor}", one)
            assert [answer_of(doors, vendor), answer_of(doors, vendor)] == [200, 429]
    doors.reset()


def test_a_reset_by_name_leaves_orders_as_they_are(disturbed: Doors) -> None:
    disturbed.ask("POST", "/reset", {})
    assert disturbed.ask("GET", "/limits/hubspot").json()["burst"] == 1
    assert disturbed.ask("GET", "/webhooks/hubspot").json()["url"].endswith("/nowhere")
