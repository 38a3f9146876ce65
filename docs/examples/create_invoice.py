"""Ask Ledgerbridge for an invoice over Kafka (needs `pip install aiokafka`)."""

# ruff: noqa: E401, I001
# fmt: off
import asyncio, json, sys, uuid
from aiokafka import AIOKafkaProducer

async def main(kafka: str, prefix: str, account: str, deal: str) -> None:
    headers = {"content-type": "application/json", "ce_specversion": "1.0", "ce_id": str(uuid.uuid4()),
               "ce_source": "my-shop", "ce_type": "ledgerbridge.invoice.create.v1"}
    command = json.dumps({"hubspot_account": account, "deal_id": deal, "idempotency_key": f"order-{deal}"})
    async with AIOKafkaProducer(bootstrap_servers=kafka, enable_idempotence=True) as producer:
        await producer.send_and_wait(f"{prefix}invoice-commands", command.encode(), key=f"{account}:{deal}".encode(),
                                     headers=[(name, value.encode()) for name, value in headers.items()])

asyncio.run(main(*sys.argv[1:]))  # e.g. localhost:9092 ledgerbridge. 24000001 9001
