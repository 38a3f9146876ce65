"""A state in a file: a sandbox that starts from it answers as the one that wrote it, and leaves the file as it is."""

import asyncio
import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from ledgerbridge_sandbox.app import Ports, opened
from ledgerbridge_sandbox.snapshot_files import UnfitSnapshotError
from ledgerbridge_sandbox.world import World

HUBSPOT = {"authorization": "Bearer pat-na1-sandbox-1"}
QUICKBOOKS = {"authorization": "Bearer sandbox-quickbooks-access-2"}
COMPANY = "/v3/company/9130350000000002"
ASKED = (
    "select * from Invoice maxresults 1000",
    "select * from Invoice where Balance > '0' and MetaData.LastUpdatedTime >= '2026-06-01' orderby DueDate desc",
    "select count(*) from Payment",
    "select * from Customer where Active in (true, false)",
    "select * from Item where Sku in ('SVC-100', 'PRD-210') orderby Name",
    "select * from TaxCode",
)


async def answers(world: World) -> list[Any]:
    addresses, found = world.addresses, []
    for limits in world.limits.values():
        limits.turn({"on": False})
    async with httpx.AsyncClient(timeout=30) as client:
        for statement in ASKED:
            query = {"query": statement}
            answer = await client.get(f"{addresses['quickbooks']}{COMPANY}/query", params=query, headers=QUICKBOOKS)
            found.append((answer.status_code, answer.json()["QueryResponse"]))
        seen = {"entities": "Invoice,Customer,Payment", "changedSince": "2026-11-01"}
        capture = await client.get(f"{addresses['quickbooks']}{COMPANY}/cdc", params=seen, headers=QUICKBOOKS)
        found.append(capture.json()["CDCResponse"])
        for plural, more in (("deals", {"associations": "contacts,line_items"}), ("contacts", {})):
            url = f"{addresses['hubspot']}/crm/v3/objects/{plural}"
            found.append((await client.get(url, params={"limit": 100, **more}, headers=HUBSPOT)).json())
            found.append((await client.post(f"{url}/search", json={"limit": 50}, headers=HUBSPOT)).json())
    return found


async def written(client: httpx.AsyncClient, path: Path, name: str = "seed", control: str = "") -> Path:
    answer = await client.get(f"{control}/snapshots/{name}")
    assert answer.status_code == 200, answer.text
    await asyncio.to_thread(path.write_bytes, answer.content)
    return path


async def invoice(addresses: dict[str, str], client: httpx.AsyncClient) -> Any:
    url = f"{addresses['quickbooks']}{COMPANY}"
    line = {"Amount": 50, "DetailType": "SalesItemLineDetail"}
    line["SalesItemLineDetail"] = {"ItemRef": {"value": "1"}, "TaxCodeRef": {"value": "5"}}
    made = await client.post(f"{url}/invoice", json={"CustomerRef": {"value": "1"}, "Line": [line]}, headers=QUICKBOOKS)
    assert made.status_code == 200, made.text
    return made.json()["Invoice"]


async def test_a_sandbox_starts_from_the_file_of_another(
    world: World, control: httpx.AsyncClient, hubspot: httpx.AsyncClient, tmp_path: Path
) -> None:
    deal = {"properties": {"dealname": "Written", "dealstage": "contractsent"}}
    made = (await hubspot.post("/crm/v3/objects/deals", json=deal)).json()["id"]
    await invoice(world.addresses, hubspot)
    await hubspot.delete(
        "/crm/v3/objects/contacts/" + (await hubspot.get("/crm/v3/objects/contacts")).json()["results"][3]["id"]
    )
    await control.post("/snapshots/mine")
    path = await written(control, tmp_path / "mine.snapshot", "mine")
    async with opened(Ports(0, 0, 0), snapshot=path) as other:
        assert other.clock.now() >= world.clock.now().replace(second=0, microsecond=0)
        assert await answers(other) == await answers(world)
        copied = await hubspot.get(f"{other.addresses['hubspot']}/crm/v3/objects/deals/{made}")
        assert copied.json()["properties"]["dealname"] == "Written"


