"""Notes and files that hang on other objects (quickbooks.md 9)."""

from typing import Any

import httpx
import msgspec

BOUNDARY = "a-boundary"
BYTES = bytes(range(256)) + b"\r\n--not the boundary\r\n\n"


def part(name: str, content_type: str, content: bytes, filename: str = "") -> bytes:
    told = f'; filename="{filename}"' if filename else ""
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{told}\r\nContent-Type: {content_type}\r\n\r\n'
    )
    return head.encode() + content + b"\r\n"


async def post(company: Any, *parts: bytes, host: str = "") -> Any:
    headers = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"} | ({"host": host} if host else {})
    body = b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
    answer = await company.api.post(f"/v3/company/{company.realm}/upload", content=body, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["AttachableResponse"]


async def uploaded(company: Any, host: str = "", **facts: Any) -> Any:
    facts = {"FileName": "terms.bin", "ContentType": "application/x-terms", **facts}
    metadata = part("file_metadata_01", "application/json", msgspec.json.encode(facts))
    (found,) = await post(company, metadata, part("file_content_01", "application/x-terms", BYTES), host=host)
    return found["Attachable"]


def hung_on(entity: str, identifier: str, **more: Any) -> dict[str, Any]:
    return {"AttachableRef": [{"EntityRef": {"type": entity, "value": identifier}, **more}]}


async def fetched(address: str) -> httpx.Response:
    async with httpx.AsyncClient() as browser:
        return await browser.get(address)


async def test_a_note_is_made_changed_found_and_deleted(automated: Any) -> None:
    made = await automated.write("Attachable", {"Note": "Call first", **hung_on("customer", "1", IncludeOnSend=True)})
    assert (made["Note"], made["SyncToken"]) == ("Call first", "0")
    assert made["AttachableRef"] == [{"EntityRef": {"value": "1", "type": "Customer"}, "IncludeOnSend": True}]
    assert "TempDownloadUri" not in made
    key = {"Id": made["Id"], "SyncToken": "0", "sparse": True}
    changed = await automated.write("Attachable", {**key, "Note": "Write first"})
    assert (changed["Note"], changed["SyncToken"], changed["AttachableRef"]) == (
        "Write first",
        "1",
        made["AttachableRef"],
    )
    assert (await automated.refused("Attachable", {**key, "Note": "Stale"}))["code"] == "5010"
    gone = await automated.write("Attachable", {"Id": made["Id"]}, operation="delete")
    assert gone == {"domain": "QBO", "status": "Deleted", "Id": made["Id"]}
    status, answer = await automated.call("GET", f"attachable/{made['Id']}")
    assert (status, answer["Fault"]["Error"][0]["code"]) == (400, "610")


async def test_a_file_comes_back_as_it_went(automated: Any) -> None:
    invoice = await automated.invoice("1", "10")
    made = await uploaded(automated, **hung_on("Invoice", invoice["Id"]))
    facts = {name: made[name] for name in ("FileName", "ContentType", "Size", "SyncToken")}
    assert facts == {
        "FileName": "terms.bin",
        "ContentType": "application/x-terms",
        "Size": len(BYTES),
        "SyncToken": "0",
    }
    assert made["AttachableRef"] == [{"EntityRef": {"value": invoice["Id"], "type": "Invoice"}, "IncludeOnSend": False}]
    assert made["FileAccessUri"] == f"/v3/company/{automated.realm}/download/{made['Id']}"
    told = await automated.api.get(made["FileAccessUri"])
    assert told.headers["content-type"].startswith("text/plain")
    read = (await automated.read("Attachable", made["Id"]))["TempDownloadUri"]
    found = (await automated.query(f"select * from Attachable where Id = '{made['Id']}'"))["Attachable"][0]  # noqa: S608
    for address in (told.text, made["TempDownloadUri"], read, found["TempDownloadUri"]):
        file = await fetched(address)
        assert (file.content, file.headers["content-type"]) == (BYTES, "application/x-terms")


async def test_an_address_lives_a_quarter_of_an_hour_and_cannot_be_made_up(automated: Any) -> None:
    address = (await uploaded(automated))["TempDownloadUri"]
    assert (await fetched(address.replace("Signature=", "Signature=0"))).status_code == 403
    await automated.control.post("/clock/advance", json={"seconds": 14 * 60})
    assert (await fetched(address)).status_code == 200
    await automated.control.post("/clock/advance", json={"seconds": 60})
    assert (await fetched(address)).status_code == 403


async def test_the_address_begins_as_the_caller_reached_the_sandbox(automated: Any) -> None:
    made = await uploaded(automated, host="books.example:8443")
    assert made["TempDownloadUri"].startswith("http://books.example:8443/")


async def test_what_a_caller_writes_cannot_spoil_an_answer(automated: Any) -> None:
    made = await uploaded(automated, host='a"b', ContentType="text/plain\r\nX-Own: 1", FileName='q"\n?.txt')
    assert made["TempDownloadUri"].startswith('http://a"b/')
    file = await fetched((await automated.read("Attachable", made["Id"]))["TempDownloadUri"])
    assert (file.content, file.headers["content-type"]) == (BYTES, "application/octet-stream")
    assert "x-own" not in file.headers


async def test_a_link_to_nothing_is_a_fault_under_200_in_the_recorded_words(automated: Any) -> None:
    facts = msgspec.json.encode({"FileName": "a.txt", **hung_on("Estimate", "75")})
    given = [part("file_metadata_01", "application/json", facts), part("file_content_01", "text/plain", b"a")]
    bare = part("file_content_02", "text/plain", b"b", filename="b.txt")
    refused, made = await post(automated, *given, bare)
    (error,) = refused["Fault"]["Error"]
    words = "The entity Estimate 75 that you are trying to link does not exist. Estimate 75"
    assert (error["code"], error["Detail"]) == ("6000", f"Business Validation Error: {words}")
    assert (made["Attachable"]["FileName"], made["Attachable"]["ContentType"]) == ("b.txt", "text/plain")


async def test_what_hangs_on_an_object_is_found_by_one_link(automated: Any) -> None:
    one, other = await automated.invoice("1", "10"), await automated.invoice("1", "20")
    for invoice in (one, other):
        await uploaded(automated, FileName=f"{invoice['Id']}.bin", **hung_on("Invoice", invoice["Id"]))
    conditions = "AttachableRef.EntityRef.Type = 'invoice' and AttachableRef.EntityRef.value"
    found = await automated.query(f"select * from attachable where {conditions} = '{one['Id']}'")  # noqa: S608
    assert [each["FileName"] for each in found["Attachable"]] == [f"{one['Id']}.bin"]
    nobody = await automated.query("select * from attachable where AttachableRef.EntityRef.Type = 'Customer'")
    assert nobody == {}


async def test_a_file_keeps_its_facts_in_a_full_update_and_goes_with_a_reset(automated: Any) -> None:
    made = await uploaded(automated)
    given = {"Id": made["Id"], "SyncToken": "0", "Note": "Signed", "Size": 1, **hung_on("Customer", "1")}
    changed = await automated.write("Attachable", given)
    assert (changed["FileName"], changed["Size"], changed["Note"]) == ("terms.bin", len(BYTES), "Signed")
    address = changed["TempDownloadUri"]
    assert (await fetched(address)).status_code == 200
    await automated.control.post("/reset", json={"to": "seed", "clock": False})
    assert (await fetched(address)).status_code == 403


async def test_nonsense_is_refused(automated: Any) -> None:
    assert (await automated.refused("Attachable", {"Category": "Document"}))["code"] == "2020"
    assert (await automated.refused("Attachable", {"Note": "x" * 2001}))["code"] == "2050"
    assert (await automated.refused("Attachable", {"Note": "x", "Category": "document"}))["code"] == "2170"
    assert (await automated.refused("Attachable", {"Note": "x", "AttachableRef": [{"Colour": 1}]}))["code"] == "2010"
    assert (await automated.refused("upload", b"{}"))["code"] == "2010"
    status, answer = await automated.call("GET", "download/12345")
    assert (status, answer["Fault"]["Error"][0]["code"]) == (400, "610")
