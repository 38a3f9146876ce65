"""Uploading files: `/upload` with a part of facts and a part of content for each (quickbooks.md 9)."""

import re

import msgspec

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.attachments import hang_file
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.engine import check_subscription, submit
from ledgerbridge_sandbox.quickbooks.faults import Fault
from ledgerbridge_sandbox.quickbooks.money import Record, decode_record, encode
from ledgerbridge_sandbox.quickbooks.multipart import Part, read_parts
from ledgerbridge_sandbox.quickbooks.schema import KINDS
from ledgerbridge_sandbox.quickbooks.xml_reading import is_xml, read_object

_PART = re.compile(r"file_(metadata|content)_(\w+)")
_MOST_BYTES = 100 * 1024 * 1024


def answer_upload(company: Company, content_type: str, body: bytes) -> bytes:
    """The JSON below `AttachableResponse`: each file's attachment, or its fault under HTTP 200 (recorded).

    Raises 2010 for a body that is no multipart and 2020 without any content (guesses).
    """
    check_subscription(company)
    facts: dict[str, Part] = {}
    contents: dict[str, Part] = {}
    for part in read_parts(content_type, body):
        found = _PART.fullmatch(part.name)
        if found:
            (facts if found[1] == "metadata" else contents)[found[2]] = part
    if not contents:
        raise faults.required("file_content")
    return b"[%s]" % b",".join(_answer_file(company, facts.get(key), part) for key, part in contents.items())


def _answer_file(company: Company, facts: Part | None, content: Part) -> bytes:
    try:
        return b'{"Attachable":%s}' % encode(_uploaded(company, facts, content))
    except Fault as fault:
        return b'{"Fault":%s}' % msgspec.json.encode(fault.document())


def _uploaded(company: Company, facts: Part | None, content: Part) -> Record:
    if len(content.content) > _MOST_BYTES:
        raise faults.business("The file is larger than 100 MB.")  # guess at code and words; the limit is documented
    given = _facts(facts) if facts else {}
    # Guess: an upload always makes an attachment of its own, whatever Id its facts bear.
    given = {name: value for name, value in given.items() if name not in {"Id", "SyncToken"}}
    given["FileName"] = given.get("FileName") or content.filename
    given["ContentType"] = given.get("ContentType") or content.content_type
    if not given["FileName"]:
        raise faults.required("FileName")
    made = hang_file(company, submit(company, KINDS["Attachable"], given), content.content)
    # The address of the smaller picture comes later (recorded).
    return {name: value for name, value in made.items() if name != "ThumbnailTempDownloadUri"}


def _facts(part: Part) -> Record:
    if is_xml(part.content_type):
        return read_object("Attachable", part.content)
    return decode_record(part.content)
