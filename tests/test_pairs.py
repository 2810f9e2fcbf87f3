"""Differences on common draws: exact where they can be, and errors that cover."""

from __future__ import annotations

import numpy as np
import pytest

import sim
from sim import pairs, variants
from sim.measures import tails
from tests.cli.conftest import EVEN


def exponential(paths: int, seed: int = 7) -> np.ndarray:
    return np.random.default_rng(seed).exponential(100.0, paths)


@pytest.mark.parametrize("scrambled", [False, True])
def test_a_constant_more_on_every_path_is_that_constant_without_an_error(scrambled: bool) -> None:
    base = exponential(6400)
    for found in (
        pairs.mean(base + 5 - base, scrambled=scrambled),
        pairs.quantile_difference(base, base + 5, 0.95, scrambled=scrambled),
        pairs.shortfall_difference(base, base + 5, 0.95, scrambled=scrambled),
    ):
        assert found.value == pytest.approx(5)
        assert found.standard_error == pytest.approx(0, abs=1e-9)


def test_terms_of_the_shortfall_average_to_it_atoms_included() -> None:
    # Of ten losses the level 0.85 leaves a tail of 1.5: the 100 and half a 7, so (100 + 3.5) / 1.5 = 69.
    losses = np.array([0.0, 0, 0, 0, 0, 0, 7, 7, 7, 100])
    assert pairs.shortfall_terms(losses, 0.85).mean() == pytest.approx(69)
    many = exponential(5000)
    assert pairs.shortfall_terms(many, 0.95).mean() == pytest.approx(tails(many, [0.95])[0].expected_shortfall)


def test_too_few_paths_give_a_value_without_an_error() -> None:
    base = exponential(640)  # 32 sections of 20 paths have one beyond the 95 % quantile each; the tail has 32
    assert pairs.quantile_difference(base, 2 * base, 0.95, scrambled=False).standard_error is None
    assert pairs.shortfall_difference(base, 2 * base, 0.95, scrambled=False).low is None
    assert pairs.mean(base[:1], scrambled=False).standard_error is None


def test_intervals_of_differences_cover() -> None:
    """Twice an exponential less itself: mean 100, 95 % quantile 100 ln 20, shortfall 100 (ln 20 + 1).

    500 repetitions of 6,400 paths; at 95 % the standard error of the share that covers is 1 %. Sectioning at a tail of
    10 paths a section is biased by some percent of the error, so coverage may fall short by 2 %: asked for is 90 % to
    99 %, which holds but for a chance of 1 in 700 (3 standard errors below 93 %).
    """
    truth = {"mean": 100.0, "quantile": 100 * np.log(20), "shortfall": 100 * (np.log(20) + 1)}
    covered = dict.fromkeys(truth, 0)
    for seed in range(500):
        base = exponential(6400, seed)
        found = {
            "mean": pairs.mean(base, scrambled=False),
            "quantile": pairs.quantile_difference(base, 2 * base, 0.95, scrambled=False),
            "shortfall": pairs.shortfall_difference(base, 2 * base, 0.95, scrambled=False),
        }
        for name, estimate in found.items():
            assert estimate.low is not None
            assert estimate.high is not None
            covered[name] += estimate.low <= truth[name] <= estimate.high
    assert {name: 450 <= count <= 495 for name, count in covered.items()} == dict.fromkeys(truth, True), covered


@pytest.mark.parametrize("sampling", ["plain", "sobol"])
def test_variants_lose_on_every_path_what_a_run_of_each_does(sampling: str) -> None:
    base = sim.load("tiktok")
    other = base.with_({"events.price_cut.price.to": 0.7, "customers.tiktok.growth": 0.5})
    found = variants.losses([base, other], paths=4096, seed=3, sampling=sampling, workers=2)
    for row, scenario in zip(found, (base, other), strict=True):
        assert (row == sim.run(scenario, paths=4096, seed=3, sampling=sampling).loss).all()


def test_progress_and_refusal(tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "even.yaml"
    file.write_text(EVEN)
    scenario = sim.load(file)
    seen: list[tuple[int, int]] = []
    found = variants.losses([scenario], paths=6000, seed=1, sampling="plain", progress=lambda *done: seen.append(done))
    assert seen[-1] == (6000, 6000)
    assert set(np.unique(found)) == {0.0, 60.0}
    with pytest.raises(sim.TooLarge):
        variants.losses([scenario] * 1000, paths=10**9, seed=1)
