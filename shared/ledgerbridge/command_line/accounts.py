"""`ledgerbridge connect hubspot|quickbooks|check`, `ledgerbridge clients add|revoke` and `ledgerbridge token`.

Secrets are read from options or, better, from the environment or a prompt; only a new client's secret is ever shown.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from getpass import getuser
from typing import Annotated, Literal, Protocol

import typer

from ledgerbridge.accounts.callers import Callers, Role
from ledgerbridge.accounts.connecting import CodeExchange, Connected, Connecting
from ledgerbridge.accounts.consents import Consents
from ledgerbridge.accounts.grants import GivenGrant, Grant
from ledgerbridge.accounts.limits import STATIC_APP
from ledgerbridge.accounts.opening import VendorAccess, open_access, open_connecting
from ledgerbridge.accounts.permissions import HUBSPOT_SCOPES, QUICKBOOKS_SCOPES, app_needs
from ledgerbridge.accounts.registry import Account, Accounts, Vendor
from ledgerbridge.accounts.secrets import Sealer
from ledgerbridge.accounts.settings import Language
from ledgerbridge.command_line.client_file import ClientFile, KnownClient
from ledgerbridge.command_line.surroundings import home, pages_base, service_settings
from ledgerbridge.errors import LedgerbridgeError, Refused
from ledgerbridge.service.clocks import (
    BusinessClock,
    OffsetBusinessClock,
    SystemBusinessClock,
    SystemMachineClock,
)
from ledgerbridge.service.sandbox_clock import SandboxClockFollower
from ledgerbridge.service.settings import ServiceSettings
from ledgerbridge.storage import Database

POLL_SECONDS = 0.5

connect_commands = typer.Typer(help="Connect HubSpot accounts and QuickBooks companies.")
clients_commands = typer.Typer(no_args_is_help=True, help="Programs that may call the services.")

Pages = Annotated[
    str | None, typer.Option(help="address of the pages that the deals link to; by default invoice-service's own")
]
HubSpotId = Annotated[str, typer.Option("--account", help="HubSpot's account id")]
Secret = typer.Option(prompt=False, show_default=False)


class AuthorizingOAuth(CodeExchange, Protocol):
    """One vendor's OAuth with the address of its consent page."""

    def authorize_url(self, redirect_uri: str, state: str, scopes: tuple[str, ...]) -> str:
        """Where a person consents."""


@dataclass(frozen=True)
class Desk:
    """What the commands work with."""

    settings: ServiceSettings
    accounts: Accounts
    access: VendorAccess
    connecting: Connecting
    consents: Consents
    callers: Callers

    async def hubspot(self, external_id: str) -> Account:
        """A connected HubSpot account. Raises Refused (NOT_FOUND)."""
        account = await self.accounts.by_external("hubspot", external_id)
        if account is None:
            raise Refused("NOT_FOUND", what=f"HubSpot account {external_id}")
        return account


@asynccontextmanager
async def open_desk(settings: ServiceSettings, pages_base: str) -> AsyncIterator[Desk]:
    """Open what the commands need, from a service's settings; closed at the end."""
    async with AsyncExitStack() as stack:
        business = await _business_clock(settings)
        database = await Database.connect(
            settings.database_app.get_secret_value(), settings.database_engine.get_secret_value(), "shared", size=2
        )
        stack.push_async_callback(database.close)
        sealer = Sealer.from_setting(settings.secret_key.get_secret_value())
        accounts = Accounts(database, business=business)
        access = open_access(
            settings,
            database=database,
            accounts=accounts,
            sealer=sealer,
            business=business,
            machine=SystemMachineClock(),
            stack=stack,
        )
        connecting = open_connecting(
            settings,
            access,
            database=database,
            accounts=accounts,
            sealer=sealer,
            business=business,
            pages_base=pages_base,
        )
        consents = Consents(database, sealer, business)
        callers = Callers(database, sealer, business=business)
        yield Desk(settings, accounts, access, connecting, consents, callers)


