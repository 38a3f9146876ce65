"""A PDF 1.4 file of text on pages, written by hand: two standard fonts, rules, no compression.

Letters that these fonts do not have (they know those of Western Europe) lose their accents, else become question marks.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

_PLAIN, _BOLD = "F1", "F2"
_FONTS = {_PLAIN: "Helvetica", _BOLD: "Helvetica-Bold"}
# Widths of Helvetica's digits and punctuation are the same in both; of all others a mean is good enough to align.
_WIDTHS = {**dict.fromkeys("0123456789", 0.556), ".": 0.278, ",": 0.278, "-": 0.333, " ": 0.278}
_MEAN_WIDTH = 0.556


@dataclass
class Page:
    """One page; places are in points from its lower left corner."""

    marks: list[bytes] = field(default_factory=list)

    def write(
        self, x: float, y: float, text: str, *, size: float = 10, bold: bool = False, right: bool = False
    ) -> None:
        """Text that begins, or with `right` ends, at that place."""
        start = x - _width(text) * size if right else x
        font = (_BOLD if bold else _PLAIN).encode()
        self.marks.append(b"BT /%s %g Tf %.2f %.2f Td (%s) Tj ET" % (font, size, start, y, _escaped(text)))

    def rule(self, left: float, right: float, y: float) -> None:
        """A thin line across."""
        self.marks.append(b"0.5 w %.2f %.2f m %.2f %.2f l S" % (left, y, right, y))


def _width(text: str) -> float:
    return sum(_WIDTHS.get(letter, _MEAN_WIDTH) for letter in text)


def _escaped(text: str) -> bytes:
    encoded = b"".join(_encoded(letter) for letter in text)
    return encoded.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _encoded(letter: str) -> bytes:
    try:
        return letter.encode("cp1252")
    except UnicodeEncodeError:
        bare = unicodedata.normalize("NFKD", letter)[0]
        return bare.encode("cp1252", "replace")


def document(pages: Sequence[Page], size: tuple[int, int], title: str) -> bytes:
    """The file. Objects: 1 catalogue, 2 pages, 3 and 4 fonts, 5 information, then each page with its content."""
    numbers = [6 + 2 * at for at in range(len(pages))]
    kids = b" ".join(b"%d 0 R" % number for number in numbers)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d /MediaBox [0 0 %d %d] >>" % (kids, len(pages), *size),
        *(_font(name) for name in _FONTS.values()),
        b"<< /Title (%s) /Producer (Ledgerbridge sandbox) >>" % _escaped(title),
    ]
    for number, page in zip(numbers, pages, strict=True):
        resources = b"<< /Font << /F1 3 0 R /F2 4 0 R >> >>"
        objects.append(b"<< /Type /Page /Parent 2 0 R /Contents %d 0 R /Resources %s >>" % (number + 1, resources))
        stream = b"\n".join(page.marks)
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    return _file(objects)


def _font(name: str) -> bytes:
    return b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>" % name.encode()


def _file(objects: Sequence[bytes]) -> bytes:
    body, places = bytearray(b"%PDF-1.4\n"), []
    for number, each in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    start = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    body += b"".join(b"%010d 00000 n \n" % place for place in places)
    body += b"trailer\n<< /Size %d /Root 1 0 R /Info 5 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(body)
