"""The pictures of a comparison: losses by scenario side by side, and differences to the first with their intervals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.answers.compare import Comparison
from sim.errors import UsageError
from sim.estimates.estimate import Estimate
from sim.estimates.independent import quantile_rank
from sim.estimates.measures import (
    EXPECTED_LOSS,
    EXPECTED_SHORTFALL,
    MEASURES,
    REVENUE_AT_RISK,
    Estimates,
    Measure,
    loss_measures,
)
from sim.plots.style import LINES, folded, headline, own_axes, scale_formatter, styled, write
from sim.plots.wording import parts_of, scale, sized
from sim.words import numbers
from sim.words.labels import measure_caption, period, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BANDS = ((95, "#C6DBEF"), (80, "#9ECAE1"), (50, "#4292C6"))
"""Parts of the paths about the median, in per cent, and the colour of each: one hue, darkest in the middle."""

HEIGHT = 0.42
"""Height of a row's bands, of which there is one row a unit."""

FEW_OTHERS = 3
"""Scenarios beside the first up to which all measures of the loss are drawn."""

LABEL_WIDTH = 26
LABEL_LINES = 3

Row = tuple[str, int, Estimate]


class ComparisonPlots:
    """Pictures of a comparison; ``comparison.plot`` is one."""

    def __init__(self, comparison: Comparison) -> None:
        self._comparison = comparison

    def draw(self) -> np.ndarray:
        """Draw both pictures, one below the other.

        Returns
        -------
        ndarray of Axes
        """
        from matplotlib.figure import Figure

        found = self._comparison
        heights = [_losses_height(found), _difference_height(_rows(found, None, None))]
        with styled():
            figure = Figure(figsize=(8.6, sum(heights)), layout="constrained")
            upper, lower = figure.subplots(2, 1, height_ratios=heights)
        return np.array([self.losses(upper), self.difference(lower)], dtype=object)

    def losses(self, ax: Axes | None = None, level: float | str | None = None) -> Axes:
        """Draw the losses of each scenario in a row: bands about the median, the mean, RaR and ES.

        Parameters
        ----------
        ax
            Where to draw; None: on a figure of its own.
        level
            Of revenue at risk and expected shortfall; None: the first that all scenarios have.

        Returns
        -------
        Axes

        Raises
        ------
        UsageError
            For a level that not all scenarios have.
        """
        found = self._comparison
        name = _level(found, level)
        with styled():
            ax = own_axes(8.6, _losses_height(found)) if ax is None else ax
            for k, result in enumerate(found.results):
                ordered = np.sort(result.loss)

                def quantile(share: float, ordered: np.ndarray = ordered) -> float:
                    return float(ordered[quantile_rank(len(ordered), share) - 1])

                for percent, color in BANDS:
                    low, high = (quantile(0.5 + side * percent / 200) for side in (-1, 1))
                    label = f"{percent} % of paths" if k == 0 else "_"
                    ax.barh(k, high - low, left=low, height=HEIGHT, color=color, label=label, zorder=2)
                _mark(ax, quantile(0.5), k, "median", marker="|", color="#08306B", markersize=15, markeredgewidth=2)
                mean = result.estimates.of(EXPECTED_LOSS).value
                _mark(ax, mean, k, "mean", marker="o", color="#08306B", markerfacecolor="white", markersize=6)
                for measure, _, look in TAIL if name is not None else ():
                    words = measure_caption(measure, name)
                    at = result.estimates.of(measure, name).value
                    _mark(ax, at, k, words[:1].lower() + words[1:], **look)
            low, high = ax.get_xlim()
            ends = [min(low, 0.0), high if high > 0 else 1.0]
            ax.set_xlim(ends[0], ends[1] + 0.04 * (ends[1] - ends[0]))
            unit = scale(found.scenarios[0], *ends)
            for k, result in enumerate(found.results if name is not None else ()):
                _tail_amounts(ax, k, result.estimates, str(name), unit.factor)
            _scenario_axis(ax, list(found.labels))
            ax.set_ylim(len(found.labels) - 0.35, -0.65)
            _money_axis(ax, f"Loss over the window, {unit.unit}", unit.factor)
            ax.margins(x=0)
            _legend(ax)
            headline(ax, _losses_finding(found, name), _about(found))
        return ax

    def difference(self, ax: Axes | None = None, measure: str | None = None, level: float | str | None = None) -> Axes:
        """Draw by how much each scenario differs from the first, with 95 % intervals and a line at no difference.

        Parameters
        ----------
        ax
            As for :meth:`losses`.
        measure
            One of the comparison's; None: expected loss, revenue at risk and expected shortfall.
        level
            For a measure with levels; None: all that all scenarios have.

        Returns
        -------
        Axes

        Raises
        ------
        UsageError
            For a measure or level that the comparison does not have.
        """
        found = self._comparison
        rows = _rows(found, measure, level)
        shares = measure is not None and MEASURES[measure].is_share
        unit = scale(found.scenarios[0], *(one.value for _, _, one in rows))
        times, named = (100.0, "percentage points") if shares else (unit.factor, unit.unit)
        with styled():
            ax = own_axes(8.6, _difference_height(rows)) if ax is None else ax
            ax.axvline(0, color="#555555", linewidth=1.0, zorder=1)
            several = len(found.labels) > 2
            places, y = [], 0.0
            for n, (name, of, one) in enumerate(rows):
                y += 0.45 if n and several and rows[n - 1][0] != name else 0.0
                places.append(y)
                label = _broken(found.labels[of]) if several and name == rows[0][0] else "_"
                _point(ax, y, of, one, times, label)
                y += 1
            _room_beside(ax, [times * one.value for _, _, one in rows])
            for place, (_, _, one) in zip(places, rows, strict=True):
                _amount(ax, place, one, times)
            ax.set_ylim(max(y, 1) - 0.4, -0.6)
            groups = ["" if several and n and rows[n - 1][0] == row[0] else row[0] for n, row in enumerate(rows)]
            ax.set_yticks(places, groups, parse_math=False)
            ax.tick_params(axis="y", length=0)
            _money_axis(ax, f"Difference to “{short(found.labels[0], 60)}”, {named}")
            if several:
                _legend(ax)
            bars = ["bars: 95 % interval"] if any(one.standard_error for _, _, one in rows) else []
            said = _difference_finding(found, rows, times, named)
            headline(ax, said, _about(found, *bars))
        return ax


