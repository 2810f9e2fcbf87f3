"""Axes of every kind, simulated on common draws: each cell is what it is by itself.

Where nothing is conditioned on, a cell under plain sampling is the run of its scenario on the same paths, so that its
means and shares are those of the run to rounding and its quantiles and shortfalls to the width of a bin.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import sim
from sim.answers.sweep import Sweep
from sim.language import load
from tests.answers.sweep.grids import EVERYTHING, MEDIAN, PROBABILITY, SMALL, cells_of, changed, everything_in

PATHS = 500
NO_WINDOW = changed(EVERYTHING)
del NO_WINDOW["risk"]["window"]  # so that the horizon may be an axis

SIMULATED: dict[str, list[Any]] = {
    "customers.tiktok.revenue": [5, 20, 40],
    "customers.others.growth": [-0.2, 0.1, 0.8],
    "customers.tiktok.volatility": [0, 0.4],
    "customers.others.market": [-1, 0, 0.5],
    "customers.tiktok.contract.commitment": [0, 0.5, 1],
    "customers.tiktok.contract.notice": [0, 1, 9],
    "customers.tiktok.contract.renews": ["2024-03", "2024-05", "2024-09"],
    "customers.tiktok.contract.term": [3, 12],
    "vendor.discount_rate": [0, 0.05, 0.3],
    "vendor.capacity.initial": [60, 82, 300],
    "vendor.capacity.growth": [0, 0.5],
    "events.suspension.usage.to": [0, 0.5, 1, 1.5],
    "events.suspension.permanent": [0, 1],
    "events.suspension.lasts.lognormal.p90": [4, 20],
    "events.leave.usage.to.uniform.high": [0.05, 0.9],
    "events.leave.notice": [0, 5],
    "events.leave.triggers.cut.probability": [0, 0.5, 1],
    "events.suspension.triggers.leave.after.gamma.mean": [3, 9],
    "events.cut.price.to": [0.5, 1, 1.2],
    "events.cut.price.over": [0, 12],
    "levers.offer.discount": [0, 0.4],
    "levers.offer.acceptance": [0, 0.5, 1],
    "levers.offer.months": [0, 8],
    "events.departures.probability": [0, 0.5, 1],
    "events.departures.timing.hazard.2024-03": [0.1, 0.9],
    "known": ["2024-03", "2024-08"],
    "months": [16, 18, 30],
    "risk.window.first": ["2024-03", "2024-09"],
    "risk.target": [1000, 1390, 1500],
}


def assert_same_as_a_run(data: dict[str, Any], sweep: Sweep, place: tuple[int, ...], values: dict[str, Any]) -> None:
    measures = sim.run(data, set=values, paths=PATHS, sampling="plain").measures
    for measure in ("expected_loss", "expected_revenue", "probability_of_loss", "probability_below_target"):
        assert sweep.cells[measure][place] == pytest.approx(measures[measure]["value"], rel=1e-9, abs=1e-9), values
    for level in ("0.9", "0.95"):
        for measure in ("revenue_at_risk", "expected_shortfall"):
            found, expected = sweep.cells[measure][level][place], measures[measure][level]["value"]
            assert abs(found - expected) <= sweep.bin_width + 1e-9, (measure, level, values)


@pytest.mark.parametrize("path", SIMULATED)
def test_a_simulated_axis_is_a_run_for_each_value(path: str) -> None:
    data = NO_WINDOW if path == "months" else EVERYTHING
    sweep = sim.sweep(data, axes={path: SIMULATED[path]}, paths=PATHS, sampling="plain")
    assert sweep.plan.event is None
    assert sweep.cells["expected_loss"].shape == (len(SIMULATED[path]),)
    for place, values in cells_of(sweep):
        assert_same_as_a_run(data, sweep, place, values)
    # The axis does something: not all of its cells are alike.
    moved = [np.ptp(values) > 0 for part, values in everything_in(sweep).items() if part.startswith("cells")]
    assert any(moved)


def test_two_simulated_axes() -> None:
    axes = {"vendor.discount_rate": [0, 0.2], "customers.others.growth": [0, 0.3, 0.6]}
    sweep = sim.sweep(EVERYTHING, axes=axes, paths=PATHS, sampling="plain")
    assert sweep.cells["expected_loss"].shape == (2, 3)
    for place, values in cells_of(sweep):
        assert_same_as_a_run(EVERYTHING, sweep, place, values)


CONDITIONED: list[dict[str, list[Any]]] = [
    # Two events at once, the smaller one first and last.
    {"events.suspension.probability": [0.1, 0.9], PROBABILITY: [0, 0.4, 1]},
    {PROBABILITY: [0, 0.4, 1], "events.suspension.timing.exponential.mean": [4, 30]},
    # A simulated axis between two that are weights.
    {MEDIAN: [4, 8, 20], "customers.tiktok.contract.commitment": [0, 0.9], PROBABILITY: [0.2, 1]},
    {"events.departures.probability": [0.1, 0.8], PROBABILITY: [0.2, 1]},
    {"known": ["2024-03", "2024-09"], MEDIAN: [4, 8, 20]},
    {"months": [14, 18], MEDIAN: [4, 20], "vendor.discount_rate": [0, 0.3]},
    {"events.leave.timing.from": ["2023-09", "2024-03", "2024-08"], "events.leave.usage.to.uniform.low": [0, 0.2]},
]


def alone(data: dict[str, Any], values: dict[str, Any], inner: list[str], **kwargs: Any) -> Sweep:
    """A sweep of one cell: the axes that are weights in it, all others set."""
    others = {path: value for path, value in values.items() if path not in inner}
    return sim.sweep(data, set=others, axes={path: [values[path]] for path in inner}, **kwargs)


@pytest.mark.parametrize("axes", CONDITIONED, ids=lambda axes: ", ".join(path.rsplit(".", 1)[-1] for path in axes))
@pytest.mark.parametrize("sampling", ["plain", "sobol"])
def test_a_cell_is_the_same_in_company_and_alone(axes: dict[str, list[Any]], sampling: str) -> None:
    sweep = sim.sweep(NO_WINDOW, axes=axes, paths=256, sampling=sampling)
    assert sweep.plan.event is not None
    assert sweep.plan.event.id == "leave"
    inner = [sweep.plan.axes[k].path for k in sweep.plan.inner]
    assert 0 < len(inner) < len(axes)
    assert [axis.path for axis in sweep.plan.axes] == list(axes)
    assert sweep.cells["expected_loss"].shape == tuple(len(values) for values in axes.values())
    for place, values in cells_of(sweep):
        single = alone(NO_WINDOW, values, inner, paths=256, sampling=sampling)
        for part, found in everything_in(single).items():
            mine = everything_in(sweep)[part][place]
            if "revenue_at_risk" in part or "shortfall" in part:
                if part.startswith("cells"):
                    assert abs(mine - found.item()) <= sweep.bin_width + single.bin_width + 1e-9, (part, values)
            else:
                assert mine == pytest.approx(found.item(), rel=1e-9, abs=1e-9), (part, values)


def test_the_event_with_the_most_cells_is_the_one_that_is_weighed() -> None:
    axes = {"events.suspension.probability": [0.1, 0.5, 0.7, 0.9], PROBABILITY: [0, 0.5], MEDIAN: [5, 9, 12]}
    plan = sim.sweep(EVERYTHING, axes=axes, paths=16).plan
    assert plan.event is not None
    assert (plan.event.id, plan.inner, plan.outer) == ("leave", (1, 2), (0,))
    del axes[MEDIAN]
    plan = sim.sweep(EVERYTHING, axes=axes, paths=16).plan
    assert plan.event is not None
    assert (plan.event.id, plan.inner, plan.outer) == ("suspension", (0,), (1,))


def test_cells_share_their_draws() -> None:
    """On common draws a cell differs from the next by what the axis does alone, far less than the errors of either."""
    axes = {"events.suspension.usage.to": [0, 0.01]}
    sweep = sim.sweep(EVERYTHING, axes=axes, paths=400, sampling="plain")
    loss = sweep.cells["expected_loss"]
    # A hundredth of what a suspension takes, less than a hundredth of the loss: none of 400 paths loses more with it.
    assert 0 < loss[0] - loss[1] < 0.02 * loss[0]
    assert loss[0] - loss[1] < 0.5 * sweep.standard_error["expected_loss"][0]


def test_dates_are_an_axis_in_words() -> None:
    axes = {"events.cut.timing.month": ["2024-06", "2024-12"]}
    sweep = sim.sweep(EVERYTHING, set={"events.cut.timing": {"month": "2024-06"}}, axes=axes, paths=64)
    assert sweep.frame["events.cut.timing.month"].tolist() == ["2024-06", "2024-12"]
    assert sweep.at({"month": "2024-12"})["expected_loss"]["value"] == pytest.approx(sweep.cells["expected_loss"][1])


def test_scenarios_own_axes_are_taken_when_none_are_given() -> None:
    data = changed(EVERYTHING, sweep={PROBABILITY: {"from": 0, "to": 1, "count": 3}})
    sweep = sim.sweep(load(data), paths=16)
    assert sweep.plan.axes[0].values == (0, 0.5, 1)
    assert sim.sweep(data, axes={MEDIAN: [7]}, paths=16).plan.axes[0].path == MEDIAN


@pytest.mark.parametrize("path", ["run.seed", "run.paths"])
def test_how_a_scenario_is_run_is_no_axis(path: str) -> None:
    with pytest.raises(sim.ScenarioError, match="neither a number nor a month"):
        sim.load(SMALL, set={"run": {"seed": 1, "paths": 100}, "sweep": {path: [1, 2]}})
