"""Names in any script: fonts that have their letters, the way in which they are read, what no font has.

An SVG keeps its text, and whoever shows it looks for the fonts. A PNG is drawn here, with whatever is installed; the
bundled font has Latin, Greek, Cyrillic, Arabic and Hebrew letters, and others are looked for only where it lacks one.
"""

from __future__ import annotations

import functools
import os
import re
import unicodedata
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sim.errors import MissingGlyphs

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontEntry
    from matplotlib.text import Text

STACK = ["DejaVu Sans", "Verdana", "Noto Sans", "Segoe UI", "Arial", "sans-serif"]
"""The first is bundled with matplotlib and decides how much room text takes; Verdana, which many have, is as wide."""

BOXES = ("Last Resort", ".LastResort", "Adobe Blank", "Adobe NotDef")
"""Beginnings of names of fonts that claim every letter and draw none."""

MOST_NAMED = 12
"""Letters without a font that are named; the rest is counted."""

OPEN, CLOSE, FROM_LEFT = "\u2067", "\u2069", "\u200e"
"""Right-to-left isolate and its end; the mark that makes a line one that is read from the left."""

_RIGHT = ("R", "AL")
_QUOTED = re.compile("“[^“”]*”")
_MARKS = re.compile(f"[{OPEN}{CLOSE}{FROM_LEFT}]")


def fit(figure: Figure, *, isolate: bool) -> str:
    """Give each text of a figure fonts that have its letters, and keep what is read from the right to itself.

    Parameters
    ----------
    isolate
        Whether what draws the texts knows the marks for what is read from the right; else they are left out.

    Returns
    -------
    str
        Letters that no installed font has, each once, in order.
    """
    from matplotlib.axis import Axis
    from matplotlib.text import Text
    from matplotlib.ticker import FixedLocator

    for axis in figure.findobj(Axis):
        if isinstance(axis.get_major_locator(), FixedLocator):  # its names are written anew whenever it is drawn
            names = [label.get_text() for label in axis.get_majorticklabels()]
            if (shown := [isolated(name, isolate) for name in names]) != names:
                axis.set_ticklabels(shown)
    missing: set[str] = set()
    for text in figure.findobj(Text):
        words = text.get_text()
        if not words.isascii():
            if (marked := isolated(words, isolate)) != words:
                text.set_text(marked)
            missing |= _fit(text, words)
    return "".join(sorted(missing))


def knows_isolates() -> bool:
    """Whether matplotlib itself sets text that is read from the right: from 3.11 on, which has Raqm."""
    from matplotlib import ft2font

    return hasattr(ft2font, "__libraqm_version__")


def tell(missing: str) -> None:
    """Warn of letters that a picture has as boxes; says nothing where there are none."""
    if missing:
        named = " ".join(missing[:MOST_NAMED])
        more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
        warnings.warn(
            f"no installed font has {named}{more}: boxes in a PNG; install a font that has them, or write SVG, which "
            "leaves fonts to whoever shows it",
            MissingGlyphs,
            stacklevel=3,
        )


def isolated(text: str, isolate: bool = True) -> str:
    """Text in which what is read from the right stands by itself, line by line, so that it turns nothing around.

    What is quoted is a name and stays whole; elsewhere a stretch reaches from the first letter that is read from the
    right to the last one, and takes a number at the end of its part of the line with it.
    """
    text = _MARKS.sub("", text)
    if text.isascii() or not isolate:
        return text
    return "\n".join(_isolated(line) for line in text.split("\n"))


def _isolated(line: str) -> str:
    if not _from_right(line):
        return line
    done, at = [FROM_LEFT], 0
    for quoted in (*_QUOTED.finditer(line), None):
        before = line[at : quoted.start() if quoted else len(line)]
        done += [_stretch(part) for part in re.split("([\u00a0 ]· |[:;] |[“”])", before)]
        if quoted:
            inner = quoted.group()[1:-1]
            done.append(f"“{OPEN}{inner}{CLOSE}”" if _from_right(inner) else quoted.group())
            at = quoted.end()
    return "".join(done)


