"""The table of recorded exchanges (`exchanges/*.toml`) and how each is done again in the sandbox."""

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ledgerbridge_sandbox.quickbooks.moments import parse_moment
from likeness import Allowances, Difference, differences
from recordings import FOLDERS, Recording, recordings
from replaying_doors import account_made, catalogue, door, merged, order, poison, stop
from reproduction import DATA, DERIVATION, Answer, Record, Scene, objects_in, restated, tax_code, translated

_ALLOWANCES = ("missing", "extra", "differs", "lengths", "unordered", "blurred")


@dataclass(frozen=True)
class Row:
    """
    One exchange of the table: how it is done again, or `why` it is not.

    `why` begins with a word for the kind of reason: outside (a feature outside the surface), age, shortened (or made by
    hand by the author of the recording). `allowed` tells by pattern and reason what may differ.
    """

    name: str
    how: str = ""
    why: str = ""
    company: str = "automated"
    entity: str = ""
    first: tuple[str, ...] = ()
    bodies: Mapping[str, str] = field(default_factory=dict)
    """Objects (kind and recorded id) that are made by sending the body of another recording."""
    uploaded: str = ""
    """The recording of an upload that is sent before."""
    among_ours: str = ""
    """The kind of which the company holds others that the query must not find."""
    statement: str = ""
    """What is asked instead of the recorded objects by their ids."""
    named: str = ""
    """Which of the standing objects is meant; the first without a name."""
    only: str = ""
    """The kinds that are replayed where others of the recording are outside the surface."""
    hours_later: int = 0
    touched: tuple[str, ...] = ()
    """Objects (kind and recorded id) that somebody else changes before the call."""
    preferences: Mapping[str, Any] = field(default_factory=dict)
    custom_fields: Mapping[str, str] = field(default_factory=dict)
    """The custom fields of sales forms that the company uses."""
    changed: str = ""
    """The property that an update changes."""
    call: Mapping[str, Any] = field(default_factory=dict)
    faults: Sequence[Mapping[str, Any]] = ()
    """Calls whose refusals together are what was recorded."""
    held_by: Mapping[str, str] = field(default_factory=dict)
    """Of a list of texts those, by code, that another row brings forth, or the reason why none does."""
    status: int = 200
    allowed: Allowances = field(default_factory=Allowances)

    @property
    def source(self) -> str:
        return self.name.partition("/")[0]

    @property
    def outside(self) -> bool:
        return self.why.startswith("outside:")


def table() -> dict[str, Row]:
    """Every row by its name."""
    general = tomllib.loads((DATA / "allowed.toml").read_text())
    found: dict[str, Row] = {}
    for folder in FOLDERS:
        source = folder.partition("-")[0]
        rows = tomllib.loads((DATA / f"{source}.toml").read_text())
        every = rows.pop("every", {})
        for name, told in rows.items():
            found[f"{source}/{name}"] = _row(f"{source}/{name}", told, general, every)
    return found


def _row(name: str, told: dict[str, Any], *general: Mapping[str, Any]) -> Row:
    patterns = {
        key: frozenset(pattern for each in (*general, told) for pattern in each.get(key, {})) for key in _ALLOWANCES
    }
    plain = {key: value for each in (*general, told) for key, value in each.items() if key not in _ALLOWANCES}
    return Row(
        name,
        **{**plain, **{key: tuple(plain.get(key, ())) for key in ("first", "touched")}},
        allowed=Allowances(**patterns),
    )


def _as_told(row: Row, recording: Recording) -> Any:
    """The recorded answer; objects that a library had taken out of their envelope are put back into one."""
    if row.only:
        kinds = set(row.only.split())
        blocks = [block for block in recording.answer["CDCResponse"][0]["QueryResponse"] if kinds & block.keys()]
        return {**recording.answer, "CDCResponse": [{"QueryResponse": blocks}]}
    if not row.entity:
        return recording.answer
    if isinstance(recording.answer, list):
        return {"QueryResponse": {row.entity: recording.answer}}
    return {row.entity: recording.answer}


