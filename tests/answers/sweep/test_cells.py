"""Cells of a grid against plain Monte Carlo, exact enumeration, and what must come out at the corners."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2

import sim
from sim.answers.sweep import Sweep
from sim.estimates.independent import CONFIDENCE
from sim.language import load
from tests.answers.sweep.grids import (
    EVERYTHING,
    MEDIAN,
    PROBABILITY,
    SMALL,
    cells_of,
    changed,
    everything_in,
)
from tests.truth.cases import ENUMERATED
from tests.truth.enumeration import enumerate_scenario

# Against plain Monte Carlo, cell by cell

GRID = {PROBABILITY: [0.1, 0.3, 0.5, 0.8, 1.0], MEDIAN: [3, 6, 9, 14, 30]}
CELLS = 25
RUN_PATHS = 6_000
SCENARIOS = {"small": SMALL, "everything": EVERYTHING}
MEASURES = ("expected_loss", "expected_revenue", "probability_of_loss", "probability_below_target", "shortfall")
LEVEL = "0.9"


@functools.cache
def swept(name: str) -> Sweep:
    return sim.sweep(SCENARIOS[name], axes=GRID, paths=8_192)


@functools.cache
def run_by_cell(name: str) -> list[Any]:
    """Plain runs, a seed for each cell, so that their errors are independent of each other."""
    return [
        sim.run(SCENARIOS[name], set=values, paths=RUN_PATHS, seed=1_000 + k, sampling="plain").measures
        for k, (_, values) in enumerate(cells_of(swept(name)))
    ]


def z_scores(name: str, measure: str, shift: int = 0) -> np.ndarray:
    """Differences of sweep and runs in units of their standard errors; ``shift`` takes the next median's cells."""
    sweep = swept(name)
    found = []
    for (place, _), measures in zip(cells_of(sweep), run_by_cell(name), strict=True):
        cell = (place[0], (place[1] + shift) % 5)
        if measure == "shortfall":
            value = sweep.cells["expected_shortfall"][LEVEL][cell]
            own = sweep.standard_error["expected_shortfall"][LEVEL][cell]
            run = measures["expected_shortfall"][LEVEL]["value"]
            error = measures["expected_shortfall"][LEVEL]["standard_error"]
        elif measure.startswith("probability"):
            value, run, own = sweep.cells[measure][cell], measures[measure]["value"], 0.0
            error = math.sqrt(value * (1 - value) / RUN_PATHS)
        else:
            value, own = sweep.cells[measure][cell], sweep.standard_error[measure][cell]
            run, error = measures[measure]["value"], measures[measure]["standard_error"]
        found.append((value - run) / math.hypot(own, error))
    return np.array(found)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("name", SCENARIOS)
def test_z_scores_look_standard_normal(name: str, measure: str) -> None:
    """Their sum of squares is chi-square with 25 degrees of freedom, their mean normal with variance 1/25.

    Each of three tests of a measure has a false alarm of about 1e-5: 30 of them, 3e-4 in all. Errors too small by half
    would give a chi-square near 100, whose chance is 1e-10.
    """
    z = z_scores(name, measure)
    assert len(z) == CELLS
    assert 1e-5 < chi2.cdf((z * z).sum(), CELLS) < 1 - 1e-5, z
    assert abs(z.mean()) * math.sqrt(CELLS) < 4.42
    assert np.abs(z).max() < 5.1


def test_all_z_scores_together_have_a_variance_of_one() -> None:
    """Measures of a cell share their paths: as if of some 75 independent ones, at least; beyond by chance below 1e-5.

    The smallest and largest variance of 75 normal numbers with this chance are those of chi-square.
    """
    z = np.concatenate([z_scores(name, measure) for name in SCENARIOS for measure in MEASURES])
    assert chi2.ppf(1e-5, 75) / 75 < (z * z).mean() < chi2.isf(1e-5, 75) / 75


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("name", SCENARIOS)
def test_the_next_cell_would_be_told_apart(name: str, measure: str) -> None:
    """The comparison can fail: against cells with the next median the same chi-square is out of bounds."""
    z = z_scores(name, measure, shift=1)
    assert chi2.sf((z * z).sum(), CELLS) < 1e-5


