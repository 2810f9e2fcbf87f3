"""Outcomes of an event that repeats, against formulas and numbers worked out by hand (``docs/model.md``, section 3).

Each coming draws its outcome anew, and what came of it decides when it is over and so when the event comes again.
Statistical comparisons allow 4.5 standard errors, which a correct program exceeds with a chance of 7e-6 each; seeds are
fixed.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

import sim
from sim.chance.draws import Draws
from sim.engines import kernel, model
from sim.engines.collected import collect
from sim.engines.valuation import Valuation
from sim.estimates.measures import EXPECTED_LOSS
from sim.scenario.left_to_chance import left_to_chance
from sim.scenario.parts import Scenario
from tests.truth.enumeration import enumerate_scenario
from tests.truth.test_repeats import ERRORS, HIT, LEAVES, OUTAGE, PATHS, book

# --- by hand ---------------------------------------------------------------------------------------------------------

BY_HAND = {
    "scenario": 1,
    "name": "an outage that is brief or grave",
    "start": "2025-01",
    "months": 18,
    "money": "USD",
    # Renewals in months 3, 9 and 15, and month 0 counts as the one before; floor 0.8 · 100 = 80.
    "customers": {
        "alpha": {"revenue": 100, "contract": {"term": 6, "renews": "2025-04", "commitment": 0.8}},
        "beta": {"revenue": 10},
    },
    "events": {
        "outage": {
            "hits": "alpha",
            "timing": {"fixed": 4},
            "repeats": True,
            "voids_commitment": False,
            "outcomes": {
                "brief": {"weight": 0.5, "usage": {"to": 0.5}, "lasts": {"fixed": 1}, "once": {"amount": 10}},
                "grave": {"usage": {"to": 0}, "lasts": {"fixed": 3}, "triggers": {"follow": {"after": {"fixed": 1}}}},
            },
        },
        "follow": {"hits": "beta", "usage": {"to": 0.8}},
    },
}
BRIEF, GRAVE = 0, 1

LEDGERS = {
    # In month 4 brief, paid for 80, c = 5. From 4 on: 8, grave in 8 to 10, c = 11: the floor of month 3 stands in 8;
    # the renewal of 9 finds it arisen and not over (8 <= 9 < 11): no floor in 9 and 10, nor in the term from 9 on.
    # From 10 on: 14, brief, 50 without a floor, c = 15, when the renewal commits again. From 14 on: 18, beyond.
    # follow arises a month after grave, in 9: beta 8 for 9 months. Brief twice, 20. 20 + 20 + 200 + 50, 18, 20.
    (BRIEF, GRAVE, BRIEF): (
        {"outage": 4, "outage.brief": 4, "outage.grave": 8, "follow": 9},
        {"outage": 3, "outage.brief": 2, "outage.grave": 1},
        [100] * 4 + [80] + [100] * 3 + [80, 0, 0] + [100] * 3 + [50] + [100] * 3,
        [10] * 9 + [8] * 9,
        {4: 10, 14: 10},
        328,
    ),
    # Grave in 4 to 6 under the floor of month 3: 80 each, c = 7. From 6 on: 10, brief, 80 by the renewal of 9, c = 11.
    # From 10 on: 14, grave in 14 to 16: 80 in 14; the renewal of 15 commits to nothing, 0 in 15 and 16. From 16 on: 20.
    # follow arises in 5 (and would in 15): beta 8 for 13 months. 60 + 20 + 20 + 200, 26, 10.
    (GRAVE, BRIEF, GRAVE): (
        {"outage": 4, "outage.brief": 10, "outage.grave": 4, "follow": 5},
        {"outage": 3, "outage.brief": 1, "outage.grave": 2},
        [100] * 4 + [80] * 3 + [100] * 3 + [80] + [100] * 3 + [80, 0, 0, 100],
        [10] * 5 + [8] * 13,
        {10: 10},
        336,
    ),
}


def path_with(scenario: Scenario, outcomes: Sequence[int]) -> int:
    """The first path on which the outage's comings have these outcomes."""
    event = scenario.events[scenario.event_index["outage"]]
    draws = Draws(scenario, 1, 0, 256)
    drawn = [draws.outcome(event if k == 1 else event.again(k)) for k in range(1, len(outcomes) + 1)]
    return int(np.flatnonzero((np.transpose(drawn) == outcomes).all(axis=1))[0])


