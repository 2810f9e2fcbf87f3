"""Totals of many paths in bounded memory: the same whatever the blocks and the order, and right."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.chance.draws import Draws
from sim.chance.sampling import Sampling
from sim.engines.valuation import Valuation
from sim.estimates.independent import quantile_rank
from sim.scenario.laws import NEVER
from sim.scenario.parts import AtMonth, Event, Risk, Scenario, Stream
from sim.simulation.periods import PeriodTotals
from sim.simulation.shards import GROUP, SERIES, RunTotals, ShardTotals, block_paths, shard_paths, total

MONTHS = 6
PLAIN = Sampling(1000, 1)
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
    assert (a.moments, a.hits) == (b.moments, b.hits)
    assert all(np.array_equal(a.sums[name], b.sums[name]) for name in SERIES)
    for name in ("revenue", "baseline"):
        for part in ("first", "counts", "low", "high"):
            assert np.array_equal(getattr(a.bins[name], part), getattr(b.bins[name], part))
    assert np.array_equal(a.event_months, b.event_months)


@pytest.mark.parametrize("block", [1, 64, 65, 500, 1000, 5000])
def test_a_shard_is_the_same_in_blocks_of_any_size(block: int) -> None:
    _assert_same(total(SCENARIO, made_up, PLAIN, 192, 1000, block), total(SCENARIO, made_up, PLAIN, 192, 1000))


def test_a_shard_by_plain_sums() -> None:
    shard = total(SCENARIO, made_up, PLAIN, 50, 300)
    valuation = made_up(SCENARIO, Draws(SCENARIO, 1, 50, 300))
    worth = 1.1 ** (-np.arange(MONTHS) / 12)
    window = slice(1, 5)
    loss = ((valuation.baseline - valuation.revenue) * worth)[:, window].sum(axis=1)
    np.testing.assert_allclose(shard.loss, loss, rtol=1e-13)
    assert shard.moments["expected_loss"].mean == pytest.approx(loss.mean())
    assert shard.moments["expected_revenue"].mean == pytest.approx(
        (valuation.revenue * worth)[:, window].sum(axis=1).mean()
    )
    assert shard.moments["expected_baseline"].mean == pytest.approx(
        (valuation.baseline * worth)[:, window].sum(axis=1).mean()
    )
    assert (
        shard.hits["probability_of_loss"] == (loss > 1e-9 * (valuation.baseline * worth)[:, window].sum(axis=1)).sum()
    )
    below = (valuation.revenue[:, window].sum(axis=1) < 4.0).sum()
    assert 0 < shard.hits["probability_below_target"] == below < 300
    for name in SERIES:
        np.testing.assert_allclose(shard.sums[name], getattr(valuation, name).sum(axis=0), rtol=1e-13)
    months = [np.count_nonzero(valuation.arises == month) for month in range(MONTHS)]
    assert shard.event_months.tolist() == [[*months, np.count_nonzero(valuation.arises == NEVER)]]


@pytest.fixture(scope="module")
def shards() -> list[ShardTotals]:
    return [total(SCENARIO, made_up, PLAIN, first, min(300, 1000 - first)) for first in range(0, 1000, 300)]


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
        for name in ("probability_of_loss", "probability_below_target"):
            assert other.hits(name) == first.hits(name)
        assert np.array_equal(other.event_months, first.event_months)
        for name in ("expected_loss", "expected_revenue", "expected_baseline"):
            assert other.moments(name) == first.moments(name)
        for name in SERIES:
            assert np.array_equal(other.monthly_mean(name), first.monthly_mean(name))
        for name in ("revenue", "baseline"):
            assert np.array_equal(other.monthly_quantiles(name, ranks), first.monthly_quantiles(name, ranks))


def test_years_and_quarters_of_shards_may_come_in_any_order() -> None:
    """From 2024-01 to 2024-06, of which years from April on have two and quarters two."""
    scenario = replace(SCENARIO, risk=replace(SCENARIO.risk, year_starts=4))
    calendar = PeriodTotals(scenario, PLAIN).calendar
    parts = [
        total(scenario, made_up, PLAIN, first, min(300, 1000 - first), calendar=calendar)
        for first in range(0, 1000, 300)
    ]

    def gathered(order: Iterable[ShardTotals]) -> RunTotals:
        totals = RunTotals(scenario, 1000, periods=PeriodTotals(scenario, PLAIN))
        for shard in order:
            totals.add(shard)
        return totals

    first = gathered(parts).periods
    assert first is not None
    assert [len(first.calendar.years), len(first.calendar.quarters)] == [2, 2]
    valuation = made_up(scenario, Draws(scenario, 1, 0, 1000))
    lost = valuation.baseline - valuation.revenue
    np.testing.assert_allclose(first.losses, [lost[:, :3].sum(axis=1), lost[:, 3:].sum(axis=1)], rtol=1e-13)
    for order in itertools.permutations(parts):
        other = gathered(order).periods
        assert other is not None
        assert np.array_equal(other.losses, first.losses)
        for name in ("revenue", "baseline", "loss"):
            assert np.array_equal(other.sums[name], first.sums[name])
            assert other.mean(name) == first.mean(name)
        assert all(other.year(y).found == first.year(y).found for y in range(2))


def test_a_run_by_plain_sums(shards: list[ShardTotals]) -> None:
    totals = _gathered(shards)
    valuation = made_up(SCENARIO, Draws(SCENARIO, 1, 0, 1000))
    assert np.array_equal(totals.loss, np.concatenate([shard.loss for shard in shards]))
    assert totals.moments("expected_loss").mean == pytest.approx(totals.loss.mean(), rel=1e-13)
    error = totals.loss.std(ddof=1) / np.sqrt(1000)
    assert totals.moments("expected_loss").standard_error == pytest.approx(error, rel=1e-12)
    for name in SERIES:
        np.testing.assert_allclose(totals.monthly_mean(name), getattr(valuation, name).mean(axis=0), rtol=1e-13)
    ranks = [quantile_rank(1000, level) for level in (0.05, 0.25, 0.5, 0.75, 0.95)]
    for name in ("revenue", "baseline"):
        exact = np.sort(getattr(valuation, name), axis=0)[np.array(ranks) - 1]
        np.testing.assert_allclose(totals.monthly_quantiles(name, ranks), exact, rtol=1e-3)
    assert totals.event_months.sum() == 1000


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
