from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.errors import ScenarioError
from sim.language import load
from sim.language.evidence import evidence, read_facts
from tests.by_hand import CERTAIN
from tests.command import ROOT, Run

FACTS = """\
facts:
  spend-of-one:
    statement: One pays ten.
    value: 10
    unit: USD million a month
    as_of: 2025-01
    confidence: reputable report
    source: {title: A title, publisher: A paper, url: "https://example.org/a"}
  growth-seen: {statement: Growth was seen, value: [0, 0.1], unit: a year, source: {document: d.txt, retells: a report}}
"""
EVIDENCE = """\
evidence:
  customers.one.revenue: spend-of-one
  customers.one.growth: {fact: growth-seen, derived: the lower end}
  customers.rest: {assumption: made up, low: 0, high: 50}
  customers.rest.revenue: {assumption: another reason}
  events.leaves.timing.month: spend-of-one
"""


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """Make a scenario in a folder, its facts beside that folder."""
    (tmp_path / "cases").mkdir()
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "facts.yaml").write_text(FACTS)
    file = tmp_path / "cases" / "case.yaml"
    file.write_text(CERTAIN + EVIDENCE)
    return file


def test_each_number_with_where_it_comes_from(cli: Run, case: Path) -> None:
    done = cli("evidence", "cases/case.yaml", "--json")
    assert done.returncode == 0
    data = json.loads(done.stdout)
    numbers = {number["path"]: number for number in data["numbers"]}
    assert {path: number["status"] for path, number in numbers.items()} == {
        "customers.one.revenue": "fact",
        "customers.one.growth": "derived",
        "customers.rest.revenue": "assumption",
        "customers.rest.growth": "assumption",
        "events.leaves.timing.month": "fact",
        "events.leaves.usage.to": "unsourced",
    }
    assert data["counts"] == {"numbers": 6, "fact": 2, "derived": 1, "assumption": 2, "unsourced": 1}
    fact = numbers["customers.one.revenue"]["fact"]
    assert (fact["id"], fact["value"], fact["source"]["publisher"]) == ("spend-of-one", 10.0, "A paper")
    assert numbers["customers.one.growth"]["fact"]["value"] == [0.0, 0.1]
    # The closest entry counts: the one on the mapping covers the rest of it.
    assert numbers["customers.rest.revenue"]["reason"] == "another reason"
    rest = numbers["customers.rest.growth"]
    assert (rest["reason"], rest["low"], rest["high"], rest["entry"]) == ("made up", 0.0, 50.0, "customers.rest")
    lines = case.read_text().splitlines()
    here = numbers["events.leaves.usage.to"]
    assert lines[here["line"] - 1][here["column"] - 1 :].startswith("0}")


def test_the_same_for_a_reader(inside: Run, case: Path) -> None:
    done = inside("evidence", "cases/case.yaml")
    text = " ".join(done.stdout.split())
    assert "6 numbers: 2 from facts, 1 derived from facts, 2 assumed, 1 unsourced." in text
    assert "One pays ten. (10 USD million a month, as of 2025-01, reputable report)" in text
    assert "source: A title, A paper, https://example.org/a; seeds/facts.yaml" in text
    assert (
        "derived from a fact: the lower end · growth-seen Growth was seen. (0 to 0.1 a year, no confidence stated)"
        in text
    )
    assert "assumption: made up. Plausible: 0 to 50." in text
    assert "events.leaves.usage.to = 0 UNSOURCED · cases/case.yaml:" in text
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_one_kind_alone(inside: Run, case: Path) -> None:
    data = json.loads(inside("evidence", "cases/case.yaml", "--only", "unsourced", "--json").stdout)
    assert [number["path"] for number in data["numbers"]] == ["events.leaves.usage.to"]
    assert data["counts"]["numbers"] == 6


def test_a_number_that_is_overridden_loses_its_source(case: Path) -> None:
    changed = evidence(load(case, set={"customers.one.revenue": 12}))
    status = {number.path: number.status for number in changed.numbers}
    assert status["customers.one.revenue"] == "unsourced"
    assert status["customers.one.growth"] == "derived"


def test_an_id_that_no_fact_has(inside: Run, case: Path) -> None:
    case.write_text(case.read_text().replace("revenue: spend-of-one", "revenue: spend-of-on"))
    done = inside("check", "cases/case.yaml")
    assert done.returncode == 2
    line = case.read_text().splitlines().index("  customers.one.revenue: spend-of-on") + 1
    assert done.stderr.startswith(f"cases/case.yaml:{line}:26: evidence.customers.one.revenue: ")
    assert "nearest: spend-of-one" in done.stderr


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
