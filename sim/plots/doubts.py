"""Loss exceedance under doubt: at the file's numbers, the band of what else they may be, chance and doubt together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.estimates.bands import LEAST_BEYOND, ends_of
from sim.estimates.estimate import Estimate
from sim.estimates.measures import CHANCE_OF_LOSS, REVENUE_AT_RISK
from sim.plots.exceedances import curve, without_rounding
from sim.plots.places import ABOVE, BELOW, Name, name_points
from sim.plots.style import headline, own_axes, scale_formatter, styled, write
from sim.plots.wording import about, legend_below, scale, share, sized, window
from sim.words import numbers
from sim.words.labels import discounting

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from sim.answers.doubt import Doubted
    from sim.words.doubted import InDoubt

FILE: dict[str, Any] = {"color": "#0072B2", "linewidth": 1.8}
TOGETHER: dict[str, Any] = {"color": "#D55E00", "linewidth": 1.8, "linestyle": "--"}
NINE, HALF = "#E3E3E3", "#C4C4C4"
"""Greys of the bands: nine draws of ten, every other one."""

MOST_LEVELS = 2
LEAP = 0.8
"""Part of a share that is left from one amount to the next, below which the curve falls in a step."""

HIGHEST_BOTTOM = 0.2

APART = 0.01
"""Part of the picture's width from which on two marks at a height have a name each."""

ALMOST_ALL = 0.99
"""Share from which on a curve says nothing to a reader."""


class DoubtPlots:
    """Pictures of what doubt does; ``found.plot`` is one. Each gives back what it drew on, and shows nothing."""

    def __init__(self, found: Doubted) -> None:
        self._found = found

    def exceedance(self, ax: Axes | None = None) -> Axes:
        """Draw the probability of a loss beyond each amount: at the file's numbers, over doubt, and of both together.

        Parameters
        ----------
        ax
            Where to draw; None: on a figure of its own.

        Returns
        -------
        Axes
            The probability stands upright on a logarithmic scale, down to where a draw has too few paths to tell.
            Revenue at risk stands at the height of 1 less its level.
        """
        return exceedance(ax, self._found)

    def drivers(self, ax: Axes | None = None, *, measure: str | None = None, most: int = 10) -> Axes:
        """Draw which numbers in doubt move a measure; see :meth:`sim.plots.drivers.DriverPlots.drivers`."""
        from sim.answers.drivers import drivers

        return drivers(self._found, measure=measure).plot.drivers(ax, most=most)

    def boxes(self, condition: str, ax: Axes | None = None) -> Axes:
        """Draw where a condition on a measure holds; see :meth:`sim.plots.drivers.BoxPlots.boxes`."""
        from sim.answers.where import where

        return where(self._found, condition).plot.boxes(ax)


