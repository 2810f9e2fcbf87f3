"""The reference work for speed, whose mean losses are known in closed form, cell by cell."""

from __future__ import annotations

import math

import numpy as np
import pytest

import sim
from sim.answers.sweep import Sweep
from tests.command import ROOT

FILE = ROOT / "scenarios" / "reference-work.yaml"
PATHS = 16_384
MONTHS = 60
MID = (10, 10)


@pytest.fixture(scope="module")
def work() -> Sweep:
    return sim.sweep(FILE, paths=PATHS)


def mean_loss_if_it_leaves(median: float) -> float:
    """Expected loss given that the customer leaves at some time, by the sum over months of leaving and of losing.

    P(a = s) = F(s) - F(s-1) with F(x) = Phi(ln(x / median) / 0.5), for s = 1 ... 59; a customer of 20 grows by
    exp(0.12) a year, E[D_m] = 20 exp(0.01 m); in month m >= s it lacks 0.9 min(m - s + 1, 6) / 6 of that.
    """

    def by(month: int) -> float:
        return 0.5 * math.erfc(-math.log(month / median) / 0.5 / math.sqrt(2)) if month > 0 else 0.0

    return math.fsum(
        (by(s) - by(s - 1)) * 20 * math.exp(0.01 * m) * 0.9 * min(m - s + 1, 6) / 6
        for s in range(1, MONTHS)
        for m in range(s, MONTHS)
    )


def test_the_closed_form_gives_the_published_answer() -> None:
    assert 0.5 * mean_loss_if_it_leaves(31.5) == pytest.approx(327.655, abs=5e-4)


def test_means_are_those_of_the_closed_form(work: Sweep) -> None:
    probabilities, medians = (np.array(axis.values, dtype=float) for axis in work.plan.axes)
    assert probabilities[MID[0]] == 0.5
    assert medians[MID[1]] == 31.5
    expected = probabilities[:, np.newaxis] * [mean_loss_if_it_leaves(median) for median in medians]
    found = work.cells["expected_loss"]
    assert found.shape == expected.shape == (21, 21)
    assert found[1:] == pytest.approx(expected[1:], rel=1e-4)
    # And the error that is stated is the one that is made: 441 cells share their draws, so that the largest of all is
    # no more than that of a few independent ones; beyond 6.5 standard errors Student's t with 15 degrees has 1e-5.
    assert (np.abs(found - expected) <= 6.5 * work.standard_error["expected_loss"] + 1e-9).all()
    # A mistake of a month in the timing would move the mid cell by 1.5 %: the tolerance tells.
    assert expected[MID] / (0.5 * mean_loss_if_it_leaves(30.5)) < 0.99


def test_nothing_is_lost_where_the_customer_never_leaves(work: Sweep) -> None:
    assert (work.cells["expected_loss"][0] == 0).all()
    assert (work.standard_error["expected_loss"][0] == 0).all()
    assert (work.cells["probability_of_loss"][0] == 0).all()
    for level in ("0.95", "0.99"):
        assert (work.cells["revenue_at_risk"][level][0] == 0).all()
        assert (work.cells["expected_shortfall"][level][0] == 0).all()
        assert (work.standard_error["expected_shortfall"][level][0] == 0).all()


def test_a_loss_is_as_likely_as_leaving_within_the_horizon(work: Sweep) -> None:
    probabilities, medians = (np.array(axis.values, dtype=float) for axis in work.plan.axes)
    leaves = [0.5 * math.erfc(-math.log(59 / median) / 0.5 / math.sqrt(2)) for median in medians]
    expected = probabilities[:, np.newaxis] * leaves
    # No sampling at all is left in this one: the weights are analytic, and on every path leaving means a loss.
    assert work.cells["probability_of_loss"] == pytest.approx(expected, abs=1e-12)
    assert work.interval["probability_of_loss"]["low"] == pytest.approx(expected, abs=1e-12)
    assert work.interval["probability_of_loss"]["high"] == pytest.approx(expected, abs=1e-12)


def test_the_mid_cell(work: Sweep) -> None:
    """RaR95 1139.3 and ES95 1290.0, each given to 0.05.

    The tolerances add 5.5 standard errors as stated (beyond by chance, Student's t with 15 degrees of freedom: 6e-5),
    and for the quantile a bin; that they are far below any mistake is asserted beside them.
    """
    at_risk, interval = work.cells["revenue_at_risk"]["0.95"][MID], work.interval["revenue_at_risk"]["0.95"]
    tolerance = 0.05 + work.bin_width + 5.5 * (interval["high"][MID] - interval["low"][MID]) / 2 / 2.13
    assert abs(at_risk - 1139.3) <= tolerance < 2e-3 * 1139.3
    shortfall, error = (part["expected_shortfall"]["0.95"][MID] for part in (work.cells, work.standard_error))
    assert abs(shortfall - 1290.0) <= 0.05 + 5.5 * error < 1e-3 * 1290


def test_plain_paths_agree_in_all_cells() -> None:
    """Errors of plain Monte Carlo are larger, and as honest: no cell beyond 5 of them.

    Student's t with 63 degrees of freedom: 5e-6 for one cell; the 420 cells share draws and are nearly one.
    """
    work = sim.sweep(FILE, paths=2_048, sampling="plain")
    probabilities, medians = (np.array(axis.values, dtype=float) for axis in work.plan.axes)
    expected = probabilities[:, np.newaxis] * [mean_loss_if_it_leaves(median) for median in medians]
    error = work.standard_error["expected_loss"]
    assert (np.abs(work.cells["expected_loss"] - expected) <= 5 * error).all()
    assert (error[1:] > 0).all()