@pytest.mark.parametrize("name", SCENARIOS)
def test_revenue_at_risk_lies_in_the_runs_intervals(name: str) -> None:
    """The runs' intervals hold the true value in 95 % of cells or more; 9 misses of 25 by chance: 1.6e-6."""
    sweep = swept(name)
    misses = 0
    for (place, _), measures in zip(cells_of(sweep), run_by_cell(name), strict=True):
        for level in ("0.9",):
            value = sweep.cells["revenue_at_risk"][level][place]
            interval = measures["revenue_at_risk"][level]
            misses += not (interval["low"] - sweep.bin_width <= value <= interval["high"] + sweep.bin_width)
    assert CONFIDENCE == 0.95
    assert misses < 9


# Corners


def without_leaving(data: dict[str, Any], **kwargs: Any) -> Sweep:
    """A single cell, simulated as it is, in which ``leave`` never arises by itself."""
    return sim.sweep(data, set={PROBABILITY: 0}, axes={"customers.others.revenue": [60]}, **kwargs)


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("sampling", ["plain", "sobol"])
def test_probability_0_is_the_scenario_without_the_event(name: str, sampling: str) -> None:
    sweep = sim.sweep(SCENARIOS[name], axes={PROBABILITY: [0, 1], MEDIAN: [3, 9]}, paths=512, sampling=sampling)
    alone = without_leaving(SCENARIOS[name], paths=512, sampling=sampling)
    assert alone.plan.event is None
    compared = 0
    for part, values in everything_in(alone).items():
        found = everything_in(sweep)[part][0]
        in_bins = "revenue_at_risk" in part or "shortfall" in part
        if in_bins and not part.startswith("cells"):
            continue  # errors of the tail are taken at the edge of a coarse bin, and bins differ
        allowed = sweep.bin_width + alone.bin_width if in_bins else 1e-9
        assert found == pytest.approx(np.full(2, values[0]), rel=1e-9, abs=allowed), part
        compared += 1
    assert compared == 16


def test_probability_1_in_a_given_month_is_a_plain_run() -> None:
    """Nothing is left to condition on: the same paths, valued by the kernel."""
    data = changed(EVERYTHING, events__leave__timing={"month": "2024-08"})
    axes = {PROBABILITY: [1.0], "events.leave.timing.month": ["2024-04", "2024-08", "2025-06"]}
    sweep = sim.sweep(data, axes=axes, paths=700, sampling="plain")
    assert sweep.plan.outer == ()
    for place, values in cells_of(sweep):
        measures = sim.run(data, set=values, paths=700, sampling="plain").measures
        same_as_a_run(sweep, place, measures)
    # With a smaller probability it is the share of two runs.
    mixed = sim.sweep(data, axes={PROBABILITY: [0.25]}, paths=700, sampling="plain")
    certain, never = (sim.run(data, set={PROBABILITY: p}, paths=700, sampling="plain").measures for p in (1, 0))
    asked = ("expected_loss", "expected_revenue", "expected_plain_revenue", "probability_of_loss")
    for measure in (*asked, "probability_below_target"):
        expected = 0.25 * certain[measure]["value"] + 0.75 * never[measure]["value"]
        assert mixed.cells[measure] == pytest.approx([expected], rel=1e-9)


