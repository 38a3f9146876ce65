"""Contacts and companies: addresses, lifecycle, merges, archive and restore, deletion for ever (hubspot.md 3, 4, 8)."""

import json
from typing import Any

import pytest

CRM = "/crm/objects/2026-09"


async def contact(portal: Any, **properties: str) -> str:
    return (await portal.make("contacts", **{"firstname": "C", **properties}))["id"]


async def events(portal: Any, receiver: Any) -> list[dict[str, Any]]:
    await portal.control.post("/webhooks/hubspot/settle")
    return [event for _, body in receiver.got for event in json.loads(body)]


async def test_an_additional_address_belongs_to_one_contact(portal: Any) -> None:
    first = await contact(portal, email="a@x.example", hs_additional_emails="b@x.example;c@x.example")
    for given in ({"email": "B@x.example"}, {"firstname": "F", "hs_additional_emails": "d@x.example;C@x.example"}):
        refused = await portal.try_make("contacts", **given)
        assert (refused.status_code, refused.json()["message"]) == (
            409,
            f"Contact already exists. Existing ID: {first}",
        )
    other = await contact(portal)
    assert (await portal.change("contacts", other, email="c@x.example")).status_code == 409
    upsert = {"inputs": [{"id": "b@x.example", "idProperty": "email", "properties": {"lastname": "L"}}]}
    result = (await portal.call("POST", f"{CRM}/contacts/batch/upsert", upsert)).json()["results"][0]
    assert (result["id"], result["new"], result["properties"]["email"]) == (first, False, "a@x.example")
    await portal.changed("contacts", first, hs_additional_emails="b@x.example")
    assert (await portal.change("contacts", other, email="c@x.example")).status_code == 200
    assert (await portal.try_make("contacts", email="no address")).json()["errors"][0]["code"] == "INVALID_EMAIL"


async def test_a_company_s_domain_is_not_unique(portal: Any) -> None:
    made = [await portal.make("companies", name="N", domain="same.example") for _ in range(2)]
    assert made[0]["id"] != made[1]["id"]
    for kind, given in (("companies", {"phone": "1"}), ("contacts", {"phone": "1"}), ("products", {"price": "1"})):
        assert (await portal.try_make(kind, **given)).status_code == 400, kind
    assert (await portal.try_make("companies", domain="only.example")).status_code == 201


@pytest.mark.parametrize("kind", ["contacts", "companies"])
async def test_the_lifecycle_moves_forward_only(portal: Any, kind: str) -> None:
    one = (await portal.make(kind, name="N", lifecyclestage="opportunity") if kind == "companies" else None) or (
        await portal.make(kind, firstname="C", lifecyclestage="opportunity")
    )
    await portal.changed(kind, one["id"], lifecyclestage="customer")
    back = await portal.change(kind, one["id"], lifecyclestage="lead", phone="1")
    assert back.status_code == 200
    read = await portal.values(kind, one["id"], "lifecyclestage", "phone")
    assert (read["lifecyclestage"], read["phone"]) == ("customer", "1")
    await portal.settings(lifecycle_backwards="refused")
    assert (await portal.change(kind, one["id"], lifecyclestage="lead")).status_code == 400
    await portal.changed(kind, one["id"], lifecyclestage="")
    assert (await portal.changed(kind, one["id"], lifecyclestage="lead"))["lifecyclestage"] == "lead"


@pytest.mark.parametrize("new_id", [False, True])
async def test_merging_by_either_policy(portal: Any, receiver: Any, *, new_id: bool) -> None:
    await portal.settings(merge_new_id=new_id)
    deal = await portal.deal()
    primary = await contact(portal, email="p@x.example", lastname="P")
    other = await contact(portal, email="o@x.example", phone="7")
    await portal.join("contacts", other, "deals", deal)
    merge = {"primaryObjectId": primary, "objectIdToMerge": other}
    answer = await portal.call("POST", f"{CRM}/contacts/merge", merge)
    assert answer.status_code == 200
    survivor, values = answer.json()["id"], answer.json()["properties"]
    assert (survivor == primary) is not new_id
    assert (values["email"], values["lastname"], values["phone"]) == ("p@x.example", "P", "7")
    assert values["hs_additional_emails"] == "o@x.example"
    gone = {primary, other} - {survivor}
    assert set(values["hs_merged_object_ids"].split(";")) == gone
    for old in gone:
        assert (await portal.call("GET", f"{CRM}/contacts/{old}")).json()["id"] == survivor
        assert (await portal.change("contacts", old, phone="8")).json()["id"] == survivor
        batch = {"inputs": [{"id": old, "properties": {"phone": "9"}}]}
        updated = await portal.call("POST", f"{CRM}/contacts/batch/update", batch)
        assert (updated.status_code, updated.json()["results"], "errors" in updated.json()) == (200, [], False)
    by_mail = await portal.call("GET", f"{CRM}/contacts/o@x.example", idProperty="email")
    assert by_mail.json()["id"] == survivor
    ends = (await portal.call("GET", f"{CRM}/contacts/{survivor}/associations/deals")).json()["results"]
    assert [end["toObjectId"] for end in ends] == [int(deal)]
    told = [one for one in await events(portal, receiver) if one["subscriptionType"] == "object.merge"]
    assert len(told) == 1
    assert (told[0]["primaryObjectId"], told[0]["newObjectId"], told[0]["numberOfPropertiesMoved"]) == (
        int(primary),
        int(survivor),
        1,
    )
    assert set(told[0]["mergedObjectIds"]) == {int(one) for one in gone}