@dataclass(frozen=True)
class Replay:
    """A recorded exchange beside what the sandbox answered."""

    row: Row
    recording: Recording
    ours: Answer
    scene: Scene

    @property
    def recorded(self) -> Any:
        """The recorded answer, in our words."""
        return self._in_our_words(_as_told(self.row, self.recording))

    @property
    def said(self) -> Any:
        """Our answer as the recorded one says it: in XML a list of nothing is nothing."""
        return _without_empty_lists(self.ours.body) if self.recording.from_xml else self.ours.body

    def _in_our_words(self, value: Any) -> Any:
        """The recorded texts with our company and address in place of the scrubbed and the real ones."""
        if isinstance(value, dict):
            return {name: self._in_our_words(part) for name, part in value.items()}
        if isinstance(value, list):
            return [self._in_our_words(part) for part in value]
        if isinstance(value, str):
            for theirs, ours in self.scene.own_words.items():
                value = value.replace(theirs, ours)
        return value

    def differences(self, spoilt: Any = None) -> list[Difference]:
        """What is not as recorded and not allowed to be otherwise; of a `spoilt` answer instead of ours."""
        wanted = self.recording.status or self.row.status
        status = [] if self.ours.status == wanted else [Difference("status", "value", wanted, self.ours.status)]
        return status + differences(self.recorded, self.said if spoilt is None else spoilt, self.row.allowed)


def _without_empty_lists(value: Any) -> Any:
    """As XML says it, in which a list of nothing is nothing."""
    if isinstance(value, dict):
        return {name: _without_empty_lists(part) for name, part in value.items() if part != []}
    return [_without_empty_lists(part) for part in value] if isinstance(value, list) else value


def replay(row: Row, scene: Scene) -> Replay:
    """Do the exchange again."""
    known = recordings()
    recording = known[row.name]
    scene.company = row.company
    scene.prefer("preferences", row.preferences)
    scene.prefer("customfields", row.custom_fields)
    scene.custom_fields = row.custom_fields
    for name in row.first:
        settle_all(scene, objects_in(known[f"{row.source}/{name}"].answer))
    _prepare(scene, row, known)
    scene.pass_hours(row.hours_later)
    return Replay(row, recording, WAYS[row.how](scene, row, recording), scene)


def _prepare(scene: Scene, row: Row, known: Mapping[str, Recording]) -> None:
    """What must be there before, made by the bodies that other recordings sent."""
    for named, sender in row.bodies.items():
        kind, identifier = named.split()
        request = known[f"{row.source}/{sender}"].request
        scene.stand(kind, {"Id": identifier}, scene.write(kind, scene._sent(kind, request)))
    for named in row.touched:
        kind, identifier = named.split()
        made = scene.standing_for[kind, identifier]
        for note in ("Touched", made.get("PrivateNote")):
            made = scene.write(kind, {**_known(made), "sparse": True, "PrivateNote": note})
    if row.uploaded:
        upload = known[f"{row.source}/{row.uploaded}"]
        answer = _resend(scene, row, upload)
        made = answer.body["AttachableResponse"][0]["Attachable"]
        scene.stand("Attachable", upload.answer["AttachableResponse"][0]["Attachable"], made)


def settle_all(scene: Scene, found: Iterable[tuple[str, Record]]) -> None:
    """All of them, in the order of their recorded last changes; names before what stands below them."""
    for entity, recorded in sorted(found, key=_age):
        settle(scene, entity, recorded)


def _age(named: tuple[str, Record]) -> tuple[int, str]:
    meta = named[1].get("MetaData") or {}
    moment = meta.get("LastUpdatedTime")
    return int(named[1].get("Level") or 0), str(parse_moment(moment)) if moment else ""


def settle(scene: Scene, entity: str, recorded: Record) -> None:
    """An object like the recorded one, in the state that the recording shows."""
    made = scene.produce(entity, recorded)
    if entity == "Estimate" and recorded.get("LinkedTxn"):
        made = _invoiced(scene, recorded, made)
    for act in (_void, _send, _deactivate, _delete):
        if act.__name__ in _states(recorded):
            made = act(scene, entity, made)
    scene.stand(entity, recorded, made)


def _states(recorded: Record) -> set[str]:
    found = {
        "_void": str(recorded.get("PrivateNote", "")).startswith("Voided"),
        "_send": recorded.get("EmailStatus") == "EmailSent",
        "_deactivate": recorded.get("Active") is False,
        "_delete": recorded.get("status") == "Deleted",
    }
    return {name for name, holds in found.items() if holds}


def _known(made: Record) -> Record:
    return {"Id": made["Id"], "SyncToken": made.get("SyncToken", "0")}


def _void(scene: Scene, entity: str, made: Record) -> Record:
    return scene.write(entity, _known(made), operation="void")


def _delete(scene: Scene, entity: str, made: Record) -> Record:
    return scene.write(entity, _known(made), operation="delete")


