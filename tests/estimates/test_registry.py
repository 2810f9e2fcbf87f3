"""A measure is one entry: added here and nowhere else, it shows wherever measures are told."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim.archives import replay
from sim.engines.valuation import WindowSums
from sim.estimates import differences
from sim.estimates.estimate import Estimate
from sim.estimates.estimators import CellEstimates, Cells, Estimator, MeanOf, Pair, ShareOf, Totals
from sim.estimates.independent import share_interval
from sim.estimates.measures import MEASURES, Measure
from sim.estimates.replications import share, student
from tests.browser import Opened
from tests.command import Run

# Flat demand of 10 and 30 a month over 12 months: a baseline of 480. `one` leaves in month 1 to 10, each as likely,
# with an even chance, at once and for good, and takes 10 for each month that is left. Leaving in the months 1 to 7
# loses 50 or more, which is beyond a tenth of the baseline; leaving later loses 40 or less.
SCENARIO: dict[str, Any] = {
    "scenario": 1,
    "name": "Sooner or later",
    "start": "2025-01",
    "months": 12,
    "money": "USD million",
    "vendor": {"name": "The vendor"},
    "customers": {
        "one": {"name": "Customer One", "revenue": 10, "growth": 0},
        "rest": {"name": "The rest", "revenue": 30, "growth": 0, "pool": True},
    },
    "events": {
        "leaves": {
            "name": "One leaves",
            "hits": "one",
            "probability": 0.5,
            "timing": {"table": dict.fromkeys(range(1, 11), 0.1)},
            "usage": {"to": 0},
        }
    },
    "evidence": {"events.leaves.probability": {"assumption": "made up", "low": 0.2, "high": 0.8}},
    "run": {"paths": 4096, "seed": 1},
}
CHANCE = "events.leaves.probability"
SEVERE, EXCESS, SQUARED = "probability_of_severe_loss", "mean_excess", "mean_squared_loss"

# If the event is certain: seven months of ten are severe; 110, 100, ..., 50 less 48 each; the squares of 110 to 20.
IF_CERTAIN = {
    SEVERE: 7 / 10,
    EXCESS: sum(10 * left - 48 for left in range(5, 12)) / 10,
    SQUARED: sum((10 * left) ** 2 for left in range(2, 12)) / 10,
}


@pytest.fixture(autouse=True)
def entries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add one entry each: a share, a mean of loss and baseline, a mean of the loss alone."""
    for measure in (
        Measure(SEVERE, "Chance of a severe loss", ShareOf(lambda sums, _: sums.loss > 0.1 * sums.baseline)),
        Measure(EXCESS, "Mean excess", MeanOf(lambda sums, _: np.maximum(sums.loss - 0.1 * sums.baseline, 0.0))),
        Measure(SQUARED, "Mean squared loss", MeanOf(lambda sums, _: sums.loss**2, of_loss=True)),
    ):
        monkeypatch.setitem(MEASURES, measure.name, measure)


def by_path(name: str, loss: np.ndarray) -> np.ndarray:
    """What the entry asks, once more by hand."""
    return {SEVERE: (loss > 48).astype(float), EXCESS: np.maximum(loss - 48, 0.0), SQUARED: loss**2}[name]


def test_without_the_entry_nobody_knows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(MEASURES, SEVERE)
    assert SEVERE not in sim.run(SCENARIO, paths=16).measures
    with pytest.raises(sim.UsageError, match="measure: found"):
        sim.breakeven(SCENARIO, axis=CHANCE, measure=SEVERE, threshold=0.1, paths=64)


def test_a_run_has_a_new_share() -> None:
    result = sim.run(SCENARIO, sampling="plain")
    hits = int((result.loss > 48).sum())
    low, high = share_interval(hits, result.paths)
    assert 0 < hits < result.paths
    assert result.measures[SEVERE] == {"value": hits / result.paths, "low": low, "high": high}
    assert json.loads(result.to_json())["measures"][SEVERE]["value"] == hits / result.paths
    assert result.to_frame().loc[SEVERE, "value"].item() == hits / result.paths
    assert "Chance of a severe loss" in result._repr_html_()


@pytest.mark.parametrize("name", [EXCESS, SQUARED])
def test_a_run_has_a_new_mean(name: str) -> None:
    result = sim.run(SCENARIO, sampling="plain")
    values = by_path(name, result.loss)
    found = result.measures[name]
    assert found["value"] == pytest.approx(values.mean(), rel=1e-12)
    assert found["standard_error"] == pytest.approx(values.std(ddof=1) / math.sqrt(len(values)), rel=1e-12)
    assert MEASURES[name].caption in result._repr_html_()


