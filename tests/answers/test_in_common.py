"""What all answers have in common: what they take as paths, seed and sampling, and how they say how they were made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sim
from tests.by_hand import EVEN


def compare(scenario: Any, **options: Any) -> sim.Comparison:
    """The scenario beside itself."""
    return sim.compare(scenario, scenario, **options)


@pytest.fixture
def even(tmp_path: Path) -> Path:
    file = tmp_path / "even.yaml"
    file.write_text(EVEN + "evidence: {events.leaves.probability: {assumption: a guess, low: 0.25, high: 0.75}}\n")
    return file


@pytest.mark.parametrize(
    ("ask", "paths", "sampling"),
    [(sim.tornado, 4096, "sobol"), (sim.attribute, 256, "sobol"), (compare, 512, "sobol")],
    ids=["tornado", "attribute", "compare"],
)
def test_how_it_was_made_keeps_its_names(even: Path, ask: Callable[..., Any], paths: int, sampling: str) -> None:
    run = ask(even, paths=paths).to_dict()["run"]
    assert set(run) == {"version", "engine", "paths", "seed", "sampling", "streams", "seconds"}
    assert (run["paths"], run["sampling"]) == (paths, sampling)


def test_one_path_and_a_seed_of_nought_are_allowed(even: Path) -> None:
    for found in (
        sim.run(even, paths=1, seed=0, sampling="plain"),
        sim.tornado(even, paths=1, seed=0, sampling="plain"),
    ):
        assert (found.paths, found.seed) == (1, 0)
    for arguments in ({"paths": 0}, {"seed": -1}, {"paths": True}, {"seed": 1.0}, {"sampling": "halton"}):
        for ask in (sim.run, sim.tornado, sim.attribute, compare):
            with pytest.raises(sim.UsageError, match=next(iter(arguments))):
                ask(even, **arguments)