def exceedance(ax: Axes | None, found: Doubted) -> Axes:
    """Draw the curves; see :meth:`DoubtPlots.exceedance`."""
    scenario = found.scenario
    bottom = _bottom(found)
    rows = [row for row in found.rows if row.measure is REVENUE_AT_RISK and row.band][:MOST_LEVELS]
    bands = {at: [band[at].value for band in found.bands] for at in (0.05, 0.25, 0.75, 0.95)}
    together = [one.value for one in found.curve.mixture]
    base_amounts, base = curve(without_rounding(found.base))
    left, right = _ends(found.amounts, [*bands.values(), together], bottom)
    if base[-1] < bottom:
        right = max(right, float(base_amounts[np.flatnonzero(base < bottom)[0]]))
    right = max([right, *(end for row in rows for one in (row.base, row.predictive) for end in _reach(one))])
    room = (right - left) / 40
    unit = scale(scenario, right)
    with styled():
        ax = own_axes(7.4, 5.0) if ax is None else ax
        ax.set_yscale("log")
        ax.set_xlim(left - room, right + room)
        ax.set_ylim(bottom, 1.5)
        shapes = [
            _shade(ax, found.amounts, together, (bands[low], bands[high]), bottom, color=color, label=label)
            for low, high, color, label in (
                (0.05, 0.95, NINE, "where nine in ten draws of the numbers in doubt lie"),
                (0.25, 0.75, HALF, "where half of the draws lie"),
            )
        ]
        lines = [
            *ax.plot(
                *inside(*stepped(base_amounts, base), left - room, bottom),
                label="at the file’s numbers: chance alone",
                **FILE,
            ),
            *ax.plot(
                *inside(*line(found.amounts, together, together), left - room, bottom),
                label="chance and doubt together",
                **TOGETHER,
            ),
        ]
        marks = [mark for row in rows for mark in _mark(ax, row, unit.factor)]
        ax.yaxis.set_major_formatter(scale_formatter(True))
        ax.yaxis.set_ticks([tick for tick in _TICKS if bottom <= tick <= 1])
        ax.xaxis.set_major_formatter(scale_formatter(False, unit.factor))
        ax.minorticks_off()
        ax.grid(color="#dddddd", linewidth=0.6)
        ax.set_axisbelow(True)
        _name_marks(ax, rows)
        how = f", {discounted}" if (discounted := discounting(scenario)) else ""
        write(ax.xaxis.label, f"Loss over {window(scenario)}{how}, {unit.unit}")
        write(ax.yaxis.label, "Probability of a larger loss")
        legend_below(ax, [[lines[0], *marks[::2], lines[1], *marks[1::2], *shapes]])
        headline(ax, finding(found, rows), about(scenario, *_about(found)))
    return ax


_TICKS = tuple(digit * 10.0**power for power in range(0, -9, -1) for digit in (1, 0.5, 0.2))


def _bottom(found: Doubted) -> float:
    """Where the scale ends: where a draw has few paths left; deeper where a loss is seldom."""
    chance = found.row(CHANCE_OF_LOSS.name)
    likely = max(chance.predictive.value, chance.base.value)
    bottom = min(HIGHEST_BOTTOM, LEAST_BEYOND / found.paths)
    return likely / 10 if 0 < likely < 4 * bottom else bottom


def _reach(one: Estimate) -> list[float]:
    """How far right a mark goes."""
    return [end for end in (one.value, *ends_of(one)) if np.isfinite(end)]


def finding(found: Doubted, rows: Sequence[InDoubt]) -> str:
    """What the picture says, at the lowest level that has a band in which something is lost."""
    scenario = found.scenario
    for row in rows:
        assert row.band is not None
        assert row.level is not None
        if row.band[0.95].value <= 0:
            continue
        amounts = [_sized(found, one) for one in (row.base, row.band[0.05], row.band[0.95])]
        beyond = f"{100 * (1 - float(row.level)):.6g}\u00a0%"
        over = f"{amounts[1]} to {amounts[2]}" if amounts[1] != amounts[2] else f"{amounts[1]} too"
        return (
            f"The loss that {beyond} of futures exceed: {amounts[0]} at the file’s numbers, {over} in nine cases of "
            "ten over doubt"
        )
    chance = found.row(CHANCE_OF_LOSS.name)
    if not scenario.at_risk or chance.predictive.value == 0:
        return "No path of any draw loses anything"
    return f"With doubt {share(chance.predictive.value)} of futures lose something"


def _sized(found: Doubted, estimate: Estimate) -> str:
    low, high = ends_of(estimate)
    return sized(estimate.value, found.scenario, (high - low) / 2)


def _about(found: Doubted) -> list[str]:
    count = len(found.doubts)
    return [
        f"{found.draws:,} draws of {count:,} number{'s' if count > 1 else ''} in doubt",
        f"{found.paths:,} paths each",
        "in brackets 95 % intervals",
    ]


Curve = tuple[np.ndarray, np.ndarray]
"""Amounts, rising, and shares, corner by corner."""


def line(amounts: np.ndarray, together: Sequence[float], shares: Sequence[float]) -> Curve:
    """A curve through shares at amounts, which falls in a step where many paths lose the same.

    Parameters
    ----------
    together
        The shares of all draws together, by which the amounts were chosen: where these leap, many losses are one.
    """
    xs, ys = [float(amounts[0])], [float(shares[0])]
    for k in range(1, len(amounts)):
        if together[k] < LEAP * together[k - 1]:
            xs.append(float(amounts[k]))
            ys.append(ys[-1])
        xs.append(float(amounts[k]))
        ys.append(float(shares[k]))
    return np.array(xs), np.array(ys)


