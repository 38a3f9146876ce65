"""QuickBooks in XML: what is answered when nothing is asked for, and what is taken as application/xml."""

import gzip
import zlib
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest
from ledgerbridge_sandbox.quickbooks.finance_types import TYPES
from ledgerbridge_sandbox.quickbooks.schema import KINDS

from .conftest import Company

NAMESPACE = "http://schema.intuit.com/finance/v3"
XML = "application/xml"


def _name(node: ET.Element) -> str:
    return node.tag.removeprefix(f"{{{NAMESPACE}}}")


def _told(node: ET.Element, path: str) -> str | None:
    return node.findtext("/".join(f"{{{NAMESPACE}}}{name}" for name in path.split("/")))


def _node(node: ET.Element, path: str) -> ET.Element:
    found = node.find("/".join(f"{{{NAMESPACE}}}{name}" for name in path.split("/")))
    assert found is not None, ET.tostring(node)
    return found


async def _answer(company: Company, method: str, path: str, body: str | bytes | None = None, **more: Any) -> Any:
    headers = {"accept": XML, **({"content-type": XML} if body else {}), **more.pop("headers", {})}
    content = f'<{body[1:-1]} xmlns="{NAMESPACE}">' if body == "" else body
    return await company.api.request(
        method, f"/v3/company/{company.realm}/{path}", content=content, headers=headers, params=more
    )


async def _xml(company: Company, method: str, path: str, body: str | None = None, **more: Any) -> ET.Element:
    answer = await _answer(company, method, path, body, **more)
    assert answer.headers["content-type"].startswith(XML), answer.text
    assert answer.text.startswith('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>')
    return ET.fromstring(answer.text)  # noqa: S314 (the sandbox's own)


async def _refused(company: Company, path: str, body: str | bytes, **more: Any) -> tuple[int, str, str]:
    answer = await _answer(company, "POST", path, body, **more)
    error = _node(ET.fromstring(answer.text), "Fault/Error")  # noqa: S314 (the sandbox's own)
    return answer.status_code, error.get("code", ""), _told(error, "Detail") or ""


def _invoice(item: str, *extra: str) -> str:
    return (
        f'<Invoice xmlns="{NAMESPACE}"><CustomerRef>1</CustomerRef><Line><DetailType>SalesItemLineDetail</DetailType>'
        f"<Amount>100.5</Amount><SalesItemLineDetail><ItemRef>{item}</ItemRef><TaxCodeRef>NON</TaxCodeRef>"
        f"</SalesItemLineDetail></Line>{''.join(extra)}</Invoice>"
    )


def _in_order(node: ET.Element, type_name: str) -> bool:
    """Whether the node's elements stand as the schema has them, and theirs."""
    type_ = TYPES[type_name]
    elements = [type_.element(_name(child)) for child in node]
    assert all(elements), [_name(child) for child in node]
    places = [element.place for element in elements if element]
    below = [_in_order(child, one.type) for child, one in zip(node, elements, strict=True) if one and one.type in TYPES]
    return places == sorted(places) and all(below)


async def test_an_invoice_is_made_and_answered_in_the_schemas_order(automated: Company) -> None:
    item = (await automated.item())["value"]
    answer = await _xml(automated, "POST", "invoice", _invoice(item, "<PrivateNote>a &lt; b</PrivateNote>"))
    assert (_name(answer), bool(answer.get("time"))) == ("IntuitResponse", True)
    made = _node(answer, "Invoice")
    assert (made.get("domain"), made.get("sparse")) == ("QBO", "false")
    assert (_told(made, "Line/Amount"), _told(made, "TotalAmt"), _told(made, "PrivateNote")) == (
        "100.50",
        "100.50",
        "a < b",
    )
    assert (_told(made, "CustomerRef"), bool(_node(made, "CustomerRef").get("name"))) == ("1", True)
    assert [_told(line, "DetailType") for line in made.findall(f"{{{NAMESPACE}}}Line")][-1] == "SubTotalLineDetail"
    assert _in_order(made, "Invoice")


