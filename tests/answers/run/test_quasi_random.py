"""Runs on quasi-random paths: errors from sixteen scramblings; and `verify --sampling`."""

from __future__ import annotations

import json

import numpy as np
import pytest

import sim
from sim.answers import verify_sampling
from sim.chance.sobol import sobol_paths
from sim.errors import UsageError
from sim.estimates import replications
from tests.command import Run

# The reference work's mean loss, exactly.
MEAN = 327.655


def test_order_statistics_and_their_interval_by_hand() -> None:
    # Path i belongs to replication i % 4 and loses i, 0 to 15. The quantile at 50 % is the 8th value, 7.
    (tail,) = replications.tails(np.arange(16.0), [0.5], 4)
    assert tail.revenue_at_risk == 7
    # Of each replication two of four values are at most 7: nothing is unsure upwards.
    assert tail.high == 7
    # Below 7 are two of four, and of the last replication one: shares 0.5, 0.5, 0.5, 0.25. Their standard error is
    # sqrt(0.046875 / 3) / 2 = 0.0625, Student's quantile of 3 degrees of freedom 3.1824, so the level less 0.1989 is
    # 0.3011; 16 * 0.3011 = 4.8, and the 5th value is 4.
    assert tail.low == 4
    # 7 + (1 + 2 + ... + 8) / 16 / 0.5 = 7 + 4.5.
    assert tail.expected_shortfall == pytest.approx(11.5)
    assert tail.paths == 8
    assert tail.standard_error is None


def test_a_tail_that_is_thick_enough_has_a_standard_error() -> None:
    (tail,) = replications.tails(np.arange(400.0), [0.5], 4)
    # The quantile is 199. Replication r holds r + 4 k; of it the excess over 199 sums to sum of (r + 1 + 4 j) for
    # j = 0 ... 49: 50 (r + 1) + 4900; over 100 paths and 0.5 that is r + 99: 99, 100, 101, 102.
    # Standard deviation sqrt(5 / 3), over 2.
    assert tail.revenue_at_risk == 199
    assert tail.expected_shortfall == pytest.approx(199 + 100.5)
    assert tail.standard_error == pytest.approx((5 / 3) ** 0.5 / 2)


def test_no_value_bounds_a_quantile_whose_level_is_too_unsure() -> None:
    # Replications of one path each: those with 0 and those with 1 differ as much as can be.
    (tail,) = replications.tails(np.array([0.0, 1.0]), [0.5], 2)
    # The quantile is 0. Shares at most 0 are 1 and 0, so 12.7 times 0.5 leaves no level; below 0 there is none.
    assert (tail.low, tail.high) == (0.0, None)


def test_shares_and_their_intervals_by_hand() -> None:
    value, low, high = replications.share(np.array([1, 2, 3, 2]), 16)
    # Shares 0.25, 0.5, 0.75, 0.5: standard error sqrt(0.125 / 3) / 2 = 0.10206, times 3.1824.
    assert value == 0.5
    assert (low, high) == (pytest.approx(0.5 - 0.32480, abs=1e-4), pytest.approx(0.5 + 0.32480, abs=1e-4))
    # Where none hits, as for independent paths: 1 - 0.025 ** (1 / 16) = 0.2059 (Clopper and Pearson).
    assert replications.share(np.zeros(4, dtype=int), 16) == (0.0, 0.0, pytest.approx(0.2059, abs=1e-4))


def test_paths_are_rounded_up_and_sampling_is_told() -> None:
    run = sim.run("reference-work", paths=1000, sampling="sobol")
    assert run.paths == 1024 == sobol_paths(1000)
    assert len(run.loss) == 1024
    assert run.to_dict()["run"]["sampling"] == "sobol"
    assert sim.run("reference-work", paths=1000).to_dict()["run"]["sampling"] == "plain"
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


def test_samplings_agree_and_the_command_says_so(inside: Run, even: str) -> None:
    done = inside("verify", "tiktok", "--sampling", "--paths", "4000", "--json")
    assert done.returncode == 0
    data = json.loads(done.stdout)
    assert data["agree"] is True
    assert data["paths"] == 4096
    assert data["largest_z"] <= data["bound"] == verify_sampling.BOUND
    assert {"expected_loss", "revenue_at_risk.0.95", "events.suspension.probability"} <= {
        measure["measure"] for measure in data["measures"]
    }
    text = inside("verify", even, "--sampling", "--paths", "500").stdout
    assert "Plain and quasi-random paths agree: 512 of each." in text


def test_a_planted_difference_of_the_samplings_is_the_answer_no(inside: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = verify_sampling.run

    def off(scenario, *, sampling, **options):
        found = honest(scenario, sampling=sampling, **options)
        if sampling == "sobol":
            error = found.measures["expected_loss"]["standard_error"]
            found.measures["expected_loss"]["value"] += 60 * error
        return found

    monkeypatch.setattr(verify_sampling, "run", off)
    done = inside("verify", "reference-work", "--sampling", "--paths", "1000")
    assert done.returncode == 1
    assert "differ" in done.stdout


def test_a_run_on_request(inside: Run, even: str) -> None:
    done = inside("run", even, "--sampling", "sobol", "--paths", "1000")
    assert done.returncode == 0
    assert "1,024 quasi-random paths · seed 1" in " ".join(done.stdout.split())
    # One stratified draw decides: half of every power of two of paths, so that the mean is 30.
    assert json.loads(inside("run", even, "--sampling", "sobol", "--json").stdout)["measures"]["expected_loss"][
        "value"
    ] == pytest.approx(30, abs=1.5)