async def test_what_cannot_be_merged(portal: Any) -> None:
    one, other = await contact(portal), await contact(portal)
    path = f"{CRM}/contacts/merge"
    assert (await portal.call("POST", path, {"primaryObjectId": one, "objectIdToMerge": one})).status_code == 400
    assert (await portal.call("POST", path, {"primaryObjectId": one})).status_code == 400
    assert (await portal.call("POST", path, {"primaryObjectId": one, "objectIdToMerge": "7"})).status_code == 404
    quotes = {"primaryObjectId": one, "objectIdToMerge": other}
    assert (await portal.call("POST", f"{CRM}/quotes/merge", quotes)).status_code == 404


async def test_250_merges_a_record(portal: Any) -> None:
    many = ";".join(str(n) for n in range(250))
    account = portal.world.hubspot.accounts[24000001]
    one, other = await contact(portal), await contact(portal)
    record = account.live["0-1"].get(one)
    account.keep("0-1", {**record, "p": {**record["p"], "hs_merged_object_ids": many}})
    merge = {"primaryObjectId": one, "objectIdToMerge": other}
    assert (await portal.call("POST", f"{CRM}/contacts/merge", merge)).status_code == 414


async def test_archived_records(portal: Any, receiver: Any) -> None:
    one, path = await contact(portal, email="z@x.example"), f"{CRM}/contacts"
    await portal.call("DELETE", f"{path}/{one}")
    assert (await portal.call("DELETE", f"{path}/{one}")).status_code == 204, "once more changes nothing"
    assert (await portal.call("GET", f"{path}/{one}")).status_code == 404
    assert (await portal.change("contacts", one, phone="1")).status_code == 404
    shown = (await portal.call("GET", f"{path}/{one}", archived="true")).json()
    assert (shown["archived"], shown["archivedAt"]) == (True, shown["updatedAt"])
    listed = (await portal.call("GET", path, archived="true")).json()["results"]
    assert [found["id"] for found in listed] == [one]
    found = {"filters": [{"propertyName": "hs_object_id", "operator": "EQ", "value": one}]}
    assert (await portal.call("POST", f"{path}/search", found)).json()["total"] == 0
    batch = await portal.call("POST", f"{path}/batch/read?archived=true", {"inputs": [{"id": one}]})
    assert [read["id"] for read in batch.json()["results"]] == [one]
    other = await contact(portal, email="z@x.example")
    taken = await portal.person("POST", f"objects/contacts/{one}/restore")
    assert taken.status_code == 409
    await portal.call("DELETE", f"{path}/{other}")
    restored = await portal.person("POST", f"objects/contacts/{one}/restore")
    assert (restored.json()["archived"], "archivedAt" in restored.json()) == (False, False)
    told = [
        (e["subscriptionType"], e.get("changeFlag"))
        for e in await events(portal, receiver)
        if e["objectId"] == int(one)
    ]
    assert ("object.deletion", "DELETED") in told
    assert ("object.restore", "RESTORED") in told


async def test_deletion_for_ever(portal: Any, receiver: Any) -> None:
    deal = await portal.deal()
    one, other = await contact(portal, email="gone@x.example"), await contact(portal)
    await portal.join("deals", deal, "contacts", one)
    path = f"{CRM}/contacts"
    answer = await portal.call("POST", f"{path}/gdpr-delete", {"objectId": "gone@x.example", "idProperty": "email"})
    assert answer.status_code == 204
    for archived in ("true", "false"):
        assert (await portal.call("GET", f"{path}/{one}", archived=archived)).status_code == 404
    assert (await portal.call("GET", f"{CRM}/deals/{deal}/associations/contacts")).json()["results"] == []
    await portal.call("DELETE", f"{path}/{other}")
    assert (await portal.call("POST", f"{path}/gdpr-delete", {"objectId": other})).status_code == 204
    assert (await portal.call("GET", f"{path}/{other}", archived="true")).status_code == 404
    assert (await portal.call("POST", f"{path}/gdpr-delete", {"objectId": other})).status_code == 404
    assert (await portal.call("POST", f"{path}/gdpr-delete", {})).status_code == 400
    assert (await portal.call("POST", f"{CRM}/deals/gdpr-delete", {"objectId": deal})).status_code == 404
    told = [e["subscriptionType"] for e in await events(portal, receiver) if e.get("objectId") == int(one)]
    assert told[-2:] == ["contact.privacyDeletion", "object.deletion"]
