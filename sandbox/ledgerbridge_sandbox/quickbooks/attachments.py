"""Notes and files that hang on other objects (quickbooks.md 9)."""

from collections.abc import Mapping
from typing import Any

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.file_addresses import placeholder
from ledgerbridge_sandbox.quickbooks.money import Record
from ledgerbridge_sandbox.quickbooks.references import identifier_of
from ledgerbridge_sandbox.quickbooks.schema import KINDS, kind_called

THUMBNAIL = "attachable-thumbnail"
_LIMITS = {
    "FileName": 1000,
    "Note": 2000,
    "Category": 100,
    "ContentType": 100,
    "PlaceName": 2000,
    "Long": 100,
    "Lat": 100,
    "Tag": 2000,
}
_CATEGORIES = {"Contact Photo", "Document", "Image", "Receipt", "Signature", "Sound", "Other"}
_LINK_FIELDS = ("EntityRef", "LineInfo", "IncludeOnSend", "NoRefOnly", "Inactive", "CustomField", "AttachableRefEx")


def prepare_attachable(company: Company, record: Record, old: Record | None, _given: Mapping[str, Any]) -> Record:
    """The note or file's facts as they will be stored.

    Guess: a file keeps name and type when a full update leaves them out. Raises 2020 for what is neither note nor file
    (element is a guess), 2050, 2170 for a category that is none, 6000 for a link to what is not there (recorded).
    """
    for field in ("FileName", "ContentType"):
        if old is not None and old.get("Size") is not None and old.get(field):
            record.setdefault(field, old[field])
    if not record.get("Note") and not record.get("FileName"):
        raise faults.required("Note")
    for field, limit in _LIMITS.items():
        if len(str(record.get(field) or "")) > limit:
            raise faults.too_long(field, limit)
    if record.get("Category") not in {None, *_CATEGORIES}:
        raise faults.enumeration_invalid(record["Category"])
    links = [_link(company, link) for link in record.pop("AttachableRef", None) or ()]
    return {**record, "AttachableRef": links} if links else record


def _link(company: Company, given: Mapping[str, Any]) -> Record:
    for name in given:
        if name not in _LINK_FIELDS:
            raise faults.unknown_property(name, "AttachableRef", _LINK_FIELDS)
    reference = given.get("EntityRef")
    identifier = identifier_of(reference)
    if not isinstance(reference, dict) or identifier is None:
        raise faults.required("AttachableRef.EntityRef")
    told = str(reference.get("type") or "")
    kind = kind_called(told)
    if kind is None or company.get(kind.name, identifier) is None:
        missing = f"{told} {identifier}"
        raise faults.business(f"The entity {missing} that you are trying to link does not exist. {missing}")
    line = {"LineInfo": given["LineInfo"]} if given.get("LineInfo") else {}
    sent = given.get("IncludeOnSend") is True
    return {"EntityRef": {"value": identifier, "type": kind.name}, "IncludeOnSend": sent, **line}


def hang_file(company: Company, record: Record, content: bytes) -> Record:
    """Give a new attachment its file."""
    company.files[record["Id"]] = content
    record["FileAccessUri"] = f"/v3/company/{company.realm}/download/{record['Id']}"
    record["TempDownloadUri"] = placeholder(record["Id"])
    record["Size"] = len(content)
    if str(record.get("ContentType") or "").startswith("image/"):
        # The sandbox draws no smaller picture: the thumbnail is the picture itself.
        record["ThumbnailFileAccessUri"] = f"/v3/company/{company.realm}/{THUMBNAIL}/{record['Id']}"
        record["ThumbnailTempDownloadUri"] = placeholder(record["Id"])
    return company.keep(KINDS["Attachable"], record, None, bump=False)
