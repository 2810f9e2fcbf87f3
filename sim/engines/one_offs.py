"""What events cost once, beside revenue: an unpaid bill, a penalty, a fee (``docs/model.md``, section 3).

It is no revenue, so accounts know nothing of it; it is added to the loss where that is made.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sim.chance.draws import Draws
from sim.engines.settled import Settled
from sim.scenario.parts import Scenario


def one_offs(scenario: Scenario, draws: Draws, settled: Iterable[Settled]) -> np.ndarray | None:
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
            for coming in one.comings:
                # Each path has one month of each, so none is added to twice; the last row is for never.
                months[np.minimum(coming.begins, scenario.months), paths] += draws.once(coming.event)
    return months[:-1]
