"""The fan: monthly revenue as bands of equal probability, single paths in it, its baseline beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.errors import UsageError
from sim.plots.calendars import across, mark_renewals, mark_window, month_axis
from sim.plots.style import folded, headline, own_axes, scale_formatter, styled, write
from sim.plots.wording import about, horizon, legend_beside, money, paths_of, range_of, scale

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.answers.run import Result

HUE = "#0072B2"
MEDIAN: dict[str, Any] = {"color": "#00324F", "linewidth": 2.4, "linestyle": "-"}
BASELINE: dict[str, Any] = {"color": "#D55E00", "linewidth": 1.6, "linestyle": (0, (4, 2))}
SAMPLE: dict[str, Any] = {"color": "#333333", "linewidth": 0.6, "linestyle": "-"}
WEAKEST, STRONGEST = 0.2, 0.55
"""Strength of the hue in the widest band and in the narrowest."""

LEVELS = (50, 80, 95)
"""Bands that are drawn unless others are asked for."""

TOLD = 80
"""Band that the title tells of, where it is drawn."""


def fan(ax: Axes | None, result: Result, levels: Sequence[float], samples: int) -> Axes:
    """Draw the fan; see :meth:`sim.plots.ResultPlots.fan`."""
    percents = bands(levels)
    if isinstance(samples, bool) or not isinstance(samples, int) or samples < 0:
        raise UsageError(f"samples: found {samples!r}, allowed is a whole number from 0 on")
    scenario = result.scenario
    with styled():
        ax = own_axes(8.2, 4.4) if ax is None else ax
        many = result.paths > 1
        without = "baseline without\nevents" + (", median" if many else "")
        for place, percent in enumerate(reversed(percents) if many else ()):
            low, high = (result.quantile("revenue", end) for end in ends(percent))
            months, lower = across(low, scenario)
            color = tinted(place / max(1, len(percents) - 1))
            upper = across(high, scenario)[1]
            ax.fill_between(months, lower, upper, color=color, linewidth=0, label=f"{percent} % of paths")
        drawn = result.samples["revenue"][: samples if many else 0]
        for n, path in enumerate(drawn):
            label = "_" if n else "one single path" if len(drawn) == 1 else f"{len(drawn)} single paths"
            ax.plot(*across(path, scenario), label=label, zorder=2.4, **SAMPLE)
        ax.plot(
            *across(result.quantile("revenue", 0.5), scenario),
            label="median" if many else "the one path",
            zorder=3.1,
            **MEDIAN,
        )
        baseline = result.quantile("baseline", 0.5)
        # In grey its dashes would be lost in the darkest band but for the white behind them.
        ax.plot(*across(baseline, scenario), color="white", linewidth=2.6, label="_", zorder=3.0)
        ax.plot(*across(baseline, scenario), label=without, zorder=3.2, **BASELINE)
        month_axis(ax, scenario)
        tops = [result.quantile("revenue", ends(percents[-1])[1]), baseline, *drawn]
        top = max(float(np.max(values)) for values in tops)
        ax.set_ylim(0, 1.06 * top if top > 0 else 1.0)
        unit = scale(scenario, top)
        ax.yaxis.set_major_formatter(scale_formatter(False, unit.factor))
        ax.grid(axis="y", color="#dddddd", linewidth=0.6)
        ax.set_axisbelow(True)
        write(ax.yaxis.label, folded(f"Revenue a month, {unit.unit}", 44))
        mark_renewals(ax, scenario)
        mark_window(ax, scenario)
        legend_beside(ax)
        headline(ax, finding(result, percents), about(scenario, horizon(scenario), paths_of(result), "undiscounted"))
    return ax


def finding(result: Result, percents: Sequence[int]) -> str:
    """What the fan says of the last month."""
    scenario = result.scenario
    percent = TOLD if TOLD in percents else percents[-1]
    low, high = (float(result.quantile("revenue", end)[-1]) for end in ends(percent))
    baseline = float(result.quantile("baseline", 0.5)[-1])
    said, unit = range_of([low, high, baseline], scenario)
    month = scenario.month_label(scenario.months - 1)
    if said[0] == said[1]:
        which = "the one path" if result.paths == 1 else f"{percent} % of paths"
        median = "" if result.paths == 1 else "median "
        return f"Revenue in {month}: {money(said[0], unit)} on {which}; baseline {median}{said[2]}"
    between = money(f"{said[0]} to {said[1]}", unit)
    return f"Revenue in {month}: {between} in {percent} % of paths; baseline median {said[2]}"


def ends(percent: int) -> tuple[float, float]:
    """Quantiles between which a band of equal tails holds so many per cent."""
    return (100 - percent) / 200, (100 + percent) / 200


def bands(levels: Sequence[float]) -> list[int]:
    """Per cents of the bands, the narrowest first."""
    found = set()
    for level in levels:
        if isinstance(level, bool) or not isinstance(level, int | float) or level != int(level) or not 0 < level < 100:
            raise UsageError(f"levels: found {level!r}, allowed are whole per cents from 1 to 99")
        found.add(int(level))
    if not found:
        raise UsageError("levels: found none, allowed is at least one whole per cent from 1 to 99")
    return sorted(found)


def tinted(place: float) -> tuple[float, ...]:
    """The hue mixed with white: 0 for the widest band, 1 for the narrowest; no transparency, which greys would lose."""
    from matplotlib.colors import to_rgb

    strength = WEAKEST + (STRONGEST - WEAKEST) * place
    return tuple(1 - strength * (1 - part) for part in to_rgb(HUE))
