"""A state as a chip shows it: always icon, words and colour together."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Chip:
    """`style` is the class in the style sheet, `icon` one of `parts.html`."""

    key: str
    words: str
    style: str
    icon: str
