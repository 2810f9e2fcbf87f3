"""The chief cause: the event without which least would be lost on average, all else as it is."""

from __future__ import annotations

from dataclasses import dataclass

from sim.chance.sampling import Sampling
from sim.estimates import differences
from sim.scenario.parts import Scenario
from sim.simulation.common_draws import losses, only

PATHS = 1024
"""Quasi-random paths on which worlds are compared, at most: on common draws they tell which event is worth most."""

FEWEST = 64

MOST = 12
"""Events that are tried, the most probable ones: each takes a world of its own."""

LEAST = 0.1
"""Part of the average loss that an event has to be worth to be named."""

SURE = 2.0
"""Standard errors that it has to be worth."""


@dataclass(frozen=True, slots=True)
class Chief:
    """The event that is worth most of the average loss.

    Attributes
    ----------
    event
        Its id, as the scenario has it (of copies of an ``each`` event the one id of them all).
    name
        Its name.
    left
        Part of the average loss that would be left without it.
    half_width
        Half of the 95 % interval of that part; None where it is not known.
    """

    event: str
    name: str
    left: float
    half_width: float | None = None


def chief_of(scenario: Scenario, paths: int, seed: int) -> Chief | None:
    """The chief cause of the expected loss; None where there is a single event, or none is worth much.

    Parameters
    ----------
    paths, seed
        Of the answer that it is about: it takes a quarter of the work of as many paths, or a few paths at least.

    Notes
    -----
    The expected loss with all events, less that in a world that has all but one, on common draws: what the event adds
    last of all. Its Shapley value (:func:`sim.attribute`) is a mean over all orders of the events; on the bundled
    scenarios both name the same event.
    """
    likely = sorted(scenario.at_risk, key=lambda event: -event.probability)
    origins = list(dict.fromkeys(event.origin for event in likely))
    if len(origins) < 2:
        return None
    tried = origins[:MOST]
    worlds = [scenario, *(only(scenario, {*origins} - {event}) for event in tried)]
    few = min(PATHS, max(FEWEST, paths // (4 * len(worlds))))
    sampling = Sampling.of(scenario, paths=few, seed=seed, method="sobol")
    whole, *without = losses(worlds, sampling, workers=1)
    average = float(whole.mean())
    saved = {event: differences.mean(whole - rest, scrambled=True) for event, rest in zip(tried, without, strict=True)}
    event = max(saved, key=lambda one: saved[one].value)
    found, rest = saved[event], without[tried.index(event)]
    if found.value <= max(LEAST * average, SURE * (found.standard_error or 0.0)) or average <= 0:
        return None
    left = max(0.0, 1 - found.value / average)
    # Of a ratio of means on common draws: what one path says of it beside the other.
    error = differences.mean((rest - left * whole) / average, scrambled=True).half_width
    return Chief(event, name_of_origin(scenario, event), left, error)


def name_of_origin(scenario: Scenario, origin: str) -> str:
    """Name of an event as written, without the customer that a copy's name ends in."""
    event = next(event for event in scenario.events if event.origin == origin)
    if event.id == origin:
        return event.name
    stream = scenario.streams[event.hits[0]]
    whose = stream.name if stream.group is None or not event.id.endswith(f".{stream.party}") else stream.group.name
    return event.name.removesuffix(f": {whose}")
