"""The picture of an attribution: a waterfall from the baseline to what is left of it, a step for each event."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.answers.attribute import Attribution
from sim.estimates.estimate import Estimate
from sim.estimates.measures import EXPECTED_LOSS, MEASURES
from sim.plots import wording
from sim.plots.style import folded, headline, own_axes, scale_formatter, styled, write
from sim.words.labels import measure_caption, period, short
from sim.words.numbers import to_add_up, whole_percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 30
"""Events that get a step of their own; the rest shares one."""

HEIGHT = 0.64
"""Height of a bar, of which there is one a unit."""

ROOM = 0.28
"""Part of the width beyond the bars that their values take."""

CUT = 0.35
"""Part of the upper end of the scale that all steps together stay below where the scale need not begin at zero."""

FEW = "too few paths to tell an error"

NAME_WIDTH = 36
NAME_LINES = 2

TOTAL: dict[str, Any] = {"facecolor": "#7F7F7F", "hatch": None}
LOOKS: dict[bool, dict[str, Any]] = {
    True: {"facecolor": "#D55E00", "hatch": "////", "label": "makes the loss larger"},
    False: {"facecolor": "#56B4E9", "hatch": "....", "label": "makes the loss smaller"},
}
"""Dark and light, each with a hatch: told apart without their colours too."""


class AttributionPlots:
    """Pictures of an attribution; ``attribution.plot`` is one."""

    def __init__(self, attribution: Attribution) -> None:
        self._attribution = attribution

    def waterfall(
        self, ax: Axes | None = None, measure: str = EXPECTED_LOSS.name, level: float | str | None = None
    ) -> Axes:
        """Draw what each event contributes as a step, the largest first, and what they add up to.

        Parameters
        ----------
        ax
            Where to draw; None: on a figure of its own.
        measure
            ``expected_loss``: the steps lead from the expected baseline to the expected revenue.
            ``expected_shortfall``: they lead from zero to the shortfall.
        level
            Of the shortfall; None: the first.

        Returns
        -------
        Axes
            Values stand at the bars, each with its standard error and its share of the total. Where the steps would be
            too short to read the scale does not begin at zero; the picture then says so, and the bars are marked.

        Raises
        ------
        UsageError
            For another measure, or a level that the attribution does not have.
        """
        found = self._attribution
        name, key = found.chosen(measure, level)
        ends = [found.expected_baseline] if name == EXPECTED_LOSS.name else [found.total(name, key)]
        unit = wording.scale(found.scenario, *(end.value for end in ends))
        bars = _bars(found, name, key, unit.factor)
        with styled():
            ax = own_axes(9.0, 1.7 + 0.38 * max(3, len(bars))) if ax is None else ax
            if not found.contributions:
                ax.set_axis_off()
                ax.text(0.5, 0.5, "no events", transform=ax.transAxes, ha="center", va="center", color="#444444")
                headline(ax, found.finding(name, key), wording.about(found.scenario, period(found.scenario)))
                return ax
            start = _draw(ax, bars, unit.factor)
            caption = "Revenue" if name == EXPECTED_LOSS.name else measure_caption(MEASURES[name], key)
            write(ax.xaxis.label, folded(f"{caption}, {unit.unit}", 80))
            about = [short(found.scenario.name, 60), period(found.scenario)]
            about.append("Shapley values" if found.exact else f"Shapley values, {found.orders} orders sampled")
            about.append("± one standard error" if found.total(name, key).standard_error is not None else FEW)
            if start:
                about.append(f"the scale begins at {start * unit.factor:,.10g}, not at zero")
            about.append(found.base_line(key, name))
            headline(ax, found.finding(name, key, named=1), wording.parts_of(*about))
        return ax


@dataclass(frozen=True, slots=True)
class _Bar:
    """A row: its name, the two ends of its bar, the words beside it; ``loses`` None for a total."""

    name: str
    begin: float
    end: float
    words: str
    loses: bool | None = None


def _bars(found: Attribution, measure: str, level: str | None, factor: float) -> list[_Bar]:
    """The rows from top to bottom."""
    total = found.total(measure, level)
    ranked = found.ranked(measure, level)
    steps = [(part.name, part.to(measure, level), found.share(part, measure, level)) for part in ranked]
    if len(steps) > MOST:
        left = steps[MOST - 1 :]
        rest = Estimate.of(sum(estimate.value for _, estimate, _ in left), None, 1)
        share = None if None in [share for *_, share in left] else sum(share or 0.0 for *_, share in left)
        steps = [*steps[: MOST - 1], (f"the other {len(left)} events", rest, share)]
    falls = measure == EXPECTED_LOSS.name
    ends = [found.expected_baseline, _after_one_offs(found)] if falls else [total]
    said = _said([estimate.times(factor) for _, estimate, _ in steps])
    sums = _said([end.times(factor) for end in ends])
    at = found.expected_baseline.value if falls else 0.0
    bars = [_Bar("Expected baseline", 0.0, at, sums[0])] if falls else []
    for (name, estimate, share), words in zip(steps, said, strict=True):
        after = at - estimate.value if falls else at + estimate.value
        part = "" if share is None else f" ({whole_percent(share)})"
        bars.append(_Bar(name, at, after, words + part, estimate.value >= 0))
        at = after
    revenue = "Expected revenue" if found.expected_one_off is None else "Expected revenue less one-offs"
    last = revenue if falls else measure_caption(MEASURES[measure], level)
    return [*bars, _Bar(last, 0.0, ends[-1].value, sums[-1])]


def _after_one_offs(found: Attribution) -> Estimate:
    """Where the bars end: at the expected revenue, less what events cost once."""
    if found.expected_one_off is None:
        return found.expected_revenue
    total = found.total(EXPECTED_LOSS.name)
    value = found.expected_revenue.value - found.expected_one_off.value
    return Estimate(value, total.standard_error)


def _said(estimates: Sequence[Estimate]) -> list[str]:
    if not estimates:
        return []
    return [" ± ".join(filter(None, pair)) for pair in to_add_up(estimates)]


def _draw(ax: Axes, bars: list[_Bar], factor: float) -> float:
    """Bars, connectors and values; what the scale begins at."""
    steps = [bar for bar in bars if bar.loses is not None]
    tops = [end for bar in steps for end in (bar.begin, bar.end)]
    low, high = min(tops), max(tops)
    start = 0.0
    if low > 0 and 0 < high - low < CUT * high:
        start = _rounded(low - 0.3 * (high - low), high - low)
    left = min(start, low)
    width = (high - left) or 1.0
    for y, bar in enumerate(bars):
        look = TOTAL if bar.loses is None else {**LOOKS[bar.loses], "label": "_"}
        begin = start if bar.loses is None and start else bar.begin
        ax.barh(y, bar.end - begin, HEIGHT, left=begin, edgecolor="white", linewidth=0.5, zorder=2, **look)
        if y + 1 < len(bars):
            ax.plot([bar.end, bar.end], [y + HEIGHT / 2, y + 1 - HEIGHT / 2], color="#444444", linewidth=0.8, zorder=3)
        _beside(ax, max(begin, bar.end), y, bar.words)
        if bar.loses is None and start:
            _mark_cut(ax, y)
    ax.set_yticks(range(len(bars)), [_name(bar.name) for bar in bars], parse_math=False)
    ax.set_ylim(len(bars) - 0.4, -0.6)
    ax.set_xlim(left - (0.02 * width if left < 0 else 0.0), high + ROOM * width)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(start == 0 and left == 0)
    ax.xaxis.set_major_formatter(scale_formatter(False, factor))
    ax.grid(axis="x", color="#dddddd", linewidth=0.6)
    ax.set_axisbelow(True)
    if left < 0:
        ax.axvline(0, color="#222222", linewidth=0.8, zorder=1)
    if any(bar.loses is False for bar in steps):
        _legend(ax)
    return start


def _rounded(start: float, span: float) -> float:
    """Where a scale may begin: a round number not above a start, in steps that suit the span; not below zero."""
    step: float = 10.0 ** math.floor(math.log10(span / 2))
    return max(0.0, math.floor(start / step) * step)


def _beside(ax: Axes, x: float, y: float, words: str) -> None:
    ax.annotate(
        words.replace(" ", "\u00a0"),
        (x, y),
        xytext=(5, 0),
        textcoords="offset points",
        va="center",
        fontsize=8,
        color="#222222",
        parse_math=False,
    )


def _mark_cut(ax: Axes, y: float) -> None:
    """Two white strokes across a bar near the left edge: it goes on beyond."""
    for x in (0.02, 0.032):
        ends = [y + 0.62 * HEIGHT, y - 0.62 * HEIGHT]
        ax.plot([x, x + 0.012], ends, color="white", linewidth=2, transform=ax.get_yaxis_transform(), zorder=4)


def _legend(ax: Axes) -> None:
    from matplotlib.patches import Patch

    handles = [Patch(edgecolor="white", **look) for look in LOOKS.values()]
    ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(1.01, 1.0), fontsize=8, frameon=False)


def _name(name: str) -> str:
    """What stands beside a bar: a few lines, the rest cut."""
    lines = folded(short(name, NAME_WIDTH * NAME_LINES), NAME_WIDTH).split("\n")
    return "\n".join(lines[:NAME_LINES]) + ("…" if len(lines) > NAME_LINES else "")
