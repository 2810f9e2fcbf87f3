"""What a scenario's revenue would be if demand grew as planned and nothing happened: no draws, no events."""

from __future__ import annotations

import numpy as np

from sim.scenario import rules
from sim.scenario.laws.law import FloatArray
from sim.scenario.parts import Scenario, Stream


def expected_revenue(scenario: Scenario) -> FloatArray:
    """Revenue of each month without events and without the swings of demand, not discounted.

    Capacity limits it and commitments hold, as in every month of a baseline (``docs/model.md`` section 5).

    Returns
    -------
    ndarray, shape (months,)
    """
    volumes = [rules.compounded(stream.revenue, stream.growth) for stream in scenario.streams]
    served: FloatArray = np.sum(volumes, axis=0)
    if scenario.capacity is not None:
        served = np.minimum(served, rules.compounded(scenario.capacity.initial, scenario.capacity.growth))
    unused = [_unused(stream, volume) for stream, volume in zip(scenario.streams, volumes, strict=True)]
    total: FloatArray = served + np.sum(unused, axis=0)
    return total


def _unused(stream: Stream, volume: FloatArray) -> FloatArray:
    """What a commitment bills beyond use, where demand has shrunk since the renewal."""
    contract = stream.contract
    if contract is None or not contract.commitment:
        return np.zeros_like(volume)
    renewals = np.array(rules.renewal_months(contract.renews, contract.term, len(volume)))
    last = renewals[np.searchsorted(renewals, np.arange(len(volume)), side="right") - 1]
    short: FloatArray = rules.shortfall(rules.committed_volume(contract.commitment, volume[last]), volume)
    return short
