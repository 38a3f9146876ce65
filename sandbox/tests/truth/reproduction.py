"""Doing again in the sandbox what was recorded: the objects that a recording shows, made through the sandbox's API.

A request is derived from a recorded object: without what the service fills in, its references led to objects of the
same names, which are made first. What is read-only and what a reference means stands in `exchanges/derivation.toml`.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import msgspec
from doors import Doors
from xml_as_json import read_xml

DATA = Path(__file__).parent / "exchanges"
DERIVATION = tomllib.loads((DATA / "derivation.toml").read_text())
PATIENCE_SECONDS = 60
COMPANIES = {"automated": 1, "british": 2, "legacy": 3}
_NAMES = ("Customer", "Vendor", "Employee")
_read_only = {kind: frozenset(names.split()) for kind, names in DERIVATION["read_only"].items()}
_decode = msgspec.json.Decoder(float_hook=Decimal).decode
_encode = msgspec.json.Encoder(decimal_format="number").encode

Record = dict[str, Any]
_DELETED = re.compile(r" \(deleted\)$", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """What a call got; `body` is read where it is JSON."""

    status: int
    body: Any


@dataclass
class Scene:
    """One company of the sandbox, and which of its objects stand for the recorded ones (kind and recorded id)."""

    doors: Doors
    company: str = "automated"
    standing_for: dict[tuple[str, str], Record] = field(default_factory=dict)
    custom_fields: Mapping[str, str] = field(default_factory=dict)
    last: Answer | None = None
    """What the latest write got."""

    @property
    def realm(self) -> str:
        return f"913035000000000{COMPANIES[self.company]}"

    @property
    def token(self) -> str:
        return f"sandbox-quickbooks-access-{COMPANIES[self.company]}"

    def ask(self, method: str, path: str, content: Any = None, token: str | None = None, **headers: str) -> Answer:
        """Call the company's API; `content` is bytes as they are, or written as JSON."""
        body = content if isinstance(content, bytes) or content is None else _encode(content)
        told = {"accept": "application/json", "authorization": f"Bearer {token or self.token}"}
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"{self.doors.quickbooks}/v3/company/{self.realm}/{path}"
        answer = httpx.request(method, url, content=body, headers=told, timeout=PATIENCE_SECONDS)
        if "json" in answer.headers["content-type"]:
            return Answer(answer.status_code, _decode(answer.content))
        if "xml" in answer.headers["content-type"]:
            return Answer(answer.status_code, read_xml(answer.text)[1])
        return Answer(answer.status_code, answer.content.decode("latin-1"))

    @property
    def own_words(self) -> Mapping[str, str]:
        """What stands in our texts where recorded ones name their company and host."""
        return {"-COMPANY_ID-": self.realm, "https://c50.sandbox.qbo.intuit.com/qbo50": self.doors.quickbooks}

    def desk(self, path: str, content: object) -> Any:
        """What the bookkeeper does in QuickBooks' pages."""
        text = msgspec.json.decode(_encode(content))
        return self.doors.ask("POST", f"/people/bookkeeper/{self.realm}/{path}", text).json()

    def pass_hours(self, hours: int) -> None:
        """Put the sandbox's clock forward."""
        if hours:
            self.doors.ask("POST", "/clock/advance", {"seconds": hours * 3600})

    def prefer(self, what: str, wanted: Mapping[str, Any]) -> None:
        """The company's preferences or custom fields as its bookkeeper wants them; "null" takes one away."""
        if wanted:
            told = {name: None if value == "null" else value for name, value in wanted.items()}
            self.doors.ask("PATCH", f"/people/bookkeeper/{self.realm}/{what}", told)

    def write(self, entity: str, content: Record, **parameters: str) -> Record:
        """Create or change an object; the sandbox must take it."""
        self.last = self.ask("POST", f"{entity.lower()}?{httpx.QueryParams(parameters)}", content)
        assert self.last.status == 200, f"{entity}: {self.last.body} for {content}"
        return dict(self.last.body[entity])

    def found(self, entity: str, condition: str) -> Record | None:
        """The first object for which the condition holds."""
        answer = self.ask("POST", "query", f"select * from {entity} where {condition}".encode())  # noqa: S608
        rows = answer.body["QueryResponse"].get(entity)
        return dict(rows[0]) if rows else None

    def produce(self, entity: str, recorded: Record) -> Record:
        """An object like the recorded one before anything was done with it; answers what its creation answered."""
        request = self.request_for(entity, recorded)
        self._free(entity, request)
        bundle = recorded.get("Type") == "Group"
        made = self.desk("item/bundle", request) if bundle else self.write(entity, request)
        self.stand(entity, recorded, made)
        return made

    def stand(self, entity: str, recorded: Record, made: Record) -> None:
        """From now on that object of ours stands for the recorded one."""
        if "Id" in recorded:
            self.standing_for[entity, str(recorded["Id"])] = made

    def request_for(self, entity: str, recorded: Record) -> Record:
        """What an application would have sent to get the recorded object."""
        if recorded.get("status") == "Deleted":
            recorded = {**recorded, **DERIVATION["minimum"][entity]}
        hidden = _read_only["every"] | _read_only.get(entity, frozenset())
        kept = {name: _fresh(name, value) for name, value in recorded.items() if name not in hidden}
        kept = {name: value for name, value in kept.items() if value is not None}
        if recorded.get("ExchangeRate", 1) == 1:  # in its company's home currency, which is another one here
            kept.pop("CurrencyRef", None)
        if entity == "Invoice" and any(link["TxnType"] == "Estimate" for link in recorded.get("LinkedTxn") or ()):
            sold = {name: recorded[name] for name in ("CustomerRef", "Line")}
            kept["LinkedTxn"] = [{"TxnId": self.produce("Estimate", sold)["Id"], "TxnType": "Estimate"}]
        if entity == "Payment":
            kept["Line"] = [self._settling(recorded, line) for line in recorded.get("Line") or ()]
        return self._sent(entity, kept)

    def _sent(self, entity: str, given: Mapping[str, Any]) -> Record:
        sent: Record = {}
        for name, value in given.items():
            if name == "Line":
                sent[name] = list(self._lines(value))
            elif name.endswith("Ref") and isinstance(value, dict):
                reference = self._reference(entity, name, value)
                if reference is not None:
                    sent[name] = reference
            elif name.endswith("Addr") and isinstance(value, dict):
                sent[name] = {part: text for part, text in value.items() if part not in _read_only["PhysicalAddress"]}
            elif name == "CustomField" and entity != "Preferences":
                sent[name] = [{**self._defined(each), **each} for each in value]
            elif isinstance(value, dict):
                sent[name] = self._sent(entity, value)
            else:
                sent[name] = value
        return sent

    def _defined(self, custom: Record) -> Record:
        """The id by which a custom field is written, for one that is told by its name alone."""
        numbers = [number for number, name in self.custom_fields.items() if name == custom.get("Name")]
        return {"DefinitionId": numbers[0]} if numbers else {}

    def _lines(self, lines: list[Record]) -> Iterator[Record]:
        for line in lines:
            if line.get("DetailType") == "GroupLineDetail":
                self._bundle(line["GroupLineDetail"])
            if line.get("DetailType") != "SubTotalLineDetail":
                hidden = _read_only["Line"]
                yield self._sent("Line", {name: value for name, value in line.items() if name not in hidden})

    def _bundle(self, detail: Record) -> None:
        """The bundle that a line sells, made of the parts that the line shows; the API makes none."""
        count = detail["Quantity"]
        parts = [line["SalesItemLineDetail"] for line in detail["Line"]]
        wares = [{"ItemRef": part["ItemRef"], "Qty": part["Qty"] / count} for part in parts]
        group = {"Name": detail["GroupItemRef"]["name"], "ItemGroupDetail": {"ItemGroupLine": wares}}
        for ware in wares:
            ware["ItemRef"] = self._reference("Item", "ItemRef", ware["ItemRef"])
        self.stand("Item", {"Id": detail["GroupItemRef"]["value"]}, self.desk("item/bundle", group))

    def _settling(self, payment: Record, line: Record) -> Record:
        """The line of a payment: what it settles is made first, open over the same amount."""
        links = []
        for link in line["LinkedTxn"]:
            kind, identifier = link["TxnType"], link["TxnId"]
            if (kind, identifier) not in self.standing_for:
                sale = {"Amount": line["Amount"], "DetailType": "SalesItemLineDetail"}
                detail = {"ItemRef": {"value": "1", "name": "Services"}, "TaxCodeRef": {"value": "NON"}}
                form = {"CustomerRef": payment["CustomerRef"], "Line": [{**sale, "SalesItemLineDetail": detail}]}
                self.produce(kind, {"Id": identifier, **form})
            links.append({"TxnId": self.standing_for[kind, identifier]["Id"], "TxnType": kind})
        return {"Amount": line["Amount"], "LinkedTxn": links}

    def _reference(self, entity: str, name: str, recorded: Record) -> Record | None:
        """The reference led to an object of ours; None for one that the service gives itself."""
        meaning = DERIVATION["reference"].get(name)
        if meaning is None:
            return recorded
        kind = meaning.get("kind", entity)
        value = str(recorded.get("value", ""))
        if "standing" in meaning:
            return {"value": meaning["standing"]}
        if "kept" in meaning or value in DERIVATION["literal"]:
            return recorded
        if meaning.get("given"):
            return None
        key = kind, value or str(recorded.get("name"))
        if key not in self.standing_for:
            name = str(recorded.get("name") or f"{kind} {value}")
            self.standing_for[key] = self._named(kind, name, meaning.get("with", {}))
        known = self.standing_for[key]
        return {"value": known["Id"]}

    def _free(self, entity: str, request: Record) -> None:
        """Rename whatever of the seeded company has the name of what is to be made."""
        field_of_name = _name_field(entity)
        name = request.get(field_of_name)
        ours = {made["Id"] for (kind, _), made in self.standing_for.items() if kind == entity}
        for kind in _NAMES if entity in _NAMES else (entity,):
            if name and "ParentRef" not in request:
                other = self.found(kind, f"{_name_field(kind)} = '{_quoted(name)}'")
                if other is not None and other["Id"] not in ours:
                    self.desk(f"{kind.lower()}/{other['Id']}/rename", {"name": f"{name} of the seed"})

    def _named(self, kind: str, name: str, more: Mapping[str, Any]) -> Record:
        """The object of that name (its last part, where a full name is told), made if the company has none."""
        field_of_name = _name_field(kind)
        name = name.rpartition(":")[2]
        known = self.found(kind, f"{field_of_name} = '{_quoted(name)}'")
        if known is not None:
            return known
        body = {field_of_name: name, **DERIVATION["minimum"].get(kind, {}), **more}
        return self.write(kind, self._sent(kind, body))