def valued(scenario: Scenario, path: int, engine: str) -> Valuation:
    draws = Draws(scenario, 1, path, 1)
    if engine == "kernel":
        return kernel.value(scenario, draws)
    return collect(scenario, path, [world.play() for world in model.worlds(scenario, draws)])


@pytest.mark.parametrize("engine", ["kernel", "model"])
@pytest.mark.parametrize("outcomes", LEDGERS)
def test_a_ledger_over_renewals(outcomes: tuple[int, ...], engine: str) -> None:
    months, times, alpha, beta, once, loss = LEDGERS[outcomes]
    scenario = sim.load(BY_HAND)
    found = valued(scenario, path_with(scenario, outcomes), engine)
    assert dict(zip(scenario.event_index, found.arises[:, 0].tolist(), strict=True)) == months
    repeating = [event.id for event in scenario.events if event.repeats]
    assert found.times is not None
    assert dict(zip(repeating, found.times[:, 0].tolist(), strict=True)) == times
    assert found.revenue[0].tolist() == pytest.approx([a + b for a, b in zip(alpha, beta, strict=True)])
    assert found.one_off is not None
    assert {m: cost for m, cost in enumerate(found.one_off[0]) if cost} == once
    assert 18 * 110 - found.revenue.sum() + found.one_off.sum() == pytest.approx(loss)


def test_each_coming_has_a_draw_of_its_own() -> None:
    """Three comings, two even outcomes: each of the eight sequences with a chance of 1/8, by chi-square."""
    scenario = sim.load(BY_HAND)
    event = scenario.events[scenario.event_index["outage"]]
    for sampling in ("plain", "sobol"):
        draws = Draws(scenario, 2, 0, 8_192, sampling)
        drawn = np.transpose([draws.outcome(one) for one in (event, event.again(2), event.again(3))])
        counts = Counter(map(tuple, drawn.tolist()))
        assert counts.keys() == set(itertools.product((0, 1), repeat=3))
        # 40.5: exceeded with a chance of 1e-6 by chi-square with 7 degrees of freedom.
        assert sum((n - 1024) ** 2 / 1024 for n in counts.values()) < 40.5


def test_the_story_tells_what_came_of_it_each_time() -> None:
    scenario = sim.load(BY_HAND)
    (world,) = model.worlds(scenario, Draws(scenario, 1, path_with(scenario, (BRIEF, GRAVE, BRIEF)), 1), story=True)
    told = [(e.month, e.subject, e.facts["cause"], e.facts["by"]) for e in world.play().ledger if e.kind == "event"]
    assert told == [
        (4, "outage", "itself", None),
        (4, "outage.brief", "outcome", "outage"),
        (8, "outage", "again", None),
        (8, "outage.grave", "outcome", "outage"),
        (9, "follow", "trigger", "outage.grave"),
        (14, "outage", "again", None),
        (14, "outage.brief", "outcome", "outage"),
    ]
    assert {"repeats", "outcome", "another outcome"} <= world.acted


# --- by formula ------------------------------------------------------------------------------------------------------

EITHER = {
    **OUTAGE,
    "outcomes": {"bad": {"weight": 0.25, "usage": {"to": 0}}, "poor": {"usage": {"to": 0.5}}},
}
"""A month is hit with HIT, independently of others; of what is hit a quarter loses 1 and the rest a half."""


