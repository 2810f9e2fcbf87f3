"""Totals of many paths in bounded memory: the same whatever the blocks and the order, and right."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from sim.chance.draws import Draws
from sim.engines.valuation import Valuation
from sim.estimates.independent import Moments, quantile_rank
from sim.estimates.monthly import MonthlyBins
from sim.scenario.laws import NEVER
from sim.scenario.parts import AtMonth, Event, Risk, Scenario, Stream
from sim.simulation.shards import GROUP, SERIES, RunTotals, ShardTotals, block_paths, shard_paths, total

MONTHS = 6
SCENARIO = Scenario(
    name="made up",
    start=2024 * 12,
    months=MONTHS,
    money="USD",
    vendor="vendor",
    streams=(Stream("alpha", "alpha", 1.0, (0.0,) * MONTHS),),
    events=(Event("exit", "exit", "exit", (0,), False, 1.0, AtMonth(1)),),
    risk=Risk(levels=(0.9,), first=1, last=4, target=4.0),
    discount_rate=0.1,
)


def made_up(scenario: Scenario, draws: Draws) -> Valuation:
    """An engine without a model: numbers that depend on the path's number alone, and look random."""
    path = np.arange(draws.first, draws.first + draws.count)
    wave = np.sin(np.outer(path + 1.0, np.arange(1, scenario.months + 1)) * 1.7) ** 2
    arises = np.where(path % 3 == 0, NEVER, path % scenario.months)[np.newaxis]
    baseline = 2.0 + wave
    return Valuation(draws.first, arises, arises, baseline * wave, baseline, wave, wave * wave)


def _assert_same(a: Any, b: Any) -> None:
    assert a.first == b.first
    assert np.array_equal(a.loss, b.loss)
    assert (a.moments, a.lossy, a.below_target) == (b.moments, b.lossy, b.below_target)
    assert all(np.array_equal(a.sums[name], b.sums[name]) for name in SERIES)
    for name in ("revenue", "baseline"):
        for part in ("first", "counts", "low", "high"):
            assert np.array_equal(getattr(a.bins[name], part), getattr(b.bins[name], part))
    assert np.array_equal(a.event_months, b.event_months)


@pytest.mark.parametrize("block", [1, 64, 65, 500, 1000, 5000])
def test_a_shard_is_the_same_in_blocks_of_any_size(block: int) -> None:
    _assert_same(total(SCENARIO, made_up, 1, 192, 1000, block), total(SCENARIO, made_up, 1, 192, 1000))


def test_a_shard_by_plain_sums() -> None:
    shard = total(SCENARIO, made_up, 1, 50, 300)
    valuation = made_up(SCENARIO, Draws(SCENARIO, 1, 50, 300))
    worth = 1.1 ** (-np.arange(MONTHS) / 12)
    window = slice(1, 5)
    loss = ((valuation.baseline - valuation.revenue) * worth)[:, window].sum(axis=1)
    np.testing.assert_allclose(shard.loss, loss, rtol=1e-13)
    assert shard.moments["loss"].mean == pytest.approx(loss.mean())
    assert shard.moments["revenue"].mean == pytest.approx((valuation.revenue * worth)[:, window].sum(axis=1).mean())
    assert shard.moments["baseline"].mean == pytest.approx((valuation.baseline * worth)[:, window].sum(axis=1).mean())
    assert shard.lossy == (loss > 1e-9 * (valuation.baseline * worth)[:, window].sum(axis=1)).sum()
    below = (valuation.revenue[:, window].sum(axis=1) < 4.0).sum()
    assert 0 < shard.below_target == below < 300
    for name in SERIES:
        np.testing.assert_allclose(shard.sums[name], getattr(valuation, name).sum(axis=0), rtol=1e-13)
    months = [np.count_nonzero(valuation.arises == month) for month in range(MONTHS)]
    assert shard.event_months.tolist() == [[*months, np.count_nonzero(valuation.arises == NEVER)]]


@pytest.fixture(scope="module")
def shards() -> list[ShardTotals]:
    return [total(SCENARIO, made_up, 1, first, min(300, 1000 - first)) for first in range(0, 1000, 300)]