def stepped(amounts: np.ndarray, shares: np.ndarray) -> Curve:
    """A curve that falls in a step at each amount."""
    return np.repeat(amounts, 2)[1:], np.repeat(shares, 2)[:-1]


def inside(xs: np.ndarray, ys: np.ndarray, left: float, bottom: float) -> Curve:
    """The part of a curve within the axes, from their left side, where all paths may lose more, to their bottom."""
    last = int(np.argmax(ys < bottom)) if (ys < bottom).any() else len(ys) - 1
    first = int(np.searchsorted(xs, left))
    height = ys[first - 1] if first else 1.0
    corner = xs[first] if first <= last else left
    xs, ys = np.array([left, corner, *xs[first : last + 1]]), np.array([height, height, *ys[first : last + 1]])
    return xs, np.maximum(ys, bottom)


def _shade(
    ax: Axes,
    amounts: np.ndarray,
    together: Sequence[float],
    ends: tuple[Sequence[float], Sequence[float]],
    bottom: float,
    **look: Any,
) -> Any:
    """A band between two curves."""
    (low_x, low_y), (high_x, high_y) = (line(amounts, together, end) for end in ends)
    xs, ys = np.concatenate([high_x, low_x[::-1]]), np.concatenate([high_y, low_y[::-1]])
    ys = np.maximum(ys, bottom / 100)  # a share of nothing lies far below the scale
    (shape,) = ax.fill(xs, ys, linewidth=0, **look)
    return shape


def _ends(amounts: np.ndarray, curves: Sequence[Sequence[float]], bottom: float) -> tuple[float, float]:
    """Amounts between which the curves are neither all nor nothing; nought is among them."""
    inside = [k for k in range(len(amounts)) if any(bottom <= curve[k] < ALMOST_ALL for curve in curves)]
    if not inside:
        return 0.0, 1.0
    left, right = float(amounts[inside[0]]), float(amounts[min(inside[-1] + 1, len(amounts) - 1)])
    return min(0.0, left), right if right > 0 else 1.0


def _mark(ax: Axes, row: InDoubt, factor: float) -> list[Any]:
    """Mark the revenue at risk of a level at the file's numbers, and of chance and doubt together."""
    assert row.level is not None
    y, percent = 1 - float(row.level), f"{100 * float(row.level):g} %"
    marks = []
    for one, look, marker, words in (
        (row.base, FILE, "o", f"revenue at risk {percent}"),
        (row.predictive, TOGETHER, "D", f"revenue at risk {percent} with doubt"),
    ):
        low, high = ends_of(one)
        if np.isfinite(low) and np.isfinite(high):
            ax.hlines(y, low, high, color=look["color"], linewidth=1.6, zorder=4)
        label = f"{words}: {_bracketed(one.times(factor))}"
        style: dict[str, Any] = {"marker": marker, "linestyle": "none", "markersize": 6}
        marks += ax.plot([one.value], [y], color=look["color"], zorder=5, label=label, **style)
    return marks


def _bracketed(one: Estimate) -> str:
    low, high = ends_of(one)
    if not (np.isfinite(low) and np.isfinite(high)):
        return numbers.number(one.value)
    value, low_text, high_text = (numbers.number(end, (high - low) / 2) for end in (one.value, low, high))
    return f"{value} ({low_text} … {high_text})"


def _name_marks(ax: Axes, rows: Sequence[InDoubt]) -> None:
    left, right = ax.get_xlim()
    names = []
    for row in rows:
        assert row.level is not None
        y, percent = 1 - float(row.level), f"{100 * float(row.level):g}\u00a0%"
        names.append(Name(f"RaR {percent}", (row.base.value, y), BELOW))
        if abs(row.predictive.value - row.base.value) > APART * (right - left):  # else one name is enough
            names.append(Name("with doubt", (row.predictive.value, y), ABOVE))
    name_points(ax, names, fontsize=8)
