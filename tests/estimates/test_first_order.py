"""First-order shares, shares in the tail, directions and the noise floor: by brute force, and against known answers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import spearmanr

from sim.estimates.first_order import Binned, beyond, directions, floor, shuffled_shares, shuffles
from sim.estimates.of_each_draw import OfEachDraw
from tests.estimates.doubted import uniforms

ALONE, SHAPLEY, TAIL = (0.35282, 0.63278), (0.36002, 0.63998), (0.16177, 0.35514)
TIED_ALONE, TIED_SHAPLEY, TIED_TAIL = (0.66549, 0.81061), (0.42744, 0.57256), (0.38626, 0.53512)


def scores(draws: int, seed: int, correlation: float = 0.0) -> np.ndarray:
    """Two scores, quasi-random by themselves; tied by a factor."""
    a, b = (ndtri(uniforms(draws, 2 * seed + k)) for k in range(2))
    return np.column_stack([a, correlation * a + math.sqrt(1 - correlation**2) * b])


def measure(z: np.ndarray) -> np.ndarray:
    """Revenue at risk of case B: lognormal, revenue with log-sd 0.15 and two years of growth with 0.1 a year."""
    at_risk: np.ndarray = 26.4454 * np.exp(0.15 * z[:, 0] + 0.2 * z[:, 1])
    return at_risk


def by_brute_force(z: np.ndarray, y: np.ndarray) -> float:
    """The share of one score: a least-squares line in each of 16 bins, one after the other."""
    left = 0.0
    for part in np.array_split(np.argsort(z, kind="stable"), 16):
        design = np.column_stack([np.ones(len(part)), z[part]])
        fitted = design @ np.linalg.lstsq(design, y[part], rcond=None)[0]
        left += float(((y[part] - fitted) ** 2).sum())
    return 1 - left / (len(y) - 32) / float(np.var(y, ddof=1))


def test_a_share_is_what_lines_in_bins_explain() -> None:
    z = np.random.default_rng(1).normal(size=(256, 3))
    y = np.exp(z[:, 0]) + z[:, 1] * z[:, 2]
    found = Binned(z).shares(np.array([y, y**2]))
    assert found == pytest.approx(np.array([[by_brute_force(z[:, j], one) for j in range(3)] for one in (y, y**2)]))


def test_what_a_score_alone_decides_is_all_of_it_and_ties_go_by_number() -> None:
    z = np.random.default_rng(2).normal(size=256)
    assert Binned(z[:, np.newaxis]).shares(3 * z[np.newaxis])[0, 0] == pytest.approx(1)
    # All scores alike: bins are ranges of draws, and there is no slope.
    y = np.repeat(np.arange(16.0), 16)
    assert Binned(np.zeros((256, 1))).shares(y[np.newaxis])[0, 0] == pytest.approx(1)


def test_the_tail_lies_beyond_an_order_statistic() -> None:
    found = beyond(np.array([[5.0, 1, 4, 2, 3, 9, 8, 7, 6, 10], [1.0] * 9 + [2.0]]), 0.8)
    assert found[0].tolist() == [0, 0, 0, 0, 0, 1, 0, 0, 0, 1]
    assert found[1].tolist() == [0] * 9 + [1]
    assert not beyond(np.array([[1.0] * 7 + [2.0] * 3]), 0.8).any()  # the highest tenth and more are one value


def test_directions_are_rank_correlations() -> None:
    random = np.random.default_rng(3)
    z, y = random.normal(size=(64, 2)), random.integers(0, 5, size=(3, 64)).astype(float)
    expected = [[spearmanr(z[:, j], one).statistic for j in range(2)] for one in y]
    assert directions(z, y) == pytest.approx(np.array(expected))
    assert directions(z, np.ones((1, 64))).tolist() == [[0, 0]]


@pytest.mark.parametrize(("correlation", "alone", "tail"), [(0.0, ALONE, TAIL), (0.5, TIED_ALONE, TIED_TAIL)])
def test_known_answers(correlation: float, alone: tuple[float, ...], tail: tuple[float, ...]) -> None:
    # 16,384 draws: errors of a share are some 0.01, of the tail's 0.02.
    z = scores(16_384, 5, correlation)
    y = measure(z)[np.newaxis]
    assert Binned(z).shares(y)[0] == pytest.approx(alone, abs=0.02)
    assert Binned(z).shares(beyond(y, 0.9))[0] == pytest.approx(tail, abs=0.04)


def test_known_answers_lie_within_the_errors_that_are_told() -> None:
    """By the intervals' coverage of 0.88 to 0.93 more than 9 of 32 miss in one of ten thousand cases."""
    missed = 0
    for seed in range(8):
        z = scores(512, 100 + seed)
        y = measure(z)
        of = OfEachDraw(y, np.tile(y, (16, 1)))
        for asked, truth in (
            (lambda draws, values, z=z: Binned(z[draws]).shares(values), ALONE),
            (lambda draws, values, z=z: Binned(z[draws]).shares(beyond(values, 0.9)), TAIL),
        ):
            for one, known in zip(of.told(asked, 0.0, 1.0), truth, strict=True):
                assert one.low is not None
                assert one.high is not None
                missed += not one.low <= known <= one.high
                assert one.high - one.low < 0.6
    assert missed <= 9


def test_shuffles_are_of_the_values_and_the_same_each_time() -> None:
    values = np.arange(64.0)
    found = np.concatenate(list(shuffles(values)))
    assert found.shape == (4999, 64)
    assert (np.sort(found, axis=1) == values).all()
    assert (found == np.concatenate(list(shuffles(values)))).all()
    assert len(np.unique(found[:, 0])) == 64


def test_the_floor_is_the_quantile_that_holds_all_idle_doubts_together() -> None:
    values = np.random.default_rng(4).gamma(2.0, size=256)
    found, ordered = floor(values, 10), np.sort(shuffled_shares(values))
    # 0.95^(1/10) = 0.994884 of 4,999: 4,974th.
    assert found.value == ordered[4973]
    assert found.low is not None
    assert found.high is not None
    # A binomial's deviation there is sqrt(4999 * 0.994884 * 0.005116) = 5.04, 9.9 ranks either way.
    assert (found.low, found.high) == (ordered[4963], ordered[4983])
    assert floor(values, 1).value < found.value < floor(values, 100).value


def test_idle_doubts_stay_below_the_floor_together() -> None:
    """In 95 % of samples: that more than 7 of 40 fail happens by chance in 1 of 1,000 where the floor is right."""
    failed = 0
    for seed in range(40):
        random = np.random.default_rng(seed)
        z = np.column_stack([ndtri(uniforms(256, 1000 * seed + j)) for j in range(8)])
        y = np.exp(random.normal(size=256))
        failed += bool((Binned(z).shares(y[np.newaxis])[0] > floor(y, 8).value).any())
    assert failed <= 7
