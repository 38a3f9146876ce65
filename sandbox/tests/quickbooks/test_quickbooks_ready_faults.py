"""Answers that are ordered by name at the control door (quickbooks.md 2 and 13)."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest


async def struck(company: Any, ready: str, method: str = "GET", path: str = "term/1", content: Any = None) -> Any:
    order = {"vendor": "quickbooks", "account": company.realm, "ready": ready, "times": 1}
    assert (await company.control.post("/faults", json=order)).status_code == 200
    return await company.api.request(method, f"/v3/company/{company.realm}/{path}", json=content)


@pytest.mark.parametrize(
    ("ready", "status", "code", "words"),
    [
        ("wrong_cluster", 401, "130", "WrongClusterError: -11017-You have accessed the wrong server."),
        ("system_failure", 500, "10000", "System Failure Error: "),
    ],
)
async def test_faults_that_come_as_xml(automated: Any, ready: str, status: int, code: str, words: str) -> None:
    answer = await struck(automated, ready)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/xml")
    error = ET.fromstring(answer.content).find(".//{*}Error")  # noqa: S314 - our own words
    assert error is not None
    assert error.attrib == {"code": code}
    assert str(error.findtext("{*}Detail")).startswith(words)


@pytest.mark.parametrize(("ready", "status"), [("bad_gateway", 502), ("unavailable", 503)])
async def test_pages_of_a_gateway(automated: Any, ready: str, status: int) -> None:
    answer = await struck(automated, ready)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html")
    assert f"<h1>{status} " in answer.text
    assert (await automated.api.get(f"/v3/company/{automated.realm}/term/1")).status_code == 200


async def test_a_call_cut_at_120_seconds_has_done_its_work(automated: Any) -> None:
    answer = await struck(automated, "cut_at_120_seconds", "POST", "customer", {"DisplayName": "Slow but there"})
    assert (answer.status_code, answer.headers["content-type"]) == (504, "text/html")
    assert "Customer" in await automated.query("select * from Customer where DisplayName = 'Slow but there'")


async def test_a_fault_may_come_under_200(automated: Any) -> None:
    answer = await struck(automated, "fault_under_200", "POST", "customer", {"DisplayName": "Never made"})
    assert (answer.status_code, answer.json()["Fault"]["Error"][0]["code"]) == (200, "10000")
    assert await automated.query("select * from Customer where DisplayName = 'Never made'") == {}


async def test_what_is_ready_can_be_adapted_and_is_told_when_it_is_not_there(automated: Any) -> None:
    order = {"vendor": "quickbooks", "ready": "bad_gateway", "status": 500, "times": 1}
    await automated.control.post("/faults", json=order)
    assert (await automated.api.get(f"/v3/company/{automated.realm}/term/1")).status_code == 500
    wrong = await automated.control.post("/faults", json={"vendor": "quickbooks", "ready": "nothing"})
    assert wrong.status_code == 400
    assert {"wrong_cluster", "system_failure", "bad_gateway"} <= set(
        wrong.json()["error"].removeprefix("Ready are: ").split(", ")
    )
