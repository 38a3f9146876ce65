"""The company itself in PostgreSQL: its preferences, terms, tax codes and the accounts of its ledger."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import msgspec
from ledgerbridge.storage import Transaction

from invoice_service.catalogue.reading import CompanyFacts, LedgerAccount, read_company
from invoice_service.catalogue.taxes import TaxCode
from invoice_service.catalogue.terms import Term
from invoice_service.quickbooks_values import Document


async def save_company(
    tx: Transaction, tenant_id: int, connection_id: int, company: Document, preferences: Document, read_at: datetime
) -> None:
    """Keep CompanyInfo and Preferences as QuickBooks gave them, and when (business time)."""
    await tx.execute(
        """insert into catalogue_companies (tenant_id, connection_id, company, preferences, read_at)
           values ($1, $2, $3, $4, $5) on conflict (tenant_id, connection_id) do update set
             company = excluded.company, preferences = excluded.preferences, read_at = excluded.read_at,
             stale = false""",
        tenant_id,
        connection_id,
        dict(company),
        dict(preferences),
        read_at,
    )


async def company(tx: Transaction, connection_id: int) -> tuple[CompanyFacts, datetime] | None:
    """What the company says about creating invoices, and when it was read; a stale one was never read."""
    row = await tx.fetchrow("select * from catalogue_companies where connection_id = $1 and not stale", connection_id)
    return (read_company(row["company"], row["preferences"]), row["read_at"]) if row else None


async def company_document(tx: Transaction, connection_id: int) -> dict[str, Any] | None:
    """CompanyInfo as it was last read, stale or not."""
    document: dict[str, Any] | None = await tx.fetchval(
        "select company from catalogue_companies where connection_id = $1", connection_id
    )
    return document


async def mark_company_stale(tx: Transaction, connection_id: int) -> None:
    """A notice told that Preferences or CompanyInfo changed."""
    await tx.execute("update catalogue_companies set stale = true where connection_id = $1", connection_id)


async def onboarded(tx: Transaction, connection_id: int) -> int:
    """Up to which request for onboarding the catalogue was filled; 0 where it never was."""
    return int(
        await tx.fetchval("select onboarded from catalogue_companies where connection_id = $1", connection_id) or 0
    )


async def note_onboarded(tx: Transaction, connection_id: int, request: int) -> None:
    """The catalogue is filled for this request."""
    await tx.execute("update catalogue_companies set onboarded = $2 where connection_id = $1", connection_id, request)


async def save_terms(
    tx: Transaction, tenant_id: int, connection_id: int, terms: Sequence[Term], as_of: datetime
) -> None:
    """Insert or overwrite terms."""
    common = {"tenant_id": tenant_id, "connection_id": connection_id, "as_of": as_of, "stale": False}
    await tx.execute(
        """insert into catalogue_terms select * from jsonb_populate_recordset(null::catalogue_terms, $1)
           on conflict (tenant_id, connection_id, quickbooks_id) do update set
             name = excluded.name, due_days = excluded.due_days, day_of_month = excluded.day_of_month,
             next_month_days = excluded.next_month_days, active = excluded.active, as_of = excluded.as_of,
             stale = false""",
        [{**asdict(term), **common} for term in terms],
    )


async def terms(tx: Transaction, connection_id: int) -> dict[str, Term]:
    """All terms of a company by id, in the order of their names."""
    rows = await tx.fetch("select * from catalogue_terms where connection_id = $1 order by name", connection_id)
    return {
        row["quickbooks_id"]: Term(
            row["quickbooks_id"],
            row["name"],
            row["due_days"],
            row["day_of_month"],
            row["next_month_days"],
            row["active"],
        )
        for row in rows
    }


async def save_accounts(
    tx: Transaction, tenant_id: int, connection_id: int, accounts: Sequence[LedgerAccount], as_of: datetime
) -> None:
    """Insert or overwrite accounts of the ledger; they are fresh then."""
    common = {"tenant_id": tenant_id, "connection_id": connection_id, "as_of": as_of, "stale": False}
    await tx.execute(
        """insert into catalogue_accounts select * from jsonb_populate_recordset(null::catalogue_accounts, $1)
           order by quickbooks_id
           on conflict (tenant_id, connection_id, quickbooks_id) do update set
             name = excluded.name, kind = excluded.kind, subkind = excluded.subkind, active = excluded.active,
             as_of = excluded.as_of, stale = false""",
        [{**asdict(account), **common} for account in accounts],
    )


async def accounts(tx: Transaction, connection_id: int) -> dict[str, LedgerAccount]:
    """All accounts of a company's ledger by id, in the order of their names."""
    rows = await tx.fetch(
        "select * from catalogue_accounts where connection_id = $1 order by name, quickbooks_id", connection_id
    )
    return {
        row["quickbooks_id"]: LedgerAccount(
            row["quickbooks_id"], row["name"], row["kind"], row["subkind"], row["active"]
        )
        for row in rows
    }


async def save_tax_codes(
    tx: Transaction, tenant_id: int, connection_id: int, codes: Sequence[TaxCode], as_of: datetime
) -> None:
    """Replace all tax codes of a company: neither webhooks nor CDC tell of them (quickbooks.md 6).

    Two fillings may run at once (two processes that onboard): each row is written over, never twice.
    """
    common = {"tenant_id": tenant_id, "connection_id": connection_id, "as_of": as_of}
    await tx.execute(
        """insert into catalogue_tax_codes select * from jsonb_populate_recordset(null::catalogue_tax_codes, $1)
           on conflict (tenant_id, connection_id, quickbooks_id) do update set
             name = excluded.name, description = excluded.description, active = excluded.active,
             rates = excluded.rates, as_of = excluded.as_of""",
        [{**asdict(code), **common} for code in sorted(codes, key=lambda code: code.quickbooks_id)],
    )
    await tx.execute(
        "delete from catalogue_tax_codes where connection_id = $1 and quickbooks_id <> all($2)",
        connection_id,
        [code.quickbooks_id for code in codes],
    )


async def tax_codes(tx: Transaction, connection_id: int) -> dict[str, TaxCode]:
    """All tax codes of a company by id, in the order of their names (S-28)."""
    rows = await tx.fetch("select * from catalogue_tax_codes where connection_id = $1 order by name", connection_id)
    columns = ("quickbooks_id", "name", "description", "active", "rates")
    return {row["quickbooks_id"]: msgspec.convert({name: row[name] for name in columns}, TaxCode) for row in rows}
