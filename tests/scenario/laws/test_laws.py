"""Laws of delays and levels: survival, mean, quantile, against SciPy and by hand (``docs/model.md`` section 3)."""

from __future__ import annotations

import itertools
import math
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from sim.scenario.laws import (
    NEVER,
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
    is_exhausted,
    month_thresholds,
    month_weights,
    values,
    whole_months,
)
from tests.scenario.laws.cases import CONTINUOUS, GAP, LAST_WORD, SCIPY, STEPWISE

# --- The laws themselves ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("law", "reference"), SCIPY, ids=[repr(law) for law, _ in SCIPY])
def test_survival_and_cdf_agree_with_scipy_in_the_body_and_in_both_tails(law: Law, reference) -> None:
    levels = np.array([1e-9, 1e-4, 0.01, 0.1, 0.5, 0.9, 0.99])
    # Close to the ends of a bounded law SciPy loses the distance to them, the last bits of x.
    rounding = 0 if law.highest == math.inf else 1e-15
    for x in np.concatenate([reference.ppf(levels), reference.isf([1e-4, 1e-9, 1e-30, 1e-100])]):
        assert law.survival(x) == pytest.approx(reference.sf(x), rel=1e-12, abs=rounding)
        assert law.cdf(x) == pytest.approx(reference.cdf(x), rel=1e-12, abs=rounding)


@pytest.mark.parametrize(("law", "reference"), SCIPY, ids=[repr(law) for law, _ in SCIPY])
def test_mean_agrees_with_scipy(law: Law, reference) -> None:
    assert law.mean() == pytest.approx(reference.mean(), rel=1e-12)


@pytest.mark.parametrize("law", CONTINUOUS + STEPWISE, ids=repr)
def test_mean_is_the_integral_of_the_survival(law: Law) -> None:
    cuts = [0.0, 2.5, 4.0, 6.0, 12.0, 24.0, 60.0, 300.0, 1500.0, 6000.0]  # every step and end of the laws above
    cuts = sorted({*cuts, 0.4, 0.5, 3.25, 5.0, 10.0, 17.0, 18.0, 5e4, 1e6})  # is a cut; beyond the last, under 1e-12
    total = sum(integrate.quad(law.survival, a, b, epsabs=1e-12)[0] for a, b in itertools.pairwise(cuts))
    assert law.mean() == pytest.approx(total, rel=1e-7)


@pytest.mark.parametrize("law", CONTINUOUS, ids=repr)
def test_quantile_inverts_the_cdf(law: Law) -> None:
    u = np.array([1e-12, 1e-3, 0.1, 0.25, 0.5, 0.65, 0.9, 0.999, 1 - 1e-9])
    x = law.quantile(u)
    assert [law.cdf(value) for value in x] == pytest.approx(u, rel=1e-11)
    assert [1 - law.survival(value) for value in x] == pytest.approx(u, rel=1e-11, abs=1e-15)
    assert [law.survival(value) for value in x[-2:]] == pytest.approx(1 - u[-2:], rel=1e-6)
    assert [law.quantile(float(level)) for level in u] == pytest.approx(x, rel=1e-14)
    assert law.quantile(u.reshape(3, 3)).shape == (3, 3)
    assert x.min() >= law.lowest and x.max() <= law.highest
    assert np.all(np.diff(x) > 0)


@pytest.mark.parametrize("law", STEPWISE, ids=repr)
def test_quantile_of_atoms_is_the_smallest_value_that_reaches_the_level(law: Law) -> None:
    for u in np.linspace(0.0005, 0.9995, 1000):
        x = law.quantile(float(u))
        assert law.cdf(x) >= u
        assert law.cdf(math.nextafter(x, -1.0)) < u


@pytest.mark.parametrize("law", CONTINUOUS + STEPWISE, ids=repr)
def test_survival_and_cdf_are_complements_and_start_at_zero(law: Law) -> None:
    assert (law.survival(-1e-9), law.cdf(-1e-9)) == (1.0, 0.0)
    grid = np.linspace(0, 60, 601)
    left = [law.survival(x) for x in grid]
    assert np.add(left, [law.cdf(x) for x in grid]) == pytest.approx(1.0, abs=1e-15)
    assert np.all(np.diff(left) <= 0)


