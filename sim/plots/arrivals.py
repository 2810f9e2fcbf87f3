"""When events come: for each a row with the distribution of its month, its chance, and its median."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.errors import UsageError
from sim.language.values import month_number
from sim.plots.calendars import QUIET, month_axis
from sim.plots.style import headline, own_axes, styled, write
from sim.plots.wording import about, horizon, paths_of, share, two_lines
from sim.words.labels import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.answers.run import Result
    from sim.scenario.parts import Scenario

MOST_ROWS = 16
MOST_STEPS = 120
STEPS = {1: "month", 3: "quarter", 12: "year", 60: "five years"}
TALLEST = 0.78
"""Height of a row's peak; rows are one apart."""

FILL, EDGE, MEDIAN = "#8FC1E0", "#00324F", "#D55E00"


def event_months(ax: Axes | None, result: Result) -> Axes:
    """Draw the rows; see :meth:`sim.plots.ResultPlots.event_months`."""
    scenario = result.scenario
    shown = np.array([e for e, event in enumerate(scenario.events) if not event.planned], dtype=int)
    if not shown.size:
        raise UsageError("event_months: the scenario has no events" + (" but planned ones" if scenario.events else ""))
    arisen = result.event_months[:, :-1].sum(axis=1)
    kept = np.sort(shown[np.argsort(-arisen[shown], kind="stable")[:MOST_ROWS]])
    step = next((step for step in STEPS if scenario.months <= MOST_STEPS * step), max(STEPS))
    with styled():
        ax = own_axes(7.8, 1.8 + 0.42 * len(kept)) if ax is None else ax
        names = []
        for row, e in enumerate(kept):
            foot = len(kept) - 1.0 - row
            event = scenario.events[e]
            names.append(two_lines(short(event.name, 54), 30))
            edges, heights = distribution(result.event_months[e, :-1], scenario, step)
            ax.axhline(foot, color="#bbbbbb", linewidth=0.8, zorder=1)
            if arisen[e]:
                tops = foot + TALLEST * heights / heights.max()
                ax.stairs(tops, edges, baseline=foot, fill=True, facecolor=FILL, edgecolor=EDGE, linewidth=0.7)
                _median(ax, scenario, result.events[event.id]["median_month"], foot)
            _beside(ax, result, event.id, foot)
        for words, x, color in (("arises", _ARISES, QUIET), ("▲ median", _MEDIAN, MEDIAN)):
            _note(ax, words, x, len(kept) - 1 + TALLEST + 0.22, color)
        ax.set_ylim(-0.12, len(kept) - 1 + TALLEST + 0.5)
        ax.set_yticks([foot + 0.3 for foot in range(len(kept) - 1, -1, -1)], names, parse_math=False)
        ax.tick_params(axis="y", length=0)
        ax.spines["left"].set_visible(False)
        month_axis(ax, scenario)
        ax.grid(axis="x", color="#e4e4e4", linewidth=0.6)
        ax.set_axisbelow(True)
        some = "" if len(kept) == len(shown) else f"likeliest {len(kept)} of {len(shown)} events"
        scale = f"share of paths by {STEPS[step]}, each row to its own peak"
        headline(ax, finding(result), about(scenario, horizon(scenario), paths_of(result), scale, some))
        write(ax.yaxis.label, "")
    return ax


def distribution(counts: np.ndarray, scenario: Scenario, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Paths a month on which an event arises, by steps of the calendar.

    Parameters
    ----------
    counts
        Paths by month, shape (months,).
    step
        Months of a step; the first and the last may have fewer within the horizon.

    Returns
    -------
    edges, rates
        Borders in months from the start, shape (steps + 1,), and paths a month in each step, shape (steps,).
    """
    which = (scenario.start + np.arange(scenario.months)) // step
    which = which - which[0]
    starts = np.flatnonzero(np.diff(which, prepend=-1))
    edges = np.append(starts, scenario.months) - 0.5
    rates = np.bincount(which, weights=counts) / np.diff(edges)
    return edges, rates


def finding(result: Result) -> str:
    """What the picture says of the likeliest event."""
    event = max(result.scenario.at_risk, key=lambda event: result.events[event.id]["probability"])
    found = result.events[event.id]
    if found["median_month"] is None:
        return "No event arises on any path"
    chance = share(found["probability"], _error(found))
    name = short(event.name, 60)
    if found["probability"] == 1:
        return f"“{name}” arises on every path, on half of them by {found['median_month']}"
    return f"“{name}” arises on {chance} of paths, on half of these by {found['median_month']}"


_ARISES, _MEDIAN = 46, 98
"""Where two columns end to the right of the axes, in points."""


def _beside(ax: Axes, result: Result, id: str, foot: float) -> None:
    found = result.events[id]
    _note(ax, share(found["probability"], _error(found)), _ARISES, foot + 0.3)
    _note(ax, found["median_month"] or "–", _MEDIAN, foot + 0.3)


def _note(ax: Axes, words: str, x: float, y: float, color: str = "black") -> None:
    ax.annotate(
        words,
        (1, y),
        xycoords=ax.get_yaxis_transform(),
        xytext=(x, 0),
        textcoords="offset points",
        ha="right",
        va="center",
        color=color,
        annotation_clip=False,
        parse_math=False,
    )


def _median(ax: Axes, scenario: Scenario, month: str, foot: float) -> None:
    place = month_number(month) - scenario.start
    ax.plot([place, place], [foot, foot + TALLEST + 0.04], color=MEDIAN, linewidth=1.5, zorder=3)
    ax.plot([place], [foot], color=MEDIAN, marker="^", markersize=6, linestyle="none", zorder=4, clip_on=False)


def _error(found: dict[str, float]) -> float:
    return (found["high"] - found["low"]) / 2
