"""Errors from independent replications, such as scramblings, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sim.estimates import replications


def test_order_statistics_and_their_interval_by_hand() -> None:
    # Path i belongs to replication i % 4 and loses i, 0 to 15. The quantile at 50 % is the 8th value, 7.
    (tail,) = replications.tails(np.arange(16.0), [0.5], 4)
    assert tail.revenue_at_risk == 7
    # Of each replication two of four values are at most 7. They agree, so one is granted 1.5 paths of its 4: the
    # standard error is 0.375 / sqrt(3 * 4) = 0.10825, Student's quantile of 3 degrees of freedom 3.1824, so the level
    # and 0.3445 is 0.8445; 16 * 0.8445 = 13.5, and the 14th value is 13.
    assert tail.high == 13
    # Below 7 are two of four, and of the last replication one: shares 0.5, 0.5, 0.5, 0.25; three agree, so that
    # the 0.25 by which the other lies off is granted. Squares 0.046875 + 0.0625, standard error sqrt(0.109375 / 12) =
    # 0.09547; the level less 0.3038 is 0.1962; 16 * 0.1962 = 3.1, and the 4th value is 3.
    assert tail.low == 3
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
