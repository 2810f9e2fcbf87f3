"""Concentration over time: the largest named customer's share, and the Herfindahl–Hirschman index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.plots.calendars import across, mark_window, month_axis
from sim.plots.style import LINES, headline, own_axes, styled, write
from sim.plots.wording import about, alike, horizon, paths_of, share

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.answers.run import Result

SERIES = {
    "largest_share": "share of the largest\nnamed customer",
    "hhi": "HHI: sum of the\nnamed customers’\nsquared shares",
}
APART = 0.17
"""Part of the height that two labels are apart, at least."""


def concentration(ax: Axes | None, result: Result) -> Axes:
    """Draw the two lines; see :meth:`sim.plots.ResultPlots.concentration`."""
    scenario = result.scenario
    series = {name: np.asarray(result.series[name], dtype=float) for name in SERIES}
    with styled():
        ax = own_axes(7.4, 4.2) if ax is None else ax
        every = max(1, scenario.months // 10)
        for (name, values), (color, dash, mark) in zip(series.items(), LINES, strict=False):
            look = {"color": color, "linestyle": dash, "marker": mark, "markersize": 4.5, "markevery": every}
            ax.plot(*across(values, scenario), label=SERIES[name], clip_on=False, zorder=3, linewidth=1.8, **look)
        top = min(1.0, 1.15 * max(float(values.max()) for values in series.values())) or 1.0
        ax.set_ylim(0, top)
        month_axis(ax, scenario)
        mark_window(ax, scenario, named=False)
        ends = [float(values[-1]) / top for values in series.values()]
        # The larger label gives way upwards, so that both can be read where the lines meet.
        heights = [max(ends[0], ends[1] + APART), ends[1]] if ends[0] - ends[1] < APART else ends
        shift = max(0.0, heights[0] - 1 + APART / 3)
        for label, height, (color, _, _) in zip(SERIES.values(), heights, LINES, strict=False):
            ax.annotate(
                label,
                (1.015, height - shift),
                xycoords="axes fraction",
                color=color,
                va="center",
                fontweight="bold",
                fontsize=8,
                annotation_clip=False,
                parse_math=False,
            )
        ax.grid(axis="y", color="#dddddd", linewidth=0.6)
        ax.set_axisbelow(True)
        write(ax.yaxis.label, "Share of revenue, HHI: both from 0 to 1")
        headline(ax, finding(result), about(scenario, horizon(scenario), paths_of(result), "means over paths"))
    return ax


def finding(result: Result) -> str:
    """What the lines say of the first month and the last."""
    scenario = result.scenario
    if not any(not stream.pool for stream in scenario.streams):
        return "No customer is named: nothing is concentrated"
    largest, hhi = (result.series[name] for name in SERIES)
    first, last = scenario.month_label(0), scenario.month_label(scenario.months - 1)
    indices = alike([hhi[0], hhi[-1]], 2)
    if first == last:
        return f"The largest named customer brings {_percent(largest[0])} of revenue in {first}; HHI {indices[0]}"
    return (
        f"The largest named customer brings {_percent(largest[0])} of revenue in {first}, "
        f"{_percent(largest[-1])} in {last}; HHI {indices[0]} and {indices[1]}"
    )


def _percent(part: float) -> str:
    return f"{100 * part:.0f}\u00a0%" if part >= 0.1 else share(part)
