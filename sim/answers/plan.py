"""How a sweep is done: which axes are weights over the strata of one event, and which are simulated value by value."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sim.engines.strata import is_linear, touched_events
from sim.language.turning import Value
from sim.scenario.axis import Axis
from sim.scenario.laws import NEVER
from sim.scenario.parts import Event, Scenario
from sim.simulation.stratified import of_strata, own_month_weights


@dataclass(frozen=True)
class Plan:
    """How the cells of a sweep come about.

    Attributes
    ----------
    axes
        All axes, in the order of the scenario.
    event
        The event whose own month is conditioned on, None where no axis is over one's probability or timing.
    inner, outer
        Numbers of the axes that are weights over its strata, and of those that are simulated value by value.
    """

    scenario: Scenario
    axes: tuple[Axis, ...]
    event: Event | None
    inner: tuple[int, ...]
    outer: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values on each axis."""
        return tuple(len(axis.values) for axis in self.axes)

    def variants(self) -> Iterator[tuple[tuple[int, ...], dict[str, Value]]]:
        """Each combination of the outer axes: places on them, and what they set."""
        chosen = [self.axes[k] for k in self.outer]
        for place in itertools.product(*(range(len(axis.values)) for axis in chosen)):
            yield place, {axis.path: axis.values[i] for axis, i in zip(chosen, place, strict=True)}

    def weights(self, scenario: Scenario) -> tuple[tuple[int, ...], np.ndarray]:
        """Own months that are strata, and the probability of each in each combination of the inner axes.

        Parameters
        ----------
        scenario
            The base, or one of its variants.

        Returns
        -------
        months, weights : tuple of int, ndarray of shape (cells, strata)
        """
        if self.event is None:
            return (), np.ones((1, 1))
        event = scenario.events[scenario.event_index[self.event.id]]
        chosen = [self.axes[k] for k in self.inner]
        rows = [
            {axis.path: axis.values[i] for axis, i in zip(chosen, place, strict=True)}
            for place in itertools.product(*(range(len(axis.values)) for axis in chosen))
        ]
        weights = own_month_weights(scenario, event, rows)
        used = np.flatnonzero((weights[:, :-1] > 0).any(axis=0))
        months = (*used.tolist(), NEVER)
        return months, of_strata(weights, months)

    def explain(self) -> list[str]:
        """What is simulated and why, in words."""
        cells = math.prod(self.shape)
        said = [f"{cells:,} cells: " + " × ".join(f"{len(axis.values)} values of {axis.path}" for axis in self.axes)]
        said += dict.fromkeys(
            f"{why}: {axis.path} is simulated value by value"
            for axis in self.axes
            if _is_of_a_law(self.scenario, steps := axis.path.split("."))
            and (why := self.scenario.unweighable(self.scenario.events[self.scenario.event_index[steps[1]]]))
        )
        if self.event is None:
            said.append("no axis is over one event's probability or timing, so each cell is simulated, on common draws")
            return said
        months, _ = self.weights(self.scenario)
        named = " and ".join(self.axes[k].path for k in self.inner)
        said.append(
            f"{named} only decide when {self.event.id} arises by itself: {len(months)} strata (one for each month in "
            f"which it may, and never) are valued once on common draws, and each cell weighs them"
        )
        if is_linear(self.scenario, self.event):
            said.append(
                f"a path's loss is linear in the effect of {self.event.id}, so that all strata together are one matrix "
                "product"
            )
        else:
            touched = sorted(touched_events(self.scenario, self.event))
            hit = {i for event in self.scenario.events if event.id in touched for i in event.hits}
            names = ", ".join(self.scenario.streams[i].id for i in sorted(hit))
            said.append(f"for each stratum, what it touches is valued again: {', '.join(touched)} at {names}")
        if self.outer:
            simulated = math.prod(len(self.axes[k].values) for k in self.outer)
            named = " and ".join(self.axes[k].path for k in self.outer)
            said.append(f"{named}: {simulated} simulations, one for each combination of values, on common draws")
        return said


def _is_of_a_law(scenario: Scenario, steps: list[str]) -> bool:
    """Whether an axis is over the probability or the timing of one event."""
    return steps[0] == "events" and steps[2] in ("probability", "timing") and steps[1] in scenario.event_index


def plan_of(scenario: Scenario) -> Plan:
    """Plan a scenario's sweep: condition on the event that makes the most cells weights."""
    axes = scenario.axes
    by_event: dict[str, list[int]] = {}
    for k, axis in enumerate(axes):
        steps = axis.path.split(".")
        if _is_of_a_law(scenario, steps) and not scenario.unweighable(scenario.events[scenario.event_index[steps[1]]]):
            by_event.setdefault(steps[1], []).append(k)
    if not by_event:
        return Plan(scenario, axes, None, (), tuple(range(len(axes))))
    best = max(by_event, key=lambda event: math.prod(len(axes[k].values) for k in by_event[event]))
    inner = tuple(by_event[best])
    outer = tuple(k for k in range(len(axes)) if k not in inner)
    return Plan(scenario, axes, scenario.events[scenario.event_index[best]], inner, outer)
