"""What a sweep answers and how it is written down: between grid points, tolerance, table, JSON, the plan in words."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import sim
from sim.answers.sweep import Sweep
from sim.errors import UsageError
from sim.language import load
from tests.answers.sweep.grids import EVERYTHING, MEDIAN, PROBABILITY, SMALL, cells_of, changed, everything_in, leaves
from tests.command import ROOT

GROWTH = "customers.others.growth"
FOLDER = ROOT / "scenarios"


@pytest.fixture(scope="module")
def grid() -> Sweep:
    axes = {PROBABILITY: [0, 0.5, 1], MEDIAN: [4, 9, 20]}
    return sim.sweep(SMALL, axes=axes, paths=1_024)


@pytest.fixture(scope="module")
def mixed() -> Sweep:
    """A simulated axis between two of weights."""
    return sim.sweep(EVERYTHING, axes={PROBABILITY: [0.2, 1], GROWTH: [0, 0.4], MEDIAN: [5, 12, 20]}, paths=128)


def of_cell(sweep: Sweep, place: tuple[int, ...]) -> dict[str, np.ndarray]:
    """A cell in the shape and by the names of a run's measures."""
    found: dict[str, np.ndarray] = {}
    for part, values in everything_in(sweep).items():
        kind, measure, *rest = part.split("/")
        name = "/".join([measure, *rest])
        name = {"cells": f"{name}/value", "error": f"{name}/standard_error", "interval": name}[kind]
        found[name] = values[place]
    return found


# Between grid points


def test_at_a_grid_point_is_the_cell(grid: Sweep, mixed: Sweep) -> None:
    for sweep in (grid, mixed):
        for place, values in cells_of(sweep):
            found = leaves(sweep.at(values))
            expected = of_cell(sweep, place)
            assert found.keys() == expected.keys()
            for name, value in expected.items():
                assert found[name] == pytest.approx(value, rel=1e-12, abs=1e-12), name


def test_between_grid_points_is_a_sweep_whose_grid_holds_the_point(grid: Sweep, mixed: Sweep) -> None:
    finer = sim.sweep(SMALL, axes={PROBABILITY: [0, 0.37, 1], MEDIAN: [4, 11.5, 20]}, paths=1_024)
    point = of_cell(finer, (1, 1))
    for name, value in leaves(grid.at({PROBABILITY: 0.37, MEDIAN: 11.5})).items():
        assert value == pytest.approx(point[name], rel=1e-12), name
    finer = sim.sweep(EVERYTHING, axes={PROBABILITY: [0.6, 1], GROWTH: [0, 0.4], MEDIAN: [5, 7, 20]}, paths=128)
    point = of_cell(finer, (0, 1, 1))
    for name, value in leaves(mixed.at({PROBABILITY: 0.6, GROWTH: 0.4, MEDIAN: 7})).items():
        assert value == pytest.approx(point[name], rel=1e-12), name
    # And beyond the grid's ends too, as far as its months reach.
    outside = sim.sweep(SMALL, axes={PROBABILITY: [1], MEDIAN: [2, 40]}, paths=1_024)
    loss = grid.at({PROBABILITY: 1, MEDIAN: 40})["expected_loss"]["value"]
    assert loss == pytest.approx(outside.cells["expected_loss"][0, 1], rel=1e-12)


def test_axes_go_by_their_last_name_and_stand_where_the_scenario_does(grid: Sweep) -> None:
    whole = grid.at({PROBABILITY: 0.25, MEDIAN: 9})
    assert grid.at({"probability": 0.25, "median": 9}) == whole
    assert grid.at({"leave.probability": 0.25, "lognormal.median": 9}) == whole
    # The scenario itself has 0.6 and 9.
    assert grid.at({"probability": 0.25}) == whole
    assert grid.at({}) == grid.at({"probability": 0.6, "median": 9})