@settings(deadline=None)
@given(
    a=st.sampled_from([1e-300, 1e-9, 0.3, 40.0, 1e9, 1e300]), b=st.sampled_from([0.0, 1e-300, 1e-9, 0.3, 40.0, 1e300])
)
def test_absurd_parameters_give_probabilities_and_months_all_the_same(a: float, b: float) -> None:
    spread = max(b, 1e-300)
    low, high = min(a, b), max(a, b)
    words = [0, 1, 2**52, LAST_WORD]
    laws = [
        Exponential(a),
        Lognormal(a, b),
        Gamma(a, b),
        Weibull(spread, a),
        Uniform(low, high),
        Triangular(0, low, high),
    ]
    for law in laws:
        for x in (0.0, 1e-300, 0.5, 12.0, 1e9):
            assert 0.0 <= law.survival(x) <= 1.0
            assert law.survival(x) + law.cdf(x) == pytest.approx(1.0, abs=1e-9)
        months = whole_months(law, words)
        assert months.min() >= 0 and months.max() <= NEVER and np.all(np.diff(months) >= 0)
        assert not np.isnan(values(law, words)).any()
        assert not math.isnan(law.mean())


def test_lognormal_from_p90() -> None:
    law = Lognormal.from_p90(median=2, p90=6)
    assert law.sigma == pytest.approx(math.log(3) / stats.norm.ppf(0.9), rel=1e-14)
    assert (law.cdf(2), law.cdf(6)) == pytest.approx((0.5, 0.9), rel=1e-14)


def test_gamma_of_whole_shape_is_the_sum_of_exponentials() -> None:
    # Shape 3, scale 5: mean 15, variance 3 * 25; S(x) = exp(-z) (1 + z + z^2/2) with z = x/5, a Poisson count below 3.
    law = Gamma(mean=15, sd=math.sqrt(75))
    for z in (0.1, 1.0, 7.0, 60.0, 500.0):
        assert law.survival(5 * z) == pytest.approx(math.exp(-z) * (1 + z + z * z / 2), rel=1e-12)


def test_laws_without_spread_are_atoms() -> None:
    for law in (Lognormal(7, 0), Gamma(7, 0), Uniform(7, 7), Triangular(7, 7, 7)):
        assert (law.survival(6.999), law.survival(7), law.cdf(6.999), law.cdf(7)) == (1, 0, 0, 1)
        assert (law.lowest, law.mean(), law.highest, law.quantile(0.3)) == (7, 7, 7, 7)


def test_uniform_and_triangular_by_hand() -> None:
    assert [Uniform(6, 18).survival(x) for x in (5, 6, 9, 18, 19)] == [1, 1, 0.75, 0, 0]
    assert Triangular(0, 0, 10).cdf(1e-9) == pytest.approx(2e-10, rel=1e-9)  # 1 - (1 - x/10)^2, near x/5
    assert Triangular(0, 10, 10).survival(10 - 2**-30) == pytest.approx(2**-30 / 5, rel=1e-9)
    law = Triangular(0, 3, 18)  # cdf at the mode 3/18, survival (18-x)^2/(18 * 15) above it
    assert [law.cdf(x) for x in (0, 1.5, 3, 18)] == pytest.approx([0, 1 / 24, 1 / 6, 1])
    assert [law.survival(x) for x in (3, 12, 17)] == pytest.approx([5 / 6, 36 / 270, 1 / 270])


def test_table_skips_values_of_no_weight_and_keeps_small_tails() -> None:
    law = Table((0, 6, 12, 18, 30), (0.0, 0.75, 0.0, 0.25 - 1e-20, 1e-20))
    assert law.positive and (law.lowest, law.highest) == (6, 30)
    assert law.survival(18) == pytest.approx(1e-20, rel=1e-12)
    assert [law.quantile(u) for u in (0.1, 0.75, 0.76)] == [6, 6, 18]
    tenths = Table(tuple(range(1, 11)), (0.1,) * 10)  # adding 0.1 ten times gives 1 - 2^-53
    assert tenths.cdf(10) == 1.0 and whole_months(tenths, LAST_WORD) == 10
    ends = Table((6, 12), (1.0, 0.0))
    assert (ends.highest, ends.survival(6), is_exhausted(ends, 0, 6)) == (6, 0, True)