def _deactivate(scene: Scene, entity: str, made: Record) -> Record:
    return scene.write(entity, {**made, "Active": False})


def _send(scene: Scene, entity: str, made: Record) -> Record:
    """Sent to whom it was made out, or to the address of the recorded forms."""
    address = (made.get("BillEmail") or {}).get("Address") or "test@intuit.com"
    path = f"{entity.lower()}/{made['Id']}/send?sendTo={address}"
    scene.last = scene.ask("POST", path, b"", content_type="application/octet-stream")
    assert scene.last.status == 200, scene.last.body
    return dict(scene.last.body[entity])


def _invoiced(scene: Scene, recorded: Record, made: Record) -> Record:
    """The estimate after an invoice was made of it."""
    invoice = {name: made[name] for name in ("CustomerRef", "Line")}
    scene.write("Invoice", {**invoice, "LinkedTxn": [{"TxnId": made["Id"], "TxnType": "Estimate"}]})
    return dict(scene.ask("GET", f"estimate/{made['Id']}").body["Estimate"])


def _latest(scene: Scene) -> Answer:
    assert scene.last is not None
    return scene.last


def _produced(scene: Scene, row: Row, recording: Recording) -> list[tuple[str, Record]]:
    replayed = _as_told(row, recording)
    found = list(objects_in(replayed))
    for entity, recorded in found:
        scene.produce(entity, recorded)
    return found


def _resend(scene: Scene, row: Row, recording: Recording) -> Answer:
    """The recorded call, with our ids."""
    kind = next((entity for entity, _ in objects_in(recording.answer)), "")
    body, path = restated(scene, recording.request, kind), translated(scene, recording.at, row.among_ours)
    content_type = "application/json"
    if isinstance(body, bytes):
        content_type = f"multipart/form-data; boundary={body.splitlines()[0].decode()[2:]}"
    return scene.ask(recording.method, path, body, content_type=content_type)


def _create(scene: Scene, row: Row, recording: Recording) -> Answer:
    """The answer to the creation of the recorded object."""
    _produced(scene, row, recording)
    return _latest(scene)


def _acted(act: Callable[[Scene, str, Record], Record]) -> "Way":
    def way(scene: Scene, row: Row, recording: Recording) -> Answer:
        (entity, recorded), *_ = _produced(scene, row, recording)
        act(scene, entity, scene.standing_for[entity, recorded["Id"]])
        return _latest(scene)

    return way


def _read(scene: Scene, row: Row, recording: Recording) -> Answer:
    """The recorded object as it is read later."""
    (entity, recorded), *_ = objects_in(_as_told(row, recording))
    settle(scene, entity, recorded)
    return scene.ask("GET", f"{entity.lower()}/{scene.standing_for[entity, recorded['Id']]['Id']}")


def _query(scene: Scene, row: Row, recording: Recording) -> Answer:
    """The recorded objects as a query answers them, in its own order."""
    found = list(objects_in(_as_told(row, recording)))
    settle_all(scene, found)
    (kind,) = {entity for entity, _ in found}
    if row.statement:
        return scene.ask("POST", "query", row.statement.encode())
    ids = ", ".join(f"'{scene.standing_for[entity, recorded['Id']]['Id']}'" for entity, recorded in found)
    active = "" if kind in _TRANSACTIONS else " AND Active IN (true, false)"
    return scene.ask("POST", "query", f"select * from {kind} where Id in ({ids}){active}".encode())  # noqa: S608


_TRANSACTIONS = (
    "Invoice",
    "CreditMemo",
    "Estimate",
    "SalesReceipt",
    "RefundReceipt",
    "Payment",
    "Attachable",
    "TaxAgency",
)
"""What queries know no Active of."""


def _update(scene: Scene, row: Row, recording: Recording) -> Answer:
    """The recorded object, made with another value of what the row says was changed, and then changed."""
    ((entity, recorded),) = objects_in(_as_told(row, recording))
    made = scene.produce(entity, {**recorded, row.changed: "Before"})
    scene.write(entity, {**_known(made), "sparse": True, row.changed: recorded[row.changed]})
    return _latest(scene)


def _update_single(scene: Scene, row: Row, recording: Recording) -> Answer:
    """An object of which the company has one, written as recorded."""
    ((entity, recorded),) = objects_in(_as_told(row, recording))
    now = scene.ask("GET", entity.lower()).body[entity]
    scene.write(entity, {**scene.request_for(entity, recorded), **_known(now)})
    return _latest(scene)


