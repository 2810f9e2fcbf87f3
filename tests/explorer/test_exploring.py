"""What the explorer says is what a sweep or a run of the changed scenario says; a move moves nothing else."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import sim
from sim.explorer.knobs import Knob

CHANCE = "events.in_house_llm.probability"
MEDIAN = "events.in_house_llm.timing.lognormal.median"
COMMITMENT = "customers.tiktok.contract.commitment"
ONE_COMMITMENT = "customers.one.contract.commitment"


def without_baseline(measures: Any) -> dict[str, Any]:
    return {name: measure for name, measure in measures.items() if name != "expected_baseline"}


def test_a_move_of_the_law_is_the_sweep_at_that_point() -> None:
    sweep = sim.sweep("tiktok", axes={CHANCE: [0.3, 0.8], MEDIAN: [30, 42]}, paths=256)
    explorer = sim.explore("tiktok", paths=256)
    for values in ({CHANCE: 0.8, MEDIAN: 42}, {CHANCE: 0.3, MEDIAN: 55.5}, {CHANCE: 0, MEDIAN: 42}):
        assert without_baseline(explorer.set(values).measures) == sweep.at(values)
    assert not explorer.takes_long({CHANCE: 0.1})


def test_any_other_move_is_an_explorer_of_the_changed_scenario() -> None:
    moves = {COMMITMENT: 0.8, "levers.retention_offer.acceptance": 0.6, CHANCE: 0.7}
    explorer = sim.explore("tiktok", paths=256)
    assert explorer.takes_long({COMMITMENT: 0.8})
    explorer.set({COMMITMENT: 0.1}).set(moves)
    fresh = sim.explore("tiktok", set=moves, paths=256)
    assert explorer.measures == fresh.measures
    assert explorer.headline == fresh.headline
    assert all(map(np.array_equal, explorer._now.exceedance(), fresh._now.exceedance()))
    base = sim.explore("tiktok", paths=256)
    assert explorer.reset().measures == base.measures
    assert explorer.overrides == {}


def test_a_certain_loss_moves_with_its_probability(even: dict[str, Any]) -> None:
    explorer = sim.explore(even, paths=64).set(probability=0.8)
    # 0.8 * 60 = 48 is lost on average, 0.3 * 60 = 18 more than in the base; nothing else is random.
    assert explorer.measures["expected_loss"]["value"] == pytest.approx(48)
    change = explorer.changes["expected_loss"]
    assert (change["value"], change["standard_error"]) == (pytest.approx(18), pytest.approx(0, abs=1e-9))
    # The loss of 60 has a chance of more than 5 % in both.
    assert explorer.changes["revenue_at_risk"]["0.95"]["value"] == pytest.approx(0, abs=1e-9)
    explorer.set(month="2025-11")
    assert explorer.measures["expected_loss"]["value"] == pytest.approx(0.8 * 20)  # November and December


def test_the_exceedance_curve_of_a_certain_loss(even: dict[str, Any]) -> None:
    loss, beyond = sim.explore(even, paths=64, set={"events.leaves.probability": 0.7})._now.exceedance()
    assert beyond[np.searchsorted(loss, 30.0)] == pytest.approx(0.7)  # more than 30 is lost where 60 is
    assert beyond[-1] == pytest.approx(0)
    assert (np.diff(loss) >= 0).all() and (np.diff(beyond) <= 1e-12).all()


def test_the_error_of_a_change_is_its_spread_over_seeds(full: dict[str, Any]) -> None:
    # 40 seeds: the spread of the change has a relative error of 1/sqrt(2 * 39) = 11 %, the mean of the errors told
    # (15 degrees of freedom each) 3 %. A factor of 1.7 either way is 4.5 standard errors and more (below 1e-5 each).
    moves = {"customers.one.contract.commitment": 0.9, "events.leaves.probability": 0.7}
    found: dict[str, list[tuple[float, float]]] = {}
    for seed in range(40):
        changes = sim.explore(full, paths=512, seed=seed).set(moves).changes
        for measure in ("expected_loss", "revenue_at_risk", "expected_shortfall"):
            change = changes[measure] if measure == "expected_loss" else changes[measure]["0.95"]
            found.setdefault(measure, []).append((change["value"], change["standard_error"]))
    for measure, pairs in found.items():
        values, errors = np.array(pairs).T
        ratio = np.std(values, ddof=1) / np.sqrt(np.mean(np.square(errors)))
        print(f"{measure}: spread over errors {ratio:.2f}")
        assert 1 / 1.7 < ratio < 1.7, measure


def test_nothing_set_is_no_change(full: dict[str, Any]) -> None:
    explorer = sim.explore(full, paths=64)
    assert {row[3] for row in explorer.rows()} == {"no change", ""}
    explorer.set(probability=0.5, commitment=0.5)  # as they are
    assert explorer.overrides == {}


def test_what_is_refused_changes_nothing(full: dict[str, Any]) -> None:
    explorer = sim.explore(full, paths=64).set(probability=0.7)
    before = (explorer.overrides, explorer.measures, explorer.picture())
    for values in (
        {"median": 30},
        {"probability": 1.2},
        {"events.leaves": None},
        {"customers.one.contract.comitment": 1},
    ):
        with pytest.raises(sim.SimError):
            explorer.set(values)
        assert (explorer.overrides, explorer.measures, explorer.picture()) == before
    explorer.set(median=30, p90=60)  # each alone would be refused, or not be what was meant
    assert explorer.values["events.leaves.timing.lognormal.median"] == 30


def test_a_law_in_the_place_of_another(full: dict[str, Any]) -> None:
    explorer = sim.explore(full, paths=64).set({"events.leaves.timing": {"month": "2025-03"}})
    fresh = sim.explore(full, set={"events.leaves.timing": {"month": "2025-03"}}, paths=64)
    assert explorer.measures == fresh.measures
    assert explorer.values["events.leaves.timing.lognormal.median"] is None
    with pytest.raises(sim.ScenarioError):
        explorer.set(median=10)  # the base's value, but now it would be a law without a spread
    explorer.set({"events.leaves.timing": full["events"]["leaves"]["timing"]})
    assert explorer.overrides == {}


def test_short_names(full: dict[str, Any]) -> None:
    explorer = sim.explore(full, paths=64)
    assert explorer.set(notice=4).overrides == {"customers.one.contract.notice": 4}
    with pytest.raises(sim.UsageError, match="did you mean probability"):
        explorer.set(probabilty=1)
    # A commitment in full is turned by its share, for which a number may stand.
    full["customers"]["one"]["contract"]["commitment"] = {"share": 0.5, "per": "year"}
    in_full = sim.explore(full, paths=64)
    assert in_full.set(commitment=0.8).overrides == {"customers.one.contract.commitment.share": 0.8}
    assert in_full.set(share=0.6).overrides == {"customers.one.contract.commitment.share": 0.6}
    two = sim.explore(full, paths=64, knobs=["events.shock.probability"])
    with pytest.raises(sim.UsageError, match=r"events\.leaves\.probability and events\.shock\.probability"):
        two.set(probability=1)


def test_a_commitment_in_full_goes_by_its_name(full: dict[str, Any]) -> None:
    """What a lone number sets is its share, here as on the command line; one number is one override and one knob."""
    share = f"{ONE_COMMITMENT}.share"
    full["customers"]["one"]["contract"]["commitment"] = {"share": 0.5, "of": "money", "per": "year"}
    explorer = sim.explore(full, paths=64)
    assert explorer.set(commitment=0.8).overrides == {share: 0.8}
    assert explorer.set({ONE_COMMITMENT: 0.7}).overrides == {share: 0.7}
    assert explorer.measures == sim.explore(full, paths=64, set={share: 0.7}).measures
    assert explorer.set(share=0.6).values[share] == 0.6
    assert explorer.set(commitment=0.5).overrides == {}
    assert sim.explore(full, paths=64, knobs=[ONE_COMMITMENT]).knobs == explorer.knobs
    assert explorer.set({ONE_COMMITMENT: {"amount": 60}}).overrides == {ONE_COMMITMENT: {"amount": 60}}


def test_which_event_and_what_can_be_turned(full: dict[str, Any]) -> None:
    explorer = sim.explore(full, paths=64)
    assert explorer.event == "leaves"  # the first choice
    assert [knob.path for knob in explorer.knobs] == [
        "events.leaves.probability",
        "events.leaves.timing.lognormal.median",
        "events.leaves.timing.lognormal.p90",
        "customers.one.contract.commitment",
        "customers.one.contract.term",
        "customers.one.contract.notice",
        "vendor.capacity.initial",
        "vendor.capacity.growth.2025-01",
        "vendor.capacity.growth.2026-01",
        "levers.offer.discount",
        "levers.offer.months",
        "levers.offer.acceptance",
    ]
    knobs: dict[str, Knob] = {knob.path: knob for knob in explorer.knobs}
    median = knobs["events.leaves.timing.lognormal.median"]
    # Plausible from 6 to 26, so half of 20 further on either side, but above 0.
    assert 0 < median.low < 1
    assert median.high == pytest.approx(36, abs=1)
    assert [path for path, knob in knobs.items() if knob.only_weighs] == list(knobs)[:3]
    full["sweep"] = {"events.shock.probability": [0, 1]}
    assert sim.explore(full, paths=64).event == "shock"  # the first that is swept
    assert sim.explore(full, paths=64, event="leaves").event == "leaves"
    with pytest.raises(sim.UsageError, match="did you mean leaves"):
        sim.explore(full, paths=64, event="leafs")


def test_each_is_passed_over_and_without_events_there_is_capacity(full: dict[str, Any]) -> None:
    del full["levers"], full["evidence"]
    full["events"]["leaves"] |= {"hits": ["one", "rest"], "each": True}
    explorer = sim.explore(full, paths=64)
    assert explorer.event == "shock"
    with pytest.raises(sim.UsageError, match="one event for each customer"):
        sim.explore(full, paths=64, event="leaves")
    del full["events"]
    explorer = sim.explore(full, paths=64)
    assert explorer.event is None
    assert [knob.group for knob in explorer.knobs] == ["capacity"] * 3
    assert explorer.set(initial=35).measures["expected_loss"]["value"] == 0  # no event, no loss


def test_an_absent_clause_may_be_added(full: dict[str, Any]) -> None:
    contract = full["customers"]["one"]["contract"]
    del contract["commitment"], contract["notice"]
    explorer = sim.explore(full, paths=64)
    assert explorer.values["customers.one.contract.commitment"] == 0  # the default
    fresh = sim.explore(full, paths=64, set={"customers.one.contract.commitment": 0.7})
    assert explorer.set(commitment=0.7).measures == fresh.measures
    assert explorer.set(commitment=0).overrides == {}


def test_every_knob_can_go_to_either_end_of_its_range() -> None:
    explorer = sim.explore("tiktok", paths=16)
    for knob in explorer.knobs:
        stops = knob.stops
        assert knob.base in stops and 10 <= len(stops) <= 260
        assert len({knob.shown(stop) for stop in stops}) == len(stops)
        assert stops == sorted(stops)
        for end in (stops[0], stops[-1]):
            if knob.only_weighs:
                explorer.set({knob.path: end}).reset()
            else:
                explorer.base.with_({"sweep": None, knob.path: end})


def test_a_result_is_a_run_of_what_is_set(full: dict[str, Any]) -> None:
    result = sim.explore(full, paths=256, seed=5).set(probability=1).result()
    same = sim.run(full, set={"events.leaves.probability": 1}, paths=256, seed=5, sampling="sobol")
    assert np.array_equal(result.loss, same.loss)


def test_the_table_as_data(full: dict[str, Any]) -> None:
    explorer = sim.explore(full, paths=64).set(probability=1)
    frame = explorer.to_frame()
    at_risk = frame.loc[("revenue_at_risk", 0.95)]
    assert at_risk["value"] == explorer.measures["revenue_at_risk"]["0.95"]["value"]
    assert at_risk["change"] == explorer.changes["revenue_at_risk"]["0.95"]["value"]
    assert np.isnan(frame["change"].loc["expected_baseline"]).all()


def test_what_to_give_to_set_gives_the_same(full: dict[str, Any]) -> None:
    explorer = sim.explore(full, paths=64).set({"probability": np.float64(0.25), "vendor.capacity": None})
    assert explorer.options == "--set events.leaves.probability=0.25 --set vendor.capacity=null"
    given = [word for word in explorer.options.split() if word != "--set"]
    assert sim.load(full, set=given).document == explorer.scenario.document


def test_the_text_of_it(full: dict[str, Any]) -> None:
    full["name"] = "A name " * 100
    explorer = sim.explore(full, paths=64)
    assert "as it stands" in repr(explorer)
    said = repr(explorer.set(probability=1.0))
    assert "events.leaves.probability = 1.0" in said and "against the base" in said
    assert said.isprintable() and len(said) < 600


def test_arguments_are_checked(full: dict[str, Any]) -> None:
    for options in (
        {"paths": 0},
        {"seed": -1},
        {"knobs": ["events.leaves.hits"]},
        {"knobs": ["nowhere"]},
        {"paths": True},
    ):
        with pytest.raises(sim.UsageError):
            sim.explore(full, **options)  # type: ignore[arg-type]


def test_importing_sim_waits_for_no_widgets() -> None:
    script = "import sim, sys; sim.explore; assert not {'ipywidgets', 'matplotlib', 'IPython'} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_a_probability_of_zero_takes_nothing_away_from_what_comes_after(full: dict[str, Any]) -> None:
    # Simulated anew at zero: the months in which the event may arise must be strata all the same.
    moved = sim.explore(full, paths=256).set(probability=0, commitment=0.8).set(probability=0.7)
    straight = sim.explore(full, paths=256).set(probability=0.7, commitment=0.8)
    assert moved.measures == straight.measures
    full["events"]["leaves"]["probability"] = 0
    never = sim.explore(full, paths=256)
    # What is left is the shock alone.
    assert (
        never.set(probability=0.7).measures["expected_loss"]["value"] > never.reset().measures["expected_loss"]["value"]
    )
