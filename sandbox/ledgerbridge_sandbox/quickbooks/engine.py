"""Create, update, void, delete and send: the one path by which objects change (quickbooks.md 5, 7, 8 and 15)."""

from collections.abc import Callable, Mapping
from typing import Any

from ledgerbridge_sandbox.quickbooks import attachments, faults, lists, preferences, tracking
from ledgerbridge_sandbox.quickbooks.addresses import check_email
from ledgerbridge_sandbox.quickbooks.automatic import settlements
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.currencies import prepare_currency
from ledgerbridge_sandbox.quickbooks.customer_balances import CustomerBalances
from ledgerbridge_sandbox.quickbooks.deposits import check_not_deposited, follow_deposit, prepare_deposit
from ledgerbridge_sandbox.quickbooks.estimates import check_estimate, follow_invoice, forget_estimate
from ledgerbridge_sandbox.quickbooks.inventory import check_stocked
from ledgerbridge_sandbox.quickbooks.kinds import Kind
from ledgerbridge_sandbox.quickbooks.moments import stamp
from ledgerbridge_sandbox.quickbooks.money import ZERO, Record, number_in
from ledgerbridge_sandbox.quickbooks.names import NAME_KINDS, prepare_name, spread_rename
from ledgerbridge_sandbox.quickbooks.nesting import spread_full_name
from ledgerbridge_sandbox.quickbooks.numbering import set_number
from ledgerbridge_sandbox.quickbooks.payments import post_payment, prepare_payment, void_payment
from ledgerbridge_sandbox.quickbooks.posting import Posting, applied_to
from ledgerbridge_sandbox.quickbooks.rates import put_rate
from ledgerbridge_sandbox.quickbooks.references import identifier_of
from ledgerbridge_sandbox.quickbooks.sales_forms import (
    check_open,
    prepare_form,
    set_balance,
)
from ledgerbridge_sandbox.quickbooks.scalars import as_typed
from ledgerbridge_sandbox.quickbooks.schema import FORMS, KINDS, OF_CUSTOMERS
from ledgerbridge_sandbox.quickbooks.shapes import check_properties
from ledgerbridge_sandbox.quickbooks.voiding import is_void, void_form

_UNWRITABLE_STATES = {"RESTRICTED", "SUSPENDED", "EXPIRED", "CANCELLED"}
# Kept by a full update although an application may write them: QuickBooks gave them. Guess for all but CurrencyRef and
# DefaultTaxCodeRef.
_KEPT = ("DocNumber", "TxnDate", "CurrencyRef", "DefaultTaxCodeRef", "ExchangeRate")

Prepare = Callable[[Company, Record, Record | None, Mapping[str, Any]], Record]
_LISTS: Mapping[str, Prepare] = {
    "Item": lists.prepare_item,
    "Term": lists.prepare_term,
    "Account": lists.prepare_account,
    "CompanyCurrency": prepare_currency,
    "TaxAgency": lists.prepare_agency,
    "Class": tracking.prepare_class,
    "Department": tracking.prepare_department,
    "PaymentMethod": tracking.prepare_payment_method,
    "Preferences": preferences.prepare_preferences,
    "Attachable": attachments.prepare_attachable,
}


def submit(
    company: Company, kind: Kind, given: Record, operation: str = "", include: frozenset[str] = frozenset()
) -> Record:
    """
    Do what a POST of `given` asks and answer the object: the full one, or the stub of a deleted one.

    `operation` is the query parameter (void, delete, update or nothing). Raises Fault; what is refused takes no number.
    """
    numbers = dict(company.sequences)
    try:
        return _submitted(company, kind, given, operation, include)
    except faults.Fault:
        company.sequences = numbers
        raise


def _submitted(company: Company, kind: Kind, given: Record, operation: str, include: frozenset[str]) -> Record:
    check_subscription(company)
    if not kind.writable or (kind.created_only and given.get("Id")):
        raise faults.unsupported(f"{operation or 'create'} {kind.name}")
    check_properties(kind, given)
    given = as_typed(given)
    if kind.name == "ExchangeRate":
        return put_rate(company, given)
    if operation == "delete":
        return _delete(company, kind, given)
    if operation == "void" or "void" in include:
        return _void(company, kind, given)
    if operation not in {"", "create", "update"}:
        raise faults.unsupported(operation)
    if given.get("Id") in (None, ""):
        made = _create(company, kind, given, allow_duplicate="allowduplicatedocnum" in include)
        return _settled(company, kind, made)
    return _update(company, kind, given)


def _settled(company: Company, kind: Kind, made: Record) -> Record:
    """What was made, after QuickBooks settled by itself what it may."""
    for payment in settlements(company, kind.name, made):
        submit(company, KINDS["Payment"], payment)
        made = existing(company, kind, made["Id"])
    return made


def check_subscription(company: Company) -> None:
    """Raises 6190 where the company's subscription allows no writing."""
    if subscription_state(company) in _UNWRITABLE_STATES:
        raise faults.subscription_ended()


