"""What commands print: text for a reader, tables that fit, one JSON document, progress on long work."""

from __future__ import annotations

import contextlib
import math
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, TextIO

import click

WIDEST = 100  # columns; longer lines are hard to read
NARROWEST = 50
PATIENCE = 1.0  # seconds before progress is shown
REDRAWN = 0.1  # seconds between two looks of it
TOLD = 0.1  # share of the work from which on it is said how long the rest will take

_IN_ASCII = str.maketrans({"−": "-", "–": "-", "…": "...", "±": "+/-", "·": "|", "“": '"', "”": '"'})


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: title, whether its cells are set to the right, whether it takes the room that is left."""

    title: str
    right: bool = False
    wraps: bool = False


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where a command's answer goes, and how it may look.

    Attributes
    ----------
    json
        One JSON document on standard output, nothing else there.
    quiet
        Only the essential lines, no progress.
    color
        False: never; None: where a terminal shows them and NO_COLOR is not set.
    """

    json: bool = False
    quiet: bool = False
    color: bool | None = None

    @property
    def width(self) -> int:
        """Columns that text may take."""
        return max(NARROWEST, min(WIDEST, shutil.get_terminal_size((80, 24)).columns))

    def say(self, *lines: str) -> None:
        """Print lines of the answer on standard output."""
        _write("\n".join(lines), sys.stdout, self._colors)

    def note(self, *lines: str) -> None:
        """Print lines beside the answer on standard error, unless quiet."""
        if not self.quiet:
            _write("\n".join(lines), sys.stderr, self._colors)

    def complain(self, text: str, has_place: bool) -> None:
        """Print what went wrong on standard error; a text that begins with its place stays as it is, for editors."""
        _write(text if has_place else click.style("error: ", fg="red", bold=True) + text, sys.stderr, self._colors)

    def document(self, data: dict[str, Any]) -> None:
        """Print the one JSON document; null stands for what is no finite number."""
        from json import dumps

        ascii_only = not _encodes("…", sys.stdout)
        try:
            text = dumps(data, ensure_ascii=ascii_only, allow_nan=False)
        except ValueError:
            text = dumps(_finite(data), ensure_ascii=ascii_only, allow_nan=False)
        _write(text, sys.stdout, False)

    def title(self, text: str) -> str:
        """A heading."""
        return click.style(text, bold=True)

    def dim(self, text: str) -> str:
        """Text that matters less."""
        return click.style(text, dim=True)

    def verdict(self, text: str, good: bool) -> str:
        """An answer that is yes or no."""
        return click.style(text, fg="green" if good else "red", bold=True)

    def wrap(self, text: str, indent: str = "", hanging: str | None = None) -> list[str]:
        """Break text into lines of the terminal's width; ``hanging`` indents all lines but the first."""
        rest = indent if hanging is None else hanging
        lines = wrapped(text, self.width - max(columns(indent), columns(rest)))
        return [(rest if i else indent) + line for i, line in enumerate(lines)]

    def table(self, shape: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[str]:
        """Lay out a table: amounts to the right, one column broken into lines where the width asks for it."""
        widths = [
            max(columns(column.title), *(columns(row[c]) for row in rows)) if rows else columns(column.title)
            for c, column in enumerate(shape)
        ]
        gaps = 2 * (len(shape) - 1)
        for c, column in enumerate(shape):
            if column.wraps:
                widths[c] = max(12, min(widths[c], self.width - gaps - sum(widths) + widths[c]))
        lines = [self.dim(_row([column.title for column in shape], shape, widths))]
        for row in rows:
            cells = [wrapped(cell, widths[c]) for c, cell in enumerate(row)]
            lines += [_row(line, shape, widths) for line in zip_longest(*cells, fillvalue="")]
        return lines

    @contextlib.contextmanager
    def progress(self, what: str) -> Iterator[Any]:
        """Give a function for ``progress=`` that shows a bar on standard error once work takes longer than a second."""
        if self.quiet or not sys.stderr.isatty():
            yield None
            return
        bar = _Bar(what, plain=not self._colors)
        try:
            yield bar
        finally:
            bar.close()

    @property
    def _colors(self) -> bool | None:
        if self.color is False or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
            return False
        return None


class _Bar:
    """A progress bar that appears when it is worth while, says how long it will take, and leaves no trace."""

    def __init__(self, what: str, plain: bool) -> None:
        self._what = what
        self._plain = plain
        self._since = time.monotonic()
        self._drawn = self._since
        self._shown: Any = None
        self._task: Any = None

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._drawn < (PATIENCE if self._shown is None else REDRAWN) or done >= total:
            return
        self._drawn = now
        share = done / total
        left = time_left(now - self._since, share)
        try:
            if self._shown is None:
                self._show(left)
            self._shown.update(self._task, completed=share, left=left, refresh=True)
        except OSError:  # whoever watched has gone; the work goes on
            self._drawn = math.inf

    def _show(self, left: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

        # Drawn as work is told, by no thread of its own: there may be none to have.
        self._shown = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[left]}", markup=False),
            console=Console(stderr=True, no_color=self._plain, highlight=False),
            transient=True,
            auto_refresh=False,
        )
        self._shown.start()
        self._task = self._shown.add_task(self._what, total=1.0, left=left)

    def close(self) -> None:
        """Take the bar away."""
        if self._shown is not None:
            with contextlib.suppress(OSError):
                self._shown.stop()