def _capture(scene: Scene, row: Row, recording: Recording) -> Answer:
    """The recorded objects as change data capture shows them."""
    since = scene.ask("GET", f"companyinfo/{scene.realm}").body["time"]
    found = list(objects_in(_as_told(row, recording)))
    settle_all(scene, found)
    entities = ",".join(dict.fromkeys(entity for entity, _ in found))
    return scene.ask("GET", f"cdc?entities={entities}&changedSince={since}")


def _standing(scene: Scene, row: Row, recording: Recording) -> Answer:
    """What the company has without anybody's making: of each kind as much as was recorded, the first."""
    found = list(objects_in(_as_told(row, recording)))
    (kind,) = {entity for entity, _ in found}
    wanted = f"where Name = '{row.named}'" if row.named else f"maxresults {len(found)}"
    answer = scene.ask("POST", "query", f"select * from {kind} {wanted}".encode())  # noqa: S608
    if "QueryResponse" in _as_told(row, recording):
        return answer
    return Answer(answer.status, {kind: answer.body["QueryResponse"][kind][0], "time": answer.body["time"]})


def _deactivate_standing(scene: Scene, row: Row, recording: Recording) -> Answer:
    """What the company has of the kind, retired."""
    ((kind, _),) = objects_in(recording.answer)
    found = scene.found(kind, "Active = true")
    assert found is not None
    _deactivate(scene, kind, found)
    return _latest(scene)


def _taxservice(scene: Scene, row: Row, recording: Recording) -> Answer:
    """Tax codes and rates of the recorded names, made by the tax service."""
    found = list(objects_in(_as_told(row, recording)))
    (kind,) = {entity for entity, _ in found}
    names = [tax_code(scene, entity, recorded) for entity, recorded in found]
    listed = ", ".join(f"'{name}'" for name in names)
    statement = row.statement or f"select * from {kind} where Name in ({listed})"  # noqa: S608
    answer = scene.ask("POST", "query", statement.encode())
    if "QueryResponse" in _as_told(row, recording):
        return answer
    return Answer(answer.status, {kind: answer.body["QueryResponse"][kind][0], "time": answer.body["time"]})


def _taxservice_answer(scene: Scene, row: Row, recording: Recording) -> Answer:
    """What the tax service itself answers, in the element that XML has around it."""
    ((_, recorded),) = (
        recording.answer.items()
        if "time" not in recording.answer
        else [each for each in recording.answer.items() if each[0] != "time"]
    )
    told = recorded.get("TaxRateDetails") or [recorded]
    details = [{name: each[name] for name in _TOLD_OF_RATES} for each in told]
    given = {
        "TaxCode": recorded.get("TaxCode", "Code"),
        "TaxRateDetails": [{**each, "TaxAgencyId": "1"} for each in details],
    }
    answer = scene.ask("POST", "taxservice/taxcode", given)
    body = {name: value for name, value in answer.body.items() if name != "time"}
    if "TaxRateDetails" in recording.answer:
        return Answer(answer.status, {"TaxRateDetails": body["TaxRateDetails"][0]})
    return Answer(answer.status, {"TaxService": body, "time": answer.body["time"]})


_TOLD_OF_RATES = ("TaxRateName", "RateValue", "TaxApplicableOn")


def _uploaded(scene: Scene, row: Row, recording: Recording) -> Answer:
    """A file of the recorded name and type, uploaded."""
    ((_, recorded),) = objects_in(recording.answer)
    facts = {name: recorded[name] for name in ("FileName", "ContentType", "Note") if name in recorded}
    boundary = "a-boundary"
    parts = (("metadata", "application/json", json.dumps(facts)), ("content", recorded["ContentType"], "content"))
    lines = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="file_{name}_01"; filename="file"\r\n'
        f"Content-Type: {sort}\r\n\r\n{text}\r\n"
        for name, sort, text in parts
    ]
    body = "".join([*lines, f"--{boundary}--\r\n"]).encode()
    return scene.ask("POST", "upload", body, content_type=f"multipart/form-data; boundary={boundary}")


def _uploaded_query(scene: Scene, row: Row, recording: Recording) -> Answer:
    made = _uploaded(scene, row, recording).body["AttachableResponse"][0]["Attachable"]
    return scene.ask("POST", "query", f"select * from Attachable where Id = '{made['Id']}'".encode())  # noqa: S608


