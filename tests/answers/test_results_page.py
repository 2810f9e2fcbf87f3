"""docs/results.md names every key that an answer has, and no other."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

import sim
from tests.answers.choosing import SOON
from tests.command import ROOT, Run
from tests.report.conftest import EVEN

CHANCE = "events.leaves.probability"
RANGED = {**EVEN, "evidence": {CHANCE: {"assumption": "made up", "low": 0.2, "high": 0.8}}}
IN_DOUBT = {**EVEN, "doubt": {"numbers": {CHANCE: {"low": 0.2, "high": 0.8}}}}
PAGE = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")

ASKED: dict[str, Callable[[], Any]] = {
    "run": lambda: sim.run(EVEN, paths=200),
    "sweep": lambda: sim.sweep(EVEN, axes={CHANCE: [0.2, 0.5]}, paths=64),
    "compare": lambda: sim.compare(EVEN, sim.load(EVEN).with_({CHANCE: 0.2}), paths=64),
    "tornado": lambda: sim.tornado(RANGED, paths=64),
    "drivers": lambda: sim.drivers(IN_DOUBT, draws=256, paths=16, measure="expected_loss"),
    "where": lambda: sim.where(IN_DOUBT, "expected_loss > 1", draws=256, paths=16),
    "doubt": lambda: sim.doubt(
        {**EVEN, "doubt": {"numbers": {CHANCE: {"low": 0.2, "high": 0.8}}}}, draws=256, paths=16
    ),
    "choose": lambda: sim.choose(SOON, paths=16),
    "worth": lambda: sim.worth(SOON, paths=16),
    "attribute": lambda: sim.attribute(EVEN, paths=64),
    "breakeven": lambda: sim.breakeven(EVEN, axis=CHANCE, threshold=1, paths=64),
    "verify": lambda: sim.verify(EVEN, paths=20),
}
BESIDE = {"compare": {"format", "run"}, "verify": {"format", "scenario", "paths", "seed"}}
"""Keys that a question shares with others, where it does not have all of them."""
ONLY_WITH_OPTIONS = {"run": {"fail_if", "out"}, "trace": {"standing"}}


def keys_of(section: str) -> set[str]:
    """Keys in the first column of a section's table."""
    text = PAGE.split(f"\n## {section}\n")[1].split("\n## ")[0]
    cells = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    return {key for cell in cells for key in re.findall(r"`(\w+)`", cell)}


EVERY = {"format", "scenario", "run"}


@pytest.mark.parametrize("question", ASKED)
def test_the_page_names_each_key(question: str) -> None:
    found = set(ASKED[question]().to_dict())
    assert found == BESIDE.get(question, EVERY) | keys_of(f"`{question}`") - ONLY_WITH_OPTIONS.get(question, set())


def test_the_page_names_each_key_of_a_trace(inside: Run, even: str) -> None:
    found = json.loads(inside("trace", even, "--json").stdout)
    assert set(found) == {"format", "scenario"} | keys_of("`trace`") - ONLY_WITH_OPTIONS["trace"]


def test_the_page_names_each_key_of_a_folder_verified(inside: Run, even: str) -> None:
    assert inside("run", even, "--paths", "20", "--out", "kept").returncode == 0
    found = json.loads(inside("verify", "kept", "--json").stdout)
    assert set(found) == {"format"} | keys_of("`verify DIR`")


def test_the_page_names_each_measure() -> None:
    from sim.estimates.measures import MEASURES

    text = PAGE.split("\n## A measure\n")[1].split("\n## ")[0]
    named = {
        key
        for line in text.splitlines()
        if line.startswith("| `")
        for key in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    assert named == set(MEASURES)


def test_what_is_shared_stands_once() -> None:
    assert keys_of("Every answer") == EVERY | {"doubts"}