async def test_every_kind_is_answered_in_the_schemas_order(automated: Company, uk: Company, legacy: Company) -> None:
    seen = set()
    for company in (automated, uk, legacy):
        for kind in KINDS:
            answer = await _answer(company, "GET", "query", query=f"select * from {kind} maxresults 50")  # noqa: S608
            found = list(_node(ET.fromstring(answer.text), "QueryResponse"))  # noqa: S314 (the sandbox's own)
            assert {_name(each) for each in found} <= {kind}
            assert all(_in_order(each, kind) for each in found), kind
            seen |= {kind} if found else set()
    assert seen >= {"Customer", "Invoice", "Payment", "Item", "TaxCode", "ExchangeRate", "Preferences", "CompanyInfo"}


async def test_a_page_tells_its_place_in_attributes(automated: Company) -> None:
    page = _node(await _xml(automated, "GET", "query", query="select * from Invoice maxresults 3"), "QueryResponse")
    assert (page.get("startPosition"), page.get("maxResults"), len(page)) == ("1", "3", 3)
    assert (
        page.get("totalCount")
        == (await automated.query("select count(*) from Invoice")).__getitem__("totalCount").__str__()
    )
    none = _node(
        await _xml(automated, "GET", "query", query="select * from Invoice where Id = '999999'"), "QueryResponse"
    )
    assert (list(none), dict(none.attrib)) == ([], {})


async def test_a_form_written_in_xml_is_the_same_as_one_in_json(automated: Company) -> None:
    item = (await automated.item())["value"]
    xml = _node(await _xml(automated, "POST", "invoice", _invoice(item)), "Invoice")
    by_json = await automated.invoice("1", "100.5")
    by_xml = await automated.read("Invoice", _told(xml, "Id") or "")
    passing = {"Id", "DocNumber", "MetaData"}
    assert {name: value for name, value in by_xml.items() if name not in passing} == {
        name: value for name, value in by_json.items() if name not in passing
    }


async def test_an_answer_can_be_sent_back_whole(automated: Company) -> None:
    made = await automated.invoice("1", "100.5", CustomerMemo={"value": "Thanks"})
    answer = await _answer(automated, "GET", f"invoice/{made['Id']}")
    text = answer.text[answer.text.index("<Invoice") : answer.text.rindex("</IntuitResponse>")]
    changed = text.replace("<Invoice ", f'<Invoice xmlns="{NAMESPACE}" ').replace(">Thanks<", ">Again<")
    again = _node(await _xml(automated, "POST", "invoice", changed), "Invoice")
    assert (_told(again, "SyncToken"), _told(again, "CustomerMemo"), _told(again, "TotalAmt")) == (
        "1",
        "Again",
        "100.50",
    )


async def test_payments_tell_what_they_paid_as_pairs_of_name_and_value(automated: Company) -> None:
    made = await automated.invoice("1", "750")
    paid = await automated.pay("1", "300", **{f"i{made['Id']}": "300"})
    answer = await _xml(automated, "GET", f"payment/{paid['Id']}")
    pairs = {_told(each, "Name"): _told(each, "Value") for each in _node(answer, "Payment/Line/LineEx")}
    assert pairs == {"txnId": made["Id"], "txnOpenBalance": "750.00", "txnReferenceNumber": made["DocNumber"]}


