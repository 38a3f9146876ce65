"""What can be chosen: companies to invoice from, and their customers, items, terms and tax codes.

Read from the catalogue, which is refreshed first where something in it is stale.
"""

from dataclasses import dataclass

from ledgerbridge.accounts.registry import Connection
from ledgerbridge.errors import LedgerbridgeError, Refused
from ledgerbridge.storage import Database

from invoice_service.catalogue import store_company, store_customers, store_items
from invoice_service.catalogue.customers import CatalogueCustomer
from invoice_service.catalogue.filling import CatalogueFilling
from invoice_service.catalogue.items import CatalogueItem
from invoice_service.catalogue.pages import NamePlace
from invoice_service.catalogue.reading import CompanyFacts, LedgerAccount
from invoice_service.catalogue.store_stale import Stale
from invoice_service.catalogue.taxes import TaxCode, TaxMode
from invoice_service.catalogue.terms import Term
from invoice_service.tenants import Tenants

PAGE = 50
"""How many customers or items a page shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A company to invoice from; `refusal` says why nothing can be created there now."""

    connection: Connection
    name: str
    country: str
    home_currency: str
    multicurrency: bool
    tax_mode: TaxMode | None
    asks_number: bool
    refusal: LedgerbridgeError | None


class Choosing:
    """Searches and lists for one tenant at a time."""

    def __init__(self, database: Database, tenants: Tenants, catalogue: CatalogueFilling) -> None:
        """Read through this database."""
        self._database = database
        self._tenants = tenants
        self._catalogue = catalogue

    async def companies(self, tenant: int) -> list[Choice]:
        """The tenant's companies, in the order in which they were connected."""
        connections = await self._tenants.connections(tenant)
        async with self._database.tenant(tenant) as tx:
            facts = {each.id: await store_company.company(tx, each.id) for each in connections}
        return [_choice(each, found[0] if (found := facts[each.id]) else None) for each in connections]

    async def customers(
        self, tenant: int, connection_id: int, beginning: str, after: NamePlace
    ) -> tuple[list[CatalogueCustomer], NamePlace | None]:
        """A page of the customers whose name, company or address begins so, and where the next one begins."""
        await self._fresh(tenant, connection_id, "customer")
        async with self._database.tenant(tenant) as tx:
            found = await store_customers.search_customers(tx, connection_id, beginning, after, PAGE + 1)
        return found[:PAGE], store_customers.place_of(found[PAGE - 1]) if len(found) > PAGE else None

    async def items(
        self, tenant: int, connection_id: int, beginning: str, after: NamePlace
    ) -> tuple[list[CatalogueItem], NamePlace | None]:
        """A page of the items whose name or SKU begins so, and where the next one begins."""
        await self._fresh(tenant, connection_id, "item")
        async with self._database.tenant(tenant) as tx:
            found = await store_items.search_items(tx, connection_id, beginning, after, PAGE + 1)
        return found[:PAGE], store_items.place_of(found[PAGE - 1]) if len(found) > PAGE else None

    async def accounts(self, tenant: int, connection_id: int) -> list[LedgerAccount]:
        """Active accounts of the ledger by name."""
        await self._fresh(tenant, connection_id, "account")
        async with self._database.tenant(tenant) as tx:
            found = await store_company.accounts(tx, connection_id)
        return [each for each in found.values() if each.active]

    async def terms(self, tenant: int, connection_id: int) -> tuple[list[Term], str | None]:
        """Active terms by name, and the id of the default ones."""
        connection = await self._fresh(tenant, connection_id, "term")
        async with self._database.tenant(tenant) as tx:
            found = await store_company.terms(tx, connection_id)
            company = await store_company.company(tx, connection_id)
        default = connection.settings.default_terms or (company[0].default_term_id if company else None)
        return [each for each in found.values() if each.active], default

    async def tax_codes(self, tenant: int, connection_id: int) -> tuple[list[TaxCode], TaxMode | None]:
        """Tax codes by name, and how the company computes tax."""
        await self._tenants.connection(tenant, connection_id)
        async with self._database.tenant(tenant) as tx:
            found = await store_company.tax_codes(tx, connection_id)
            company = await store_company.company(tx, connection_id)
        return list(found.values()), company[0].tax_mode if company else None

    async def _fresh(self, tenant: int, connection_id: int, kind: Stale) -> Connection:
        connection = await self._tenants.connection(tenant, connection_id)
        await self._catalogue.refresh(connection, [kind])
        return connection


def _choice(connection: Connection, facts: CompanyFacts | None) -> Choice:
    account = connection.quickbooks
    asks = connection.settings.custom_numbers == "from_user"
    return Choice(
        connection=connection,
        name=facts.name if facts else account.facts.get("name") or account.external_id,
        country=facts.country if facts else account.facts.get("country") or "",
        home_currency=facts.home_currency if facts else account.facts.get("currency") or "",
        multicurrency=facts.multicurrency if facts else bool(account.facts.get("multicurrency")),
        tax_mode=facts.tax_mode if facts else None,
        asks_number=asks and bool(facts and facts.custom_numbers),
        refusal=_refusal(connection, facts, asks_number=asks),
    )


def _refusal(connection: Connection, facts: CompanyFacts | None, *, asks_number: bool) -> LedgerbridgeError | None:
    for account in (connection.hubspot, connection.quickbooks):
        if account.obstacle:
            return account.obstacle
    if facts and facts.custom_numbers and not asks_number:
        return Refused("CUSTOM_TRANSACTION_NUMBERS", field="connection_id", company=facts.name)
    return None