def _stretch(part: str) -> str:
    places = [k for k, letter in enumerate(part) if unicodedata.bidirectional(letter) in _RIGHT]
    if not places:
        return part
    first, end = places[0], places[-1] + 1
    while end < len(part) and unicodedata.combining(part[end]):
        end += 1
    end += part[first:end].count("(") > part[first:end].count(")") and part[end : end + 1] == ")"
    number = re.match(r"[\s-]*\d[\d.,]*\s*$", part[end:])
    end += len(number.group().rstrip()) if number else 0
    return f"{part[:first]}{OPEN}{part[first:end]}{CLOSE}{part[end:]}"


def _from_right(text: str) -> bool:
    return any(unicodedata.bidirectional(letter) in _RIGHT for letter in text)


def _fit(text: Text, words: str) -> set[str]:
    """Add families to a text's own, as far as these lack its letters; gives letters that are nowhere."""
    from matplotlib.font_manager import findfont

    own = [family for family in text.get_fontfamily() if family not in _found.values()]
    text.set_fontfamily(own)
    lacking = {letter for letter in words if _is_drawn(letter)}
    lacking -= _covered(findfont(text.get_fontproperties()), lacking)
    if lacking:
        _look_for(lacking)
        families = dict.fromkeys(_found[letter] for letter in sorted(lacking) if _found[letter])
        text.set_fontfamily([*own, *families])
    return {letter for letter in lacking if not _found[letter]}


def _is_drawn(letter: str) -> bool:
    return unicodedata.category(letter) not in ("Cc", "Cf", "Zs") and not "\ufe00" <= letter <= "\ufe0f"


_found: dict[str, str] = {}
"""Family by letter that the bundled font lacks; empty where none has it."""


def _look_for(letters: set[str]) -> None:
    """Find families for letters, few for many: again and again the one that has most of what is left."""
    left = {letter for letter in letters if letter not in _found}
    if not left:
        return
    covers = [(entry.name, _covered(entry.fname, left)) for entry in _candidates()]
    known = set(_found.values())
    while left:
        # Of equals one that is in use already, else the first in order.
        name, most = max(covers, key=lambda one: (len(one[1] & left), one[0] in known), default=("", set()))
        if not most & left:
            break
        _found.update(dict.fromkeys(most & left, name))
        left -= most
    _found.update(dict.fromkeys(left, ""))


def _candidates() -> list[FontEntry]:
    """One upright font of each family that is installed; those without serifs first."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    # What was installed since matplotlib last looked is not in its list.
    known = {os.path.realpath(entry.fname) for entry in fontManager.ttflist}
    for file in sorted(findSystemFonts()):
        if os.path.realpath(file) not in known:
            try:
                fontManager.addfont(file)
            except (OSError, RuntimeError, ValueError, UnicodeDecodeError):  # no font, or of a kind that is not read
                continue
    families: dict[str, FontEntry] = {}
    for entry in sorted(fontManager.ttflist, key=_rank):
        if entry.style == "normal" and entry.size == "scalable" and not entry.name.startswith(BOXES):
            families.setdefault(entry.name, entry)
    return list(families.values())


def _rank(entry: FontEntry) -> tuple[Any, ...]:
    name = entry.name
    off = sum(word in name for word in ("Mono", "Serif", "Emoji", "Display", "Condensed"))
    plain = ("Noto Sans" not in name) + ("Sans" not in name and "Gothic" not in name)
    weight = entry.weight if isinstance(entry.weight, int) else 400
    return off, plain, name, abs(weight - 400), entry.fname


def _covered(file: str, letters: Iterable[str]) -> frozenset[str]:
    """Letters that a font has; none where it cannot be read."""
    index = _index(file)
    return frozenset(letter for letter in letters if index is not None and index(ord(letter)))


@functools.lru_cache(maxsize=8)
def _index(file: str) -> Any:
    from matplotlib.ft2font import FT2Font

    try:
        return FT2Font(os.fspath(file)).get_char_index
    except (OSError, RuntimeError):
        return None