async def test_a_batch_in_xml(automated: Company) -> None:
    query = "select * from Term"
    body = (
        f'<IntuitBatchRequest xmlns="{NAMESPACE}"><BatchItemRequest bId="a" operation="create"><Customer>'
        '<DisplayName>Batched</DisplayName></Customer></BatchItemRequest><BatchItemRequest bId="b" operation="create">'
        '<Customer/></BatchItemRequest><BatchItemRequest bId="c"><Query>' + query + "</Query></BatchItemRequest>"
        "</IntuitBatchRequest>"
    )
    answer = await _xml(automated, "POST", "batch", body)
    items = {item.get("bId"): item[0] for item in answer}
    assert _told(items["a"], "DisplayName") == "Batched"
    assert (items["b"].get("type"), _node(items["b"], "Error").get("code")) == ("ValidationFault", "2020")
    assert _name(items["c"][0]) == "Term"


async def test_changes_in_xml(automated: Company) -> None:
    since = automated.world.clock.now().isoformat()
    made = await automated.invoice("1", "5")
    gone = await automated.invoice("1", "6")
    await automated.call("POST", "invoice", {"Id": gone["Id"], "SyncToken": "0"}, operation="delete")
    answer = await _xml(automated, "GET", "cdc", entities="Invoice,Term", changedSince=since)
    invoices, terms = _node(answer, "CDCResponse")
    assert {_told(each, "Id"): each.get("status") for each in invoices} == {made["Id"]: None, gone["Id"]: "Deleted"}
    assert list(terms) == []


async def test_definitions_of_custom_fields_tell_their_type(automated: Company) -> None:
    await automated.desk("customfields", {"1": "Crew #"}, "PATCH")
    answer = await _xml(automated, "GET", "preferences")
    groups = answer.findall(f".//{{{NAMESPACE}}}SalesFormsPrefs/{{{NAMESPACE}}}CustomField")
    kinds = [each.get("{http://www.w3.org/2001/XMLSchema-instance}type") for each in groups]
    assert kinds == ["BooleanTypeCustomFieldDefinition", "StringTypeCustomFieldDefinition"]
    assert _told(groups[1], "CustomField/StringValue") == "Crew #"


async def test_a_file_is_uploaded_with_facts_in_xml(automated: Company) -> None:
    facts = f'<Attachable xmlns="{NAMESPACE}"><FileName>terms.txt</FileName><Note>Read</Note></Attachable>'
    parts = {
        "file_metadata_0": ("facts.xml", facts, XML),
        "file_content_0": ("terms.txt", b"Thirty days", "text/plain"),
    }
    answer = await automated.api.post(f"/v3/company/{automated.realm}/upload", files=parts, headers={"accept": XML})
    made = _node(ET.fromstring(answer.text), "AttachableResponse/Attachable")  # noqa: S314 (the sandbox's own)
    assert (_told(made, "FileName"), _told(made, "Size"), _told(made, "Note")) == ("terms.txt", "11", "Read")
    file = await automated.api.get(_told(made, "TempDownloadUri") or "")
    assert file.content == b"Thirty days"


BOMB = '<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY b "&lol;&lol;">]>'


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (f'{BOMB}<Customer xmlns="{NAMESPACE}"><DisplayName>&b;</DisplayName></Customer>', "DOCTYPE"),
        ('<!DOCTYPE Customer SYSTEM "file:///etc/passwd"><Customer/>', "DOCTYPE"),
        (f'<Customer xmlns="{NAMESPACE}"><DisplayName>&lol;</DisplayName></Customer>', "undefined entity"),
        (f'<Invoice xmlns="{NAMESPACE}"/>', "unexpected element"),
        ("<Customer/>", "unexpected element"),
        ('{"DisplayName": "Greenwood"}', "not well-formed"),
        ("<Customer", "unclosed token"),
        (f'<Customer xmlns="{NAMESPACE}">{"<a>" * 200}{"</a>" * 200}</Customer>', "too deep"),
        ('<?xml version="1.0" encoding="shift_jis"?><Customer/>', "multi-byte"),
        ('<?xml version="1.0" encoding="klingon"?><Customer/>', "unknown encoding"),
        (f'<Customer xmlns="{NAMESPACE}"><Colour>red</Colour></Customer>', 'Unrecognized field "Colour"'),
        (f'<Customer xmlns="{NAMESPACE}"><Active>perhaps</Active></Customer>', "Active"),
    ],
)
async def test_what_is_no_request_is_refused_with_2010(automated: Company, body: str, reason: str) -> None:
    status, code, detail = await _refused(automated, "customer", body)
    assert (status, code) == (400, "2010")
    assert reason in detail


