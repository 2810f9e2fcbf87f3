"""Where lines may end: never within an amount, and in a long word at its signs; for pictures, pages and terminals."""

from __future__ import annotations

import re

TOGETHER = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<=\d) (?=%)",
        r"(?<=\d) (?=(?:thousand|million|billion|trillion|bn|k|m)\b)",
        r"(?<=\b[A-Z]{3}) (?=[−-]?\d)",
        r" (?=± )|(?<=±) ",
        r"(?<=\d) (?=\(\d)",
        r"(?<=\d) (?=of [\d,]+\b)|(?<=\d of) (?=\d)",
    )
)
"""Spaces at which no line ends: within an amount, a share, a count of a whole."""

BRACKETED = re.compile(r"\([^()]{1,16}\)")
"""Few words in brackets, which stay on a line."""


def together(text: str) -> str:
    """Text with spaces that keep amounts, shares and few words in brackets on one line."""
    for space in TOGETHER:
        text = space.sub("\u00a0", text)
    return BRACKETED.sub(lambda found: found.group().replace(" ", "\u00a0"), text)


def parts(word: str) -> list[str]:
    """Parts of a long word, a path or an address, each with the sign that it ends with: where a line may end."""
    return re.findall(r"[^._/=:,;&?-]*[._/=:,;&?-]+|[^._/=:,;&?-]+", word)