def _gathered(shards: list[ShardTotals]) -> RunTotals:
    totals = RunTotals(SCENARIO, 1000)
    for shard in shards:
        totals.add(shard)
    return totals


def test_shards_may_come_in_any_order(shards: list[ShardTotals]) -> None:
    ranks = [1, 17, 500, 999, 1000]
    first = _gathered(shards)
    for order in itertools.permutations(shards):
        other = _gathered(list(order))
        assert np.array_equal(other.loss, first.loss)
        assert (other.lossy, other.below_target) == (first.lossy, first.below_target)
        assert np.array_equal(other.event_months, first.event_months)
        for name in ("loss", "revenue", "baseline"):
            assert other.moments(name) == first.moments(name)
        for name in SERIES:
            assert np.array_equal(other.monthly_mean(name), first.monthly_mean(name))
        for name in ("revenue", "baseline"):
            assert np.array_equal(other.monthly_quantiles(name, ranks), first.monthly_quantiles(name, ranks))


def test_a_run_by_plain_sums(shards: list[ShardTotals]) -> None:
    totals = _gathered(shards)
    valuation = made_up(SCENARIO, Draws(SCENARIO, 1, 0, 1000))
    assert np.array_equal(totals.loss, np.concatenate([shard.loss for shard in shards]))
    assert totals.moments("loss").mean == pytest.approx(totals.loss.mean(), rel=1e-13)
    error = totals.loss.std(ddof=1) / np.sqrt(1000)
    assert totals.moments("loss").standard_error == pytest.approx(error, rel=1e-12)
    for name in SERIES:
        np.testing.assert_allclose(totals.monthly_mean(name), getattr(valuation, name).mean(axis=0), rtol=1e-13)
    ranks = [quantile_rank(1000, level) for level in (0.05, 0.25, 0.5, 0.75, 0.95)]
    for name in ("revenue", "baseline"):
        exact = np.sort(getattr(valuation, name), axis=0)[np.array(ranks) - 1]
        np.testing.assert_allclose(totals.monthly_quantiles(name, ranks), exact, rtol=1e-3)
    assert totals.event_months.sum() == 1000


# Moments


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
    for found in (whole, parts):
        assert found.count == 5000
        assert found.mean == pytest.approx(values.mean(), rel=1e-14)
        assert found.standard_error == pytest.approx(error, rel=1e-6, abs=1e-15)


def test_moments_by_hand() -> None:
    # 1, 2, 6: mean 3, squares 4 + 1 + 9 = 14, sample variance 7, standard error √(7/3).
    found = Moments.merged([Moments.of(np.array([1.0])), Moments.of(np.array([2.0, 6.0]))])
    assert (found.count, found.mean, found.squares) == (3, 3.0, 14.0)
    assert found.standard_error == pytest.approx((7 / 3) ** 0.5)
    assert Moments.of(np.array([5.0])).standard_error is None


# Bins


LAWS: dict[str, Any] = {
    "lognormal": lambda g, n: g.lognormal(sigma=0.5, size=n),
    "wide": lambda g, n: g.lognormal(sigma=3, size=n),
    "over ten orders": lambda g, n: 10.0 ** g.uniform(-5, 5, size=n),
    "half zeros": lambda g, n: np.where(g.random(n) < 0.5, 0.0, g.exponential(size=n)),
    "atoms": lambda g, n: g.choice([0.0, 3.0, 7.5, 1e6], size=n),
    "atom and spread": lambda g, n: np.where(g.random(n) < 0.6, 20.0, g.uniform(1, 30, size=n)),
    "constant": lambda _, n: np.full(n, 83.3),
    "next to a power of two": lambda g, n: 2.0 + g.normal(scale=1e-4, size=n),
    "all zero": lambda _, n: np.zeros(n),
}
LEVELS = (0.001, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999)