def _name_field(kind: str) -> str:
    return "DisplayName" if kind in _NAMES or kind == "TaxAgency" else "Name"


def _quoted(name: str) -> str:
    return name.replace("'", "\\'")


def _fresh(name: str, value: Any) -> Any:
    """A recorded value as it was before what was done to the object; None for one that only that gave it."""
    if name in {"Name", "DisplayName", "FullyQualifiedName", "CompanyName"} and isinstance(value, str):
        return _DELETED.sub("", value)
    if (name == "PrivateNote" and value == "Voided") or (name == "EmailStatus" and value == "EmailSent"):
        return None
    return value


def tax_code(scene: Scene, kind: str, recorded: Record) -> str:
    """A tax code or rate like the recorded one, by the tax service; answers its name."""
    name = str(recorded["Name"])
    if scene.found(kind, f"Name = '{name}'"):
        return name
    details = []
    if kind == "TaxRate":
        details.append({"TaxRateName": name, "RateValue": recorded["RateValue"], "TaxApplicableOn": "Sales"})
    for side in ("Sales", "Purchase"):
        for rate in recorded.get(f"{side}TaxRateList", {}).get("TaxRateDetail", []):
            told = rate["TaxRateRef"]["name"]
            known = scene.found("TaxRate", f"Name = '{told}'")
            new = {"TaxRateName": told, "RateValue": 5}
            details.append({**({"TaxRateId": known["Id"]} if known else new), "TaxApplicableOn": side})
    given = {"TaxCode": name, "TaxRateDetails": [{**each, "TaxAgencyId": "1"} for each in details]}
    answer = scene.ask("POST", "taxservice/taxcode", given)
    assert answer.status == 200, answer.body
    return name


