"""Loss exceedance: the chance of a loss beyond each amount with its error, revenue at risk and shortfall marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.chance.sobol import SCRAMBLINGS
from sim.estimates import independent, replications
from sim.estimates.measures import EXPECTED_SHORTFALL, REVENUE_AT_RISK
from sim.plots.places import ABOVE, BELOW, Name, name_points
from sim.plots.style import headline, own_axes, scale_formatter, styled, write
from sim.plots.wording import about, legend_below, paths_of, scale, share, sized, window
from sim.scenario import rules
from sim.words import numbers
from sim.words.labels import discounting, futures, places_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.answers.run import Result
    from sim.estimates.estimate import Estimate

ERRORS = "in brackets 95 % intervals, ± standard errors"
MOST_POINTS = 1000
MOST_BAND = 200
MOST_LEVELS = 4

CURVE: dict[str, Any] = {"color": "#0072B2", "linewidth": 1.8}
BAND = "#A9CFE6"
AT_RISK: dict[str, Any] = {"color": "black", "marker": "o", "linestyle": "none", "markersize": 5}
SHORTFALL: dict[str, Any] = {
    "color": "#D55E00",
    "marker": "D",
    "linestyle": "none",
    "markersize": 8,
    "markerfacecolor": "none",
    "markeredgewidth": 1.6,
}
"""Hollow, so that the revenue at risk shows through where the two are equal."""


def exceedance(ax: Axes | None, result: Result) -> Axes:
    """Draw the curve; see :meth:`sim.plots.ResultPlots.exceedance`."""
    losses = without_rounding(result)
    amounts, above = curve(losses)
    scenario = result.scenario
    with styled():
        ax = own_axes(7.4, 5.0) if ax is None else ax
        ax.set_yscale("log")
        bottom = min(0.1, 0.6 / result.paths)
        chosen = sorted({*places_of(len(amounts), MOST_BAND // 2), *range(len(amounts))[-MOST_BAND // 2 :]})
        low, high = band(result, losses, amounts[chosen], above[chosen])
        last = max(float(amounts[-1]), 0.0)
        if len(amounts) == 1:
            # Nothing but the atom at zero: how little is known of what lies beyond it is all there is to draw.
            shape = ax.fill_between([0, 1], low[[0, 0]], high[[0, 0]], color=BAND, linewidth=0, label=_BAND)
            lines = ax.plot([], [], label="share of paths that lose more: none", **CURVE)
            last = 1.0
        else:
            shape = ax.fill_between(amounts[chosen], low, high, step="post", color=BAND, linewidth=0, label=_BAND)
            # The curve ends at the largest loss, from where on no path is left.
            heights = np.concatenate([above[:-1], above[-2:-1]])
            lines = ax.plot(amounts, heights, drawstyle="steps-post", label="share of paths that lose more", **CURVE)
        columns: tuple[list[Any], list[Any]] = ([*lines], [shape])
        levels = result.estimates.levels(REVENUE_AT_RISK)[:MOST_LEVELS]
        bottom = min([bottom, *(0.6 * (1 - float(level)) for level in levels)])
        worst = [result.estimates.of(EXPECTED_SHORTFALL, level).value for level in levels]
        unit = scale(scenario, last, *worst)
        for level in levels:
            marks, reach = _mark(ax, result, level, unit.factor)
            last = max(last, reach)
            for column, mark in zip(columns, marks, strict=True):
                column.append(mark)
        left = min(0.0, float(amounts[0]))
        room = 0.02 * (last - left)
        ax.set_xlim(left - room, last + 2 * room)
        ax.set_ylim(bottom, 1.5)
        ax.yaxis.set_major_formatter(scale_formatter(True))
        ax.xaxis.set_major_formatter(scale_formatter(False, unit.factor))
        ax.minorticks_off()
        ax.grid(color="#dddddd", linewidth=0.6)
        ax.set_axisbelow(True)
        _name_marks(ax, result, levels)
        how = f", {discounted}" if (discounted := discounting(scenario)) else ""
        write(ax.xaxis.label, f"Loss over {window(scenario)}{how}, {unit.unit}")
        write(ax.yaxis.label, "Probability of a larger loss")
        legend_below(ax, columns)
        headline(ax, finding(result, losses), about(scenario, paths_of(result), atom(losses), ERRORS))
    return ax


_BAND = "95 % interval at each amount"


def without_rounding(result: Result) -> np.ndarray:
    """Losses in rising order, zero where they are no more than rounding (section 7); shape (paths,)."""
    baseline = result.expected_baseline
    return np.sort(np.where(np.abs(result.loss) <= rules.NO_LOSS * baseline, 0.0, result.loss))


def curve(losses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Amounts in rising order, and the share of paths that lose more than each.

    Parameters
    ----------
    losses
        In rising order, shape (paths,).

    Returns
    -------
    amounts, above
        At most ``MOST_POINTS``: all amounts that occur where they fit, and zero where all are above it; else those at
        even steps of the amount, and those at even ratios of the share, which the tail needs. The last share is 0.
    """
    amounts, counts = np.unique(losses, return_counts=True)
    more = len(losses) - np.cumsum(counts)
    if amounts[0] > 0:
        amounts, more = np.append(0.0, amounts), np.append(len(losses), more)
    if len(amounts) > MOST_POINTS:
        half = MOST_POINTS // 2 - 1
        even = np.searchsorted(amounts, np.linspace(amounts[0], amounts[-1], half))
        ratios = np.searchsorted(-more, -np.geomspace(len(losses), 1, half))
        kept = np.unique(np.clip([0, *even, *ratios, len(amounts) - 1], 0, len(amounts) - 1))
        amounts, more = amounts[kept], more[kept]
    return amounts, more / len(losses)