def test_weights_of_a_table_count_in_proportion() -> None:
    law = Table((1.0, 2.0, 5.0), (1.0, 2.0, 5.0))
    assert [law.cdf(x) for x in (0, 1, 2, 5)] == [0, 1 / 8, 3 / 8, 1]
    assert [law.survival(x) for x in (0, 1, 2, 5)] == [1, 7 / 8, 5 / 8, 0]
    assert law.mean() == 30 / 8


def test_no_probability_of_a_gamma_is_above_1() -> None:
    """Where the shape is next to nothing a library's incomplete gamma function overshoots by last bits."""
    spreads, months = np.geomspace(1e7, 3e7, 60).tolist(), np.geomspace(1e13, 1e15, 60).tolist()
    chances = [Gamma(1.0, sd).cdf(x) for sd in spreads for x in months]
    # A shape of 1e-14 or less leaves about shape · E1(x · shape) above x, and E1 is at most 6.4 for 0.001.
    assert min(chances) > 1 - 1e-13
    assert max(chances) <= 1


def test_what_is_positive() -> None:
    assert all(law.positive for law in CONTINUOUS)
    assert [law.positive for law in STEPWISE] == [True, True, False, True, False, True]
    assert not Uniform(0, 0).positive and Uniform(0, 1e-9).positive
    assert Hazard(((0, 0.0),)).positive


def test_laws_are_values() -> None:
    for law in CONTINUOUS + STEPWISE:
        again = eval(repr(law))
        assert again == law and hash(again) == hash(law) and pickle.loads(pickle.dumps(law)) == law
        with pytest.raises((AttributeError, TypeError)):
            law.mode = 1.0  # type: ignore[attr-defined]
    assert Exponential(mean=3) != Fixed(3) and Gamma(mean=3, sd=1) != Gamma(mean=3, sd=2)


def test_import_does_without_scipy() -> None:
    code = "import sys, sim.scenario.laws; sys.exit(any(name.startswith('scipy') for name in sys.modules))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0


# --- The hazard schedule ----------------------------------------------------------------------------------------------


def test_constant_hazard_is_geometric_in_months() -> None:
    # 3 % a month is 1 - 0.97^12 a year; P(a = s) = 0.03 * 0.97^(s-1), and what is left after 60 months is 0.97^59.
    weights = month_weights(Hazard(((0, 1 - 0.97**12),)), 0, 0, 60)
    assert weights[0] == 0
    assert weights[1:60] == pytest.approx([0.03 * 0.97 ** (s - 1) for s in range(1, 60)], rel=1e-12)
    assert weights[60] == pytest.approx(0.97**59, rel=1e-12)


def test_hazard_with_a_year_off() -> None:
    assert [GAP.survival(x) for x in (0, 12, 18, 24, 36, 48)] == pytest.approx([1, 0.8, 0.8, 0.8, 0.4, 0.2], rel=1e-14)
    assert GAP.cdf(1e-9) == pytest.approx(1e-9 * -math.log(0.8) / 12, rel=1e-8)
    # S = 0.5 at 24 + 12 ln(0.8/0.5)/ln 2
    assert [GAP.quantile(u) for u in (0.5, 0.6)] == pytest.approx(
        [24 + 12 * math.log(1.6) / math.log(2), 36], rel=1e-14
    )
    # The areas below S: (1 - 0.8)/rate in the first year, 0.8 * 12 in the second, 0.8/rate from then on.
    assert GAP.mean() == pytest.approx(0.2 * 12 / -math.log(0.8) + 9.6 + 0.8 * 12 / math.log(2), rel=1e-14)
    weights = month_weights(GAP, 0, 6, 49)
    assert weights[7:13].sum() == pytest.approx(1 - math.sqrt(0.8))  # S(12)/S(6) = 0.8/0.8^(1/2)
    assert not weights[:7].any() and not weights[13:25].any()
    assert weights[25:37].sum() == pytest.approx(0.4 / math.sqrt(0.8))


def test_of_hazard_steps_before_month_0_the_last_one_holds() -> None:
    early = Hazard(((-24, 0.1), (-3, 0.3), (6, 0.5)))
    assert [early.survival(x) for x in (3, 6, 18)] == pytest.approx([0.7**0.25, 0.7**0.5, 0.7**0.5 * 0.5], rel=1e-14)
    assert month_weights(early, 0, 0, 24) == pytest.approx(month_weights(Hazard(((0, 0.3), (6, 0.5))), 0, 0, 24), abs=0)


