"""Laws of delays and the months that follow from them (``docs/model.md`` section 3)."""

from __future__ import annotations

import itertools
import math
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from sim.scenario.laws import (
    NEVER,
    SCALE,
    UNIFORM_BITS,
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
    at_month_thresholds,
    first_month,
    is_exhausted,
    month_thresholds,
    month_weights,
    values,
    whole_months,
)

LAST_WORD = 2**53 - 1
GAP = Hazard(
    ((0, 0.2), (12, 0.0), (24, 0.5))
)  # 20 % in the first year, nothing in the second, 50 % a year from then on

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
]


def random_words(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, SCALE, count)


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


def test_what_is_positive() -> None:
    assert all(law.positive for law in CONTINUOUS)
    assert [law.positive for law in STEPWISE] == [True, True, False, True, False]
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


# --- Probabilities by month -------------------------------------------------------------------------------------------


def test_table_is_conditioned_on_what_is_known() -> None:
    # From month -8 on: atoms at months -2, 4 and 16 with 0.2, 0.5, 0.3. Month -2 is ruled out: 0.5/0.8, 0.3/0.8 of 0.4.
    weights = month_weights(Table((6, 12, 24), (0.2, 0.5, 0.3)), -8, 0, 20, probability=0.4)
    expected = np.zeros(21)
    expected[[4, 16, 20]] = 0.25, 0.15, 0.6
    assert weights == pytest.approx(expected, abs=1e-15)


def test_an_atom_at_a_whole_number_belongs_to_that_month_and_others_to_the_next() -> None:
    weights = month_weights(Table((6, 6.5, 8), (0.5, 0.25, 0.25)), 0, 0, 12)
    assert weights[6:9].tolist() == [0.5, 0.25, 0.25]
    assert month_weights(Fixed(3), 10, 2, 24)[13] == 1.0
    assert month_weights(Fixed(3), 10, 2, 13).tolist() == [0.0] * 13 + [1.0]  # month 13 is beyond months 0 .. 12


def test_uniform_by_months() -> None:
    assert month_weights(Uniform(6, 18), 0, 0, 24)[7:19] == pytest.approx(np.full(12, 1 / 12), rel=1e-12)
    later = month_weights(Uniform(6, 18), 0, 12, 24)  # known up to month 12: six months are left
    assert later[13:19] == pytest.approx(np.full(6, 1 / 6), rel=1e-12)
    assert later.sum() == later[13:19].sum()
    halves = month_weights(Uniform(0.5, 2.5), 0, 0, 6)  # half a month, a month, half a month, of two
    assert halves[1:4] == pytest.approx([0.25, 0.5, 0.25])


def test_exponential_has_no_memory() -> None:
    fresh = month_weights(Exponential(30), 0, 0, 40)
    waited = month_weights(Exponential(30), -100, 10, 50)
    assert waited[11:50] == pytest.approx(fresh[1:40], rel=1e-10)


def test_conditioning_keeps_the_far_tail() -> None:
    # At z = 10 standard deviations 1 - cdf would be 0. S(x) ~ phi(z)/z: ln S by SciPy's log survival.
    law, reference = Lognormal(1, 0.3), stats.lognorm(s=0.3, scale=1)
    f = -round(math.exp(3.0))
    got = month_weights(law, f, 0, 6)[1:6]
    log_left = reference.logsf(np.arange(6) - f)
    assert got == pytest.approx(-np.diff(np.exp(log_left - log_left[0])), rel=1e-10)


@pytest.mark.parametrize("law", [*CONTINUOUS, Fixed(30), Table((6, 12, 24), (0.2, 0.5, 0.3))], ids=repr)
@pytest.mark.parametrize(("f", "known"), [(0, 0), (-3, 2), (7, 3), (40, 0)])
def test_weights_sum_to_one_and_to_p_up_to_never(law: Law, f: int, known: int) -> None:
    months, p = 36, 0.6
    if law.survival(known - f) == 0:  # a share, far shorter than the 5 months waited
        assert law.highest < 5 == known - f
        return
    weights = month_weights(law, f, known, months, p)
    assert weights.shape == (months + 1,) and weights.dtype == np.float64 and weights.min() >= 0
    assert weights.sum() == pytest.approx(1, rel=1e-14)
    left = law.survival(months - 1 - f) / law.survival(known - f)
    assert weights[:months].sum() == pytest.approx(p * (1 - left), rel=1e-12, abs=1e-15)
    assert not weights[: known + 1].any()
    thresholds = month_thresholds(law, f, known, months, p)
    assert thresholds.shape == (months,) and thresholds.dtype == np.int64
    assert thresholds / SCALE == pytest.approx(np.cumsum(weights[:months]), abs=1e-14)


