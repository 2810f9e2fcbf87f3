"""Names beside points, each on a side where it covers no line, no mark and no other name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.plots.style import cells, figure_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Side = tuple[int, int, float]
"""Which way a name stands of its point: −1, 0 or 1 to the right and upwards, and how many points away."""

RIGHT: tuple[Side, ...] = ((1, 1, 14), (0, 1, 9), (1, 1, 24), (-1, 1, 14))
ABOVE: tuple[Side, ...] = ((1, 1, 4), (1, -1, 4), (-1, 1, 4), *RIGHT, (-1, -1, 4))
BELOW: tuple[Side, ...] = ((-1, -1, 4), (1, 1, 4), (-1, 1, 4), *RIGHT, (0, -1, 9), (-1, -1, 14), (1, -1, 4))
"""Places in the order in which they are tried."""

LETTER, LINE = 0.62, 1.25
"""Width of a letter and height of a line, as parts of the letters' size."""

SHRUNK = 0.85
"""Part of their size that axes keep once there is room for all that stands about them."""

MARK = 4.5
"""Points from the middle of a mark to its border."""


@dataclass(frozen=True, slots=True)
class Name:
    """Words for a point, given by its data, and the places where they may stand."""

    words: str
    at: tuple[float, float]
    sides: tuple[Side, ...]


Box = tuple[float, float, float, float]
"""Left, lower, right and upper end in points."""


def name_points(ax: Axes, names: Sequence[Name], fontsize: float) -> None:
    """Write names beside their points, once the limits of the axes are set: of all their places the clearest one.

    Lines that are drawn already count, with their marks; what is cheapest to cover is taken where all is taken.
    """
    width, height = (SHRUNK * 72 * end / figure_of(ax).dpi for end in ax.get_window_extent().size)
    into = ax.transData - ax.transAxes
    lines = list(_lines(ax, width, height))
    taken: list[Box] = []
    for name in names:
        x, y = into.transform(name.at) * (width, height)
        marks = [into.transform(other.at) * (width, height) for other in names]

        def cost(side: Side, x: float = x, y: float = y, name: Name = name, marks: list[np.ndarray] = marks) -> float:
            box = _box(name.words, x, y, side, fontsize)
            outside = box[0] < 0 or box[1] < 0 or box[3] > height or box[2] > 1.15 * width
            over = sum(_overlap(box, other) for other in taken)
            over += sum(_overlap(box, (a - MARK, b - MARK, a + MARK, b + MARK)) for a, b in marks)
            return 8 * outside + 4 * over + sum(_crosses(box, line) for line in lines)

        right, up, away = best = min(name.sides, key=cost)
        taken.append(_box(name.words, x, y, best, fontsize))
        ax.annotate(
            name.words,
            name.at,
            xytext=(7 * right, away * up),
            textcoords="offset points",
            ha={-1: "right", 0: "center", 1: "left"}[right],
            va={-1: "top", 1: "bottom"}[up],
            fontsize=fontsize,
            parse_math=False,
        )


def _box(words: str, x: float, y: float, side: Side, fontsize: float) -> Box:
    right, up, away = side
    wide, high = LETTER * fontsize * cells(words), LINE * fontsize
    left = x + 7 * right - wide * (1 - right) / 2
    low = y + away if up > 0 else y - away - high
    return left, low, left + wide, low + high


def _lines(ax: Axes, width: float, height: float) -> Iterator[np.ndarray]:
    """Lines within the axes, in points: those of plots, as they step, and single strokes."""
    from matplotlib.collections import LineCollection

    into = ax.transData - ax.transAxes
    drawn = [
        _stepped(np.asarray(line.get_xydata()), line.get_drawstyle())
        for line in ax.lines
        if line.get_linestyle() != "None"
    ]
    drawn += [np.asarray(path.vertices) for strokes in ax.collections if isinstance(strokes, LineCollection)
              for path in strokes.get_paths()]  # fmt: skip
    for points in drawn:
        if len(points) > 1:
            yield into.transform(points) * (width, height)


def _stepped(points: np.ndarray, style: str) -> np.ndarray:
    """Points of a line; those of one that steps after each, corner by corner."""
    if style != "steps-post" or len(points) < 2:
        return points
    x, y = points.T
    return np.column_stack([np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]])


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _crosses(box: Box, line: np.ndarray) -> bool:
    """Whether a line goes through a box (clipped piece by piece, after Liang and Barsky)."""
    start, way = line[:-1], np.diff(line, axis=0)
    enters, leaves = np.zeros(len(way)), np.ones(len(way))
    for k in range(2):
        with np.errstate(divide="ignore", invalid="ignore"):
            ends = np.stack([(box[k] - start[:, k]) / way[:, k], (box[k + 2] - start[:, k]) / way[:, k]])
        still = way[:, k] == 0
        beside = still & ((start[:, k] <= box[k]) | (start[:, k] >= box[k + 2]))
        enters = np.where(still, enters, np.maximum(enters, ends.min(axis=0)))
        leaves = np.where(beside, -1.0, np.where(still, leaves, np.minimum(leaves, ends.max(axis=0))))
    return bool((enters < leaves).any())
