"""Events that repeat, against formulas and numbers worked out by hand (``docs/model.md``, section 3).

Statistical comparisons allow 4.5 standard errors, which a correct program exceeds with a chance of 7e-6 each; seeds are
fixed.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import sim
from sim.chance.draws import Draws
from sim.engines import kernel, model
from sim.engines.collected import collect
from sim.engines.strata import losses_by_own_month
from sim.engines.valuation import window_sums
from sim.scenario.laws import NEVER, Hazard, counted_anew
from sim.scenario.left_to_chance import left_to_chance
from sim.simulation.stratified import event_in_question
from tests.truth.enumeration import enumerate_scenario

ERRORS = 4.5
PATHS = {"kernel": 40_000, "model": 1_500}
HIT = 1 - math.exp(-1 / 4)
"""Chance that an outage of a month, by an exponential delay of mean 4, hits a month: what is over is forgotten."""

OUTAGE = {
    "hits": "alpha",
    "timing": {"exponential": {"mean": 4}},
    "lasts": {"fixed": 1},
    "repeats": True,
    "usage": {"to": 0},
}


def book(events: dict[str, Any], months: int = 37, **parts: Any) -> dict[str, Any]:
    return {
        "scenario": 1,
        "name": "what recurs",
        "start": "2025-01",
        "months": months,
        "money": "USD",
        "customers": {"alpha": {"revenue": 1}, "beta": {"revenue": 1}},
        "events": events,
        **parts,
    }


# --- the law of the comings ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["kernel", "model"])
def test_each_month_is_hit_alike(engine: Any) -> None:
    """Each of the months 1 to 36 with 1 − e^(−1/4) = 0.221199, so that 36 times as much is lost: 7.963172."""
    assert pytest.approx(7.963172, abs=5e-7) == 36 * HIT
    paths = PATHS[engine]
    found = sim.run(book({"outage": OUTAGE}), engine=engine, paths=paths, sampling="plain", seed=11)
    hit = 2 - found.monthly[("revenue", "mean")].to_numpy()
    assert hit[0] == 0
    # 36 months: a false alarm in any of them with a chance of 2.4e-4.
    assert np.abs(hit[1:] - HIT).max() < ERRORS * math.sqrt(HIT * (1 - HIT) / paths)
    # Months are independent, so that the variance of a loss is that of 36 tosses.
    error = math.sqrt(36 * HIT * (1 - HIT) / paths)
    assert abs(found.loss.mean() - 36 * HIT) < ERRORS * error
    assert found.loss.var() == pytest.approx(36 * HIT * (1 - HIT), rel=ERRORS * math.sqrt(2 / paths))
    times = found.events["outage"]["expected_times"]
    assert times["value"] == pytest.approx(found.loss.mean())
    assert times["standard_error"] == pytest.approx(error, rel=0.1)


def test_points_that_are_evenly_spread_tell_the_same() -> None:
    found = sim.run(book({"outage": OUTAGE}), paths=32_768, seed=3).events["outage"]
    times = found["expected_times"]
    assert abs(times["value"] - 36 * HIT) < ERRORS * times["standard_error"]
    assert times["standard_error"] < math.sqrt(36 * HIT * (1 - HIT) / 32_768)
    # That it comes at all is about the first time: 1 − e^(−36/4).
    assert found["probability"] == pytest.approx(1 - math.exp(-9), abs=2e-4)


def test_going_through_all_paths_finds_the_same_chance() -> None:
    """The third valuation, exactly: 4 months that are hit independently of each other."""
    exact = enumerate_scenario(sim.load(book({"outage": OUTAGE}, months=5)))
    assert exact.mean == pytest.approx(4 * HIT, rel=1e-12)
    assert exact.sd == pytest.approx(math.sqrt(4 * HIT * (1 - HIT)), rel=1e-12)
    for k, (loss, chance) in enumerate(exact.atoms):
        assert loss == pytest.approx(k, abs=1e-12)
        assert chance == pytest.approx(math.comb(4, k) * HIT**k * (1 - HIT) ** (4 - k), rel=1e-9)


SMALL = {
    "outage": {
        "hits": "alpha",
        "probability": 0.7,
        "timing": {"table": {3: 0.5, 4: 0.5}},
        "notice": {"table": {0: 0.5, 1: 0.5}},
        "lasts": {"table": {1: 0.4, 2: 0.6}},
        "repeats": True,
        "usage": {"to": 0.5},
        "once": {"amount": 0.25},
        "triggers": {"follow": {"probability": 0.3}},
    },
    "follow": {"hits": "beta", "usage": {"to": 0}, "lasts": {"fixed": 3}},
}


@pytest.mark.parametrize("engine", ["kernel", "model"])
def test_a_small_case_is_as_all_its_paths(engine: Any) -> None:
    """Each coming with its own chance, notice, length, cost and triggers; the target arises once, in the earliest."""
    data = book(SMALL, months=8)
    exact = enumerate_scenario(sim.load(data))
    paths = PATHS[engine]
    found = sim.run(data, engine=engine, paths=paths, sampling="plain", seed=5)
    assert abs(found.loss.mean() - exact.mean) < ERRORS * exact.sd / math.sqrt(paths)
    once = found.measures["expected_one_off"]
    assert abs(once["value"] - exact.one_off) < ERRORS * once["standard_error"]
    for event, months in exact.months.items():
        p = math.fsum(months)
        assert abs(found.events[event]["probability"] - p) < ERRORS * math.sqrt(p * (1 - p) / paths)


# --- by hand ---------------------------------------------------------------------------------------------------------


def arrivals(event: dict[str, Any], months: int = 24, **parts: Any) -> list[int]:
    """Months in which an event that leaves nothing to chance comes, by the model's ledger and the kernel's money."""
    scenario = sim.load(book({"outage": {**OUTAGE, **event}}, months=months, **parts))
    draws = Draws(scenario, 1, 0, 1)
    (world,) = [world.play() for world in model.worlds(scenario, draws, story=True)]
    came = [entry.month for entry in world.ledger if entry.kind == "event"]
    valued = kernel.value(scenario, draws)
    assert valued.times is not None
    assert valued.times.tolist() == [[len(came)]]
    assert collect(scenario, 0, [world]).revenue == pytest.approx(valued.revenue)
    return came


def test_it_is_counted_from_the_last_month_in_which_it_was_in_effect() -> None:
    # In months 5 and 6, c = 7: the next in month 6 + 5 = 11, with a notice of 2 in effect 13 and 14, and so on.
    assert arrivals({"timing": {"fixed": 5}, "lasts": {"fixed": 2}}) == [5, 11, 17, 23]
    assert arrivals({"timing": {"fixed": 5}, "lasts": {"fixed": 2}, "notice": 2}) == [5, 13, 21]
    # What lasts no month lasts one; what comes after half a month comes in the next.
    assert arrivals({"timing": {"fixed": 0.5}, "lasts": {"fixed": 0}}, months=5) == [1, 2, 3, 4]


def test_what_is_known_and_where_it_is_counted_from_concern_the_first_time() -> None:
    timing = {"from": "2024-10", "fixed": 9}
    assert arrivals({"timing": timing, "lasts": {"fixed": 1}}, known="2025-04") == [6, 15]


def test_a_trigger_onto_it_is_about_the_first_time() -> None:
    """Set off in month 2, before its own month 5, c = 4: then 3 + 5 = 8, 14, 20. What comes later finds it come."""
    events = {
        "early": {"hits": "beta", "timing": {"month": "2025-03"}, "triggers": {"outage": {}}},
        "late": {"hits": "beta", "timing": {"month": "2025-11"}, "triggers": {"outage": {}}},
        "outage": {**OUTAGE, "timing": {"fixed": 5}, "lasts": {"fixed": 2}},
    }
    expected = np.full(24, 2.0)
    expected[[2, 3, 8, 9, 14, 15, 20, 21]] = 1
    for engine in ("kernel", "model"):
        found = sim.run(book(events, months=24), engine=engine, paths=2, sampling="plain")
        assert found.monthly[("revenue", "mean")].tolist() == expected.tolist(), engine
        assert found.events["outage"]["expected_times"]["value"] == 4


def test_what_a_later_coming_sets_off_may_come_first() -> None:
    """In 4 it sets off follow after 9 months, in 4 + 4 = 8 after one: in 9, and nothing more of it in 13."""
    after = {"table": {1: 0.5, 9: 0.5}}
    events = {
        "outage": {**OUTAGE, "timing": {"fixed": 4}, "triggers": {"follow": {"after": after}}},
        "follow": {"hits": "beta", "usage": {"to": 0}, "lasts": {"fixed": 2}},
    }
    scenario = sim.load(book(events, months=16))
    outage = scenario.events[0]
    draws = Draws(scenario, 1, 0, 64)
    delays = [draws.trigger_delay(one, outage.triggers[0]) for one in (outage, outage.again(2))]
    path = int(np.flatnonzero((delays[0] == 9) & (delays[1] == 1))[0])
    alone = Draws(scenario, 1, path, 1)
    expected = [2.0] * 16
    for month in (4, 8, 9, 10, 12):
        expected[month] = 1.0
    for engine in (kernel, model):
        found = engine.value(scenario, alone)
        assert found.revenue[0].tolist() == expected, engine.__name__
        assert found.arises[:, 0].tolist() == [4, 9]


def test_a_schedule_keeps_its_dates() -> None:
    """Sure to come within a month from 2025-07 on, and not to from 2025-10 on: months 7, 8 and 9."""
    timing = {"hazard": {"2025-07": 1 - 1e-15, "2025-10": 0}}
    scenario = sim.load(book({"outage": {**OUTAGE, "timing": timing}}, months=24))
    # A rate of 34.5 a year: a month passes without it with a chance of e^(−2.88) = 0.0562.
    stays = (1e-15) ** (1 / 12)
    found = kernel.value(scenario, Draws(scenario, 2, 0, 20_000))
    hit = (found.baseline - found.revenue).mean(axis=0)
    assert hit[:7] == pytest.approx(0)
    assert hit[10:] == pytest.approx(0)
    assert np.abs(hit[7:10] - (1 - stays)).max() < ERRORS * math.sqrt(stays * (1 - stays) / 20_000)


def test_a_schedule_counted_anew_is_the_same_by_date() -> None:
    law = Hazard(((3, 0.2), (8, 0.6)))
    anew = counted_anew(law, 5)
    for month in range(12):
        assert anew.survival(month) == pytest.approx(law.survival(5 + month) / law.survival(5))


def test_a_chance_decides_each_time() -> None:
    """With p each time after 6 months: k comings have the chance p^k (1 − p), the fourth ends it by the horizon."""
    event = {**OUTAGE, "timing": {"fixed": 6}, "probability": 0.5}
    found = sim.run(book({"outage": event}, months=25), paths=20_000, sampling="plain", seed=9)
    share = np.bincount(np.rint(found.loss).astype(int)) / 20_000
    assert np.abs(share - [0.5, 0.25, 0.125, 0.0625, 0.0625]).max() < ERRORS * math.sqrt(0.25 / 20_000)


def test_draws_of_the_first_time_are_those_of_an_event_that_comes_once() -> None:
    event = {**OUTAGE, "notice": {"uniform": {"low": 0, "high": 3}}, "lasts": {"uniform": {"low": 0, "high": 6}}}
    again, once = (sim.load(book({"outage": {**event, "repeats": repeats}})) for repeats in (True, False))
    for sampling in ("plain", "sobol"):
        first, alone = (kernel.value(one, Draws(one, 4, 0, 64, sampling)) for one in (again, once))
        assert (first.arises == alone.arises).all()
        assert first.times is not None
        assert (first.times[0] >= (alone.arises[0] < NEVER)).all()
        assert first.times.max() > 2
        assert alone.times is None


def test_each_of_several_customers_has_comings_of_its_own() -> None:
    data = book({"outage": {**OUTAGE, "hits": "all", "each": True}})
    found = sim.run(data, paths=256)
    times = [found.events[f"outage.{customer}"]["expected_times"]["value"] for customer in ("alpha", "beta")]
    scenario = sim.load(data)
    drawn = kernel.value(scenario, Draws(scenario, 1, 0, 256)).times
    assert drawn is not None
    assert abs(np.corrcoef(drawn)[0, 1]) < ERRORS / math.sqrt(256)
    assert times == pytest.approx([36 * HIT, 36 * HIT], abs=ERRORS * math.sqrt(36 * HIT / 256))


def test_what_is_planned_and_repeats_is_in_both() -> None:
    plan = {**OUTAGE, "hits": "beta", "timing": {"fixed": 4}, "planned": True}
    leaves = {"hits": "alpha", "timing": {"month": "2025-03"}, "usage": {"to": 0}}
    found = sim.run(book({"plan": plan, "leaves": leaves}, months=12), paths=4)
    # Beta is away in months 4 and 8 in both; alpha is lost for ten months.
    assert found.loss == pytest.approx(10)
    assert found.measures["expected_baseline"]["value"] == pytest.approx(24 - 2)


def test_a_bound_of_its_cost_holds_each_time() -> None:
    scenario = sim.load(book({"outage": {**OUTAGE, "once": {"amount": -2}}}, months=9))
    assert scenario.largest_one_offs >= 2 * 8
    assert left_to_chance(scenario) == {"outage"}
    certain = {**OUTAGE, "timing": {"fixed": 3}}
    assert left_to_chance(sim.load(book({"outage": certain}))) == set()
    wavering = {**certain, "lasts": {"uniform": {"low": 1, "high": 3}}}
    assert left_to_chance(sim.load(book({"outage": wavering}))) == {"outage"}


def test_what_no_path_met_may_still_come() -> None:
    rare = {**OUTAGE, "probability": 1e-9}
    times = sim.run(book({"outage": rare}), paths=64).events["outage"]["expected_times"]
    assert times["value"] == 0
    assert times["standard_error"] > 0


# --- other questions -------------------------------------------------------------------------------------------------

LEAVES = {
    "hits": "alpha",
    "choice": True,
    "probability": 0.5,
    "timing": {"exponential": {"mean": 20}},
    "usage": {"to": 0},
}


FATES = {"usual": {"weight": 0.6}, "longer": {"weight": 0.3, "lasts": {"fixed": 6}}, "dear": {"usage": {"to": 0.5}}}


@pytest.mark.parametrize("outcomes", [None, FATES])
@pytest.mark.parametrize("sets_off", [False, True])
@pytest.mark.parametrize("contract", [None, {"term": 12, "renews": "2025-01", "notice": 1, "commitment": 0.6}])
def test_strata_of_another_event_are_exact(sets_off: bool, contract: Any, outcomes: Any) -> None:
    """Whether the other sets it off or not: each stratum is what the kernel makes of the same own month."""
    leaves = {**LEAVES, **({"triggers": {"outage": {"probability": 0.8}}} if sets_off else {})}
    customers = {"alpha": {"revenue": 1, "volatility": 0.2}, "beta": {"revenue": 1, "growth": 0.1}}
    customers["alpha"] |= {} if contract is None else {"contract": contract}
    outage = {**OUTAGE, "hits": "all", "lasts": {"uniform": {"low": 0, "high": 4}}, "once": {"amount": 0.3}}
    outage |= {} if outcomes is None else {"outcomes": outcomes}
    scenario = sim.load(book({"outage": outage, "leaves": leaves}, customers=customers))
    event = scenario.events[scenario.event_index["leaves"]]
    draws = Draws(scenario, 7, 0, 48)
    months = (3, 12, 30, NEVER)
    found = losses_by_own_month(scenario, draws, event, months)
    for k, month in enumerate(months):
        valued = kernel.value(scenario, draws.given("leaves", month))
        loss = window_sums(scenario, valued.revenue, valued.baseline, valued.one_off).loss
        np.testing.assert_allclose(found.loss[k], loss, rtol=1e-9, atol=1e-9)


def test_the_engines_and_the_strata_agree() -> None:
    found = sim.verify(book({"outage": {**OUTAGE, "hits": "all"}, "leaves": LEAVES}), paths=100)
    assert found.agree, found.differences
    assert found.acted["repeats"] > 90


@pytest.mark.parametrize("number", ["probability", "timing.exponential.mean"])
def test_a_sweep_over_what_says_when_it_comes_again_is_simulated(number: str) -> None:
    """Weighed, only the first time would move."""
    values = [0.2, 0.9] if number == "probability" else [4.0, 12.0]
    data = book({"outage": OUTAGE}, risk={"levels": [0.9]})
    found = sim.sweep(data, axes={f"events.outage.{number}": values}, paths=8192)
    assert found.plan.event is None
    assert any("comes again, by the same probability and timing" in line for line in found.plan.explain())
    means = [36 * (1 - math.exp(-1 / mean)) for mean in values]
    for k, mean in enumerate(means if number != "probability" else []):
        assert found.to_dict()["cells"]["expected_loss"][k] == pytest.approx(mean, rel=0.01)
    for k, value in enumerate(values):
        alone = sim.run(sim.load(data).with_({f"events.outage.{number}": value}), paths=8192)
        assert found.to_dict()["cells"]["expected_loss"][k] == pytest.approx(
            alone.measures["expected_loss"]["value"], rel=0.02
        )


def test_a_sweep_over_another_event_is_weighed_and_right() -> None:
    data = book({"outage": {**OUTAGE, "hits": "beta"}, "leaves": {**LEAVES, "timing": {"fixed": 7}}})
    found = sim.sweep(data, axes={"events.leaves.probability": [0.0, 0.5]}, paths=8192)
    assert found.plan.event is not None
    # 36 · 0.2212 of beta, and with a chance of a half 30 months of alpha.
    assert found.to_dict()["cells"]["expected_loss"] == pytest.approx([36 * HIT, 36 * HIT + 15], rel=0.01)


def test_sliders_are_about_an_event_that_comes_once() -> None:
    question = event_in_question(sim.load(book({"outage": OUTAGE, "leaves": LEAVES})))
    assert question is not None
    assert question.id == "leaves"


def test_a_breakeven_and_an_attribution_know_every_coming() -> None:
    data = book({"outage": OUTAGE, "less": {**OUTAGE, "hits": "beta", "timing": {"fixed": 9}}})
    asked: dict[str, Any] = {"axis": "events.outage.usage.to", "measure": "expected_loss"}
    crossing = sim.breakeven(data, **asked, threshold=0.75 * 36 * HIT + 4, paths=4096)
    assert crossing.crossings[0].value == pytest.approx(0.25, abs=0.01)
    parts = sim.attribute(data, paths=4096).contributions
    assert [part.expected_loss.value for part in parts] == pytest.approx([36 * HIT, 4], rel=0.01)


def test_a_process_can_cause_the_first_time() -> None:
    def early(world: Any) -> Any:
        yield world.until("2025-03")
        world.cause("outage", "for once")

    event = {**OUTAGE, "timing": {"fixed": 5}}
    found = sim.run(book({"outage": event}, months=13), engine="model", processes=[early], paths=16)
    # In month 2, and then every five months: 7 and 12.
    assert found.loss == pytest.approx(3)
    with pytest.raises(sim.errors.UsageError, match="a name of its own"):
        sim.run(book({"outage": event}), engine="model", processes=[_named_as_a_coming], paths=16)


def _named_as_a_coming(world: Any) -> Any:
    yield world.until("2025-03")
    world.change("alpha", "outage#2", usage=0.5)
