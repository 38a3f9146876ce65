"""What the fuzzer found, one example each."""

import base64
from typing import Any

import pytest

APP = "Basic " + base64.b64encode(b"sandbox-quickbooks-app:sandbox-quickbooks-secret").decode()


async def test_a_text_nested_deeper_than_any_document_is_refused(automated: Any) -> None:
    for deep in (b'{"a":' * 900 + b"1" + b"}" * 900, b"[" * 100_000, b'{"DisplayName":"\\"' + b"[" * 101):
        assert (await automated.refused("Customer", deep))["code"] == "2010"
    given = {"DisplayName": "[" * 200 + '"' + "{" * 200}
    assert (await automated.write("Customer", given))["DisplayName"] == given["DisplayName"]


@pytest.mark.parametrize("number", ["9" * 5000, "99999999999"])
async def test_a_page_is_no_number_of_thousands_of_digits(automated: Any, number: str) -> None:
    status, answer = await automated.call("GET", "query", query=f"select * from Invoice maxresults {number}")  # noqa: S608
    assert (status, answer["Fault"]["Error"][0]["code"]) == (400, "4000")


@pytest.mark.parametrize("path", ["/oauth2/v1/tokens/bearer", "/connect/oauth2"])
async def test_a_form_that_is_no_utf8_names_nothing_known(automated: Any, path: str) -> None:
    headers = {"authorization": APP, "content-type": "application/x-www-form-urlencoded"}
    answer = await automated.api.post(path, content=b"grant_type=\xff&client_id=\xfe", headers=headers)
    assert answer.status_code == 400


async def test_unknown_addresses_and_wrong_methods_have_their_own_refusals(automated: Any) -> None:
    unknown = await automated.api.get("/V3/company/1/invoice/1")
    assert (unknown.status_code, unknown.json()["Fault"]["Error"][0]["code"]) == (400, "500")
    wrong = await automated.api.get("/oauth2/v1/tokens/bearer")
    assert (wrong.status_code, wrong.json()["error"]) == (405, "invalid_request")
    assert (await automated.api.get("/.well-known/openid_configuration/")).status_code == 400