def test_so_has_a_quasi_random_run() -> None:
    result = sim.run(SCENARIO, sampling="sobol", paths=4096)
    hits = (result.loss > 48).reshape(-1, 16).sum(axis=0)
    found = result.measures[SEVERE]
    assert (found["value"], found["low"], found["high"]) == share(hits, 4096)
    means = by_path(EXCESS, result.loss).reshape(-1, 16).mean(axis=0)
    assert result.measures[EXCESS]["value"] == pytest.approx(means.mean(), rel=1e-12)
    assert result.measures[EXCESS]["standard_error"] == pytest.approx(means.std(ddof=1) / 4, rel=1e-9)


@pytest.mark.parametrize("sampling", ["plain", "sobol"])
@pytest.mark.parametrize("name", [SEVERE, EXCESS, SQUARED])
def test_a_comparison_pairs_it(name: str, sampling: str) -> None:
    found = sim.compare(SCENARIO, sim.load(SCENARIO).with_({CHANCE: 0.8}), sampling=sampling)
    before, after = (by_path(name, result.loss) for result in found.results)
    difference = found.difference(name)
    assert difference.value == pytest.approx((after - before).mean(), rel=1e-9)
    replicated = (after - before) if sampling == "plain" else (after - before).reshape(-1, 16).mean(axis=0)
    error = replicated.std(ddof=1) / math.sqrt(len(replicated))
    assert difference.standard_error == pytest.approx(error, rel=1e-9)
    assert found.to_dict()["differences"][0]["measures"][name]["value"] == difference.value
    assert found.to_frame().sort_index().loc[(found.labels[1], name), "difference"].item() == difference.value
    assert MEASURES[name].caption in found._repr_html_()


@pytest.mark.parametrize("sampling", ["plain", "sobol"])
@pytest.mark.parametrize("name", [SEVERE, EXCESS, SQUARED])
def test_a_sweep_has_it_in_every_cell_and_between(name: str, sampling: str) -> None:
    found = sim.sweep(SCENARIO, axes={CHANCE: [0, 0.25, 1]}, paths=1024, sampling=sampling)
    truth = np.array([0, 0.25, 1]) * IF_CERTAIN[name]
    # Whether a path is severe follows from its own month, which is a stratum: all that is left is rounding.
    assert found.cells[name] == pytest.approx(truth, rel=1e-9)
    assert found.at({CHANCE: 0.6})[name]["value"] == pytest.approx(0.6 * IF_CERTAIN[name], rel=1e-9)
    ends = [name] if name != SEVERE else [f"{name}_low", f"{name}_high"]
    assert {name, *ends} <= set(found.frame.columns)
    if name == SEVERE:
        assert (found.interval[name]["low"] <= truth + 1e-12).all()
        assert (found.interval[name]["high"] >= truth - 1e-12).all()
    else:
        assert found.standard_error[name] == pytest.approx(np.zeros(3), abs=1e-9)
    record = found.to_dict()
    assert record["cells"][name] == pytest.approx(truth.tolist(), rel=1e-9)


def test_a_sweep_tells_its_error() -> None:
    """Where a path's fate is left to chance within a stratum, replications lie apart."""
    noisy = sim.load(SCENARIO).with_({"customers.one.volatility": 0.5, "events.leaves.probability": 1})
    found = sim.sweep(noisy, axes={CHANCE: [1]}, paths=4096)
    run = sim.run(noisy, paths=65536, sampling="sobol")
    for name in (SEVERE, EXCESS, SQUARED):
        by_cell, by_run = found.at({})[name], run.measures[name]
        errors = [
            told.get("standard_error") or (told["high"] - told["low"]) / 2 / student(16) for told in (by_cell, by_run)
        ]
        assert 0 < errors[0] < 0.2 * by_cell["value"]
        # Of the same law: six standard errors of both together, a false alarm in some ten thousand (Student, 15).
        assert abs(by_cell["value"] - by_run["value"]) < 6 * math.hypot(*errors)


@pytest.mark.parametrize("name", [SEVERE, EXCESS, SQUARED])
def test_a_breakeven_looks_for_it(name: str) -> None:
    found = sim.breakeven(SCENARIO, axis=CHANCE, measure=name, threshold=0.25 * IF_CERTAIN[name], paths=1024)
    assert found.value == pytest.approx(0.25, rel=1e-6)