def test_hazard_that_starts_late_decides_the_month_after_its_date() -> None:
    weights = month_weights(Hazard(((5, 0.6),)), 0, 0, 12, probability=0.5)
    assert not weights[:6].any()
    assert weights[6] == pytest.approx(0.5 * (1 - 0.4 ** (1 / 12)), rel=1e-12)
    assert Hazard(((5, 0.6),)).lowest == 5


@pytest.mark.parametrize("law", [Hazard(((0, 0.0),)), Hazard(((-4, 0.0), (3, 0.0)))], ids=repr)
def test_zero_hazard_never_happens(law: Hazard) -> None:
    assert (law.survival(1e6), law.mean(), law.lowest, law.quantile(0.5)) == (1.0, math.inf, math.inf, math.inf)
    assert month_weights(law, 0, 4, 12)[12] == 1.0
    assert not month_thresholds(law, 0, 4, 12, 1.0).any()
    assert whole_months(law, [0, LAST_WORD]).tolist() == [NEVER, NEVER]


def test_hazard_that_stops_leaves_some_for_never() -> None:
    law = Hazard(((0, 0.75), (12, 0.0)))
    assert (law.mean(), law.quantile(0.7500001)) == (math.inf, math.inf)
    assert law.quantile(0.7499999) == pytest.approx(12, abs=1e-5)
    assert month_weights(law, 0, 0, 1200)[1200] == pytest.approx(0.25, rel=1e-14)


def test_mean_of_a_hazard_in_three_pieces() -> None:
    """Of yearly chances 1/2, 3/4 and 1/2: left after a year is 1/2, after two 1/8; rates ln 2/12, ln 4/12, ln 2/12."""
    law = Hazard(((0, 0.5), (12, 0.75), (24, 0.5)))
    # Each piece adds (what is left at its start − at its end)/rate: (1/2)/r, (3/8)/2r, (1/8)/r with r = ln 2/12.
    assert law.mean() == pytest.approx((0.5 + 0.1875 + 0.125) * 12 / math.log(2), rel=1e-14)


def test_the_level_reached_when_a_hazard_pauses_belongs_to_the_start_of_the_pause() -> None:
    """The smallest x with F(x) ≥ u, where F stands still for a year from x on."""
    exact = 0
    for percent in range(1, 100):
        law = Hazard(((0, percent / 100), (12, 0.0), (24, 0.5)))
        u = law.cdf(12)
        if -np.log1p(-u) == -math.log1p(-percent / 100) / 12 * 12:  # else rounding puts the level beside the pause
            exact += 1
            assert law.quantile(u) == pytest.approx(12, rel=1e-12)
    assert exact > 20


def test_a_chance_at_renewals_is_given_not_before() -> None:
    law = AtRenewal(((12, 0.1), (24, 0.0), (36, 0.2)))
    # 0.1, then 0.9 · 0, then 0.9 · 0.2; 0.72 is left for never.
    assert [law.survival(x) for x in (0, 11.9, 12, 24, 36, 1e9)] == pytest.approx([1, 1, 0.9, 0.9, 0.72, 0.72])
    assert month_weights(law, 0, 0, 40)[[12, 24, 36, 40]] == pytest.approx([0.1, 0.0, 0.18, 0.72])
    assert (law.lowest, law.highest, law.mean()) == (12.0, math.inf, math.inf)
    assert [law.quantile(u) for u in (0.05, 0.09, 0.11, 0.27, 0.29)] == [12.0, 12.0, 36.0, 36.0, math.inf]
    assert whole_months(law, np.array([0, LAST_WORD])).tolist() == [12, NEVER]


def test_a_certain_renewal_is_the_last_that_counts() -> None:
    law = AtRenewal(((6, 0.5), (12, 1.0), (18, 0.5)))
    assert (law.lowest, law.highest) == (6.0, 12.0)
    assert law.mean() == 0.5 * 6 + 0.5 * 12
    assert month_weights(law, 0, 0, 24).tolist()[6::6] == [0.5, 0.5, 0.0, 0.0]


def test_without_an_occasion_nobody_leaves_at_a_renewal() -> None:
    law = AtRenewal(())
    assert law.survival(1e9) == 1.0
    assert (law.lowest, law.highest, law.mean()) == (math.inf, math.inf, math.inf)
    assert math.isinf(law.quantile(0.5))
