"""Pictures of which numbers in doubt move a measure, and of where among them a condition holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.answers.drivers import Driver, Drivers
from sim.answers.where import Where
from sim.estimates.bands import ends_of
from sim.estimates.estimate import Estimate
from sim.estimates.peeling import inside
from sim.plots.style import figure_of, folded, headline, own_axes, scale_formatter, styled, write
from sim.words.driven import FEW, per_cent, way_of
from sim.words.labels import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ALONE: dict[str, Any] = {"facecolor": "#0072B2", "label": "alone"}
OTHERS: dict[str, Any] = {"color": "#222222", "marker": "D", "label": "with what it does together with others"}
TAIL: dict[str, Any] = {"color": "#D55E00", "marker": "o"}
NOISE = "#E3E3E3"
HEIGHT = 0.5
NAME_WIDTH, NAME_LINES = 44, 3
APART = 0.32
"""How far above and below the middle of a row its marks stand."""

FAINT = 0.22
HELD, OTHER = "#D55E00", "#9A9A9A"
MARK_SIZE = 14.0
LETTER = 5.3
"""Points that a letter takes on average."""


class DriverPlots:
    """Pictures of :class:`sim.answers.drivers.Drivers`."""

    def __init__(self, found: Drivers) -> None:
        self._found = found

    def drivers(self, ax: Axes | None = None, *, most: int = 10) -> Axes:
        """Draw the leading numbers in doubt, the one of largest share on top.

        Parameters
        ----------
        ax
            Where to draw; None: on a figure of its own.
        most
            Numbers at most.

        Returns
        -------
        Axes
            Bars: the share of the measure's variance over doubt that goes with a number alone. Diamonds: its Shapley
            effect. Circles: its share in the tail. Whiskers are 95 % intervals; in the grey noise alone may lie.
        """
        return _drivers(ax, self._found, max(1, most))


class BoxPlots:
    """Pictures of :class:`sim.answers.where.Where`."""

    def __init__(self, found: Where) -> None:
        self._found = found

    def boxes(self, ax: Axes | None = None) -> Axes:
        """Draw the draws by the two numbers of the box with which the condition goes most, and the box.

        Returns
        -------
        Axes
            Filled marks are draws in which the condition holds, crosses those in which it does not; faint are those
            that lie outside the box by a number that is not shown.
        """
        return _boxes(ax, self._found)


def _drivers(ax: Axes | None, found: Drivers, most: int) -> Axes:
    rows = found.leading[:most]
    with styled():
        ax = own_axes(9.0, 2.3 + 0.62 * max(1, len(rows))) if ax is None else ax
        if not rows:
            ax.set_axis_off()
            ax.text(0.5, 0.5, folded(f"{found.headline}.", 60), transform=ax.transAxes, ha="center", va="center",
                    parse_math=False)  # fmt: skip
            headline(ax, "No number in doubt stands out", _about(found))
            return ax
        right = max(end for row in rows for one in (row.first_order, row.shapley, row.tail) for end in _reach(one))
        assert found.floor is not None
        ax.axvspan(0, found.floor.value, color=NOISE, linewidth=0, zorder=0)
        for y, row in enumerate(rows):
            _bar(ax, y, row)
        ax.set_yticks(range(len(rows)), [_name(row) for row in rows], parse_math=False)
        ax.set_ylim(len(rows) + 0.15, -0.65)
        ax.set_xlim(0, min(1.0, max(right, found.floor.value)) * 1.04)
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        ax.xaxis.set_major_formatter(scale_formatter(True))
        ax.grid(axis="x", color="#dddddd", linewidth=0.6)
        ax.set_axisbelow(True)
        write(ax.xaxis.label, "share of the variance over the numbers in doubt")
        _legend(ax, found)
        headline(ax, _finding(found), _about(found))
    return ax


def _bar(ax: Axes, y: int, row: Driver) -> None:
    """A number's shares: its bar with a whisker, and marks above and below the middle."""
    assert row.first_order is not None
    if row.above:
        ax.barh(y, row.first_order.value, HEIGHT, zorder=2, **{**ALONE, "label": "_"})
        _whisker(ax, y, row.first_order, "#222222")
    for one, look, at in ((row.shapley, OTHERS, -APART), (row.tail if row.in_tail else None, TAIL, APART)):
        if one is not None:
            _whisker(ax, y + at, one, look["color"])
            ax.plot([one.value], [y + at], linestyle="none", markersize=5, zorder=5, markeredgecolor="white",
                    **{**look, "label": "_"})  # fmt: skip


