"""Requests in XML that are broken in every way: never a breakdown, always a fault as QuickBooks writes it, in XML."""

import random
from xml.etree import ElementTree as ET

import pytest

from .conftest import Company

NAMESPACE = "http://schema.intuit.com/finance/v3"
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
PIECES = (
    *(
        "<",
        ">",
        "/",
        "&",
        '"',
        "\x00",
        "]]>",
        "<!--",
        "-->",
        "<?x y?>",
        "<![CDATA[x]]>",
        "&#0;",
        "&lt;",
        "<!DOCTYPE a>",
    ),
    *("<Line>", "</Line>", "<Line>text</Line>", "<any/>", "<Invoice/>", '<a xmlns="u"/>', "<Id>1</Id>", "<Fault/>"),
    *(f"<Line {XSI} xsi:nil='true'/>", f"<Line {XSI} xsi:type='Invoice'/>", f"<Line {XSI} xsi:type=':'/>"),
    *("<LineEx><NameValue><Name>a</Name></NameValue></LineEx>", "<LineEx>x</LineEx>", "<IntuitObject/>"),
    *("<CustomerRef><x/></CustomerRef>", "<Amount><x/></Amount>", "<Active>2</Active>", "<CustomField/>"),
)
TIMES = 400


def _broken(chance: random.Random, document: str) -> bytes:
    """Some characters taken out and some pieces put in, at any place or behind a tag."""
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(document))
        if chance.random() < 0.3:
            document = document[:at] + document[at + chance.randint(1, 30) :]
            continue
        at = document.find(">", at) + 1 if chance.random() < 0.5 else at
        document = document[:at] + chance.choice(PIECES) + document[at:]
    body = document.encode()
    return body if chance.random() < 0.95 else body[:20] + b"\xff" + body[20:]


@pytest.mark.parametrize("path", ["invoice", "batch", "upload"])
async def test_broken_xml_never_breaks_the_service(automated: Company, path: str) -> None:
    chance = random.Random(path)  # noqa: S311 (the same at each run)
    made = await automated.invoice("1", "100.5", CustomerMemo={"value": "Thanks"})
    read = await automated.api.get(
        f"/v3/company/{automated.realm}/invoice/{made['Id']}", headers={"accept": "text/xml"}
    )
    start, end = read.text.index("<Invoice "), read.text.index("</IntuitResponse>")
    invoice = f'<Invoice xmlns="{NAMESPACE}" sparse="true" ' + read.text[start + len("<Invoice ") : end]
    item = f'<BatchItemRequest bId="a" operation="update">{invoice}</BatchItemRequest>'
    document = f'<IntuitBatchRequest xmlns="{NAMESPACE}">{item}</IntuitBatchRequest>' if path == "batch" else invoice
    seen = set()
    for _ in range(TIMES):
        body, headers = _broken(chance, document), {"content-type": "application/xml", "accept": "application/xml"}
        if path == "upload":
            head = b'--b\r\nContent-Disposition: form-data; name="file_metadata_0"\r\nContent-Type: text/xml\r\n\r\n'
            body = head + body + b'\r\n--b\r\nContent-Disposition: form-data; name="file_content_0"\r\n\r\nx\r\n--b--'
            headers["content-type"] = "multipart/form-data; boundary=b"
        answer = await automated.api.post(f"/v3/company/{automated.realm}/{path}", content=body, headers=headers)
        root = ET.fromstring(answer.text)  # noqa: S314 (the sandbox's own)
        assert (root.tag, answer.headers["content-type"][:15]) == (f"{{{NAMESPACE}}}IntuitResponse", "application/xml")
        seen.add(answer.status_code)
    assert seen <= {200, 400}
    assert 400 in seen or path == "upload"