async def _business_clock(settings: ServiceSettings) -> BusinessClock:
    """The sandbox's time at the start where a setting names it; a command does not live long enough to follow it."""
    if not settings.sandbox_clock:
        return SystemBusinessClock()
    clock = OffsetBusinessClock()
    await SandboxClockFollower(settings.sandbox_clock, clock, "command-line").adopt()
    return clock


@connect_commands.command("hubspot")
def connect_hubspot(
    token: Annotated[
        str | None,
        typer.Option(envvar="LEDGERBRIDGE_HUBSPOT_TOKEN", help="a static token; else OAuth", show_default=False),
    ] = None,
    language: Annotated[Language, typer.Option(help="language of the property labels")] = "en",
    pages: Pages = None,
    paste: Annotated[bool, typer.Option("--paste", help="paste the redirected address by hand")] = False,
) -> None:
    """Connect a HubSpot account and make its deal properties."""

    async def work(desk: Desk) -> None:
        if token is not None:
            grant: Grant = GivenGrant(token)
            app = STATIC_APP
        else:
            oauth = desk.access.hubspot_oauth
            app = desk.settings.hubspot_app_id or ""
            grant, _realm = await _consent(desk, "hubspot", oauth, HUBSPOT_SCOPES, paste=paste)
        connected = await desk.connecting.connect_hubspot(grant, app=app, language=language)
        _show(connected)
        await _first_client(desk, connected.account)

    _run(work, pages)


@connect_commands.command("quickbooks")
def connect_quickbooks(
    account: Annotated[str, typer.Option(help="the HubSpot account id to join it with")],
    realm: Annotated[str | None, typer.Option(help="the company's realm id, with --access-token")] = None,
    access_token: Annotated[
        str | None, typer.Option(envvar="LEDGERBRIDGE_QUICKBOOKS_ACCESS_TOKEN", help="else OAuth", show_default=False)
    ] = None,
    refresh_token: Annotated[
        str | None, typer.Option(envvar="LEDGERBRIDGE_QUICKBOOKS_REFRESH_TOKEN", show_default=False)
    ] = None,
    zone: Annotated[str | None, typer.Option(help="the company's time zone, where QuickBooks tells none")] = None,
    mode: Annotated[Literal["legacy", "strict"] | None, typer.Option(help="mode of the connection")] = None,
    paste: Annotated[bool, typer.Option("--paste", help="paste the redirected address by hand")] = False,
) -> None:
    """Connect a QuickBooks company and join it with a HubSpot account."""

    async def work(desk: Desk) -> None:
        hubspot = await desk.hubspot(account)
        if access_token is not None:
            grant: Grant = GivenGrant(access_token, refresh_token)
            company = realm
        else:
            oauth = desk.access.quickbooks_oauth
            grant, company = await _consent(desk, "quickbooks", oauth, QUICKBOOKS_SCOPES, paste=paste)
        if company is None:
            raise Refused("INVALID", field="realm", problem="must be given")
        connected = await desk.connecting.connect_quickbooks(
            hubspot,
            company,
            grant,
            app=desk.settings.quickbooks_app_id or "",
            actor=f"command line ({getuser()})",
            zone=zone,
            choices={} if mode is None else {"mode": mode},
        )
        _show(connected)

    _run(work)


@connect_commands.callback(invoke_without_command=True)
def connect(
    context: typer.Context,
    check: Annotated[bool, typer.Option("--check", help="check every account and list what the apps need")] = False,
    pages: Pages = None,
) -> None:
    """Connect accounts, or check the connected ones: make what is missing in HubSpot, say what each app needs."""
    if context.invoked_subcommand is not None:
        return
    if not check:
        typer.echo(context.get_help())
        return

    async def work(desk: Desk) -> None:
        for account in await desk.accounts.accounts():
            try:
                _show(await desk.connecting.check(account, desk.access.tokens))
            except LedgerbridgeError as error:
                typer.echo(f"{account.vendor_name} account {account.external_id}: {error.sentence} {error.remedy}")
        for need in app_needs(desk.settings.public_base):
            typer.echo(f"- {need}")

    _run(work, pages)


