"""`ledgerbridge up` as a process of its own, as a person runs it."""

import asyncio
import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import asyncpg
import psutil
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from ledgerbridge.embedded.postgres import admin_dsn
from ledgerbridge.testing.waiting import wait_until_sync

DUMMY = Path(__file__).parent / "dummy"


class Up:
    """One run of the command; its output goes to a file."""

    def __init__(self, home: Path, *arguments: str, **environment: str) -> None:
        self.home = home
        self.output = home.parent / f"output-{uuid.uuid4().hex}"
        given = {name: value for name, value in os.environ.items() if not name.startswith("LEDGERBRIDGE_")}
        if "LEDGERBRIDGE_CACHE" in os.environ:
            given["LEDGERBRIDGE_CACHE"] = os.environ["LEDGERBRIDGE_CACHE"]
        given |= {"LEDGERBRIDGE_HOME": str(home), "PYTHONPATH": str(DUMMY), **environment}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "ledgerbridge.command_line", "up", "--only", "dummy-service", *arguments],
                env=given,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def text(self) -> str:
        return self.output.read_text()

    def says(self, words: str, seconds: float = 40) -> None:
        wait_until_sync(lambda: words in self.text or self.process.poll() is not None, seconds, f"{words!r} is said")
        assert words in self.text, self.text

    def is_up(self) -> "Up":
        self.says("Ledgerbridge is up:")
        return self

    def stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(40)

    def end(self) -> None:
        """Whatever the test did: leave nothing running."""
        if self.process.poll() is None:
            self.stop(signal.SIGTERM)
        for child in self.children().values():
            child.kill()

    def children(self) -> dict[str, psutil.Process]:
        state = self.home / "state.json"
        rows: list[dict[str, Any]] = json.loads(state.read_text()) if state.exists() else []
        return {row["name"]: psutil.Process(row["pid"]) for row in rows if psutil.pid_exists(row["pid"])}

    def port(self, name: str) -> int:
        found = re.search(rf"^  {name} +(?:http://)?127\.0\.0\.1:(\d+)", self.text, re.MULTILINE)
        assert found, self.text
        return int(found[1])

    def ask_dummy(self, path: str, method: str = "GET") -> dict[str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port("dummy-service"), timeout=5)
        with contextlib.closing(connection):
            connection.request(method, path)
            return dict(json.load(connection.getresponse()))

    def write_data(self) -> None:
        asyncio.run(self._make_topic())
        asyncio.run(self._query("create table if not exists kept as select 42 as n"))

    def data_is_kept(self) -> bool:
        return asyncio.run(self._query("select n from kept")) == 42 and "kept" in self.topics()

    def topics(self) -> set[str]:
        return set(asyncio.run(self._topics()))

    async def _make_topic(self) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=f"127.0.0.1:{self.port('kafka')}")
        await admin.start()
        await admin.create_topics([NewTopic("kept", 3, 1)])
        await admin.close()

    async def _topics(self) -> list[str]:
        admin = AIOKafkaAdminClient(bootstrap_servers=f"127.0.0.1:{self.port('kafka')}")
        await admin.start()
        try:
            return list(await admin.list_topics())
        finally:
            await admin.close()

    async def _query(self, statement: str) -> object:
        connection = await asyncpg.connect(admin_dsn(self.home / "postgres", self.port("postgres"), "ledgerbridge"))
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()
