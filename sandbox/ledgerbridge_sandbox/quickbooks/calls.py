"""Calls on a company's address: from a request that was let in to its answer (quickbooks.md 2)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ledgerbridge_sandbox.quickbooks import faults, tax_service
from ledgerbridge_sandbox.quickbooks.attachments import THUMBNAIL
from ledgerbridge_sandbox.quickbooks.batch import answer_batch
from ledgerbridge_sandbox.quickbooks.capture import captured
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.engine import existing, send, submit
from ledgerbridge_sandbox.quickbooks.faults import Fault
from ledgerbridge_sandbox.quickbooks.file_addresses import temporary_address, with_addresses
from ledgerbridge_sandbox.quickbooks.kinds import Kind
from ledgerbridge_sandbox.quickbooks.moments import envelope_time
from ledgerbridge_sandbox.quickbooks.money import Record, decode_record, encode
from ledgerbridge_sandbox.quickbooks.pdf import form_pdf
from ledgerbridge_sandbox.quickbooks.querying import answer_query
from ledgerbridge_sandbox.quickbooks.rates import read_rate
from ledgerbridge_sandbox.quickbooks.schema import FORMS, KINDS, OF_CUSTOMERS, kind_called
from ledgerbridge_sandbox.quickbooks.showing import shown
from ledgerbridge_sandbox.quickbooks.uploads import answer_upload

_REQUEST_ID_LIMIT, _BATCH_REQUEST_ID_LIMIT = 50, 36
_REMEMBERED = 50_000
"""Answers to request ids that a company remembers; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request; `path` are the parts after the realm, `origin` is scheme and host as the caller knows them."""

    method: str
    path: tuple[str, ...]
    parameters: Mapping[str, str]
    body: bytes
    content_type: str = ""
    origin: str = ""

    @property
    def include(self) -> frozenset[str]:
        """What the `include` parameter lists, in lower case."""
        return frozenset(self.parameters.get("include", "").lower().split(","))


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body and its type."""

    status: int
    body: bytes
    content_type: str = "application/json;charset=UTF-8"


def answer_call(company: Company, call: Call) -> Answer:
    """Do the call; a fault becomes its answer. A `requestid` seen before gets its first answer again."""
    answer = _first_or_again(company, call)
    body = with_addresses(company, call.origin, answer.body)
    return answer if body is answer.body else replace(answer, body=body)


def _first_or_again(company: Company, call: Call) -> Answer:
    try:
        key = _replay_key(call)
        if key is not None and key in company.replays:
            status, body = company.replays[key]
            return Answer(status, body)
        answer = _answer(company, call)
    except Fault as fault:
        return faulty(company, fault)
    if key is not None:
        # Guess: only what succeeded is remembered; bodies are not compared (quickbooks.md 2).
        company.replays[key] = (answer.status, answer.body)
        if len(company.replays) > _REMEMBERED:
            del company.replays[next(iter(company.replays))]
    return answer


def faulty(company: Company, fault: Fault) -> Answer:
    """A service fault as QuickBooks answers it."""
    time = b"," + _time(company) if fault.timed else b""
    return Answer(fault.status, b'{"Fault":%s%s}' % (encode(fault.document()), time), "application/json")


def _replay_key(call: Call) -> str | None:
    key = call.parameters.get("requestid") if call.method == "POST" else None
    limit = _BATCH_REQUEST_ID_LIMIT if call.path[:1] == ("batch",) else _REQUEST_ID_LIMIT
    if key and len(key) > limit:
        raise faults.too_long("requestid", limit)
    return key or None


def _time(company: Company) -> bytes:
    return b'"time":"%s"' % envelope_time(company.now()).encode()


def _enveloped(company: Company, name: str, body: bytes) -> Answer:
    return Answer(200, b'{"%s":%s,%s}' % (name.encode(), body, _time(company)))


