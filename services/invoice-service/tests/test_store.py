"""Invoices, links and payments in a real PostgreSQL, under row-level security."""

from dataclasses import replace
from decimal import Decimal

import asyncpg
import pytest
from invoice_service.invoices import store, store_links, store_payments
from invoice_service.invoices.payments import read_payment
from invoice_service.invoices.request_ids import id_of_attached
from invoice_service.invoices.stages import Stage
from invoice_service.invoices.store import StageEntry
from ledgerbridge.storage import Database
from stored_invoices import CONNECTION, NOW, OTHER, REALM, TENANT, invoice, link


async def test_what_is_saved_is_read_back_exactly_and_by_its_tenant_alone(database: Database) -> None:
    first, second = invoice("130"), invoice("131", Balance=Decimal("0.10"))
    async with database.tenant(TENANT) as tx:
        await store.save(tx, TENANT, [first, second])
        await store.save(tx, TENANT, [replace(second, marked_sent=True)])
    async with database.tenant(TENANT) as tx:
        found = await store.by_quickbooks_ids(tx, REALM, ["131", "130", "999"])
        by_own_id = await store.by_ids(tx, [first.known.invoice_id])
    async with database.tenant(OTHER) as tx:
        foreign = await store.by_quickbooks_ids(tx, REALM, ["130", "131"])

    assert found["130"] == first
    assert found["131"].marked_sent
    assert found["131"].known.facts.balance == Decimal("0.10")
    assert by_own_id == {first.known.invoice_id: first}
    assert foreign == {}


async def test_an_invoice_is_known_once_whatever_its_id(database: Database) -> None:
    ours = invoice("130")
    doubled = replace(ours, known=replace(ours.known, invoice_id=str(id_of_attached("another", "1"))))
    async with database.tenant(TENANT) as tx:
        await store.save(tx, TENANT, [ours])
    with pytest.raises(asyncpg.UniqueViolationError):
        async with database.tenant(TENANT) as tx:
            await store.save(tx, TENANT, [doubled])


@pytest.mark.statement("S-64", "rule")
async def test_an_invoice_joins_one_deal_and_any_number_of_contacts(database: Database) -> None:
    one = invoice("130")
    async with database.tenant(TENANT) as tx:
        await store.save(tx, TENANT, [one])
        joined = await store_links.join(
            tx, TENANT, [link(one, "deal", "5"), link(one, "contact", "8"), link(one, "contact", "9")]
        )
        again = await store_links.join(tx, TENANT, [link(one, "deal", "6"), link(one, "contact", "9")])
        links = (await store.by_ids(tx, [one.known.invoice_id]))[one.known.invoice_id].known.links
        listed = await store_links.of_record(tx, "contact", "9")

    assert len(joined) == 3
    assert again == []
    assert (links.deal_id, links.contact_ids, links.company_ids) == ("5", ("8", "9"), ())
    assert listed == [one.known.invoice_id]


async def test_joins_follow_the_survivor_of_a_merge_and_can_be_parted(database: Database) -> None:
    one, two = invoice("130"), invoice("131")
    ids = [one.known.invoice_id, two.known.invoice_id]
    async with database.tenant(TENANT) as tx:
        await store.save(tx, TENANT, [one, two])
        await store_links.join(tx, TENANT, [link(one, "deal", "5"), link(two, "deal", "6")])
        moved = await store_links.move(tx, "deal", ["5"], "6")
        of_deals = await store.of_deals(tx, ["6", "5", "6"])
        parted = await store_links.part(tx, ids, "deal", "6")
        rest = await store_links.of_record(tx, "deal", "6")

    assert moved == [one.known.invoice_id]
    assert sorted(each.invoice_id for each in of_deals["6"]) == sorted(ids)
    assert of_deals["5"] == []
    assert (sorted(parted), rest) == (sorted(ids), [])


async def test_payments_replace_their_allocations(database: Database) -> None:
    line = {"Amount": Decimal(30), "LinkedTxn": [{"TxnId": "130", "TxnType": "Invoice"}]}
    other = {"Amount": Decimal(20), "LinkedTxn": [{"TxnId": "131", "TxnType": "Invoice"}]}
    document = {"Id": "77", "TotalAmt": Decimal(50), "CurrencyRef": {"value": "USD"}, "Line": [line, other]}
    before, after = read_payment(document), read_payment({**document, "Line": [other], "UnappliedAmt": Decimal(30)})
    async with database.tenant(TENANT) as tx:
        await store_payments.save(tx, TENANT, CONNECTION, [before], NOW)
        first = await store_payments.of_invoices(tx, CONNECTION, ["130", "131"])
        await store_payments.save(tx, TENANT, CONNECTION, [after], NOW)
        then = await store_payments.of_invoices(tx, CONNECTION, ["130", "131"])
    async with database.tenant(OTHER) as tx:
        foreign = await store_payments.by_ids(tx, CONNECTION, ["77"])

    assert first == {"130": [before], "131": [before]}
    assert then == {"130": [], "131": [after]}
    assert foreign == {}


async def test_the_history_of_stages_is_kept_in_order(database: Database) -> None:
    one = invoice("130")
    invoice_id = one.known.invoice_id
    entries = [
        StageEntry(invoice_id, None, Stage.WAITING_TO_BE_SENT, "baseline", NOW),
        StageEntry(invoice_id, Stage.WAITING_TO_BE_SENT, Stage.OVERDUE, "calendar", NOW),
    ]
    async with database.tenant(TENANT) as tx:
        await store.save(tx, TENANT, [one])
        await store.add_history(tx, TENANT, entries)
        assert await store.history(tx, invoice_id) == entries
