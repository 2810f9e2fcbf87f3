"""What an event may do besides changing usage and price, against numbers worked out by hand (``docs/model.md``, 3)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom, multivariate_normal, norm

import sim
from sim.answers.chief import chief_of
from sim.chance.draws import Draws
from sim.engines import kernel
from sim.scenario.together import chance_of_all
from sim.simulation.stratified import event_in_question
from tests.truth.cases import ENUMERATED

PATHS = 2048


def book(events: dict[str, Any], **parts: Any) -> dict[str, Any]:
    """Two customers of 100 and 50 a month over a year."""
    return {
        "scenario": 1,
        "name": "a book",
        "start": "2025-01",
        "months": 12,
        "money": "USD",
        "customers": {"alpha": {"revenue": 100, "contract": {"notice": 2}}, "beta": {"revenue": 50}},
        "events": events,
        **parts,
    }


# --- once ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["kernel", "model"])
def test_a_fee_for_leaving_is_in_the_loss_and_in_no_revenue(engine: Any) -> None:
    leave = {"hits": "alpha", "choice": True, "timing": {"month": "2025-04"}, "usage": {"to": 0}}
    found = sim.run(book({"leave": {**leave, "once": {"amount": -150}}}), engine=engine, paths=4)
    measures = found.measures
    # In effect from month 5: 7 · 100 of 12 · 150 are lost, and a fee of 150 comes in.
    assert measures["expected_baseline"]["value"] == pytest.approx(1800)
    assert measures["expected_revenue"]["value"] == pytest.approx(1100)
    assert measures["expected_one_off"]["value"] == pytest.approx(-150)
    assert found.loss == pytest.approx(550)


def test_what_is_lost_once_is_discounted_from_its_month_and_counts_within_the_window_alone() -> None:
    events = {"bill": {"hits": "beta", "timing": {"month": "2025-07"}, "once": {"amount": 121}}}
    vendor = {"discount_rate": 0.21}
    found = sim.run(book(events, vendor=vendor), paths=4)
    assert found.measures["expected_loss"]["value"] == pytest.approx(121 / 1.21**0.5)
    outside = book(events, vendor=vendor, risk={"window": {"first": "2025-08", "last": "2025-12"}})
    assert sim.run(outside, paths=4).measures["expected_loss"]["value"] == pytest.approx(0, abs=1e-9)


def test_a_target_is_about_revenue_and_knows_of_no_bill() -> None:
    events = {"bill": {"hits": "beta", "timing": {"month": "2025-07"}, "once": {"amount": 500}}}
    found = sim.run(book(events, risk={"target": 1799}), paths=4)
    assert found.measures["probability_below_target"]["value"] == 0
    assert found.measures["expected_plain_revenue"]["value"] == pytest.approx(1800)


@pytest.mark.parametrize("sampling", ["plain", "sobol"])
def test_revenue_and_one_offs_add_up_to_the_loss_in_every_answer(sampling: str) -> None:
    data = ENUMERATED["what is lost once"]
    run = sim.run(data, paths=PATHS, sampling=sampling, seed=3).measures
    assert run["expected_one_off"]["value"] != 0
    for measures in (run, *_cells(data, sampling), _attributed(data), *_compared(data, sampling)):
        told = {
            name: measures[name]["value"]
            for name in measures
            if name.startswith("expected_") and name != "expected_shortfall"
        }
        baseline = told.get("expected_baseline", run["expected_baseline"]["value"])
        lost = baseline - told["expected_revenue"] + told["expected_one_off"]
        assert told["expected_loss"] == pytest.approx(lost, rel=1e-9)


def _cells(data: dict[str, Any], sampling: str) -> list[Any]:
    found = sim.sweep(data, axes={"events.leave.probability": [0.2, 0.8]}, paths=PATHS, sampling=sampling)
    cells = found.to_dict()["cells"]
    names = [name for name in cells if name.startswith("expected_") and name != "expected_shortfall"]
    return [{name: {"value": cells[name][k]} for name in names} for k in range(2)]


def _attributed(data: dict[str, Any]) -> Any:
    return sim.attribute(data, paths=PATHS).to_dict()["total"]


def _compared(data: dict[str, Any], sampling: str) -> list[Any]:
    other = sim.load(data).with_({"events.bill.once.amount": 45})
    found = sim.compare(data, other, paths=PATHS, sampling=sampling)
    # The bill of 15 is 30 more, at 0.7 · 0.5 in month 2 of the window; month 13 is outside of it.
    more = 30 * 0.35 * 1.09 ** (-2 / 12)
    assert found.difference("expected_one_off").low <= more <= found.difference("expected_one_off").high
    assert found.difference("expected_revenue").value == pytest.approx(0, abs=1e-9)
    return [result.measures for result in found.results]


# --- outcomes --------------------------------------------------------------------------------------------------------

LAW = {
    "hits": "alpha",
    "probability": 0.5,
    "timing": {"fixed": 1},
    "usage": {"to": 0.5},
    "outcomes": {
        "sold": {"weight": 0.6, "usage": {"to": 0.7}},
        "banned": {"usage": {"to": 0}},
        "kept": {"weight": 0.1},
    },
}


def test_exactly_one_outcome_happens_where_the_event_does() -> None:
    found = sim.run(book({"law": LAW}), paths=4096, sampling="sobol")
    chances = {id: event["probability"] for id, event in found.events.items()}
    assert chances["law.sold"] + chances["law.banned"] + chances["law.kept"] == pytest.approx(chances["law"], abs=1e-12)
    # 16 scramblings of 256 points each meet a share to well within 1 %; losses of 11 months at 0.3, 1 and 0.5 of 100.
    assert chances["law"] == pytest.approx(0.5, abs=0.005)
    assert chances["law.sold"] == pytest.approx(0.3, abs=0.01)
    assert chances["law.banned"] == pytest.approx(0.15, abs=0.01)
    assert {round(loss) for loss in found.loss} == {0, 330, 1100, 550}


def test_the_weights_change_which_happens_and_no_other_draw() -> None:
    """On the same uniforms a heavier first outcome takes over paths from the others, and no path the other way."""
    light = sim.run(book({"law": LAW}), paths=512)
    heavy = sim.run(book({"law": LAW}), set=["events.law.outcomes.sold.weight=0.8"], paths=512)
    was, now = (abs(found.loss - 330) < 1 for found in (light, heavy))
    assert not (was & ~now).any()
    assert (now & ~was).sum() > 20
    assert ((light.loss > 0) == (heavy.loss > 0)).all()


def test_a_sweep_over_an_event_weighs_all_its_outcomes() -> None:
    found = sim.sweep(book({"law": LAW}), axes={"events.law.probability": [0.2, 1.0]}, paths=4096)
    # 0.6 · 330 + 0.3 · 1100 + 0.1 · 550 = 583 where the law comes.
    assert found.to_dict()["cells"]["expected_loss"] == pytest.approx([0.2 * 583, 583], rel=0.02)


def test_an_event_alone_is_taken_away_with_its_outcomes() -> None:
    other = {"hits": "beta", "timing": {"month": "2025-03"}, "usage": {"to": 0}}
    found = sim.attribute(book({"law": LAW, "other": other}), paths=64)
    assert [part.event for part in found.contributions] == ["law", "other"]
    assert found.contributions[1].to("expected_loss", None).value == pytest.approx(500)


def test_a_process_can_cause_an_event_and_none_of_its_outcomes() -> None:
    def meddles(world: Any) -> Any:
        yield world.wait(1)
        world.cause("law.sold", "because")

    with pytest.raises(sim.errors.UsageError, match="there are law"):
        sim.run(book({"law": LAW}), engine="model", processes=[meddles], paths=2)


# --- together --------------------------------------------------------------------------------------------------------

TWO = {
    "one": {"hits": "alpha", "probability": 0.2, "timing": {"fixed": 1}, "usage": {"to": 0}},
    "two": {"hits": "beta", "probability": 0.2, "timing": {"fixed": 1}, "usage": {"to": 0}},
}
BOTH = {0.0: 0.04, 0.5: 0.087151, 0.6: 0.099235}
"""Chance that both of two events with a chance of 0.2 arise, by their correlation: Φ₂(Φ⁻¹(0.2), Φ⁻¹(0.2); ρ)."""

N = 100_000
FALSE_ALARM = 1e-5


def joint(correlation: float, **parts: Any) -> dict[str, Any]:
    return book(TWO, together=[{"events": ["one", "two"], "correlation": correlation}], **parts)


@pytest.mark.parametrize("correlation", BOTH)
def test_the_chance_of_both_is_exact(correlation: float) -> None:
    """To the digits of the page, against an independent implementation, and symmetric to the last."""
    assert chance_of_all([0.2, 0.2], correlation) == pytest.approx(BOTH[correlation], abs=5e-7)
    for p, q in ((0.2, 0.7), (0.01, 0.99), (0.5, 0.5)):
        covariance = [[1, correlation], [correlation, 1]]
        normal = multivariate_normal([0, 0], covariance)
        assert chance_of_all([p, q], correlation) == pytest.approx(normal.cdf(norm.ppf([p, q])), abs=2e-6)
        assert chance_of_all([p, q], correlation) == pytest.approx(chance_of_all([q, p], correlation), rel=1e-9)


def test_the_chance_of_all_at_the_ends() -> None:
    # Sheppard's formula: both of two even chances, 1/4 + asin(ρ)/2π; as ρ nears 1 the rarer alone decides.
    assert chance_of_all([0.5, 0.5], 0.5) == pytest.approx(0.25 + math.asin(0.5) / (2 * math.pi), rel=1e-9)
    assert chance_of_all([0.2, 0.6], 1 - 1e-9) == pytest.approx(0.2, abs=1e-4)
    assert chance_of_all([0.2, 1.0], 0.6) == 0.2
    assert chance_of_all([0.2, 0.0], 0.6) == 0.0


@pytest.mark.parametrize("correlation", BOTH)
def test_both_arise_as_often_as_they_should_and_each_as_before(correlation: float) -> None:
    """Binomial intervals with a false alarm of 1e-5 each, on 100,000 independent paths."""
    scenario = sim.load(joint(correlation))
    arises = kernel.value(scenario, Draws(scenario, 5, 0, N)).arises < 12
    for hits, chance in ((int(arises.all(axis=0).sum()), BOTH[correlation]), *((int(e.sum()), 0.2) for e in arises)):
        assert min(binom.cdf(hits, N, chance), binom.sf(hits - 1, N, chance)) > FALSE_ALARM / 2


def test_a_correlation_of_nothing_is_no_set() -> None:
    alone, joined = (sim.run(data, paths=300, sampling="plain") for data in (book(TWO), joint(0.0)))
    assert (alone.loss == joined.loss).all()
    assert alone.events == joined.events


def test_a_set_moves_no_draw_of_an_event_outside_of_it() -> None:
    events = {**TWO, "three": {"hits": "beta", "timing": {"exponential": {"mean": 9}}, "price": {"to": 0.5}}}
    together = [{"events": ["one", "two"], "correlation": 0.6}]
    alone, joined = (
        sim.run(book(events, **more), paths=300, sampling="plain") for more in ({}, {"together": together})
    )
    assert alone.events["three"] == joined.events["three"]
    assert alone.events["one"] != joined.events["one"]


def test_copies_of_an_event_for_each_are_a_set_of_their_own() -> None:
    leaves = {"hits": "all", "each": True, "probability": 0.2, "timing": {"fixed": 1}, "usage": {"to": 0}}
    scenario = sim.load(book({"leaves": leaves}, together=[{"events": ["leaves"], "correlation": 0.6}]))
    both = int((kernel.value(scenario, Draws(scenario, 5, 0, N)).arises < 12).all(axis=0).sum())
    assert min(binom.cdf(both, N, BOTH[0.6]), binom.sf(both - 1, N, BOTH[0.6])) > FALSE_ALARM / 2


def test_a_sweep_over_an_event_of_a_set_is_simulated_and_right() -> None:
    """Weighed, the other event would stay as it is where this one never comes: P(both) would be off by a factor."""
    axes = {"events.one.probability": [0.2, 0.9]}
    found = sim.sweep(joint(0.6, risk={"levels": [0.9]}), axes=axes, paths=4096)
    assert found.plan.event is None
    assert any("comes together with others" in line for line in found.plan.explain())
    for k, chance in enumerate(axes["events.one.probability"]):
        any_loss = chance + 0.2 - chance_of_all([chance, 0.2], 0.6)
        assert found.to_dict()["cells"]["probability_of_loss"][k] == pytest.approx(any_loss, abs=0.01)


def test_a_breakeven_and_a_tornado_reach_into_the_set() -> None:
    data = joint(0.5, evidence={"together.0.correlation": {"assumption": "a guess", "low": 0.0, "high": 0.9}})
    bars = sim.tornado(data, paths=512).bars
    assert [bar.path for bar in bars] == ["together.0.correlation"]
    assert bars[0].caption == "Correlation of “one” and “two”"
    assert sim.load(data).with_({"together.0.correlation": 0.1}).together[0].correlation == 0.1


def test_questions_about_one_event_go_to_one_that_is_in_no_set() -> None:
    events = {**TWO, "three": {"hits": "beta", "probability": 0.5, "timing": {"fixed": 2}, "price": {"to": 0.5}}}
    scenario = sim.load(book(events, together=[{"events": ["one", "two"], "correlation": 0.6}]))
    question = event_in_question(scenario, "one")
    assert question is not None
    assert question.id == "three"
    assert event_in_question(sim.load(joint(0.6))) is None
    with pytest.raises(sim.errors.UsageError, match="can't be weighed"):
        sim.explore(scenario, event="one")


# --- planned ---------------------------------------------------------------------------------------------------------

RISE = {"hits": "all", "timing": {"month": "2025-05"}, "price": {"to": 1.2}}
LEAVES = {"hits": "alpha", "timing": {"month": "2025-07"}, "usage": {"to": 0}}


def test_a_rise_that_is_planned_is_netted_against_no_loss() -> None:
    # From month 4 on 1.2 · 150 a month are planned; from month 6 on 120 of them are lost, not 100 less a gain of 10.
    found = sim.run(book({"rise": {**RISE, "planned": True}, "leaves": LEAVES}), paths=2)
    assert found.loss == pytest.approx(6 * 120)
    assert found.measures["expected_baseline"]["value"] == pytest.approx(4 * 150 + 8 * 180)
    unplanned = sim.run(book({"rise": RISE, "leaves": LEAVES}), paths=2)
    assert unplanned.loss == pytest.approx(6 * 100 - 2 * 30 - 6 * 10)


def test_headline_and_causes_are_about_what_is_not_planned() -> None:
    events = {
        "rise": {**RISE, "planned": True},
        "leaves": LEAVES,
        "cut": {**RISE, "hits": "beta", "price": {"to": 0.5}},
    }
    found = sim.attribute(book(events), paths=64)
    assert [part.event for part in found.contributions] == ["leaves", "cut"]
    chief = chief_of(sim.load(book(events)), 256, 1)
    assert chief is not None
    assert chief.event == "leaves"
    alone = sim.run(book({"rise": {**RISE, "planned": True}}), paths=8)
    assert alone.headline.startswith("The scenario has no events but planned ones")


def test_a_planned_event_is_left_to_chance_alike_in_both() -> None:
    """Where it comes on half of the paths, it is in the baseline of these and loses nothing on any."""
    rise = {**RISE, "planned": True, "probability": 0.5}
    found = sim.run(book({"rise": rise, "none": {**LEAVES, "probability": 0}}), paths=500, sampling="plain")
    assert found.loss == pytest.approx(np.zeros(500), abs=1e-9)
    assert found.series["baseline"]["0.95"][-1] == pytest.approx(180, rel=2e-3)
    assert found.series["baseline"]["0.05"][-1] == pytest.approx(150, rel=2e-3)


def test_a_sweep_over_a_planned_event_is_simulated_with_its_baseline() -> None:
    events = {"rise": {**RISE, "planned": True}, "leaves": LEAVES}
    found = sim.sweep(book(events), axes={"events.rise.probability": [0.0, 1.0]}, paths=64)
    assert found.plan.event is None
    assert any("the baseline moves with it" in line for line in found.plan.explain())
    assert found.to_dict()["cells"]["expected_loss"] == pytest.approx([600, 720])
    weighed = sim.sweep(book(events), axes={"events.leaves.probability": [0.0, 0.5]}, paths=64)
    assert weighed.plan.event is not None
    assert weighed.to_dict()["cells"]["expected_loss"] == pytest.approx([0, 360])


def test_variants_share_no_baseline_that_a_plan_makes_different() -> None:
    """A range of a planned number moves the baseline of that end alone; both ends are worked out by hand."""
    events = {"rise": {**RISE, "planned": True}, "leaves": LEAVES}
    ranges = {"events.rise.price.to": {"assumption": "a plan", "low": 1.0, "high": 1.5}}
    (bar,) = sim.tornado(book(events, evidence=ranges), paths=64).bars
    assert bar.low.change.by_measure["expected_loss"].value == pytest.approx(600 - 720)
    assert bar.high.change.by_measure["expected_loss"].value == pytest.approx(900 - 720)
