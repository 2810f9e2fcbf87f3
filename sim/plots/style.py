"""How pictures look: settings for as long as one is drawn, titles, texts that are nothing but text, files."""

from __future__ import annotations

import contextlib
import functools
import io
import logging
import os
import textwrap
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO
from unicodedata import east_asian_width

import numpy as np

from sim.errors import UsageError
from sim.files import MARK
from sim.plots import fonts
from sim.words.spaces import parts, together

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.ticker import Formatter

STYLE: Any = {
    "font.family": ["sans-serif"],
    "font.sans-serif": fonts.STACK,
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "text.usetex": False,
    "text.parse_math": False,
    "axes.formatter.use_mathtext": False,
    "hatch.linewidth": 0.6,
    "svg.fonttype": "none",
    "svg.hashsalt": "switchrisk",
}

LINES: tuple[tuple[str, Any, str], ...] = (
    ("#0072B2", "-", "o"),
    ("#D55E00", "--", "s"),
    ("#009E73", "-.", "^"),
    ("#CC79A7", ":", "D"),
    ("#56B4E9", (0, (5, 1)), "v"),
    ("#E69F00", (0, (3, 1, 1, 1)), "P"),
)
"""Colours of Okabe and Ito (2008), each with a dash and a mark of its own."""

FORMATS = ("svg", "png")
DPI = 150
NOTEBOOK_DPI = 90
NAME, SMALL, BOLD = 5.3, 4.6, 6.7
"""Points that a letter takes on average: of a row's name, of the line below a title, of a title."""

BREAK = "\f"
"""Stands in a long word where a line may end; no name holds it."""

FILLER = "\0"
"""Stands after a letter as wide as two while lines are broken; no name holds it."""


@contextlib.contextmanager
def styled() -> Iterator[None]:
    """Our settings, for as long as we draw."""
    import matplotlib

    with matplotlib.rc_context(STYLE):
        yield


def own_axes(width: float, height: float) -> Axes:
    """Axes on a figure of their own; inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained").add_subplot(axes_class=pictured())


@functools.cache
def pictured() -> type[Axes]:
    """Class of axes that a notebook shows as a picture of their whole figure.

    Our figures are not pyplot's, so that nothing else would show them.
    """
    from matplotlib.axes import Axes

    class Pictured(Axes):
        def _repr_png_(self) -> bytes:
            picture = io.BytesIO()
            save(self, picture, "png", dpi=NOTEBOOK_DPI)
            return picture.getvalue()

    return Pictured


def figure_of(ax: Axes) -> Figure:
    """The figure that axes stand on."""
    from matplotlib.figure import Figure

    figure = ax.get_figure(root=True)
    assert isinstance(figure, Figure)
    return figure


def headline(ax: Axes, finding: str, about: str) -> None:
    """Title of a picture: what it says, and below it, smaller, what it is about.

    Both begin where the axes do and end where their part of the picture does; it is called once rows have their names.
    """
    room = _room(ax)
    about = folded(about, _clamped(room / SMALL, 40, 92))
    ax.annotate(
        about,
        (0, 1),
        xycoords="axes fraction",
        xytext=(0, 5),
        textcoords="offset points",
        fontsize=8,
        color="#555555",
        va="bottom",
        parse_math=False,
    )
    pad = 8 + 11 * (about.count("\n") + 1)
    title = folded(finding, _clamped(room / BOLD, 30, 76))
    ax.set_title(title, loc="left", pad=pad, fontweight="bold", parse_math=False)


def _room(ax: Axes) -> float:
    """Points from the axes' left side to the end of their part of the figure, as far as that is known yet."""
    place = ax.get_subplotspec()
    parts = place.get_gridspec().ncols if place is not None else 1
    names = max((len(line) for label in ax.get_yticklabels() for line in label.get_text().split("\n")), default=0)
    return 72 * figure_of(ax).get_figwidth() / parts - NAME * names - 24


def _clamped(columns: float, least: int, most: int) -> int:
    return max(least, min(most, int(columns)))


