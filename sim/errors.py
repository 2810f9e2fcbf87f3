"""What goes wrong on the user's side, told so that it can be put right: where, what was found, what is allowed.

One :class:`Problem` is one refusal; the same object is text for a terminal, data for ``--json`` and the content of an
exception in Python. Whatever comes out of a stranger's file is made inert before it is shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

SHOWN = 20
"""How many problems of a file are shown; the rest is counted."""

_WIDEST = 120  # columns of a source line that are shown, cut around the caret
_CONTROL = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # control, format, surrogate, private, unassigned, line breaks


_UNSEEN = re.compile(r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
"""Letters and marks that are not seen: Unicode's Default_Ignorable_Code_Point beyond the categories above."""

_OF_EMOJI = ("\ufe0e", "\ufe0f")
"""What says whether the symbol before it is drawn as text or in colours."""


def _visible(character: str, before: str = "") -> str:
    if unicodedata.category(character) not in _CONTROL and not _UNSEEN.match(character):
        return character
    if character in _OF_EMOJI and before and unicodedata.category(before).startswith("S"):
        return character
    code = ord(character)
    if character in "\t\n\r":
        return {"\t": r"\t", "\n": r"\n", "\r": r"\r"}[character]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def inert(text: str, limit: int | None = None) -> str:
    """Spell out what acts on a terminal, or is not seen on it; cut the text to ``limit`` characters."""
    cut = text if limit is None or len(text) <= limit else text[: limit - 1] + "…"
    return cut if cut.isascii() and cut.isprintable() else "".join(map(_visible, cut, ("", *cut)))


def is_seen(text: str) -> bool:
    """Whether all of a text is seen where it is shown, and none of it acts there."""
    return text.isprintable() and not _UNSEEN.search(text)


def _width(character: str) -> int:
    """Columns of a terminal that a visible character takes."""
    if unicodedata.category(character) in ("Mn", "Me") or "\u1160" <= character <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _cells(text: str) -> list[tuple[str, int]]:
    """Each character as it is shown, with its width in columns."""
    shown = map(_visible, text, ("", *text))
    return [(text_, sum(map(_width, text_))) for text_ in shown]


def excerpt(line: str, column: int) -> tuple[str, str]:
    """A source line and, below it, the caret under a column (from 1), both cut to a width that a terminal shows."""
    at = max(column - 1, 0)
    first = max(0, at - _WIDEST)
    before = _cells(line[first:at])
    after = _cells(line[at : at + _WIDEST])
    total = sum(width for _, width in before) + sum(width for _, width in after)
    if first > 0 or total > _WIDEST or at + _WIDEST < len(line):
        width = sum(width for _, width in before)
        cut = first > 0
        while before and width > _WIDEST // 2:
            width -= before.pop(0)[1]
            cut = True
        while before and before[0][1] == 0:  # a mark whose letter was cut away would hang on the sign for the cut
            before.pop(0)
        if cut:
            before.insert(0, ("…", 1))
        room = _WIDEST - width
        kept = 0
        while kept < len(after) and room >= after[kept][1]:
            room -= after[kept][1]
            kept += 1
        if kept < len(after) or at + _WIDEST < len(line):
            after = [*after[:kept], ("…", 1)]
    shown = "".join(text for text, _ in before) + "".join(text for text, _ in after)
    return shown, " " * sum(width for _, width in before) + "^"


def _place(file: str, line: int | None, column: int | None) -> str:
    name = inert(file, 200)
    return name if line is None else f"{name}:{line}:{column}"


@dataclass(frozen=True)
class Problem:
    """One refusal.

    Attributes
    ----------
    file : str
        Name of the file in which the value stands; ``--set path=value`` or ``set={path: value}`` for an override,
        ``<dict>`` for Python data.
    line, column : int or None
        Position from 1, in characters; None where there is no text.
    path : str
        Dotted path of the value within the scenario; empty for the whole.
    found, allowed : str
        What was found, and what may stand there.
    nearest : str or None
        The known name that comes nearest to a misspelt one.
    help : str or None
        One line on how to put it right.
    source_line : str or None
        The line of text in which the value stands.
    """

    file: str
    line: int | None
    column: int | None
    path: str
    found: str
    allowed: str = ""
    nearest: str | None = None
    help: str | None = None
    source_line: str | None = None

    @property
    def place(self) -> str:
        """``file:line:col``; the file alone where there is no text."""
        return _place(self.file, self.line, self.column)

    @property
    def message(self) -> str:
        """Where, what was found, what is allowed and the nearest name, in one line."""
        parts = [inert(self.found)]
        if self.allowed:
            parts.append(f"allowed: {inert(self.allowed)}")
        if self.nearest is not None:
            parts.append(f"nearest: {inert(self.nearest)}")
        path = f"{inert(self.path, 300)}: " if self.path else ""
        return f"{self.place}: {path}{'; '.join(parts)}"

    def render(self) -> str:
        """The message, the source line with a caret under the value, and a line of help."""
        lines = [self.message]
        if self.source_line is not None and self.source_line.strip() and self.column is not None:
            lines += [f"    {text}" for text in excerpt(self.source_line, self.column)]
        if self.help is not None:
            lines.append(f"    help: {inert(self.help)}")
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """The same as data that JSON can hold; surrogates and control characters spelt out."""
        texts = {
            "file": self.file,
            "path": self.path,
            "found": self.found,
            "allowed": self.allowed,
            "nearest": self.nearest,
            "help": self.help,
            "source_line": None if self.source_line is None else inert(self.source_line, 1000),
        }
        shown = {key: None if text is None else inert(text) for key, text in texts.items()}
        return {**shown, "line": self.line, "column": self.column, "message": self.message}


