"""How a question is sampled is made and checked in one place: every question refuses alike what makes no sense."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import sim
from sim.chance.sampling import Sampling
from sim.errors import UsageError

SMALL: dict[str, Any] = {
    "scenario": 1,
    "name": "small",
    "start": "2025-01",
    "months": 6,
    "money": "USD",
    "vendor": {"name": "V"},
    "customers": {"a": {"revenue": 1, "growth": 0, "volatility": 0.1}},
    "events": {
        "leaves": {"hits": "a", "probability": 0.5, "timing": {"uniform": {"low": 0, "high": 5}}, "usage": {"to": 0}}
    },
    "run": {"paths": 100, "seed": 5},
    "sweep": {"events.leaves.probability": [0, 1]},
    "evidence": {"events.leaves.probability": {"assumption": "a guess", "low": 0.2, "high": 0.8}},
}
CHANCE = "events.leaves.probability"

QUESTIONS: dict[str, Callable[..., Any]] = {
    "run": sim.run,
    "sweep": sim.sweep,
    "compare": lambda source, **given: sim.compare(source, sim.load(source).with_({CHANCE: 0.1}), **given),
    "tornado": sim.tornado,
    "attribute": sim.attribute,
    "breakeven": lambda source, **given: sim.breakeven(source, axis=CHANCE, threshold=1, **given),
    "verify": sim.verify,
    "explore": sim.explore,
    "report": sim.make_report,
    "trace": sim.trace,
}
OF_ONE_PATH = {"trace"}
BY_ITS_OWN_METHOD = {"verify", "explore", "report"}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("seed", [-1, 1.5, "x", True, float("nan"), [1]])
def test_a_seed_is_a_whole_number(question: str, seed: Any) -> None:
    with pytest.raises(UsageError, match=r"seed: found .* allowed is a whole number from 0 on"):
        QUESTIONS[question](SMALL, seed=seed)


@pytest.mark.parametrize("question", sorted(QUESTIONS.keys() - OF_ONE_PATH))
@pytest.mark.parametrize("paths", [0, -5, 2.5, "many", True])
def test_paths_are_a_whole_number_above_nought(question: str, paths: Any) -> None:
    with pytest.raises(UsageError, match=r"paths: found .* allowed is a whole number from 1 on"):
        QUESTIONS[question](SMALL, paths=paths)


@pytest.mark.parametrize("question", sorted(QUESTIONS.keys() - BY_ITS_OWN_METHOD))
def test_a_method_has_a_name(question: str) -> None:
    with pytest.raises(UsageError, match="sampling: found 'halton', allowed are plain and sobol"):
        QUESTIONS[question](SMALL, sampling="halton")


def test_what_is_not_asked_for_is_the_scenario_s_own() -> None:
    scenario = sim.load(SMALL)
    assert Sampling.of(scenario) == Sampling(100, 5, "plain")
    assert Sampling.of(scenario, most=30) == Sampling(30, 5)
    assert Sampling.of(scenario, paths=300, most=30) == Sampling(300, 5)
    assert Sampling.of(scenario, seed=0) == Sampling(100, 0)


def test_quasi_random_paths_are_a_power_of_two_of_each_scrambling() -> None:
    # 100 paths are 7 of each of 16 scramblings; the next power of two is 8.
    found = Sampling.of(sim.load(SMALL), method="sobol")
    assert (found.paths, found.replications, found.scrambled) == (128, 16, True)
    assert Sampling(100, 5).replications is None


@pytest.mark.parametrize(("paths", "size"), [(10, 3), (9, 3), (1, 5), (3, 3)])
def test_shards_hold_every_path_once(paths: int, size: int) -> None:
    shards = list(Sampling(paths, 1).shards(size))
    assert [path for first, count in shards for path in range(first, first + count)] == list(range(paths))
    assert max(count for _, count in shards) <= size


def test_shards_of_any_number_of_paths_take_no_memory() -> None:
    assert next(Sampling(10**18, 1).shards(2048)) == (0, 2048)
