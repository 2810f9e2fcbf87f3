"""What the SimPy model's worlds come to, in the shape that both engines share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.engines.valuation import Valuation
from sim.scenario import rules
from sim.scenario.laws import NEVER
from sim.scenario.parts import Scenario

if TYPE_CHECKING:
    from sim.engines.model import World


def collect(scenario: Scenario, first: int, played: list[World]) -> Valuation:
    """Gather played worlds into the shape that both engines share."""
    ids = [event.id for event in scenario.events]
    revenue = np.array([world.revenue for world in played])
    times = [[world.times[event.id] for world in played] for event in scenario.events if event.repeats]
    one_off = np.array([world.one_off for world in played]) if scenario.has_one_offs else None
    return Valuation(
        first=first,
        arises=np.array([[world.arises.get(e, NEVER) for world in played] for e in ids], dtype=np.int64).reshape(
            len(ids), len(played)
        ),
        offered=np.array([[world.offered.get(e, NEVER) for world in played] for e in ids], dtype=np.int64).reshape(
            len(ids), len(played)
        ),
        revenue=revenue,
        baseline=np.array([world.baseline for world in played]),
        largest_share=rules.share(np.array([world.largest for world in played]), revenue),
        hhi=rules.share(np.array([world.squares for world in played]), revenue * revenue),
        one_off=one_off,
        times=np.array(times, dtype=np.int64) if times else None,
    )
