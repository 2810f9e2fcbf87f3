"""Laws of numbers in doubt: their check figures, percentiles met, order kept, ranges kept."""

from __future__ import annotations

import math
import subprocess
import sys
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from sim.scenario.doubts import Doubt, Even, Form, Percentiles, Pert, Weighted, rounded_draws

NORMAL = NormalDist()
SCORES = np.linspace(-6.2, 6.2, 1001)  # beyond what 32-bit words reach


def at(form: Form, p: float) -> float:
    return float(form.at(NORMAL.inv_cdf(p)))


def doubt(form: Form, **more: object) -> Doubt:
    return Doubt("a.b", ("a", "b"), form, 0, **more)  # type: ignore[arg-type]


# The figures of Hadlock and Bickel's formulas, worked out for three shapes of range.
FIGURES = [
    (Percentiles(10, 0.2, 0.6, 0.95, 0, 1), {0.01: 0.042592, 0.05: 0.127187, 0.95: 0.983902, 0.99: 0.999434}),
    (Percentiles(10, 18, 20, 23, 0), {0.01: 16.825118, 0.05: 17.559179, 0.95: 24.051277, 0.99: 26.254400}),
    (Percentiles(10, -2, 1, 10), {0.05: -2.661769, 0.95: 15.478438}),
    (Pert(0, 0.5, 0.8), {0.05: 0.208507, 0.5: 0.474524, 0.95: 0.697780}),
    (Even(2, 6), {0.05: 2.2, 0.5: 4, 0.75: 5}),
]


@pytest.mark.parametrize(("form", "points"), FIGURES)
def test_check_figures(form: Form, points: dict[float, float]) -> None:
    for p, value in points.items():
        assert at(form, p) == pytest.approx(value, abs=5e-7)
        assert form.at(np.array([NORMAL.inv_cdf(p)]))[0] == pytest.approx(value, abs=5e-7)
        assert doubt(form).quantile(p) == pytest.approx(value, abs=5e-7)


def test_a_symmetric_law_is_the_plain_one_of_its_range() -> None:
    """Percentiles that lie evenly on the law's own scale: a normal, a lognormal, a logit-like law of normal scores."""
    c = NORMAL.inv_cdf(0.95)
    for p in (0.01, 0.2, 0.7, 0.999):
        z = NORMAL.inv_cdf(p)
        assert at(Percentiles(5, 1, 2, 3), p) == pytest.approx(2 + z / c)
        assert at(Percentiles(5, 1 + 0.5, 1 + 1, 1 + 2, 1), p) == pytest.approx(1 + 2 ** (z / c))
        low, high = NORMAL.cdf(-0.7), NORMAL.cdf(0.7)
        assert at(Percentiles(5, 4 * low, 2, 4 * high, 0, 4), p) == pytest.approx(4 * NORMAL.cdf(0.7 * z / c))


def test_the_pert_law_is_the_beta_law_of_its_textbook() -> None:
    """Mean (low + 4 mode + high) / 6, and the parts of a beta law on its ends."""
    low, mode, high = 2.0, 3.0, 8.0
    shape = (1 + 4 * (mode - low) / (high - low), 1 + 4 * (high - mode) / (high - low))
    law = beta(*shape, loc=low, scale=high - low)
    assert law.mean() == pytest.approx((low + 4 * mode + high) / 6)
    for p in (0.001, 0.3, 0.99):
        assert at(Pert(low, mode, high), p) == pytest.approx(law.ppf(p))


numbers = st.floats(-1e6, 1e6, allow_subnormal=False)
shares = st.floats(1e-4, 1 - 1e-4)


@st.composite
def percentiles(draw: st.DrawFn) -> Percentiles:
    kind = draw(st.sampled_from(["none", "below", "both"]))
    percent = draw(st.integers(1, 49))
    low, median, high = sorted(draw(st.tuples(*[shares if kind == "both" else numbers] * 3)))
    assume(high > low and min(median - low, high - median) > 1e-3 * (high - low))
    if kind == "none":
        return Percentiles(percent, low, median, high)
    if kind == "both":
        return Percentiles(percent, low, median, high, 0.0, 1.0)
    least = low - draw(st.floats(1e-3, 10)) * (high - low)
    return Percentiles(percent, low, median, high, least)


@settings(max_examples=150, deadline=None)
@given(percentiles())
def test_percentiles_are_met_in_order_and_within_the_range(form: Percentiles) -> None:
    assert form.is_sound
    for p, value in ((form.percent / 100, form.low), (0.5, form.median), (1 - form.percent / 100, form.high)):
        assert at(form, p) == pytest.approx(value, abs=1e-9 * (form.high - form.low), rel=1e-9)
        assert doubt(form).quantile(p) == value  # to the digit
    found = form.at(SCORES)
    found = found[np.isfinite(found)]  # p48 and p52 far apart leave the utmost draws beyond all numbers
    assert np.all(np.diff(found) >= 0)
    assert form.least is None or np.all(found >= form.least)
    assert form.most is None or np.all(found <= form.most)
    reach = NORMAL.inv_cdf(1 - form.percent / 100)
    inner = form.at(np.linspace(-reach, reach, 101))  # far beyond, rounding may take it to an end of its range
    assert np.all(np.diff(inner) > 0)