@pytest.mark.parametrize("engine", ["kernel", "model"])
def test_months_are_thinned_by_the_outcomes(engine: Any) -> None:
    paths = PATHS[engine]
    found = sim.run(book({"outage": EITHER}), engine=engine, paths=paths, sampling="plain", seed=13)
    mean, square = 0.25 + 0.75 / 2, 0.25 + 0.75 / 4
    variance = HIT * square - (HIT * mean) ** 2
    assert abs(found.loss.mean() - 36 * HIT * mean) < ERRORS * math.sqrt(36 * variance / paths)
    assert found.loss.var() == pytest.approx(36 * variance, rel=ERRORS * math.sqrt(2 / paths))
    for outcome, weight in (("bad", 0.25), ("poor", 0.75)):
        of_it = found.events[f"outage.{outcome}"]
        hit = HIT * weight
        times = of_it["expected_times"]
        assert abs(times["value"] - 36 * hit) < ERRORS * math.sqrt(36 * hit * (1 - hit) / paths)
        assert times["standard_error"] == pytest.approx(math.sqrt(36 * hit * (1 - hit) / paths), rel=0.1)
        # Its chance is to happen at all, at whichever coming.
        ever = 1 - (1 - hit) ** 36
        assert abs(of_it["probability"] - ever) < ERRORS * math.sqrt(ever * (1 - ever) / paths)
    whole = found.events["outage"]["expected_times"]["value"]
    assert whole == pytest.approx(sum(found.events[f"outage.{k}"]["expected_times"]["value"] for k in ("bad", "poor")))


@pytest.mark.parametrize("engine", ["kernel", "model"])
def test_an_outcome_for_good_is_the_last(engine: Any) -> None:
    """Without lasts it is never over, so that the event does not come again: by month m with 1 − (1 − qh)^m."""
    event = {**OUTAGE, "outcomes": {"lost": {"weight": 0.1}, "short": {"usage": {"to": 0.5}, "lasts": {"fixed": 1}}}}
    del event["lasts"]
    paths = PATHS[engine]
    found = sim.run(book({"outage": event}), engine=engine, paths=paths, sampling="plain", seed=17)
    q = 0.1 * HIT
    gone = [1 - (1 - q) ** m for m in range(37)]
    # In month m all is lost if it is gone by then, and a half if it was not before and a short one hits.
    expected = [gone[m] + (1 - gone[m - 1]) * (HIT - q) / 2 for m in range(1, 37)]
    lost = 2 - found.monthly[("revenue", "mean")].to_numpy()[1:]
    assert np.abs(lost - expected).max() < ERRORS * math.sqrt(0.25 / paths)
    assert abs(found.loss.mean() - math.fsum(expected)) < ERRORS * found.loss.std() / math.sqrt(paths)
    of_it = found.events["outage.lost"]
    assert abs(of_it["probability"] - gone[36]) < ERRORS * math.sqrt(gone[36] * (1 - gone[36]) / paths)
    # It happens once or never.
    assert of_it["expected_times"]["value"] == of_it["probability"]


LATTICE = {
    "outage": {
        "hits": "alpha",
        "probability": 0.8,
        "timing": {"table": {2: 0.5, 3: 0.5}},
        "repeats": True,
        "outcomes": {
            "brief": {"weight": 0.5, "usage": {"to": 0.5}, "lasts": {"fixed": 1}},
            "grave": {
                "usage": {"to": 0.125},
                "lasts": {"fixed": 2},
                "once": {"amount": 0.25},
                "triggers": {"follow": {}},
            },
            "gone": {"weight": 0.125, "usage": {"to": 0}},
        },
    },
    "follow": {"hits": "beta", "usage": {"to": 0}, "lasts": {"fixed": 2}},
}


