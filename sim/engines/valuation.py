"""What an engine gives back for a block of paths: settled months and money by month, and the loss made of them.

The one shape that the SimPy model and the kernel share, so that they can be compared and measured alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.chance.draws import Draws
from sim.scenario import rules
from sim.scenario.laws import NEVER
from sim.scenario.parts import Scenario


@dataclass(frozen=True, slots=True)
class Valuation:
    """Values of the paths ``first`` to ``first + count - 1``.

    Attributes
    ----------
    first
        Number of the first path.
    arises
        Settled month by event in the scenario's order, NEVER where none; int64, shape (events, paths).
    offered
        Month of the accepted retention offer by event, NEVER where none; int64, shape (events, paths).
    revenue, baseline
        The vendor's revenue with all events and its twin without, undiscounted; shape (paths, months).
    largest_share, hhi
        The largest named customer's share of revenue, and the Herfindahl-Hirschman index; shape (paths, months).
    one_off
        What events cost once, beside revenue, undiscounted; shape (paths, months), None where none does.
    times
        How often each event that repeats arises within the horizon; int64, shape (events that repeat, paths), None
        where none does.
    """

    first: int
    arises: np.ndarray
    offered: np.ndarray
    revenue: np.ndarray
    baseline: np.ndarray
    largest_share: np.ndarray
    hhi: np.ndarray
    one_off: np.ndarray | None = None
    times: np.ndarray | None = None


Engine = Callable[[Scenario, Draws], Valuation]
"""What values a block of paths."""


@dataclass(frozen=True, slots=True)
class WindowSums:
    """Paths' money over the risk window, a path each; all but ``plain_revenue`` discounted (section 6).

    ``one_off`` is in the loss and in no revenue; 0 where nothing is lost once.
    """

    loss: np.ndarray
    revenue: np.ndarray
    baseline: np.ndarray
    plain_revenue: np.ndarray
    one_off: np.ndarray | float = 0.0


def window_sums(
    scenario: Scenario, revenue: np.ndarray, baseline: np.ndarray, one_off: np.ndarray | None = None
) -> WindowSums:
    """Loss, revenue and baseline over the scenario's window.

    Parameters
    ----------
    revenue, baseline, one_off
        By path and month, undiscounted, as in :class:`Valuation`; shape (paths, months).

    Returns
    -------
    WindowSums
        Arrays of shape (paths,), in the scenario's unit of money.
    """
    window = slice(scenario.risk.first, scenario.risk.last + 1)
    revenue, baseline = revenue[:, window], baseline[:, window]
    once = None if one_off is None else one_off[:, window]
    discounted = plain = _sum_over_months(revenue)
    if scenario.discount_rate:
        worth = rules.present_value(scenario.discount_rate, np.arange(window.start, window.stop))
        revenue = revenue * worth
        baseline = baseline * worth
        once = None if once is None else once * worth
        discounted = _sum_over_months(revenue)
    loss = _sum_over_months(rules.lost(baseline, revenue, 0.0 if once is None else once))
    cost = 0.0 if once is None else _sum_over_months(once)
    return WindowSums(loss, discounted, _sum_over_months(baseline), plain, cost)


def _sum_over_months(amounts: np.ndarray) -> np.ndarray:
    """Sums by path, month after month: an order of adding that does not depend on how many paths there are."""
    total = np.zeros(len(amounts))
    for month in amounts.T:
        total += month
    return total


def within_horizon(month: np.ndarray, months: int) -> np.ndarray:
    """Months with all that lies at or beyond the horizon made NEVER (section 1)."""
    return np.where(month < months, month, NEVER)
