"""Quantiles by month from bins: within a thousandth, in any order, whatever the amounts."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from sim.estimates.independent import quantile_rank
from sim.estimates.monthly import MonthlyBins

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