def write(text: Any, words: str) -> None:
    """Set a text of a picture that is nothing but text."""
    text.set_parse_math(False)
    text.set_text(words)


def folded(text: str, width: int) -> str:
    """Text in lines of about the same length, none longer than a width where its words allow."""
    text = together(text)
    fewest = broken(text, width)
    # In lines narrower than its longest word that would be cut, though there is room for it.
    longest = max((cells(word) for word in text.split(" ")), default=0)
    for narrower in range(max(cells(text) // max(1, len(fewest)), min(longest, width)), width):
        if len(found := broken(text, narrower)) == len(fewest):
            return "\n".join(found)
    return "\n".join(fewest)


def broken(text: str, width: int, **options: Any) -> list[str]:
    """Text in lines no longer than a width, in which a letter as wide as two counts as two."""
    words = [_breakable(word) if len(word) > width else word for word in _by_width(together(text)).split(" ")]
    lines = textwrap.wrap(" ".join(words), width, break_on_hyphens=False, replace_whitespace=False, **options)
    return [line.replace(FILLER, "").replace(BREAK, "") for line in lines]


def _breakable(word: str) -> str:
    return BREAK.join(parts(word)) if FILLER not in word else word


def cells(text: str) -> int:
    """How many letters of common width a text is as wide as."""
    return len(_by_width(text))


def _by_width(text: str) -> str:
    if text.isascii():
        return text
    return "".join(f"{letter}{FILLER}" if east_asian_width(letter) in "WF" else letter for letter in text)


def scale_formatter(shares: bool, factor: float = 1.0) -> Formatter:
    """Ticks of a scale of amounts, thousands apart; of shares, in per cent.

    Parameters
    ----------
    factor
        What amounts are multiplied with, so that they are in the unit that the axis names.
    """
    from matplotlib.ticker import FuncFormatter

    if shares:
        return FuncFormatter(lambda value, _: f"{100 * value:.6g} %")
    return FuncFormatter(lambda value, _: _plain(value * factor))


def _plain(value: float) -> str:
    """A round number, thousands apart, without digits that say nothing."""
    text = f"{value:,.10g}" if abs(value) < 1e9 else f"{value:.4g}"
    return text.replace("-", "−")


def save(drawn: Axes | np.ndarray, file: BinaryIO, format: str, dpi: int = DPI) -> None:
    """Write the figure that something was drawn on; drawn anew it gives the same bytes.

    Parameters
    ----------
    drawn
        What a plot gave back.
    file
        Open for bytes.
    format
        ``svg`` or ``png``.
    dpi
        Dots an inch of a PNG.

    Warns
    -----
    MissingGlyphs
        Where a PNG has boxes, since no installed font has some letters.
    """
    axes = drawn.flat[0] if isinstance(drawn, np.ndarray) else drawn
    made_by = MARK.decode()
    metadata: Any = {"Date": None, "Creator": made_by} if format == "svg" else {"Software": made_by}
    figure = figure_of(axes)
    with styled(), quiet():
        missing = fonts.fit(figure, isolate=format == "svg" or fonts.knows_isolates())
        figure.savefig(file, format=format, dpi=dpi, metadata=metadata)
    if format == "png":
        fonts.tell(missing)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Let matplotlib say nothing of single letters that become boxes, nor of a font that has no bold ones."""
    log = logging.getLogger("matplotlib.font_manager")

    def keeps(record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith("findfont: Failed to find font weight")

    log.addFilter(keeps)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Glyph .* missing from")
            yield
    finally:
        log.removeFilter(keeps)


def format_of(file: str | os.PathLike[str]) -> str:
    """Format of a picture by the name of its file.

    Raises
    ------
    UsageError
        Where it is neither SVG nor PNG.
    """
    suffix = os.path.splitext(os.fspath(file))[1].lower().removeprefix(".")
    if suffix not in FORMATS:
        raise UsageError(f"{os.fspath(file)}: a picture's name ends in .svg or .png")
    return suffix
