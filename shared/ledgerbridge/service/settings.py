"""The settings that every service has, read from the environment (`LEDGERBRIDGE_…`).

`docs/settings.md` is generated from these classes. Secrets have no defaults and never show in a repr.
"""

from datetime import timedelta
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

HUBSPOT_API = "https://api.hubapi.com"
HUBSPOT_AUTHORIZE = "https://app.hubspot.com/oauth/authorize"
QUICKBOOKS_API = "https://quickbooks.api.intuit.com"
QUICKBOOKS_AUTHORIZE = "https://appcenter.intuit.com/connect/oauth2"
QUICKBOOKS_TOKEN = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"  # noqa: S105 - an address
QUICKBOOKS_REVOKE = "https://developer.api.intuit.com/v2/oauth2/tokens/revoke"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class ServiceSettings(BaseSettings):
    """What every service is told by its environment."""

    model_config = SettingsConfigDict(env_prefix="LEDGERBRIDGE_", extra="ignore")

    database_app: SecretStr = Field(description="PostgreSQL address of the service's role *app*, with its password")
    database_engine: SecretStr = Field(description="PostgreSQL address of the service's role *engine*")
    kafka: str = Field(description="Kafka's bootstrap servers, `host:port` separated by commas")
    topic_prefix: str = Field(default="ledgerbridge.", description="stands before every topic and consumer group")
    http_host: str = Field(default="127.0.0.1", description="address on which the service listens")
    http_port: int | None = Field(default=None, description="port; by default the service's own (see docs)")
    public_base: str = Field(
        default="http://127.0.0.1:8081", description="public address of webhook-gateway, as the vendors call it"
    )
    secret_key: SecretStr = Field(
        description="keys for secrets at rest, `id:base64 of 32 bytes` separated by commas; the first one encrypts"
    )
    hubspot_api: str = Field(default=HUBSPOT_API, description="address of HubSpot's API")
    hubspot_authorize: str = Field(default=HUBSPOT_AUTHORIZE, description="HubSpot's consent page")
    hubspot_app_id: str | None = Field(default=None, description="client id of the HubSpot app")
    hubspot_app_secret: SecretStr | None = Field(
        default=None, description="client secret of the HubSpot app; two separated by a comma while it is rotated"
    )
    quickbooks_api: str = Field(default=QUICKBOOKS_API, description="address of QuickBooks' API")
    quickbooks_authorize: str = Field(default=QUICKBOOKS_AUTHORIZE, description="Intuit's consent page")
    quickbooks_token: str = Field(default=QUICKBOOKS_TOKEN, description="Intuit's token endpoint")
    quickbooks_revoke: str = Field(default=QUICKBOOKS_REVOKE, description="Intuit's revocation endpoint")
    quickbooks_app_id: str | None = Field(default=None, description="client id of the Intuit app")
    quickbooks_app_secret: SecretStr | None = Field(default=None, description="client secret of the Intuit app")
    limit_quickbooks_second: int = Field(default=10, ge=1, description="calls of a company and app in a second")
    limit_quickbooks_minute: int = Field(default=500, ge=1, description="calls of a company in a minute")
    limit_quickbooks_batches_minute: int = Field(default=40, ge=1, description="batch calls in a minute")
    limit_quickbooks_month: int = Field(
        default=500_000, ge=1, description="reading calls of the Intuit workspace in a month (the Builder plan's)"
    )
    limit_hubspot_static_ten_seconds: int = Field(
        default=100,
        ge=1,
        description="calls of a static token in ten seconds; 190 with HubSpot Professional or Enterprise",
    )
    limit_hubspot_oauth_ten_seconds: int = Field(
        default=110, ge=1, description="calls of the HubSpot app in ten seconds, for each account"
    )
    limit_hubspot_static_day: int = Field(
        default=250_000, ge=1, description="calls of all static tokens of an account in a day; more on higher plans"
    )
    limit_hubspot_searches_second: int = Field(default=5, ge=1, description="searches of an account in a second")
    sandbox_clock: str | None = Field(
        default=None, description="control address of a sandbox whose clock is followed; loopback vendors only"
    )
    database_pool: int = Field(default=5, ge=2, le=50, description="most connections of each of the two pools")
    log_format: str = Field(default="json", pattern="^(json|console)$", description="`json` or `console`")
    log_level: str = Field(default="info", pattern="^(debug|info|warning|error)$", description="least level shown")
    traces: str | None = Field(
        default=None,
        description="OTLP address (HTTP) for traces, such as `http://collector:4318`; nothing is imported when unset",
    )
    outbox_kept: timedelta = Field(
        default=timedelta(days=30), description="how long published events are kept to fill a wiped broker again"
    )
    inbox_kept: timedelta = Field(
        default=timedelta(days=60),
        description="how long a consumed event is known again; longer than the topics keep it",
    )
    stop_timeout: timedelta = Field(default=timedelta(seconds=10), description="bound for the stop of all parts")

    @model_validator(mode="after")
    def _sandbox_clock_only_with_the_sandbox(self) -> Self:
        """A movable clock beside real vendors would send reminders on the wrong day."""
        vendors = (self.hubspot_api, self.quickbooks_api)
        sandbox_host = urlsplit(self.sandbox_clock).hostname if self.sandbox_clock else None
        if sandbox_host and any(urlsplit(one).hostname not in LOOPBACK | {sandbox_host} for one in vendors):
            raise ValueError("sandbox_clock may be set only where both vendors' addresses are the sandbox's")
        return self
