"""Names in what results give to scripts: what stands here keeps its name."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import sim
from tests.cli.conftest import EVEN

RUN = {"version", "paths", "seed", "sampling", "seconds"}
RANGES = "evidence: {events.leaves.probability: {assumption: a guess, low: 0.25, high: 0.75}}\n"


@pytest.fixture
def even(tmp_path: Path) -> Path:
    file = tmp_path / "even.yaml"
    file.write_text(EVEN + RANGES)
    return file


def test_a_tornado(even: Path) -> None:
    found = sim.tornado(even, paths=4096)
    document = found.to_dict()
    assert set(document) == {
        "format", "scenario", "run", "level", "measure", "base", "bars", "refused", "without_range", "unsourced",
    }  # fmt: skip
    assert set(document["run"]) == RUN
    assert document["run"]["sampling"] == "sobol"
    # Of 10 and 30 a month, no growth, nothing but the chance has a source.
    assert set(document["unsourced"]) == {
        *(f"customers.{who}.{what}" for who in ("one", "rest") for what in ("revenue", "growth")),
        "events.leaves.usage.to",
    }
    # 60 are lost with a chance of 0.5; at 0.25 and 0.75 that is 15 less and 15 more.
    frame = found.to_frame()
    assert list(frame.columns[:6]) == ["rank", "path", "assumption", "base", "end", "value"]
    assert list(frame["expected_loss_change"].round()) == [-15, 15]


def test_an_attribution(even: Path) -> None:
    found = sim.attribute(even, paths=256)
    document = found.to_dict()
    assert set(document["run"]) == RUN
    assert document["run"]["sampling"] == "sobol"
    columns = ["event", "name", "measure", "level", "value", "standard_error", "low", "high", "share"]
    frame = found.to_frame()
    assert list(frame.columns) == columns
    assert set(frame["name"]) == {"One leaves"}
    assert [level for level in frame["level"] if not math.isnan(level)] == [0.95, 0.99]


def test_a_comparison(even: Path) -> None:
    document = sim.compare(even, even, paths=400).to_dict()
    assert set(document["run"]) >= RUN
    assert document["run"]["paths"] == 400
