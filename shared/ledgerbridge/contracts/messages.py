"""Every message, the topic it travels on and its model."""

from collections.abc import Mapping
from dataclasses import dataclass

from ledgerbridge.contracts import commands, invoices, notices, results
from ledgerbridge.contracts.model import Message
from ledgerbridge.contracts.topics import (
    COMMAND_RESULTS,
    HUBSPOT_CHANGES,
    INVOICE_COMMANDS,
    INVOICE_STATES,
    INVOICES,
    QUICKBOOKS_CHANGES,
    Topic,
)

BY_TOPIC: Mapping[Topic, tuple[type[Message], ...]] = {
    HUBSPOT_CHANGES: (notices.RecordChanged,),
    QUICKBOOKS_CHANGES: (notices.RecordChanged,),
    INVOICES: (
        invoices.InvoiceCreated,
        invoices.InvoiceUpdated,
        invoices.InvoiceStatusChanged,
        invoices.InvoiceLinked,
        invoices.InvoiceUnlinked,
        invoices.PaymentReceived,
        invoices.PaymentReversed,
        invoices.CreditApplied,
        invoices.InvoiceCreationFailed,
    ),
    INVOICE_STATES: (invoices.InvoiceState,),
    INVOICE_COMMANDS: (
        commands.CreateInvoice,
        commands.AttachInvoice,
        commands.SendInvoice,
        commands.VoidInvoice,
    ),
    COMMAND_RESULTS: (
        results.CommandAccepted,
        results.CommandRefused,
        results.CommandSucceeded,
        results.CommandFailed,
    ),
}

BY_TYPE: Mapping[str, type[Message]] = {model.type: model for models in BY_TOPIC.values() for model in models}


@dataclass(frozen=True)
class Producer:
    """Who writes a topic, and whether others may."""

    name: str
    open: bool = False


PRODUCERS: Mapping[Topic, Producer] = {
    HUBSPOT_CHANGES: Producer("webhook-gateway"),
    QUICKBOOKS_CHANGES: Producer("webhook-gateway"),
    INVOICES: Producer("invoice-service"),
    INVOICE_STATES: Producer("invoice-service"),
    INVOICE_COMMANDS: Producer("any producer", open=True),
    COMMAND_RESULTS: Producer("invoice-service"),
}