def test_at_is_plain_data_in_the_shape_of_a_run(grid: Sweep) -> None:
    record = grid.at({"probability": 0.3})
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    run = sim.run(SMALL, paths=2_000).measures
    assert record.keys() == run.keys() - {"expected_baseline"}
    for measure in ("expected_loss", "expected_revenue", "probability_of_loss", "probability_below_target"):
        assert record[measure].keys() == run[measure].keys(), measure
    for level in ("0.9", "0.95"):
        assert record["revenue_at_risk"][level].keys() == run["revenue_at_risk"][level].keys()
        assert {"value", "standard_error"} <= record["expected_shortfall"][level].keys()
    single = sim.sweep(SMALL, axes={PROBABILITY: [0.6]}, paths=1, sampling="plain").at({})
    assert single["expected_loss"]["standard_error"] is None
    assert single["revenue_at_risk"]["0.9"]["low"] is None
    assert single["expected_loss"]["value"] is not None


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"probabilty": 0.5}, r"probabilty: no axis has this name.*events\.leave\.probability"),
        ({"customers.tiktok.growth": 0.5}, r"customers\.tiktok\.growth: no axis"),
        ({PROBABILITY: 1.5}, r"events\.leave\.probability: found 1\.5"),
        ({PROBABILITY: float("nan")}, r"events\.leave\.probability: found nan"),
        ({PROBABILITY: "half"}, r"events\.leave\.probability: found 'half'"),
        ({MEDIAN: -3}, r"events\.leave\.timing\.lognormal\.median"),
        ({MEDIAN: 0}, r"events\.leave\.timing\.lognormal\.median"),
        ({MEDIAN: "soon"}, r"events\.leave\.timing\.lognormal\.median"),
    ],
)
def test_errors_name_the_axis(grid: Sweep, values: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        grid.at(values)


def test_a_misspelt_axis_is_corrected(grid: Sweep) -> None:
    with pytest.raises(UsageError) as error:
        grid.at({"probabilty": 0.5})
    assert "did you mean probability" in str(error.value.help)


def test_simulated_axes_have_no_between(mixed: Sweep) -> None:
    with pytest.raises(
        UsageError, match=r"customers\.others\.growth: found 0\.2; it was simulated at \[0.*, 0\.4\] only"
    ):
        mixed.at({GROWTH: 0.2})
    with pytest.raises(UsageError, match=r"customers\.others\.growth: no value"):
        mixed.at({PROBABILITY: 0.5})


def test_a_name_that_is_not_unique_is_refused() -> None:
    sweep = sim.sweep(EVERYTHING, axes={PROBABILITY: [0, 1], "events.cut.probability": [0, 1, 0.5]}, paths=16)
    with pytest.raises(UsageError, match="probability: more than one axis has this name"):
        sweep.at({"probability": 0.5})
    assert sweep.at({"leave.probability": 1, "cut.probability": 0.3})


def test_months_that_no_cell_allowed_are_refused_not_made_up() -> None:
    data = changed(SMALL, events__leave__timing={"month": "2024-06"})
    sweep = sim.sweep(data, axes={"events.leave.timing.month": ["2024-06", "2024-09"]}, paths=64)
    assert sweep.at({"month": "2024-09"})["expected_loss"]["value"] > 0
    with pytest.raises(UsageError, match="months that none of the sweep's cells allows"):
        sweep.at({"month": "2024-07"})


# The tolerance curve


def test_tolerance_is_the_quantile_of_every_cell(grid: Sweep, mixed: Sweep) -> None:
    assert (grid.tolerance() == grid.cells["revenue_at_risk"]["0.95"]).all()
    # 1 - 0.1 is the level 0.9 but for rounding.
    assert (grid.tolerance(0.1) == grid.cells["revenue_at_risk"]["0.9"]).all()
    assert (mixed.tolerance(0.05) == mixed.cells["revenue_at_risk"]["0.95"]).all()
    assert (np.diff([grid.tolerance(p) for p in (0.5, 0.2, 0.05, 0.01)], axis=0) >= 0).all()
    assert (np.diff(grid.tolerance(0.05), axis=0) >= 0).all()
    for wrong in (0, 1, -0.1, 1.5):
        with pytest.raises(UsageError, match="probability"):
            grid.tolerance(wrong)


# Shapes


def test_the_table_is_tidy(mixed: Sweep) -> None:
    frame = mixed.frame
    assert frame.shape[0] == 2 * 2 * 3
    assert frame.columns.is_unique
    axes = [PROBABILITY, GROWTH, MEDIAN]
    assert list(frame.columns[:3]) == axes
    assert not frame.duplicated(axes).any()
    assert not frame.isna().any().any()
    assert all(kind.kind == "f" for kind in frame.dtypes)
    names = {"expected_loss", "expected_loss_error", "revenue_at_risk_0.95"}
    names |= {"revenue_at_risk_0.95_low", "revenue_at_risk_0.95_high", "expected_shortfall_0.9_error"}
    names |= {"probability_of_loss_low", "probability_below_target", "expected_revenue_error"}
    assert names <= set(frame.columns)
    for row, (place, values) in zip(frame.to_dict("records"), cells_of(mixed), strict=True):
        assert {path: row[path] for path in axes} == values
        assert row["revenue_at_risk_0.95_high"] == mixed.interval["revenue_at_risk"]["0.95"]["high"][place]
        assert row["expected_shortfall_0.9_error"] == mixed.standard_error["expected_shortfall"]["0.9"][place]
        assert row["expected_loss"] == mixed.cells["expected_loss"][place]


def shape_of(values: Any) -> tuple[int, ...]:
    return (len(values), *shape_of(values[0])) if isinstance(values, list) else ()


@pytest.mark.parametrize("data", [SMALL, changed(SMALL, risk={"levels": [0.5, 0.99]})], ids=["target", "no target"])
def test_json_has_the_documented_shape(data: dict[str, Any]) -> None:
    sweep = sim.sweep(data, axes={PROBABILITY: [0, 0.5, 1], GROWTH: [0, 0.4]}, paths=64, seed=7)
    record = json.loads(sweep.to_json())
    assert record == sweep.to_dict()
    assert {"format", "scenario", "run", "axes", "cells", "standard_error", "interval"} <= record.keys()
    assert record["format"] == 1
    run = record["run"]
    assert (run["engine"], run["paths"], run["seed"], run["sampling"]) == ("kernel", 64, 7, "sobol")
    assert {"version", "seconds"} <= run.keys()
    assert {"name", "file", "sha256", "start", "months", "money"} <= record["scenario"].keys()
    assert [(axis["path"], axis["values"]) for axis in record["axes"]] == [
        (PROBABILITY, [0, 0.5, 1]),
        (GROWTH, [0, 0.4]),
    ]
    levels = {"0.9", "0.95"} if data is SMALL else {"0.5", "0.99"}
    shares = {"probability_of_loss"} | ({"probability_below_target"} if data is SMALL else set())
    by_level = {"revenue_at_risk", "expected_shortfall"}
    means = {"expected_loss", "expected_revenue"} | ({"expected_plain_revenue"} if data is SMALL else set())
    assert record["cells"].keys() == means | by_level | shares
    assert record["standard_error"].keys() == means | {"expected_shortfall"}
    assert record["interval"].keys() == {"revenue_at_risk"} | shares
    for part in (record["cells"], record["standard_error"]):
        for measure, values in part.items():
            for one in values.values() if measure in by_level else [values]:
                assert shape_of(one) == (3, 2)
            assert measure not in by_level or values.keys() == levels
    for measure, ends in record["interval"].items():
        for one in ends.values() if measure == "revenue_at_risk" else [ends]:
            assert one.keys() == {"low", "high"}
            assert shape_of(one["low"]) == shape_of(one["high"]) == (3, 2)


def test_json_has_null_for_what_one_path_cannot_tell() -> None:
    sweep = sim.sweep(SMALL, axes={PROBABILITY: [0.5, 1]}, paths=1, sampling="plain")
    text = sweep.to_json()
    assert "NaN" not in text
    record = json.loads(text)
    assert record["standard_error"]["expected_loss"] == [None, None]
    assert record["interval"]["revenue_at_risk"]["0.9"]["low"] == [None, None]
    assert all(isinstance(value, float) for value in record["cells"]["expected_loss"])


def test_intervals_hold_their_values(grid: Sweep, mixed: Sweep) -> None:
    for sweep in (grid, mixed):
        for measure, ends in sweep.interval.items():
            for level, one in ends.items() if measure == "revenue_at_risk" else [(None, ends)]:
                value = sweep.cells[measure] if level is None else sweep.cells[measure][level]
                assert (one["low"] <= value + 1e-12).all()
                assert (value <= one["high"] + 1e-12).all()
        for level in ("0.9", "0.95"):
            at_risk, shortfall = (sweep.cells[name][level] for name in ("revenue_at_risk", "expected_shortfall"))
            assert (at_risk <= shortfall + 1e-9).all()
        for errors in leaves(dict(sweep.standard_error)).values():
            assert (errors >= 0).all()


def test_one_line_tells_what_it_is(grid: Sweep) -> None:
    said = repr(grid)
    assert "\n" not in said
    for part in ("one customer beside a book", f"3 {PROBABILITY}", f"3 {MEDIAN}", "1,024 sobol paths", "USD million"):
        assert part in said


# The plan in words


def test_the_plan_is_told(grid: Sweep, mixed: Sweep) -> None:
    said = "\n".join(grid.explain())
    assert "9 cells" in said
    assert "18 strata" in said  # an own month from 1 to 17, or never
    assert "linear" in said
    said = "\n".join(mixed.explain())
    assert "12 cells" in said
    assert "linear" not in said
    assert f"{GROWTH}: 2 simulations" in said
    assert "valued again" in said
    assert "tiktok" in said
    apart = sim.sweep(SMALL, axes={GROWTH: [0, 0.1]}, paths=16)
    assert "each cell is simulated" in "\n".join(apart.explain())


@pytest.mark.parametrize("file", ["tiktok.yaml", "reference-work.yaml"])
def test_every_bundled_scenario_with_axes_can_be_swept(file: str) -> None:
    sweep = sim.sweep(FOLDER / file, paths=16)
    assert sweep.cells["expected_loss"].shape == tuple(len(axis.values) for axis in load(FOLDER / file).axes)
    assert np.isfinite(sweep.cells["expected_shortfall"]["0.99"]).all()
