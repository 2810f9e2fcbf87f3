"""Sweeping until errors are small: the rule recomputed from what is published."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import t as student_law

import sim
from sim.answers import precision
from sim.errors import UsageError
from tests.by_hand import LEAVES, MEDIAN

AXES = {LEAVES: [0.25, 0.5, 1], MEDIAN: [12, 30]}


def relative_errors(sweep: sim.Sweep) -> list[np.ndarray]:
    """Standard errors over values, or over 1 % of the baseline, from the document that a script would read."""
    data = sweep.to_dict()
    cells, errors, ends = data["cells"], data["standard_error"], data["interval"]
    baseline = np.array(cells["expected_loss"]) + np.array(cells["expected_revenue"])
    replications = 16 if sweep.sampling == "sobol" else 64
    times = student_law.ppf(0.975, replications - 1)

    def over(error, value, floor=0.01 * baseline) -> np.ndarray:
        return np.array(error) / np.maximum(np.abs(np.array(value)), floor)

    found = [over(errors[name], cells[name]) for name in ("expected_loss", "expected_revenue")]
    for level, value in cells["revenue_at_risk"].items():
        of_level = ends["revenue_at_risk"][level]
        half_width = (np.array(of_level["high"]) - np.array(of_level["low"])) / 2
        found += [over(half_width / times, value)]
        found += [over(errors["expected_shortfall"][level], cells["expected_shortfall"][level])]
    share = np.array(cells["probability_of_loss"])
    reach = np.maximum(
        np.array(ends["probability_of_loss"]["high"]) - share, share - ends["probability_of_loss"]["low"]
    )
    return [*found, over(reach / times, share, np.full(share.shape, 0.01))]


@pytest.mark.parametrize("sampling", ["sobol", "plain"])
def test_every_measure_of_every_cell_is_as_precise_as_asked(sampling: str) -> None:
    asked = 0.004
    sweep = sim.sweep("reference-work", axes=AXES, precision=asked, sampling=sampling)
    worst = max(float(errors.max()) for errors in relative_errors(sweep))
    assert worst <= asked
    assert sweep.precision is not None
    assert sweep.precision["met"]
    assert sweep.precision["reached"] == pytest.approx(worst, rel=1e-9)


def test_it_starts_where_the_rule_is_honest() -> None:
    # Ten paths beyond the highest level in each replication: 16 * 10 / 0.01 = 16,000, rounded up to 16,384.
    sweep = sim.sweep("reference-work", axes={LEAVES: [0.5]}, precision=0.5)
    assert sweep.paths == 16_384


def test_it_goes_on_until_the_limit_and_says_so() -> None:
    sweep = sim.sweep("reference-work", axes={LEAVES: [0.5]}, precision=1e-6, paths=40_000)
    # 16,384 and twice that; four times would be beyond the limit.
    assert sweep.paths == 32_768
    assert sweep.precision is not None
    assert not sweep.precision["met"]
    assert sweep.precision["reached"] > 1e-6
    assert "more than 40,000 paths would be needed" in sweep.precision["note"]


def test_time_is_a_limit_where_no_number_of_paths_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = sim.load("reference-work", set={"sweep": None})
    asked: list[int] = []

    def slow(paths: int) -> sim.Sweep:
        asked.append(paths)
        return sim.sweep(scenario, axes={LEAVES: [0.5]}, paths=paths)

    found = precision.sweep_until_precise(slow, 1e-6, replications=16, highest_level=0.99, seconds=0.0)
    assert asked == [16_000]
    assert found.precision is not None
    assert "would take more than 0 seconds" in found.precision["note"]


@pytest.mark.parametrize(("part", "rounds"), [(1.1, 2), (2.0, 1)])
def test_a_round_that_just_meets_it_is_confirmed_by_another(part: float, rounds: int) -> None:
    """An error that is small by chance stops a rule that looks at one round only; a clear one need not be confirmed."""
    scenario = sim.load("reference-work", set={"sweep": None})
    asked: list[int] = []

    def measure(paths: int) -> sim.Sweep:
        asked.append(paths)
        return sim.sweep(scenario, axes={LEAVES: [0.5]}, paths=paths)

    reached, _, _ = precision.worst(measure(16_000), 0.5)
    asked.clear()
    found = precision.sweep_until_precise(measure, part * reached, replications=16, highest_level=0.99)
    assert asked == [16_000, 32_768][:rounds]
    assert found.precision is not None
    assert found.precision["met"]
    # Where nothing more may be spent, it says that nothing confirmed it.
    if rounds == 2:
        alone = precision.sweep_until_precise(measure, part * reached, replications=16, highest_level=0.99, most=16_384)
        assert alone.precision is not None
        assert alone.precision["met"]
        assert "no further one confirmed" in alone.precision["note"]


def test_a_level_at_a_leap_is_told_and_not_waited_for() -> None:
    # With p = 0.05, and next to certain to fall within the horizon, 95 % of paths lose nothing: any loss from 0 to the
    # smallest is a quantile at that level, and no number of paths says which.
    sweep = sim.sweep("reference-work", axes={LEAVES: [0.05, 0.5], MEDIAN: [3.0]}, precision=0.005)
    interval = sweep.interval["revenue_at_risk"]["0.95"]
    assert interval["high"][0, 0] - interval["low"][0, 0] > 100
    assert sweep.precision is not None
    assert sweep.paths == 16_384
    assert not sweep.precision["met"]
    assert sweep.precision["reached"] <= 0.005
    assert sweep.precision["note"].startswith("in 1 cell the level stands at a leap of the losses")


def test_growth_never_goes_beyond_what_is_surely_needed() -> None:
    # Plain errors fall with the root: an eighth needs 64 times the paths, half of that is sure.
    assert precision._growth(8.0, "plain") == 32
    # Quasi-random ones at best with the number itself.
    assert precision._growth(8.0, "sobol") == 8
    assert precision._growth(1.01, "sobol") == precision._growth(math.inf, "plain") == 2


@pytest.mark.parametrize("value", [0, 1, -0.1, True, "0.5%"])
def test_a_precision_that_is_none(value) -> None:
    with pytest.raises(UsageError, match="precision: found"):
        sim.sweep("reference-work", precision=value)
