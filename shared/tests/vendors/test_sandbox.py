"""The clients against the simulated vendors over HTTP: what the double cannot know, the sandbox refuses or does."""

import asyncio
import contextlib
import queue
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from ledgerbridge.errors import Permanent, ReconnectNeeded, Refused, Uncertain
from ledgerbridge.vendors.grants import AppCredentials
from ledgerbridge.vendors.hubspot.associations import LINE_ITEM_TO_DEAL
from ledgerbridge.vendors.hubspot.models import AssociationSpec, NewRecord
from ledgerbridge.vendors.hubspot.oauth import HubSpotOAuth
from ledgerbridge.vendors.quickbooks import Query
from ledgerbridge.vendors.quickbooks.answers import is_deleted, last_updated
from ledgerbridge.vendors.quickbooks.oauth import QuickBooksOAuth, discover
from ledgerbridge_sandbox.app import Ports, opened

REALM = "9130350000000001"


async def keep_open(addresses: "queue.Queue[dict[str, str]]", closing: threading.Event) -> None:
    async with opened(Ports(0, 0, 0)) as world:
        addresses.put(dict(world.addresses))
        await asyncio.to_thread(closing.wait)


@pytest.fixture(scope="module")
def addresses() -> Iterator[dict[str, str]]:
    """Both vendors on free ports, in a thread of their own."""
    told: queue.Queue[dict[str, str]] = queue.Queue()
    closing = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(keep_open(told, closing)), daemon=True)
    thread.start()
    yield told.get(timeout=60)
    closing.set()
    thread.join(timeout=10)


@pytest.fixture
async def sandbox(addresses: dict[str, str]) -> AsyncIterator[SimpleNamespace]:
    """The vendors as seeded; `control` plays the people and counts the calls."""
    async with httpx.AsyncClient(base_url=addresses["control"]) as control:
        assert (await control.post("/reset", json={"to": "seed"})).is_success
        for vendor in ("hubspot", "quickbooks"):
            assert (await control.put(f"/limits/{vendor}", json={"on": False})).is_success
        await control.delete("/journal")
        yield SimpleNamespace(control=control, hubspot=addresses["hubspot"], quickbooks=addresses["quickbooks"])


@pytest.fixture
async def hub(sandbox: Any, open_door: Any) -> AsyncIterator[Any]:
    async with open_door("hubspot", url=sandbox.hubspot) as door:
        door.tokens.current = "pat-na1-sandbox-1"
        yield door


@pytest.fixture
async def books(sandbox: Any, open_door: Any) -> AsyncIterator[Any]:
    async with open_door("quickbooks", url=sandbox.quickbooks) as door:
        door.tokens.current = "sandbox-quickbooks-access-1"
        yield door


async def counted(sandbox: Any, **filters: str) -> int:
    return int((await sandbox.control.get("/journal/count", params=filters)).json()["count"])


@contextlib.asynccontextmanager
async def fault(sandbox: Any, **described: Any) -> AsyncIterator[None]:
    answer = await sandbox.control.post("/faults", json=described)
    assert answer.is_success, answer.text
    yield
    await sandbox.control.delete("/faults")


async def a_deal(hub: Any, name: str = "A deal") -> str:
    properties = {"dealname": name, "dealstage": "contractsent", "pipeline": "default"}
    return str((await hub.client.records.create(hub.account, "deals", properties)).id)


async def test_a_deal_with_contact_company_and_line_items(sandbox: Any, hub: Any) -> None:
    records, account = hub.client.records, hub.account
    deal = await a_deal(hub)
    contact = await records.create(account, "contacts", {"email": "ann.sand@x.example", "firstname": "Ann"})
    company = await records.create(account, "companies", {"name": "Sand & Söhne"})
    await hub.client.associations.link(account, "deals", deal, "contacts", contact.id)
    primary = [AssociationSpec(5), AssociationSpec(341)]
    await hub.client.associations.link_labelled(account, "deals", deal, "companies", company.id, types=primary)
    line = NewRecord({"name": "Work", "quantity": "2", "price": "10.50"}, [(deal, AssociationSpec(LINE_ITEM_TO_DEAL))])
    made = await records.create_many(account, "line_items", {"a": line, "b": line})
    assert made.failures == {}
    before = await counted(sandbox, vendor="hubspot")
    found = await records.deal_for_invoice(account, deal)
    items = await records.line_items(account, found.associations["line_items"])
    assert await counted(sandbox, vendor="hubspot") - before == 2
    assert found.associations["contacts"] == (contact.id,)
    assert found.associations["companies"] == (company.id,)
    assert set(found.associations["line_items"]) == {one.id for one in made.records.values()}
    assert {Decimal(one.properties["amount"]) for one in items.records.values()} == {Decimal(21)}
    linked = await hub.client.associations.read_many(account, "deals", "companies", [deal, "1"])
    assert linked[deal][0].is_of(5)
    assert linked["1"] == ()
    assert 5 in await hub.client.associations.labels(account, "deals", "companies")


