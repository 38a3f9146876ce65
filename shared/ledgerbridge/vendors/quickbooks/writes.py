"""Writes to QuickBooks (quickbooks.md 2, 5, 7): create, sparse update, send, void, delete.

Every write carries a `requestid`, unique per realm and at most 50 characters: repeating it answers what the first
attempt answered and does nothing more, so a lost answer is repeated here within the call's time, and after that is
Uncertain: only the identical document under the identical id may follow. Sending is not in Intuit's list of calls that
honour the id, so a lost answer to `send` is Uncertain at once.
"""

from collections.abc import Mapping
from typing import Any

from ledgerbridge.errors import Permanent
from ledgerbridge.vendors.calls import Call
from ledgerbridge.vendors.documents import Document
from ledgerbridge.vendors.ports import AccountRef
from ledgerbridge.vendors.quickbooks.answers import Answered
from ledgerbridge.vendors.quickbooks.reading import MINOR_VERSION, entity_of, path_of, understand
from ledgerbridge.vendors.seam import VendorHttp

_ROUTE = "/v3/company/{realm}/{entity}"
LONGEST_REQUEST_ID = 50


class Writes:
    """Writes of one company's records; each answers the whole object with its new SyncToken."""

    def __init__(self, http: VendorHttp) -> None:
        """Use the seam."""
        self._http = http

    async def create(
        self, account: AccountRef, entity: str, document: Mapping[str, Any], request_id: str
    ) -> Answered[Document]:
        """Create. Refused ``NAME_TAKEN``, ``DUPLICATE_NUMBER``, ``BOOKS_CLOSED``, ``DANGLING_REFERENCE``, …."""
        return await self._post(account, entity, dict(document), request_id)

    async def update(
        self, account: AccountRef, entity: str, document: Mapping[str, Any], request_id: str
    ) -> Answered[Document]:
        """Change only the given fields; needs Id and SyncToken. A given Line replaces all lines.

        Permanent ``STALE`` where somebody was faster: read again, apply again, with a request id of its own.
        """
        return await self._post(account, entity, {**document, "sparse": True}, request_id)

    async def void(
        self, account: AccountRef, entity: str, record_id: str, sync_token: str, request_id: str
    ) -> Answered[Document]:
        """Void a transaction, for ever. An invoice has its operation; a payment is an update that includes it."""
        document: Document = {"Id": record_id, "SyncToken": sync_token}
        if entity == "Invoice":
            return await self._post(account, entity, document, request_id, ("operation", "void"))
        document["sparse"] = True
        return await self._post(account, entity, document, request_id, ("operation", "update"), ("include", "void"))

    async def delete(
        self, account: AccountRef, entity: str, record_id: str, sync_token: str, request_id: str
    ) -> Answered[Document]:
        """Delete a transaction; answers the stub. Name lists have no delete: update ``Active`` instead."""
        document = {"Id": record_id, "SyncToken": sync_token}
        return await self._post(account, entity, document, request_id, ("operation", "delete"))

    async def send(
        self, account: AccountRef, invoice_id: str, request_id: str, *, to: str | None = None, entity: str = "Invoice"
    ) -> Answered[Document]:
        """Have QuickBooks mail it, to BillEmail or to `to` (which is stored as BillEmail). Never repeated by itself.

        Uncertain is settled by reading: a delivery time not before the attempt means sent.
        """
        fill = {"realm": account.external_id, "entity": path_of(entity), "id": invoice_id}
        query = [("sendTo", to)] if to else []
        query += [("requestid", _checked(request_id)), MINOR_VERSION]
        call = Call(
            "POST",
            _ROUTE + "/{id}/send",
            fill,
            query,
            content=b"",
            content_type="application/octet-stream",
            kind="write",
            effect=True,
        )
        answer = await self._http.call(account, call)
        return understand(lambda found: entity_of(found, entity), answer.document, effect=True)

    async def _post(
        self, account: AccountRef, entity: str, document: Document, request_id: str, *query: tuple[str, str]
    ) -> Answered[Document]:
        call = Call(
            "POST",
            _ROUTE,
            {"realm": account.external_id, "entity": path_of(entity)},
            [*query, ("requestid", _checked(request_id)), MINOR_VERSION],
            document=document,
            kind="write",
            effect=True,
            repeatable=True,
        )
        answer = await self._http.call(account, call)
        return understand(lambda found: entity_of(found, entity), answer.document, effect=True)


def _checked(request_id: str) -> str:
    if not 0 < len(request_id) <= LONGEST_REQUEST_ID:
        raise Permanent("INVALID", field="requestid", problem="a request id has 1 to 50 characters")
    return request_id
