"""Connecting against the sandbox over HTTP, through the commands as a person types them."""

import asyncio
import base64
import http.client
import json
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import structlog
import typer
from ledgerbridge.accounts.grants import GivenGrant
from ledgerbridge.accounts.permissions import HUBSPOT_SCOPES, QUICKBOOKS_SCOPES
from ledgerbridge.accounts.provisioning import STAGE_LABELS
from ledgerbridge.command_line.accounts import Desk, open_desk, register
from ledgerbridge.errors import LedgerbridgeError, Refused
from ledgerbridge.service import logs
from ledgerbridge.service.settings import ServiceSettings
from typer.testing import CliRunner

from .conftest import KEY, Installation

US, UK = "24000001", "24000002"
AUTOMATED, BRITISH, LEGACY = "9130350000000001", "9130350000000002", "9130350000000003"
FIVE = {
    "ledgerbridge_invoiced_amount",
    "ledgerbridge_invoice_recipient",
    "ledgerbridge_invoice_number",
    "ledgerbridge_invoice_status",
    "ledgerbridge_invoice_due_date",
}
CONVERSION = {
    "ledgerbridge_invoice_original_amount",
    "ledgerbridge_invoice_original_currency",
    "ledgerbridge_invoice_exchange_rate",
    "ledgerbridge_invoice_exchange_rate_source",
}


@pytest.fixture
async def sandbox() -> AsyncIterator[dict[str, str]]:
    ports = ("--hubspot-port", "0", "--quickbooks-port", "0", "--control-port", "0")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ledgerbridge_sandbox", *ports, "--print-json", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    try:
        yield json.loads(await asyncio.wait_for(process.stdout.readline(), 60))
    finally:
        process.terminate()
        await process.wait()


@pytest.fixture
def environment(installation: Installation, sandbox: dict[str, str]) -> dict[str, str]:
    return {
        "LEDGERBRIDGE_DATABASE_APP": installation.roles.app_dsn,
        "LEDGERBRIDGE_DATABASE_ENGINE": installation.roles.engine_dsn,
        "LEDGERBRIDGE_KAFKA": "127.0.0.1:1",
        "LEDGERBRIDGE_SECRET_KEY": "k1:" + base64.b64encode(KEY).decode(),
        "LEDGERBRIDGE_HUBSPOT_API": sandbox["hubspot"],
        "LEDGERBRIDGE_HUBSPOT_AUTHORIZE": sandbox["hubspot"] + "/oauth/authorize",
        "LEDGERBRIDGE_HUBSPOT_APP_ID": "sandbox-hubspot-app",
        "LEDGERBRIDGE_HUBSPOT_APP_SECRET": "sandbox-hubspot-secret",
        "LEDGERBRIDGE_QUICKBOOKS_API": sandbox["quickbooks"],
        "LEDGERBRIDGE_QUICKBOOKS_AUTHORIZE": sandbox["quickbooks"] + "/connect/oauth2",
        "LEDGERBRIDGE_QUICKBOOKS_TOKEN": sandbox["quickbooks"] + "/oauth2/v1/tokens/bearer",
        "LEDGERBRIDGE_QUICKBOOKS_REVOKE": sandbox["quickbooks"] + "/v2/oauth2/tokens/revoke",
        "LEDGERBRIDGE_QUICKBOOKS_APP_ID": "sandbox-quickbooks-app",
        "LEDGERBRIDGE_QUICKBOOKS_APP_SECRET": "sandbox-quickbooks-secret",
        "LEDGERBRIDGE_SANDBOX_CLOCK": sandbox["control"],
    }


