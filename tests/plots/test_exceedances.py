"""The loss exceedance curve: its points, its band, and the measures on it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import sim
from sim.estimates.estimate import Estimate
from sim.estimates.independent import share_interval
from sim.estimates.measures import Estimates
from sim.plots.exceedances import MOST_POINTS, curve
from tests.plots.conftest import about, case, corners, drawn, legend, title


def with_losses(result: sim.Result, losses: list[float]) -> sim.Result:
    return dataclasses.replace(
        result, loss=np.array(losses), sampled=dataclasses.replace(result.sampled, paths=len(losses))
    )


def test_the_curve_is_the_share_of_paths_that_lose_more() -> None:
    # Of five losses 4 are above 0 and 1, 2 above 2, none above 7.
    amounts, above = curve(np.array([0.0, 2.0, 2.0, 7.0, 7.0]))
    assert list(amounts) == [0, 2, 7]
    assert list(above) == [4 / 5, 2 / 5, 0]
    # Where every path loses something the curve begins at zero, with all of them.
    amounts, above = curve(np.array([2.0, 7.0]))
    assert list(amounts) == [0, 2, 7]
    assert list(above) == [1, 1 / 2, 0]
    # A gain is a negative loss.
    assert list(curve(np.array([-3.0, 1.0]))[0]) == [-3, 1]


def test_the_line_on_a_tiny_case(noisy: sim.Result) -> None:
    ax = with_losses(noisy, [7.0, 0.0, 2.0, 1e-12, 2.0]).plot.exceedance()
    line = legend(ax)["share of paths that lose more"]
    assert line.get_drawstyle() == "steps-post"
    # A loss of 1e-12 is rounding: two of five paths lose nothing. The last step ends at the largest loss.
    assert list(line.get_xdata()) == [0, 2, 7]
    np.testing.assert_allclose(line.get_ydata(), [3 / 5, 1 / 5, 1 / 5])
    assert "no loss in 40 % of them" in about(ax)
    assert ax.get_yscale() == "log"


def test_many_losses_are_thinned_and_every_point_is_exact() -> None:
    losses = np.sort(np.random.default_rng(1).lognormal(3, 1, 50_000))
    amounts, above = curve(losses)
    assert 300 < len(amounts) <= MOST_POINTS
    assert amounts[-1] == losses[-1]
    assert above[-1] == 0
    for amount, share in zip(amounts[::50], above[::50], strict=True):
        assert share == pytest.approx(np.count_nonzero(losses > amount) / 50_000, abs=1e-15)
    # The ten largest losses each have their step.
    assert set(losses[-10:]) <= set(amounts)


def test_the_band_is_that_of_a_binomial_share(halves: sim.Result) -> None:
    ax = halves.plot.exceedance()
    hits = int(np.count_nonzero(halves.loss > 0))
    low, high = share_interval(hits, 400)
    band = corners(legend(ax)["95 % interval at each amount"])
    assert band[0][0] == pytest.approx(low)
    assert band[1][0] == pytest.approx(high)


def test_the_band_of_quasi_random_paths_is_that_of_the_scramblings() -> None:
    result = sim.run(case(36), paths=1024, sampling="sobol")
    band = corners(legend(result.plot.exceedance())["95 % interval at each amount"])
    measure = result.measures["probability_of_loss"]
    assert (band[0][0], band[1][0]) == (pytest.approx(measure["low"]), pytest.approx(measure["high"]))
    plain = share_interval(round(1024 * measure["value"]), 1024)
    assert band[1][0] - band[0][0] < 0.5 * (plain[1] - plain[0])


def test_measures_stand_at_the_height_of_their_chance(noisy: sim.Result) -> None:
    ax = noisy.plot.exceedance()
    points = {
        (label.split(":")[0], handle.get_xdata()[0], round(handle.get_ydata()[0], 9))
        for label, handle in legend(ax).items()
        if label.startswith(("revenue at risk", "expected shortfall"))
    }
    expected = {
        (f"{words} {100 * float(level):g} %", measure["value"], round(1 - float(level), 9))
        for words, name in (("revenue at risk", "revenue_at_risk"), ("expected shortfall", "expected_shortfall"))
        for level, measure in noisy.measures[name].items()
    }
    assert points == expected
    at_risk = noisy.measures["revenue_at_risk"]["0.95"]
    reaches = [tuple(c.get_segments()[0][:, 0]) for c in ax.collections if hasattr(c, "get_segments")]
    assert (at_risk["low"], at_risk["high"]) in reaches
    words = {" ".join(text.get_text().split()) for text in ax.texts}
    assert {"RaR 95 %", "ES 95 %", "RaR 99 %", "ES 99 %"} <= words


def test_errors_are_in_the_legend() -> None:
    result = sim.run("tiktok", paths=4000)
    names = legend(result.plot.exceedance())
    at_risk = f"revenue at risk 95 %: {result.measures['revenue_at_risk']['0.95']['value']:,.0f}"
    assert any(at_risk in name and " … " in name for name in names), (at_risk, names)
    # 200 paths beyond the level are enough for a standard error, 40 are not.
    assert any(name.startswith("expected shortfall 95 %: ") and " ± " in name for name in names)
    assert any(name.startswith("expected shortfall 99 %: ") and "±" not in name for name in names)


def test_what_it_says(noisy: sim.Result, halves: sim.Result) -> None:
    ax = noisy.plot.exceedance()
    amount = noisy.measures["revenue_at_risk"]["0.95"]["value"]
    assert title(ax) == f"With a chance of 5 % the loss exceeds USD {amount:.0f} million"
    assert ax.get_xlabel() == "Loss over 2025-03\u00a0…\u00a02028-02, USD million"
    assert ax.get_ylabel() == "Probability of a larger loss"
    # All losses are 60 or 0: no path loses more than the revenue at risk.
    assert title(halves.plot.exceedance()) == "In 19 of 20 futures the loss does not exceed USD 60 million"
    rare = with_losses(halves, [0.0] * 399 + [60.0])
    rare = dataclasses.replace(
        rare, estimates=Estimates({**halves.estimates, "revenue_at_risk": {"0.95": Estimate(0.0, low=0.0, high=0.0)}})
    )
    assert title(rare.plot.exceedance()).startswith("0.25 % of paths lose something")


def test_no_loss_at_all(noisy: sim.Result) -> None:
    nothing = sim.run(case(36, events={}), paths=500, sampling="plain")
    ax = nothing.plot.exceedance()
    assert title(ax) == "No path loses anything"
    # 1 - 0.025^(1/500) = 0.735 %: Clopper's and Pearson's upper end for none of 500.
    assert "no loss in any, so its chance is 0.74 % at most" in about(ax)
    assert corners(legend(ax)["95 % interval at each amount"])[1][0] == pytest.approx(1 - 0.025 ** (1 / 500))
    assert drawn(ax)


def test_one_path() -> None:
    ax = sim.run(case(12, events={}), paths=1, sampling="plain").plot.exceedance()
    assert title(ax) == "The one path loses nothing"
    # Certain from the first month on, at once: ten a month with a tenth's growth, for sure lost.
    gone = case(12)
    gone["events"]["leaves"] |= {"probability": 1, "timing": {"month": "2025-03"}, "usage": {"to": 0}, "notice": 0}
    result = sim.run(gone, paths=1, sampling="plain")
    ax = result.plot.exceedance()
    line = legend(ax)["share of paths that lose more"]
    assert list(line.get_xdata()) == [0, result.loss[0]]
    assert list(line.get_ydata()) == [1, 1]
    assert drawn(ax)
