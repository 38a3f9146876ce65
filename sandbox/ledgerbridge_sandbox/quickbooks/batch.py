"""Batches: up to thirty independent items, a fault of one never fails the others (quickbooks.md 12)."""

from collections.abc import Mapping
from typing import Any

import msgspec

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.capture import captured_in_batch
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.engine import submit
from ledgerbridge_sandbox.quickbooks.faults import Fault
from ledgerbridge_sandbox.quickbooks.money import Record, encode
from ledgerbridge_sandbox.quickbooks.querying import answer_query
from ledgerbridge_sandbox.quickbooks.schema import KINDS
from ledgerbridge_sandbox.quickbooks.showing import shown

MOST = 30
_NOT_ENTITIES = {"bId", "operation", "optionsData", "Query"}


def answer_batch(company: Company, given: Record) -> bytes:
    """The JSON below `BatchItemResponse`. Raises the fault of a batch that is none or too large."""
    items = given.get("BatchItemRequest")
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        raise Fault("2010", "MalformedRequest", "MalformedRequest", element="")
    if len(items) > MOST:
        # Guess at the words; the code is reported (quickbooks.md 12).
        raise Fault("1040", "Batch size exceeded", f"The number of batch items exceeds the limit of {MOST}")
    return b"[%s]" % b",".join(_answer_item(company, item, at) for at, item in enumerate(items))


def _answer_item(company: Company, item: Mapping[str, Any], at: int) -> bytes:
    identifier = msgspec.json.encode(item.get("bId"))
    before = company.switches["batch_items_before_throttle"]
    try:
        if before and at >= before:
            raise faults.throttled()
        part = _part(company, item)
    except Fault as fault:
        part = b'"Fault":%s' % msgspec.json.encode(fault.document())
    return b'{%s,"bId":%s}' % (part, identifier)


def _part(company: Company, item: Mapping[str, Any]) -> bytes:
    if "Query" in item:
        return b'"QueryResponse":%s' % answer_query(company, str(item["Query"]))
    if "CDCQuery" in item:
        return b'"CDCResponse":%s' % captured_in_batch(company, item["CDCQuery"])
    entity = next((name for name in item if name not in _NOT_ENTITIES), "")
    if entity not in KINDS or not isinstance(item[entity], dict):
        raise faults.unsupported(entity or "nothing")
    options = frozenset(str(item.get("optionsData") or "").lower().replace(" ", "").split(","))
    done = submit(company, KINDS[entity], item[entity], str(item.get("operation") or ""), options)
    return b'"%s":%s' % (entity.encode(), shown(company, entity, encode(done)))
