"""What a scenario's revenue would be if demand grew as planned and nothing happened: no draws, no events."""

from __future__ import annotations

import numpy as np

from sim.scenario import rules
from sim.scenario.laws.law import FloatArray
from sim.scenario.parts import Scenario, Stream
from sim.scenario.terms import terms_of


def expected_revenue(scenario: Scenario) -> FloatArray:
    """Revenue of each month without events and without the swings of demand, not discounted.

    Capacity limits it and commitments hold, as in every month of a baseline (``docs/model.md`` section 5).

    Returns
    -------
    ndarray, shape (months,)
    """
    planned = [volumes_of(stream, scenario.months) for stream in scenario.streams]
    served: FloatArray = np.sum([volume for _, volume in planned], axis=0)
    if scenario.capacity is not None:
        served = np.minimum(served, rules.compounded(scenario.capacity.initial, scenario.capacity.growth))
    unused = [_unused(stream, *volumes) for stream, volumes in zip(scenario.streams, planned, strict=True)]
    total: FloatArray = served + np.sum(unused, axis=0)
    return total


def volumes_of(stream: Stream, months: int) -> tuple[FloatArray, FloatArray]:
    """A stream's volume in each month without events and swings of demand, without its season and with it."""
    level = np.zeros(months)
    first, after = stream.starts, stream.last(months) + 1
    level[first:after] = rules.compounded(stream.revenue, stream.growth[first:after])
    if stream.season is None:
        return level, level
    return level, level * np.array([stream.season[month % 12] for month in range(months)])


def _unused(stream: Stream, level: FloatArray, volume: FloatArray) -> FloatArray:
    """What a commitment bills beyond use, where demand has shrunk since the renewal."""
    contract = stream.contract
    short = np.zeros_like(volume)
    if contract is None or contract.commitment is None:
        return short
    commitment = contract.commitment
    for term in terms_of(stream, len(volume)):
        unit = 1.0
        if commitment.share is not None:
            running = commitment.running if term.renewal <= stream.starts else None
            unit = rules.committed_volume(commitment.share, level[term.fixed]) if running is None else running
        carried = 0.0
        for period in term.periods:
            used, minimum = volume[period.first : period.last + 1].sum(), unit * period.minimum
            short[period.last] += rules.owed(minimum, used, carried)
            carried = rules.carried_over(minimum, used, carried) if commitment.carry else 0.0
    return short