def _binned(*parts: np.ndarray) -> MonthlyBins:
    """Bins of one month's values, added part by part."""
    bins = MonthlyBins.empty(1)
    for part in parts:
        bins.add(MonthlyBins.of(np.ascontiguousarray(part)[np.newaxis]))
    return bins


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("parts", [1, 7])
def test_quantiles_from_bins_are_within_a_thousandth(law: str, parts: int) -> None:
    values = LAWS[law](np.random.default_rng(4), 10_000)
    bins = _binned(*np.array_split(values, parts))
    assert bins.counts.sum() == 10_000
    ranks = [1, *(quantile_rank(10_000, level) for level in LEVELS), 10_000]
    exact = np.sort(values)[np.array(ranks) - 1]
    found = bins.quantiles(ranks)[:, 0]
    np.testing.assert_allclose(found, exact, rtol=1e-3, atol=0)
    # The smallest and the largest value bound what is found.
    assert found.min() >= values.min()
    assert found.max() <= values.max()


def test_months_of_any_size_beside_each_other() -> None:
    """Each month has its own place: one of zeros alone, one far below the others, one that widens part by part."""
    generator = np.random.default_rng(6)
    n = 4000
    months = np.array(
        [
            np.zeros(n),
            generator.lognormal(-20, 0.1, n),
            np.sort(generator.lognormal(3, 2, n)),
            np.full(n, 83.3),
            np.where(np.arange(n) < 3000, 0.0, generator.lognormal(8, 0.3, n)),
        ]
    )
    ranks = [1, 40, 2000, 3500, n]
    exact = np.sort(months, axis=1)[:, np.array(ranks) - 1].T
    for cuts in ([], [1000, 2000, 3000], [1, 2, 3999]):
        for backwards in (False, True):
            bins = MonthlyBins.empty(len(months))
            parts = np.split(months, cuts, axis=1)
            for part in reversed(parts) if backwards else parts:
                bins.add(MonthlyBins.of(np.ascontiguousarray(part)))
            assert (bins.counts.sum(axis=1) == n).all()
            np.testing.assert_allclose(bins.quantiles(ranks), exact, rtol=1e-3, atol=0)


def test_bins_merge_in_any_order() -> None:
    generator = np.random.default_rng(5)
    parts = [generator.lognormal(mean=m, size=50) * (generator.random(50) < 0.7) for m in (-3, 0, 4)] + [np.zeros(9)]
    ranks = list(range(1, 160))
    first = _binned(*parts).quantiles(ranks)
    for order in itertools.permutations(parts):
        assert np.array_equal(_binned(*order).quantiles(ranks), first)


def test_next_to_nothing_counts_as_zero() -> None:
    """A value below 2⁻⁴⁰ of the largest, so that one stray value can't ask for unbounded memory."""
    bins = MonthlyBins.of(np.array([[1e-300, 1e-30, 1.0, 1.0]]))
    assert bins.counts.tolist() == [[2, 2]]
    assert bins.quantiles([1, 2, 3, 4])[:, 0] == pytest.approx([0, 0, 1, 1], rel=1e-3)


@pytest.mark.parametrize("values", [[5e-324], [0.0, 1e-320], [1e-312, 1e-320]])
def test_revenue_that_has_all_but_vanished(values: list[float]) -> None:
    """Below the smallest normal number there are no leading bits; shrinking demand gets there in the end."""
    assert MonthlyBins.of(np.array([values])).counts.tolist() == [[len(values)]]
    found = _binned(np.array(values), np.array([2.0])).quantiles([1, len(values) + 1])
    assert found[:, 0] == pytest.approx([0, 2], rel=1e-3)


# Sizes


@pytest.mark.parametrize("months", [1, 60, 1200])
@pytest.mark.parametrize("streams", [1, 100, 5000])
def test_blocks_and_shards_are_whole_groups_of_bounded_size(months: int, streams: int) -> None:
    stream = Stream("a", "a", 1.0, (0.0,) * months)
    scenario = Scenario("s", 0, months, "USD", "v", (stream,) * streams, risk=Risk(last=months - 1))
    assert block_paths(scenario) % GROUP == 0
    assert shard_paths(scenario) % GROUP == 0
    assert GROUP <= block_paths(scenario) <= 2560
    assert 16 * GROUP <= shard_paths(scenario) <= 8192
    # Its two arrays by month: 16 MiB, or as little as 1,024 paths take.
    assert shard_paths(scenario) * months <= max(2**20, 16 * GROUP * months)