def test_when_nothing_is_left() -> None:
    uniform, table = Uniform(6, 12), Table((6, 12), (0.5, 0.5))
    assert [is_exhausted(uniform, 0, known) for known in (0, 6, 11, 12, 13)] == [False, False, False, True, True]
    assert [is_exhausted(table, -6, known) for known in (0, 5, 6)] == [False, False, True]
    assert [is_exhausted(Fixed(4), 0, known) for known in (3, 4)] == [False, True]
    assert is_exhausted(uniform, -12, 0) and not is_exhausted(uniform, -11, 0) and not is_exhausted(uniform, 5, 3)
    assert not is_exhausted(Exponential(30), -1000, 100)
    assert not is_exhausted(Hazard(((0, 0.0),)), 0, 1000)
    for function in (month_weights, month_thresholds):
        with pytest.raises(ValueError, match="nothing is left"):
            function(uniform, 0, 12, 24, 1.0)


# --- Months from words ------------------------------------------------------------------------------------------------


def test_first_and_last_word() -> None:
    assert UNIFORM_BITS == 53 and SCALE == 2**53
    words = [0, 1, LAST_WORD]
    one = np.array([0, 1, 1, SCALE], dtype=np.int64)
    assert first_month(one, words).tolist() == [1, 3, 3]
    assert first_month(np.array([0, 0], dtype=np.int64), words).tolist() == [NEVER] * 3
    assert first_month(np.array([SCALE, SCALE], dtype=np.int64), words).tolist() == [0] * 3
    assert first_month(one, np.array([words, words])).shape == (2, 3)
    certain = month_thresholds(Uniform(6, 18), 0, 0, 24, 1.0)
    assert certain[17] < certain[18] == SCALE
    assert first_month(certain, words).tolist() == [7, 7, 18]
    assert first_month(month_thresholds(Uniform(6, 18), 0, 0, 24, 0.0), words).tolist() == [NEVER] * 3
    assert np.isfinite(values(Exponential(30), words)).all()
    assert values(Exponential(30), [0])[0] == pytest.approx(30 * 0.5 / 2**53, rel=1e-12)


def test_a_given_month() -> None:
    thresholds = at_month_thresholds(10, 24, 0.25)
    assert thresholds.dtype == np.int64
    assert thresholds.tolist() == [0] * 10 + [2**51] * 14
    assert first_month(thresholds, [0, 2**51 - 1, 2**51]).tolist() == [10, 10, NEVER]
    assert not at_month_thresholds(24, 24, 1.0).any()
    assert at_month_thresholds(0, 2, 1.0).tolist() == [SCALE, SCALE]


@given(
    law=st.sampled_from(CONTINUOUS),
    f=st.integers(-5, 20),
    low=st.floats(0, 1),
    high=st.floats(0, 1),
    word=st.integers(0, LAST_WORD),
)
def test_a_larger_probability_never_makes_it_later(law: Law, f: int, low: float, high: float, word: int) -> None:
    assume(not is_exhausted(law, f, 0))
    rare = month_thresholds(law, f, 0, 36, min(low, high))
    often = month_thresholds(law, f, 0, 36, max(low, high))
    assert np.all(rare <= often)
    assert first_month(often, word) <= first_month(rare, word)


def earlier_and_later(kind: str, a: float, b: float) -> tuple[Law, Law]:
    """Two laws, the first one earlier also once conditioned: its hazard rate is nowhere lower."""
    small, large = min(a, b), max(a, b)
    return {
        "exponential": (Exponential(small), Exponential(large)),
        "weibull": (Weibull(1.7, small), Weibull(1.7, large)),
        "falling": (Weibull(0.6, small), Weibull(0.6, large)),
        "hazard": (Hazard(((0, 1 - 1 / (1 + large)), (9, 0.5))), Hazard(((0, 1 - 1 / (1 + small)), (9, 0.2)))),
        "uniform": (Uniform(30, 30 + small), Uniform(30, 30 + large)),
        "lognormal": (Lognormal(small, 0.5), Lognormal(large, 0.5)),  # conditioned on nothing: see f below
    }[kind]


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(["exponential", "weibull", "falling", "hazard", "uniform", "lognormal"]),
    a=st.floats(0.5, 200),
    b=st.floats(0.5, 200),
    known=st.integers(0, 20),
    p=st.floats(0.01, 1),
    seed=st.integers(0, 2**32),
)
def test_an_earlier_law_never_makes_it_later(kind: str, a: float, b: float, known: int, p: float, seed: int) -> None:
    early, late = earlier_and_later(kind, a, b)
    f = known if kind == "lognormal" else 0
    assume(not is_exhausted(early, f, known))
    t_early, t_late = (month_thresholds(law, f, known, 60, p) for law in (early, late))
    assert np.all(t_early >= t_late - 8)  # the last bits of the exponentials: 8 words of 2^53
    words = random_words(500, seed)  # one of them within those 8 words of a threshold: 500 * 60 * 8/2^53 < 1e-10
    assert np.all(first_month(t_early, words) <= first_month(t_late, words))


