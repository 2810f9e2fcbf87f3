"""The exact distribution of the loss, by going through everything that can happen.

Where demand does not fluctuate and every law has few values, a scenario has finitely many paths. Each is valued by
:mod:`tests.truth.oracle` and weighted with the product of its chances' probabilities. What the engines estimate is then
known to rounding, together with the sampling distribution of their estimates.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sim.scenario.laws import Fixed, Hazard, Law, Table
from sim.scenario.parts import AtMonth, Delay, Event, Scenario
from tests.truth.oracle import Valuation, value_history
from tests.truth.settling import Chances, History, each_coming, expected_demand, settle

MOST_COMBINATIONS = 400_000
SAME = 1e-9
"""Losses closer than this share of the baseline are one atom; the engines round differently by less."""

Options = list[tuple[Any, float]]


class TooManyCombinationsError(ValueError):
    """The scenario has more paths than can be gone through, or infinitely many."""


@dataclass(frozen=True)
class Exact:
    """A scenario's exact answers.

    Attributes
    ----------
    atoms
        (loss, probability), losses ascending; losses equal up to rounding are one atom.
    months
        By event id, the probability of each settled month 0 … T−1 (section 7).
    below_target
        P(revenue in the window < target), None without a target.
    revenue, baseline
        Expected revenue and baseline in the window, discounted as the loss is.
    combinations
        How many combinations of chances were gone through.
    one_off
        Expected one-offs in the window, discounted.
    """

    atoms: list[tuple[float, float]]
    months: dict[str, list[float]]
    below_target: float | None
    revenue: float
    baseline: float
    combinations: int
    one_off: float

    @property
    def mean(self) -> float:
        return math.fsum(p * x for x, p in self.atoms)

    @property
    def sd(self) -> float:
        mean = self.mean
        return math.sqrt(math.fsum(p * (x - mean) ** 2 for x, p in self.atoms))

    @property
    def probability_of_loss(self) -> float:
        """P(L > 0), what is within rounding of 0 not counted."""
        return math.fsum(p for x, p in self.atoms if x > SAME * self.baseline)

    def revenue_at_risk(self, level: float) -> float:
        """Smallest loss whose cumulative probability reaches the level (section 7).

        A cumulative probability that misses the level by rounding only has reached it.
        """
        below = 0.0
        for x, p in self.atoms:
            below += p
            if below >= level - 1e-12:
                return x
        return self.atoms[-1][0]

    def expected_shortfall(self, level: float) -> float:
        """Mean of the worst 1 − level share; the quantile's atom counts with its excess share only (section 7)."""
        quantile = self.revenue_at_risk(level)
        above = math.fsum(p for x, p in self.atoms if x > quantile)
        tail = math.fsum(p * x for x, p in self.atoms if x > quantile)
        return (tail + (1 - level - above) * quantile) / (1 - level)

    def tail_cost(self, level: float, at: float) -> tuple[float, float]:
        """Mean and standard deviation of x + (L − x)⁺/(1 − level) for the threshold x given by ``at``.

        Its mean is least, and then the expected shortfall, where x is the quantile (Rockafellar and Uryasev 2000,
        theorem 1), of the law as of a sample.
        """
        costs = [(at + max(0.0, x - at) / (1 - level), p) for x, p in self.atoms]
        mean = math.fsum(p * y for y, p in costs)
        return mean, math.sqrt(math.fsum(p * (y - mean) ** 2 for y, p in costs))


def own_months(event: Event, months: int) -> Options:
    """Each month in which an event can arise by itself, None for never, with its probability (section 3).

    The values of a table are taken one by one; any other law gives F(s−f) − F(s−1−f) over what is left at ``known``.
    """
    timing = event.timing
    if timing is None:
        return [(None, 1.0)]
    if isinstance(timing, AtMonth):
        chances = {timing.month: event.probability} if timing.month < months else {}
    else:
        f, known, law = timing.counted_from, timing.known, timing.law
        if isinstance(law, Table | Fixed):
            values = dict(_values(law))
            left = math.fsum(p for x, p in values.items() if f + x > known)
            chances = {}
            for x, p in values.items():
                s = math.ceil(f + x)
                if known < s < months:
                    chances[s] = chances.get(s, 0.0) + event.probability * p / left
        else:
            left = 1 - law.cdf(known - f)
            chances = {
                s: event.probability * (law.cdf(s - f) - law.cdf(s - 1 - f)) / left for s in range(known + 1, months)
            }
    options: Options = [(s, p) for s, p in chances.items() if p > 0]
    never = 1 - math.fsum(p for _, p in options)
    return [*options, (None, never)] if never > 1e-15 else options


def _values(law: Law) -> Options:
    if isinstance(law, Fixed):
        return [(law.value, 1.0)]
    if isinstance(law, Table):
        return [(x, p) for x, p in zip(law.values, law.weights, strict=True) if p > 0]
    raise TooManyCombinationsError(f"not a law of few values: {law}")


def _yes_or_no(probability: float) -> Options:
    return [(answer, p) for answer, p in ((True, probability), (False, 1 - probability)) if p > 0]


