"""Loss exceedance under doubt, against what counting one by one says."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.estimates import replications
from sim.estimates.exceeding import POINTS, Exceeding, amounts_of, of_paths
from sim.estimates.predictive import Means
from tests.estimates.doubted import grown, one_date


def test_each_share_is_that_of_counting() -> None:
    losses = np.round(grown(32, 64, 4))  # so that some lose just an amount, and no more
    amounts = np.array([0.0, 12.0, 15.0, 40.0])
    found = Exceeding.of(losses, np.full(32, 100.0), amounts)
    for m, amount in enumerate(amounts):
        more = losses > amount
        own = found.draws[m]
        assert own.values == pytest.approx(more.mean(axis=1))
        for k in range(32):
            hits = more[k].reshape(-1, 16).sum(axis=0)
            assert (own.low[k], own.high[k]) == pytest.approx(replications.share(hits, 64)[1:])
        assert found.mixture[m] == Means(own.values, more.mean(axis=0)).share(own)


def test_what_rounding_leaves_is_no_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    # The first draw's baseline is 100, the second's 100 million: 1e-7 is a loss of the one, 0.01 none of the other.
    losses = np.stack([np.full(16, 1e-6), np.full(16, 1e-2)]).repeat(16, axis=0)
    baselines = np.array([100.0, 1e8]).repeat(16)
    shares = Exceeding.of(losses, baselines, np.array([0.0])).draws[0].values
    assert shares.tolist() == [1.0] * 16 + [0.0] * 16
    assert of_paths(np.full(16, 1e-8), 100.0, np.array([0.0]))[0].value == 0
    assert of_paths(np.full(16, 1e-6), 100.0, np.array([0.0]))[0].value == 1
    monkeypatch.setattr("sim.estimates.predictive.AT_A_TIME", 16)
    assert Exceeding.of(losses, baselines, np.array([0.0])).draws[0].values.tolist() == shares.tolist()


def test_amounts_rise_from_nought_to_where_two_paths_lose_more() -> None:
    losses = grown(256, 256, 5)
    amounts = amounts_of(losses)
    assert amounts[0] == 0
    assert (np.diff(amounts) > 0).all()
    assert len(amounts) <= POINTS + 1
    assert (losses > amounts[-1]).mean() == pytest.approx(2 / 256, abs=2 / losses.size)
    # Half of them at even steps of the amount, half at even ratios of the share that loses more.
    ladder = np.arange(1024.0).reshape(64, 16) + 1
    told = amounts_of(ladder)
    shares = np.geomspace(1, 2 / 16, POINTS // 2)
    by_share = [max(1, math.ceil(1024 * (1 - share))) for share in shares]
    assert told.tolist() == sorted({0.0, *np.linspace(0, by_share[-1], POINTS // 2), *map(float, by_share)})
    # What many paths lose is among them, and so is what is gained.
    assert amounts_of(one_date(256, 256, 1))[-1] == 60
    assert amounts_of(-losses)[0] == pytest.approx(-losses.max())
    assert 0 in amounts_of(-losses)
    assert amounts_of(np.zeros((16, 16))).tolist() == [0]


def test_a_band_of_one_date_is_that_of_its_chance() -> None:
    found = Exceeding.of(one_date(1024, 1024, 0), np.full(1024, 480.0), np.array([30.0, 60.0]))
    # The share beyond 30 is p, uniform from 0.02 to 0.12; beyond 60 it is nothing.
    band = found.draws[0].band()
    assert [one.value for one in band.values()] == pytest.approx([0.025, 0.045, 0.07, 0.095, 0.115], abs=0.008)
    for truth, one in zip([0.025, 0.045, 0.07, 0.095, 0.115], band.values(), strict=True):
        assert one.low is not None
        assert one.high is not None
        assert one.low < truth < one.high < one.low + 0.04
    assert found.mixture[0].value == pytest.approx(0.07, abs=0.002)
    assert found.mixture[1].value == 0
    assert found.mixture[1].high == pytest.approx(1 - 0.025 ** (1 / 1024))