def _whisker(ax: Axes, y: float, one: Estimate, color: str) -> None:
    low, high = ends_of(one)
    ax.errorbar([one.value], [y], xerr=[[one.value - low], [high - one.value]], color=color, linewidth=0.9, capsize=2,
                zorder=4)  # fmt: skip


def _legend(ax: Axes, found: Drivers) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    rows = found.leading
    handles: list[Any] = [Patch(**ALONE)] if any(row.above for row in rows) else []
    if any(row.shapley is not None for row in rows):
        handles.append(Line2D([], [], linestyle="none", markersize=5, **OTHERS))
    if any(row.in_tail for row in rows):
        beyond = f"in the tail: beyond the {100 * found.beyond:g}\u00a0% point"
        handles.append(Line2D([], [], linestyle="none", markersize=5, **{**TAIL, "label": beyond}))
    handles.append(Patch(facecolor=NOISE, label="what noise alone may do"))
    legend = ax.legend(handles=handles, loc="lower right", ncols=1, fontsize=8, frameon=True, framealpha=0.9,
                       edgecolor="none")  # fmt: skip
    for text in legend.get_texts():
        text.set_parse_math(False)


def _name(row: Driver) -> str:
    """What a number is called beside its bar, and which way it moves the measure."""
    way = way_of(row.direction)
    sign = {1: "▲ the more, the higher", -1: "▼ the more, the lower", 0: ""}[way]
    lines = folded(short(row.caption, NAME_WIDTH * NAME_LINES), NAME_WIDTH).split("\n")
    kept = "\n".join(lines[:NAME_LINES]) + ("…" if len(lines) > NAME_LINES else "")
    return f"{kept}\n{sign}" if sign else kept


def _finding(found: Drivers) -> str:
    leading = [row for row in found.leading if row.above]
    measure = _lower(found.measure_caption)
    if not leading:
        return f"What moves {measure} into its tail over doubt"
    first = leading[0]
    assert first.first_order is not None
    share = per_cent(first.first_order.value)
    others = "no other stands out" if len(leading) == 1 else f"{min(len(leading), FEW)} numbers stand out"
    if len(leading) > FEW:
        others = f"{len(leading)} numbers stand out"
    return f"{short(first.caption, 90)}: {share} of what {measure} varies by over doubt; {others}"


def _about(found: Drivers) -> str:
    left = len(found.rows) - len(found.leading)
    below = f"{left} more below the noise floor" if left else "none below the noise floor"
    return " · ".join(
        [
            found.scenario.name,
            f"{found.draws:,} draws of {len(found.rows):,} numbers in doubt on {found.paths:,} paths each",
            below,
            "whisker: 95\u00a0% interval",
        ]
    )


