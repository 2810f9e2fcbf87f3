"""Choices held against each other in tables of worth whose answers are worked by hand or known by formula."""

from __future__ import annotations

from math import inf, sqrt

import numpy as np
import pytest

from sim.estimates import regrets
from sim.estimates.estimate import Estimate
from sim.estimates.regrets import Worths, certainty, jackknifed, regret
from tests.estimates.doubted import uniforms

T15 = 2.13144955  # Student's 97.5 % point with 15 degrees of freedom


def worths(values: np.ndarray, without: np.ndarray | None = None) -> Worths:
    """Worths whose paths leave no error, unless told what is without each scrambling."""
    left = np.stack([values] * 16) if without is None else without
    return Worths.told_apart(values, left, values, values)


def offer(draws: int = 1024, seed: int = 5, cost: float = 20.4) -> Worths:
    """An offer that lowers a loss of 240 p to 189 p, against none; p uniform from 0.2 to 0.8."""
    p = 0.2 + 0.6 * uniforms(draws, seed)
    return worths(np.stack([360 - 240 * p, 360 - 189 * p - cost]))


def covers(one: Estimate, truth: float, far: float) -> None:
    """The value is near, and the interval is neither empty nor wider than that."""
    assert one.value == pytest.approx(truth, abs=far)
    assert one.low is not None
    assert one.high is not None
    assert truth - far < one.low <= one.value <= one.high < truth + far


def test_the_offer_by_formula() -> None:
    found = offer()
    # It is worth 51 p - 20.4 more: 5.1 on average, -10.2 to 20.4, above 0 from p = 0.4 on.
    covers(found.gain(1), 5.1, 0.05)
    covers(found.mean(0), 240, 0.2)
    covers(found.mean_regret(0), 6.8, 0.05)
    covers(found.mean_regret(1), 1.7, 0.05)
    covers(found.largest_regret(0), 20.4, 0.1)
    covers(found.largest_regret(1), 10.2, 0.3)
    covers(found.share_best(1), 2 / 3, 0.02)
    covers(found.share_best(0), 1 / 3, 0.02)
    covers(found.share_not_worse(1, 0), 2 / 3, 0.02)
    # p = 0.77 in one draw of twenty from above; 0.23 from below.
    covers(found.far_regret(0), 51 * 0.77 - 20.4, 0.4)
    covers(found.far_regret(1), 20.4 - 51 * 0.23, 0.4)
    covers(found.quantile(0, 0.05), 360 - 240 * 0.77, 2)
    covers(found.worth_of_certainty(), 1.7, 0.05)


@pytest.mark.parametrize("seed", range(5))
def test_perfect_information_is_worth_the_least_mean_regret(seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=(4, 256)).cumsum(axis=0)
    found = worths(values)
    least = min(found.mean_regret(c).value for c in range(4))
    assert found.worth_of_certainty().value == pytest.approx(least, rel=1e-9)
    assert certainty(values) == pytest.approx(values.max(axis=0).mean() - values.mean(axis=1).max(), rel=1e-12)


def test_by_hand() -> None:
    one, other, third = [5.0, 1.0] * 8, [3.0, 3.0] * 8, [5.0, 0.0] * 8
    found = worths(np.array([one, other, third]))
    assert regret(found.values).tolist() == [[0.0, 2.0] * 8, [2.0, 0.0] * 8, [0.0, 3.0] * 8]
    assert [found.mean_regret(c).value for c in range(3)] == [1.0, 1.0, 1.5]
    assert [found.largest_regret(c).value for c in range(3)] == [2, 2, 3]
    # In half of the draws the first and the third are best together.
    assert [found.share_best(c).value for c in range(3)] == [0.5, 0.5, 0.5]
    assert found.share_not_worse(0, 2).value == 1
    assert found.share_not_worse(2, 0).value == 0.5
    assert [found.mean(c).value for c in range(3)] == [3, 3, 2.5]
    assert found.worth_of_certainty().value == 1
    assert [found.far_regret(c).value for c in range(3)] == [2, 2, 3]


def test_what_differs_by_rounding_alone_is_the_same() -> None:
    values = np.full((2, 32), 0.1)
    values[1] += 1e-16
    for table in (values, np.concatenate([values, np.full((1, 32), 7.0)])):
        found = worths(table)
        assert (found.values[0] == found.values[1]).all()
        assert found.share_not_worse(0, 1).value == 1
        assert found.share_not_worse(1, 0).value == 1


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_worth_that_is_no_number_is_refused(bad: float) -> None:
    values = np.ones((2, 32))
    values[1, 3] = bad
    with pytest.raises(ValueError, match="no finite number"):
        worths(values)
    without = np.ones((16, 2, 32))
    without[4, 0, 1] = bad
    with pytest.raises(ValueError, match="no finite number"):
        worths(np.ones((2, 32)), without)


# Errors