@settings(max_examples=100, deadline=None)
@given(st.tuples(numbers, numbers, numbers).map(sorted), st.booleans())
def test_laws_by_ends_stay_between_them_in_order(three: list[float], even: bool) -> None:
    low, mode, high = three
    found = (Even(low, high) if even else Pert(low, mode, high)).at(SCORES)
    room = 1e-12 * max(abs(low), abs(high))
    assert np.all(np.diff(found) >= -room)
    assert low - room <= found.min() <= found.max() <= high + room


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 60))
def test_whole_numbers_are_whole_and_between_their_ends(low: int, width: int, mode: int) -> None:
    high = low + width
    for form in (Even(low, high), Pert(low, min(max(mode, low), high), high)):
        found = doubt(form, whole=True).drawn(SCORES)
        assert all(type(value) is int for value in found)
        assert (found[0], found[-1]) == (low, high)
        assert found == sorted(found)


def test_whole_numbers_between_two_ends_are_equally_likely() -> None:
    """Of seven, each has a seventh: the first is left at 1/7, the last reached at 6/7."""
    notice = doubt(Even(0, 6), whole=True)
    for n in range(1, 7):
        assert notice.quantile(n / 7 - 1e-9) == n - 1
        assert notice.quantile(n / 7 + 1e-9) == n


def test_percentiles_of_a_whole_number_may_be_its_least() -> None:
    """The range of a notice begins half a step below 0, so that a tenth of the draws may be 0 and more."""
    notice = doubt(Percentiles(10, 0, 3, 6, -0.5), whole=True)
    found = notice.drawn(SCORES)
    assert min(found) == 0
    assert [notice.quantile(p) for p in (0.1, 0.5, 0.9)] == [0, 3, 6]
    assert all(type(value) is int for value in found)


@pytest.mark.parametrize(
    ("weights", "points"),
    [
        ((1, 2, 1), {0.24: "a", 0.25: "a", 0.26: "b", 0.74: "b", 0.76: "c"}),
        ((0, 1, 0), {1e-6: "b", 0.5: "b", 1 - 1e-6: "b"}),
        ((1e300, 1e300, 0), {0.49: "a", 0.51: "b", 0.999: "b"}),
    ],
)
def test_a_value_is_the_first_whose_cumulated_weight_reaches_the_share(
    weights: tuple[float, ...], points: dict[float, str]
) -> None:
    found = doubt(Weighted(("a", "b", "c"), weights))
    assert {p: found.quantile(p) for p in points} == points
    assert found.drawn([NORMAL.inv_cdf(p) for p in points]) == list(points.values())


def test_what_is_drawn_is_put_where_it_belongs() -> None:
    law = Even(0, 0.4)
    half = [0.0]  # the score of the median
    assert doubt(law).of_scores(half) == [0.2]
    assert doubt(law, shift=True, moved=1.5).of_scores(half) == [1.7]
    steps = (("2024-03", 0.5), ("2025-03", 0.25))
    assert doubt(law, shift=True, moved=steps).of_scores(half) == [{"2024-03": 0.7, "2025-03": 0.45}]
    assert doubt(law, moved=steps).of_scores(half) == [{"2024-03": 0.2, "2025-03": 0.2}]


@pytest.mark.parametrize(
    "form",
    [
        Percentiles(10, 1e15, 1e15 + 0.125, 1e15 + 0.25, 0),  # apart, but not on the scale of logarithms
        Percentiles(10, 1.0, math.nextafter(1.0, 2), 1e300, 0),  # out of all proportion
        Percentiles(1, -1e300, 1.0, 2.0),
    ],
)
def test_a_law_that_numbers_cannot_tell_says_so(form: Percentiles) -> None:
    assert not form.is_sound


def test_draws_are_rounded_up_to_a_power_of_two_for_each_scrambling() -> None:
    assert {n: rounded_draws(n) for n in (256, 257, 1000, 1024, 1025)} == {
        256: 256, 257: 512, 1000: 1024, 1024: 1024, 1025: 2048,
    }  # fmt: skip


def test_quantiles_but_for_the_pert_law_need_no_scipy() -> None:
    code = (
        "import sys; from sim.scenario.doubts import *\n"
        "for form in (Percentiles(10, 0.2, 0.6, 0.95, 0, 1), Even(0, 1), Weighted(('a', 'b'), (1, 1))):\n"
        "    Doubt('a', ('a',), form, 0).quantile(0.3)\n"
        "assert 'scipy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
