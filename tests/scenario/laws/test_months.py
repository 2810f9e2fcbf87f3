"""Months that follow from a law: their probabilities, and the month of a random word (``docs/model.md`` section 3)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

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
from sim.scenario.laws.months import _month_table
from tests.scenario.laws.cases import CONTINUOUS, GAP, LAST_WORD


def random_words(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, SCALE, count)


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


def test_known_to_the_end_of_the_horizon_leaves_never_alone() -> None:
    assert month_weights(Exponential(10), 0, 12, 12, probability=0.4).tolist() == [0] * 12 + [1]


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


def test_whole_months_do_not_depend_on_what_was_asked_before() -> None:
    """Tables are worked out as far as words ask: small words first, large ones first, or all at once."""
    law = Lognormal(3.0, 1.1)
    words = np.sort(np.random.default_rng(5).integers(0, SCALE, 400))
    for order in (range(400), range(399, -1, -1)):
        _month_table.cache_clear()
        singly = {k: int(whole_months(law, words[k : k + 1])[0]) for k in order}
        _month_table.cache_clear()
        assert [singly[k] for k in range(400)] == whole_months(law, words).tolist()
    _month_table.cache_clear()
    whole_months(law, words[:200])  # the lower half: up to the median of 3 months
    assert len(_month_table(law).months) < 10


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