def test_a_tornado_and_an_attribution_take_what_is_made_of_the_loss() -> None:
    bars = sim.tornado(SCENARIO, paths=4096)
    change = bars.bars[0].high.change.of(SQUARED)  # type: ignore[union-attr]
    assert change.value == pytest.approx(0.3 * IF_CERTAIN[SQUARED], abs=6 * (change.standard_error or 0))
    assert f"{SQUARED}_change" in bars.to_frame().columns
    parts = sim.attribute(SCENARIO, paths=4096, sampling="plain")
    run = sim.run(SCENARIO, paths=4096, sampling="plain")
    assert parts.total(SQUARED).value == pytest.approx(run.measures[SQUARED]["value"], rel=1e-12)
    assert parts.ranked(SQUARED)[0].to(SQUARED, None).value == pytest.approx(parts.total(SQUARED).value, rel=1e-12)


def test_the_explorer_follows() -> None:
    found = sim.explore(SCENARIO, paths=1024).set(probability=0.8)
    assert found.measures[SEVERE]["value"] == pytest.approx(0.8 * IF_CERTAIN[SEVERE], rel=1e-9)
    assert found.changes[SQUARED]["value"] == pytest.approx(0.3 * IF_CERTAIN[SQUARED], rel=1e-9)
    assert any(row[0] == "Chance of a severe loss" for row in found.rows())


def test_a_folder_keeps_it(tmp_path: Path) -> None:
    result = sim.run(SCENARIO)
    again = sim.open(result.save(tmp_path / "out", pictures=False))
    assert again.measures == result.measures
    assert SEVERE in (tmp_path / "out" / "measures.csv").read_text()
    assert replay(tmp_path / "out").agree


@pytest.mark.parametrize(("limit", "code"), [(0.1, 1), (0.9, 0)])
def test_a_pipeline_can_ask_for_it(inside: Run, tmp_path: Path, limit: float, code: int) -> None:
    (tmp_path / "scenario.yaml").write_text(json.dumps(SCENARIO))
    done = inside("run", "scenario.yaml", "--fail-if", f"{SEVERE} > {limit}")
    assert done.returncode == code, done.stderr
    assert "chance of a severe loss" in done.stdout


def test_the_report_shows_it_and_its_script_follows(opened: Any) -> None:
    found = sim.make_report(SCENARIO, paths=1024)
    assert found.measures[SEVERE]["value"] == pytest.approx(0.5 * IF_CERTAIN[SEVERE], rel=1e-9)
    page: Opened = opened(found)
    for place in (50, 80, 0, 100):
        page.set(probability=place)
        for name in (SEVERE, EXCESS, SQUARED):
            assert page.measure(name)["value"] == pytest.approx(place / 100 * IF_CERTAIN[name], rel=1e-9, abs=1e-12)
    assert page.said == []


class Middle(Estimator):
    """The median loss: a kind of estimator that the page's script has never heard of."""

    of_loss = True
    told_by_interval = True

    def of_run(self, name: str, totals: Totals, level: float | None) -> Estimate:
        return Estimate(math.nan)  # nothing here asks a run for it but the report's table of events, which shows none

    def difference(self, pair: Pair, level: float | None) -> Estimate:
        return differences.quantile_difference(pair.base.loss, pair.other.loss, 0.5, scrambled=pair.scrambled)

    def of_cells(self, name: str, cells: Cells, level: float | None) -> CellEstimates:
        return cells.quantile_at(0.5)

    def replicated(self, name: str, cells: Cells, level: float | None) -> np.ndarray:
        return cells.replicated_quantile(0.5)

    def terms(self, sums: WindowSums, scenario: sim.Scenario, level: float | None) -> None:
        return None


def test_what_the_script_cannot_tell_stands_where_the_scenario_does(
    opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(MEASURES, "median_loss", Measure("median_loss", "Median loss", Middle()))
    found = sim.make_report(
        {**SCENARIO, "events": {"leaves": {**SCENARIO["events"]["leaves"], "probability": 0.8}}}, paths=1024
    )
    at_home = found.measures["median_loss"]["value"]
    # 0.2 lose nothing, then 0.08 each 20, 30, 40, 50: half is reached at 50.
    assert at_home == pytest.approx(50, rel=1e-6)
    page: Opened = opened(found)

    def shown() -> tuple[str, str]:
        row = 'tr[data-measure="median_loss"]'
        return page.page.inner_text(f"{row} .now"), page.page.inner_text(f"{row} .error")

    home = shown()
    assert home[0].startswith("50")
    page.set(probability=30)
    assert shown() == ("–", "known for the scenario as it is")
    page.set(probability=80)
    assert shown() == home
    assert page.said == []
