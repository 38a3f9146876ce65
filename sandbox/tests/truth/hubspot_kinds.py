"""The kinds of HubSpot's records that the judges write, with values that each takes."""

from dataclasses import dataclass

DATE = "2026-12-31"
MOMENT = "2026-11-23T10:00:00.000Z"


@dataclass(frozen=True)
class Kind:
    """One kind: values for a new record (`#` becomes its number), other ones to change, a text to search by."""

    name: str
    new: dict[str, str]
    change: dict[str, str]
    sought: str
    queried: bool = True
    """Whether HubSpot documents properties of theirs that a search's query looks in."""

    def given(self, number: int = 1) -> dict[str, str]:
        """Values for the n-th new record."""
        return {name: value.replace("#", str(number)) for name, value in self.new.items()}


KINDS = [
    Kind("contacts", {"email": "judge#@example.org", "firstname": "Ada #"}, {"lastname": "Lovelace"}, "firstname"),
    Kind("companies", {"name": "Judged #", "domain": "judged#.example"}, {"city": "Boston"}, "name"),
    Kind(
        "deals",
        {"dealname": "Judged #", "dealstage": "contractsent", "pipeline": "default", "amount": "1500.50"},
        {"dealstage": "closedwon", "closedate": MOMENT},
        "dealname",
    ),
    Kind("products", {"name": "Chair #", "price": "299.90", "hs_sku": "C-#"}, {"description": "Oak"}, "name"),
    Kind(
        "line_items",
        {"name": "Line #", "price": "10.50", "quantity": "3"},
        {"hs_discount_percentage": "10"},
        "name",
        queried=False,
    ),
    Kind("quotes", {"hs_title": "Quote #", "hs_expiration_date": DATE}, {"hs_status": "DRAFT"}, "hs_title"),
    Kind(
        "invoices",
        {"hs_currency": "USD", "hs_title": "Invoice #", "hs_invoice_billable": "false", "hs_amount_billed": "12.50"},
        {"hs_number": "INV-1003"},
        "hs_title",
        queried=False,
    ),
    Kind(
        "commerce_payments",
        {"hs_initial_amount": "12.50", "hs_initiated_date": MOMENT, "hs_reference_number": "Wire #"},
        {"hs_internal_comment": "Received"},
        "hs_reference_number",
        queried=False,
    ),
    Kind("notes", {"hs_timestamp": MOMENT, "hs_note_body": "Note #"}, {"hs_note_body": "Changed"}, "hs_note_body"),
    Kind(
        "tasks",
        {"hs_timestamp": MOMENT, "hs_task_subject": "Task #", "hs_task_status": "NOT_STARTED"},
        {"hs_task_status": "COMPLETED"},
        "hs_task_subject",
    ),
]
EVERY_KIND = {"argvalues": KINDS, "ids": [kind.name for kind in KINDS]}