def subscription_state(company: Company) -> str:
    """As CompanyInfo shows it: SUBSCRIBED, TRIAL, SUSPENDED and so on."""
    for identifier in company.shelves["CompanyInfo"].ids():
        info = company.get("CompanyInfo", identifier) or {}
        for pair in info.get("NameValue") or ():
            if pair["Name"] == "SubscriptionStatus":
                return str(pair["Value"])
    return "SUBSCRIBED"


def existing(company: Company, kind: Kind, identifier: Any) -> Record:
    """The object of that id; raises 2030 for what is no id, 610 for what is not there."""
    text = str(identifier)
    found = company.get(kind.name, text)
    if found is None and not (text.isascii() and text.isdigit()):
        raise faults.identifier_invalid(identifier)
    if found is None:
        raise faults.deleted_transaction() if (kind.name, text) in company.deleted else faults.not_found()
    return found


def _current(company: Company, kind: Kind, given: Mapping[str, Any]) -> Record:
    """What the caller means to change, if it has seen its latest state."""
    if given.get("Id") in (None, ""):
        raise faults.required("Id")
    found = existing(company, kind, given["Id"])
    if given.get("SyncToken") in (None, ""):
        raise faults.required("SyncToken")
    if str(given["SyncToken"]) != found["SyncToken"]:
        raise faults.stale(company.profile.bookkeeper)
    return found


def _writable(kind: Kind, given: Mapping[str, Any]) -> Record:
    return {name: value for name, value in given.items() if name not in kind.read_only and value not in (None, "")}


def _prepare(company: Company, kind: Kind, record: Record, old: Record | None, given: Mapping[str, Any]) -> Record:
    if kind.name in FORMS:
        prepared = prepare_form(company, kind, record, old, given)
        check_stocked(company, kind.name, prepared)
        if kind.name == "Invoice":
            check_estimate(company, prepared)
        return prepared
    if kind.name == "Payment":
        return prepare_payment(company, record, old)
    if kind.name == "Deposit":
        return prepare_deposit(company, record, old, given)
    if kind.name in NAME_KINDS:
        return prepare_name(company, kind, record, old)
    return _LISTS[kind.name](company, record, old, given)


def _create(company: Company, kind: Kind, given: Record, *, allow_duplicate: bool) -> Record:
    prepared = _prepare(company, kind, _writable(kind, given), None, given)
    if kind.transaction:
        check_open(company, prepared["TxnDate"])
    if kind.name in FORMS:
        set_number(company, kind, prepared, allow_duplicate=allow_duplicate)
        set_balance(company, kind, prepared, ZERO)
    record = {"domain": "QBO", "sparse": False, "Id": company.following(kind.family), **prepared}
    return _store(company, kind, record, None, "created")


def _update(company: Company, kind: Kind, given: Record) -> Record:
    old = _current(company, kind, given)
    prepared = _prepare(company, kind, _merged(kind, old, given), existing(company, kind, given["Id"]), given)
    if kind.name in FORMS:
        set_balance(company, kind, prepared, applied_to(old))
    if prepared == old:
        return old
    if kind.transaction:
        check_not_deposited(old)
        check_open(company, old["TxnDate"], prepared["TxnDate"])
    return _store(company, kind, prepared, old, "updated")


def _merged(kind: Kind, old: Record, given: Mapping[str, Any]) -> Record:
    """Sparse: only what was sent changes, null clears. Full: what was not sent is cleared."""
    if given.get("sparse"):
        cleared = {name for name, value in given.items() if value in (None, "") and name not in kind.read_only}
        kept = {name: value for name, value in old.items() if name not in cleared}
    else:
        kept = {name: value for name, value in old.items() if name in kind.read_only or name in _KEPT}
    merged = {**kept, **_writable(kind, given)}
    if kind.name in FORMS:
        links = [link for link in merged.get("LinkedTxn") or () if link.get("TxnType") != "Payment"]
        paid = [link for link in old.get("LinkedTxn") or () if link["TxnType"] == "Payment"]
        merged["LinkedTxn"] = links + paid
    return merged


def _store(company: Company, kind: Kind, record: Record, old: Record | None, verb: str) -> Record:
    if not kind.transaction:
        stored = company.keep(kind, record, verb)
        if old is not None and old.get("FullyQualifiedName") != record.get("FullyQualifiedName"):
            spread_full_name(company, kind.name, stored)
            if kind.name == "Customer":
                spread_rename(company, stored)
        if kind.name == "Customer" and old is not None:
            _follow_parent(company, stored, old)
        return stored
    posting = Posting(company)
    if kind.name == "Payment":
        post_payment(posting, record, old, verb)
    else:
        posting.put(kind.name, record, verb)
        posting.release(kind.name, record["Id"], -number_in(record, "Balance"))
        if kind.name == "Invoice":
            follow_invoice(company, posting, record, old)
        elif kind.name == "Deposit":
            follow_deposit(posting, record, old)
    posting.commit()
    return record


