"""Bands over doubt, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.estimates.bands import LEAST_BEYOND, OfDraws, beyond, ends_of, too_few
from sim.estimates.estimate import Estimate

# Draw k is of replication k % 16 and measures k, 0 to 31; its interval reaches 4 down and 3 up.
LADDER = OfDraws(np.arange(32.0), np.arange(32.0) - 4, np.arange(32.0) + 3)


def test_a_quantile_and_its_ends_by_hand() -> None:
    found = LADDER.quantile(0.5)
    # The 16th value of 32.
    assert found.value == 15
    # Of draws: below 15 lies one of two in fifteen replications and none in the last; since most agree the half by
    # which it lies off is granted: squares 15 (1/32)² + (15/32)² + 1/4 = 0.484375, standard error sqrt(0.484375 / 240)
    # = 0.04492, times 2.1314 is 0.09576; 32 (0.5 - 0.09576) = 12.9, and the 13th value is 12: 3 below. Of paths: the
    # 16th of the lower ends is 11: 4 below. Together 5.
    assert found.low == pytest.approx(10)
    # Up to 15 lies one of two in all: 1.5 draws of one are granted: 0.75 / sqrt(240) = 0.04841, times 2.1314 is 0.1032;
    # 32 * 0.6032 = 19.3, and the 20th value is 19: 4 above. The 16th of the upper ends is 18: 3 above. Together 5.
    assert found.high == pytest.approx(20)


def test_an_end_that_is_not_known_is_none() -> None:
    unknown = OfDraws(LADDER.values, np.full(32, -math.inf), LADDER.high)
    found = unknown.quantile(0.5)
    assert found.low is None
    assert found.high == pytest.approx(20)
    # At 5 % of 32 draws the share below may as well be nothing: no draw bounds it from below.
    assert LADDER.quantile(0.05).low is None


def test_only_the_ends_at_the_rank_count() -> None:
    # A few draws that know nothing of their upper end do not matter to a quantile far below them.
    high = LADDER.high.copy()
    high[-3:] = math.inf
    assert OfDraws(LADDER.values, LADDER.low, high).quantile(0.5).high == pytest.approx(20)


def test_a_band_has_five_quantiles_at_their_ranks() -> None:
    found = LADDER.band()
    # The 2nd, 8th, 16th, 24th and 31st of 0 to 31.
    assert {at: one.value for at, one in found.items()} == {0.05: 1, 0.25: 7, 0.5: 15, 0.75: 23, 0.95: 30}


def test_estimates_are_gathered_with_their_ends() -> None:
    found = OfDraws.gathered([Estimate(5.0, 2.0), Estimate(6.0, low=5.5, high=7.0), Estimate(7.0, low=None, high=9.0)])
    assert found.values.tolist() == [5, 6, 7]
    # Student's quantile of 15 degrees of freedom is 2.13145.
    assert found.low == pytest.approx([5 - 2 * 2.13145, 5.5, -math.inf], abs=1e-4)
    assert found.high == pytest.approx([5 + 2 * 2.13145, 7, 9], abs=1e-4)
    low, high = ends_of(Estimate(1.0))
    assert math.isnan(low)
    assert math.isnan(high)


@pytest.mark.parametrize(
    ("paths", "level", "there", "told"),
    [
        (400, 0.95, 20.0, True),  # exactly as many as are needed, whatever 1 - 0.95 is in binary
        (384, 0.95, 19.2, False),
        (1024, 0.95, 51.2, True),
        (1024, 0.99, 10.24, False),
        (2048, 0.99, 20.48, True),
    ],
)
def test_a_band_needs_paths_beyond_its_level(paths: int, level: float, there: float, told: bool) -> None:
    assert beyond(paths, level) == pytest.approx(there)
    assert (too_few(paths, level) is None) == told


def test_it_is_said_how_many_paths_a_band_would_need() -> None:
    said = too_few(1024, 0.99)
    assert said is not None
    assert f"{LEAST_BEYOND / 0.01:,.0f} paths" in said
    assert "10.2 of 1,024 paths lie beyond 99 %" in said
