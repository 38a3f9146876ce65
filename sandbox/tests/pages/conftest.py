"""A browser without a screen: HTTP, forms sent as the sandbox's own pages send them."""

import html
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from ledgerbridge_sandbox.app import Ports, opened
from ledgerbridge_sandbox.world import World

MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)


class Visitor:
    """Opens pages and sends forms; `words` is the last page as a reader sees it."""

    def __init__(self, world: World, client: httpx.AsyncClient) -> None:
        self.world = world
        self.client = client
        self.page = ""

    @property
    def words(self) -> str:
        without_tags = re.sub(r"<(script|style|datalist)\b.*?</\1>|<[^>]+>", " ", self.page, flags=re.DOTALL)
        return re.sub(r"\s+", " ", html.unescape(without_tags))

    async def open(self, address: str, code: int = 200, **query: Any) -> str:
        answer = await self.client.get(address, params=query or None)
        assert answer.status_code == code, answer.text
        self.page = answer.text
        return self.words

    async def send(self, path: str, **fields: Any) -> str:
        """Send a form that is done; answers where it leads, and opens that."""
        answer = await self.client.post(path, data=fields)
        assert answer.status_code == 303, _notice(answer)
        await self.open(answer.headers["location"])
        return str(answer.headers["location"])

    async def refused(self, path: str, **fields: Any) -> str:
        """Send a form that is refused; answers the words of the page."""
        answer = await self.client.post(path, data=fields)
        assert answer.status_code == 422, answer.text
        self.page = answer.text
        assert 'role="alert"' in self.page
        return self.words

    def value_of(self, identifier: str) -> str:
        """What stands in the field with that id."""
        (found,) = re.findall(rf'<input id="{identifier}"[^>]* value="([^"]*)"', self.page)
        return html.unescape(found)


def _notice(answer: httpx.Response) -> str:
    return " ".join(re.findall(r'role="alert".*?</div>', answer.text, re.DOTALL)) or answer.text


@pytest.fixture
async def visitor() -> AsyncIterator[Visitor]:
    async with opened(Ports(0, 0, 0), MONDAY) as world:
        origin = world.addresses["control"]
        async with httpx.AsyncClient(base_url=origin, headers={"origin": origin}, timeout=20) as client:
            yield Visitor(world, client)
