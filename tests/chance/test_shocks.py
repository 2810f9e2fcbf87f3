"""Shocks of demand, as the steps of a baseline show them: their size, and how customers move together."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from sim.chance.draws import Draws
from sim.engines import kernel, model
from sim.language import load

STANDARD_ERRORS = 4.5
"""Beyond which a normal value lies with a chance of 6.8e-6."""


def _steps(engine: Any, paths: int, name: str = "alpha", months: int = 14, **customer: Any) -> np.ndarray:
    """Steps of the logarithm of a lone customer's baseline, by path and month; it grows by a tenth a year."""
    head = {"scenario": 1, "name": "one", "start": "2025-01", "months": months, "money": "USD", "vendor": {"name": "v"}}
    scenario = load({**head, "customers": {name: {"revenue": 20, "growth": 0.1, **customer}}})
    return np.diff(np.log(engine.value(scenario, Draws(scenario, 1, 0, paths)).baseline), axis=1)


@pytest.mark.parametrize("engine", [kernel, model])
def test_wholly_with_the_market_and_wholly_against_it(engine: Any) -> None:
    """At ±1 only the market's shock counts: it cancels in the sum, which leaves 2·(ln 1.1/12 − 0.3²/24)."""
    along, against = (_steps(engine, 50, volatility=0.3, market=market) for market in (1, -1))
    np.testing.assert_allclose(along + against, 2 * (math.log(1.1) / 12 - 0.09 / 24), rtol=0, atol=1e-12)
    # 650 steps of standard deviation 0.3/√12 = 0.0866; its standard error is 0.0866/√1300 = 0.0024.
    assert abs(along.std() - 0.3 / math.sqrt(12)) < 4.5 * 0.0024


@pytest.mark.parametrize(("months", "volatility"), [(2, 0.3), (3, 1)])
def test_a_single_shock_and_a_volatility_of_1(months: int, volatility: float) -> None:
    """Mean and standard deviation of the steps within 4.5 standard errors: false alarm 1.4e-5 each."""
    steps = _steps(kernel, 20_000, months=months, volatility=volatility)
    n, sd = steps.size, volatility / math.sqrt(12)
    assert n == 20_000 * (months - 1)
    assert abs(steps.mean() - (math.log(1.1) / 12 - volatility**2 / 24)) < 4.5 * sd / math.sqrt(n)
    assert abs(steps.std() - sd) < 4.5 * sd / math.sqrt(2 * n)


def test_shocks_correlate_as_the_scenario_says() -> None:
    """Shocks of i and j correlate β_i·β_j: 0.3 · 0.6 = 0.18, and −0.8 · 0.6; se (1 − ρ²)/√n, false alarm 1.4e-5."""
    betas = {"tiktok": 0.3, "rival": -0.8, "others": 0.6}
    # Alone, a customer has the shocks that it has among others.
    steps = {
        name: _steps(kernel, 10_000, name, months=13, volatility=0.3, market=beta).ravel()
        for name, beta in betas.items()
    }
    n = 12 * 10_000
    for a, b, expected in (("tiktok", "others", 0.18), ("rival", "others", -0.48)):
        found = np.corrcoef(steps[a], steps[b])[0, 1]
        assert abs(found - expected) < STANDARD_ERRORS * (1 - expected**2) / np.sqrt(n)
