"""What knowing a number is worth, in tables of worth of which that is known by formula."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from scipy.interpolate import CubicSpline
from scipy.special import ndtri

from sim.estimates.regrets import Worths
from sim.estimates.worth_of_knowing import KNOTS, Knowing, basis, floor, partial
from tests.estimates.doubted import uniforms
from tests.estimates.test_regrets import covers, worths


def knowing(gains: list[np.ndarray], points: list[np.ndarray]) -> Knowing:
    """What knowing is worth, of what choices are worth more than one that is worth nothing."""
    table = np.stack([np.zeros(len(gains[0])), *gains])
    return Knowing.of(worths(table), ndtri(np.stack(points, axis=1)))


def test_the_one_number_in_doubt_is_worth_what_all_are() -> None:
    u = uniforms(1024, 5)
    found = knowing([51 * (0.2 + 0.6 * u) - 20.4], [u])
    covers(found.everything, 1.7, 0.05)
    covers(found.each[0], 1.7, 0.05)
    assert found.each[0].value <= found.everything.value


def test_two_numbers_by_formula() -> None:
    # The gain is x + y with x uniform from -2 to 2, y from -1 to 1, independent: each is worth E[max(0, its own)].
    x, y = 4 * uniforms(1024, 1) - 2, 2 * uniforms(1024, 2) - 1
    found = knowing([x + y], [(x + 2) / 4, (y + 1) / 2])
    assert found.each[0].value == pytest.approx(0.5, abs=0.03)
    assert found.each[1].value == pytest.approx(0.25, abs=0.05)
    # Of both: the sum has mean 0 and E|x + y| / 2; E|x + y| is (1 + 13/12) / 2 = 13/12.
    assert found.everything.value == pytest.approx(13 / 24, abs=0.03)


def test_three_choices_by_formula() -> None:
    # One gains x, the other loses it: whoever knows x, uniform from -1 to 1, gains |x|, 0.5 on average.
    x, idle = 2 * uniforms(1024, 3) - 1, uniforms(1024, 4)
    found = knowing([x, -x], [(x + 1) / 2, idle])
    assert found.everything.value == pytest.approx(0.5, abs=0.005)
    assert found.each[0].value == pytest.approx(0.5, abs=0.005)
    assert found.each[1].value < found.floor.value < 0.06


def test_a_gain_that_is_no_line_is_fitted() -> None:
    # Gain cos(2 pi u): positive in the outer quarters; E[max(0, gain)] = 1 / pi.
    u = uniforms(1024, 6)
    found = knowing([np.cos(2 * np.pi * u)], [u])
    assert found.each[0].value == pytest.approx(1 / np.pi, abs=0.015)


def test_the_splines_are_natural_cubic_ones() -> None:
    x = (np.arange(600) + 0.5) / 600
    columns = basis(600)
    np.testing.assert_allclose(columns.T @ columns, np.eye(7), atol=1e-12)
    for k in range(7):  # each spline that is 1 at one knot and 0 at the others
        y = CubicSpline(KNOTS, np.eye(7)[k], bc_type="natural")(x)
        np.testing.assert_allclose(columns @ (columns.T @ y), y, atol=1e-9)
    bent = CubicSpline(KNOTS, np.eye(7)[0], bc_type="clamped")(x)  # bent at its ends
    assert np.abs(columns @ (columns.T @ bent) - bent).max() > 0.01


def test_knowing_one_is_worth_no_more_than_knowing_all() -> None:
    # The best of each draw is the second choice; a spline through noise would read more.
    generator = np.random.default_rng(2)
    for _ in range(20):
        gains = generator.normal(size=64)
        table = np.stack([np.zeros(64), gains])
        assert partial(table, basis(64)) <= np.maximum(gains, 0).mean() - max(0, gains.mean()) + 1e-12
    table = np.stack([np.zeros(64), np.full(64, 0.5)])
    assert partial(table, basis(64)) == 0


def test_ranks_decide_not_scores() -> None:
    u = uniforms(256, 9)
    table = worths(np.stack([np.zeros(256), u - 0.4]))
    one = Knowing.of(table, ndtri(u)[:, np.newaxis])
    other = Knowing.of(table, np.exp(ndtri(u))[:, np.newaxis])
    assert one.each[0] == other.each[0]


def test_idle_numbers_stay_below_the_floor_together() -> None:
    # Near a tie of two choices, where what tells nothing reads most; twelve idle numbers each time.
    above, tried = 0, 40
    for seed in range(tried):
        gains = 10 * np.random.default_rng(seed).normal(size=256)
        table = np.stack([np.zeros(256), gains - gains.mean() + 0.1])
        read = floor(table, 12)
        order = [np.argsort(uniforms(256, 1000 * seed + j + 1)) for j in range(12)]
        above += max(partial(table[:, one], basis(256)) for one in order) > read.value
    # 5 % of 40 are 2; that more than 7 are above has a chance of less than 0.1 %.
    assert above <= 7


def test_the_floor_rises_with_the_number_of_doubts() -> None:
    table = np.stack([np.zeros(256), np.random.default_rng(1).normal(size=256)])
    reads = [floor(table, doubts) for doubts in (1, 5, 25)]
    assert [one.value for one in reads] == sorted(one.value for one in reads)
    assert reads[0].value < reads[2].value
    assert all(one.low is not None and one.high is not None and one.low <= one.value <= one.high for one in reads)
    assert floor(table, 5) == reads[1]  # the same each time


def test_errors_of_draws_and_of_paths() -> None:
    u = uniforms(256, 7)
    values = np.stack([np.zeros(256), u - 0.3])
    without = np.stack([values] * 16)
    sure = Knowing.of(worths(values), ndtri(u)[:, np.newaxis])
    without[:, 1] += np.linspace(-0.1, 0.1, 16)[:, np.newaxis]
    unsure = Knowing.of(worths(values, without), ndtri(u)[:, np.newaxis])
    # With the gain g + d it is E[max(0, g + d)] - max(0, E g + d): its slope in d is -P(gain < 0) = -0.3, all but.
    steps = np.linspace(-0.1, 0.1, 16)
    of_paths = sqrt(15 / 16 * float(np.square(0.3 * steps).sum()))
    for one, other in ((sure.everything, unsure.everything), (sure.each[0], unsure.each[0])):
        assert one.value == other.value
        assert one.standard_error is not None
        assert other.standard_error == pytest.approx(np.hypot(one.standard_error, of_paths), rel=0.05)


def test_worths_of_one_choice_alone_make_no_difference_to_what_the_rest_share() -> None:
    # What all choices have in common, however large, is nothing that knowing changes.
    u, common = uniforms(256, 8), 1000 * uniforms(256, 9)
    gain = np.stack([np.zeros(256), u - 0.4])
    plain, shifted = (
        Knowing.of(Worths.told_apart(one, np.stack([one] * 16), one, one), ndtri(u)[:, np.newaxis])
        for one in (gain, gain + common)
    )
    assert shifted.each[0].value == pytest.approx(plain.each[0].value, abs=1e-6)