@pytest.mark.parametrize("engine", ["kernel", "model"])
def test_a_small_case_is_as_all_its_paths(engine: Any) -> None:
    """Each coming with its own chance and outcome, and what that sets off, costs and how long it holds."""
    data = book(LATTICE, months=7)
    exact = enumerate_scenario(sim.load(data))
    paths = PATHS[engine]
    found = sim.run(data, engine=engine, paths=paths, sampling="plain", seed=23)
    assert abs(found.loss.mean() - exact.mean) < ERRORS * exact.sd / math.sqrt(paths)
    once = found.measures["expected_one_off"]
    assert abs(once["value"] - exact.one_off) < ERRORS * once["standard_error"]
    for event, months in exact.months.items():
        p = math.fsum(months)
        assert 0 < p < 1
        assert abs(found.events[event]["probability"] - p) < ERRORS * math.sqrt(p * (1 - p) / paths)
    # Every loss that is found is one that there is, and about as often.
    for loss, chance in exact.atoms:
        share = np.isclose(found.loss, loss, rtol=0, atol=1e-9).mean()
        assert abs(share - chance) < ERRORS * math.sqrt(chance * (1 - chance) / paths) + 4 / paths


def test_going_through_all_paths_finds_the_same_chance() -> None:
    """The third valuation, exactly: 3 months that are hit independently, by one outcome or the other."""
    exact = enumerate_scenario(sim.load(book({"outage": EITHER}, months=4)))
    bad, poor = HIT / 4, HIT * 3 / 4
    law: Counter[float] = Counter()
    for months in itertools.product(((0.0, 1 - HIT), (1.0, bad), (0.5, poor)), repeat=3):
        law[sum(loss for loss, _ in months)] += math.prod(chance for _, chance in months)
    assert len(exact.atoms) == len(law)
    for loss, chance in exact.atoms:
        assert chance == pytest.approx(law[round(2 * loss) / 2], rel=1e-9)
    assert math.fsum(exact.months["outage.bad"]) == pytest.approx(1 - (1 - bad) ** 3, rel=1e-12)


# --- other questions -------------------------------------------------------------------------------------------------


def test_what_is_planned_repeats_and_has_outcomes_is_in_both() -> None:
    event = {**BY_HAND["events"]["outage"], "planned": True}
    event["outcomes"] = {k: {**one} for k, one in event["outcomes"].items()}
    del event["outcomes"]["brief"]["once"], event["outcomes"]["grave"]["triggers"]
    data = {**BY_HAND, "events": {"outage": event}}
    found = sim.run(data, paths=64, sampling="plain")
    assert found.loss == pytest.approx(0, abs=1e-9)
    # As the ledgers above, without beta's event: 290 of alpha's is lost with brief, grave, brief and 300 the other way.
    assert found.measures["expected_baseline"]["value"] < 18 * 110 - 60


def test_each_copy_has_outcomes_of_its_own() -> None:
    scenario = sim.load(book({"outage": {**EITHER, "hits": "all", "each": True}}))
    times = kernel.value(scenario, Draws(scenario, 1, 0, 1024)).times
    assert times is not None
    ids = [event.id for event in scenario.events]
    assert ids == [f"outage.{whose}{k}" for whose in ("alpha", "beta") for k in ("", ".bad", ".poor")]
    correlation = np.corrcoef(times)[ids.index("outage.alpha.bad"), ids.index("outage.beta.bad")]
    assert abs(correlation) < ERRORS / math.sqrt(1024)


def test_agreements_of_a_group_that_leave_at_renewals_hold_up_the_next_time() -> None:
    """It comes again once it is over on both agreements, of which each takes effect at its own renewal."""
    contracts = [{"term": 12, "renews": month, "notice": 1} for month in ("2025-03", "2025-06")]
    customers = {
        name: {"revenue": 1, "group": "both", "contract": contract}
        for name, contract in zip(("alpha", "beta"), contracts, strict=True)
    }
    event = {"hits": "both", "choice": True, "leaves": "at_renewal", "timing": {"fixed": 1}, "repeats": True}
    event["outcomes"] = {
        "trims": {"weight": 1, "usage": {"to": 0.5}, "lasts": {"fixed": 3}},
        "goes": {"usage": {"to": 0}},
    }
    data = book({"outage": event}, months=24, customers=customers, groups={"both": {}})
    # Told in month 1, in time from 2 on. alpha's renewals are 2 and 14, beta's 5 and 17: 2 to 4 and 5 to 7 at a half,
    # over on both in 8. From 7 on: 8, in time from 9 on, 14 to 16 and 17 to 19; from 19 on: 20, no renewal is left.
    expected = [2.0] * 24
    for month in (2, 3, 4, 5, 6, 7, 14, 15, 16, 17, 18, 19):
        expected[month] = 1.5
    for engine in ("kernel", "model"):
        found = sim.run(data, engine=engine, paths=2, sampling="plain")
        assert found.monthly[("revenue", "mean")].tolist() == pytest.approx(expected), engine
        assert found.events["outage.trims"]["expected_times"]["value"] == 3