def _months_again(event: Event, months: int) -> Options:
    """How many months after the last one in which it was in effect an event comes again, None for never."""
    assert isinstance(event.timing, Delay)
    if isinstance(event.timing.law, Hazard):
        raise TooManyCombinationsError("a schedule goes by dates")
    return own_months(replace(event, timing=Delay(event.timing.law, 0, 0)), months)


def _after(delay: int | None) -> Callable[[int], int | None]:
    return lambda since: None if delay is None else since + delay


def _chances(scenario: Scenario) -> dict[tuple[Any, ...], Options]:
    """Each single chance of a scenario, by (kind, whose), with what may come of it."""
    chances: dict[tuple[Any, ...], Options] = {}
    for event in each_coming(scenario):
        if "#" not in event.id:
            chances["own", event.id] = own_months(event, scenario.months)
        elif event.outcome_of is None:
            chances["again", event.id] = _months_again(event, scenario.months)
        notice = None if event.outcome_of else event.notice
        laws: dict[str, Any] = {"notice": notice, "lasts": event.lasts, "once": event.once}
        for name, effect in (("usage", event.usage), ("price", event.price)):
            if effect is not None:
                laws[f"{name}_to"], laws[f"{name}_over"] = effect.to, effect.over
        for name, law in laws.items():
            if isinstance(law, Law):
                chances[name, event.id] = _values(law)
        if event.lasts is not None:
            chances["permanent", event.id] = _yes_or_no(event.permanent)
        if event.outcomes:
            chances["outcome", event.id] = [(k, one.weight) for k, one in enumerate(event.outcomes) if one.weight > 0]
        for trigger in event.triggers:
            chances["fires", (event.id, trigger.target)] = _yes_or_no(trigger.probability)
            if trigger.after is not None:
                chances["delay", (event.id, trigger.target)] = _values(trigger.after)
    for lever in scenario.levers:
        chances["accepted", lever.against] = _yes_or_no(lever.acceptance)
    return chances


def paths(scenario: Scenario) -> Iterator[tuple[Chances, float]]:
    """Every combination of a scenario's chances, with its probability.

    Raises
    ------
    TooManyCombinationsError
        Demand fluctuates, a law has more than a few values, or there are too many combinations.
    """
    if any(stream.volatility > 0 for stream in scenario.streams):
        raise TooManyCombinationsError("demand fluctuates")
    if any(together.correlation > 0 for together in scenario.together):
        raise TooManyCombinationsError("events tend to come together")
    chances = _chances(scenario)
    size = math.prod(len(options) for options in chances.values())
    if size > MOST_COMBINATIONS:
        raise TooManyCombinationsError(f"{size} combinations")
    demand = [expected_demand(stream, scenario.months) for stream in scenario.streams]
    kinds = ("own", "fires", "delay", "notice", "usage_to", "usage_over", "price_to", "price_over", "lasts", "once")
    kinds += ("permanent", "accepted", "outcome", "again")
    for combination in itertools.product(*chances.values()):
        outcome: dict[str, dict[Any, Any]] = {kind: {} for kind in kinds}
        probability = 1.0
        for (kind, whose), (result, p) in zip(chances, combination, strict=True):
            outcome[kind][whose] = result
            probability *= p
        again = {whose: _after(delay) for whose, delay in outcome.pop("again").items()}
        yield Chances(demand=demand, again=again, **outcome), probability


def enumerate_scenario(scenario: Scenario) -> Exact:
    """Go through all paths of a scenario and add up what they come to.

    Combinations that differ only in what does not come into play share a history, which is valued once.
    """
    weights: dict[History, float] = {}
    combinations = 0
    demand: list[list[float]] = []
    for chances, probability in paths(scenario):
        history = settle(scenario, chances)
        weights[history] = weights.get(history, 0.0) + probability
        demand = chances.demand
        combinations += 1
    total = math.fsum(weights.values())
    if abs(total - 1) > 1e-9:
        raise AssertionError(f"the probabilities add up to {total}")
    valued = [(value_history(scenario, history, demand), p) for history, p in weights.items()]
    baseline = math.fsum(p * path.discounted_baseline for path, p in valued)
    months = {event.id: [0.0] * scenario.months for event in scenario.events}
    for path, p in valued:
        for event_id, month in path.months.items():
            if month is not None:
                months[event_id][month] += p
    return Exact(
        atoms=_merged([(path.loss, p) for path, p in valued], SAME * baseline),
        months=months,
        below_target=_below(scenario.risk.target, valued),
        revenue=math.fsum(p * path.discounted_revenue for path, p in valued),
        baseline=baseline,
        combinations=combinations,
        one_off=math.fsum(p * path.one_off for path, p in valued),
    )


def _below(target: float | None, valued: list[tuple[Valuation, float]]) -> float | None:
    if target is None:
        return None
    return math.fsum(p for path, p in valued if path.window_revenue < target)


def _merged(atoms: list[tuple[float, float]], tolerance: float) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for x, p in sorted(atoms):
        if merged and x - merged[-1][0] <= tolerance:
            merged[-1] = (merged[-1][0], merged[-1][1] + p)
        else:
            merged.append((x, p))
    return merged
