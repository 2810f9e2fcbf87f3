"""Scenarios whose distribution of the loss is known in closed form; the derivation stands beside each value.

Statistical comparisons allow ``STANDARD_ERRORS`` = 4 standard errors, each computed from the exact law: the chance of a
false alarm is 6.3e-5 a comparison under the normal approximation, some 40 comparisons in all, and none at the fixed
seeds once they pass. Quantiles of lattice laws are compared exactly; how far the sampled tail would have to stray for
another lattice point to come out is said at each.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

import sim

STANDARD_ERRORS = 4.0
START = "2024-01"
ENGINES = ("kernel", "model")


def scenario(months: int, customers: dict[str, Any], events: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "scenario": 1,
        "name": "Closed form",
        "start": START,
        "months": months,
        "money": "unit",
        "vendor": {"name": "Vendor"},
        "customers": customers,
        "events": events,
        **more,
    }


def assert_within(value: float, expected: float, standard_error: float) -> None:
    assert abs(value - expected) <= STANDARD_ERRORS * standard_error, (value, expected, standard_error)


class Discrete:
    """A discrete law of the loss, value to probability, with its exact moments."""

    def __init__(self, weights: dict[float, float]) -> None:
        assert math.fsum(weights.values()) == pytest.approx(1.0, abs=1e-12)
        self.weights = weights
        self.mean = math.fsum(p * x for x, p in weights.items())
        self.sd = math.sqrt(self.central_moment(2))

    def central_moment(self, order: int) -> float:
        return math.fsum(p * (x - self.mean) ** order for x, p in self.weights.items())

    def beyond(self, x: float) -> float:
        """P(L > x)."""
        return math.fsum(p for y, p in self.weights.items() if y > x)

    def sd_of_excess(self, x: float) -> float:
        """Standard deviation of (L - x)+."""
        first = math.fsum(p * max(y - x, 0.0) for y, p in self.weights.items())
        second = math.fsum(p * max(y - x, 0.0) ** 2 for y, p in self.weights.items())
        return math.sqrt(second - first**2)

    def relative_error_of_sd(self, paths: int) -> float:
        """Of a sample standard deviation: Var(s) = s^2 (kurtosis - 1) / (4 N) to first order."""
        return math.sqrt((self.central_moment(4) / self.sd**4 - 1.0) / (4.0 * paths))


def assert_measures(result: Any, law: Discrete, tails: dict[str, tuple[float, float]], paths: int) -> None:
    """Mean, its standard error, sd, P(L > 0) and, by level, RaR (exact) and ES, against the exact law."""
    measures = result.measures
    expected = measures["expected_loss"]
    error = law.sd / math.sqrt(paths)
    assert_within(expected["value"], law.mean, error)
    assert expected["standard_error"] == pytest.approx(error, rel=STANDARD_ERRORS * law.relative_error_of_sd(paths))
    assert float(np.std(result.loss)) == pytest.approx(law.sd, rel=STANDARD_ERRORS * law.relative_error_of_sd(paths))
    share = law.beyond(0.0)
    assert_within(measures["probability_of_loss"]["value"], share, math.sqrt(share * (1.0 - share) / paths))
    for level, (at_risk, shortfall) in tails.items():
        assert measures["revenue_at_risk"][level]["value"] == pytest.approx(at_risk, rel=1e-12)
        # Given RaR, the estimate is RaR + mean((L - RaR)+) / (1 - level), so its error is that of the excess.
        error = law.sd_of_excess(at_risk) / (1.0 - float(level)) / math.sqrt(paths)
        assert_within(measures["expected_shortfall"][level]["value"], shortfall, error + 1e-12 * shortfall)


# --- A certain exit in a known month ---------------------------------------------------------------------------------

EXIT_MONTH = 10


@pytest.mark.parametrize("engine", ENGINES)
def test_certain_exit_in_a_known_month(engine: str) -> None:
    """100 a month, gone from month 10 of 24: loss 14 * 100 = 1400, revenue 10 * 100 = 1000, whatever the path."""
    leave = {"hits": "alpha", "timing": {"month": "2024-11"}, "usage": {"to": 0}}
    document = scenario(24, {"alpha": {"revenue": 100, "growth": 0}}, {"leave": leave}, risk={"target": 1001})
    result = sim.run(document, paths=50, seed=3, engine=engine, sampling="plain")
    measures = result.measures
    np.testing.assert_allclose(result.loss, 1400.0, rtol=1e-9)
    assert measures["expected_loss"]["value"] == pytest.approx(1400.0, rel=1e-9)
    assert measures["expected_loss"]["standard_error"] == pytest.approx(0.0, abs=1e-6)
    assert measures["probability_of_loss"]["value"] == 1.0
    for level in ("0.95", "0.99"):
        assert measures["revenue_at_risk"][level]["value"] == pytest.approx(1400.0, rel=1e-9)
        assert measures["expected_shortfall"][level]["value"] == pytest.approx(1400.0, rel=1e-9)
    assert measures["expected_revenue"]["value"] == pytest.approx(1000.0, rel=1e-9)
    assert measures["expected_baseline"]["value"] == pytest.approx(2400.0, rel=1e-9)
    assert measures["probability_below_target"]["value"] == 1.0  # 1000 < 1001
    assert result.events["leave"]["probability"] == 1.0
    assert result.events["leave"]["median_month"] == "2024-11"
    document["risk"]["target"] = 999
    below = sim.run(document, paths=50, seed=3, engine=engine, sampling="plain").measures["probability_below_target"]
    assert below["value"] == 0.0  # 1000 >= 999


@pytest.mark.parametrize("engine", ENGINES)
def test_certain_exit_discounted(engine: str) -> None:
    """With q = 1.1^(-1/12): loss = sum of 100 q^m over m = 10 ... 23 = 100 q^10 (1 - q^14) / (1 - q)."""
    q = 1.1 ** (-1.0 / 12.0)
    loss = 100.0 * q**EXIT_MONTH * (1.0 - q**14) / (1.0 - q)
    kept = 100.0 * (1.0 - q**EXIT_MONTH) / (1.0 - q)
    leave = {"hits": "alpha", "timing": {"month": "2024-11"}, "usage": {"to": 0}}
    document = scenario(24, {"alpha": {"revenue": 100, "growth": 0}}, {"leave": leave})
    document["vendor"]["discount_rate"] = 0.1
    measures = sim.run(document, paths=20, seed=3, engine=engine, sampling="plain").measures
    assert measures["expected_loss"]["value"] == pytest.approx(loss, rel=1e-9)
    assert measures["expected_revenue"]["value"] == pytest.approx(kept, rel=1e-9)
    assert measures["expected_baseline"]["value"] == pytest.approx(kept + loss, rel=1e-9)


# --- A constant hazard of 0.03 a month -------------------------------------------------------------------------------

SURVIVAL = 0.97
HAZARD_PATHS = 40_000


def hazard_law() -> Discrete:
    """Exit in month s = 1 ... 36 with probability 0.97^(s-1) * 0.03 loses the 37 - s months s ... 36."""
    weights = {float(37 - s): SURVIVAL ** (s - 1) * (1.0 - SURVIVAL) for s in range(1, 37)}
    weights[0.0] = SURVIVAL**36
    return Discrete(weights)


def test_hazard_values_stated() -> None:
    """Mean = sum over m = 1 ... 36 of P(gone by m) = 36 - 0.97 (1 - 0.97^36) / 0.03; P = 1 - 0.97^36.

    RaR95: P(L <= 35) = 0.97 >= 0.95 > P(L <= 34) = 0.97^2 = 0.9409. ES95 = (0.03 * 36 + 0.02 * 35) / 0.05 = 35.6.
    """
    law = hazard_law()
    assert law.mean == pytest.approx(36.0 - 0.97 * (1.0 - 0.97**36) / 0.03, rel=1e-12)
    assert law.mean == pytest.approx(14.4668944, abs=5e-8)
    assert law.sd == pytest.approx(13.142155, abs=5e-7)
    assert law.beyond(0.0) == pytest.approx(0.665972338, abs=5e-10)
    assert law.beyond(35.0) == pytest.approx(0.03, rel=1e-12)
    assert law.beyond(34.0) == pytest.approx(0.0591, rel=1e-12)
    assert pytest.approx(35.6, rel=1e-12) == (0.03 * 36.0 + 0.02 * 35.0) / 0.05


@pytest.mark.parametrize(
    "timing",
    [
        # h a year gives the rate -ln(1 - h)/12 a month: with 1 - h = 0.97^12 that is -ln 0.97.
        pytest.param({"hazard": {START: 1.0 - SURVIVAL**12}}, id="hazard"),
        pytest.param({"exponential": {"mean": -1.0 / math.log(SURVIVAL)}}, id="exponential"),
    ],
)
def test_constant_hazard(timing: dict[str, Any]) -> None:
    """RaR = 35 unless the sampled P(L > 35) reaches 0.05 (23 standard errors from 0.03) or P(L > 34) falls to 0.05

    (7.7 standard errors from 0.0591: chance 1e-14).
    """
    document = scenario(
        37, {"alpha": {"revenue": 1, "growth": 0}}, {"leave": {"hits": "alpha", "timing": timing, "usage": {"to": 0}}}
    )
    result = sim.run(document, paths=HAZARD_PATHS, seed=11, sampling="plain")
    assert_measures(result, hazard_law(), {"0.95": (35.0, 35.6)}, HAZARD_PATHS)
    share = 1.0 - SURVIVAL**36
    assert_within(result.events["leave"]["probability"], share, math.sqrt(share * (1.0 - share) / HAZARD_PATHS))
    # Median month given that it arises: the smallest s with 1 - 0.97^s >= share / 2, s = 14. Of the 26,600 paths on
    # which it arises 0.491 do so by 13 and 0.521 by 14, each +- 0.0031: 13 may come out (chance 0.2 %), 15 or 12 not.
    assert 1.0 - SURVIVAL**13 < share / 2.0 < 1.0 - SURVIVAL**14
    assert result.events["leave"]["median_month"] in {"2025-02", "2025-03"}
    # Expected revenue of month m: 0.97^m, the chance to be there still.
    mean = result.monthly[("revenue", "mean")].to_numpy()
    for m in range(37):
        there = SURVIVAL**m
        assert_within(mean[m], there, math.sqrt(there * (1.0 - there) / HAZARD_PATHS) + 1e-12)


# --- A total loss of 24 months with probability 0.1 ------------------------------------------------------------------


def test_total_loss_with_probability_one_tenth() -> None:
    """L = 24 with probability 0.1, else 0: mean 2.4, sd 24 * sqrt(0.09) = 7.2, RaR95 = ES95 = RaR99 = ES99 = 24.

    RaR95 is another lattice point only where the sampled share falls to 0.05, 24 standard errors away.
    """
    law = Discrete({24.0: 0.1, 0.0: 0.9})
    assert (law.mean, law.sd) == (pytest.approx(2.4), pytest.approx(7.2))
    end = {"hits": "alpha", "probability": 0.1, "timing": {"month": START}, "usage": {"to": 0}}
    result = sim.run(
        scenario(24, {"alpha": {"revenue": 1, "growth": 0}}, {"end": end}), paths=20_000, seed=5, sampling="plain"
    )
    assert_measures(result, law, {"0.95": (24.0, 24.0), "0.99": (24.0, 24.0)}, 20_000)
    assert set(np.unique(result.loss)) == {0.0, 24.0}


# --- Three independent one-shot losses -------------------------------------------------------------------------------

ONE_SHOT = {"alpha": (50.0, 0.1), "beta": (30.0, 0.2), "gamma": (20.0, 0.3)}
ONE_SHOT_PATHS = 100_000


def one_shot_law() -> Discrete:
    """100: 0.006, 80: 0.014, 70: 0.024, 50: 0.056 + 0.054 (30 + 20), 30: 0.126, 20: 0.216, 0: 0.504."""
    weights: dict[float, float] = {}
    for hit_alpha in (True, False):
        for hit_beta in (True, False):
            for hit_gamma in (True, False):
                hits = dict(zip(ONE_SHOT, (hit_alpha, hit_beta, hit_gamma), strict=True))
                loss = sum(ONE_SHOT[name][0] for name, hit in hits.items() if hit)
                chance = math.prod(ONE_SHOT[name][1] if hit else 1.0 - ONE_SHOT[name][1] for name, hit in hits.items())
                weights[loss] = weights.get(loss, 0.0) + chance
    return Discrete(weights)


def test_one_shot_values_stated() -> None:
    """P(L > 50) = 0.044, P(L > 30) = 0.154: RaR95 = 50. P(L > 80) = 0.006, P(L > 70) = 0.020: RaR99 = 80.

    ES95 = (0.006 * 100 + 0.014 * 80 + 0.024 * 70 + 0.006 * 50) / 0.05 = (0.6 + 1.12 + 1.68 + 0.3) / 0.05 = 74,
    the last 0.006 being what the atom at 50 adds to fill up 0.05. ES99 = (0.006 * 100 + 0.004 * 80) / 0.01 = 92.
    """
    law = one_shot_law()
    by_hand = {100.0: 0.006, 80.0: 0.014, 70.0: 0.024, 50.0: 0.110, 30.0: 0.126, 20.0: 0.216, 0.0: 0.504}
    assert law.weights == pytest.approx(by_hand, rel=1e-12)
    assert law.mean == pytest.approx(50 * 0.1 + 30 * 0.2 + 20 * 0.3, rel=1e-12)  # 17
    assert law.sd == pytest.approx(math.sqrt(2500 * 0.09 + 900 * 0.16 + 400 * 0.21), rel=1e-12)  # sqrt(453)
    assert law.sd == pytest.approx(21.283797, abs=5e-7)
    assert law.beyond(50.0) == pytest.approx(0.044, rel=1e-12)
    assert law.beyond(30.0) == pytest.approx(0.154, rel=1e-12)
    assert law.beyond(80.0) == pytest.approx(0.006, rel=1e-12)
    assert law.beyond(70.0) == pytest.approx(0.020, rel=1e-12)


def test_three_independent_one_shot_losses() -> None:
    """Each customer is lost for one month. The nearest change of a quantile is P(L > 50) rising from 0.044 to 0.05:

    9 standard errors at 100,000 paths.
    """
    events = {
        f"stop_{name}": {
            "hits": name,
            "probability": probability,
            "timing": {"month": "2024-02"},
            "usage": {"to": 0},
            "lasts": {"fixed": 1},
        }
        for name, (_, probability) in ONE_SHOT.items()
    }
    document = scenario(3, {name: {"revenue": revenue, "growth": 0} for name, (revenue, _) in ONE_SHOT.items()}, events)
    result = sim.run(document, paths=ONE_SHOT_PATHS, seed=7, sampling="plain")
    law = one_shot_law()
    assert_measures(result, law, {"0.95": (50.0, 74.0), "0.99": (80.0, 92.0)}, ONE_SHOT_PATHS)
    for loss, weight in law.weights.items():
        share = float(np.mean(np.isclose(result.loss, loss, atol=1e-9)))
        assert_within(share, weight, math.sqrt(weight * (1.0 - weight) / ONE_SHOT_PATHS))


# --- Lognormal demand ------------------------------------------------------------------------------------------------
# D[m] = 100 exp(m (ln(1+g)/12 - sigma^2/24) + sigma sqrt(m/12) Z): with t = m/12 years and s = sigma sqrt(t),
# mean = 100 (1+g)^t, sd = mean sqrt(exp(s^2) - 1), quantile = mean exp(-s^2/2 + s z). A certain stop in month m alone
# makes the loss of that month the demand itself.

DEMAND_PATHS = 100_000


def lognormal_kurtosis(s: float) -> float:
    w = math.exp(s * s)
    return w**4 + 2.0 * w**3 + 3.0 * w**2 - 3.0


def test_lognormal_demand() -> None:
    growth, sigma, m = 0.2, 0.3, 18
    t = m / 12.0
    s = sigma * math.sqrt(t)
    mean = 100.0 * (1.0 + growth) ** t
    sd = mean * math.sqrt(math.exp(s * s) - 1.0)
    stop = {"hits": "alpha", "timing": {"month": "2025-07"}, "usage": {"to": 0}, "lasts": {"fixed": 1}}
    customer = {"revenue": 100, "growth": growth, "volatility": sigma, "market": 0.6}
    document = scenario(
        24, {"alpha": customer}, {"stop": stop}, risk={"window": {"first": "2025-07", "last": "2025-07"}}
    )
    result = sim.run(document, paths=DEMAND_PATHS, seed=13, sampling="plain")
    measures = result.measures
    assert_within(measures["expected_loss"]["value"], mean, sd / math.sqrt(DEMAND_PATHS))
    spread = STANDARD_ERRORS * math.sqrt((lognormal_kurtosis(s) - 1.0) / (4.0 * DEMAND_PATHS))
    assert float(np.std(result.loss)) == pytest.approx(sd, rel=spread)
    assert measures["expected_loss"]["standard_error"] == pytest.approx(sd / math.sqrt(DEMAND_PATHS), rel=spread)

    def quantile_and_error(level: float) -> tuple[float, float]:
        """The quantile q, and sqrt(level (1 - level) / N) over the density phi(z) / (q s)."""
        z = float(norm.ppf(level))
        q = mean * math.exp(-s * s / 2.0 + s * z)
        return q, math.sqrt(level * (1.0 - level) / DEMAND_PATHS) * q * s / float(norm.pdf(z))

    for level in (0.95, 0.99):
        z = float(norm.ppf(level))
        q, error = quantile_and_error(level)
        assert_within(measures["revenue_at_risk"][str(level)]["value"], q, error)
        # E[D; D > q] = mean Phi(s - z), E[D^2; D > q] = mean^2 exp(s^2) Phi(2s - z)
        upper, tail = mean * float(norm.cdf(s - z)), 1.0 - level
        excess = upper - q * tail
        excess_square = mean**2 * math.exp(s * s) * float(norm.cdf(2.0 * s - z)) - 2.0 * q * upper + q * q * tail
        error = math.sqrt((excess_square - excess**2) / DEMAND_PATHS) / tail
        assert_within(measures["expected_shortfall"][str(level)]["value"], upper / tail, error)
    for level in (0.05, 0.25, 0.5, 0.75, 0.95):
        q, error = quantile_and_error(level)
        found = result.monthly[("baseline", str(level))].iloc[m]
        assert abs(found - q) <= STANDARD_ERRORS * error + 1e-3 * q  # bins of 0.1 %
    by_month = result.monthly[("baseline", "mean")].to_numpy()
    for k in range(24):
        exact = 100.0 * (1.0 + growth) ** (k / 12.0)
        error = exact * math.sqrt(math.expm1(sigma**2 * k / 12.0) / DEMAND_PATHS)
        assert_within(by_month[k], exact, error + 1e-9 * exact)


def test_correlated_demand() -> None:
    """Shocks correlate beta_1 beta_2 = 0.8 * -0.5 = -0.4: Cov(D_1, D_2) = mean_1 mean_2 (exp(-0.4 s_1 s_2 t) - 1).

    The sd of the sum would be 53 instead of 43 without the correlation. The error of the sampled sd is taken from the
    sample's own fourth moment.
    """
    t, first, second, rho = 2.0, 0.3, 0.2, 0.8 * -0.5
    variance = 100.0**2 * (
        math.expm1(first**2 * t) + math.expm1(second**2 * t) + 2.0 * math.expm1(rho * first * second * t)
    )
    customers = {
        "alpha": {"revenue": 100, "growth": 0, "volatility": first, "market": 0.8},
        "beta": {"revenue": 100, "growth": 0, "volatility": second, "market": -0.5},
    }
    stop = {"hits": "all", "timing": {"month": "2026-01"}, "usage": {"to": 0}}
    result = sim.run(scenario(25, customers, {"stop": stop}), paths=DEMAND_PATHS, seed=17, sampling="plain")
    deviation = result.loss - result.loss.mean()
    kurtosis = float(np.mean(deviation**4) / np.mean(deviation**2) ** 2)
    assert_within(float(result.loss.mean()), 200.0, math.sqrt(variance / DEMAND_PATHS))
    spread = STANDARD_ERRORS * math.sqrt((kurtosis - 1.0) / (4.0 * DEMAND_PATHS))
    assert float(np.std(result.loss)) == pytest.approx(math.sqrt(variance), rel=spread)


# --- Take-or-pay -----------------------------------------------------------------------------------------------------


def take_or_pay_loss() -> float:
    """The loss by the equations of sections 2, 3 and 5, month by month.

    D[m] = 100 * 1.2^(m/12). The choice is made in month 8, effective 8 + 3 = 11; linear over 4 towards 0.1: usage
    0.775, 0.55, 0.325 in months 11, 12, 13 and 0.1 from 14 on. Renewals in 6, 18 (and -6: month 0). The floor of month
    6, 0.6 * D[6] = 60 * sqrt(1.2) = 65.7267, binds in months 13 to 17. The renewal of 18 carries none. The baseline
    pays for what it uses: demand grows, so 0.6 of an earlier month's never binds.
    """
    demand = [100.0 * 1.2 ** (m / 12.0) for m in range(30)]
    usage = [1.0] * 11 + [0.775, 0.55, 0.325] + [0.1] * 16
    floor = [0.6 * demand[0]] * 6 + [0.6 * demand[6]] * 12 + [0.0] * 12
    assert len(usage) == len(floor) == 30
    revenue = [d * k + max(0.0, f - d * k) for d, k, f in zip(demand, usage, floor, strict=True)]
    return math.fsum(d - a for d, a in zip(demand, revenue, strict=True))


def test_take_or_pay_value_stated() -> None:
    """The same sum gathered by hand into its three phases, and the value stated for it."""
    q = 1.2 ** (1.0 / 12.0)

    def demand(first: int, last: int) -> float:
        return 100.0 * q**first * (q ** (last - first + 1) - 1.0) / (q - 1.0)

    # Usage in 11 (0.775 D[11] = 91.6) and in 12 (0.55 * 120 = 66) is above the floor 60 sqrt(1.2) = 65.7, then below.
    floor = 60.0 * math.sqrt(1.2)
    assert 0.55 * 100.0 * q**12 > floor > 0.325 * 100.0 * q**13
    above_floor = 0.225 * demand(11, 11) + 0.45 * demand(12, 12)
    at_floor = demand(13, 17) - 5.0 * floor
    without_floor = 0.9 * demand(18, 29)
    assert take_or_pay_loss() == pytest.approx(above_floor + at_floor + without_floor, rel=1e-12)
    assert take_or_pay_loss() == pytest.approx(1925.639472590299, rel=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_take_or_pay(engine: str) -> None:
    customer = {
        "revenue": 100,
        "growth": 0.2,
        "contract": {"term": 12, "renews": "2024-07", "notice": 3, "commitment": 0.6},
    }
    leave = {
        "hits": "alpha",
        "choice": True,
        "timing": {"month": "2024-09"},
        "usage": {"to": 0.1, "over": 4, "shape": "linear"},
    }
    result = sim.run(
        scenario(30, {"alpha": customer}, {"leave": leave}), paths=10, seed=1, engine=engine, sampling="plain"
    )
    np.testing.assert_allclose(result.loss, take_or_pay_loss(), rtol=1e-9)
    assert result.measures["expected_loss"]["value"] == pytest.approx(1925.639472590299, rel=1e-9)
    assert result.measures["revenue_at_risk"]["0.95"]["value"] == pytest.approx(1925.639472590299, rel=1e-9)
    assert result.measures["expected_shortfall"]["0.95"]["value"] == pytest.approx(1925.639472590299, rel=1e-9)
    assert result.events["leave"]["median_month"] == "2024-09"  # settled in 8, the notice comes after