@pytest.mark.parametrize("law", CONTINUOUS, ids=repr)
def test_whole_months_are_the_quantile_rounded_up(law: Law) -> None:
    # They may differ where a word lies within rounding, some 1e-13, of a threshold: for 20,000 words below 1e-6.
    words = random_words(20_000, 11)
    expected = np.ceil(law.quantile((words + 0.5) / SCALE))
    months = whole_months(law, words)
    assert months.dtype == np.int64 and np.array_equal(months, expected)
    assert np.array_equal(months, np.ceil(values(law, words)))
    assert whole_months(law, words.reshape(100, 200)).shape == (100, 200)


def test_whole_months_of_atoms_are_exact() -> None:
    words = random_words(1000, 12)
    for value, month in ((4, 4), (2.5, 3), (0, 0), (5000, 5000), (1e30, NEVER)):
        assert np.all(whole_months(Fixed(value), words) == month)
    law = Table((0, 2.5, 5000), (0.25, 0.5, 0.25))  # thresholds at 2^51 and 3 * 2^51
    edges = [0, 2**51 - 1, 2**51, 3 * 2**51 - 1, 3 * 2**51, LAST_WORD]
    assert whole_months(law, edges).tolist() == [0, 0, 3, 3, 5000, 5000]
    assert values(law, [0, 2**52, LAST_WORD]).tolist() == [0, 2.5, 5000]


def test_whole_months_beyond_the_table() -> None:
    law = Lognormal(3000, 2)
    words = random_words(5000, 13)
    expected = np.minimum(np.ceil(law.quantile((words + 0.5) / SCALE)), NEVER)
    assert (expected > 4096).sum() > 2000  # the chance is 1 - Phi(ln(4096/3000)/2) = 0.44
    assert np.array_equal(whole_months(law, words), expected)
    assert np.all(whole_months(Lognormal(1e12, 0.1), words) == NEVER)
    assert whole_months(Uniform(0, 2), [0, 2**52 - 1, 2**52, LAST_WORD]).tolist() == [1, 1, 2, 2]


def chi_square(months: np.ndarray, weights: np.ndarray) -> tuple[float, int]:
    """Pearson's statistic of months against weights, and its degrees of freedom; cells of no weight must be empty."""
    horizon = len(weights) - 1
    counts = np.bincount(np.minimum(months, horizon), minlength=horizon + 1)
    expected = weights * len(months)
    common = expected >= 20
    counts = np.append(counts[common], counts[~common].sum())
    expected = np.append(expected[common], expected[~common].sum())
    inside = expected > 0
    assert not counts[~inside].any()
    statistic = float(((counts - expected)[inside] ** 2 / expected[inside]).sum())
    return statistic, int(inside.sum()) - 1


@pytest.mark.parametrize(
    ("law", "f", "known"),
    [
        (Lognormal(18, 0.5), -7, 4),
        (Gamma(12, 4), 3, 0),
        (Weibull(0.7, 20), -20, 2),
        (GAP, 0, 5),
        (Table((6, 12), (0.3, 0.7)), 0, 0),
    ],
    ids=repr,
)
def test_months_of_random_words_have_their_probabilities(law: Law, f: int, known: int) -> None:
    # Chance of a false alarm 1e-6 a case, were the seed not fixed.
    months, p = 48, 0.7
    drawn = first_month(month_thresholds(law, f, known, months, p), random_words(200_000, 14))
    statistic, freedom = chi_square(drawn, month_weights(law, f, known, months, p))
    assert statistic < stats.chi2.isf(1e-6, freedom)
    wrong, freedom = chi_square(drawn, month_weights(law, f, known, months, p - 0.02))
    assert wrong > stats.chi2.isf(1e-6, freedom)  # the test can fail: two percentage points are seen