def objects_in(answer: Any) -> Iterator[tuple[str, Record]]:
    """Kind and content of each object that an answer shows, in order."""
    if not isinstance(answer, dict | list):
        return
    if isinstance(answer, list):
        for each in answer:
            yield from objects_in(each)
        return
    for name, value in answer.items():
        if name in {"QueryResponse", "CDCResponse", "BatchItemResponse", "AttachableResponse"}:
            yield from objects_in(value)
        elif isinstance(value, dict) and name[:1].isupper():
            yield name, value
        elif isinstance(value, list) and name[:1].isupper():
            yield from ((name, each) for each in value if isinstance(each, dict))


def translated(scene: Scene, text: str, among: str = "") -> str:
    """An address of a recorded call with our ids in place of the recorded ones; a query `among` ours of that kind."""
    path = urlsplit(text)
    parts = path.path.split("/")
    if len(parts) > 1:
        parts[1] = _our_id(scene, parts[0], parts[1])
    query = dict(parse_qsl(path.query, keep_blank_values=True))
    if "query" in query:
        entity = re.search(r"from (\w+)", query["query"], re.IGNORECASE)
        kind = entity[1] if entity else ""
        query["query"] = re.sub(r"'(\d+)'", lambda found: f"'{_our_id(scene, kind, found[1])}'", query["query"])
        if among:
            query["query"] = _among(scene, query["query"], among)
    return "/".join(parts) + ("?" + str(httpx.QueryParams(query)) if query else "")


