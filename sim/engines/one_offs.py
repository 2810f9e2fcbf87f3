"""What events cost once, beside revenue: an unpaid bill, a penalty, a fee (``docs/model.md``, section 3).

It is no revenue, so accounts know nothing of it; it is added to the loss where that is made.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import numpy as np

from sim.chance.draws import Draws
from sim.scenario.parts import Event, Scenario


class Taken(Protocol):
    """An event that takes effect, in a month of each path."""

    @property
    def event(self) -> Event:
        """The event."""

    @property
    def begins(self) -> np.ndarray:
        """Its month, by path."""


def one_offs(scenario: Scenario, draws: Draws, settled: Iterable[Taken]) -> np.ndarray | None:
    """What is lost once by month and path, in the month in which its event takes effect.

    Returns
    -------
    ndarray, shape (months, paths)
        None in a scenario in which nothing is.
    """
    if not scenario.has_one_offs:
        return None
    months = np.zeros((scenario.months + 1, draws.count))
    paths = np.arange(draws.count)
    for one in settled:
        if one.event.once is not None:
            # Each path has one month of an event, so none is added to twice; the last row is for never.
            months[np.minimum(one.begins, scenario.months), paths] += draws.once(one.event)
    return months[:-1]