async def test_a_number_that_is_none_is_refused_with_2080(automated: Company) -> None:
    body = _invoice((await automated.item())["value"]).replace("100.5", "a lot")
    assert (await _refused(automated, "invoice", body))[:2] == (400, "2080")


async def test_xsi_nil_is_nothing_and_an_empty_element_clears(automated: Company) -> None:
    made = await automated.customer("Nil", CompanyName="Nil Ltd", Notes="Old")
    nil = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"'
    body = (
        f'<Customer xmlns="{NAMESPACE}" sparse="true"><Id>{made["Id"]}</Id><SyncToken>0</SyncToken>'
        f"<CompanyName {nil}/><Notes/></Customer>"
    )
    changed = _node(await _xml(automated, "POST", "customer", body), "Customer")
    assert (_told(changed, "CompanyName"), _told(changed, "Notes")) == (None, None)


async def test_the_tax_service_speaks_json_only(automated: Company) -> None:
    assert await _refused_by_tax_service(automated, XML) == ("10000", "SystemFault")
    answer = await automated.api.post(
        f"/v3/company/{automated.realm}/taxservice/taxcode", content=b"{}", headers={"accept": XML}
    )
    assert answer.json()["Fault"]["Error"][0]["code"] == "2020"


async def _refused_by_tax_service(company: Company, content_type: str) -> tuple[str, str]:
    answer = await _answer(
        company,
        "POST",
        "taxservice/taxcode",
        f'<TaxService xmlns="{NAMESPACE}"/>',
        headers={"content-type": content_type},
    )
    fault = answer.json()["Fault"]
    assert fault["Error"][0]["Detail"] == "System Failure Error: Cannot consume content type"
    return fault["Error"][0]["code"], fault["type"]


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", "xml"),
        ("application/xml", "xml"),
        ("text/xml; charset=utf-8", "xml"),
        ("application/json", "json"),
        ("application/json, application/xml;q=0.5", "json"),
        ("application/json;q=0.5, application/xml", "xml"),
        ("application/json;q=high, application/xml", "json"),
        ("*/*", "json"),
        ("application/pdf", "json"),
    ],
)
async def test_the_form_that_the_caller_accepts(automated: Company, accept: str, form: str) -> None:
    answer = await _answer(automated, "GET", "companyinfo/1", headers={"accept": accept})
    assert answer.headers["content-type"] == f"application/{form};charset=UTF-8"


@pytest.mark.parametrize(("asked", "accept", "form"), [("json", "", "json"), ("xml", "application/json", "xml")])
async def test_a_format_in_the_address_goes_before(automated: Company, asked: str, accept: str, form: str) -> None:
    answer = await _answer(
        automated, "GET", "companyinfo/1", headers={"accept": accept}, minorversion="75", format=asked
    )
    assert answer.headers["content-type"] == f"application/{form};charset=UTF-8"


async def test_xml_where_a_call_says_nothing_and_where_it_takes_anything_if_set_so(automated: Company) -> None:
    async with httpx.AsyncClient(base_url=automated.world.addresses["quickbooks"]) as plain:
        plain.headers["authorization"] = automated.api.headers["authorization"]
        del plain.headers["accept"]
        address = f"/v3/company/{automated.realm}/companyinfo/1"
        assert (await plain.get(address)).headers["content-type"] == "application/xml;charset=UTF-8"
        await automated.control.put("/settings/quickbooks", json={"xml_when_anything_is_accepted": True})
        answer = await plain.get(address, headers={"accept": "*/*"})
        assert answer.headers["content-type"] == "application/xml;charset=UTF-8"