async def test_a_batch_update_with_one_bad_one_missing_and_one_merged_record(sandbox: Any, hub: Any) -> None:
    one, two, three, loser = [await a_deal(hub, f"Deal {number}") for number in range(4)]
    body = {"primaryObjectId": three, "objectIdToMerge": loser}
    merged = await sandbox.control.post("/people/salesperson/24000001/objects/deals/merge", json=body)
    assert merged.is_success, merged.text
    changes = {one: {"description": "x"}, two: {"dealstage": "no such stage"}, loser: {"description": "y"}}
    changes["999999999"] = {"description": "z"}
    done = await hub.client.records.update_many(hub.account, "deals", changes)
    assert set(done.records) == {one}
    assert set(done.failures) == {two}
    assert done.missing == {loser, "999999999"}
    survivor = await hub.client.records.get(hub.account, "deals", loser)
    assert survivor.id == merged.json()["id"]
    with pytest.raises(Permanent) as gone:
        await hub.client.records.get(hub.account, "deals", "999999999")
    assert gone.value.code == "GONE"


async def test_a_conflict_names_the_contact_that_is_there(hub: Any) -> None:
    made = await hub.client.records.create(hub.account, "contacts", {"email": "twice@x.example"})
    with pytest.raises(Refused) as conflict:
        await hub.client.records.create(hub.account, "contacts", {"email": "Twice@x.example"})
    assert (conflict.value.code, conflict.value.details["existing_id"]) == ("ALREADY_THERE", made.id)
    by_email = await hub.client.records.read_many(
        hub.account, "contacts", ["twice@x.example", "nobody@x.example"], ["email"], id_property="email"
    )
    assert (by_email.records["twice@x.example"].id, by_email.missing) == (made.id, {"nobody@x.example"})


async def test_an_unknown_property_is_named(hub: Any) -> None:
    deal = await a_deal(hub)
    done = await hub.client.records.update_many(hub.account, "deals", {deal: {"no_such_property": "1"}})
    assert done.failures[deal].code == "UNKNOWN_PROPERTY"
    assert "no_such_property" in done.failures[deal].sentence


async def test_properties_are_provisioned_twice_without_an_error(hub: Any) -> None:
    definitions = hub.client.definitions
    definition = {"name": "ours", "label": "Ours", "type": "number", "fieldType": "number", "groupName": "our_group"}
    for _ in range(2):
        await definitions.create_group(hub.account, "deals", "our_group", "Our group")
        await definitions.create(hub.account, "deals", definition)
    assert await definitions.group_exists(hub.account, "deals", "our_group")
    found = await definitions.get(hub.account, "deals", "ours")
    assert (found.type, found.group_name, found.read_only) == ("number", "our_group", False)
    assert await definitions.get(hub.account, "deals", "never") is None
    assert "dealname" in await definitions.list_all(hub.account, "deals")


async def test_facts_of_the_hubspot_account(hub: Any) -> None:
    facts = hub.client.facts
    details = await facts.details(hub.account)
    assert (details.portal_id, details.time_zone, details.company_currency) == ("24000001", "America/New_York", "USD")
    assert any(stage.is_won for pipeline in await facts.pipelines(hub.account) for stage in pipeline.stages)
    assert all(owner.id for owner in (await facts.owners(hub.account)).values())


