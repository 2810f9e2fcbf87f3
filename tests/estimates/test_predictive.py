"""Measures of the mixture of all draws' distributions: by hand, and against known answers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.estimates.bands import OfDraws
from sim.estimates.estimate import Estimate
from sim.estimates.measures import CHANCE_OF_LOSS, EXPECTED_LOSS, EXPECTED_SHORTFALL, REVENUE_AT_RISK
from sim.estimates.predictive import AT_A_TIME, Means, Mixture
from tests.estimates.doubted import grown, one_date

T15 = 2.131449546


def mixture(losses: np.ndarray) -> Mixture:
    """The mixture of draws whose losses are these."""
    means = {
        name: Means(values.mean(axis=1), values.mean(axis=0))
        for name, values in ((EXPECTED_LOSS.name, losses), (CHANCE_OF_LOSS.name, losses > 0))
    }
    own = {(name, None): OfDraws(one.by_draw, one.by_draw - 1, one.by_draw + 2) for name, one in means.items()}
    return Mixture(losses, means, own)


def within(found: Estimate, truth: float, reach: float) -> bool:
    """Whether an interval holds the truth, and is no wider than a part of it on either side."""
    assert found.low is not None
    assert found.high is not None
    assert found.value == pytest.approx(truth, rel=reach)
    assert found.high - found.low < 4 * reach * truth
    return found.low <= truth <= found.high


def test_the_error_of_a_mean_has_a_part_of_draws_and_one_of_paths() -> None:
    # Draw k adds k, path i adds 3 i: of 16 replications of one each the standard deviations are sqrt(16 * 17 / 12) and
    # three times that, the standard errors a quarter of them.
    losses = np.arange(16.0)[:, np.newaxis] + 3 * np.arange(16.0)
    found = mixture(losses).of(EXPECTED_LOSS)
    assert found.value == pytest.approx(7.5 + 22.5)
    error = math.sqrt(16 * 17 / 12) / 4 * math.hypot(1, 3)
    assert found.standard_error == pytest.approx(error)
    assert found.low == pytest.approx(30 - T15 * error)


def test_a_share_is_granted_a_draw_and_a_path() -> None:
    # Of 32 draws each replication has one without a hit and one that hits with certainty: all agree on a half. What one
    # draw more adds is 1 of 2; where all agree 1.5 of them are granted. Paths do not differ, nor could they.
    hits = np.repeat([0.0, 1.0], 16)[:, np.newaxis] * np.ones(32)
    means = Means(hits.mean(axis=1), hits.mean(axis=0))
    assert means.standard_error() == pytest.approx(0.75 / math.sqrt(240))
    # In one replication both hit: 15 at a half and one at 1. More than half agree, so that a half is granted anyhow.
    uneven = hits.copy()
    uneven[0] = 1
    means = Means(uneven.mean(axis=1), uneven.mean(axis=0))
    squares = 15 * (1 / 32) ** 2 + (15 / 32) ** 2
    assert means.standard_error() == pytest.approx(math.sqrt((squares + 0.5**2) / 240))
    # Where replications do not agree, a share is granted one draw's worth beside their spread, and a mean is not.
    third = np.arange(32.0) % 16 % 3 / 2
    plain, share = (Means(third, np.full(32, 0.5)).standard_error(at_least=at) for at in (False, True))
    mean, squares = third.mean(), ((third - third.mean()) ** 2).sum()
    cubes = ((third - mean) ** 3).sum()
    worth = math.hypot(cubes / squares, 2 * math.sqrt(squares / 32))
    assert plain == pytest.approx(math.sqrt(squares / 2 / 240))
    assert share == pytest.approx(math.sqrt((squares / 2 + (worth / 2) ** 2) / 240))


def test_a_share_of_nothing_has_the_draws_own_ends() -> None:
    means = Means(np.zeros(16), np.zeros(16))
    found = means.share(OfDraws(np.zeros(16), np.zeros(16), np.linspace(0.1, 0.3, 16)))
    assert (found.value, found.low) == (0, 0)
    assert found.high == pytest.approx(0.2)


def test_a_mean_that_nothing_moves_has_the_draws_own_error() -> None:
    found = mixture(np.zeros((16, 16))).of(EXPECTED_LOSS)
    # The draws' own ends lie 1 below and 2 above: 1.5 to either side.
    assert (found.value, found.low, found.high) == (0, -1.5, 1.5)


def test_a_quantile_and_its_ends_by_hand() -> None:
    # 16 k + i, 0 to 255: draw after draw. At a half it is the 128th, 127, the last path of draw 7.
    found = mixture(16 * np.arange(16.0)[:, np.newaxis] + np.arange(16.0)).of(REVENUE_AT_RISK, 0.5)
    assert found.value == 127

    def reach(by_draw: np.ndarray, by_path: np.ndarray) -> float:
        parts = []
        for values in (by_draw, by_path):
            squares, cubes = (((values - values.mean()) ** power).sum() for power in (2, 3))
            worth = math.hypot(cubes / squares, 2 * math.sqrt(squares / 16)) if squares else 0.0
            common = np.sort(values)[8]
            most = np.abs(values - common).max() if (values == common).sum() > 8 else 0.0
            granted = 1.5 * worth if (values == common).all() else max(worth, most)
            parts.append((squares + granted**2) / 240)
        return T15 * math.sqrt(sum(parts))

    below = reach(np.array([1.0] * 7 + [15 / 16] + [0.0] * 8), np.array([0.5] * 15 + [7 / 16]))
    up_to = reach(np.array([1.0] * 8 + [0.0] * 8), np.full(16, 0.5))
    assert found.low == math.ceil(256 * (0.5 - below)) - 1
    assert found.high == math.ceil(256 * (0.5 + up_to)) - 1


def test_beyond_the_ends_of_all_losses_there_is_no_bound() -> None:
    found = mixture(16 * np.arange(16.0)[:, np.newaxis] + np.arange(16.0)).of(REVENUE_AT_RISK, 0.95)
    assert found.value == 243
    assert found.high is None


def test_the_shortfall_counts_the_atom_with_its_excess_alone() -> None:
    # 3 of 4 paths lose nothing, one loses 100 in each draw: at 50 % the quantile is 0 and the mean beyond it 100 / 4 /
    # 0.5; at 80 % the quantile is 100, and so is all beyond it.
    losses = np.where(np.arange(64) // 16 == 3, 100.0, 0.0) * np.ones((64, 1))
    found = mixture(losses)
    assert found.of(EXPECTED_SHORTFALL, 0.5).value == pytest.approx(50)
    assert found.of(EXPECTED_SHORTFALL, 0.8).value == pytest.approx(100)


def test_a_tail_of_few_paths_has_no_error() -> None:
    # The same 12 of 256 paths lose in every draw: however many draws, nothing else is known of the tail.
    one = np.where(np.arange(256) < 12, 100.0 + np.arange(256), 0.0)
    thin = mixture(np.tile(one, (256, 1))).of(EXPECTED_SHORTFALL, 0.96)
    assert thin.standard_error is None
    assert thin.note == "fewer than 20 draws or paths decide the tail"
    # Twenty are enough.
    exact = np.where(np.arange(256) < 20, 100.0 + 0.1 * np.arange(256), 0.0)
    assert mixture(np.tile(exact, (256, 1))).of(EXPECTED_SHORTFALL, 1 - 19.5 / 256).note is None
    # Where each draw has other ones, all paths tell of it.
    moved = np.random.default_rng(1).permuted(np.tile(one, (256, 1)), axis=1)
    assert mixture(moved).of(EXPECTED_SHORTFALL, 0.96).standard_error is not None


def test_pieces_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    found = mixture(grown(256, 256, 5))
    whole = [found.of(measure, 0.9) for measure in (REVENUE_AT_RISK, EXPECTED_SHORTFALL)]
    assert AT_A_TIME >= 256 * 256
    monkeypatch.setattr("sim.estimates.predictive.AT_A_TIME", 256 * 7)
    for one, measure in zip(whole, (REVENUE_AT_RISK, EXPECTED_SHORTFALL), strict=True):
        other = found.of(measure, 0.9)
        assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high), rel=1e-12)


def test_a_probability_in_doubt_alone_counts_by_its_mean() -> None:
    found = mixture(one_date(1024, 1024, 1))
    # The mean of p is 0.07: the mean loss 4.2; more than 5 % of all losses are 60, so that is the quantile there.
    assert within(found.of(CHANCE_OF_LOSS), 0.07, 0.05)
    assert within(found.of(EXPECTED_LOSS), 4.2, 0.05)
    assert found.of(REVENUE_AT_RISK, 0.95).value == 60
    assert found.of(REVENUE_AT_RISK, 0.92).value == 0
    # At 90 % the quantile is 0, and what lies beyond it is 4.2 / 0.1.
    assert within(found.of(EXPECTED_SHORTFALL, 0.9), 42, 0.05)


def test_growth_in_doubt_widens_the_law_as_its_formula_says() -> None:
    # ln L is normal with mean ln 14.4 - 0.09 and variance 0.18 of chance and 0.04 of doubt.
    found = mixture(grown(1024, 1024, 2))
    assert within(found.of(EXPECTED_LOSS), 14.4 * math.exp(0.02), 0.03)
    assert within(found.of(REVENUE_AT_RISK, 0.95), 28.4666, 0.06)
    assert within(found.of(EXPECTED_SHORTFALL, 0.95), 35.2097, 0.06)
