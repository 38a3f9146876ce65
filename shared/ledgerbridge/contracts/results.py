"""What became of a command: Accepted, then exactly one of Succeeded and Failed; or Refused at once."""

from typing import Annotated, ClassVar

from pydantic import Field

from ledgerbridge.contracts.model import Currency, Id, Message, Money, Text


class CommandResult(Message):
    """Which command: its CloudEvents id, source and type, and its idempotency key."""

    command_id: Id
    command_source: Text
    command_type: Text
    idempotency_key: Annotated[Id, Field(description="the CloudEvents id where the command gave none")]


class CommandAccepted(CommandResult):
    """The command is stored and will be done."""

    type: ClassVar[str] = "ledgerbridge.command.accepted.v1"

    order_id: Id | None = None
    invoice_id: Id | None = None


class _Declined(CommandResult):
    code: Annotated[Text, Field(description="see docs/errors.md")]
    reason: Text
    remedy: Text
    field: Text | None = None


class CommandRefused(_Declined):
    """The command was not accepted; nothing was done."""

    type: ClassVar[str] = "ledgerbridge.command.refused.v1"


class CommandFailed(_Declined):
    """The accepted command came to nothing."""

    type: ClassVar[str] = "ledgerbridge.command.failed.v1"

    order_id: Id | None = None
    invoice_id: Id | None = None


class CommandSucceeded(CommandResult):
    """The accepted command is done."""

    type: ClassVar[str] = "ledgerbridge.command.succeeded.v1"

    order_id: Id | None = None
    invoice_id: Id
    quickbooks_id: Id | None = None
    number: Text | None = None
    total: Money | None = None
    currency: Currency | None = None
    url: Text | None = None
