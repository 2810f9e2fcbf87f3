"""Which fact or assumption stands behind a number, and files of facts."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import ScenarioError
from sim.language import load
from sim.language.evidence import evidence, read_facts
from tests.by_hand import FACTS, sourced
from tests.command import ROOT


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A scenario in a folder, its facts beside that folder."""
    return sourced(tmp_path)


def test_a_number_that_is_overridden_loses_its_source(case: Path) -> None:
    changed = evidence(load(case, set={"customers.one.revenue": 12}))
    status = {number.path: number.status for number in changed.numbers}
    assert status["customers.one.revenue"] == "unsourced"
    assert status["customers.one.growth"] == "derived"


def test_facts_in_the_folder_go_before_those_beside_it_and_the_bundled(case: Path) -> None:
    inner = case.parent / "seeds"
    inner.mkdir()
    (inner / "more.yaml").write_text(
        FACTS.replace("One pays ten", "Another statement").replace("growth-seen", "inner-fact")
    )
    case.write_text(case.read_text().replace("fact: growth-seen", "fact: inner-fact"))
    found = {number.path: number.fact for number in evidence(load(case)).numbers if number.fact is not None}
    assert found["customers.one.revenue"].statement == "Another statement."
    assert found["customers.one.growth"].id == "inner-fact"
    case.write_text(case.read_text().replace("fact: inner-fact", "fact: azure-growth-guided-middle"))
    found = {number.path: number.fact for number in evidence(load(case)).numbers if number.fact is not None}
    assert found["customers.one.growth"].id == "azure-growth-guided-middle"


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ("fact: {}\n", "no facts"),
        ("facts: {a: {statement: x, value: 1}}\n", "no source"),
        ("facts: {a: {statement: x, value: {b: 1}, source: {title: t}}}\n", "a value of another kind"),
        ("facts: {a: 3}\n", "no mapping"),
        ("facts: {A_b: {statement: x, value: 1, source: {title: t}}}\n", "the id 'A_b'"),
        (FACTS.replace("growth-seen", "spend-of-two"), "which"),
    ],
)
def test_a_file_of_facts_that_is_none(tmp_path: Path, facts: str, told: str) -> None:
    (tmp_path / "a.yaml").write_text(FACTS)
    (tmp_path / "b.yaml").write_text(facts)
    with pytest.raises(ScenarioError) as refusal:
        read_facts(tmp_path)
    assert told in str(refusal.value)
    assert refusal.value.problems[0].file.endswith("b.yaml")


def test_bundled_scenarios_have_no_unsourced_number() -> None:
    for file in sorted((ROOT / "scenarios").glob("*.yaml")):
        found = evidence(load(file))
        assert found.numbers
        assert [number.path for number in found.of("unsourced")] == []