async def test_the_gateways_refusals_in_xml(automated: Company) -> None:
    for realm, token, told in (
        (
            automated.realm,
            "nonsense",
            (401, "AUTHENTICATION", "3200", "message=AuthenticationFailed; errorCode=003200; statusCode=401"),
        ),
        (
            "1",
            None,
            (403, "SERVICE", "3100", "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403"),
        ),
    ):
        headers = {"accept": XML, **({"authorization": f"Bearer {token}"} if token else {})}
        answer = await automated.api.get(f"/v3/company/{realm}/companyinfo/1", headers=headers)
        root = ET.fromstring(answer.text)  # noqa: S314 (the sandbox's own)
        fault = _node(root, "Fault")
        error = _node(fault, "Error")
        assert (answer.status_code, fault.get("type"), error.get("code"), _told(error, "Message")) == told
        assert (root.get("time") or "")[-6:] in {"-08:00", "-07:00"}


async def test_unknown_properties_and_characters_do_not_break_an_answer(automated: Company) -> None:
    made = await automated.customer("Odd", Notes="a\u0001b & <c> 🙂")
    await automated.control.put("/settings/quickbooks", json={"schema_drift": True})
    customer = _node(await _xml(automated, "GET", f"customer/{made['Id']}"), "Customer")
    assert _told(customer, "Notes") == "ab & <c> 🙂"
    assert _told(customer, "SandboxUnknownField/Since") == "2026-11"


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
async def test_packed_requests_and_answers(automated: Company, encoding: str, pack: Any) -> None:
    headers = {"content-encoding": encoding, "accept-encoding": encoding}
    body = pack(_invoice((await automated.item())["value"]).encode())
    answer = await _answer(automated, "POST", "invoice", body, headers={"content-type": XML, **headers})
    assert answer.headers["content-encoding"] == encoding
    assert _told(ET.fromstring(answer.text), "Invoice/TotalAmt") == "100.50"  # noqa: S314 (the sandbox's own)


async def test_gzip_streams_behind_each_other_are_one_body(automated: Company) -> None:
    body = _invoice((await automated.item())["value"]).encode()
    packed = gzip.compress(body[:50]) + gzip.compress(b"") + gzip.compress(body[50:])
    answer = await _answer(automated, "POST", "invoice", packed, headers={"content-encoding": "gzip"})
    assert answer.status_code == 200


async def test_small_answers_files_and_those_who_cannot_are_not_packed(automated: Company) -> None:
    made = await automated.invoice("1", "5")
    small = await _answer(automated, "GET", "customer/99999", headers={"accept-encoding": "gzip"})
    pdf = await _answer(automated, "GET", f"invoice/{made['Id']}/pdf", headers={"accept-encoding": "gzip"})
    never = await _answer(automated, "GET", f"invoice/{made['Id']}", headers={"accept-encoding": "gzip;q=0, br"})
    assert not {"content-encoding"} & {*small.headers, *pdf.headers, *never.headers}


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("br", b"{}"),
        ("gzip", b"{}"),
        ("gzip", gzip.compress(b"{}")[:-4]),
        ("gzip", gzip.compress(bytes(120 * 1024 * 1024), 1)),
    ],
)
async def test_a_body_that_cannot_be_unpacked_is_refused(automated: Company, encoding: str, body: bytes) -> None:
    status, code, _ = await _refused(automated, "customer", body, headers={"content-encoding": encoding})
    assert (status, code) == (400, "2010")


async def test_an_empty_body_in_any_encoding_is_an_empty_body(automated: Company) -> None:
    made = await automated.invoice("1", "5", BillEmail={"Address": "a@b.example"})
    headers = {"content-encoding": "gzip", "content-type": XML}
    answer = await _answer(automated, "POST", f"invoice/{made['Id']}/send", headers=headers)
    assert answer.status_code == 200
