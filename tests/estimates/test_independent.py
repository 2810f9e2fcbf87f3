"""Measures of independent paths with their errors: by hand, by exact sums, and by coverage."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from sim.estimates.independent import (
    HONEST_TAIL,
    LEAST_TAIL,
    Moments,
    Tail,
    exceedance,
    quantile_interval_ranks,
    quantile_rank,
    share_interval,
    tails,
    thin_tail,
)


def _tail(values: Any, level: float) -> Tail:
    (tail,) = tails(np.asarray(values, dtype=float), [level])
    return tail


# Fixed vectors


@pytest.mark.parametrize(
    ("values", "level", "at_risk", "shortfall"),
    [
        # The 95th of 100 is 0; the worst 5 % are the five 24s.
        ([0] * 95 + [24] * 5, 0.95, 0, 24),
        # The worst 5 % are three 24s and two of the zeros: 3 · 24 / 5.
        ([0] * 97 + [24] * 3, 0.95, 0, 14.4),
        # Rank 950; the mean of 951 to 1000.
        (range(1, 1001), 0.95, 950, 975.5),
        # 94 zeros: the 95th is 24, so all of the worst 5 % are.
        ([0] * 94 + [24] * 6, 0.95, 24, 24),
        # Rank ⌈5 · 0.5⌉ = 3; the worst half is 2.5 values: half of the 3, the 4 and the 5: (1.5 + 4 + 5) / 2.5.
        ([5, 1, 4, 2, 3], 0.5, 3, 4.2),
        # Rank ⌈10 · 0.99⌉ = 10: the worst hundredth is a tenth of the largest value.
        (range(10), 0.99, 9, 9),
        # Gains are negative losses: rank 1; the worst 3.6 of 4 values are 0.6 of the -4, and -3, -2, -1.
        ([-1, -2, -3, -4], 0.1, -4, (0.6 * -4 - 3 - 2 - 1) / 3.6),
        ([7], 0.95, 7, 7),
    ],
)
def test_tail_by_hand(values: Any, level: float, at_risk: float, shortfall: float) -> None:
    tail = _tail(values, level)
    assert tail.revenue_at_risk == at_risk
    assert tail.expected_shortfall == pytest.approx(shortfall, rel=1e-13)


def test_several_levels_at_once_are_each_as_alone() -> None:
    values = np.random.default_rng(1).lognormal(size=5000)
    levels = [0.99, 0.5, 0.95]
    for found, level in zip(tails(values, levels), levels, strict=True):
        alone = _tail(values, level)
        assert (found.level, found.paths) == (level, alone.paths)
        assert (found.revenue_at_risk, found.low, found.high) == (alone.revenue_at_risk, alone.low, alone.high)
        # Sums over the tail may run in another order.
        assert found.expected_shortfall == pytest.approx(alone.expected_shortfall, rel=1e-14)
        assert (found.standard_error or 0) == pytest.approx(alone.standard_error or 0, rel=1e-12)


def test_the_order_of_paths_does_not_matter() -> None:
    values = np.arange(1000.0)
    shuffled = np.random.default_rng(2).permutation(values)
    assert tails(shuffled, [0.95]) == tails(values, [0.95])
    assert not np.array_equal(shuffled, values)


def test_values_are_left_as_they_were() -> None:
    values = np.array([3.0, 1.0, 2.0])
    tails(values, [0.5])
    assert values.tolist() == [3, 1, 2]


# Ranks


@pytest.mark.parametrize(
    ("count", "level", "rank"),
    [
        (1000, 0.95, 950),
        (1001, 0.95, 951),  # 950.95
        (100, 0.99, 99),
        (1000, 0.999, 999),
        (10**7, 0.999, 9_990_000),
        (100, 0.07, 7),  # in binary numbers 100 · 0.07 is 7.000000000000001, whose ceiling would be 8
        (100_000, 0.55, 55_000),  # … and 100,000 · 0.55 is 55000.00000000001
        (100_000, 0.28, 28_000),
        (10, 0.1 + 0.2, 4),  # the sum prints as 0.30000000000000004, and means it
        (10, 0.3, 3),
        (20, 0.95, 19),
        (1, 0.95, 1),
        (1, 0.01, 1),
        (10, 1e-9, 1),
    ],
)
def test_rank_of_a_quantile(count: int, level: float, rank: int) -> None:
    assert quantile_rank(count, level) == rank
    # Reference: the smallest value whose cumulative weight reaches the level, on whole numbers.
    decimal = Fraction(repr(level))
    assert next(k for k in range(max(1, rank - 2), rank + 1) if Fraction(k, count) >= decimal) == rank


def test_a_level_taken_as_a_binary_number_would_be_wrong() -> None:
    """The negative control of the test above."""
    assert math.ceil(100 * 0.07) == 8
    assert math.ceil(100_000 * 0.55) == 55_001


def _at_most(k: int, count: int, level: Fraction) -> Fraction:
    """P(Bin(count, level) <= k), exactly."""
    return sum((math.comb(count, j) * level**j * (1 - level) ** (count - j) for j in range(k + 1)), start=Fraction(0))


OUTSIDE = Fraction(25, 1000)


@pytest.mark.parametrize("level", [0.05, 0.5, 0.75, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("count", [2, 5, 10, 59, 72, 73, 100, 150])
def test_interval_of_a_quantile_by_exact_binomial_sums(count: int, level: float) -> None:
    """The ranks next to the quantile whose value lies on its wrong side with a chance of 2.5 % at most."""
    decimal = Fraction(repr(level))
    low, high = quantile_interval_ranks(count, level)
    below = [rank for rank in range(1, count) if _at_most(rank - 1, count, decimal) <= OUTSIDE]
    above = [rank for rank in range(1, count + 1) if 1 - _at_most(rank - 1, count, decimal) <= OUTSIDE]
    assert low == (max(below) if below else None)
    assert high == (min(above) if above else None)


def test_interval_of_a_quantile_needs_enough_paths() -> None:
    # Above the largest of n lies the 0.95 quantile with probability 0.95ⁿ: 0.0249 at n = 72, 0.0262 at 71.
    assert quantile_interval_ranks(71, 0.95)[1] is None
    assert quantile_interval_ranks(72, 0.95)[1] == 72
    assert quantile_interval_ranks(1, 0.95) == (None, None)


def test_one_path_and_few_paths() -> None:
    one = _tail([7], 0.95)
    assert (one.low, one.high, one.standard_error, one.paths, one.approximate) == (None, None, None, 0, True)
    few = _tail(np.arange(40), 0.95)
    assert few.low is not None
    assert few.low < few.revenue_at_risk == 37
    assert few.high is None
    assert few.standard_error is None
    assert few.paths == 2


def test_interval_of_revenue_at_risk_is_of_the_values() -> None:
    values = np.random.default_rng(3).permutation(np.arange(1.0, 1001.0))
    low, high = quantile_interval_ranks(1000, 0.95)
    tail = _tail(values, 0.95)
    assert (tail.low, tail.high) == (low, high)
    # np ± 1.96 √(np(1−p)) = 950 ± 13.5
    assert low == pytest.approx(950 - 13.5, abs=2)
    assert high == pytest.approx(950 + 13.5, abs=2)


# Standard error of the expected shortfall


def test_standard_error_of_a_shortfall_by_hand() -> None:
    # 2000 values at 0.9: rank 1800, a zero. Above it 100 of 1 and 100 of 3; over 1 − level that is 10 and 30:
    # mean (1000 + 3000)/2000 = 2; mean of squares (100·100 + 100·900)/2000 = 50; √((50 − 4)/2000).
    values = [0] * 1800 + [1] * 100 + [3] * 100
    tail = _tail(values, 0.9)
    assert tail.expected_shortfall == pytest.approx(2)
    assert tail.standard_error == pytest.approx(math.sqrt(46 / 2000))
    assert tail.paths == 200
    assert tail.approximate


@pytest.mark.parametrize(
    ("count", "given", "honest"),
    [(20 * LEAST_TAIL - 1, False, False), (20 * LEAST_TAIL, True, False), (20 * HONEST_TAIL, True, True)],
)
def test_thin_tails_are_owned_up_to(count: int, given: bool, honest: bool) -> None:
    tail = _tail(np.arange(count), 0.95)
    assert (tail.standard_error is not None, not tail.approximate) == (given, honest)


def test_a_shortfall_without_spread_has_no_error() -> None:
    assert _tail([3.0] * 10_000, 0.95).standard_error == 0


def test_standard_error_of_a_shortfall_by_brute_force() -> None:
    """Spread of the estimate over 400 samples of 20,000 exponentials against the mean of the errors that they give.

    The spread of 400 has a relative standard error of 1/√800 = 3.5 %; 4.5 of them, 16 %, fail with a chance of 6.8e-6.
    Theory: Var[(L − q)⁺]/(1−α)² = (2/(1−α)) − 1 for the unit exponential, so se = √(39/20000) = 0.0442 at 0.95.
    """
    generator = np.random.default_rng(20240801)
    found = [_tail(generator.exponential(size=20_000), 0.95) for _ in range(400)]
    spread = float(np.std([tail.expected_shortfall for tail in found], ddof=1))
    errors = [tail.standard_error for tail in found if tail.standard_error is not None]
    assert np.mean(errors) == pytest.approx(math.sqrt(39 / 20_000), rel=0.02)
    assert spread == pytest.approx(np.mean(errors), rel=0.16)
    # Expected shortfall 1 + ln 20, estimated with a bias far below its error.
    estimates = np.mean([tail.expected_shortfall for tail in found])
    assert abs(estimates - 1 - math.log(20)) < 4.5 * math.sqrt(39 / 20_000 / 400)


# Coverage


def _missed_too_often(missed: int, samples: int, chance: float) -> bool:
    """Whether so many misses have a chance below 1e-6 where each has at most the given chance."""
    from scipy.stats import binom

    return bool(binom.sf(missed - 1, samples, chance) < 1e-6)


@pytest.mark.parametrize("law", ["exponential", "atoms", "mostly zero"])
def test_intervals_cover_the_revenue_at_risk(law: str) -> None:
    """The 95 % interval misses in at most 5 % of 1,000 samples of 1,000, beyond chance (false alarm 1e-6)."""
    generator = np.random.default_rng(5)
    missed = 0
    for _ in range(1000):
        if law == "exponential":
            values, true = generator.exponential(size=1000), math.log(20)
        elif law == "atoms":
            # P(L <= 9) = 0.95 to the last digit: with atoms the quantile is the hardest to bound there.
            values, true = np.minimum(generator.integers(0, 200, size=1000) // 19, 10).astype(float), 9.0
        else:
            values, true = np.where(generator.random(1000) < 0.93, 0.0, 1.0 + generator.random(1000)), 1 + 2 / 7
        tail = _tail(values, 0.95)
        assert tail.low is not None
        assert tail.high is not None
        missed += not tail.low <= true <= tail.high
    assert not _missed_too_often(missed, 1000, 0.05)
    if law != "atoms":
        # And no wider than need be: a continuous law's misses are near 5 %.
        assert missed >= 20


def test_a_narrower_interval_would_be_noticed() -> None:
    """The negative control: an interval of half the width misses about 33 % of the time."""
    assert _missed_too_often(330, 1000, 0.05)
    assert not _missed_too_often(70, 1000, 0.05)


def test_errors_of_the_shortfall_cover() -> None:
    """±1.96 standard errors miss in 2.8 to 7.5 % of 1,500 samples with 1,000 paths in the tail.

    The share of misses has a standard error of 0.56 %: a coverage of 95 % fails with a chance below 1e-4, one of 90 %
    passes with one below 1e-3.
    """
    generator = np.random.default_rng(6)
    missed = 0
    for _ in range(1500):
        tail = _tail(generator.exponential(size=10_000), 0.9)
        assert tail.standard_error is not None
        missed += abs(tail.expected_shortfall - 1 - math.log(10)) > 1.959964 * tail.standard_error
    assert 0.028 < missed / 1500 < 0.075


# Shares


@pytest.mark.parametrize(("hits", "count"), [(1, 10), (5, 10), (9, 10), (3, 250), (747, 1000)])
def test_share_interval_by_its_defining_equations(hits: int, count: int) -> None:
    """Clopper and Pearson: ``hits`` or more have a chance of 2.5 % at the lower end, ``hits`` or fewer at the upper."""
    low, high = share_interval(hits, count)
    assert low < hits / count < high

    def chance(k: int, p: float) -> float:
        logarithm = math.lgamma(count + 1) - math.lgamma(k + 1) - math.lgamma(count - k + 1)
        return math.exp(logarithm + k * math.log(p) + (count - k) * math.log1p(-p))

    assert math.fsum(chance(k, low) for k in range(hits, count + 1)) == pytest.approx(0.025, rel=1e-9)
    assert math.fsum(chance(k, high) for k in range(hits + 1)) == pytest.approx(0.025, rel=1e-9)


@pytest.mark.parametrize("count", [1, 10, 1000, 10**7])
def test_nothing_and_everything_still_have_an_interval(count: int) -> None:
    # (1 − p)ⁿ = 0.025 at the upper end, which is about 3.69/n for many paths: never "0 ± 0".
    low, high = share_interval(0, count)
    assert low == 0
    assert high == pytest.approx(-math.expm1(math.log(0.025) / count), rel=1e-9)
    if count >= 1000:
        assert high * count == pytest.approx(3.7, abs=0.02)
    assert share_interval(count, count) == pytest.approx((1 - high, 1))


def test_exceedance_by_hand() -> None:
    values = np.array([0.0, 0.0, 1.0, 2.0, 2.0, 5.0, 5.0, 5.0])
    found = exceedance(values, np.array([-1.0, 0.0, 0.5, 1.0, 2.0, 4.9, 5.0, 9.0]))
    assert found.tolist() == [1, 6 / 8, 6 / 8, 5 / 8, 3 / 8, 3 / 8, 0, 0]


# Few values


def test_thin_tails_are_named() -> None:
    # Rank 950 of 1,000 at 95 % leaves 50, 990 leaves 10; of 100,000 at 95 % there are 5,000.
    assert thin_tail(1_000, [0.95, 0.99]) == (
        "Errors are approximate where fewer than 1,000 paths are in the tail: 50 beyond 95 %, 10 beyond 99 %."
    )
    assert thin_tail(100_000, [0.95, 0.99]) is None


def test_the_smallest_of_few_values_may_bound_a_low_quantile_from_above() -> None:
    # With chance 0.99² = 0.9801 > 0.975 neither of two values is below the quantile at 0.01; none bounds it from below.
    assert quantile_interval_ranks(2, 0.01) == (None, 1)
    # At 0.02 it is 0.9604, and it takes the larger one: both are below with chance 0.0004 < 0.025.
    assert quantile_interval_ranks(2, 0.02) == (None, 2)


def test_a_thousand_paths_in_the_tail_are_enough() -> None:
    for paths, tail in ((10_000, 1000), (9_990, 999)):
        (found,) = tails(np.arange(paths, dtype=float), [0.9])
        assert (found.paths, found.approximate) == (tail, tail < 1000)


# Moments


def test_two_values_have_a_standard_error() -> None:
    # Deviations of −1 and 1: √(2/1/2).
    assert Moments.of(np.array([1.0, 3.0])).standard_error == 1


@pytest.mark.parametrize("law", ["normal", "large offset", "wide", "constant", "zeros"])
def test_moments_against_numpy(law: str) -> None:
    generator = np.random.default_rng(1)
    values = {
        "normal": generator.normal(size=5000),
        "large offset": 1e9 + generator.normal(size=5000),
        "wide": generator.lognormal(sigma=3, size=5000),
        "constant": np.full(5000, 0.1),
        "zeros": np.zeros(5000),
    }[law]
    whole = Moments.of(values)
    parts = Moments.merged(Moments.of(part) for part in np.split(values, [1, 700, 701, 3000]))
    error = values.std(ddof=1) / np.sqrt(5000)
    if law == "wide":  # a handful of values decide it, and one more is granted
        off = values - values.mean()
        worth = (off**3).sum() / (off**2).sum()
        assert (off**2).sum() / worth**2 < 20
        error *= np.sqrt(1 + (worth**2 + 4 * values.var()) / (off**2).sum())
    for found in (whole, parts):
        assert found.count == 5000
        assert found.mean == pytest.approx(values.mean(), rel=1e-14)
        assert found.standard_error == pytest.approx(error, rel=1e-6, abs=1e-15)
        assert found.cubes == pytest.approx(((values - values.mean()) ** 3).sum(), rel=1e-5, abs=2e-4 * len(values))


@pytest.mark.parametrize("met", [1, 5, 50, 2000])
def test_what_is_seldom_met_is_worth_itself_and_one_more_path_is_granted(met: int) -> None:
    # 4,000 paths of which a few lose 7: sample variance 49 m (4000 - m) / 4000 / 3999.
    found = Moments.of(np.repeat([0.0, 7.0], [4000 - met, met]))
    assert found.worth == pytest.approx(7)
    # Deciding paths are met (1 - met / 4000): below 100, and a tenth of all, one more is granted.
    squares = 49 * met * (4000 - met) / 4000 + (49 if met < 100 else 0)
    assert found.standard_error == pytest.approx((squares / 3999 / 4000) ** 0.5)


def test_moments_by_hand() -> None:
    # 1, 2, 6: mean 3, squares 4 + 1 + 9 = 14, sample variance 7, standard error √(7/3).
    found = Moments.merged([Moments.of(np.array([1.0])), Moments.of(np.array([2.0, 6.0]))])
    assert (found.count, found.mean, found.squares) == (3, 3.0, 14.0)
    assert found.standard_error == pytest.approx((7 / 3) ** 0.5)
    assert Moments.of(np.array([5.0])).standard_error is None
