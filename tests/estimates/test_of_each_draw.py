"""Measures of each draw without a replication of its paths, and errors by leaving out: by brute force."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.estimates.bands import OfDraws
from sim.estimates.independent import quantile_rank
from sim.estimates.measures import CHANCE_OF_LOSS, EXPECTED_LOSS, EXPECTED_SHORTFALL, REVENUE_AT_RISK, Measure
from sim.estimates.of_each_draw import OfEachDraw
from sim.estimates.predictive import Mixture

T15 = 2.131449546


def mixture(losses: np.ndarray) -> Mixture:
    """Draws whose losses are these; all other measures of them follow."""
    draws = len(losses)
    hits = {EXPECTED_LOSS.name: losses, CHANCE_OF_LOSS.name: (losses > 1).astype(float)}
    sums = {name: table.reshape(draws, -1, 16).sum(axis=1) for name, table in hits.items()}
    ordered = np.sort(losses, axis=1)
    rank = quantile_rank(losses.shape[1], 0.9)
    at_risk = ordered[:, rank - 1]
    values = {
        (EXPECTED_LOSS.name, None): losses.mean(axis=1),
        (CHANCE_OF_LOSS.name, None): (losses > 1).mean(axis=1),
        (REVENUE_AT_RISK.name, "0.9"): at_risk,
        (EXPECTED_SHORTFALL.name, "0.9"): ordered[:, rank:].mean(axis=1),
    }
    return Mixture(losses, {}, {key: OfDraws(one, one, one) for key, one in values.items()}, sums)


@pytest.mark.parametrize(
    ("measure", "level", "asked"),
    [
        (EXPECTED_LOSS, None, lambda rest: rest.mean()),
        (CHANCE_OF_LOSS, None, lambda rest: (rest > 1).mean()),
        (REVENUE_AT_RISK, 0.9, lambda rest: np.sort(rest)[math.ceil(0.9 * len(rest) - 1e-9) - 1]),
        (EXPECTED_SHORTFALL, 0.9, lambda rest: np.sort(rest)[-(len(rest) // 10) :].mean()),
    ],
)
def test_each_measure_without_each_replication(measure: Measure, level: float | None, asked: object) -> None:
    # Of 15 * 20 paths a tenth is 30, so that no path is beyond in part.
    losses = np.random.default_rng(1).gamma(2.0, size=(32, 320))
    found = OfEachDraw.of(mixture(losses), measure, level)
    for s in range(16):
        rest = losses[:, np.arange(320) % 16 != s]
        expected = [asked(row) for row in rest]  # type: ignore[operator]
        assert found.without[s] == pytest.approx(np.array(expected), rel=1e-9)


def test_errors_are_those_of_leaving_out_each_replication() -> None:
    random = np.random.default_rng(2)
    of = OfEachDraw(random.normal(size=64), random.normal(size=(16, 64)))
    (told,) = of.told(lambda draws, values: (values * draws).mean(axis=1, keepdims=True), -math.inf)
    every = np.arange(64)
    by_draws = [(of.values * every)[every % 16 != r].mean() for r in range(16)]
    by_paths = [(one * every).mean() for one in of.without]
    spread = sum(15 / 16 * sum((x - np.mean(way)) ** 2 for x in way) for way in (by_draws, by_paths))
    assert told.value == pytest.approx((of.values * every).mean())
    assert told.high == pytest.approx(told.value + T15 * math.sqrt(spread))
    assert told.low == pytest.approx(told.value - T15 * math.sqrt(spread))
    (kept,) = of.told(lambda draws, values: (values * draws).mean(axis=1, keepdims=True), 0.0, 0.001)
    assert 0 <= (kept.low or 0) <= kept.value <= (kept.high or 0) <= 0.001


def test_rounding_is_no_difference_and_a_real_one_is() -> None:
    values = np.array([60.0, 60 - 1e-13, 60 + 1e-13, 60 + 1e-7])
    found = OfEachDraw.told_apart(values, np.tile(values, (16, 1)))
    assert found.values[:3].tolist() == [60, 60, 60]
    assert found.values[3] > 60
    assert OfEachDraw.told_apart(np.zeros(4), np.zeros((16, 4))).values.tolist() == [0] * 4


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_draw_that_has_no_such_measure_is_refused(bad: float) -> None:
    values = np.array([1.0, bad, 2.0, bad])
    with pytest.raises(ValueError, match="2 of 4 draws, number 1 first, have no such measure"):
        OfEachDraw.told_apart(values, np.ones((16, 4)))
    with pytest.raises(ValueError, match="number 1 first"):
        OfEachDraw.told_apart(np.ones(4), np.tile(values, (16, 1)))
