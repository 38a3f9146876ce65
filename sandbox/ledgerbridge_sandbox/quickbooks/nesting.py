"""Objects below others of their kind: no rings, and full names that follow the names above."""

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.money import Record, encode
from ledgerbridge_sandbox.quickbooks.references import identifier_of, named


def check_no_ring(company: Company, entity: str, record: Record) -> None:
    """Raises 6000 where the object would stand below itself, at any depth (code and words are a guess)."""
    current = identifier_of(record.get("ParentRef"))
    while current is not None:
        if current == record.get("Id"):
            raise faults.business(f"A {entity.lower()} cannot be its own parent.")
        current = identifier_of((company.get(entity, current) or {}).get("ParentRef"))


def spread_full_name(company: Company, entity: str, record: Record) -> None:
    """A new full name in those of all below; their own times and SyncTokens stay (guess)."""
    if company.shelves[entity].index("ParentRef") is None:  # vendors stand below nobody
        return
    own_name = "DisplayName" if entity == "Customer" else "Name"
    for identifier in company.shelves[entity].find("ParentRef", record["Id"]):
        child = company.get(entity, identifier)
        if child is None:
            continue
        child["FullyQualifiedName"] = f"{record['FullyQualifiedName']}:{child[own_name]}"
        if "name" in child["ParentRef"]:
            child["ParentRef"] = named(entity, record)
        if "Level" in child:
            child["Level"] = int(record.get("Level") or 0) + 1
        rewrite(company, entity, child)
        spread_full_name(company, entity, child)


def rewrite(company: Company, entity: str, record: Record) -> None:
    """Store an object whose shown names changed, without a change of its own."""
    shelf = company.shelves[entity]
    if shelf.body(record["Id"]) != encode(record):
        shelf.put(record["Id"], record, shelf.changed_at(record["Id"]))
