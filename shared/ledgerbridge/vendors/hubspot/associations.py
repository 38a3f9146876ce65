"""Associations between HubSpot's records (hubspot.md 7). Direction matters: a type id describes from -> to."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from ledgerbridge.errors import Permanent
from ledgerbridge.vendors.calls import Call
from ledgerbridge.vendors.documents import Document
from ledgerbridge.vendors.hubspot.models import Association, AssociationSpec
from ledgerbridge.vendors.hubspot.reading import next_of, results_of, understand
from ledgerbridge.vendors.ports import AccountRef
from ledgerbridge.vendors.seam import VendorHttp
from ledgerbridge.vendors.versions import Versions

DEAL_TO_PRIMARY_COMPANY = 5
DEAL_TO_COMPANY = 341
DEAL_TO_CONTACT = 3
LINE_ITEM_TO_DEAL = 20
CONTACT_TO_PRIMARY_COMPANY = 1
READ_LARGEST = 1000
WRITE_LARGEST = 2000


class Associations:
    """Reads associations in bulk, makes and removes them."""

    def __init__(self, http: VendorHttp, versions: Versions) -> None:
        """Use the seam and a family of paths."""
        self._http = http
        self._pair = versions.path("associations") + "/{from}/{to}"
        self._one = versions.associated + "/{from}/{from_id}/associations"

    async def read_many(
        self, account: AccountRef, from_type: str, to_type: str, ids: Iterable[str]
    ) -> dict[str, tuple[Association, ...]]:
        """The associated records of each id, 1,000 ids a call, all pages; an id without any has an empty tuple."""
        found: dict[str, dict[str, Association]] = {one: {} for one in ids}
        asked: list[Document] = [{"id": one} for one in found]
        while asked:
            lot, asked = asked[:READ_LARGEST], asked[READ_LARGEST:]
            call = self._read(from_type, to_type, lot)
            results = understand(results_of, (await self._http.call(account, call)).document)
            for result in results:
                asked += understand(partial(_gather, found), result)
        return {one: tuple(known.values()) for one, known in found.items()}

    def _read(self, from_type: str, to_type: str, inputs: list[Document]) -> Call:
        fill = {"from": from_type, "to": to_type}
        route = self._pair + "/batch/read"
        return Call("POST", route, fill, document={"inputs": inputs}, kind="association")

    async def link(self, account: AccountRef, from_type: str, from_id: str, to_type: str, to_id: str) -> None:
        """Make the unlabeled association, both directions; it needs no type id and may be repeated."""
        fill = {"from": from_type, "from_id": from_id, "to": to_type, "to_id": to_id}
        await self._http.call(account, _effect("PUT", self._one + "/default/{to}/{to_id}", fill))

    async def link_labelled(
        self,
        account: AccountRef,
        from_type: str,
        from_id: str,
        to_type: str,
        to_id: str,
        *,
        types: Sequence[AssociationSpec],
    ) -> None:
        """Set the labels of a pair: they *replace* what is there, so send every one that should remain."""
        fill = {"from": from_type, "from_id": from_id, "to": to_type, "to_id": to_id}
        document = [one.document() for one in types]
        await self._http.call(account, _effect("PUT", self._one + "/{to}/{to_id}", fill, document))

    async def link_many(
        self, account: AccountRef, from_type: str, to_type: str, pairs: Iterable[tuple[str, str]]
    ) -> None:
        """Make unlabeled associations in bulk; raises Permanent ``GONE`` where HubSpot left some out."""
        todo = list(dict.fromkeys(pairs))
        for start in range(0, len(todo), WRITE_LARGEST):
            inputs = [{"from": {"id": one}, "to": {"id": other}} for one, other in todo[start : start + WRITE_LARGEST]]
            fill = {"from": from_type, "to": to_type}
            call = _effect("POST", self._pair + "/batch/associate/default", fill, {"inputs": inputs}, json=True)
            document = (await self._http.call(account, call)).document
            if document.get("errors"):
                raise Permanent("GONE", what="A record to associate", vendor="HubSpot", errors=document["errors"])

    async def unlink(self, account: AccountRef, from_type: str, from_id: str, to_type: str, to_id: str) -> None:
        """Remove every association between the two; none there is no error."""
        fill = {"from": from_type, "from_id": from_id, "to": to_type, "to_id": to_id}
        await self._http.call(account, _effect("DELETE", self._one + "/{to}/{to_id}", fill))

    async def labels(self, account: AccountRef, from_type: str, to_type: str) -> Mapping[int, str | None]:
        """The kinds that this account has between two types: label by type id; None for the unlabeled ones."""
        fill = {"from": from_type, "to": to_type}
        answer = await self._http.call(account, Call("GET", self._pair + "/labels", fill, kind="association"))
        return understand(
            lambda document: {int(one["typeId"]): one.get("label") for one in results_of(document)}, answer.document
        )


def _effect(method: str, route: str, fill: Mapping[str, str], document: object = None, *, json: bool = False) -> Call:
    return Call(
        method,
        route,
        fill,
        document=document,
        kind="association",
        expected="json" if json else "nothing",
        effect=True,
        repeatable=True,
    )


def _gather(found: dict[str, dict[str, Association]], result: Document) -> list[Document]:
    """Add one result; the input of its next page, if there is one. Ids come as numbers or as text."""
    one = str(result["from"]["id"])
    known = found.setdefault(one, {})
    for to in result["to"]:
        types = tuple(
            AssociationSpec(int(kind["typeId"]), str(kind["category"])) for kind in to.get("associationTypes") or ()
        )
        other = str(to["toObjectId"])
        before = known[other].types if other in known else ()
        known[other] = Association(other, tuple(dict.fromkeys(before + types)))
    after = next_of(result)
    return [] if after is None else [{"id": one, "after": after}]
