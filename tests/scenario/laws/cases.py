"""A law of every kind, continuous ones beside SciPy's own."""

from __future__ import annotations

from scipy import stats

from sim.scenario.laws import (
    AtRenewal,
    Exponential,
    Fixed,
    Gamma,
    Hazard,
    Law,
    Lognormal,
    Table,
    Triangular,
    Uniform,
    Weibull,
)

# 20 % in the first year, nothing in the second, 50 % a year from then on.
GAP = Hazard(((0, 0.2), (12, 0.0), (24, 0.5)))

LAST_WORD = 2**53 - 1

# Each beside SciPy's own, written with its own parameters.
SCIPY = [
    (Exponential(30), stats.expon(scale=30)),
    (Lognormal(18, 0.5), stats.lognorm(s=0.5, scale=18)),
    (Lognormal(2, 1.4), stats.lognorm(s=1.4, scale=2)),
    (Gamma(12, 4), stats.gamma(a=9, scale=4 / 3)),  # (12/4)^2, 4^2/12
    (Gamma(6, 12), stats.gamma(a=0.25, scale=24)),  # (6/12)^2, 12^2/6
    (Weibull(0.7, 20), stats.weibull_min(c=0.7, scale=20)),
    (Weibull(3.0, 24), stats.weibull_min(c=3.0, scale=24)),
    (Uniform(6, 18), stats.uniform(loc=6, scale=12)),
    (Uniform(0, 0.4), stats.uniform(loc=0, scale=0.4)),
    (Triangular(2, 5, 17), stats.triang(c=0.2, loc=2, scale=15)),
    (Triangular(0, 0, 10), stats.triang(c=0.0, loc=0, scale=10)),
    (Triangular(0, 10, 10), stats.triang(c=1.0, loc=0, scale=10)),
]

CONTINUOUS: list[Law] = [law for law, _ in SCIPY] + [GAP, Hazard(((5, 0.6),))]

STEPWISE: list[Law] = [
    Fixed(4),
    Fixed(2.5),
    Fixed(0),
    Table((6, 12, 24), (0.2, 0.5, 0.3)),
    Table((0, 0.5, 3.25), (0.1, 0.2, 0.7)),
    AtRenewal(((12, 0.25), (24, 1.0))),
]