def _level(found: Comparison, level: float | str | None) -> str | None:
    """Name of a level that all scenarios have; None where they have none in common and none is asked for."""
    common = found.differences[0].levels(REVENUE_AT_RISK)
    if level is None:
        return common[0] if common else None
    name = repr(float(level))
    if name not in common:
        raise UsageError(f"level: found {level!r}, allowed are {', '.join(common) or 'none'}")
    return name


def _rows(found: Comparison, measure: str | None, level: float | str | None) -> list[Row]:
    """Differences that are drawn: a measure's caption, the scenario's number, the estimate; by measure."""
    known = found.differences[0]
    if measure is not None and measure not in known:
        raise UsageError(f"measure: found {measure!r}, allowed are {', '.join(known)}")
    many = len(found.differences) > FEW_OTHERS
    rows: list[Row] = []
    for asked in loss_measures() if measure is None else (MEASURES[measure],):
        if not asked.by_level:
            levels: list[str | None] = [None]
        elif level is not None or (measure is None and many):
            levels = [one for one in (_level(found, level),) if one is not None]
        else:
            levels = list(known.levels(asked))
        for one in levels:
            for k, measures in enumerate(found.differences):
                rows.append((measure_caption(asked, one), k + 1, measures.of(asked, one)))
    return rows


def _losses_height(found: Comparison) -> float:
    return 1.7 + 0.78 * len(found.labels)


def _difference_height(rows: Sequence[Row]) -> float:
    return 1.6 + 0.36 * max(2, len(rows))


def _mark(ax: Axes, x: float, y: float, label: str, **look: Any) -> None:
    look = {"linestyle": "none", "zorder": 4, "clip_on": False, **look}
    ax.plot([x], [y], label=label if y == 0 else "_", **look)


TAIL: tuple[tuple[Measure, int, dict[str, Any]], ...] = (
    (REVENUE_AT_RISK, -1, {"marker": "D", "color": "#D55E00", "markersize": 6}),
    (EXPECTED_SHORTFALL, 1, {"marker": "v", "color": "#7A3A00", "markersize": 7}),
)
"""What is marked beyond the bands, whether its amount stands above or below, and how it looks."""


def _tail_amounts(ax: Axes, k: int, estimates: Estimates, level: str, factor: float) -> None:
    """Amounts of revenue at risk and expected shortfall, above and below a row; within the picture at its left end."""
    low, high = ax.get_xlim()
    for measure, side, look in TAIL:
        one = estimates.of(measure, level)
        shown = one.times(factor)
        at_edge = one.value < low + 0.04 * (high - low)
        ax.annotate(
            _number(shown.value, shown.half_width),
            (one.value, k + side * HEIGHT / 2),
            xytext=(2 if at_edge else 0, -2 * side),
            textcoords="offset points",
            ha="left" if at_edge else "center",
            va="top" if side > 0 else "bottom",
            fontsize=8,
            color=look["color"],
            parse_math=False,
            annotation_clip=False,
        )


def _number(value: float, error: float | None) -> str:
    """An amount for a picture: digits that its error bears, never more than four decimals."""
    text = numbers.number(value, error or None)
    return text if error or "." not in text else text.rstrip("0").rstrip(".")