def same_as_a_run(sweep: Sweep, place: tuple[int, ...], measures: Any) -> None:
    """Means and shares of a cell are those of a run on the same paths; quantiles and shortfalls to a bin's width."""
    for measure in {"expected_loss", "expected_revenue", "expected_plain_revenue"} & {*measures}:
        assert sweep.cells[measure][place] == pytest.approx(measures[measure]["value"], rel=1e-9, abs=1e-9)
    for measure in ("probability_of_loss", "probability_below_target"):
        if measure in measures:
            assert sweep.cells[measure][place] == pytest.approx(measures[measure]["value"], abs=1e-12)
    for level, found in measures["revenue_at_risk"].items():
        assert abs(sweep.cells["revenue_at_risk"][level][place] - found["value"]) <= sweep.bin_width + 1e-9
        shortfall = measures["expected_shortfall"][level]["value"]
        assert abs(sweep.cells["expected_shortfall"][level][place] - shortfall) <= sweep.bin_width + 1e-9


@pytest.mark.parametrize(
    "timing", [{"fixed": 18}, {"month": "2025-09"}, {"uniform": {"low": 100, "high": 200}}, {"table": {17.5: 1}}]
)
def test_an_event_that_cannot_fall_within_the_horizon(timing: dict[str, Any]) -> None:
    data = changed(EVERYTHING, events__leave__timing=timing)
    sweep = sim.sweep(data, axes={PROBABILITY: [0, 0.5, 1]}, paths=256)
    alone = without_leaving(data, paths=256)
    for part, values in everything_in(sweep).items():
        assert (values == values[0]).all(), part
        bins = sweep.bin_width + alone.bin_width
        assert values[0] == pytest.approx(everything_in(alone)[part][0], rel=1e-9, abs=bins), part


def test_nothing_is_lost_where_nothing_can_be() -> None:
    data = changed(SMALL, events={"leave": SMALL["events"]["leave"]})
    found = everything_in(sim.sweep(data, axes={PROBABILITY: [0, 0.5]}, paths=64))
    for part, values in found.items():
        if part.split("/")[1] not in ("expected_revenue", "expected_plain_revenue") and "target" not in part:
            assert values[0] == 0, part
    assert found["cells/expected_loss"][1] > 0
    assert found["error/expected_loss"][1] > 0
    assert found["interval/revenue_at_risk/0.9/low"][1] > 0


def test_a_level_that_is_just_met_is_met() -> None:
    """With a chance of 0.1 to lose, the 0.9-quantile is no loss; with a little more it is one."""
    data = changed(SMALL, events={"leave": SMALL["events"]["leave"]}, events__leave__timing={"fixed": 2})
    at_risk = sim.sweep(data, axes={PROBABILITY: [0.1, 0.1001]}, paths=64).cells["revenue_at_risk"]["0.9"]
    # Not even the least of all losses is near none: of 16 months at 0.9 of 20, demand would have to fall to nothing.
    assert at_risk[0] == 0
    assert at_risk[1] > 100


@pytest.mark.parametrize("sampling", ["plain", "sobol"])
@pytest.mark.parametrize("paths", [1, 2, 17, 100])
@pytest.mark.parametrize("data", [SMALL, EVERYTHING], ids=["small", "everything"])
def test_one_cell_and_few_paths(data: dict[str, Any], paths: int, sampling: str) -> None:
    sweep = sim.sweep(data, axes={PROBABILITY: [0.6]}, paths=paths, sampling=sampling)
    # Sixteen scramblings of a power of two.
    assert sweep.paths == (paths if sampling == "plain" else {1: 16, 2: 16, 17: 32, 100: 128}[paths])
    for part, values in everything_in(sweep).items():
        assert values.shape == (1,)
        unknown = sweep.paths == 1 and ("error" in part or "interval" in part)
        assert np.isnan(values[0]) == unknown, part
    if not unknown:
        assert sweep.interval["revenue_at_risk"]["0.9"]["low"] <= sweep.cells["revenue_at_risk"]["0.9"]
        assert sweep.interval["revenue_at_risk"]["0.9"]["high"] >= sweep.cells["revenue_at_risk"]["0.9"]