def _among(scene: Scene, statement: str, kind: str) -> str:
    """The query asked of our objects alone: the company has others, which the recorded one had not."""
    ids = ", ".join(f"'{made['Id']}'" for (entity, _), made in scene.standing_for.items() if entity == kind)
    head, page, tail = re.split(r"( MAXRESULTS|$)", statement, maxsplit=1)
    joined = "AND" if re.search(r"\bwhere\b", head, re.IGNORECASE) else "WHERE"
    return f"{head} {joined} Id IN ({ids}){page}{tail}"


def _our_id(scene: Scene, kind: str, recorded: str) -> str:
    for (entity, identifier), made in scene.standing_for.items():
        if entity.lower() == kind.lower() and identifier == recorded:
            return str(made["Id"])
    return recorded


def restated(scene: Scene, body: Any, kind: str) -> Any:
    """The body of a recorded call with our ids, versions and references."""
    if isinstance(body, str):
        for (entity, identifier), made in scene.standing_for.items():
            body = body.replace(
                f'"type":"{entity}","value":"{identifier}"', f'"type":"{entity}","value":"{made["Id"]}"'
            )
        return body.encode()
    if not isinstance(body, dict):
        return None
    if "BatchItemRequest" in body:
        return {"BatchItemRequest": [_restated_item(scene, item) for item in body["BatchItemRequest"]]}
    known = scene.standing_for.get((kind, str(body.get("Id", ""))))
    own = {"Id": known["Id"]} if known else {}
    if known and "SyncToken" in body:
        own["SyncToken"] = known["SyncToken"]
    entity_named = {name: value for name, value in body.items() if name not in {"Id", "SyncToken"}}
    return {**body, **scene._sent(kind, entity_named), **own}


def _restated_item(scene: Scene, item: Record) -> Record:
    """An item of a batch; what it names by an id that stands for nothing here is named by an id that nothing has."""
    restated_item = dict(item)
    for kind, content in item.items():
        if isinstance(content, dict) and "Id" in content:
            known = scene.standing_for.get((kind, content["Id"]))
            restated_item[kind] = {**content, "Id": known["Id"] if known else "999999999"}
    return restated_item
