"""The one catalogue of codes: a sentence for a person and a remedy for each. `docs/errors.md` is generated from it.

Placeholders in braces are filled from the error's details; one that is missing is left out of the sentence as "?".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any


@dataclass(frozen=True)
class Entry:
    """A code's sentence and remedy, both with placeholders."""

    code: str
    sentence: str
    remedy: str

    def say(self, details: Mapping[str, Any]) -> str:
        """The sentence with its placeholders filled."""
        return _fill(self.sentence, details)

    def advise(self, details: Mapping[str, Any]) -> str:
        """The remedy with its placeholders filled."""
        return _fill(self.remedy, details)


def _fill(text: str, details: Mapping[str, Any]) -> str:
    # Field access and format specifications are not honoured: details may come from outside.
    parts = (
        literal + ("" if name is None else str(details.get(name, "?")))
        for literal, name, _specification, _conversion in Formatter().parse(text)
    )
    return "".join(parts)


_ENTRIES = (
    # Refusals of product.md, Part 2
    Entry(
        "CUSTOM_TRANSACTION_NUMBERS",
        "QuickBooks company {company} has custom transaction numbers turned on, so invoices cannot be created.",
        "In QuickBooks open Account and settings > Sales > Sales form content and turn off Custom transaction numbers, "
        "or let the connection's settings ask for the number.",
    ),
    Entry(
        "QUOTE_NOT_PUBLISHED",
        "Quote {quote} is not published (its status is {status}).",
        "Publish the quote in HubSpot, or create the invoice from scratch.",
    ),
    Entry(
        "QUOTE_EXPIRED",
        "Quote {quote} expired on {date}.",
        "Extend the quote's expiration date in HubSpot, or create the invoice from scratch.",
    ),
    Entry(
        "NO_TAX_CODE",
        "Line {line} has no tax code, and companies outside the US need one on every line.",
        "Choose a tax code for the line, or set a default tax code for the item or the connection.",
    ),
    Entry(
        "NO_ITEM",
        "Line {line} ({name}) has no QuickBooks item.",
        "Choose an item for the line, or set a default item in the connection's settings.",
    ),
    Entry(
        "ITEM_INACTIVE",
        "The QuickBooks item {name} is inactive.",
        "Make the item active in QuickBooks, or choose another.",
    ),
    Entry(
        "AMBIGUOUS_CUSTOMER",
        "Several QuickBooks customers match {buyer}: {candidates}.",
        "Name the customer in the request, or link the contact or company to one of them.",
    ),
    Entry("NO_BUYER", "Nothing says who the invoice is for.", "Name a customer, a contact or a company."),
    Entry(
        "NAME_TAKEN",
        "The name {name} is already used in QuickBooks by {holder}.",
        "Choose that customer, or give the new one another name.",
    ),
    Entry(
        "CURRENCY_MISMATCH",
        "The deal is in {deal_currency}, but customer {customer} is invoiced in {customer_currency}.",
        "Choose a customer with that currency, or create a new one; a customer's currency never changes.",
    ),
    Entry(
        "NOT_ELIGIBLE",
        "{record} may not be used for QuickBooks on a strict connection: {condition}.",
        "Make the record meet the connection's conditions, or set the connection's mode to legacy.",
    ),
    Entry(
        "ALREADY_INVOICED",
        "The deal already has {existing}.",
        "Open that invoice, or ask for another one with a reason.",
    ),
    Entry(
        "BOOKS_CLOSED",
        "The books of {company} are closed up to {date}.",
        "Use a later date, or open the books in QuickBooks.",
    ),
    Entry(
        "IDEMPOTENCY_CONFLICT",
        "The key {key} was already used for another request.",
        "Send the request with a key of its own.",
    ),
    Entry("INVALID", "{field}: {problem}.", "Correct the field and send the request again."),
    Entry(
        "DISCOUNT_NOT_ALLOWED",
        "The order has a discount, but QuickBooks company {company} does not allow discounts.",
        "Turn on discounts in QuickBooks (Account and settings > Sales), or put the discount into the lines.",
    ),
    Entry("NO_LINES", "The deal has no line items.", "Add a line item to the deal, or add items in the draft."),
    Entry(
        "LINES_INCOMPLETE",
        "Only {read} of {expected} line items could be read.",
        "Try again in a moment; if it stays so, check the line items in HubSpot.",
    ),
    Entry(
        "DRAFT_LOCKED",
        "The draft is being created and cannot be changed now.",
        "Wait for the outcome of the running order.",
    ),
    Entry("NOT_FOUND", "{what} was not found.", "Check the id; it may belong to another account."),
    Entry(
        "INVOICE_STATE",
        "Invoice {number} is {stage}, so it cannot be {verb}.",
        "Open the invoice to see its history.",
    ),
    Entry(
        "DATE_CONFIRMATION",
        "The order has waited since {since}; its date needs a confirmation.",
        "Confirm or change the invoice date, then let the order go on.",
    ),
    Entry(
        "ZONE_UNKNOWN",
        "The time zone of QuickBooks company {company} is not known, so nobody can say what day it is there.",
        "Set the company's time zone in the connection's settings.",
    ),
    Entry(
        "OTHER_DEAL",
        "Invoice {number} belongs to deal {deal}.",
        "Ask for it to be moved, or unlink it from that deal first.",
    ),
    Entry(
        "ORDER_RUNNING",
        "Invoice {number} is being created by order {order}.",
        "Wait until the order is settled; the invoice is linked then.",
    ),
    Entry(
        "OUTCOME_UNKNOWN",
        "It is not known whether QuickBooks did it: the answer was lost.",
        "Look in QuickBooks; then repeat or settle it by hand.",
    ),
    # Callers
    Entry("UNAUTHENTICATED", "The request has no valid token.", "Get a token with the client's secret and send it."),
    Entry("FORBIDDEN", "The caller may not do this: {scope} is missing.", "Ask an administrator for the right role."),
    # Accounts and vendors
    Entry(
        "RECONNECT_NEEDED",
        "The connection to {vendor} account {account} is gone ({cause}).",
        "Connect the account again; what waits will resume.",
    ),
    Entry(
        "GRANT_UNCERTAIN",
        "The renewal of the {vendor} token for account {account} got no answer.",
        "Nothing yet: it is tried once more; if that fails, connect the account again.",
    ),
    Entry(
        "MISSING_SCOPE",
        "The app at {vendor} lacks the permission {scopes}.",
        "Add the permission to the app and connect the account again.",
    ),
    Entry(
        "APP_CREDENTIALS",
        "{vendor} does not accept the app's client id or secret.",
        "Correct the app's credentials in the settings.",
    ),
    Entry(
        "SUBSCRIPTION_LAPSED",
        "The QuickBooks subscription of {account} does not allow changes ({status}).",
        "Renew the subscription; what waits will resume.",
    ),
    Entry(
        "CATALOGUE_FILLING",
        "Ledgerbridge is still reading the customers and items of QuickBooks company {company}.",
        "Wait a moment; what was ordered goes on by itself.",
    ),
    Entry(
        "BUDGET_USED",
        "The budget of calls for {owner} is used until {until}.",
        "Nothing: what waits will resume; raise the budget to go on sooner.",
    ),
    Entry("VENDOR_THROTTLED", "{vendor} asked to slow down.", "Nothing: it is tried again."),
    Entry("VENDOR_UNAVAILABLE", "{vendor} could not be reached ({cause}).", "Nothing: it is tried again."),
    Entry("VENDOR_ANSWER", "{vendor} gave an answer that could not be understood ({cause}).", "Report this answer."),
    Entry("VENDOR_REFUSED", "{vendor} refused: {message} (code {vendor_code}).", "Correct the record and try again."),
    Entry("STALE", "{what} was changed by somebody else in the meantime.", "Read it again and repeat the change."),
    Entry("GONE", "{what} does not exist at {vendor} any more.", "Unlink it, or link another record."),
    Entry(
        "UNKNOWN_PROPERTY",
        "HubSpot does not know the property {name} of {object_type}.",
        "Run `ledgerbridge connect --check` to make the missing properties.",
    ),
    # The public door
    Entry(
        "GATEWAY_BUSY",
        "The gateway cannot store more at this moment.",
        "Nothing: the vendor sends it again.",
    ),
    Entry("BAD_SIGNATURE", "The signature does not fit the request.", "Check the app's secret in the settings."),
    Entry("TOO_LARGE", "The body is larger than {limit} bytes.", "Send smaller bodies."),
    Entry(
        "APP_SETTINGS",
        "{vendor} does not accept the {what} of the app.",
        "Compare the app's settings at {vendor} with what `ledgerbridge connect --check` lists.",
    ),
    Entry("VENDOR_LOCKED", "{vendor} has locked the record for a moment.", "Nothing: it is tried again."),
    Entry(
        "ANSWER_LOST",
        "It is not known whether {vendor} did it: the answer was lost ({cause}).",
        "Nothing yet: only the identical request is repeated, or the outcome is looked up first.",
    ),
    Entry(
        "VENDOR_MOVING",
        "{vendor} is moving the account to another data centre.",
        "Nothing: it is tried again when the move is over.",
    ),
    Entry(
        "ALREADY_THERE",
        "{vendor} already has such a record (id {existing_id}): {message}",
        "Use the record that is there, or change the value that must be unique.",
    ),
    Entry(
        "DUPLICATE_NUMBER",
        "QuickBooks already has a transaction with this number: {message}",
        "Choose another number, or look the other transaction up by it.",
    ),
    Entry(
        "DANGLING_REFERENCE",
        "{vendor} does not know a record that this one refers to: {message}",
        "Link the record again, or choose another; it may have been merged, deleted or made inactive.",
    ),
    Entry(
        "POISONED_ROW",
        "QuickBooks cannot show one of its own records: {message}",
        "Open the record in QuickBooks and correct it, often an invalid e-mail address.",
    ),
    # Messages
    Entry("UNREADABLE", "The message cannot be read: {problem}.", "Send a message that follows the contract."),
    Entry("UNKNOWN_TYPE", "Messages of type {type} are not known here.", "See docs/events.md for the known types."),
    Entry("STORAGE_AWAY", "The database does not answer at this moment.", "Try again in a moment."),
    Entry("UNEXPECTED", "Something unexpected happened ({cause}).", "Report it; the record is tried again."),
)

CATALOGUE: Mapping[str, Entry] = {entry.code: entry for entry in _ENTRIES}