@pytest.fixture
def set_environment(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    before = structlog.get_config()
    # As the command line does: the log is not among what a command says.
    logs.configure("test", form="console", level="error", out=sys.stderr)
    yield
    structlog.configure(**before)


async def run(*arguments: str) -> tuple[int, str]:
    """What the command line answers: status and output, errors included."""
    app = typer.Typer(pretty_exceptions_enable=False)
    register(app)
    result = await asyncio.to_thread(CliRunner().invoke, app, arguments)
    if isinstance(result.exception, LedgerbridgeError):
        # As the command line's `main` says it.
        return 1, f"{result.output}{result.exception.sentence} {result.exception.remedy}\n"
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


@asynccontextmanager
async def desk() -> AsyncIterator[Desk]:
    async with open_desk(ServiceSettings(), "https://pages.example") as opened:
        yield opened


async def call(method: str, url: str, body: dict[str, Any] | None = None, token: str | None = None) -> Any:
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310
    try:
        answer = await asyncio.to_thread(urllib.request.urlopen, request)
    except urllib.error.HTTPError as refused:
        raise AssertionError(f"{method} {url}: {refused.code} {refused.read()!r}") from None
    with answer:
        return json.loads(answer.read() or b"null")


async def properties(sandbox: dict[str, str]) -> dict[str, dict[str, Any]]:
    answer = await call("GET", f"{sandbox['hubspot']}/crm/v3/properties/deals", token="pat-na1-sandbox-1")
    return {one["name"]: one for one in answer["results"] if one["groupName"] == "ledgerbridge"}


@pytest.mark.statement("S-74", "rule")
async def test_a_hubspot_account_is_connected_by_a_static_token(
    set_environment: None, sandbox: dict[str, str], installation: Installation
) -> None:
    status, output = await run("connect", "hubspot", "--token", "pat-na1-sandbox-1", "--pages", "https://pages.example")
    assert (status, output) == (0, f"HubSpot account {US}: connected\n")
    account = await installation.accounts.by_external("hubspot", US)
    assert account is not None
    assert account.facts["zone"] == "America/New_York"
    assert account.facts["currency"] == "USD"
    assert account.facts["open_property"] == "calculated"
    made = await properties(sandbox)
    assert set(made) == {*FIVE, *CONVERSION, "ledgerbridge_open"}
    assert [one["value"] for one in made["ledgerbridge_invoice_status"]["options"]] == list(STAGE_LABELS)
    assert "currencyPropertyName" not in made["ledgerbridge_invoiced_amount"]
    assert "https://pages.example/deals/" in made["ledgerbridge_open"]["calculationFormula"]
    assert f"?account={US}" in made["ledgerbridge_open"]["calculationFormula"]
    # again, in Polish: labels are mended, nothing is doubled
    status, _output = await run("connect", "hubspot", "--token", "pat-na1-sandbox-1", "--language", "pl")
    assert status == 0
    assert (await properties(sandbox))["ledgerbridge_invoice_number"]["label"] == "Numer faktury"


async def test_companies_are_connected_by_given_tokens(set_environment: None, installation: Installation) -> None:
    await run("connect", "hubspot", "--token", "pat-na1-sandbox-1")
    given = ("--access-token", "sandbox-quickbooks-access-1", "--refresh-token", "sandbox-quickbooks-refresh-1")
    status, output = await run("connect", "quickbooks", "--account", US, "--realm", AUTOMATED, *given)
    assert status == 0, output
    assert output.startswith(f"QuickBooks account {AUTOMATED}: connected, connection ")
    given = ("--access-token", "sandbox-quickbooks-access-3", "--refresh-token", "sandbox-quickbooks-refresh-3")
    status, output = await run("connect", "quickbooks", "--account", US, "--realm", LEGACY, *given, "--mode", "strict")
    assert status == 0, output
    assert "has custom transaction numbers turned on" in output
    hubspot = await installation.accounts.by_external("hubspot", US)
    assert hubspot is not None
    installation.accounts.forget()
    first, second = await installation.accounts.connections(hubspot.id)
    assert (first.zone, second.zone) == ("America/Los_Angeles", "America/Chicago")
    assert (first.mode, second.mode) == ("legacy", "strict")
    assert first.quickbooks.facts["currency"] == "USD"
    assert second.quickbooks.facts["custom_transaction_numbers"] is True


async def test_wrong_tokens_are_refused_in_words_and_store_nothing(
    set_environment: None, installation: Installation
) -> None:
    status, output = await run("connect", "hubspot", "--token", "pat-canary-wrong")
    assert status == 1
    assert "HubSpot does not accept it" in output
    await run("connect", "hubspot", "--token", "pat-na1-sandbox-1")
    given = ("--access-token", "sandbox-quickbooks-access-1", "--refresh-token", "canary")
    status, output = await run("connect", "quickbooks", "--account", US, "--realm", LEGACY, *given)
    assert status == 1
    assert f"QuickBooks does not accept it for company {LEGACY}" in output
    assert "canary" not in output
    assert [account.external_id for account in await installation.accounts.accounts()] == [US]


async def test_a_zone_that_nobody_tells_is_asked_for(
    set_environment: None, sandbox: dict[str, str], installation: Installation
) -> None:
    await run("connect", "hubspot", "--token", "pat-na1-sandbox-1")
    company = await call(
        "GET",
        f"{sandbox['quickbooks']}/v3/company/{AUTOMATED}/companyinfo/{AUTOMATED}",
        token="sandbox-quickbooks-access-1",
    )
    company["CompanyInfo"].pop("DefaultTimeZone")
    fault = {"vendor": "quickbooks", "path": ".*/companyinfo/.*", "status": 200, "body": company}
    await call("POST", f"{sandbox['control']}/faults", {**fault, "content_type": "application/json"})
    given = ("--access-token", "sandbox-quickbooks-access-1", "--refresh-token", "sandbox-quickbooks-refresh-1")
    connect = ("connect", "quickbooks", "--account", US, "--realm", AUTOMATED, *given)
    status, output = await run(*connect)
    assert status == 1
    assert "name it (HubSpot's account is in America/New_York)" in output
    assert await installation.accounts.by_external("quickbooks", AUTOMATED) is None
    status, output = await run(*connect, "--zone", "America/Denver")
    assert status == 0, output
    installation.accounts.forget()
    assert [one.zone for one in await installation.accounts.connections()] == ["America/Denver"]


async def test_both_vendors_are_connected_by_consent(set_environment: None, sandbox: dict[str, str]) -> None:
    async with desk() as at:
        grant, _realm = await consent(at, sandbox, "hubspot", US)
        connected = await at.connecting.connect_hubspot(grant, app="sandbox-hubspot-app")
        assert (connected.account.external_id, connected.account.state) == (US, "connected"), connected.missing
        hubspot = connected.account
        grant, realm = await consent(at, sandbox, "quickbooks", AUTOMATED)
        assert realm == AUTOMATED
        joined = await at.connecting.connect_quickbooks(
            hubspot, realm, grant, app="sandbox-quickbooks-app", actor="ada"
        )
        assert joined.account.state == "connected"
        # an hour later both tokens have expired, and the seam renews them against the real token endpoints
        await call("POST", f"{sandbox['control']}/people/administrator/hubspot/{US}/expire")
        await call("POST", f"{sandbox['control']}/people/administrator/quickbooks/{AUTOMATED}/expire")
        assert (await at.access.hubspot.facts.details(hubspot)).portal_id == US
        assert (await at.access.quickbooks.company_info(joined.account)).value.name
        checked = await at.connecting.check(joined.account, at.access.tokens)
        assert checked.account.state == "connected"


async def consent(at: Desk, sandbox: dict[str, str], vendor: Any, account: str) -> tuple[Any, Any]:
    """A person agrees in a browser; the gateway delivers what it brings; who asked picks it up."""
    oauth: Any = at.access.hubspot_oauth if vendor == "hubspot" else at.access.quickbooks_oauth
    scopes = HUBSPOT_SCOPES if vendor == "hubspot" else QUICKBOOKS_SCOPES
    redirect = f"http://localhost:8081/oauth/{vendor}/callback"
    state = await at.consents.ask(vendor, redirect, "ada")
    assert await at.connecting.pick_up(state, "ada", oauth) is None
    url = oauth.authorize_url(redirect, state, scopes)
    if vendor == "hubspot":
        body = {"vendor": vendor, "account": account, "url": url}
        location = (await call("POST", f"{sandbox['control']}/people/administrator/authorize", body))["location"]
    else:
        location = await asyncio.to_thread(press_connect, url, account)
    assert parse_qs(urlsplit(location).query)["state"] == [state]
    assert await at.consents.deliver_address(vendor, location)
    assert not await at.consents.deliver_address(vendor, location)  # once
    with pytest.raises(Refused, match="was not found"):
        await at.connecting.pick_up(state, "mallory", oauth)
    answer = await at.connecting.pick_up(state, "ada", oauth)
    assert answer is not None
    with pytest.raises(Refused, match="was not found"):
        await at.connecting.pick_up(state, "ada", oauth)
    return answer


def press_connect(url: str, realm: str) -> str:
    """Post the form of Intuit's consent page as a browser does, and answer where it is sent."""
    parts = urlsplit(url)
    form = {**{name: values[0] for name, values in parse_qs(parts.query).items()}, "realmId": realm}
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", parts.path, urlencode({**form, "decision": "allow"}), headers)
    answer = connection.getresponse()
    assert answer.status in (302, 303), answer.read()
    return str(answer.getheader("Location"))


async def test_check_mends_hubspot_and_names_what_the_apps_need(set_environment: None, sandbox: dict[str, str]) -> None:
    await run("connect", "hubspot", "--token", "pat-na1-sandbox-1")
    path = f"{sandbox['hubspot']}/crm/v3/properties/deals/ledgerbridge_invoice_number"
    await call("DELETE", path, token="pat-na1-sandbox-1")
    status, output = await run("connect", "--check")
    assert status == 0
    assert f"HubSpot account {US}: connected" in output
    assert "Intuit app: redirect address" in output
    assert "ledgerbridge_invoice_number" in await properties(sandbox)


async def test_a_calculated_property_that_hubspot_refuses_is_written_instead(
    set_environment: None, sandbox: dict[str, str]
) -> None:
    token = "pat-na1-sandbox-1"
    refusal = {"status": "error", "message": "calculationFormula is not allowed", "category": "VALIDATION_ERROR"}
    fault = {"vendor": "hubspot", "method": "POST", "path": "/crm/properties/.*/deals$", "times": 1, "status": 400}
    async with desk() as at:
        await at.connecting.connect_hubspot(GivenGrant(token), app="static")
        await call("DELETE", f"{sandbox['hubspot']}/crm/v3/properties/deals/ledgerbridge_open", token=token)
        await call(
            "POST", f"{sandbox['control']}/faults", {**fault, "body": refusal, "content_type": "application/json"}
        )
        connected = await at.connecting.connect_hubspot(GivenGrant(token), app="static")
        assert connected.account.facts["open_property"] == "written"
        assert (await properties(sandbox))["ledgerbridge_open"]["fieldType"] == "text"
        again = await at.connecting.check(connected.account, at.access.tokens)
        assert again.account.facts["open_property"] == "written"


async def test_a_client_gets_tokens_for_its_secret(set_environment: None) -> None:
    await run("connect", "hubspot", "--token", "pat-na1-sandbox-1")
    status, output = await run("clients", "add", "--account", US, "--name", "ledger", "--role", "sales")
    assert status == 0
    client, secret = (line.split()[1] for line in output.splitlines())
    status, token = await run("token", "--client", client, "--secret", secret)
    assert status == 0
    async with desk() as at:
        assert (await at.callers.verify(token.strip())).role == "sales"
    assert (await run("clients", "revoke", "--account", US, "--client", client))[0] == 0
    status, output = await run("token", "--client", client, "--secret", secret)
    assert (status, secret in output) == (1, False)
