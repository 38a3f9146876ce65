"""What a bookkeeper does to one object in QuickBooks' pages (sandbox/control-door.md)."""

from collections.abc import Mapping
from typing import Any

from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.desk_invoices import set_e_invoice_status
from ledgerbridge_sandbox.quickbooks.desk_payments import pay_one, undo_payment
from ledgerbridge_sandbox.quickbooks.engine import existing, send, submit
from ledgerbridge_sandbox.quickbooks.kinds import Kind
from ledgerbridge_sandbox.quickbooks.money import Record


def _versioned(company: Company, kind: Kind, identifier: str) -> Record:
    return {"Id": identifier, "SyncToken": existing(company, kind, identifier)["SyncToken"]}


def _edit(company: Company, kind: Kind, identifier: str, fields: Mapping[str, Any]) -> Record:
    return submit(company, kind, {**fields, **_versioned(company, kind, identifier), "sparse": True})


def _operate(operation: str) -> Any:
    def act(company: Company, kind: Kind, identifier: str, _given: Mapping[str, Any]) -> Record:
        return submit(company, kind, _versioned(company, kind, identifier), operation)

    return act


def _send(company: Company, kind: Kind, identifier: str, given: Mapping[str, Any]) -> Record:
    return send(company, kind, identifier, str(given.get("to") or ""))


def _print(company: Company, kind: Kind, identifier: str, _given: Mapping[str, Any]) -> Record:
    return _edit(company, kind, identifier, {"PrintStatus": "PrintComplete"})


def _unapply(company: Company, kind: Kind, identifier: str, _given: Mapping[str, Any]) -> Record:
    return _edit(company, kind, identifier, {"Line": []})


def _deactivate(company: Company, kind: Kind, identifier: str, _given: Mapping[str, Any]) -> Record:
    return _edit(company, kind, identifier, {"Active": False})


def _activate(company: Company, kind: Kind, identifier: str, _given: Mapping[str, Any]) -> Record:
    return _edit(company, kind, identifier, {"Active": True})


def _rename(company: Company, kind: Kind, identifier: str, given: Mapping[str, Any]) -> Record:
    field = "Name" if "Name" in kind.known else "DisplayName"
    return _edit(company, kind, identifier, {field: given.get("name")})


ACTS = {
    "send": _send,
    "print": _print,
    "void": _operate("void"),
    "delete": _operate("delete"),
    "edit": _edit,
    "pay": pay_one,
    "undo": undo_payment,
    "unapply": _unapply,
    "deactivate": _deactivate,
    "activate": _activate,
    "rename": _rename,
    "einvoice": set_e_invoice_status,
}
"""What a bookkeeper does to one object: from (company, kind, id, fields) to the object."""
