"""The records that the Kafka benchmarks consume, and a producer that fills a topic with them."""

import asyncio
import uuid
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal

from aiokafka import AIOKafkaProducer
from ledgerbridge.contracts.envelope import Envelope
from ledgerbridge.contracts.invoices import (
    Change,
    Customer,
    InvoiceLine,
    InvoiceLinks,
    InvoiceState,
    InvoiceUpdated,
    InvoiceUrls,
    Recipient,
    Stage,
)
from ledgerbridge.contracts.model import Message
from ledgerbridge.contracts.notices import RecordChanged

TENANT, CONNECTION, REALM = 24000001, 1, "9130350000000001"
MOMENT = datetime(2026, 11, 23, 10, tzinfo=UTC)

Record = tuple[bytes, bytes, list[tuple[str, bytes]]]
"""Key, value, headers."""


def invoice_updated(number: int) -> InvoiceUpdated:
    """An event of an invoice with three lines: about 2 kB."""
    lines = tuple(
        InvoiceLine(
            quickbooks_id=str(place),
            item_id=str(40 + place),
            item_name="Implementation, hourly",
            description="Workshops and configuration as agreed in the statement of work",
            quantity=Decimal("12.500"),
            unit_price=Decimal("180.00"),
            amount=Decimal("2250.00"),
            tax_code="TAX",
        )
        for place in range(1, 4)
    )
    state = InvoiceState(
        invoice_id=f"5c1f0c1e-0000-4000-8000-{number:012d}",
        connection=CONNECTION,
        quickbooks_company=REALM,
        quickbooks_id=str(number),
        number=str(1000 + number),
        origin="created",
        customer=Customer(quickbooks_id="58", name="Cool Cars Limited Partnership"),
        recipient=Recipient(name="Cool Cars", email="accounts.payable@coolcars.example.com"),
        currency="USD",
        total=Decimal("6750.00"),
        tax=Decimal("0.00"),
        balance=Decimal("4500.00"),
        paid=Decimal("2250.00"),
        credited=Decimal(0),
        deposit=Decimal(0),
        invoice_date=date(2026, 11, 1),
        due_date=date(2026, 12, 1),
        terms="Net 30",
        lines=lines,
        stage=Stage.PARTIAL_PAYMENT,
        handed_over=True,
        links=InvoiceLinks(deal_id=str(9_000_000 + number), contact_ids=("101",), company_ids=("201",)),
        urls=InvoiceUrls(quickbooks=f"https://app.qbo.intuit.com/app/invoice?txnId={number}"),
        created_at=MOMENT,
        updated_at=MOMENT,
        as_of=MOMENT,
    )
    return InvoiceUpdated(invoice=state, changes={"balance": Change(old="6750.00", new="4500.00")})


def notice(number: int) -> RecordChanged:
    """What a QuickBooks webhook about an invoice becomes."""
    return RecordChanged(
        vendor="quickbooks",
        account=REALM,
        object_type="invoice",
        record_id=str(number),
        verb="changed",
        changed_at=MOMENT,
        exact=True,
        found_by="webhook",
    )


def record(key: str, message: Message) -> Record:
    """A message as a record of ours in CloudEvents' binary mode."""
    envelope = Envelope(
        id=str(uuid.uuid4()),
        source="ledgerbridge/bench",
        type=message.type,
        subject=key,
        time=MOMENT,
        dataschema=message.dataschema(),
        correlation_id=str(uuid.uuid4()),
        tenant=TENANT,
        connection=CONNECTION,
    )
    return key.encode(), message.encode(), envelope.to_headers()


async def fill(bootstrap: str, topic: str, records: Iterable[Record]) -> None:
    """Send all records and wait until the broker has them."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, max_batch_size=512 * 1024, linger_ms=5)
    await producer.start()
    try:
        sent = [await producer.send(topic, value, key=key, headers=headers) for key, value, headers in records]
        await asyncio.gather(*sent)
    finally:
        await producer.stop()
