"""A broker that goes away and comes back: everything resumes by itself and nothing is lost."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from ledgerbridge.contracts.topics import INVOICES
from ledgerbridge.messaging.consumers import Consumers
from ledgerbridge.messaging.consumption import Consumption
from ledgerbridge.messaging.received import Received
from ledgerbridge.storage import Database
from ledgerbridge.testing.waiting import wait_until

from .bus import Bus, all_published, put, relaying, running, told, unpublished

embedded = pytest.importorskip("ledgerbridge.embedded.kafka", reason="needs the extra `embedded`")


class OwnBroker:
    """A broker that a test may stop and start."""

    def __init__(self, folder: Path) -> None:
        from ledgerbridge.embedded import downloads, ports, settings

        port, controller_port = ports.free_ports(2)
        given = settings.EmbeddedSettings()
        jars = downloads.class_path(given.cache, print, given.maven_repository)
        self.bootstrap = f"127.0.0.1:{port}"
        self._program = embedded.kafka_program(folder, port=port, controller_port=controller_port, jars=jars)
        self._child = None

    def start(self) -> None:
        from ledgerbridge.embedded import programs

        self._child = programs.start_and_wait(self._program)

    def kill(self) -> None:
        if self._child is not None:
            self._child.kill()
            self._child = None


@pytest.fixture
def own_broker() -> Iterator[OwnBroker]:
    folder = Path(tempfile.mkdtemp(prefix="ledgerbridge-broker-"))
    broker = OwnBroker(folder)
    yield broker
    broker.kill()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.slow
async def test_relay_and_consumers_start_without_a_broker_and_survive_its_death(
    own_broker: OwnBroker, database: Database, topic_prefix: str
) -> None:
    bus = Bus(own_broker.bootstrap, topic_prefix)
    seen: set[bytes] = set()

    async def handle(records: Sequence[Received]) -> None:
        seen.update(record.value or b"" for record in records)

    consumption = Consumption(INVOICES, "watchers", handle, database=database, service="bookkeeping")
    consumers = Consumers(bus.bootstrap, bus.prefix, "bookkeeping", [consumption])
    await put(database, *[told(f"7:{number}", number) for number in range(50)])
    async with running(consumers), relaying(database, bus, poll_seconds=0.1) as relay:
        own_broker.start()
        await bus.create(INVOICES)
        await all_published(database, 40)
        await wait_until(lambda: len(seen) == 50, 40)
        own_broker.kill()
        await put(database, *[told(f"7:{number}", number) for number in range(50, 100)])
        assert await unpublished(database) == 50
        own_broker.start()
        await all_published(database, 60)
        await wait_until(lambda: len(seen) == 100, 60)
        assert not relay.beat.stands_still
        assert not consumers.beat.stands_still
