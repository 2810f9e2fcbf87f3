"""The pictures of a run: fan, loss exceedance, months of events, concentration, one path's story."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from sim.answers.run import Result
from sim.answers.trace import traced
from sim.errors import UsageError
from sim.plots.arrivals import event_months
from sim.plots.concentrations import concentration
from sim.plots.exceedances import exceedance
from sim.plots.fans import LEVELS, fan
from sim.plots.periods import KINDS, fan_by
from sim.plots.swimlanes import draw_story
from sim.plots.wording import share
from sim.scenario.rules import NO_LOSS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SAME = 1e-6
"""Relative difference up to which a path's story has the loss that the run gave it."""


class ResultPlots:
    """Pictures of a run's result; ``result.plot`` is one.

    Each draws on the axes that it is given, or on a figure of its own, and gives back what it drew on. None shows
    anything. What it says in words stands in its title; names of the scenario are text and nothing else.
    """

    def __init__(self, result: Result) -> None:
        self._result = result

    def fan(
        self,
        ax: Axes | None = None,
        levels: Sequence[float] | None = None,
        samples: int = 3,
        by: str = "month",
    ) -> Axes:
        """Draw revenue as bands of equal tails, undiscounted, its baseline's median beside it.

        Parameters
        ----------
        ax
            Where to draw; None: on a figure of its own.
        levels
            Bands, as whole per cents of the paths that lie within; None: 50, 80 and 95. By quarter or year 50 and 90,
            and no others.
        samples
            How many of the first paths are drawn singly, as far as the result keeps them; by month alone.
        by
            ``month``, ``quarter`` or ``year``: of what revenue is the sum. Quarters and years are boxes, hatched where
            the horizon cuts them.

        Returns
        -------
        Axes
            By month, renewals of named customers' contracts are short lines from below; borders of the risk window are
            dotted, where that is not the whole horizon.

        Raises
        ------
        UsageError
            For a level that is no whole per cent from 1 to 99 or is not told by quarter, a number of samples that is
            none, or another ``by``.
        """
        if by in KINDS:
            return fan_by(ax, self._result, by, levels)
        if by != "month":
            raise UsageError(f"by: found {by!r}, allowed are month, quarter and year")
        return fan(ax, self._result, LEVELS if levels is None else levels, samples)

    def exceedance(self, ax: Axes | None = None) -> Axes:
        """Draw the probability of a loss beyond each amount, with revenue at risk and expected shortfall.

        Parameters
        ----------
        ax
            As for :meth:`fan`.

        Returns
        -------
        Axes
            The probability stands upright on a logarithmic scale, with a pointwise 95 % band: that of a binomial
            share, or of a quasi-random run's scramblings. Measures stand at the height of 1 less their level.
        """
        return exceedance(ax, self._result)

    def event_months(self, ax: Axes | None = None) -> Axes:
        """Draw when each event comes: the distribution of its month, its chance to arise at all, its median.

        Parameters
        ----------
        ax
            As for :meth:`fan`.

        Returns
        -------
        Axes
            A row an event, each to its own scale; by month, over long horizons by quarter, year or five. Of many events
            the sixteen likeliest.

        Raises
        ------
        UsageError
            For a scenario without events.
        """
        return event_months(ax, self._result)

    def concentration(self, ax: Axes | None = None) -> Axes:
        """Draw the largest named customer's share of revenue, and the Herfindahl–Hirschman index, by month.

        Parameters
        ----------
        ax
            As for :meth:`fan`.

        Returns
        -------
        Axes
            Two lines of means over paths, both from 0 to 1.
        """
        return concentration(ax, self._result)

    def story(self, path: int | None = None, level: float | None = None, ax: Axes | None = None) -> Axes:
        """Draw one path: its events, offers and contracts as swim lanes, its money below.

        Parameters
        ----------
        path
            Number of the path.
        level
            Instead: the path whose loss is this quantile of all. With neither, the first level of the risk.
        ax
            Where to draw, in two panels within it; None: on a figure of its own.

        Returns
        -------
        Axes
            What was given, or the upper panel.

        Raises
        ------
        UsageError
            For both a path and a level, a path that the run does not have, a level not above 0 and below 1; and where
            the run had processes of a user's own, which only :func:`sim.trace` can tell.
        """
        result = self._result
        if path is not None and level is not None:
            raise UsageError("path and level: choose one of the two")
        if path is None:
            level = result.scenario.risk.levels[0] if level is None else level
            if isinstance(level, bool) or not isinstance(level, int | float) or not 0 < level < 1:
                raise UsageError(f"level: found {level!r}, allowed is a number above 0 and below 1")
            path = result.path_at(level)
        if isinstance(path, bool) or not isinstance(path, int | np.integer) or not 0 <= path < result.paths:
            raise UsageError(f"path: found {path!r}, allowed is a whole number from 0 to {result.paths - 1}")
        story = traced(result.scenario, result.sampled, int(path))
        told, known = story.attrs["loss"], float(result.loss[path])
        rounding = NO_LOSS * result.expected_baseline
        if result.processes or abs(told - known) > SAME * abs(known) + rounding:
            raise UsageError(
                f"path {path}: the run had processes of your own, without which the path is another",
                help="sim.trace(scenario, path=…, processes=[…]).plot() tells it with them",
            )
        return draw_story(story, ax, standing(result, int(path)))


def standing(result: Result, path: int) -> str:
    """Where a path's loss stands among all, in words; nothing for a single path."""
    if result.paths == 1:
        return ""
    less = float(np.mean(result.loss < result.loss[path]))
    if less == 0:
        return "no path loses less"
    return f"{share(less)} of paths lose less"


def pictures(result: Result) -> dict[str, Callable[[], Axes]]:
    """The pictures that make sense of a result, by name, each a function that draws it.

    Returns
    -------
    dict
        ``fan``, ``exceedance``, ``event_months`` (where there are events), ``concentration`` (where customers are
        named) and ``story`` (where no process of a user's own ran).
    """
    plots = result.plot
    found: dict[str, Callable[[], Axes]] = {"fan": plots.fan, "exceedance": plots.exceedance}
    if result.scenario.at_risk:
        found["event_months"] = plots.event_months
    if any(not stream.pool for stream in result.scenario.streams):
        found["concentration"] = plots.concentration
    if not result.processes:
        found["story"] = plots.story
    return found
