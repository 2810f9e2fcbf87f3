"""The picture of a tornado: how far each assumption's range moves a measure from the base case, the largest on top."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.answers.bars import Bar
from sim.answers.ranges import Side
from sim.answers.tornado import Tornado, alike
from sim.estimates.estimate import Estimate
from sim.plots import wording
from sim.plots.style import folded, headline, own_axes, scale_formatter, styled, write
from sim.words.labels import short, value_caption

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LOOKS: dict[str, dict[str, Any]] = {
    "low": {"facecolor": "#0072B2", "hatch": "////", "label": "at its low"},
    "high": {"facecolor": "#E69F00", "hatch": None, "label": "at its high"},
}
"""Dark and hatched, light and plain: told apart without their colours too."""

HEIGHT = 0.66
"""Height of a bar, of which there is one a unit."""

NAME_WIDTH = 44
NAME_LINES = 3


def draw_tornado(found: Tornado, *, ax: Axes | None = None, most: int = 12, measure: str | None = None) -> Axes:
    """Draw a bar for each assumption, from the base case to the measure at its low and at its high.

    Parameters
    ----------
    found
        What :func:`sim.tornado` gave back.
    ax
        Where to draw; None: on a figure of its own.
    most
        Bars at most; the rest is counted in a line of its own.
    measure
        ``revenue_at_risk``, ``expected_loss`` or ``expected_shortfall``; None: the one that bars are sorted by.

    Returns
    -------
    Axes
        The ends of a bar say which value stands there; whiskers are 95 % intervals of the change.
    """
    measure = found.measure if measure is None else measure
    bars = found.top(max(1, most), measure)
    left = found.top(len(found.bars), measure)[len(bars) :]
    base = found.base.of(measure).value
    rows = len(bars) + bool(left)
    with styled():
        ax = own_axes(9.0, 2.1 + 0.43 * rows) if ax is None else ax
        if not bars:
            _nothing(ax, found)
            headline(ax, "No assumption has a range", wording.about(found.scenario, wording.window(found.scenario)))
            return ax
        unit = wording.scale(
            found.scenario, base, *(base + end.change.of(measure).value for one in bars for end in one.ends.values())
        )
        whiskers = False
        for y, bar in enumerate(bars):
            for side in bar.ends:
                whiskers |= _end(ax, y, side, bar, base, measure)
        ax.plot([base, base], [-0.6, rows - 0.45], color="#222222", linewidth=1.0, zorder=3)
        names = [_name(bar.caption) for bar in bars]
        if left:
            names.append(f"and {len(left)} smaller one{'s' if len(left) > 1 else ''}")
            reach = max(bar.reach(measure) for bar in left)
            _beside(ax, base, len(bars), 1, f"at most {wording.alike([reach * unit.factor])[0]} each")
        ax.set_yticks(range(rows), names, parse_math=False)
        ax.set_ylim(rows + 0.3, -0.6)  # a row is left for the legend
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        ax.use_sticky_edges = False
        ax.margins(x=0.12)
        ax.xaxis.set_major_formatter(scale_formatter(False, unit.factor))
        ax.grid(axis="x", color="#dddddd", linewidth=0.6)
        ax.set_axisbelow(True)
        caption = found.caption(measure)
        write(ax.xaxis.label, folded(f"{caption[:1].upper()}{caption[1:]}, {unit.unit}", 80))
        _legend(ax, found.base.of(measure).times(unit.factor))
        said = "whisker: 95\u00a0% interval of the change" if whiskers else ""
        headline(
            ax,
            found.finding(measure),
            wording.about(found.scenario, wording.window(found.scenario), said, found.base_line(measure)),
        )
    return ax


def _end(ax: Axes, y: int, side: Side, bar: Bar, base: float, measure: str) -> bool:
    """One half of a bar, its whisker and its value; whether there is a whisker."""
    changes = {name: end.change.of(measure) for name, end in bar.ends.items()}
    change = changes.pop(side)
    others = list(changes.values())
    # Two ends on the same side of the base case share the bar's height, so that neither hides the other.
    shared = any(other.value * change.value > 0 for other in others)
    height = HEIGHT / 2 if shared else HEIGHT
    middle = y + (0 if not shared else HEIGHT / 4 * (-1 if side == "low" else 1))
    look = {**LOOKS[side], "label": "_"}
    ax.barh(middle, change.value, height, left=base, edgecolor="white", linewidth=0.5, zorder=2, **look)
    low, high = _interval(change)
    if high > low:
        ends = [[change.value - low], [high - change.value]]
        ax.errorbar([base + change.value], [middle], xerr=ends, color="#222222", linewidth=0.9, capsize=2, zorder=4)
    direction = 1 if change.value > 0 else -1
    if change.value == 0:  # beside an end that moves, on its other side
        moved = sum(other.value for other in others)
        direction = -1 if moved > 0 or (moved == 0 and side == "low") else 1
    beside = [change] if shared else [change, *others]  # whose whiskers lie at this height
    outermost = max(direction * end for one in beside for end in _interval(one))
    _beside(ax, base + direction * max(0.0, outermost), middle, direction, value_caption(bar.ends[side].value))
    return high > low


def _interval(change: Estimate) -> tuple[float, float]:
    """Ends of a change's 95 % interval, which need not be as far from it; the change itself where that is unknown."""
    return (change.value, change.value) if change.low is None or change.high is None else (change.low, change.high)


def _beside(ax: Axes, x: float, y: float, direction: int, words: str) -> None:
    """Words to the right (1) or left (−1) of a point."""
    ax.annotate(
        words,
        (x, y),
        xytext=(4 * direction, 0),
        textcoords="offset points",
        ha="left" if direction > 0 else "right",
        va="center",
        fontsize=7.5,
        color="#444444",
        parse_math=False,
    )


def _legend(ax: Axes, base: Estimate) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    said = alike([base.value], base.standard_error)[0]
    handles = [Patch(edgecolor="white", **look) for look in LOOKS.values()]
    line = Line2D([], [], color="#222222", linewidth=1.0, label=f"base case: {said}")
    legend = ax.legend(handles=[*handles, line], loc="lower right", ncols=3, fontsize=8, frameon=False)
    for text in legend.get_texts():
        text.set_parse_math(False)


def _name(caption: str) -> str:
    """What an assumption is called beside its bar: a few lines, the rest cut."""
    lines = folded(short(caption, NAME_WIDTH * NAME_LINES), NAME_WIDTH).split("\n")
    kept: Sequence[str] = lines[:NAME_LINES]
    return "\n".join(kept) + ("…" if len(lines) > NAME_LINES else "")


def _nothing(ax: Axes, found: Tornado) -> None:
    """In place of bars: why there are none."""
    ax.set_axis_off()
    held = len(found.without_range) + len(found.unsourced)
    words = "No assumption has a low and a high under evidence, so there is nothing to vary."
    if found.refused:
        words = "No range could be set alone: each contradicts another number, or its own."
    elif held:
        words += f" {held} number{'s stand' if held > 1 else ' stands'} without a range."
    ax.text(0.5, 0.5, folded(words, 60), transform=ax.transAxes, ha="center", va="center", parse_math=False)