def time_left(elapsed: float, share: float) -> str:
    """How long work will go on, in words no more exact than what is known; none before a tenth of it is done."""
    if share < TOLD:
        return ""
    seconds = elapsed * (1 - share) / share
    if seconds < 90:
        return f"{max(1, round(seconds))} s left"
    return f"{seconds / 60:.0f} min left" if seconds < 90 * 60 else f"{seconds / 3600:.0f} h left"


def columns(text: str) -> int:
    """Columns that text takes on a terminal."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def wrapped(text: str, width: int) -> list[str]:
    """Break text at spaces into lines of a width, longer words at their signs; a percent sign stays with its number."""
    from sim.words.spaces import parts

    lines, line = [], ""
    for word in re.split(" +(?!%)", text.strip()):
        left = word
        if line and columns(line) + 1 + columns(left) <= width:
            line += f" {left}"
            continue
        if line:
            lines.append(line)
        line = ""
        for part in parts(left) if columns(left) > width else [left]:
            if line and columns(line) + columns(part) > width:
                lines.append(line)
                line = ""
            line += part
            while columns(line) > width:  # a part that is longer than a line is cut
                cut = width
                while columns(line[:cut]) > width:
                    cut -= 1
                lines.append(line[: max(cut, 1)])
                line = line[max(cut, 1) :]
    return [*lines, line]


def one_line(text: str) -> str:
    """Text of a file on one line, with all that could act on a terminal spelt out."""
    from sim.errors import inert

    return inert(" ".join(text.split()))


def _finite(data: Any) -> Any:
    """The same data with None in place of NaN and infinities, of which JSON knows nothing."""
    if isinstance(data, dict):
        return {key: _finite(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_finite(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data


def _row(cells: Sequence[str], shape: Sequence[Column], widths: Sequence[int]) -> str:
    padded = []
    for cell, column, width in zip(cells, shape, widths, strict=True):
        space = " " * max(0, width - columns(cell))
        padded.append(space + cell if column.right else cell + space)
    return "  ".join(padded).rstrip()


def _encodes(text: str, stream: TextIO) -> bool:
    try:
        text.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _write(text: str, stream: TextIO, color: bool | None) -> None:
    """Write and flush; a reader who has gone is no error, a full disk is."""
    from sim.errors import OutputError

    if not text.isascii() and not _encodes("−", stream):
        text = text.translate(_IN_ASCII)
    try:
        click.echo(text, file=stream, color=color)
    except BrokenPipeError:
        silence(stream)
    except OSError as error:
        silence(stream)
        name = "standard output" if stream is sys.stdout else "standard error"
        raise OutputError(f"{name} cannot be written: {error.strerror or error}") from None


def silence(stream: TextIO) -> None:
    """Send what is still to come to nowhere, so that the end of the process does not stumble over it."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