@pytest.mark.parametrize("sampling", ["plain", "sobol"])
def test_one_month(sampling: str) -> None:
    data = changed(SMALL, months=1, events__leave__timing={"month": "2024-03"}, risk={"levels": [0.5]})
    data["events"]["leave"]["usage"] = {"to": 0.25}
    del data["events"]["cut"]
    for paths in (1, 33):
        sweep = sim.sweep(data, axes={PROBABILITY: [0, 0.4, 0.6, 1]}, paths=paths, sampling=sampling)
        # Three quarters of 20 are lost, in the one month there is.
        assert sweep.cells["expected_loss"] == pytest.approx([0, 6, 9, 15], abs=1e-12)
        assert sweep.cells["expected_revenue"] == pytest.approx([80, 74, 71, 65], abs=1e-12)
        assert sweep.cells["revenue_at_risk"]["0.5"] == pytest.approx([0, 0, 15, 15], abs=1e-12)
        # The worst half: 0.4/0.5 of 15; then all of it.
        assert sweep.cells["expected_shortfall"]["0.5"] == pytest.approx([0, 12, 15, 15], abs=1e-12)
        assert sweep.cells["probability_of_loss"] == pytest.approx([0, 0.4, 0.6, 1], abs=1e-12)


def test_replications_that_agree_are_no_proof() -> None:
    """Of 4 points each scrambling has just one below a quarter: they agree, and a path more or less is still allowed.

    Were one scrambling's count off by 1.5 paths, its share would be off by 1.5 * 16/64; the error of the mean of 16 is
    then that over the root of 15 * 16, times Student's 2.1314 for the interval.
    """
    data = changed(SMALL, risk={"levels": [0.9]})
    data["events"]["cut"] |= {"probability": 0.25, "timing": {"fixed": 3}}
    sweep = sim.sweep(data, axes={PROBABILITY: [0.0, 0.001]}, paths=64)
    share, ends = sweep.cells["probability_of_loss"], sweep.interval["probability_of_loss"]
    assert share[0] == 0.25
    reach = 2.1314 * 1.5 * 16 / 64 / math.sqrt(15 * 16)
    assert ends["high"][0] - share[0] == pytest.approx(reach, rel=1e-4)
    assert share[0] - ends["low"][0] == pytest.approx(reach, rel=1e-4)
    # The quantile too has an interval that is more than a bin wide: a cut is not sure to be 10 % likely or less.
    assert sweep.interval["revenue_at_risk"]["0.9"]["high"][0] > sweep.cells["revenue_at_risk"]["0.9"][0]
    # Where the event that is weighed is all there is, nothing is left to count.
    alone = sim.sweep(data, set={"events.cut.probability": 0}, axes={PROBABILITY: [0.0, 0.5]}, paths=64)
    ends = alone.interval["probability_of_loss"]
    assert ends["low"] == pytest.approx(alone.cells["probability_of_loss"], abs=1e-12)
    assert ends["high"] == pytest.approx(alone.cells["probability_of_loss"], abs=1e-12)


# A law in another form


def test_a_table_of_a_law_gives_the_laws_cells() -> None:
    """F(s) - F(s - 1) of the lognormal law written out as a table: the same weights, on the same draws."""
    median = 6.0

    def by(month: int) -> float:
        return 0.5 * math.erfc(-math.log(month / median) / 0.5 / math.sqrt(2)) if month > 0 else 0.0

    table = {s: by(s) - by(s - 1) for s in range(1, 18)}
    table[40] = 1 - math.fsum(table.values())
    law = sim.sweep(EVERYTHING, axes={PROBABILITY: [0, 0.3, 0.9], MEDIAN: [3, median]}, paths=512)
    written = sim.sweep(
        EVERYTHING, set={"events.leave.timing": {"table": table}}, axes={PROBABILITY: [0, 0.3, 0.9]}, paths=512
    )
    for part, values in everything_in(written).items():
        assert values == pytest.approx(everything_in(law)[part][:, 1], rel=1e-9, abs=1e-9), part
    # The cell beside it is another.
    assert written.cells["expected_loss"][1] != pytest.approx(law.cells["expected_loss"][1, 0], rel=1e-2)


# Against exact enumeration

