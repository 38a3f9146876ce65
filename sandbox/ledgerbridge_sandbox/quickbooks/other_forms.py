"""What estimates and receipts have beside the other sales forms (quickbooks.md 7)."""

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.kinds import Kind
from ledgerbridge_sandbox.quickbooks.moments import parse_date
from ledgerbridge_sandbox.quickbooks.money import Record
from ledgerbridge_sandbox.quickbooks.references import named, referred

_STATUSES = {"Pending", "Accepted", "Closed", "Rejected", "Converted"}
_UNDEPOSITED = {"value": "4"}


def prepare_estimate(record: Record) -> None:
    """Status and dates. Raises 2170 for a status or date that is none."""
    if record.setdefault("TxnStatus", "Pending") not in _STATUSES:
        raise faults.enumeration_invalid(record["TxnStatus"])
    for field in ("ExpirationDate", "AcceptedDate"):
        if record.get(field):
            record[field] = parse_date(record[field], field).isoformat()


def set_deposit_account(company: Company, kind: Kind, record: Record) -> None:
    """Where the money went or comes from: without a word a sale goes to Undeposited Funds, a refund must say it.

    Raises 2020 for a refund that does not, 2500 for an account that is not there.
    """
    if not record.get("DepositToAccountRef"):
        if kind.name == "RefundReceipt":
            raise faults.required("DepositToAccountRef")
        record["DepositToAccountRef"] = _UNDEPOSITED
    record["DepositToAccountRef"] = named("Account", referred(company, "Account", record["DepositToAccountRef"]))
