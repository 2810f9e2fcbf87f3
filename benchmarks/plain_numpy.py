"""The reference work in plain vectorised numpy, as it is written straight away: whole arrays, one statement a line.

The opponent in ``benchmarks/speed.py``. It values this one case and nothing else: two streams, one event that arises by
a lognormal law and lowers usage along a straight line, and the measures that are compared.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

MONTHS = 60
OTHERS, OTHERS_DRIFT, OTHERS_SPREAD = 63.3, 0.0225, 0.02
CUSTOMER, CUSTOMER_DRIFT, CUSTOMER_SPREAD = 20.0, 0.01, 0.03
PROBABILITY, MEDIAN, SIGMA = 0.5, 31.5, 0.5
USAGE_LEFT, RAMP_MONTHS = 0.1, 6
LEVEL = 0.95
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Answer:
    """What the reference work asks for; ``quantiles`` of the vendor's revenue, shape (quantiles, months)."""

    mean_loss: float
    revenue_at_risk: float
    expected_shortfall: float
    quantiles: np.ndarray


def run(paths: int, seed: int = 1) -> Answer:
    """Simulate all paths at once and measure them."""
    rng = np.random.default_rng(seed)
    others = _demand(rng, paths, OTHERS, OTHERS_DRIFT, OTHERS_SPREAD)
    customer = _demand(rng, paths, CUSTOMER, CUSTOMER_DRIFT, CUSTOMER_SPREAD)
    leaves = np.ceil(MEDIAN * np.exp(SIGMA * rng.standard_normal(paths)))
    leaves[rng.random(paths) >= PROBABILITY] = np.inf
    gone = np.clip((np.arange(MONTHS) - leaves[:, np.newaxis] + 1) / RAMP_MONTHS, 0, 1)
    lost = customer * (1 - USAGE_LEFT) * gone
    loss = lost.sum(axis=1)
    revenue = others + customer - lost
    rank = math.ceil(paths * LEVEL)
    ordered = np.partition(loss, rank - 1)
    at_risk = ordered[rank - 1]
    return Answer(
        mean_loss=float(loss.mean()),
        revenue_at_risk=float(at_risk),
        expected_shortfall=float(at_risk + (ordered[rank:] - at_risk).sum() / (paths * (1 - LEVEL))),
        quantiles=np.quantile(revenue, QUANTILES, axis=0),
    )


def _demand(rng: np.random.Generator, paths: int, start: float, drift: float, spread: float) -> np.ndarray:
    steps = drift - spread**2 / 2 + spread * rng.standard_normal((paths, MONTHS - 1))
    path = np.concatenate([np.zeros((paths, 1)), np.cumsum(steps, axis=1)], axis=1)
    demand: np.ndarray = start * np.exp(path)
    return demand


if __name__ == "__main__":
    answer = run(1_000_000)
    print(f"mean loss {answer.mean_loss:.3f}, RaR95 {answer.revenue_at_risk:.1f}, ES95 {answer.expected_shortfall:.1f}")
