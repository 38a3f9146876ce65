"""A command as a complete draft: what it leaves out comes from deal or quote, from the customer, from the company."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from ledgerbridge.accounts.registry import Connection
from ledgerbridge.contracts.commands import Buyer, CreateInvoice, OrderLine
from ledgerbridge.contracts.invoices import InvoiceLinks
from ledgerbridge.errors import Refused
from pydantic import ValidationError

from invoice_service.catalogue.buyers import BuyerMatch, refuse_several
from invoice_service.catalogue.customers import NewCustomer
from invoice_service.catalogue.items import CatalogueItem, with_item
from invoice_service.drafts.draft import BuyerChoice, Draft, Source, choice_of
from invoice_service.drafts.eligible import filter_properties
from invoice_service.drafts.hubspot_reading import BuyerRecords, Deal, QuoteReading
from invoice_service.drafts.line_items import Recurring, product_price
from invoice_service.drafts.preparing import Prepared, Preparing, SourceLines
from invoice_service.lines import InvoiceLine


class CommandPreparing:
    """One command on its way to a draft: `await CommandPreparing(preparing, connection, command).prepare(draft_id)`."""

    def __init__(self, preparing: Preparing, connection: Connection, command: CreateInvoice) -> None:
        """For one command of one company."""
        self._preparing = preparing
        self._connection = connection
        self._command = command

    async def prepare(self, draft_id: str) -> Prepared:
        """The complete draft. Raises the first Refused, and what the vendors raise."""
        command, connection, preparing = self._command, self._connection, self._preparing
        quote = await preparing.hubspot.quote(connection.hubspot, command.quote_id) if command.quote_id else None
        deal_id = command.deal_id or (quote.deal_id if quote else None)
        deal = await preparing.deal(connection.hubspot, deal_id) if deal_id else None
        if deal is not None and command.currency not in (None, deal.currency):
            raise Refused("INVALID", field="currency", problem=f"the deal is in {deal.currency}")
        buyer, records = await self._buyer(deal)
        source = await self._source(deal, quote, buyer.currency)
        currency = self._currency(deal, quote, buyer)
        if buyer.new is not None and buyer.new.currency is None:
            new = buyer.new.model_copy(update={"currency": currency or None})
            buyer = buyer.model_copy(update={"new": new, "currency": currency})
        draft = Draft(
            draft_id=draft_id,
            deal_id=deal.deal_id if deal else None,
            deal_name=deal.name if deal else "",
            currency=currency or buyer.currency,
            connection_id=connection.id,
            source=source.source,
            buyer=buyer,
            lines=await self._with_codes(source.lines),
            discount=source.discount,
            term_id=await preparing.named_terms(connection, command.terms) if command.terms else None,
            invoice_date=command.invoice_date,
            due_date=command.due_date,
            message=command.message or "",
            bill_email=command.email,
            number=command.number,
            another_reason=command.reason if command.another else None,
        )
        links = InvoiceLinks(
            deal_id=draft.deal_id,
            contact_ids=(records.person_id,) if records.person_id else (),
            company_ids=(records.company_id,) if records.company_id else (),
        )
        customer = await preparing.customer(connection, buyer.customer_id) if buyer.customer_id else None
        reading = preparing.reading_of(connection, customer, quote)
        return await preparing.complete(connection, await self._in_home_currency(draft), links, reading=reading)

    async def _in_home_currency(self, draft: Draft) -> Draft:
        """A command without a deal and with a customer of a single-currency company is in the company's currency."""
        if draft.currency:
            return draft
        facts = await self._preparing.catalogue.company(self._connection)
        return draft.model_copy(update={"currency": facts.home_currency})

    def _currency(self, deal: Deal | None, quote: QuoteReading | None, buyer: BuyerChoice) -> str:
        own = deal.currency if deal else (quote.currency if quote else "")
        return own or self._command.currency or buyer.currency

    async def _buyer(self, deal: Deal | None) -> tuple[BuyerChoice, BuyerRecords]:
        given = self._command.buyer
        if given is None and deal is None:
            raise Refused("NO_BUYER", field="buyer")
        records = await self._records(deal, given)
        if given is not None and given.customer_id is not None:
            customer = await self._preparing.customer(self._connection, given.customer_id)
            await self._check_strict(records)
            return choice_of(BuyerMatch(customer, "none", "certain")).model_copy(update={"how": "picked"}), records
        if given is not None and given.new is not None:
            await self._check_strict(records)
            return self._new(_as_new(given, records)), records
        return await self._matched(deal, records)

    async def _records(self, deal: Deal | None, given: Buyer | None) -> BuyerRecords:
        if given is not None and given.contact_id is not None:
            return BuyerRecords(contact_id=given.contact_id)
        if given is not None and given.company_id is not None:
            return BuyerRecords(company_id=given.company_id)
        if deal is None:
            return BuyerRecords()
        return await self._preparing.hubspot.buyer_of_deal(self._connection.hubspot, deal)

    async def _check_strict(self, records: BuyerRecords) -> BuyerRecords:
        """On a strict connection the contact's properties decide, so they are read even where a link leads."""
        if self._connection.mode == "legacy" or not (records.person_id or records.company_id):
            return records
        described = await self._preparing.hubspot.with_properties(
            self._connection.hubspot, records, filter_properties(self._connection)
        )
        self._preparing.check_eligible(self._connection, described)
        return described

    async def _matched(self, deal: Deal | None, records: BuyerRecords) -> tuple[BuyerChoice, BuyerRecords]:
        await self._check_strict(records)
        found = await self._preparing.match_buyer(self._connection, records)
        refuse_several(found.match, deal.name if deal else "the buyer")
        if found.match.customer is not None:
            return choice_of(found.match), records
        currency = self._command.currency or (deal.currency if deal else "")
        return self._new(await self._preparing.new_customer_for(self._connection, found.records, currency)), records

    def _new(self, new: NewCustomer) -> BuyerChoice:
        return BuyerChoice(name=new.display_name, currency=new.currency or "", email=new.email, how="new", new=new)

    async def _source(self, deal: Deal | None, quote: QuoteReading | None, currency: str) -> SourceLines:
        command, preparing = self._command, self._preparing
        recurring = Recurring(command.recurring)
        if command.lines is not None:
            lines = await self._given_lines(command.lines, (deal.currency if deal else command.currency) or currency)
            source = Source(kind="quote", quote_id=command.quote_id) if quote else Source(kind="scratch")
            return SourceLines(source=source, lines=tuple(lines), quote=quote)
        if quote is not None and deal is not None:
            return await preparing.lines_of_quote(self._connection, deal, quote.quote.hubspot_id, recurring, read=quote)
        if deal is None:
            raise Refused("INVALID", field="quote_id", problem="the quote does not belong to exactly one deal")
        return await preparing.lines_of_deal(self._connection, deal, recurring)

    async def _given_lines(self, given: Sequence[OrderLine], currency: str) -> list[InvoiceLine]:
        connection, preparing = self._connection, self._preparing
        items = await preparing.items_for_order(connection, given)
        product_ids = {line.product_id for line in given if line.product_id}
        products = await preparing.hubspot.products(connection.hubspot, product_ids, currency) if product_ids else {}
        codes = await preparing.named_tax_codes(connection, [line.tax_code for line in given if line.tax_code])
        default = items.get(connection.settings.default_item or "")
        lines: list[InvoiceLine] = []
        for number, line in enumerate(given, start=1):
            item = items.get(line.item_id) if line.item_id else None if line.product_id else default
            product = products.get(line.product_id or "")
            if (line.item_id and item is None) or (line.product_id and product is None):
                raise Refused("NO_ITEM", field=f"lines.{number}", line=number, name=line.item_id or line.product_id)
            price = self._price(line, item, product, currency, number)
            made = InvoiceLine.priced(str(number), line.quantity, price).model_copy(
                update={
                    "description": line.description or "",
                    "service_date": line.service_date,
                    "tax_code_id": codes.get(line.tax_code or ""),
                    "hubspot_product_id": line.product_id,
                    "sku": (product or {}).get("hs_sku") or "",
                    "product_name": (product or {}).get("name") or "",
                }
            )
            lines.append(with_item(made, item, "given" if line.item_id else "default") if item else made)
        matched = await preparing.with_items(connection, [line for line in lines if line.item_id is None])
        by_key = {line.key: line for line in matched}
        return [by_key.get(line.key, line) for line in lines]

    def _price(
        self,
        line: OrderLine,
        item: CatalogueItem | None,
        product: Mapping[str, str | None] | None,
        currency: str,
        number: int,
    ) -> Decimal:
        if line.unit_price is not None:
            return line.unit_price
        company_currency = str(self._connection.hubspot.facts.get("currency") or "")
        price = product_price(product, currency, company_currency) if product else item.unit_price if item else None
        if price is None:
            raise Refused("INVALID", field=f"lines.{number}.unit_price", problem="the line has no price")
        return price

    async def _with_codes(self, lines: Sequence[InvoiceLine]) -> tuple[InvoiceLine, ...]:
        """With the tax codes that the command gives by HubSpot line item."""
        chosen = self._command.tax_codes
        ids = await self._preparing.named_tax_codes(self._connection, chosen.values())
        known = {line.hubspot_line_id for line in lines}
        if unknown := sorted(set(chosen) - {one for one in known if one}):
            raise Refused("INVALID", field=f"tax_codes.{unknown[0]}", problem="the deal has no such line item")
        return tuple(
            line.model_copy(update={"tax_code_id": ids[chosen[line.hubspot_line_id]]})
            if line.hubspot_line_id in chosen
            else line
            for line in lines
        )


def _as_new(given: Buyer, records: BuyerRecords) -> NewCustomer:
    assert given.new is not None
    new = given.new
    record = ("company", records.company_id) if records.company_id else ("contact", records.person_id)
    try:
        return NewCustomer(
            display_name=new.display_name,
            company_name=new.company_name or "",
            given_name=new.given_name or "",
            family_name=new.family_name or "",
            email=new.email or "",
            currency=new.currency,
            record_type=record[0] if record[1] else "",
            record_id=record[1] or "",
        )
    except ValidationError as error:
        raise Refused("INVALID", field="buyer.new", problem=_first_problem(error)) from None


def _first_problem(error: ValidationError) -> str:
    return str(error.errors()[0]["msg"])