def _follow_parent(company: Company, customer: Record, old: Record) -> None:
    """What a customer owes goes with it, from those who were above it to those who are."""
    before, after = identifier_of(old.get("ParentRef")), identifier_of(customer.get("ParentRef"))
    if before != after:
        balances = CustomerBalances(company)
        balances.move_jobs(before, -number_in(customer, "BalanceWithJobs"))
        balances.move_jobs(after, number_in(customer, "BalanceWithJobs"))
        balances.post()


def _void(company: Company, kind: Kind, given: Record) -> Record:
    if not kind.transaction or kind.name in {"Estimate", "Deposit"}:
        raise faults.unsupported("void")
    record = _current(company, kind, given)
    check_open(company, record["TxnDate"])
    if is_void(record):
        return record
    check_not_deposited(record)
    posting = Posting(company)
    if kind.name == "Payment":
        old = existing(company, kind, record["Id"])
        void_payment(record)
        post_payment(posting, record, old, "void")
    else:
        posting.put(kind.name, record, "void")
        posting.release(kind.name, record["Id"], applied_to(record))
        if kind.name == "Invoice":
            follow_invoice(company, posting, None, record)
        void_form(company, kind, record)
    posting.commit()
    return record


def _delete(company: Company, kind: Kind, given: Record) -> Record:
    if kind.name == "Attachable":
        return _delete_attachment(company, kind, given)
    if not kind.transaction:
        raise faults.unsupported("delete")
    record = _current(company, kind, given)
    check_not_deposited(record)
    check_open(company, record["TxnDate"])
    posting = Posting(company)
    if kind.name == "Payment":
        emptied = {**record, "Line": []}
        post_payment(posting, emptied, record, "deleted")
    else:
        posting.release(kind.name, record["Id"], applied_to(record))
    if kind.name == "Invoice":
        follow_invoice(company, posting, None, record)
    elif kind.name == "Estimate":
        forget_estimate(posting, record)
    elif kind.name == "Deposit":
        follow_deposit(posting, None, record)
    posting.remove(kind.name, record["Id"])
    posting.commit()
    return {"domain": "QBO", "status": "Deleted", "Id": record["Id"]}


def _delete_attachment(company: Company, kind: Kind, given: Record) -> Record:
    """A delete that tells no SyncToken was accepted (recorded)."""
    if given.get("Id") in (None, ""):
        raise faults.required("Id")
    record = existing(company, kind, given["Id"])
    _current(company, kind, {"SyncToken": record["SyncToken"], **given})
    company.forget(kind, record["Id"])
    company.files.pop(record["Id"], None)
    return {"domain": "QBO", "status": "Deleted", "Id": record["Id"]}


def send(company: Company, kind: Kind, identifier: str, send_to: str | None) -> Record:
    """E-mail a form to its customer: state, delivery time and address change, the SyncToken does not."""
    check_subscription(company)
    record = existing(company, kind, identifier)
    if send_to:
        record["BillEmail"] = {"Address": send_to}
        check_email(record, "BillEmail")
    if not (record.get("BillEmail") or {}).get("Address"):
        # Guess at code and words.
        raise faults.required("BillEmail")
    record["EmailStatus"] = "EmailSent"
    record["DeliveryInfo"] = {"DeliveryType": "Email", "DeliveryTime": stamp(company.now())}
    return company.keep(kind, record, "emailed", bump=False)


def merge_customers(company: Company, winner_id: str, loser_id: str) -> Record:
    """What a person does in QuickBooks' pages: the loser's transactions become the winner's, the loser is gone."""
    kind = KINDS["Customer"]
    winner, loser = existing(company, kind, winner_id), existing(company, kind, loser_id)
    _check_merge(company, winner, loser)
    posting = Posting(company)
    for entity in OF_CUSTOMERS:
        for identifier in company.shelves[entity].find("CustomerRef", loser["Id"]):
            transaction = posting.get(entity, identifier)
            if transaction is not None:
                transaction["CustomerRef"] = {"value": winner["Id"], "name": winner["DisplayName"]}
                posting.put(entity, transaction, "updated")
    posting.commit()
    company.shelves["Customer"].remove(loser["Id"])
    merged = existing(company, kind, winner_id)
    return company.keep_merged(kind, merged, loser["Id"])


def _check_merge(company: Company, winner: Record, loser: Record) -> None:
    """Raises 6000, whose words are a guess; that neither may have sub-customers is documented."""
    if winner["Id"] == loser["Id"]:
        raise faults.business("A customer cannot be merged with itself.")
    if any(company.shelves["Customer"].find("ParentRef", each["Id"]) for each in (winner, loser)):
        raise faults.business("A customer with sub-customers cannot be merged.")
    if winner.get("CurrencyRef") != loser.get("CurrencyRef"):
        raise faults.business("Customers of different currencies cannot be merged.")
