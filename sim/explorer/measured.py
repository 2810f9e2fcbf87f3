"""Where a scenario stands with its knobs as they are: measures with errors, and how far they moved from the base.

The strata of one event are simulated once; while only its law moves they are weighed again, and every number is what
:func:`sim.sweep` gives at the same point (``docs/model.md``, section 8). Any other move simulates strata of its own on
the same draws.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.chance.sampling import Sampling
from sim.estimates import replications
from sim.estimates.bins import FINE
from sim.estimates.estimate import Estimate
from sim.estimates.measures import (
    EXPECTED_BASELINE,
    EXPECTED_LOSS,
    EXPECTED_REVENUE,
    ByLevel,
    Estimates,
    level_name,
    levels_of,
    loss_measures,
)
from sim.estimates.mixtures import Mixtures
from sim.scenario.laws import NEVER
from sim.scenario.parts import Delay, Event, Scenario
from sim.simulation.stratified import of_strata, own_month_weights, stratify

KEPT = 256 * 2**20
"""Bytes of strata that are kept beside those of the base and those in use, to come back to."""

POINTS = 512
"""Points of a loss exceedance curve, at most."""

Key = tuple[Hashable, int]
"""What was set beside the event's law, and the first own month that is a stratum."""


@dataclass(frozen=True)
class Setting:
    """Measures at one setting of the knobs.

    Attributes
    ----------
    scenario
        The scenario as it is set.
    mixture
        Its distribution of loss, one cell.
    estimates
        Its measures.
    """

    scenario: Scenario
    mixture: Mixtures
    estimates: Estimates

    @property
    def measures(self) -> dict[str, Any]:
        """The measures in the shape of a run's; of the baseline the value alone."""
        return {**self.estimates.to_dict(), EXPECTED_BASELINE.name: {"value": self.expected_baseline}}

    @property
    def expected_baseline(self) -> float:
        """Mean baseline over the window."""
        return self.estimates.of(EXPECTED_REVENUE).value + self.estimates.of(EXPECTED_LOSS).value

    def exceedance(self) -> tuple[np.ndarray, np.ndarray]:
        """Losses, rising, and the probability to lose more than each; both of shape (points,)."""
        place = np.unique(np.linspace(0, FINE - 1, POINTS).round().astype(np.int64))
        cells = self.mixture.weighed(np.repeat(self.mixture.weights, len(place), axis=0))
        beyond = np.clip(1 - cells.probability_at_most(place), 0.0, 1.0)
        return self.mixture.bins.ends(place)[1], beyond

    def change_from(self, base: Setting) -> Estimates:
        """How far measures of the loss are from another setting's, each with the standard error of the difference.

        Replication by replication both saw the same draws, so that what they share cancels.

        Returns
        -------
        Estimates
            At the levels that both have; the error is None where a single replication can't tell.
        """
        found: dict[str, Any] = {}
        for measure in loss_measures():
            changes: dict[Any, Estimate] = {}
            for level in levels_of(measure, self.scenario.risk.levels):
                key = None if level is None else level_name(level)
                before = base.estimates.get_of(measure, key)
                if before is None:
                    continue
                here, there = (measure.estimator.replicated(measure.name, one.mixture, level) for one in (self, base))
                error = replications.standard_error((here - there)[:, 0])
                changes[key] = Estimate(self.estimates.of(measure, key).value - before.value, error)
            found[measure.name] = ByLevel(changes) if measure.by_level else changes[None]
        return Estimates(found)


class Simulations:
    """Strata by what was simulated for them, the latest kept.

    Parameters
    ----------
    event
        Id of the event whose months are the strata; None: a single stratum.
    sampling
        The draws, the same for all.
    """

    def __init__(self, event: str | None, sampling: Sampling) -> None:
        self.event = event
        self.sampling = sampling
        self._base: Key | None = None
        self._kept: OrderedDict[Key, tuple[Mixtures, tuple[int, ...]]] = OrderedDict()

    def has(self, others: Hashable) -> bool:
        """Whether there are strata for a setting of anything but the event's law."""
        return any(key[0] == others for key in self._kept)

    def setting(self, scenario: Scenario, others: Hashable) -> Setting:
        """Measure a scenario.

        Parameters
        ----------
        scenario
            As the knobs are set.
        others
            Tells settings apart in which anything but the event's law differs.

        Raises
        ------
        ScenarioError, UsageError, TooLarge
        """
        key = self._key(scenario, others)
        if key not in self._kept:
            self._kept[key] = self._simulated(scenario)
            self._base = self._base or key
        self._kept.move_to_end(key)
        self._forget()
        mixture, months = self._kept[key]
        event = self._event(scenario)
        if event is not None and months:
            mixture = mixture.weighed(of_strata(own_month_weights(scenario, event, [{}]), months))
        return Setting(scenario, mixture, Estimates.of_cell(mixture.measures(scenario.risk.levels)))

    def _event(self, scenario: Scenario) -> Event | None:
        return None if self.event is None else scenario.events[scenario.event_index[self.event]]

    def _key(self, scenario: Scenario, others: Hashable) -> Key:
        return others, self._first_month(scenario)

    def _first_month(self, scenario: Scenario) -> int:
        """First own month that is a stratum: what is known not to have happened needs none."""
        event = self._event(scenario)
        return event.timing.known + 1 if event is not None and isinstance(event.timing, Delay) else 0

    def _simulated(self, scenario: Scenario) -> tuple[Mixtures, tuple[int, ...]]:
        months = tuple(range(self._first_month(scenario), scenario.months))
        event = self._event(scenario) if months else None
        strata = () if event is None else (*months, NEVER)
        found = stratify(scenario, event, strata, self.sampling)
        return found.weighed(np.ones((1, max(1, len(strata))))), strata

    def _forget(self) -> None:
        """Let go of what was not used for longest; the first simulation is the base's and stays, as does the latest."""
        latest = next(reversed(self._kept))
        spare = [key for key in self._kept if key not in (self._base, latest)]
        held = sum(self._kept[key][0].nbytes for key in spare)
        for key in spare:
            if held > KEPT:
                held -= self._kept.pop(key)[0].nbytes
