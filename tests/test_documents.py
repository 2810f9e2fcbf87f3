"""Names in what results give to scripts: what stands here keeps its name."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import sim
from tests.cli.conftest import EVEN

RUN = {"version", "engine", "paths", "seed", "sampling", "streams", "seconds"}
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
    assert list(frame["end"]) == ["low", "high"]
    assert list(frame["expected_loss_change"].round()) == [-15, 15]
    assert list(frame.columns[-3:]) == ["reason", "file", "line"]
    assert set(frame["reason"]) == {"a guess"}
    assert set(frame["file"]) == {str(even)}


def test_an_end_of_a_schedule_is_left_out_only_where_all_of_it_stands_there(tmp_path: Path) -> None:
    """Growth of 10 % and then 20 % a year, between just these: at either end one date stands, the other does not."""
    file = tmp_path / "schedule.yaml"
    text = EVEN.replace(
        "one: {name: Customer One, revenue: 10, growth: 0}", "one: {revenue: 10, growth: {2025-01: 0.1, 2025-08: 0.2}}"
    )
    file.write_text(text + "evidence: {customers.one.growth: {assumption: a guess, low: 0.1, high: 0.2}}\n")
    (bar,) = sim.tornado(file, paths=256).bars
    low, high = bar.ends["low"].change, bar.ends["high"].change
    # What is lost from 2025-07 on is less where growth from 2025-08 on is less, more where growth before it is more.
    assert low.expected_loss.value < 0 < high.expected_loss.value


def test_one_path_and_a_seed_of_nought_are_allowed(even: Path) -> None:
    for found in (sim.run(even, paths=1, seed=0), sim.tornado(even, paths=1, seed=0, sampling="plain")):
        assert (found.paths, found.seed) == (1, 0)
    for arguments in ({"paths": 0}, {"seed": -1}, {"paths": True}, {"seed": 1.0}, {"sampling": "halton"}):
        for ask in (sim.run, sim.tornado, sim.attribute, lambda *a, **k: sim.compare(a[0], a[0], **k)):
            with pytest.raises(sim.UsageError, match=next(iter(arguments))):
                ask(even, **arguments)


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
    assert set(document["run"]) == RUN
    assert document["run"]["paths"] == 400