# By scenario, axes: over probability and timing of the first event (weights), and over something that is simulated.
ENUMERATED_AXES: dict[str, dict[str, list[Any]]] = {
    "a plan, and what is not in it": {
        "events.leave.probability": [0.1, 0.9],
        "events.price_rise.price.to": [0.9, 1.2],
    },
    "one of several outcomes": {
        "events.law.probability": [0.2, 0.9],
        "events.law.outcomes.sold.weight": [0.1, 0.7],
    },
    "what is lost once": {"events.bill.probability": [0, 0.4, 1], "events.bill.once.amount": [-5, 40]},
    "two events on one customer": {"events.own_model.probability": [0, 0.35, 1], "events.ban.probability": [0.1, 0.9]},
    "a chain of triggers": {
        "events.first.timing.hazard.2024-03": [0, 0.6],
        "events.first.probability": [0.2, 1],
        "events.first.triggers.second.probability": [0.2, 0.9],
    },
    "an offer against an event that is also triggered": {
        "events.own_model.probability": [0, 0.4, 1],
        "levers.offer.acceptance": [0.1, 0.8],
    },
    "temporary events": {"events.suspension.probability": [0.2, 0.9], "events.suspension.permanent": [0, 0.7]},
    "laws of notice, duration and level": {"events.leave.probability": [0, 0.5, 1]},
    "contracts": {
        "events.leave.probability": [0.1, 0.9],
        "customers.alpha.contract.commitment": [0.2, 1],
    },
    "capacity": {"events.own_model.probability": [0, 0.5, 1], "vendor.capacity.initial": [60, 82]},
    "one event for each customer": {
        "events.spark.probability": [0, 0.5, 1],
        "events.departures.probability": [0.2, 0.8],
    },
    "what is known": {
        "events.merger.timing.exponential.mean": [4, 60],
        "events.merger.timing.from": ["2023-08", "2024-12"],
        "events.merger.probability": [0.3, 1],
    },
    "gains and losses": {"events.grows.probability": [0, 0.7, 1], "events.leaves.timing.fixed": [3, 8]},
    "an offer that a contract outlasts": {"events.own_model.probability": [0.3, 1], "levers.offer.months": [0, 6]},
    "notice of several contracts": {
        "events.both_leave.timing.gamma.mean": [2, 5, 9],
        "events.both_leave.probability": [0.2, 1],
    },
    "a commitment by the quarter": {
        "events.boost.probability": [0, 0.6, 1],
        "customers.tiktok.contract.commitment.share": [0.4, 1],
    },
    "notice for a renewal": {
        "events.churn.timing.at_renewal.2024-01": [0, 0.5, 1],
        "events.churn.probability": [0.2, 1],
        "customers.alpha.contract.notice": [0, 5],
    },
}
ENUMERATED_PATHS = 4_096
MOST_ERRORS = 7.5
"""Student's t with 15 degrees of freedom lies beyond with a chance of 2e-6; of some 600 comparisons 1e-3 in all."""

MOST_OF_LEVEL = 4.5 * math.sqrt(0.25 * math.e / ENUMERATED_PATHS)
"""A scrambled net has at most e times the variance of plain Monte Carlo (Owen 1997): no share strays further."""


def test_every_enumerated_scenario_is_swept() -> None:
    assert ENUMERATED_AXES.keys() == ENUMERATED.keys()


@pytest.mark.parametrize("name", ENUMERATED)
def test_cells_are_those_of_exact_enumeration(name: str) -> None:
    cells_are_exact(name, ENUMERATED_AXES[name])


OF_CONTRACTS = [
    (name, event)
    for name in ("a commitment by the quarter", "notice for a renewal")
    for event in ENUMERATED[name]["events"]
]


@pytest.mark.parametrize(("name", "event"), OF_CONTRACTS)
def test_whichever_event_a_contract_meets_is_weighed(name: str, event: str) -> None:
    """What a stratum shares with the others ends at a term or at notice, another one for each event."""
    cells_are_exact(name, {f"events.{event}.probability": [0, 0.35, 1]})