def band(result: Result, losses: np.ndarray, amounts: np.ndarray, above: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the 95 % interval of each share of paths that lose more, amount by amount.

    Parameters
    ----------
    losses
        In rising order, rounding taken away.
    amounts, above
        Some of the curve's points.

    Notes
    -----
    For independent paths Clopper's and Pearson's; for quasi-random ones from how far the scramblings lie apart.
    """
    if result.sampling == "sobol":
        zero = np.abs(result.loss) <= rules.NO_LOSS * result.expected_baseline
        table = np.sort(np.where(zero, 0.0, result.loss).reshape(-1, SCRAMBLINGS), axis=0)
        more = [len(table) - np.searchsorted(column, amounts, side="right") for column in table.T]
        found = [replications.share(hits, result.paths)[1:] for hits in np.array(more).T]
    else:
        found = [independent.share_interval(round(part * len(losses)), len(losses)) for part in above]
    low, high = np.array(found).T
    return low, high


def finding(result: Result, losses: np.ndarray) -> str:
    """What the curve says, at the lowest level at which something is lost."""
    scenario = result.scenario
    lossy = float(np.mean(losses > 0))
    if lossy == 0:
        return "No path loses anything" if result.paths > 1 else "The one path loses nothing"
    for level in result.estimates.levels(REVENUE_AT_RISK):
        chance, amount = 1 - float(level), result.estimates.of(REVENUE_AT_RISK, level).value
        if amount <= 0:
            continue
        written = sized(amount, scenario, result.estimates.of(REVENUE_AT_RISK, level).half_width)
        # Beside an atom fewer paths than that lose more; then only the other side can be said.
        if result.paths > 1 and float(np.mean(losses > amount)) > 0.9 * chance:
            return f"With a chance of {100 * chance:.6g}\u00a0% the loss exceeds {written}"
        return f"In {futures(level)} the loss does not exceed {written}"
    return f"{share(lossy)} of paths lose something, fewer than would show in the revenue at risk"


def atom(losses: np.ndarray) -> str:
    """The share of paths without a loss, in words."""
    lossless = float(np.mean(losses <= 0))
    if lossless == 0:
        return "every path loses something"
    if lossless == 1:
        _, high = independent.share_interval(0, len(losses))
        return f"no loss in any, so its chance is {share(high)} at most (97.5\u00a0% confidence)"
    return f"no loss in {share(lossless)} of them"


def _mark(ax: Axes, result: Result, level: str, factor: float) -> tuple[list[Any], float]:
    """Mark revenue at risk and shortfall of a level at the height of its chance; gives marks, how far right they go."""
    at_risk, shortfall = (result.estimates.of(measure, level) for measure in (REVENUE_AT_RISK, EXPECTED_SHORTFALL))
    y, percent = 1 - float(level), f"{100 * float(level):g} %"
    x, mean = at_risk.value, shortfall.value
    ax.hlines(y, x, mean, color="#777777", linewidth=0.9, linestyle=(0, (1, 2)), zorder=3.5)
    reach = [x, mean]
    if at_risk.low is not None and at_risk.high is not None:
        ax.hlines(y, at_risk.low, at_risk.high, color=AT_RISK["color"], linewidth=1.6, zorder=4)
        reach.append(at_risk.high)
    if shortfall.standard_error is not None:
        # Two standard errors to either side, as wide as a 95 % interval.
        ends = (mean - 2 * shortfall.standard_error, mean + 2 * shortfall.standard_error)
        ax.hlines(y, *ends, color=SHORTFALL["color"], linewidth=1.6, zorder=4)
        reach.append(ends[1])
    marks = [
        *ax.plot([x], [y], zorder=5, label=_at_risk(percent, at_risk.times(factor)), **AT_RISK),
        *ax.plot([mean], [y], zorder=5, label=_shortfall(percent, shortfall.times(factor)), **SHORTFALL),
    ]
    return marks, float(max(reach))


def _name_marks(ax: Axes, result: Result, levels: Sequence[str]) -> None:
    """Name revenue at risk and shortfall of each level, each name where nothing else is."""
    names = []
    for level in levels:
        y, percent = 1 - float(level), f"{100 * float(level):g}\u00a0%"
        for measure, name in ((REVENUE_AT_RISK, "RaR"), (EXPECTED_SHORTFALL, "ES")):
            # The curve falls to the right: what is below it stands to the left, what is above it to the right.
            sides = BELOW if measure is REVENUE_AT_RISK else ABOVE
            names.append(Name(f"{name} {percent}", (result.estimates.of(measure, level).value, y), sides))
    name_points(ax, names, fontsize=8)


def _at_risk(percent: str, estimate: Estimate) -> str:
    words = f"revenue at risk {percent}: "
    if estimate.low is None or estimate.high is None:
        return words + numbers.number(estimate.value)
    value, low, high = (
        numbers.number(end, estimate.half_width) for end in (estimate.value, estimate.low, estimate.high)
    )
    return f"{words}{value} ({low} … {high})"


def _shortfall(percent: str, estimate: Estimate) -> str:
    error = estimate.standard_error
    value = numbers.number(estimate.value, error)
    return f"expected shortfall {percent}: {value}" + ("" if error is None else f" ± {numbers.number(error, error)}")
