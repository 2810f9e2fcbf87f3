"""What an answer starts from, in words."""

from __future__ import annotations

import pytest

import sim
from sim.chance.sampling import Sampling
from sim.estimates.estimate import Estimate
from sim.estimates.measures import CHANCE_OF_LOSS, EXPECTED_LOSS, REVENUE_AT_RISK
from sim.words.bases import base_line, sampled_in_words


@pytest.mark.parametrize(
    ("sampled", "words"),
    [
        (Sampling(16384, 1, "sobol"), "16,384 quasi-random paths, seed 1"),
        (Sampling(100000, 7, "plain"), "100,000 independent paths, seed 7"),
        (Sampling(1, 0, "plain"), "1 independent path, seed 0"),
    ],
)
def test_paths_with_their_kind_and_seed(sampled: Sampling, words: str) -> None:
    assert sampled_in_words(sampled) == words


def test_measures_with_their_errors_and_what_they_come_from() -> None:
    scenario = sim.load("tiktok")
    told = [
        (REVENUE_AT_RISK, "0.95", Estimate(1829.7, 12.0, 1805.0, 1855.0)),
        (EXPECTED_LOSS, None, Estimate(704.16, 9.63)),
        (CHANCE_OF_LOSS, None, Estimate(0.834, low=0.822, high=0.845)),
    ]
    assert base_line(scenario, Sampling(4096, 3, "plain"), told, of="“tiktok”") == (
        "Base “tiktok”: revenue at risk 95 % USD 1,830 ± 12 million, expected loss USD 704.2 ± 9.6 million, "
        "chance of a loss 83.4 % (4,096 independent paths, seed 3)"
    )


def test_what_is_known_by_its_interval_is_rounded_by_it_and_what_is_not_known_has_no_error() -> None:
    scenario = sim.load("tiktok")
    told = [
        (REVENUE_AT_RISK, "0.95", Estimate(1819.4, low=1790.0, high=1847.0)),
        (EXPECTED_LOSS, None, Estimate(70.0, 0.0)),
    ]
    assert base_line(scenario, Sampling(64, 1, "sobol"), told) == (
        "Base: revenue at risk 95 % USD 1,819 million, expected loss USD 70 million (64 quasi-random paths, seed 1)"
    )
