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
    months = np.zeros((scenario.months, draws.count))
    for one in settled:
        if one.event.once is not None:
            for coming in one.comings:
                amount = draws.once(one.event) if coming.paths is None else coming.drawn["once"]
                here = coming.begins < scenario.months
                # No path has two comings that take effect in one month, so that none is added to twice.
                months[coming.begins[here], coming.rows[here]] += np.broadcast_to(amount, here.shape)[here]
    return months