def test_it_is_no_chance_where_all_outcomes_are_alike() -> None:
    fixed = {**EITHER, "timing": {"fixed": 3}}
    scenario = sim.load(book({"outage": fixed}))
    # Months are settled, whatever comes of it: what is left to chance is which outcome it is.
    assert left_to_chance(scenario) == {"outage.bad", "outage.poor"}
    longer = {**fixed, "outcomes": {**fixed["outcomes"], "poor": {"lasts": {"fixed": 2}}}}
    assert "outage" in left_to_chance(sim.load(book({"outage": longer})))
    found = sim.run(scenario, paths=64)
    assert found.events["outage"]["expected_times"] == {"value": 12, "standard_error": 0}
    sure = {**fixed, "outcomes": {"bad": {"weight": 1}, "poor": {}}}
    events = sim.run(book({"outage": sure}), paths=64).events
    assert events["outage.bad"]["expected_times"] == {"value": 12, "standard_error": 0}
    assert events["outage.poor"]["expected_times"] == {"value": 0, "standard_error": 0}
    noticed = {**OUTAGE, "timing": {"fixed": 3}, "notice": {"table": {0: 0.5, 1: 0.5}}}
    assert left_to_chance(sim.load(book({"outage": noticed}))) == {"outage"}


def test_the_engines_and_the_strata_agree() -> None:
    data = book({"outage": {**EITHER, "hits": "all"}, "leaves": {**LEAVES, "triggers": {"outage": {}}}})
    found = sim.verify(data, paths=100)
    assert found.agree, found.differences
    assert found.acted["another outcome"] > 50


def test_a_sweep_over_a_weight_is_simulated_and_right() -> None:
    data = book({"outage": EITHER})
    found = sim.sweep(data, axes={"events.outage.outcomes.bad.weight": [0.0, 1.0]}, paths=8192)
    assert found.to_dict()["cells"]["expected_loss"] == pytest.approx([36 * HIT / 2, 36 * HIT], rel=0.01)


def test_an_attribution_a_tornado_and_a_comparison_know_every_outcome() -> None:
    data = book({"outage": EITHER, "less": {**EITHER, "hits": "beta", "timing": {"fixed": 9}}})
    mean = 0.25 + 0.75 / 2
    parts = sim.attribute(data, paths=4096).contributions
    assert [part.expected_loss.value for part in parts] == pytest.approx([36 * HIT * mean, 4 * mean], rel=0.01)
    # With a duration of 8 months of an outcome of weight 1 it comes in 9, 16 + 9 = 25 and 32 + 9 = 41, beyond.
    longer = {"events.less.outcomes.bad": {"weight": 1, "usage": {"to": 0}, "lasts": {"fixed": 8}}}
    other = sim.load(data).with_(longer)
    alone = sim.run(other, paths=4096)
    assert alone.measures["expected_loss"]["value"] == pytest.approx(36 * HIT * mean + 16, rel=0.01)
    compared = sim.compare(data, other, paths=4096)
    assert compared.differences[0].of(EXPECTED_LOSS).value == pytest.approx(16 - 4 * mean, rel=0.02)
    guess = {"assumption": "a guess", "low": 0, "high": 1}
    found = sim.tornado({**data, "evidence": {"events.less.outcomes.bad.weight": guess}}, paths=4096)
    (bar,) = found.bars
    assert bar.swing.expected_loss.value == pytest.approx(4 * 0.5, rel=0.05)
