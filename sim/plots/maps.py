"""Heat maps: colours, contours at round values, hatching where errors are large, a cross where the scenario stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.plots.grids import Shown, Side
from sim.plots.style import figure_of, folded, scale_formatter, write

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RASTERED = 2500
"""Cells from which on a map is a raster within an SVG, whose size it would otherwise rule."""

ROUND = (1, 2, 2.5, 5, 10)


def heatmap(
    ax: Axes,
    shown: Shown,
    upright: Side,
    lying: Side,
    values: np.ndarray,
    errors: np.ndarray,
    *,
    small: bool = False,
    base: bool = True,
) -> Any:
    """Draw one map.

    Parameters
    ----------
    shown
        The whole measure; its limits are those of the colours.
    values, errors
        What this map shows, and where its errors are large; shape of the axes (upright, lying).
    small
        Whether it is one of several.
    base
        Whether the scenario stands in this map.

    Returns
    -------
    QuadMesh
        For a scale.
    """
    values = values[np.ix_(upright.order, lying.order)]
    errors = errors[np.ix_(upright.order, lying.order)]
    low, high = shown.limits
    mesh = ax.pcolormesh(lying.edges, upright.edges, values, cmap="viridis", vmin=low, vmax=high, edgecolors="none")
    mesh.set_rasterized(values.size > RASTERED)
    if errors.any():
        _hatch(ax, lying.edges, upright.edges, errors)
    labels = []
    if min(values.shape) > 1 and np.isfinite(values).all():
        labels = _contours(ax, shown, lying.numbers, upright.numbers, values, small)
    most_lying, most_upright = (3 if lying.months else 5, 5) if small else (7 if lying.months else 11, 11)
    ax.set_xscale("log" if lying.logarithmic else "linear")
    ax.set_yscale("log" if upright.logarithmic else "linear")
    ticks = lying.ticks(most_lying)
    ax.set_xticks(ticks, [lying.bare(tick) for tick in ticks], parse_math=False)
    ticks = upright.ticks(most_upright)
    ax.set_yticks(ticks, [upright.label(tick) for tick in ticks], parse_math=False)
    ax.minorticks_off()
    meanings_below(ax, lying, 1.9 if small else 4.4)
    ax.set_xlim(lying.edges[0], lying.edges[-1])
    ax.set_ylim(upright.edges[0], upright.edges[-1])
    if not small:
        write(ax.xaxis.label, folded(lying.caption, 76))
        write(ax.yaxis.label, folded(upright.caption, 52))
    if base and lying.shows_base and upright.shows_base and lying.base is not None and upright.base is not None:
        _cross(ax, lying.base, upright.base, labels, small)
    return mesh


def meanings_below(ax: Axes, lying: Side, width: float) -> None:
    """Below the values of a side that lies, so many inches wide, what they come to, as far as there is room."""
    found = lying.meanings([float(tick) for tick in ax.get_xticks()], width)
    if found:
        # Ticks of their own without a stroke: labels of two lines would stand in the way of their neighbours.
        ax.xaxis.remove_overlapping_locs = False
        ax.set_xticks(list(found), list(found.values()), minor=True, parse_math=False)
        ax.tick_params(axis="x", which="minor", length=0, pad=18)


def color_scale(mesh: Any, shown: Shown, ax: Any) -> None:
    """The scale of colours beside one map, or beside several."""
    first = ax.flat[0] if isinstance(ax, np.ndarray) else ax
    bar = figure_of(first).colorbar(mesh, ax=ax, pad=0.02, format=scale_formatter(shown.shares, shown.scale.factor))
    write(bar.ax.yaxis.label, folded(shown.label, 52))
    bar.outline.set_visible(False)
    if np.nanmin(shown.value) == np.nanmax(shown.value):
        bar.set_ticks([float(np.nanmin(shown.value))])


def _cross(ax: Axes, x: float, y: float, labels: list[Any], small: bool) -> None:
    """Mark where the scenario stands; its name stands on the side that is farthest from the contours' labels."""
    from matplotlib import patheffects

    outlined = [patheffects.withStroke(linewidth=2.5, foreground="black")]
    ax.plot([x], [y], marker="x", color="white", markersize=8, markeredgewidth=2, path_effects=outlined, zorder=5)
    if small:
        return
    into = ax.transData + ax.transAxes.inverted()
    across, up = into.transform((x, y))
    taken = [into.transform(label.get_position()) for label in labels]

    def free(side: tuple[int, int]) -> float:
        """Distance of the middle of the name from the nearest label; nothing where it would leave the map."""
        middle = across + 0.08 * side[0], up + 0.04 * side[1]
        if not (0.07 <= middle[0] <= 0.93 and 0.03 <= middle[1] <= 0.97):
            return -1.0
        return min((np.hypot(middle[0] - a, middle[1] - b) for a, b in taken), default=1.0)

    side = max(((1, 1), (-1, 1), (1, -1), (-1, -1)), key=free)
    ax.annotate(
        "base case",
        (x, y),
        xytext=(8 * side[0], 6 * side[1]),
        textcoords="offset points",
        ha="left" if side[0] > 0 else "right",
        va="bottom" if side[1] > 0 else "top",
        color="white",
        path_effects=outlined,
        zorder=6,
    )


def _hatch(ax: Axes, x: np.ndarray, y: np.ndarray, cells: np.ndarray) -> None:
    """Hatch cells between the borders x and y, each run of neighbours in a row as one."""
    from matplotlib.collections import PolyCollection

    boxes = []
    for row, marked in enumerate(cells):
        changes = np.flatnonzero(np.diff(np.concatenate([[False], marked, [False]]).astype(int)))
        for first, last in changes.reshape(-1, 2):
            boxes.append([(x[first], y[row]), (x[last], y[row]), (x[last], y[row + 1]), (x[first], y[row + 1])])
    hatching = PolyCollection(boxes, facecolors="none", edgecolors="#d9d9d9", hatch="////", linewidths=0, zorder=2)
    ax.add_collection(hatching, autolim=False)


def _contours(ax: Axes, shown: Shown, x: np.ndarray, y: np.ndarray, values: np.ndarray, small: bool) -> list[Any]:
    """Draw contours at round values; gives their labels."""
    from matplotlib import patheffects
    from matplotlib.ticker import MaxNLocator

    levels = MaxNLocator(nbins=5 if small else 7, steps=list(ROUND)).tick_values(*shown.limits)
    levels = levels[(levels > values.min()) & (levels < values.max())]
    if not len(levels):
        return []
    lines = ax.contour(x, y, values, levels=levels, colors="white", linewidths=0.9)
    written = scale_formatter(shown.shares, shown.scale.factor)
    labels = list(ax.clabel(lines, fmt=written, fontsize=7 if small else 8, inline=False))
    for label in labels:
        label.set_parse_math(False)
        label.set_path_effects([patheffects.withStroke(linewidth=2, foreground="#222222")])
    return labels
