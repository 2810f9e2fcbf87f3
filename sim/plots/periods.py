"""The fan by quarter or year: revenue of each period as a box of bands, for periods that the horizon cuts have less."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sim.answers.by_period import label, of_kind
from sim.errors import UsageError
from sim.estimates.measures import level_name
from sim.plots.calendars import YEAR_INCHES, width_of
from sim.plots.fans import BASELINE, MEDIAN, bands, ends, tinted
from sim.plots.style import folded, headline, own_axes, scale_formatter, styled, write
from sim.plots.wording import about, horizon, legend_beside, money, paths_of, range_of, scale
from sim.scenario.periods import QUARTER, YEAR

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.answers.run import Result

KINDS = (QUARTER, YEAR)

BANDS = (50, 90)
"""Per cents whose ends results tell of a period."""

NAME_INCHES = 0.9
"""Room that a quarter's name takes."""

WIDE = 0.84
"""Width of a box, of the room that it has."""


def fan_by(ax: Axes | None, result: Result, kind: str, levels: Sequence[float] | None) -> Axes:
    """Draw the fan by period; see :meth:`sim.plots.ResultPlots.fan`."""
    percents = bands(BANDS if levels is None else levels)
    if not {*percents} <= {*BANDS}:
        found = ", ".join(str(percent) for percent in percents if percent not in BANDS)
        raise UsageError(f"levels: found {found}, by {kind} allowed are {' and '.join(map(str, BANDS))}")
    periods = of_kind(result.periods, kind)
    if not periods:
        raise UsageError(
            f"version {result.version}, which wrote the folder, told no {kind}s", help="run its scenario again"
        )
    scenario, many = result.scenario, result.paths > 1
    places = range(len(periods))

    def of(name: str, level: float) -> list[float]:
        return [record[name][level_name(level)] for record in periods]

    with styled():
        ax = own_axes(8.2, 4.4) if ax is None else ax
        for place, percent in enumerate(reversed(percents) if many else ()):
            low, high = (of("revenue", end) for end in ends(percent))
            heights = [upper - lower for lower, upper in zip(low, high, strict=True)]
            color = tinted(place / max(1, len(percents) - 1))
            ax.bar(places, heights, WIDE, low, color=color, linewidth=0, label=f"{percent} % of paths")
        lines: list[tuple[list[float], str, dict[str, Any]]] = [
            (of("revenue", 0.5), "median" if many else "the one path", MEDIAN),
            (of("baseline", 0.5), "baseline without\nevents" + (", median" if many else ""), BASELINE),
        ]
        starts, stops = ([k + side * WIDE / 2 for k in places] for side in (-1, 1))
        # In grey the baseline's dashes would be lost in the darkest band but for the white behind them.
        ax.hlines(lines[1][0], starts, stops, color="white", linewidth=2.6, zorder=3.0)
        for values, words, look in lines:
            ax.hlines(values, starts, stops, label=words, zorder=3.2, **look)
        top = max(*of("revenue", ends(percents[-1])[1]), *lines[0][0], *lines[1][0])
        _mark_parts(ax, periods, top, kind)
        ax.set_xlim(-0.6, len(periods) - 0.4)
        ax.set_ylim(0, 1.06 * top if top > 0 else 1.0)
        _ticks(ax, periods, kind)
        unit = scale(scenario, top)
        ax.yaxis.set_major_formatter(scale_formatter(False, unit.factor))
        ax.grid(axis="y", color="#dddddd", linewidth=0.6)
        ax.set_axisbelow(True)
        write(ax.yaxis.label, folded(f"Revenue a {kind}, {unit.unit}", 44))
        legend_beside(ax)
        headline(
            ax, _finding(result, periods, percents[-1]),
            about(scenario, horizon(scenario), paths_of(result), "undiscounted"),
        )  # fmt: skip
    return ax


def _mark_parts(ax: Axes, periods: Sequence[dict[str, Any]], top: float, kind: str) -> None:
    """Hatch the room of periods that the horizon cuts: a low box there is no low revenue."""
    parts = [k for k, record in enumerate(periods) if not record["complete"]]
    if not parts:
        return
    counts = ", ".join(label(periods[k]) for k in parts)
    ax.bar(
        parts, 1.06 * top if top > 0 else 1.0, 1.0, color="none", edgecolor="#bbbbbb", hatch="///", linewidth=0,
        label=folded(f"a part of a {kind}: {counts}", 22), zorder=0.5,
    )  # fmt: skip


def _ticks(ax: Axes, periods: Sequence[dict[str, Any]], kind: str) -> None:
    """Name each period where there is room, else years at their first quarter, as many as have room."""
    names = [record["name"] for record in periods]
    inches = width_of(ax) / len(periods)
    places = list(range(len(periods)))
    by_year = kind == QUARTER and inches < NAME_INCHES
    if by_year:
        names = [name.split(" ")[0] for name in names]
        places = [k for k in places if k == 0 or names[k] != names[k - 1]]
        if len(places) > 1 and places[1] * inches < 1.3 * YEAR_INCHES:
            places = places[1:]  # the first two names would stand on each other
    room = 1.3 * YEAR_INCHES if by_year or kind == YEAR else NAME_INCHES
    gap = inches * (4 if by_year else 1)
    places = places[:: max(1, math.ceil(room / gap))]
    ax.set_xticks(places, [names[k] for k in places], parse_math=False)
    ax.minorticks_off()
    write(ax.xaxis.label, "Quarter; years are named at their first" if by_year else kind.capitalize())


def _finding(result: Result, periods: Sequence[dict[str, Any]], percent: int) -> str:
    """What the fan says of the last whole period, or the last where none is."""
    record = next((record for record in reversed(periods) if record["complete"]), periods[-1])
    low, high = (record["revenue"][level_name(end)] for end in ends(percent))
    said, unit = range_of([low, high, record["baseline"]["0.5"]], result.scenario)
    name = label(record)
    if said[0] == said[1]:
        which = "the one path" if result.paths == 1 else f"{percent} % of paths"
        median = "" if result.paths == 1 else "median "
        return f"Revenue in {name}: {money(said[0], unit)} on {which}; baseline {median}{said[2]}"
    between = money(f"{said[0]} to {said[1]}", unit)
    return f"Revenue in {name}: {between} in {percent} % of paths; baseline median {said[2]}"
