"""The draws of a scenario under each of its choices: what ``choose`` and ``worth`` both rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.answers.asked_measure import known, measure_of, names_of
from sim.answers.ensemble import Ensemble, ensemble
from sim.answers.simulated import COMPILED, sizes
from sim.chance.sampling import Sampling
from sim.errors import UsageError
from sim.estimates.bands import too_few
from sim.estimates.estimators import Shortfall
from sim.estimates.measures import (
    EXPECTED_BASELINE,
    EXPECTED_PLAIN_REVENUE,
    EXPECTED_REVENUE,
    MEASURES,
    Measure,
    level_name,
    name_of,
)
from sim.estimates.regrets import Worths
from sim.language import load
from sim.scenario.choices import Alternative
from sim.scenario.parts import Scenario
from sim.simulation.ensembles import refuse_too_many
from sim.simulation.pool import Progress, part_of
from sim.simulation.under_choices import Asked, Told, under_choices

NET_REVENUE = "net_revenue"
"""What choices are held against each other by: what comes in, less what is lost once and what the choice costs."""

MORE_IS_BETTER = (EXPECTED_REVENUE, EXPECTED_BASELINE, EXPECTED_PLAIN_REVENUE)


@dataclass(frozen=True, slots=True)
class Objective:
    """What choices are held against each other by.

    Attributes
    ----------
    name
        As results write it: ``net_revenue``, or a measure with its level.
    measure, level
        The measure; None of the net revenue.
    """

    name: str
    measure: Measure | None = None
    level: str | None = None

    @property
    def more_is_better(self) -> bool:
        """Whether more of it is better; of losses and of chances to lose less is."""
        return self.measure is None or self.measure in MORE_IS_BETTER

    @property
    def is_share(self) -> bool:
        """Whether it is a share, not an amount of money."""
        return self.measure is not None and self.measure.is_share

    @property
    def asked(self) -> Asked:
        """What is asked of each draw."""
        return Asked(self.measure, None if self.level is None else float(self.level))


@dataclass(frozen=True, eq=False)
class UnderChoices:
    """The draws of a scenario under each of its choices.

    Attributes
    ----------
    scenario, ensemble, sampled
        The scenario, its draws and their paths.
    told
        What each draw says of what was asked, by name, as the scenario has it: costs are in no measure.
    """

    scenario: Scenario
    ensemble: Ensemble
    sampled: Sampling
    told: Mapping[str, Told]

    @property
    def choices(self) -> tuple[Alternative, ...]:
        """The choices, in the order of the file."""
        return self.scenario.choices

    def of(self, objective: Objective) -> Told:
        """What each draw says of an objective; of the net revenue with what the choice costs taken off."""
        told = self.told[objective.name]
        if objective.measure is not None:
            return told
        cost = np.array([one.cost for one in self.choices])[:, np.newaxis]
        return Told(told.values - cost, told.without - cost, told.low - cost, told.high - cost)

    def worths(self, objective: Objective) -> Worths:
        """What each choice is worth by an objective; more is better."""
        told = self.of(objective)
        sign = 1.0 if objective.more_is_better else -1.0
        ends = (told.low, told.high) if objective.more_is_better else (-told.high, -told.low)
        try:
            return Worths.told_apart(sign * told.values + 0.0, sign * told.without + 0.0, *ends)
        except ValueError:
            raise UsageError(
                f"{objective.name} is no finite number in every draw",
                help="keep the numbers in doubt within what may happen: a form with `low` and `high` has ends",
            ) from None


def under_doubt(
    scenario: Scenario,
    objective: Objective,
    also: Sequence[str] = (),
    *,
    draws: int | None,
    paths: int | None,
    seed: int | None,
    workers: int | None,
    progress: Progress | None,
) -> UnderChoices:
    """Value the draws of a scenario under each of its choices.

    Parameters
    ----------
    scenario
        One with choices and numbers in doubt.
    objective
        What choices are held against each other by.
    also
        Names of what else is asked of each draw, known to be there.
    draws, paths, seed, workers, progress
        As for :func:`sim.answers.choose.choose`.

    Raises
    ------
    UsageError, TooLarge
    """
    names = list(dict.fromkeys([objective.name, *also]))
    asked = [objective_of(name, scenario) for name in names]
    count, of_draws = sizes(scenario, draws, paths)
    for one in asked:
        _refuse_too_few(one, of_draws)
    refuse_too_many(scenario, count, of_draws, workers)
    under = len(scenario.choices)
    parts = (under * count * COMPILED, under * count * of_draws)
    drawing = part_of(progress, 0, parts[0], sum(parts))
    simulating = part_of(progress, parts[0], parts[1], sum(parts))
    drawn = ensemble(scenario, draws=count, seed=seed, progress=drawing)
    scenarios = [drawn.under[one.id] for one in scenario.choices]
    others = [one for row in scenarios for one in row]
    sampled = Sampling.of(scenario, paths=of_draws, seed=seed, method="sobol", others=others)
    told = under_choices(scenarios, [one.asked for one in asked], sampled, workers=workers, progress=simulating)
    return UnderChoices(scenario, drawn, sampled, dict(zip(names, told, strict=True)))


def with_choices(source: Any, set: Mapping[str, Any] | None) -> Scenario:
    """Load a scenario that names choices.

    Raises
    ------
    ScenarioError, UsageError
    """
    scenario = load(source, set=set)
    if not scenario.choices:
        raise UsageError(
            f"{scenario.file or scenario.name}: it names no choices",
            help="write what can be done under `choices`, two or more: `choices: {as_it_is: {}, an_offer: {set: "
            "{levers.an_offer.acceptance: 0.45}, cost: 3}}` (docs/doubt.md)",
        )
    return scenario


def objectives_of(scenario: Scenario) -> list[str]:
    """Names of what choices can be held against each other by."""
    return [NET_REVENUE, *names_of(scenario)]


def objective_of(name: str | None, scenario: Scenario) -> Objective:
    """The objective of a name; of a measure with levels that is named without one at the first.

    Raises
    ------
    UsageError
        Where there is no such measure.
    """
    if name is None or name == NET_REVENUE:
        return Objective(NET_REVENUE)
    if name.partition(".")[0] not in MEASURES:
        known(name, objectives_of(scenario), "objective", None)
    measure, level = measure_of(scenario, name, "objective")
    text = None if level is None else level_name(level)
    return Objective(name_of(measure, text), measure, text)


def _refuse_too_few(objective: Objective, paths: int) -> None:
    """Refuse a measure that so few paths of a draw do not tell."""
    level = None if objective.level is None else float(objective.level)
    why = None if level is None else too_few(paths, level)
    if why is None:
        return
    what = "expected shortfall" if isinstance(getattr(objective.measure, "estimator", None), Shortfall) else "quantile"
    raise UsageError(
        f"{objective.name}: too few paths to tell this {what} of a draw ({why})", help="ask for more --paths"
    )
