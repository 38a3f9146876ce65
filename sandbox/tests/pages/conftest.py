"""A visitor over HTTP, who sends forms as the sandbox's own pages do, and one in Chromium."""

import html
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio
from ledgerbridge_sandbox.app import Ports, opened
from ledgerbridge_sandbox.world import World
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

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


CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_PATIENCE_MILLISECONDS = 15_000


class Window:
    """A window of Chromium at the pages of a sandbox of its own; notes what the browser complains of."""

    def __init__(self, world: World, browser: Browser) -> None:
        self.world = world
        self.base = world.addresses["control"]
        self._browser = browser
        self.complaints: list[str] = []

    @asynccontextmanager
    async def page(self, **context: Any) -> AsyncIterator[Page]:
        """A page in a context of its own, which asks for nothing outside the sandbox."""
        async with await self._browser.new_context(base_url=self.base, **context) as fresh:
            page = await fresh.new_page()
            page.set_default_timeout(_PATIENCE_MILLISECONDS)
            page.on("console", self._note)
            page.on("pageerror", lambda error: self.complaints.append(str(error)))
            page.on("request", lambda request: self._only_here(request.url))
            yield page

    def _note(self, message: ConsoleMessage) -> None:
        """Errors, but for the status of a page that was refused or is not there: Chromium reports that too."""
        of_page = f"{self.base}/pages/" in message.location["url"] and "/static/" not in message.location["url"]
        if message.type == "error" and not (of_page and re.search(r"status of 4\d\d", message.text)):
            self.complaints.append(message.text)

    def _only_here(self, url: str) -> None:
        if not url.startswith(self.base):
            self.complaints.append(f"asked for {url}")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def window(chromium: Browser) -> AsyncIterator[Window]:
    async with opened(Ports(0, 0, 0), MONDAY) as world:
        found = Window(world, chromium)
        yield found
        assert found.complaints == []
