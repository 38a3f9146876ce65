"""The recorded exchanges: each with its name, and as JSON whatever it was recorded in."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from specs_folder import SAMPLES
from xml_as_json import read_xml

CASSETTES = "minimul-qbo_api/json"
FOLDERS = (
    CASSETTES,
    "Boulevard-ExQuickBooks/fixtures",
    "fylein-fyle-qbo-api",
    "intuit-QuickBooks-V3-DotNET-SDK/oauth2",
    "quoted",
    "ruckus-quickbooks-ruby/fixtures",
)
_ENVELOPES = {"QueryResponse", "CDCResponse", "BatchItemResponse", "AttachableResponse", "Fault", "fault"}


@dataclass(frozen=True)
class Recording:
    """
    One exchange, or what an author kept of one. `name` is the file below its folder, with the place in a cassette.

    `method`, `address` and `request` are empty where only an answer was kept; `status` is 0 where it was not told.
    """

    source: str
    name: str
    answer: Any
    status: int = 0
    method: str = ""
    address: str = ""
    request: Any = None
    from_xml: bool = False

    @property
    def at(self) -> str:
        """The address after the company's id, or after /v3 where the author scrubbed it out."""
        return re.sub(r"https://[^/]*/v3/(company/-COMPANY_ID-/)?", "", self.address)


def recordings() -> dict[str, Recording]:
    """All of them by `source/name`, in the order of their names."""
    found = [each for folder in FOLDERS for each in _in_folder(folder)]
    return {f"{each.source}/{each.name}": each for each in found}


def _in_folder(folder: str) -> Iterator[Recording]:
    for path in sorted((SAMPLES / folder).rglob("*.*")):
        name = str(path.relative_to(SAMPLES / folder))
        source = folder.partition("-")[0]
        if folder == CASSETTES:
            yield from _cassette(source, path)
        elif path.suffix == ".xml":
            tag, answer = read_xml(path.read_text(encoding="utf-8"))
            yield Recording(source, name, answer if tag == "IntuitResponse" else {tag: answer}, from_xml=True)
        else:
            yield _document(source, name, _read(path))


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal)


def _cassette(source: str, path: Path) -> Iterator[Recording]:
    for place, each in enumerate(_read(path)):
        yield Recording(
            source,
            f"{path.name}#{place}",
            each["response_body"],
            each["status"],
            each["method"],
            each["uri"],
            each.get("request_body"),
        )


def _document(source: str, name: str, content: Any) -> Recording:
    """A bare answer, or one inside what was noted about its HTTP."""
    if isinstance(content, dict) and "http" in content:
        return Recording(source, name, content["body"], content["http"].get("status", 0))
    return Recording(source, name, content)