async def test_changes_stand_on_the_file_and_a_reset_takes_them_back(
    control: httpx.AsyncClient, tmp_path: Path
) -> None:
    path = await written(control, tmp_path / "seed.snapshot")
    digest = hashlib.sha256(path.read_bytes()).digest()
    async with opened(Ports(0, 0, 0), snapshot=path) as world, httpx.AsyncClient(timeout=30) as client:
        before = await answers(world)
        first = await invoice(world.addresses, client)
        url = f"{world.addresses['quickbooks']}{COMPANY}"
        old = before[0][1]["Invoice"][-1]
        note = {"Id": old["Id"], "SyncToken": old["SyncToken"], "sparse": True, "PrivateNote": "Seen"}
        assert (await client.post(f"{url}/invoice", json=note, headers=QUICKBOOKS)).status_code == 200
        gone = {"Id": before[0][1]["Invoice"][5]["Id"], "SyncToken": before[0][1]["Invoice"][5]["SyncToken"]}
        deleted = await client.post(f"{url}/invoice?operation=delete", json=gone, headers=QUICKBOOKS)
        assert deleted.status_code == 200, deleted.text
        shown = (await answers(world))[0][1]["Invoice"]
        wanted = [first["Id"], *(each["Id"] for each in before[0][1]["Invoice"])]
        wanted.remove(gone["Id"])
        wanted.remove(old["Id"])
        assert [each["Id"] for each in shown if each["Id"] != old["Id"]] == wanted
        assert next(each for each in shown if each["Id"] == old["Id"])["PrivateNote"] == "Seen"
        # Changed, and written again: the second file has the first one's records with the changes.
        again = await client.post(f"{world.addresses['control']}/snapshots/changed")
        assert again.status_code == 200
        other = await written(client, tmp_path / "again", "changed", world.addresses["control"])
        changed = await answers(world)
        assert (await client.post(f"{world.addresses['control']}/reset", json={})).status_code == 200
        assert await answers(world) == before
        assert (await invoice(world.addresses, client))["Id"] == first["Id"]
    async with opened(Ports(0, 0, 0), snapshot=other) as third:
        assert await answers(third) == changed
    assert hashlib.sha256(path.read_bytes()).digest() == digest


async def test_a_snapshot_that_is_not_there_is_not_sent(control: httpx.AsyncClient) -> None:
    assert (await control.get("/snapshots/never")).status_code == 404


@pytest.mark.parametrize(
    ("spoilt", "sentence"),
    [
        (lambda content: b"PK\x03\x04" + content, "is no snapshot"),
        (lambda _content: b"", "is no snapshot"),
        (lambda content: content.replace(b"snapshot 1 ", b"snapshot 9 ", 1), "was written as format 9"),
        (lambda content: content[: len(content) // 2], "is damaged"),
    ],
)
async def test_an_unfit_file_is_refused_in_a_clear_sentence(
    control: httpx.AsyncClient, tmp_path: Path, spoilt: Any, sentence: str
) -> None:
    path = await written(control, tmp_path / "seed.snapshot")
    path.write_bytes(spoilt(path.read_bytes()))
    with pytest.raises(UnfitSnapshotError, match=sentence):
        async with opened(Ports(0, 0, 0), snapshot=path):
            pass


async def test_a_file_of_other_indexes_is_refused(
    control: httpx.AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await written(control, tmp_path / "seed.snapshot")
    monkeypatch.setattr("ledgerbridge_sandbox.quickbooks.columns._COLUMNS", {"Invoice": ("DocNumber",)})
    with pytest.raises(UnfitSnapshotError, match="another version of the sandbox"):
        async with opened(Ports(0, 0, 0), snapshot=path):
            pass


def test_the_command_tells_of_a_missing_file(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "ledgerbridge_sandbox",
        "--control-port",
        "0",
        "--snapshot",
        str(tmp_path / "none"),
    ]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert "cannot be read: No such file" in ended.stderr
