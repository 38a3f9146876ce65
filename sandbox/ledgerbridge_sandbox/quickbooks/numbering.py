"""Numbers of sales forms (quickbooks.md 5): one sequence that all share, but for estimates."""

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.columns import name_key
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.kinds import Kind
from ledgerbridge_sandbox.quickbooks.money import Record


def set_number(company: Company, kind: Kind, record: Record, *, allow_duplicate: bool) -> None:
    """DocNumber of a new form: given, or the next of the sequence that sales forms share; estimates have their own."""
    custom = bool(company.preferences("SalesFormsPrefs").get("CustomTxnNumbers"))
    if record.get("DocNumber"):
        if custom and company.switches["warn_about_duplicate_numbers"] and not allow_duplicate:
            _check_number(company, kind, str(record["DocNumber"]))
    elif not custom:
        record["DocNumber"] = company.following("EstimateNumber" if kind.name == "Estimate" else "DocNumber")


def _check_number(company: Company, kind: Kind, document_number: str) -> None:
    if company.shelves[kind.name].find("DocNumber", name_key(document_number)):
        raise faults.duplicate_number()
