"""The commands beside a running `ledgerbridge up`: they find it by themselves and work through the real thing."""

import asyncio
import stat

import httpx
import pytest
from aiokafka.admin import AIOKafkaAdminClient
from ledgerbridge.command_line.client_file import ClientFile
from ledgerbridge.testing.waiting import wait_until_sync

from tests.house import LEGACY_REALM, US_PORTAL, US_REALM, House

pytestmark = [pytest.mark.timeout(240)]
ALWAYS = ("--since", "2020-01-01")
ACCOUNT = ("--account", US_PORTAL)


def test_connect_kept_a_client_for_this_user_alone(house: House) -> None:
    file = ClientFile(house.installation.home)
    assert US_PORTAL in file.known()
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert house.invoices().ask("GET", "/records/counts").status == 200


def test_check_says_what_stands_in_the_way_and_what_the_apps_need(house: House) -> None:
    said = house.installation.command("connect", "--check").stdout
    assert f"QuickBooks account {LEGACY_REALM}: connected" in said
    assert "custom transaction numbers turned on" in said
    assert f"{house.running.addresses['webhook-gateway']}/oauth/quickbooks/callback" in said


def test_client_gets_a_token_that_the_services_take_until_it_is_revoked(house: House) -> None:
    told = house.installation.command("clients", "add", *ACCOUNT, "--name", "robot", "--role", "viewer").stdout
    client, secret = (line.split()[1] for line in told.splitlines())
    given = {"LEDGERBRIDGE_CLIENT_SECRET": secret}
    token = house.installation.command("token", "--client", client, environment=given).stdout.strip()
    address = house.running.addresses["invoice-service"]
    answer = httpx.get(f"{address}/records/counts", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200

    house.installation.command("clients", "revoke", *ACCOUNT, "--client", client)
    refused = house.installation.command("token", "--client", client, check=False, environment=given)
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert "Traceback" not in refused.stderr
    assert secret not in refused.stderr


def test_missing_topic_is_named_and_made(house: House) -> None:
    topic = f"{house.running.topic_prefix}dead-letters.webhook-gateway"
    asyncio.run(_delete(house.running.kafka, topic))
    wait_until_sync(
        lambda: house.installation.command("topics", "check", check=False).returncode == 1, 20, "it is gone"
    )
    assert topic in house.installation.command("topics", "check", check=False).stderr
    assert topic in house.installation.command("topics", "create").stdout
    assert "Every topic is there" in house.installation.command("topics", "check").stdout


async def _delete(kafka: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        await admin.delete_topics([topic])
    finally:
        await admin.close()


def test_replay_and_rebuild_tell_again_what_was_told(house: House) -> None:
    invoice = next(one for one in house.sandbox.all_quickbooks(US_REALM, "invoice") if one.get("Balance"))
    place = house.bus.place()
    house.sandbox.bookkeeper(US_REALM).act(invoice["Id"], "edit", PrivateNote="seen by the command line's tests")

    def of_invoice(found_by: str, after: int) -> None:
        house.bus.wait_for(
            "quickbooks-changes",
            lambda seen: seen.data["record_id"] == invoice["Id"] and seen.data["found_by"] == found_by,
            20,
            after,
            f"a notice found by {found_by}",
        )

    of_invoice("webhook", place)
    place = house.bus.place()
    said = house.installation.command("receipts", "replay", *ALWAYS, "--until", "2040-01-01", *ACCOUNT).stdout
    assert said.startswith("receipts read: ")
    of_invoice("replay", place)

    place = house.bus.place()
    said = house.installation.command("rebuild", *ALWAYS).stdout
    assert "Topics made: none were missing" in said
    assert "records of the outbox will be published again" in said
    assert "Producers resend those that they sent from 2020-01-01T00:00:00+00:00" in said
    of_invoice("webhook", place)  # published again from the outbox, as it was
    of_invoice("replay", place)


def test_records_are_counted_listed_and_tried_again(house: House) -> None:
    assert house.installation.command("records", "counts", *ACCOUNT).returncode == 0
    assert house.installation.command("records", "list", "--state", "failed", *ACCOUNT).returncode == 0
    nothing = house.installation.command("records", "retry", "--reason-code", "NAME_TAKEN", *ACCOUNT).stdout
    assert nothing == "Records tried again: 0\n"
    refused = house.installation.command("records", "retry", *ACCOUNT, check=False)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "name a kind, a connection, a record or a reason" in refused.stderr


def test_account_must_be_named_where_there_are_several(house: House) -> None:
    refused = house.installation.command("records", "counts", check=False)
    assert refused.returncode == 1
    assert refused.stderr == "Which account? Give --account, one of 24000001, 24000002.\n"