async def test_a_lost_answer_of_a_create_at_hubspot_was_done_once(sandbox: Any, hub: Any) -> None:
    async with fault(sandbox, vendor="hubspot", method="POST", path="/objects/.*/companies", lose_answer=True, times=1):
        with pytest.raises(Uncertain):
            await hub.client.records.create(hub.account, "companies", {"name": "Lost and found"})
    held = (await sandbox.control.get("/hubspot/24000001/objects/companies")).json()["results"]
    assert [one["properties"]["name"] for one in held].count("Lost and found") == 1


async def test_a_company_and_its_preferences(books: Any) -> None:
    company = await books.client.company_info(books.account)
    assert (company.value.country[:2], company.value.zone) == ("US", "America/Los_Angeles")
    assert company.value.writable
    assert abs(company.time - datetime.now(UTC)) < timedelta(minutes=5)
    preferences = (await books.client.preferences(books.account)).value
    assert (preferences.home_currency, preferences.custom_transaction_numbers) == ("USD", False)
    assert preferences.partner_tax is True


async def invoice_document(books: Any) -> dict[str, Any]:
    customers = await books.client.queries.rows(books.account, Query("Customer").page(1, 1))
    items = await books.client.queries.rows(books.account, Query("Item").where("Type", "=", "Service").page(1, 1))
    detail = {"ItemRef": {"value": items.value[0]["Id"]}, "Qty": Decimal("1.125"), "UnitPrice": Decimal("80.08")}
    line = {"Amount": Decimal("90.09"), "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
    return {"CustomerRef": {"value": customers.value[0]["Id"]}, "Line": [line]}


async def test_the_life_of_an_invoice(books: Any) -> None:
    writes, account = books.client.writes, books.account
    document = await invoice_document(books)
    made = await writes.create(account, "Invoice", document, "life-create")
    again = await writes.create(account, "Invoice", document, "life-create")
    assert made.value["Id"] == again.value["Id"]
    assert (made.value["TotalAmt"], made.value["SyncToken"]) == (Decimal("90.09"), "0")
    assert last_updated(made.value) <= made.time + timedelta(seconds=1)
    invoice_id = made.value["Id"]
    noted = await writes.update(
        account, "Invoice", {"Id": invoice_id, "SyncToken": "0", "PrivateNote": "x"}, "life-note"
    )
    with pytest.raises(Permanent) as stale:
        await writes.update(account, "Invoice", {"Id": invoice_id, "SyncToken": "0", "PrivateNote": "y"}, "life-stale")
    assert stale.value.code == "STALE"
    sent = await writes.send(account, invoice_id, "life-send", to="ann@x.example")
    assert sent.value["EmailStatus"] == "EmailSent"
    assert (await books.client.pdf(account, invoice_id)).startswith(b"%PDF-")
    token = sent.value["SyncToken"]
    assert token >= noted.value["SyncToken"]
    voided = await writes.void(account, "Invoice", invoice_id, token, "life-void")
    assert (voided.value["TotalAmt"], voided.value["PrivateNote"].startswith("Voided")) == (0, True)
    deleted = await writes.delete(account, "Invoice", invoice_id, voided.value["SyncToken"], "life-delete")
    assert is_deleted(deleted.value)
    with pytest.raises(Permanent) as gone:
        await books.client.read(account, "Invoice", invoice_id)
    assert gone.value.code == "GONE"
    found = await books.client.queries.by_ids(account, "Invoice", [invoice_id])
    assert found.value.missing == {invoice_id}
    changes = await books.client.changes(account, ["Invoice", "Customer"], made.time - timedelta(minutes=5))
    assert any(is_deleted(one) and one["Id"] == invoice_id for one in changes.value.by_entity["Invoice"])


async def test_a_lost_answer_with_a_request_id_makes_one_invoice(sandbox: Any, books: Any) -> None:
    document = await invoice_document(books)
    before = await books.client.queries.count(books.account, Query("Invoice"))
    async with fault(sandbox, vendor="quickbooks", method="POST", path="/invoice", lose_answer=True, times=1):
        made = await books.client.writes.create(books.account, "Invoice", document, "lost-create")
    after = await books.client.queries.count(books.account, Query("Invoice"))
    assert made.value["Id"]
    assert after.value == before.value + 1
    assert await counted(sandbox, vendor="quickbooks", method="POST", path=f"/v3/company/{REALM}/invoice") == 2


async def test_names_with_every_sign_are_found_again(books: Any) -> None:
    for number, name in enumerate(["Amy's & Co + 50% \\ #1?", "Zażółć 'gęślą'", "O\u2019Brien", "İstanbul"]):
        made = await books.client.writes.create(books.account, "Customer", {"DisplayName": name}, f"name-{number}")
        found = await books.client.queries.named(books.account, "Customer", name)
        assert [one["Id"] for one in found.value] == [made.value["Id"]], name
        with pytest.raises(Refused) as taken:
            await books.client.writes.create(books.account, "Customer", {"DisplayName": name}, f"again-{number}")
        assert taken.value.code == "NAME_TAKEN"


async def test_all_customers_in_pages_and_in_one_call_by_id(sandbox: Any, books: Any) -> None:
    held = (await sandbox.control.get(f"/quickbooks/{REALM}/Customer")).json()
    ids = {one["Id"] for one in held}
    query = Query("Customer").whether_active_or_not()
    paged = [row["Id"] async for page in books.client.queries.pages(books.account, query) for row in page.value]
    assert sorted(paged) == sorted(ids)
    before = await counted(sandbox, vendor="quickbooks")
    found = await books.client.queries.by_ids(books.account, "Customer", [*ids, *(str(n) for n in range(9000, 9200))])
    assert set(found.value.records) == ids
    assert len(found.value.missing) == 200
    assert await counted(sandbox, vendor="quickbooks") - before == 1


async def test_quickbooks_grant_is_renewed_and_a_revoked_one_needs_a_reconnect(sandbox: Any, books: Any) -> None:
    endpoints = await discover(sandbox.quickbooks + "/.well-known/openid_sandbox_configuration")
    app = AppCredentials("sandbox-quickbooks-app", "sandbox-quickbooks-secret")
    async with contextlib.AsyncExitStack() as stack:
        oauth = QuickBooksOAuth(app, endpoints)
        wrong = QuickBooksOAuth(AppCredentials(app.client_id, "wrong"), endpoints)
        stack.push_async_callback(oauth.close)
        stack.push_async_callback(wrong.close)
        with pytest.raises(Permanent) as refused:
            await wrong.renew(books.account, "sandbox-quickbooks-refresh-1")
        assert refused.value.code == "APP_CREDENTIALS"
        grant = await oauth.renew(books.account, "sandbox-quickbooks-refresh-1")
        assert grant.expires_in == 3600
        books.tokens.current = grant.access_token
        assert (await books.client.company_info(books.account)).value.name
        await oauth.revoke(grant.refresh_token)
        with pytest.raises(ReconnectNeeded):
            await books.client.company_info(books.account)
        with pytest.raises(ReconnectNeeded):
            await oauth.renew(books.account, grant.refresh_token)


async def test_a_person_connects_hubspot_and_the_grant_says_which_account(sandbox: Any, hub: Any) -> None:
    app = AppCredentials("sandbox-hubspot-app", "sandbox-hubspot-secret")
    oauth = HubSpotOAuth(app, api=sandbox.hubspot, authorize=sandbox.hubspot + "/oauth/authorize")
    async with contextlib.aclosing(SimpleNamespace(aclose=oauth.close)):
        back = "http://localhost:8081/oauth/hubspot/callback"
        url = oauth.authorize_url(back, "state-1", ["oauth", "crm.objects.deals.read"])
        body = {"vendor": "hubspot", "account": "24000001", "url": url}
        answer = await sandbox.control.post("/people/administrator/authorize", json=body)
        assert answer.is_success, answer.text
        came = parse_qs(urlsplit(answer.json()["location"]).query)
        assert came["state"] == ["state-1"]
        grant = await oauth.exchange(came["code"][0], back)
        assert (grant.account_hint, grant.expires_in) == ("24000001", 1800)
        with pytest.raises(ReconnectNeeded):
            await oauth.exchange(came["code"][0], back)
        seen = await oauth.introspect(grant.access_token)
        assert (seen.active, seen.account_hint) == (True, "24000001")
        renewed = await oauth.renew(hub.account, grant.refresh_token)
        hub.tokens.current = renewed.access_token
        assert (await hub.client.facts.details(hub.account)).portal_id == "24000001"
        await oauth.revoke(renewed.refresh_token)
        with pytest.raises(ReconnectNeeded):
            await oauth.renew(hub.account, renewed.refresh_token)