def _reach(one: Estimate | None) -> list[float]:
    return [] if one is None else [end for end in (one.value, *ends_of(one)) if np.isfinite(end)]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _boxes(ax: Axes | None, found: Where) -> Axes:
    from matplotlib.patches import Rectangle

    with styled():
        ax = own_axes(7.4, 5.6) if ax is None else ax
        about = " · ".join([found.scenario.name, f"{found.draws:,} draws on {found.paths:,} paths each"])
        if found.region is None:
            ax.set_axis_off()
            ax.text(0.5, 0.5, folded(f"{found.headline}.", 60), transform=ax.transAxes, ha="center", va="center",
                    parse_math=False)  # fmt: skip
            headline(ax, "No box", about)
            return ax
        box = found.region.box
        of_box = {side.column for side in box}
        shown = sorted(found.chosen, key=lambda j: j not in of_box)[:2]  # within each the one that tells most first
        values = [found.columns[j].values for j in shown]
        if len(shown) == 1:  # spread by chance, so that draws do not hide each other
            values.append(np.random.default_rng(0).random(len(values[0])))
        holds = found.event ^ found.outside
        asked = found.condition.text
        hidden = tuple(side for side in box if side.column not in shown)
        here = inside(found.columns, hidden)
        looks: list[tuple[np.ndarray, str, dict[str, Any]]] = [
            (~holds, "does not hold", {"color": OTHER, "marker": "x", "linewidths": 0.8}),
            (holds, "holds", {"color": HELD, "marker": "o", "linewidths": 0}),
        ]
        for which, words, look in looks:
            for within, alpha in ((~here, FAINT), (here, 1.0)):
                at = which & within
                label = f"{asked} {words}" if alpha == 1 else "_"
                ax.scatter(values[0][at], values[1][at], MARK_SIZE, alpha=alpha, label=label, zorder=2 + alpha, **look)
        limits = [_limits(found, j, values[k]) for k, j in enumerate(shown)]
        limits += [(0.0, 1.0)] * (2 - len(limits))
        (left, right), (bottom, top) = limits
        spans = [(v.min(), v.max()) for v in values]
        margins = [0.03 * (high - low) or 0.5 for low, high in spans]
        ax.set_xlim(spans[0][0] - margins[0], spans[0][1] + margins[0])
        ax.set_ylim(spans[1][0] - margins[1], spans[1][1] + margins[1])
        ax.add_patch(Rectangle((left, bottom), right - left, top - bottom, fill=False, edgecolor="#0072B2",
                               linewidth=1.8, zorder=4, label=_box_label(found, len(shown))))  # fmt: skip
        figure = figure_of(ax)
        ends = (0.75 * figure.get_figwidth(), 0.5 * figure.get_figheight())
        for k, (axis, inches) in enumerate(zip((ax.xaxis, ax.yaxis), ends, strict=True)):
            if k < len(shown):
                _scale(axis, found, shown[k], max(16, int(72 * inches / LETTER)))
            else:
                axis.set_visible(False)
        lines = ax.xaxis.label.get_text().count("\n") + 1
        below = -(34 + 14 * lines) / (72 * 0.5 * figure.get_figheight())
        legend = ax.legend(loc="upper center", bbox_to_anchor=(0.5, below), fontsize=8, frameon=False)
        for text in legend.get_texts():
            text.set_parse_math(False)
        headline(ax, _dense(found), about)
    return ax


def _dense(found: Where) -> str:
    """How much denser it is in the box than elsewhere."""
    assert found.region is not None
    within = inside(found.columns, found.region.box)
    here, there = (per_cent(float(found.event[at].mean())) for at in (within, ~within))
    what = f"{found.condition.text} does not hold" if found.outside else f"{found.condition.text} holds"
    return f"In the box {what} in {here} of draws, elsewhere in {there}"


def _box_label(found: Where, shown: int) -> str:
    assert found.region is not None
    columns = {side.column for side in found.region.box}
    more = len(columns) - shown
    if more <= 0:
        return "the box"
    return f"the box; faint: outside it by {'one of ' if more > 1 else ''}{more} more number{'s' if more > 1 else ''}"


def _limits(found: Where, column: int, values: np.ndarray) -> tuple[float, float]:
    """Where the box begins and ends in a number, as far as the picture goes."""
    assert found.region is not None
    space = 0.03 * float(np.ptp(values)) or 0.5
    low, high = float(values.min()) - 0.9 * space, float(values.max()) + 0.9 * space
    half = 0.4 if found.columns[column].whole or found.columns[column].unordered else 0.0
    for side in found.region.box:
        if side.column != column:
            continue
        if side.without:
            left = sorted(set(np.unique(values).tolist()) - side.without)
            return left[0] - half, left[-1] + half
        low = low if side.low is None else side.low - half
        high = high if side.high is None else side.high + half
    return low, high


def _scale(axis: Any, found: Where, column: int, width: int) -> None:
    """Name an axis; months and words stand on it as such."""
    from sim.answers.simulated import are_months
    from sim.scenario.doubts import Weighted
    from sim.scenario.months import format_month

    doubt, one = found.rows[column], found.columns[column]
    write(axis.label, folded(short(found.names[column], 3 * width), width))
    if one.unordered or are_months(doubt):
        places = sorted(set(one.values.tolist()))
        if one.unordered:
            assert isinstance(doubt.form, Weighted)
            names = [str(doubt.form.values[int(place)]) for place in places]
        else:
            names = [format_month(int(place)) for place in places]
        axis.set_ticks(places, names, parse_math=False)
