"""What chance and what doubt make of the loss's variance: by hand, by brute force, against known answers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.estimates.parts_of_variance import PartsOfVariance
from tests.estimates.doubted import grown, one_date

T15 = 2.131449546


def by_brute_force(losses: np.ndarray, draws: np.ndarray, scramblings: np.ndarray) -> tuple[float, float]:
    """Chance and doubt of some draws and scramblings, pair by pair."""
    kept = [(s, losses[draws][:, np.arange(losses.shape[1]) % 16 == s]) for s in scramblings]
    means = np.array([table.mean(axis=1) for _, table in kept])
    pairs = [(s, t) for s in range(len(kept)) for t in range(len(kept)) if s != t]
    doubt = np.mean([np.cov(means[s], means[t])[0, 1] for s, t in pairs])
    squares = np.mean([(table**2).mean() for _, table in kept])
    return float(squares - np.mean([(means[s] * means[t]).mean() for s, t in pairs])), float(doubt)


def test_what_adds_up_by_hand() -> None:
    # Draw k adds 2 k and path i adds i, one in each scrambling: the variances of 0 to 15 are 16 * 17 / 12.
    found = PartsOfVariance.of(2 * np.arange(16.0)[:, np.newaxis] + np.arange(16.0))
    assert found.doubt.value == pytest.approx(4 * 68 / 3)
    assert found.chance.value == pytest.approx(68 / 3)
    assert found.share is not None
    assert found.share.value == pytest.approx(0.8)
    # In a unit a thousand times as large too.
    small = PartsOfVariance.of(0.002 * np.arange(16.0)[:, np.newaxis] + 0.001 * np.arange(16.0))
    assert small.share is not None
    assert small.share.value == pytest.approx(0.8)


def test_chance_within_a_scrambling_and_errors_by_leaving_out() -> None:
    losses = np.random.default_rng(1).gamma(2.0, size=(32, 48)) * np.linspace(1, 3, 32)[:, np.newaxis]
    every, scramblings = np.arange(32), np.arange(16)
    chance, doubt = by_brute_force(losses, every, scramblings)
    found = PartsOfVariance.of(losses)
    assert (found.chance.value, found.doubt.value) == pytest.approx((chance, doubt))
    ways = [
        [by_brute_force(losses, every[every % 16 != r], scramblings) for r in range(16)],
        [by_brute_force(losses, every, scramblings[scramblings != s]) for s in range(16)],
    ]
    for k, one in enumerate((found.chance, found.doubt)):
        spread = sum(15 / 16 * sum((w[k] - np.mean([v[k] for v in way])) ** 2 for w in way) for way in ways)
        assert one.standard_error == pytest.approx(math.sqrt(spread))
        assert one.high == pytest.approx(one.value + T15 * math.sqrt(spread))
    shares = [[w[1] / sum(w) for w in way] for way in ways]
    spread = sum(15 / 16 * sum((w - np.mean(way)) ** 2 for w in way) for way in shares)
    assert found.share is not None
    assert found.share.standard_error == pytest.approx(math.sqrt(spread))


def test_nothing_is_below_nothing_nor_a_share_above_one() -> None:
    # Doubt that does nothing comes out on either side of 0: told is 0, and an interval from 0 on.
    paths = np.random.default_rng(3).normal(size=(16, 64))
    parts = [PartsOfVariance.of(np.tile(row, (16, 1))) for row in paths]
    assert all(part.doubt.value == 0 for part in parts)
    noise = [PartsOfVariance.of(np.random.default_rng(seed).normal(size=(16, 16))) for seed in range(8)]
    assert any(part.doubt.value == 0 for part in noise)
    assert all((part.doubt.low or 0) >= 0 for part in noise)
    sure = PartsOfVariance.of(np.arange(16.0)[:, np.newaxis] * np.ones(32))
    assert sure.share is not None
    assert (sure.chance.value, sure.share.value, sure.share.high) == (0, 1, 1)
    assert PartsOfVariance.of(np.zeros((16, 16))).share is None
    # Chance plays a part in one draw alone, so that all is doubt without it: the interval would reach beyond 1.
    losses = np.arange(16.0)[:, np.newaxis] * np.ones(16)
    losses[7] += np.where(np.arange(16) % 2, 3.0, -3.0)
    nearly = PartsOfVariance.of(losses)
    assert nearly.share is not None
    assert nearly.share.standard_error is not None
    assert nearly.share.value + T15 * nearly.share.standard_error > 1
    assert nearly.share.high == 1


def test_one_replication_of_draws_that_differs_alone() -> None:
    # Without it nothing varies, and the share of nothing counts as none. Seen of 16 draws: variance 100 / 16, of which
    # 15 of 16 jackknifed values are about as much, and one is 0.
    losses = np.zeros((16, 16))
    losses[3] = 10
    found = PartsOfVariance.of(losses)
    assert found.doubt.value == pytest.approx(100 / 16)
    assert found.share is not None
    assert found.share.value == 1
    spread = 15 / 16 * (15 * (1 - 15 / 16) ** 2 + (15 / 16) ** 2)
    assert found.share.standard_error == pytest.approx(math.sqrt(spread))


def test_large_losses_keep_their_digits() -> None:
    losses = np.random.default_rng(2).normal(size=(32, 32))
    small, large = PartsOfVariance.of(losses), PartsOfVariance.of(losses + 1e9)
    assert large.chance.value == pytest.approx(small.chance.value, rel=1e-5)
    assert large.doubt.value == pytest.approx(small.doubt.value, rel=1e-4, abs=1e-6)


def test_known_answers() -> None:
    # The variance over p of 60 p is 3600 / 1200; the mean over p of 3600 p (1 - p) is 3600 (0.07 - 0.07² - 1 / 1200).
    found = PartsOfVariance.of(one_date(1024, 1024, 1))
    assert found.doubt.value == pytest.approx(3, rel=0.03)
    assert found.chance.value == pytest.approx(231.36, rel=0.03)
    # ln L is normal with variance 0.18 of chance and 0.04 of doubt.
    mean = 14.4**2 * math.exp(0.04)
    doubt, both = mean * (math.exp(0.04) - 1), mean * (math.exp(0.22) - 1)
    assert (doubt, both - doubt) == pytest.approx((8.8079, 44.301), rel=1e-4)
    for seed in range(3):
        found = PartsOfVariance.of(grown(1024, 1024, seed))
        assert found.doubt.value == pytest.approx(doubt, rel=0.1)
        assert found.chance.value == pytest.approx(both - doubt, rel=0.1)
        assert found.doubt.low is not None
        assert found.doubt.high is not None
        assert found.doubt.high - found.doubt.low < 0.5 * doubt
