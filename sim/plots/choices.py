"""Choices under doubt: what each is worth more than the first, draw by draw, from the worst of them to the best."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sim.estimates.bands import ends_of
from sim.plots.style import LINES, folded, headline, own_axes, scale_formatter, styled, write
from sim.plots.wording import about, legend_below, scale, share, window
from sim.words import numbers
from sim.words.decided import more, more_of
from sim.words.labels import discounting, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.answers.choose import Decision, OfChoice

MOST = len(LINES)
"""Choices beside the first that are drawn."""

BETTER, WORSE = "#EAF3EA", "#F8ECE6"
"""Grounds above and below the first choice."""


class ChoicePlots:
    """Pictures of choices under doubt; ``found.plot`` is one. Each gives back what it drew on, and shows nothing."""

    def __init__(self, found: Decision) -> None:
        self._found = found

    def choices(self, ax: Axes | None = None) -> Axes:
        """Draw what each choice is worth more than the first, its draws sorted.

        Parameters
        ----------
        ax
            Where to draw; None: on a figure of its own.

        Returns
        -------
        Axes
            At the left a choice's worst draw, at the right its best. Where its curve crosses the line of the first
            choice is the share of draws in which it is worse.
        """
        return choices(ax, self._found)


def choices(ax: Axes | None, found: Decision) -> Axes:
    """Draw the curves; see :meth:`ChoicePlots.choices`."""
    scenario, values = found.scenario, found.worths.values
    gains = [np.sort(one - values[0]) for one in values]
    means = [float(one.mean()) for one in gains]
    shown = sorted(range(1, len(gains)), key=lambda n: -means[n])[:MOST]
    first = found.rows[0]
    is_share = found.objective.is_share
    amounts = [end for n in shown for end in (gains[n][0], gains[n][-1])]
    unit = None if is_share else scale(scenario, *amounts)
    with styled():
        ax = own_axes(7.4, 4.8) if ax is None else ax
        x = 100 * (np.arange(found.draws) + 0.5) / found.draws
        lines: list[Any] = []
        for number, look in zip(shown, LINES, strict=False):
            color, dash, _ = look
            label = _label(found, number, 100.0 if unit is None else unit.factor)
            lines += ax.plot(x, gains[number], color=color, linestyle=dash, linewidth=1.8, label=label, zorder=3)
        ax.set_xlim(0, 100)
        low, high = min(0.0, *amounts), max(0.0, *amounts)
        room = 0.08 * (high - low) or 1.0
        ax.set_ylim(low - room, high + room)
        ax.axhspan(0, high + room, color=BETTER, linewidth=0, zorder=0)
        ax.axhspan(low - room, 0, color=WORSE, linewidth=0, zorder=0)
        ax.axhline(0, color="#222222", linewidth=1.2, zorder=2)
        _name_grounds(ax, first, high > 0, low < 0)
        ax.yaxis.set_major_formatter(scale_formatter(is_share, 1.0 if unit is None else unit.factor))
        ax.xaxis.set_major_formatter(_percent)
        ax.grid(color="#dddddd", linewidth=0.6, zorder=1)
        write(ax.xaxis.label, "Share of the draws of the numbers in doubt, each choice’s worst to the left")
        how = f", {discounted}" if not is_share and (discounted := discounting(scenario)) else ""
        what = f"{more_of(found.objective)} than “{short(first.choice.name, 40)}”"
        write(ax.yaxis.label, folded(f"{what}{'' if unit is None else f', {unit.unit}'}{how}", 46))
        if lines:
            legend_below(ax, [lines])
        count = len(found.under.ensemble.doubts)
        headline(
            ax,
            finding(found),
            about(
                scenario,
                window(scenario),
                f"{found.draws:,} draws of {count:,} number{'s' if count > 1 else ''} in doubt",
                f"{found.paths:,} paths each",
                f"{len(gains) - 1 - len(shown)} more choices are not drawn" if len(gains) - 1 > len(shown) else "",
            ),
        )
    return ax


def _percent(value: float, _: float) -> str:
    return f"{value:.0f}\u00a0%"


def finding(found: Decision) -> str:
    """What the picture says: which choice is worth more on average than the first, and in how many draws."""
    best, first = found.best, found.rows[0]
    name = f"“{short(first.choice.name, 40)}”"
    if best is first:
        others = max(found.rows[1:], key=lambda row: row.gain.value)
        than = f"“{short(others.choice.name, 40)}”"
        return f"No choice is better on average than {name}; {than} is no worse in {_better(found, others)} of draws"
    low, _ = ends_of(best.gain)
    if low <= 0:
        return f"“{short(best.choice.name, 40)}” and {name} can’t be told apart on average"
    return (
        f"“{short(best.choice.name, 40)}” has {more(found, best.gain)} than {name} on average, and is no worse in "
        f"{_better(found, best)} of draws"
    )


def _better(found: Decision, row: OfChoice) -> str:
    return share(row.not_worse[found.rows[0].choice.id].value)


def _label(found: Decision, number: int, factor: float) -> str:
    """A choice with its average, and what is regretted of it."""
    row = found.rows[number]
    gain, worst = row.gain, row.largest_regret
    low, high = ends_of(gain)
    reach = (high - low) / 2 * factor
    percent = " %" if found.objective.is_share else ""
    average = f"{numbers.signed(gain.value * factor, reach)}{percent} on average"
    regret = numbers.number(worst.value * factor, (worst.standard_error or 0.0) * 2 * factor or None)
    return (
        f"{short(row.choice.name, 40)}: {average}, the best one in {share(row.best.value)}, largest regret "
        f"{regret}{percent}"
    )


def _name_grounds(ax: Axes, first: OfChoice, above: bool, below: bool) -> None:
    """Say what lies above and below the first choice."""
    name = short(first.choice.name, 40)
    style: dict[str, Any] = {"fontsize": 8, "color": "#555555", "xycoords": "axes fraction", "parse_math": False}
    if above:
        ax.annotate(f"better than “{name}”", (0.01, 0.98), va="top", ha="left", **style)
    if below:
        ax.annotate(f"worse than “{name}”", (0.99, 0.02), va="bottom", ha="right", **style)
