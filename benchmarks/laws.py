"""Customers whose losses are few round numbers: the law of what they lose together, enumerated, and its measures."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

LEVELS = ("0.95", "0.99")
MONTHS = 12

Law = dict[float, float]
"""Probability of each loss."""


@dataclass(frozen=True, eq=False)
class Customer:
    """A customer without volatility, who leaves for good with a probability, in a month that has a law of its own."""

    revenue: float
    probability: float
    months: Callable[[], dict[int, float]]
    timing: dict[str, Any]

    def loss(self) -> Law:
        """Law of what is lost: the revenue of all months from the one in which it leaves."""
        found: Law = defaultdict(float)
        for month, share in self.months().items():
            found[round(self.revenue * max(0, MONTHS - month), 9)] += self.probability * share
        found[0.0] += 1 - math.fsum(found.values())
        return dict(found)


def fixed(revenue: float, probability: float, month: int = 2) -> Customer:
    """Gone from one month on."""
    return Customer(revenue, probability, lambda: {month: 1.0}, {"fixed": month})


def exponential(revenue: float, probability: float, mean: float) -> Customer:
    """P(month = s) = exp(-(s - 1) / mean) - exp(-s / mean)."""
    return Customer(
        revenue,
        probability,
        lambda: {s: math.exp(-(s - 1) / mean) - math.exp(-s / mean) for s in range(1, MONTHS)},
        {"exponential": {"mean": mean}},
    )


def scenario_of(name: str, customers: Sequence[Customer], volatility: float = 0.0) -> dict[str, Any]:
    """The scenario as a user would write it: customers ``c0`` and so on, with events ``c0_leaves`` and so on."""
    named = {f"c{k}": customer for k, customer in enumerate(customers)}
    return {
        "scenario": 1,
        "name": name,
        "start": "2024-01",
        "months": MONTHS,
        "money": "unit",
        "vendor": {"name": "vendor"},
        "customers": {
            name: {"revenue": customer.revenue, "growth": 0, "volatility": volatility}
            for name, customer in named.items()
        },
        "events": {
            f"{name}_leaves": {
                "hits": name,
                "probability": customer.probability,
                "timing": customer.timing,
                "usage": {"to": 0},
            }
            for name, customer in named.items()
        },
    }


def law_of(customers: Sequence[Customer]) -> list[tuple[float, float]]:
    """Losses of independent customers add: losses in rising order, each with its probability."""
    total: Law = {0.0: 1.0}
    for customer in customers:
        joined: Law = defaultdict(float)
        for (x, a), (y, b) in itertools.product(total.items(), customer.loss().items()):
            joined[round(x + y, 9)] += a * b
        total = joined
    return sorted(total.items())


def measures_of(law: list[tuple[float, float]]) -> dict[str, float]:
    """Every measure of a discrete law of the loss."""
    found = {
        "mean": math.fsum(x * p for x, p in law),
        "P(loss)": math.fsum(p for x, p in law if x > 0),
    }
    upto = np.cumsum([p for _, p in law])
    for level in LEVELS:
        alpha = float(level)
        k = int(np.argmax(upto >= alpha - 1e-12))
        quantile = law[k][0]
        beyond = math.fsum((x - quantile) * p for x, p in law[k:])
        found[f"RaR {level}"], found[f"ES {level}"] = quantile, quantile + beyond / (1 - alpha)
    return found