def test_errors_of_a_mean_are_those_of_its_replications() -> None:
    generator = np.random.default_rng(3)
    means, scramblings = generator.normal(size=16), generator.normal(size=16)
    values = np.tile(means, 4)[np.newaxis]
    # Scrambling s adds its own number to the mean of all; without it that is gone.
    shift = (scramblings.sum() - scramblings) / 15 - scramblings.mean()
    found = worths(values, values[np.newaxis] + shift[:, np.newaxis, np.newaxis]).mean(0)
    both = means.var(ddof=1) / 16 + scramblings.var(ddof=1) / 16
    assert found.standard_error == pytest.approx(sqrt(both), rel=1e-6)
    assert found.high == pytest.approx(found.value + T15 * sqrt(both), rel=1e-6)
    assert found.low == pytest.approx(found.value - T15 * sqrt(both), rel=1e-6)


def test_a_regret_is_kept_from_falling_below_nothing() -> None:
    values = np.zeros((2, 32))
    values[1, 0] = 1.0
    found = worths(values)
    assert found.mean_regret(1).value == 0
    assert found.mean_regret(0).low == 0
    assert found.worth_of_certainty().low == 0
    assert found.gain(1).low is not None
    assert found.gain(1).low < 0 < found.gain(1).value


def test_a_share_is_granted_a_draw_and_all_or_nothing_what_so_many_draws_tell() -> None:
    half = np.zeros((2, 64))
    half[1] = np.repeat([1.0, 1.0, -1.0, -1.0], 16)  # two of four draws in each replication
    one = worths(half).share_best(1)
    assert one.value == 0.5
    # All agree: one of them is taken to have met or missed a draw and a half, of four.
    assert one.high == pytest.approx(0.5 + T15 * (1.5 / 4) / sqrt(15 * 16), rel=1e-6)
    other = np.concatenate([np.tile([1.0] * 8 + [-1.0] * 8, 2), np.repeat([1.0, -1.0], 16)])
    one = worths(np.stack([np.zeros(64), other])).share_best(1)
    # Three draws of four in eight of them, one in the others: spread by a quarter, and a draw is granted.
    assert one.high == pytest.approx(0.5 + T15 * sqrt((16 * 0.25**2 + 0.25**2) / (15 * 16)), rel=1e-6)
    every = worths(np.stack([np.zeros(64), np.ones(64)])).share_best(1)
    assert (every.value, every.high) == (1, 1)
    assert every.low == pytest.approx(0.025 ** (1 / 64), rel=1e-6)


def test_paths_that_decide_which_is_best_make_an_error() -> None:
    values = np.stack([np.zeros(64), np.linspace(-1, 2, 64)])
    without = np.stack([values] * 16)
    without[:, 1] += np.linspace(-0.8, 0.8, 16)[:, np.newaxis]
    sure, unsure = worths(values).share_best(1), worths(values, without).share_best(1)
    assert sure.value == unsure.value
    assert unsure.high is not None
    assert sure.high is not None
    assert unsure.high > sure.high + 0.05


def test_a_far_regret_has_the_errors_of_draws_and_of_paths() -> None:
    values = np.stack([np.zeros(320), np.linspace(0.0, 319.0, 320)])
    without = np.stack([values] * 16)
    without[:, 1] += np.linspace(-1, 1, 16)[:, np.newaxis]
    sure, unsure = worths(values).far_regret(0), worths(values, without).far_regret(0)
    assert sure.value == unsure.value == 303  # the 304th of 320
    # The interval is no narrower than that of paths alone: 15/16 of the squares of 16 even steps from -1 to 1.
    steps = np.linspace(-1, 1, 16)
    of_paths = T15 * sqrt(15 / 16 * float(np.square(steps).sum()))
    assert unsure.low is not None
    assert sure.low is not None
    assert 303 - unsure.low == pytest.approx(np.hypot(303 - sure.low, of_paths), rel=1e-3)


def test_an_interval_by_leaving_out() -> None:
    one = jackknifed(2.0, [2.0] * 15 + [3.6], [2.0] * 16)
    # The sixteen differ from their mean by 0.1, fifteen times, and 1.5.
    assert one.standard_error == pytest.approx(sqrt(15 / 16 * (15 * 0.01 + 2.25)))
    assert jackknifed(2.0, [2.0] * 16, [2.0] * 15 + [3.6]).standard_error == one.standard_error
    assert jackknifed(1.0, [1.0] * 15 + [9.0], [1.0] * 16, least=0.0).low == 0
    assert jackknifed(1.0, [1.0] * 15 + [9.0], [1.0] * 16, least=-inf).low < 0


def test_each_replication_is_left_out_in_turn() -> None:
    left = regrets.without_each(64)
    assert len(left) == 16
    for r, rows in enumerate(left):
        assert sorted({*range(64)} - {*rows.tolist()}) == [r, r + 16, r + 32, r + 48]
