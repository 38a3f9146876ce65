"""Settings of webhook-gateway."""

from datetime import timedelta

from ledgerbridge.service import ServiceSettings
from pydantic import Field, SecretStr


class Settings(ServiceSettings):
    """What webhook-gateway is told beside what every service is told."""

    quickbooks_verifier: SecretStr | None = Field(
        default=None, description="verifier token of the Intuit app; two separated by a comma while it is rotated"
    )
    webhook_body_limit: int = Field(default=2_097_152, ge=1_024, description="largest accepted webhook body, in bytes")
    sweep_every: timedelta = Field(default=timedelta(minutes=15), description="gap between sweeps of an account")
    sweep_every_without_webhooks: timedelta = Field(
        default=timedelta(minutes=1), description="the same where no webhook was ever seen"
    )
    sweep_overlap: timedelta = Field(
        default=timedelta(minutes=5), description="how far before its last end a sweep begins again"
    )
    sweep_hubspot_types: str = Field(
        default="deals", description="HubSpot object types whose changes are searched for, separated by commas"
    )
    outbox_kept: timedelta = Field(
        default=timedelta(days=7), description="how long published notices are kept; receipts can be told again longer"
    )
    receipts_kept: timedelta = Field(default=timedelta(days=30), description="how long raw webhooks are kept")
    receipt_keys_kept: timedelta = Field(
        default=timedelta(days=60), description="how long a webhook is known again; at least Intuit's 30 days"
    )
