"""Runs on quasi-random paths: errors from sixteen scramblings; and `verify --sampling`."""

from __future__ import annotations

import numpy as np
import pytest

import sim
from sim.chance.sobol import sobol_paths
from sim.errors import UsageError

# The reference work's mean loss, exactly.
MEAN = 327.655


def test_paths_are_rounded_up_and_sampling_is_told() -> None:
    run = sim.run("reference-work", paths=1000, sampling="sobol")
    assert run.paths == 1024 == sobol_paths(1000)
    assert len(run.loss) == 1024
    assert run.to_dict()["run"]["sampling"] == "sobol"
    # They are what a run takes; independent ones where they are asked for, exactly as many.
    assert (sim.run("reference-work", paths=1000).loss == run.loss).all()
    plain = sim.run("reference-work", paths=1000, sampling="plain")
    assert (plain.paths, plain.to_dict()["run"]["sampling"]) == (1000, "plain")
    # 16 paths are one of each scrambling: the smallest run there is.
    assert sim.run("reference-work", paths=1, sampling="sobol").paths == 16
    with pytest.raises(UsageError, match="sampling: found 'halton'"):
        sim.run("reference-work", sampling="halton")


def test_measures_are_those_of_the_losses_by_path() -> None:
    run = sim.run("reference-work", paths=4096, sampling="sobol", set={"risk.target": 9000})
    by_scrambling = run.loss.reshape(-1, 16).mean(axis=0)
    mean = run.measures["expected_loss"]
    assert mean["value"] == pytest.approx(run.loss.mean(), rel=1e-12)
    assert mean["standard_error"] == pytest.approx(by_scrambling.std(ddof=1) / 4, rel=1e-9)
    # Rank ceil(4096 * 0.95) = 3892.
    assert run.measures["revenue_at_risk"]["0.95"]["value"] == np.sort(run.loss)[3891]
    together = run.measures["expected_loss"]["value"] + run.measures["expected_revenue"]["value"]
    assert together == pytest.approx(run.measures["expected_baseline"]["value"], rel=1e-12)
    for share in (
        run.measures["probability_below_target"],
        run.events["in_house_llm"],
        run.measures["probability_of_loss"],
    ):
        value = share.get("value", share.get("probability"))
        assert 0 < share["low"] <= value <= share["high"] < 1


def test_a_scenario_without_events_loses_nothing() -> None:
    run = sim.run("reference-work", paths=64, sampling="sobol", set={"events": {"in_house_llm": None}, "sweep": None})
    assert run.events == {}
    assert not run.loss.any()
    assert run.measures["expected_loss"] == {"value": 0.0, "standard_error": 0.0}


def test_no_block_and_no_number_of_threads_changes_a_digit() -> None:
    runs = [
        sim.run("tiktok", paths=16_384, sampling="sobol", workers=workers, block=block).to_dict()
        for workers, block in ((1, None), (2, 512))
    ]
    for run in runs:
        del run["run"]
    assert runs[0] == runs[1]


def test_both_engines_take_the_same_points() -> None:
    fast, slow = (sim.run("tiktok", paths=64, sampling="sobol", engine=engine) for engine in ("kernel", "model"))
    np.testing.assert_allclose(fast.loss, slow.loss, rtol=1e-9, atol=1e-9)
    assert fast.events == slow.events


def test_errors_are_neither_too_small_nor_too_large() -> None:
    distances = []
    for seed in range(40):
        mean = sim.run("reference-work", paths=512, seed=seed, sampling="sobol").measures["expected_loss"]
        distances.append((mean["value"] - MEAN) / mean["standard_error"])
    # Squares of Student's variable with 15 degrees of freedom have mean 15/13 = 1.15 and variance
    # 3 * 15**2 / (13 * 11) - 1.15**2 = 3.39; the mean of 40 a standard error of 0.29. Five of these upwards; downwards
    # a chi-squared law with 40 degrees of freedom is below 14 once in 30,000.
    mean_square = float(np.mean(np.square(distances)))
    assert 0.35 < mean_square < 1.15 + 5 * 0.29


def test_quasi_random_paths_are_worth_more() -> None:
    plain, sobol = (sim.run("reference-work", paths=8192, sampling=kind).measures for kind in ("plain", "sobol"))
    # The baseline is smooth in its draws: its error is a tenth at most. With 15 degrees of freedom the estimate is off
    # by a factor of two once in 10,000; the true ratio is about fifty.
    ratio = sobol["expected_baseline"]["standard_error"] / plain["expected_baseline"]["standard_error"]
    assert ratio < 0.1