def _captured_object(scene: Scene, row: Row, recording: Recording) -> Answer:
    """The object alone out of what change data capture shows."""
    answer = _capture(scene, row, recording)
    kind = next(iter(recording.answer))
    return Answer(answer.status, {kind: answer.body["CDCResponse"][0]["QueryResponse"][0][kind][0]})


def _throttled(scene: Scene, row: Row, recording: Recording) -> Answer:
    """One call more than a minute allows."""
    scene.doors.ask("PUT", "/limits/quickbooks", {"on": True, "realm_per_minute": 1})
    answers = [scene.ask("GET", f"companyinfo/{scene.realm}") for _ in range(2)]
    scene.doors.ask("PUT", "/limits/quickbooks", {"on": False, "realm_per_minute": 500})
    return answers[-1]


def _refusals(scene: Scene, row: Row, recording: Recording) -> Answer:
    """The details of several refusals, as the recording lists them."""
    answers = [scene.ask(each["method"], each["path"], each["body"]) for each in row.faults]
    details = [answer.body["Fault"]["Error"][0]["Detail"] for answer in answers]
    return Answer(answers[-1].status, [details])


def _call(scene: Scene, row: Row, recording: Recording) -> Answer:
    """A call that the row tells: method, path and body, with `{Kind}` for the id of our first object of the kind."""
    ids = {entity: made["Id"] for (entity, _), made in reversed(scene.standing_for.items())}
    path = row.call["path"].format_map({**ids, "realm": scene.realm})
    body = row.call.get("body")
    if "known" in row.call:
        made = next(made for (entity, _), made in scene.standing_for.items() if entity == row.call["known"])
        body = {**_known(made), **body}
    if isinstance(body, str):
        body = body.encode()
    return scene.ask(row.call.get("method", "GET"), path, body, row.call.get("token"))


def _documented_capture(scene: Scene, row: Row, recording: Recording) -> Answer:
    """Change data capture of a customer, and of an estimate with a deleted one."""
    since = scene.ask("GET", f"companyinfo/{scene.realm}").body["time"]
    scene.produce("Customer", {"Id": "1", "DisplayName": "Somebody"})
    kept, gone = (scene.produce("Estimate", {**DERIVATION["minimum"]["Estimate"], "Id": each}) for each in "12")
    _delete(scene, "Estimate", gone)
    assert kept["Id"] != gone["Id"]
    return scene.ask("GET", f"cdc?entities=Customer,Estimate&changedSince={since}")


def _poisoned(scene: Scene, row: Row, recording: Recording) -> Answer:
    poison(scene)
    return _call(scene, row, recording)


def _stopped(how: str) -> "Way":
    def way(scene: Scene, row: Row, recording: Recording) -> Answer:
        stop(scene, how)
        return _call(scene, row, recording)

    return way


def _ordered(scene: Scene, row: Row, recording: Recording) -> Answer:
    """What a ready fault answers, which the row names."""
    order(scene, row.named)
    return _call(scene, row, recording)


def _doors(scene: Scene, row: Row, recording: Recording) -> Answer:
    """Several answers of the OAuth pages, by what was asked."""
    answers = {name: door(scene, call) for name, call in row.call.items()}
    return Answer(
        max(answer.status for answer in answers.values()), {name: each.body for name, each in answers.items()}
    )


Way = Callable[[Scene, Row, Recording], Answer]
WAYS: Mapping[str, Way] = {
    "resend": _resend,
    "create": _create,
    "read": _read,
    "query": _query,
    "update": _update,
    "update_single": _update_single,
    "void": _acted(_void),
    "send": _acted(_send),
    "delete": _acted(_delete),
    "deactivate": _acted(_deactivate),
    "capture": _capture,
    "standing": _standing,
    "deactivate_standing": _deactivate_standing,
    "taxservice": _taxservice,
    "taxservice_answer": _taxservice_answer,
    "taxservice_part": _taxservice_answer,
    "uploaded_answer": _uploaded,
    "uploaded_query": _uploaded_query,
    "captured_object": _captured_object,
    "throttled": _throttled,
    "faults": _refusals,
    "call": _call,
    "capture_documented": _documented_capture,
    "poisoned": _poisoned,
    "revoked": _stopped("revoke"),
    "ordered": _ordered,
    "door": lambda scene, row, _recording: door(scene, row.call),
    "doors": _doors,
    "merge_told": lambda scene, _row, _recording: merged(scene),
    "account_told": lambda scene, _row, _recording: account_made(scene),
    "catalogue": lambda _scene, row, recording: catalogue(recording, row.held_by),
}