def _bare(company: Company, record: Record) -> Answer:
    """Beside the time, in no envelope of its kind's name: as the tax service alone answers."""
    return Answer(200, encode(record)[:-1] + b",%s}" % _time(company))


def _answer(company: Company, call: Call) -> Answer:
    resource = call.path[0].lower() if call.path else ""
    if resource == "query":
        return _enveloped(company, "QueryResponse", answer_query(company, _statement(call), call.include))
    if resource == "cdc" and call.method == "GET":
        return _enveloped(company, "CDCResponse", captured(company, call.parameters))
    if resource == "batch" and call.method == "POST":
        return _enveloped(company, "BatchItemResponse", answer_batch(company, decode_record(call.body)))
    if call.method == "POST" and tuple(part.lower() for part in call.path) == tax_service.PATH:
        return _bare(company, tax_service.make_tax_code(company, decode_record(call.body)))
    if (call.method, resource) in {("POST", "upload"), ("GET", "download"), ("GET", THUMBNAIL)}:
        return _answer_file(company, call)
    kind = kind_called(resource)
    if kind is None:
        raise _nowhere(company, call)
    return _answer_entity(company, kind, call)


def _answer_file(company: Company, call: Call) -> Answer:
    """Uploading, and the temporary address of a file or of its thumbnail as bare text."""
    if call.method == "POST":
        return _enveloped(company, "AttachableResponse", answer_upload(company, call.content_type, call.body))
    identifier = "/".join(call.path[1:])
    existing(company, KINDS["Attachable"], identifier)
    if identifier not in company.files:
        raise faults.not_found()
    address = temporary_address(company, call.origin, identifier)
    return Answer(200, address.encode(), "text/plain;charset=UTF-8")


def _statement(call: Call) -> str:
    """From the address, or as a raw body (quickbooks.md 4)."""
    if call.parameters.get("query"):
        return call.parameters["query"]
    try:
        return call.body.decode()
    except UnicodeDecodeError as error:
        raise faults.unparsable("Encountered bad UTF-8") from error


def _answer_entity(company: Company, kind: Kind, call: Call) -> Answer:
    match call.method, call.path[1:]:
        case "POST", ():
            operation = call.parameters.get("operation", "").lower()
            done = submit(company, kind, decode_record(call.body), operation, call.include)
            return _enveloped(company, kind.name, shown(company, kind.name, encode(done), call.include))
        case "GET", ():
            return _single(company, kind, call)
        case "GET", (identifier,):
            return _read(company, kind, identifier, call)
        case "POST", (identifier, "send") if kind.name in OF_CUSTOMERS:
            record = send(company, kind, identifier, call.parameters.get("sendTo"))
            return _enveloped(company, kind.name, shown(company, kind.name, encode(record), call.include))
        case "GET", (identifier, "pdf") if kind.name in FORMS:
            return Answer(200, form_pdf(company, kind, existing(company, kind, identifier)), "application/pdf")
    raise _nowhere(company, call)


def _nowhere(company: Company, call: Call) -> Fault:
    return faults.no_resource(call.origin, "/".join(("/v3/company", company.realm, *call.path)))


def _single(company: Company, kind: Kind, call: Call) -> Answer:
    """Objects of which there is one, and the exchange rate of a day."""
    if kind.name == "ExchangeRate":
        return _enveloped(company, kind.name, encode(read_rate(company, call.parameters)))
    if kind.name != "Preferences":
        raise _nowhere(company, call)
    return _enveloped(company, kind.name, shown(company, kind.name, company.shelves["Preferences"].body("1")))


def _read(company: Company, kind: Kind, identifier: str, call: Call) -> Answer:
    if kind.name == "CompanyInfo":
        identifier = "1" if identifier == company.realm else identifier
    shelf = company.shelves[kind.name]
    if identifier not in shelf:
        existing(company, kind, identifier)
    return _enveloped(company, kind.name, shown(company, kind.name, shelf.body(identifier), call.include))