@dataclass(frozen=True)
class Doubt:
    """Something that is valid and probably not what was meant.

    Attributes
    ----------
    file : str
        Name of the file in which the value stands, as for a :class:`Problem`.
    line, column : int or None
        Position from 1, in characters; None where there is no text.
    path : str
        Dotted path of the value within the scenario.
    message : str
        What it says as it stands, with the likely meaning where there is one.
    help : str
        One line on what to do.
    """

    file: str
    line: int | None
    column: int | None
    path: str
    message: str
    help: str

    @property
    def place(self) -> str:
        """``file:line:col``; the file alone where there is no text."""
        return _place(self.file, self.line, self.column)

    @property
    def said(self) -> str:
        """The path and what is said of it, in one line."""
        return f"{inert(self.path, 300)}: {inert(self.message)}"

    def to_dict(self) -> dict[str, Any]:
        """The same as data that JSON can hold."""
        shown = {key: inert(getattr(self, key)) for key in ("path", "file", "message", "help")}
        return {**shown, "line": self.line, "column": self.column}


class SimError(Exception):
    """Base of everything that this package refuses or cannot do; ``exit_code`` is the command's."""

    exit_code: ClassVar[int] = 2

    def __init__(
        self, message: str, *, help: str | None = None, problems: Iterable[Problem] = (), total: int = 0
    ) -> None:
        super().__init__(message)
        self.summary = message
        self.help = help
        self.problems = tuple(problems)
        self.total = max(total, len(self.problems))

    def __str__(self) -> str:
        if not self.problems:
            return inert(self.summary) + (f"\n    help: {inert(self.help)}" if self.help is not None else "")
        shown = self.told
        blocks = [problem.render() for problem in shown]
        if self.total > len(shown):
            blocks.append(f"and {self.total - len(shown)} more")
        return "\n".join(blocks)

    @property
    def told(self) -> tuple[Problem, ...]:
        """The problems that are shown: the first twenty, and one more rather than say that there is one more."""
        return self.problems if self.total == SHOWN + 1 else self.problems[:SHOWN]

    def to_dict(self) -> dict[str, Any]:
        """The error as data for ``--json``: its kind, exit code, message and problems."""
        return {
            "error": type(self).__name__,
            "exit_code": self.exit_code,
            "message": inert(self.summary),
            "help": None if self.help is None else inert(self.help),
            "problems": [problem.to_dict() for problem in self.told],
            "total": self.total,
        }


def _order(problem: Problem) -> tuple[str, int, int, str]:
    return (problem.file, problem.line or 0, problem.column or 0, problem.path)


class ScenarioError(SimError):
    """A scenario that is refused, with all its problems, sorted by file and position."""

    exit_code: ClassVar[int] = 2

    def __init__(self, problems: Iterable[Problem], *, total: int = 0) -> None:
        found = sorted(problems, key=_order)
        count = max(total, len(found))
        noun = "problem" if count == 1 else "problems"
        super().__init__(f"the scenario has {count} {noun}", problems=found, total=count)


class UsageError(SimError):
    """A command or function asked for in a way that makes no sense: an unknown name, an option that does not fit."""

    exit_code: ClassVar[int] = 2


class TooLarge(SimError):
    """What would need more memory than the machine has; said before any of it is taken."""

    exit_code: ClassVar[int] = 3


class OutputError(SimError):
    """Results that could not be written."""

    exit_code: ClassVar[int] = 4


class InternalError(SimError):
    """A fault of this program, which no input should be able to bring about."""

    exit_code: ClassVar[int] = 70


class MissingGlyphs(UserWarning):
    """A picture has boxes in place of letters that no installed font has."""