@clients_commands.command("add")
def add_client(
    account: HubSpotId,
    name: Annotated[str, typer.Option(help="what people call the program")],
    role: Annotated[Role, typer.Option(help="what it may do")] = "viewer",
) -> None:
    """Make a client and show its secret, once."""

    async def work(desk: Desk) -> None:
        client = await desk.callers.make_client((await desk.hubspot(account)).tenant_id, name, role)
        typer.echo(f"client {client.id}\nsecret {client.secret}")

    _run(work)


@clients_commands.command("revoke")
def revoke_client(account: HubSpotId, client: Annotated[str, typer.Option(help="the client's id")]) -> None:
    """Give a client no token from now on."""

    async def work(desk: Desk) -> None:
        await desk.callers.revoke_client((await desk.hubspot(account)).tenant_id, client)

    _run(work)


def token(
    client: Annotated[str, typer.Option(envvar="LEDGERBRIDGE_CLIENT", help="the client's id")],
    secret: Annotated[
        str, typer.Option(envvar="LEDGERBRIDGE_CLIENT_SECRET", prompt=True, hide_input=True, show_default=False)
    ],
) -> None:
    """Print a five-minute token for a client's secret."""

    async def work(desk: Desk) -> None:
        typer.echo(await desk.callers.issue_token(client, secret))

    _run(work)


def register(app: typer.Typer) -> None:
    """Add these commands to the program."""
    app.add_typer(connect_commands, name="connect")
    app.add_typer(clients_commands, name="clients")
    app.command("token")(token)


async def _consent(
    desk: Desk, vendor: Vendor, oauth: AuthorizingOAuth | None, scopes: tuple[str, ...], *, paste: bool
) -> tuple[Grant, str | None]:
    """Ask the person for consent in a browser and wait for it."""
    if oauth is None:
        raise Refused("INVALID", field="app", problem=f"set the id and secret of the {vendor} app, or give a token")
    redirect = f"{desk.settings.public_base.rstrip('/')}/oauth/{vendor}/callback"
    asked_by = f"command line ({getuser()})"
    state = await desk.consents.ask(vendor, redirect, asked_by)
    typer.echo(f"Open this address in a browser and agree:\n{oauth.authorize_url(redirect, state, scopes)}")
    if paste:
        address = await asyncio.to_thread(typer.prompt, "The address that the browser was sent to", hide_input=True)
        if not await desk.consents.deliver_address(vendor, address):
            raise Refused("INVALID", field="address", problem="does not belong to this request for consent")
    while (answer := await desk.connecting.pick_up(state, asked_by, oauth)) is None:  # noqa: ASYNC110 - across processes
        await asyncio.sleep(POLL_SECONDS)
    return answer


def _show(connected: Connected) -> None:
    account, connection = connected.account, connected.connection
    joined = f", connection {connection.id}" if connection else ""
    typer.echo(f"{account.vendor_name} account {account.external_id}: {account.state}{joined}")
    for sentence in (*connected.missing, *connected.remarks):
        typer.echo(f"  {sentence}")


def _run(work: Callable[[Desk], Awaitable[None]], pages: str | None = None) -> None:
    async def opened() -> None:
        async with open_desk(service_settings(), pages or pages_base()) as desk:
            await work(desk)

    asyncio.run(opened())


async def _first_client(desk: Desk, account: Account) -> None:
    """Make the client with which this machine's commands call the services, once per account."""
    file = ClientFile(home())
    if account.external_id in file.known():
        return
    client = await desk.callers.make_client(account.tenant_id, f"command line ({getuser()})", "administrator")
    file.keep(account.external_id, KnownClient(client.id, client.secret))
    typer.echo(f"  Made client {client.id} (administrator); its id and secret are in {file.path}")