def cells_are_exact(name: str, axes: dict[str, list[Any]]) -> None:
    sweep = sim.sweep(ENUMERATED[name], axes=axes, paths=ENUMERATED_PATHS)
    assert sweep.plan.inner
    for place, values in cells_of(sweep):
        exact = enumerate_scenario(load(ENUMERATED[name], set=values))
        reach = exact.atoms[-1][0] - exact.atoms[0][0]

        def close(found: Any, expected: float, error: Any, one_path: float) -> bool:
            return abs(float(found) - expected) <= MOST_ERRORS * float(error) + one_path / ENUMERATED_PATHS + 1e-9

        cells, errors = sweep.cells, sweep.standard_error
        assert close(cells["expected_loss"][place], exact.mean, errors["expected_loss"][place], reach)
        assert close(cells["expected_revenue"][place], exact.revenue, errors["expected_revenue"][place], reach)
        shares = {"probability_of_loss": exact.probability_of_loss, "probability_below_target": exact.below_target}
        for measure, expected in shares.items():
            if expected is not None:
                interval = sweep.interval[measure]
                error = (interval["high"][place] - interval["low"][place]) / 2 / 2.13
                assert close(cells[measure][place], expected, error, 1.0), (measure, values)
        for level in (0.8, 0.95):
            shortfall, error = (part["expected_shortfall"][f"{level}"][place] for part in (cells, errors))
            one_path = reach / (1 - level)
            assert close(shortfall, exact.expected_shortfall(level), error, one_path), (level, values)
            at_risk = cells["revenue_at_risk"][f"{level}"][place]
            near = [x for x, _ in exact.atoms if abs(x - at_risk) <= sweep.bin_width]
            assert near, (level, values)
            assert math.fsum(p for x, p in exact.atoms if x <= near[-1]) >= level - MOST_OF_LEVEL
            assert math.fsum(p for x, p in exact.atoms if x < near[0]) <= level + MOST_OF_LEVEL


ONE_CHANCE = changed(
    ENUMERATED["contracts"],
    events={"leave": {**ENUMERATED["contracts"]["events"]["leave"], "timing": {"gamma": {"mean": 6, "sd": 4}}}},
    vendor__capacity={"initial": 16, "growth": 0.2},
    vendor__discount_rate=0.1,
    risk__target=350,
)


@pytest.mark.parametrize("sampling", ["plain", "sobol"])
def test_where_the_event_alone_is_left_to_chance_cells_are_exact(sampling: str) -> None:
    """All chance is in the weights, so that a few paths give the exact law, without error."""
    axes = {"events.leave.timing.gamma.mean": [3, 6, 11], "events.leave.probability": [0, 0.05, 0.5, 0.8, 1]}
    sweep = sim.sweep(ONE_CHANCE, axes=axes, paths=16, sampling=sampling)
    for place, values in cells_of(sweep):
        exact = enumerate_scenario(load(ONE_CHANCE, set=values))
        expected = {
            "cells/expected_loss": exact.mean,
            "cells/expected_revenue": exact.revenue,
            "cells/probability_of_loss": exact.probability_of_loss,
            "cells/probability_below_target": exact.below_target,
            "interval/probability_of_loss/low": exact.probability_of_loss,
            "interval/probability_of_loss/high": exact.probability_of_loss,
        }
        for level in (0.8, 0.95):
            expected[f"cells/revenue_at_risk/{level}"] = exact.revenue_at_risk(level)
            expected[f"cells/expected_shortfall/{level}"] = exact.expected_shortfall(level)
            expected[f"error/expected_shortfall/{level}"] = 0.0
        found = everything_in(sweep)
        for part, value in expected.items():
            assert found[part][place] == pytest.approx(value, rel=1e-9, abs=1e-9), (part, values)
        assert found["error/expected_loss"][place] == pytest.approx(0, abs=1e-9)
    assert 0 < sweep.cells["probability_below_target"][1, 3] < 1