def _point(ax: Axes, y: float, of: int, one: Estimate, times: float, label: str) -> None:
    color, _, mark = LINES[(of - 1) % len(LINES)]
    face = "white" if of > len(LINES) else color
    if one.low is not None and one.high is not None:
        ax.hlines(y, times * one.low, times * one.high, color=color, linewidth=2.2, zorder=2)
        ax.plot([times * one.low, times * one.high], [y, y], marker="|", color=color, linestyle="none", markersize=8)
    look: dict[str, Any] = {"marker": mark, "color": color, "markerfacecolor": face, "linestyle": "none"}
    ax.plot([times * one.value], [y], label=label, zorder=3, **look)


def _room_beside(ax: Axes, values: Sequence[float]) -> None:
    """Widen the scale for the amounts that stand beside the points, on whose sides these do."""
    low, high = ax.get_xlim()
    room = 0.24 * (high - low)
    left, right = any(value < 0 for value in values), any(value >= 0 for value in values)
    ax.set_xlim(low - room * left, high + room * right)


def _amount(ax: Axes, y: float, one: Estimate, times: float) -> None:
    """The amount beside a point and its interval, on the side away from zero, whose line would strike it through."""
    error = None if one.standard_error is None else times * one.standard_error
    text = _number(times * one.value, error)
    text = f"+{text}" if one.value > 0 else text
    if error is not None:
        text += f" ± {_number(error, error) if error else '0'}"
    side = -1 if one.value < 0 else 1
    end = one.value if one.low is None or one.high is None else (one.low if side < 0 else one.high)
    ax.annotate(
        text, (times * end, y), xytext=(8 * side, 0), textcoords="offset points", ha="left" if side > 0 else "right",
        va="center", fontsize=8, color="#333333", parse_math=False,
    )  # fmt: skip


def _scenario_axis(ax: Axes, labels: Sequence[str]) -> None:
    ax.set_yticks(range(len(labels)), list(map(_broken, labels)), parse_math=False)
    ax.tick_params(axis="y", length=0)


def _broken(label: str) -> str:
    """A label in a few lines, broken at spaces and at the signs that join the words of a path."""
    lines = [""]
    for part in re.findall(r"[^\s._/-]*[\s._/-]?", short(label, LABEL_WIDTH * LABEL_LINES)):
        while len(lines[-1] + part.rstrip()) > LABEL_WIDTH:
            room = 0 if lines[-1] else LABEL_WIDTH
            lines[-1] += part[:room]
            lines.append("")
            part = part[room:]
        lines[-1] += part
    kept = [line.strip() for line in lines][:LABEL_LINES]
    return "\n".join(kept) + ("…" if len(lines) > LABEL_LINES else "")


def _money_axis(ax: Axes, words: str, factor: float = 1.0) -> None:
    ax.xaxis.set_major_formatter(scale_formatter(False, factor))
    ax.grid(axis="x", color="#dddddd", linewidth=0.6)
    ax.set_axisbelow(True)
    ax.spines["left"].set_visible(False)
    write(ax.xaxis.label, folded(words, 90))


def _legend(ax: Axes) -> None:
    """What the marks mean, to the right of the picture."""
    legend = ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False, alignment="left", fontsize=8)
    for text in legend.get_texts():
        text.set_parse_math(False)


def _losses_finding(found: Comparison, level: str | None) -> str:
    """The sentence above the losses: where least and where most is at risk."""
    measure = EXPECTED_LOSS if level is None else REVENUE_AT_RISK
    each = [result.estimates.of(measure, level) for result in found.results]
    texts = [sized(one.value, found.scenarios[0], one.half_width) for one in each]
    names = [f"“{short(label, 40)}”" for label in found.labels]
    least, most = (pick(range(len(each)), key=lambda k: each[k].value) for pick in (min, max))
    caption = measure_caption(measure, level)
    if each[least].value == each[most].value:
        return f"{caption}: {texts[0]} in every scenario"
    return f"{caption}: {texts[least]} with {names[least]}, {texts[most]} with {names[most]}"


def _difference_finding(found: Comparison, rows: Sequence[Row], times: float, unit: str) -> str:
    """The sentence above the differences: of the first row, or of the largest change among several scenarios."""
    if not rows:
        return "The scenarios have no level in common"
    name, of, one = max((row for row in rows if row[0] == rows[0][0]), key=lambda row: abs(row[2].value))
    other = f"“{short(found.labels[of], 40)}”"
    if one.value == 0 and not one.standard_error:
        return f"{name}: no difference"
    error = None if one.standard_error is None else times * one.standard_error
    amount = _number(times * abs(one.value), error)
    said = numbers.with_unit(amount, unit)
    more = f" ± {_number(error, error)}" if error else ""
    return f"{name} {said}{more} {'lower' if one.value < 0 else 'higher'} with {other}"


def _about(found: Comparison, *more: str) -> str:
    periods = "; ".join(dict.fromkeys(period(scenario) for scenario in found.scenarios))
    return parts_of(periods, "the same draws for all", *more, found.base_line())
